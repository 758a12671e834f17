"""Whole files as bytes: small ones are read, large ones are read once for their hash and then mapped.

Memory for a large file costs more than hashing it, for the system hands it out in pages of 4 KiB, each of them cleared
first. So a file that nobody changes in place is mapped: its pages are those that the system holds of it in any case.

Rules for this file
- A file is read before it is mapped: a disk that fails is then an error, and no signal that ends the process.
- What was mapped must still be the file that was hashed when its bytes have been copied: device and inode, size and
  times, as for a file of the source tree (``content``).
"""

import mmap
import os
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from lambdapack.reading import NOT_WAITING, is_fit

Content: TypeAlias = bytes | memoryview
"""The bytes of a whole file, which nobody changes."""

Stamp: TypeAlias = tuple[int, int, int, int, int]
"""Device, inode, size, and the nanoseconds at which content and status were last changed: a file at one moment."""

LARGE = 1 << 20
"""Bytes from which on mapping costs less than memory."""

PIECE = 1 << 18
"""Bytes that are read at a time: they stay in the processor's cache until they are hashed."""


class Mapped(NamedTuple):
    """A whole file, whose bytes are there."""

    content: Content
    path: str
    stamp: Stamp | None
    """What the file was when it was read; None where the bytes no longer depend on it."""

    def is_unchanged(self) -> bool:
        """Return whether the bytes are still those that were read.

        Another file in its place changes nothing: the mapping keeps the old one.
        """
        if self.stamp is None:
            return True
        try:
            now = stamp(os.stat(self.path))  # noqa: PTH116 - a fifth of Path's time
        except OSError:
            return True  # it was removed, or another one is about to take its place
        return now[:2] != self.stamp[:2] or now == self.stamp


def stamp(status: os.stat_result) -> Stamp:
    """Return what tells a file from another one, and from itself at another moment."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def map_whole(path: str, *, limit: int, take: Callable[[Content], object]) -> Mapped | None:
    """Return the file's bytes, all of which were handed to ``take`` in their order, piece by piece.

    None where it is no regular file of at most ``limit`` bytes, or changes meanwhile; raises ``OSError``.
    """
    descriptor = os.open(path, os.O_RDONLY | NOT_WAITING)
    with open(descriptor, "rb", buffering=0) as file:  # noqa: PTH123 - a descriptor
        status = os.fstat(descriptor)
        if not is_fit(status, limit):
            return None
        if status.st_size < LARGE:
            content = file.readall()
            take(content)
            return Mapped(content, path, None)
        piece, size = memoryview(bytearray(PIECE)), 0
        while count := file.readinto(piece):
            take(piece[:count])
            size += count
        if size != status.st_size:
            return None
        pages = mmap.mmap(descriptor, size, access=mmap.ACCESS_READ)
        return Mapped(memoryview(pages), path, stamp(status))
