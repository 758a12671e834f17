"""Reading files that a user named: what is wrong with the name or the permission is theirs, all else is the machine's.

Rules for this file
- The caller says what it means that a file is missing or may not be read. That the disk, the network below it or the
  memory failed is said here, once, and is never blamed on the content.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from lambdapack.errors import LocalError
from lambdapack.shortage import shortage

_YOURS = frozenset(
    {
        *(errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG),
        *(errno.EACCES, errno.EPERM, errno.ENXIO, errno.EINVAL, errno.EILSEQ),
    }
)
"""What open(2), stat(2) and read(2) answer where the name, the kind of file or the permission is wrong."""

NOT_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""Flags of open(2) for a file that may be anything; Windows has neither FIFOs there nor the first two."""


def is_machines(error: OSError) -> bool:
    """Return whether it was the machine that failed, and not the name or the permission that was wrong."""
    return error.errno not in _YOURS


def read_error(path: str | os.PathLike[str], error: OSError) -> LocalError:
    """Return the error for a file that the machine could not read."""
    words = os.fspath(path)
    short = shortage(error)
    return LocalError(
        f"cannot read {words}: {error.strerror or type(error).__name__}",
        hint=short.hint if short else "check the disk that it is on and run again",
        path=words,
    )


@contextmanager
def reading(path: str | os.PathLike[str]) -> Iterator[None]:
    """Raise ``LocalError`` where the machine fails while ``path`` is read; other errors of the system pass as they are.

    The machine's fault is found as well where a library made it the cause, or the context, of an error of its own.
    """
    try:
        yield
    except LocalError:
        raise
    except Exception as error:
        fault = _system_fault(error)
        if fault is None:
            raise
        raise read_error(path, fault) from error


def _system_fault(error: BaseException | None) -> OSError | None:
    """Return the machine's fault that an error is, or stands for, or None."""
    while error is not None:
        if isinstance(error, OSError) and is_machines(error):
            return error
        error = error.__cause__ or error.__context__
    return None


def mode_of(path: str | os.PathLike[str], *, follow_symlinks: bool = True) -> int:
    """Return the mode (stat(2)) of what is there, or 0 where nothing is, or nothing that may be seen.

    Raises ``LocalError`` where the machine fails: to ``os.path.exists`` and its like that is "no".
    """
    try:
        with reading(path):
            return os.stat(path, follow_symlinks=follow_symlinks).st_mode  # noqa: PTH116 - a fifth of Path's time
    except (OSError, ValueError):
        return 0


def is_file(path: str | os.PathLike[str]) -> bool:
    """Return whether there is a regular file; raises ``LocalError`` where the machine fails."""
    return stat.S_ISREG(mode_of(path))


def read_whole(path: str | os.PathLike[str], *, limit: int | None = None) -> bytes | None:
    """Return what the file holds, or None where it is no regular file of at most ``limit`` bytes; raises ``OSError``.

    Whoever put a FIFO there does not have us wait for ever.
    """
    descriptor = os.open(path, os.O_RDONLY | NOT_WAITING)
    with open(descriptor, "rb", buffering=0) as file:  # noqa: PTH123 - a descriptor
        return file.readall() if is_fit(os.fstat(descriptor), limit) else None


def is_fit(status: os.stat_result, limit: int | None) -> bool:
    """Return whether this is a regular file of at most ``limit`` bytes."""
    return stat.S_ISREG(status.st_mode) and (limit is None or status.st_size <= limit)
