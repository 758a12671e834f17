"""Work in threads that nobody has to wait for: a pool of them with its results, and one in the background.

The threads are daemons: a run that is interrupted leaves them behind, whether they compute or wait for a server, where
``concurrent.futures`` would have the interpreter wait for each of them at its end.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Generic, Self, TypeAlias, TypeVar

from lambdapack import shortage
from lambdapack.errors import LocalError
from lambdapack.waiting import start_thread

T = TypeVar("T")

Block: TypeAlias = bytes | bytearray | memoryview

BYTES_WAITING = 16 << 20
"""Bytes that may wait for a thread in the background: enough for both to go on when one of them pauses."""

HEARTBEAT = 0.1
"""Seconds after which ``Results`` comes back although nothing is done: to draw progress, and on Windows, where
waiting for a thread hears no Ctrl-C, to hear it."""


def do_nothing() -> None:
    """Do nothing between two results."""


class Results(Generic[T]):
    """What became of each piece of work; one thread gives the work out and takes the results."""

    def __init__(self) -> None:
        self._done: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()
        self._expected = 0

    def expect(self, work: Callable[[], T]) -> Callable[[], None]:
        """Return ``work`` such that what it returns or raises arrives here."""

        def run() -> None:
            try:
                self._done.put((work(), None))
            except BaseException as error:  # noqa: BLE001 - it is raised again by the thread that waits
                self._done.put((None, error))

        self._expected += 1
        return run

    def each(self, *, on_idle: Callable[[], None] = do_nothing) -> Iterator[T]:
        """Yield each result as it comes, also of work given out meanwhile; raise the first error that comes.

        Raises ``LocalError`` where no memory is left, for then no result may come.
        ``on_idle`` is called between two results, at least ten times a second.
        """
        while self._expected:
            on_idle()
            try:
                result, error = self._done.get(timeout=HEARTBEAT)
            except queue.Empty:
                shortage.check_memory()
                continue
            self._expected -= 1
            if error is not None:
                raise error
            yield result  # type: ignore[misc] # without an error there is one
        on_idle()


class Pool:
    """At most ``size`` threads, started as there is work; leaving the context drops what is not yet begun."""

    def __init__(self, size: int, *, name: str) -> None:
        self._size = size
        self._name = name
        self._started = 0
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        """No thread is started before there is work."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Let every thread end after what it does now."""
        while not self._work.empty():
            try:
                self._work.get_nowait()
            except queue.Empty:  # a thread was faster
                break
        for _ in range(self._started):
            self._work.put(None)

    def do(self, work: Callable[[], None]) -> None:
        """Have a thread do ``work``; raises ``LocalError`` where the system gives none."""
        self._work.put(work)
        if self._started == self._size:
            return
        try:
            start_thread(self._serve, name=self._name)
        except LocalError:
            if not self._started:
                raise
            self._size = self._started
            return
        self._started += 1

    def submit(self, work: Callable[[], T]) -> Callable[[], T]:
        """Have a thread do ``work``, and return what waits for its result; both raise as ``do`` and ``work`` do."""
        results = Results[T]()
        self.do(results.expect(work))
        return lambda: next(results.each())

    def _serve(self) -> None:
        while (work := self._work.get()) is not None:
            work()


class Background:
    """Work on one block after the other, in a thread of its own, while others are made.

    At most ``BYTES_WAITING`` wait, or one block that is larger. What the work raises, ``give`` or ``finish`` raises.
    """

    def __init__(self, work: Callable[[Block], object], *, name: str) -> None:
        self._work = work
        self._name = name
        self._blocks: queue.SimpleQueue[Block | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        self._waiting = 0
        self._given = 0
        self._error: BaseException | None = None

    def __enter__(self) -> Self:
        """No thread is started before there is work."""
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        """Drop what is not yet begun, and wait for the block at hand: what the work needs may go away now."""
        self._error = self._error or error
        self._blocks.put(None)
        if self._thread is not None:
            self._thread.join()

    def give(self, block: Block) -> None:
        """Have the work done with ``block``, which nobody may change now; raises ``LocalError`` without a thread."""
        if self._thread is None:
            self._thread = start_thread(self._serve, name=self._name)
        self._wait(max(0, BYTES_WAITING - len(block)))
        with self._changed:
            self._waiting += len(block)
        self._given += len(block)
        self._blocks.put(block)

    def reach(self, end: int) -> None:
        """Return when the first ``end`` of all bytes given are done."""
        self._wait(max(0, self._given - end))

    def finish(self) -> None:
        """Return when everything is done."""
        self._wait(0)

    def _wait(self, most: int) -> None:
        """Return when no more than ``most`` bytes wait; raise what the work has raised."""
        with self._changed:
            while self._waiting > most and self._error is None:
                if not self._changed.wait(HEARTBEAT):
                    shortage.check_memory()
        if self._error is not None:
            raise self._error

    def _serve(self) -> None:
        while (block := self._blocks.get()) is not None:
            if self._error is None:
                try:
                    self._work(block)
                except BaseException as error:  # noqa: BLE001 - it is raised again by the thread that gives
                    self._error = error
            with self._changed:
                self._waiting -= len(block)
                self._changed.notify_all()
