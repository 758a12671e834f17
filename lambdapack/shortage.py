"""What a machine that is too small does to Python, and the words for it: no memory, no thread, no open file, no room.

It shows in many ways, most of which name something else: the dynamic loader fails and an import with it, a library
reports what it could not read as not there, a thread cannot be started. So what was raised is looked through with all
that it came from.

Rules for this file
- Whose move it is decides: a shortage is exit 6, whatever stumbled over it.
- Nothing is imported, or asked of the system, before something has failed.
"""

import errno
import os
import sys
from collections.abc import Iterator

from lambdapack.errors import LocalError

_MEMORY_TEXTS = (
    "cannot allocate",
    "failed to map segment",
    "cannot map zero-fill pages",
    "cannot create shared object descriptor",
    "cannot create cache for search path",
    "out of memory",
    "malloc failure",
    "memory allocation of",
)
"""Parts of what is said, in lower case, where memory is short: glibc (elf/dl-load.c, dl-map-segments.h), OpenSSL
(crypto/err/err.c), Rust (library/alloc/src/alloc.rs), strerror(3)."""

_FILES_TEXT = "too many open files"
"""The same for open files (strerror(3)): the dynamic loader tells no number."""

_THREAD_TEXT = "can't start new thread"
"""All that CPython says of a thread that it did not get (Modules/_threadmodule.c)."""

_NO_FILES = (errno.EMFILE, errno.ENFILE)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_NEAR = 64 << 20
"""Bytes from the limit of memory at which it has been reached: as much as glibc reserves for a thread at once
(malloc/arena.c, HEAP_MAX_SIZE)."""

_LAST = 1 << 20
"""Bytes without which no thread gets on: CPython takes as many at a time (pycore_obmalloc.h, ARENA_SIZE)."""

_reserve = [bytes(_LAST)]  # calloc(3): no page of it is touched
"""What is given back when there is nothing else, so that the error finds room."""


def shortage(error: BaseException) -> LocalError | None:
    """Return the error for what this machine is short of, where that is behind ``error``; else None."""
    for one in _causes(error):
        number = one.errno if isinstance(one, OSError) else None
        said = _words_of_the_system(one)
        if number in _NO_FILES or _FILES_TEXT in said:
            return _no_files(one.filename if isinstance(one, OSError) else None)
        if number in _NO_ROOM and isinstance(one, OSError):
            return _no_room(one)
        if _THREAD_TEXT in said:
            return no_thread()
        if isinstance(one, MemoryError) or number == errno.ENOMEM or any(part in said for part in _MEMORY_TEXTS):
            return no_memory()
    return None


def shortage_said(text: str) -> LocalError | None:
    """Return the error for what another program was short of, where its last words are those of the system; else None.

    Rust's programs, such as uv, spell the number (``os error 12``) or panic; all others quote strerror(3).
    """
    said = text.lower()
    # On Windows the numbers are others, and not errno's.
    for number in () if sys.platform == "win32" else (*_NO_FILES, *_NO_ROOM, errno.ENOMEM):
        if f"(os error {number})" in said:
            return shortage(OSError(number, os.strerror(number)))
    if f"(os error {errno.EAGAIN})" in said:  # pthread_create(3), fork(2)
        return no_thread()
    return no_memory() if any(part in said for part in _MEMORY_TEXTS) else None


def no_memory() -> LocalError:
    """Return the error for memory that was not to be had."""
    return LocalError("there is not enough memory", hint="use fewer --jobs, or raise the limit (ulimit -v)")


def no_thread() -> LocalError:
    """Return the error for a thread that was not to be had."""
    return LocalError(
        f"cannot work in threads: {_THREAD_TEXT}", hint="use fewer --jobs, or raise the limits (ulimit -u, ulimit -v)"
    )


def _no_files(name: object) -> LocalError:
    where = f": {name}" if name else ""
    return LocalError(f"too many files are open{where}", hint="raise the limit (ulimit -n) and run again")


def _no_room(error: OSError) -> LocalError:
    where = f": {error.filename}" if error.filename else ""
    hint = "raise the limit (ulimit -f)" if error.errno == errno.EFBIG else "free space on that disk"
    return LocalError(f"{error.strerror}{where}", hint=f"{hint} and run again")


def is_memory_short() -> bool:
    """Return whether this process has come near its limit of memory: then no error can be told from a want of it."""
    return _is_near_limit() or not _can_have(_NEAR)


def check_memory() -> None:
    """Raise ``LocalError`` where nothing is left; for whoever waits for a thread.

    Without memory a thread may never come back: seen with CPython 3.11 under ``ulimit -v``, where one of them asked
    the system for the same memory again and again.
    """
    if not _can_have(_LAST):
        _reserve.clear()
        raise no_memory()


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that it came from, also where a traceback would not show it."""
    left, seen = [error], set[int]()
    while left:
        one = left.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        left += [cause for cause in (one.__context__, one.__cause__) if cause is not None]


def _words_of_the_system(error: BaseException) -> str:
    """Return what an exception says, in lower case, where it is the system or a library that says it, and no user."""
    if isinstance(error, OSError):
        return str(error.strerror).lower()
    return str(error).lower() if isinstance(error, ImportError | SystemError | RuntimeError) else ""


def _is_near_limit() -> bool:
    """Return whether the largest size that this process had was near what it may have (proc(5), VmPeak)."""
    if sys.platform == "win32":
        return False
    try:
        import resource  # noqa: PLC0415 - see the rules above

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit == resource.RLIM_INFINITY:
            return False
        with open("/proc/self/status", "rb") as file:  # noqa: PTH123 - with little memory, no Path
            peaks = [line for line in file if line.startswith(b"VmPeak:")]
        return limit - int(peaks[0].split()[1]) * 1024 < _NEAR
    except (OSError, ValueError, IndexError):  # not Linux
        return False
    except (ImportError, MemoryError):
        return True


def _can_have(size: int) -> bool:
    """Return whether the system would give so many bytes."""
    try:
        import mmap  # noqa: PLC0415 - see the rules above

        mmap.mmap(-1, size).close()
    except (ImportError, OSError, ValueError, MemoryError):
        return False
    return True
