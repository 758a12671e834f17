"""Whole files in memory.

A large one lies in huge pages where the system has them: filling 48 MB of ordinary pages costs as much again as
hashing them, for the system hands out each 4 KiB by itself. Nothing is mapped from the file: a file that shrinks or
cannot be read would then end the process.
"""

import contextlib
import io
import mmap
import os
import stat
from typing import TypeAlias

Content: TypeAlias = bytes | memoryview
"""The bytes of a whole file, which nobody changes."""

HUGE = 2 << 20
"""Bytes of a huge page on x86-64 and, where pages have 4 KiB, on AArch64 (Linux, admin-guide/mm/transhuge)."""

ADVICE: int | None = getattr(mmap, "MADV_HUGEPAGE", None)
"""What Linux is told; other systems, and kernels built without, have no such advice."""

NOT_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""Flags of open(2) for a file that may be anything; Windows has neither FIFOs there nor the first two."""


def read_whole(path: str | os.PathLike[str], *, limit: int | None = None) -> Content | None:
    """Return what the file holds, or None where it is no regular file of at most ``limit`` bytes; raises ``OSError``.

    Whoever put a FIFO there does not have us wait for ever.
    """
    descriptor = os.open(path, os.O_RDONLY | NOT_WAITING)
    with open(descriptor, "rb", buffering=0) as file:  # noqa: PTH123 - a descriptor
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or (limit is not None and status.st_size > limit):
            return None
        return file.readall() if status.st_size < HUGE else read_large(file, status.st_size)


def read_large(file: io.FileIO, size: int) -> Content:
    """Return what is left in ``file``, about ``size`` bytes."""
    room = spacious(size + 1)  # one byte more, which shows the end
    filled = 0
    while filled < len(room) and (count := file.readinto(room[filled:])):
        filled += count
    # A file that has grown meanwhile is nobody's wheel; that is for its hash to say.
    return room[:filled].toreadonly() if filled <= size else bytes(room) + file.readall()


def spacious(size: int) -> memoryview:
    """Return room for ``size`` bytes, in huge pages where the system has some to spare."""
    if ADVICE is None:
        return memoryview(bytearray(size))
    pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with contextlib.suppress(OSError):  # a kernel without huge pages
        pages.madvise(ADVICE)
    return memoryview(pages)
