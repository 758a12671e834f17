"""Waiting for others, and never longer than was said: the one room in which we wait for what may not come.

::

    call      work that talks to somebody: a server, a resolver, a file that may be a FIFO
    lock      a file's lock that another process holds
    run       another program

What decides is a clock of ours and nothing that the other side does: a socket's timeout begins anew with each byte, so
a server that sends one a second would be waited for until it has enough. What does not end in time is left behind (a
thread that nobody waits for) or killed (a program, with those that it started).

Rules for this file
- A wait that stands elsewhere is listed in ``tests/test_waiting.py``, with the reason why it ends.
"""

import contextlib
import errno
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from lambdapack.shortage import no_thread

T = TypeVar("T")

LOCK_TIME = 10.0
"""Seconds for a file's lock: whoever holds one writes a file or removes one, which takes milliseconds."""

SETTINGS_TIME = 30.0
"""Seconds for the user's own settings (netrc, certificates, AWS's files), which may be FIFOs that nobody writes to."""

_LONGEST_PAUSE = 0.02
"""Seconds between two looks at a lock."""


class TimeUpError(Exception):
    """The work has not ended in its time. No OSError, as TimeoutError is, which the work itself may raise."""


def call(work: Callable[[], T], *, seconds: float, name: str, goes_on: Callable[[], bool] = lambda: False) -> T:
    """Do ``work`` in a thread, wait for its end, and return what it returned or raise what it raised.

    After ``seconds`` without an end, ``goes_on`` is asked whether enough was got done for as many again. Raises
    ``TimeUpError`` where not; the thread is left behind then, and what it still does must do no harm.
    """
    outcome: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            outcome.put((work(), None))
        except BaseException as error:  # noqa: BLE001 - it is raised again by the caller's thread
            outcome.put((None, error))

    start_thread(run, name=name)
    while True:
        try:
            result, error = outcome.get(timeout=min(seconds, threading.TIMEOUT_MAX))
        except queue.Empty:
            if not goes_on():
                raise TimeUpError(name) from None
        else:
            break
    if error is not None:
        raise error
    return result  # type: ignore[return-value] # without an error there is one


def start_thread(serve: Callable[[], None], *, name: str) -> threading.Thread:
    """Return a thread that runs ``serve`` and that nobody waits for; raises ``LocalError`` where there is none."""
    thread = threading.Thread(target=serve, name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError as error:  # "can't start new thread", which is all that threading says
        raise no_thread() from error
    return thread


if sys.platform == "win32":
    import msvcrt

    def try_lock(descriptor: int) -> bool:
        """Take the lock of the file's first byte if it is free; return whether this process holds it now."""
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def try_lock(descriptor: int) -> bool:
        """Take the file's lock (flock(2)), which ends with the process, if it is free; return whether it is held now.

        Raises ``OSError`` where the file system has no locks.
        """
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def lock(descriptor: int, *, name: str, seconds: float = LOCK_TIME) -> None:
    """Return when this process holds the file's lock.

    Raises ``TimeoutError`` that names the file where another one keeps it, ``OSError`` where there are no locks.
    """
    ends = time.monotonic() + seconds
    pause = 0.001
    while not try_lock(descriptor):
        left = ends - time.monotonic()
        if left <= 0:
            raise TimeoutError(errno.ETIMEDOUT, f"another process has kept {name} locked for {seconds:g} s", name)
        time.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST_PAUSE)


def run(command: Sequence[str], *, seconds: float) -> tuple[int, bytes]:
    """Run a program without input to its end; return its exit code, negative for a signal, and what it said on stderr.

    It has a session of its own, so that whatever it starts ends with it: after ``seconds``, or where we are
    interrupted. Raises ``TimeUpError``, ``OSError`` where it cannot be run, ``ValueError`` for a NUL in an argument.
    """
    import subprocess  # noqa: PLC0415 - 5 ms for the two, and a build runs no program
    import tempfile  # noqa: PLC0415 - as above

    over = threading.Event()
    starting = threading.Lock()
    processes: list[subprocess.Popen[bytes]] = []

    def work() -> int:
        with starting:
            if over.is_set():
                return 0
            processes.append(
                subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True
                )
            )
        return processes[0].wait()

    # A file, for a pipe ends only when the last program ends that was handed it.
    with tempfile.TemporaryFile() as said:
        try:
            exit_code = call(work, seconds=seconds, name=command[0])
        finally:
            # A signal, which this thread hears, may come while the other one starts the program: then it is known here.
            over.set()
            with starting:
                for process in processes:
                    if process.returncode is None:
                        _kill(process.pid)
                        process.wait()
        said.seek(0)
        return exit_code, said.read(_SAID_LIMIT)


_SAID_LIMIT = 1 << 20
"""Bytes that are read of what a program said."""


def _kill(leader: int) -> None:
    """Kill a program and those that it started (a session's leader has its group's number, setsid(2))."""
    if sys.platform == "win32":
        os.kill(leader, signal.SIGTERM)
    else:
        with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
            os.killpg(leader, signal.SIGKILL)
