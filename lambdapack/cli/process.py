"""Signals, and the end of the process."""

import os
import signal
import sys
import threading
import time
from types import CodeType, FrameType
from typing import Any, NoReturn

from lambdapack.errors import Interruption, LocalError

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
"""What asks a run to end; Windows has no SIGHUP."""

IMPATIENCE = 1.0
"""Seconds within which a second signal is taken for the first: cleaning up takes milliseconds."""

SECOND_TRY = 0.002
"""Seconds after which a swallowed signal comes again: most callbacks are over by then."""


def install_signal_handlers() -> None:
    """Have each signal end the run by unwinding it; one that the caller has ignored (nohup) stays ignored."""
    last = 0.0
    is_swallowed = False

    def interrupt(signal_number: int, frame: FrameType | None) -> None:
        nonlocal last, is_swallowed
        if _is_within(frame, unraisable.__code__):
            # The interpreter would swallow it again, and tell nobody.
            return
        is_swallowed = False
        now = time.monotonic()
        if now - last > IMPATIENCE:
            last = now
            raise Interruption(signal_number)

    def unraisable(found: Any) -> None:  # noqa: ANN401 - sys.UnraisableHookArgs exists for type checkers alone
        """Have a signal come again whose exception the interpreter swallowed: it came in a callback of weakref's."""
        nonlocal last, is_swallowed
        if isinstance(found.exc_value, Interruption):
            last, is_swallowed = 0.0, True
            threading.Thread(target=send_again, args=[found.exc_value.signal_number], daemon=True).start()
        else:
            sys.__unraisablehook__(found)

    def send_again(signal_number: int) -> None:
        """Send the signal until it has been taken: a moment is always over when the callback is."""
        while is_swallowed:
            time.sleep(SECOND_TRY)
            _signal_main_thread(signal_number)

    sys.unraisablehook = unraisable
    for name in SIGNALS:
        number: Any = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, interrupt)


def _is_within(frame: FrameType | None, code: CodeType) -> bool:
    """Return whether ``frame`` runs ``code``, or was called by what does."""
    while frame is not None and frame.f_code is not code:
        frame = frame.f_back
    return frame is not None


def _signal_main_thread(number: int) -> None:
    """Send a signal to the thread that handles signals, which wakes it from a system call where the system can."""
    if sys.platform == "win32":
        signal.raise_signal(number)
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, number)


def ignore_signals() -> None:
    """Let the verdict stand that has been reached."""
    for name in SIGNALS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


def leave(exit_code: int) -> NoReturn:
    """End the process now: threads that still compress are not waited for, and all output is flushed."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            exit_code = exit_code or LocalError.exit_code
    os._exit(exit_code)
