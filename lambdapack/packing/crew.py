"""Work in threads that nobody has to wait for, with all outcomes in one place.

The threads are daemons: a run that is interrupted leaves them behind, whether they compute or wait for a server, where
``concurrent.futures`` would have the interpreter wait for each of them at its end.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

from lambdapack.errors import LocalError

T = TypeVar("T")

HEARTBEAT = 0.1
"""Seconds after which ``Outcomes`` comes back although nothing is done: to draw progress, and on Windows, where
waiting for a thread hears no Ctrl-C, to hear it."""


def idle() -> None:
    """Do nothing between two outcomes."""


class Outcomes(Generic[T]):
    """What became of each piece of work; one thread gives the work out and reads."""

    def __init__(self) -> None:
        self._done: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()
        self._expected = 0

    def expect(self, work: Callable[[], T]) -> Callable[[], None]:
        """Return ``work`` such that what it returns or raises arrives here."""

        def run() -> None:
            try:
                self._done.put((work(), None))
            except BaseException as error:  # noqa: BLE001 - it is raised again by the thread that reads
                self._done.put((None, error))

        self._expected += 1
        return run

    def read(self, *, idle: Callable[[], None] = idle) -> Iterator[T]:
        """Yield each outcome as it comes, also of work given out meanwhile; raise the first error that comes.

        ``idle`` is called between two outcomes, at least ten times a second.
        """
        while self._expected:
            idle()
            try:
                result, error = self._done.get(timeout=HEARTBEAT)
            except queue.Empty:
                continue
            self._expected -= 1
            if error is not None:
                raise error
            yield result  # type: ignore[misc] # without an error there is one
        idle()


class Crew:
    """At most ``size`` threads, started as there is work; leaving the context drops what is not yet begun."""

    def __init__(self, size: int, *, name: str) -> None:
        self._size = size
        self._name = name
        self._started = 0
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        """No thread is started before there is work."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
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
            threading.Thread(target=self._serve, name=self._name, daemon=True).start()
        except RuntimeError as error:  # "can't start new thread", which is all that threading says
            if not self._started:
                raise LocalError(
                    f"cannot work in threads: {error}", hint="raise the limits (ulimit -u, ulimit -v)"
                ) from error
            self._size = self._started
            return
        self._started += 1

    def _serve(self) -> None:
        while (work := self._work.get()) is not None:
            work()
