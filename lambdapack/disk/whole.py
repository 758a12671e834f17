"""Whole files as bytes: small ones are held in memory, large ones stay open and are read a second time.

Holding a large file in memory costs more than hashing it, because the system clears every page of it first. So a large
file is read once for its hash, and again where it is copied. It is never mapped: when a mapped file shrinks, or its
disk fails, SIGBUS ends the process (mmap(2)); a read fails in words.

Rules for this file
- At the second reading it must still be the file that was hashed: size and times are compared when its last byte has
  been copied, as for a file of the source tree (``packing.source.read``).
- Times cannot tell two changes in the same moment apart. So a file that is that young is held in memory.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import FileIO
from typing import TypeAlias

from lambdapack.disk.reading import NOT_WAITING, is_fit, read_error
from lambdapack.errors import LocalError

Stamp: TypeAlias = tuple[int, int, int, int, int]
"""Device, inode, size, and the nanoseconds at which content and status were last changed: a file at one moment."""

_LARGE = 1 << 20
"""Bytes from which on reading twice costs less than memory."""

PIECE = 1 << 18
"""Bytes that are read at a time: they stay in the processor's cache until they are hashed, or copied."""

REST = 50_000_000
"""Nanoseconds for which a file must have been left alone, so that its times tell the next change from the last."""


class OpenFile:
    """A large file that was read once, and stays open for as long as somebody holds this: its parts are read again.

    Another file in its place changes nothing, nor does its removal: the open one stays what it was.
    """

    def __init__(self, file: FileIO, path: str, status: os.stat_result) -> None:
        """Take ``file``, which had this ``status`` before it was read for the first time."""
        self.path = path
        self.size = status.st_size
        self._status = status
        self._file = file
        self._window = 0, memoryview(b"")

    def __del__(self) -> None:
        """Close the file."""
        self._file.close()

    def read(self, offset: int, size: int) -> memoryview:
        """Return ``size`` bytes from ``offset`` on; raises ``LocalError`` where they are not there any more.

        Parts that lie near one another are read together.
        """
        begin, window = self._window
        if begin <= offset and offset + size <= begin + len(window):
            return window[offset - begin : offset - begin + size]
        try:
            window = memoryview(read_at(self._file, offset, max(size, PIECE)))
        except OSError as error:
            raise read_error(self.path, error) from error
        if len(window) < size:
            raise self._changed()
        if size <= PIECE:
            self._window = offset, window
        return window[:size]

    def pieces(self, offset: int, size: int) -> Iterator[memoryview]:
        """Yield the same bytes, not more than ``PIECE`` at a time."""
        for begin in range(offset, offset + size, PIECE):
            yield self.read(begin, min(PIECE, offset + size - begin))

    def check_unchanged(self) -> None:
        """Raise ``LocalError`` where the file is no longer what it was when it was read for the first time."""
        before, now = self._status, os.fstat(self._file.fileno())
        same = (before.st_size, before.st_mtime_ns) == (now.st_size, now.st_mtime_ns)
        # A file that was removed, or had another one put in its place, is a changed status and the same content.
        if not same or (now.st_nlink and before.st_ctime_ns != now.st_ctime_ns):
            raise self._changed()

    def _changed(self) -> LocalError:
        return LocalError(f"something changed {self.path} while it was packed", hint="run again, or use --no-cache")


Content: TypeAlias = bytes | OpenFile
"""A whole file, in memory or open."""


def stamp(status: os.stat_result) -> Stamp:
    """Return what tells a file from another one, and from itself at another moment."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def read_or_open(path: str, *, limit: int, take: Callable[[bytes | memoryview], object]) -> Content | None:
    """Return the file, all bytes of which were handed to ``take`` in their order, piece by piece.

    None where it is no regular file of at most ``limit`` bytes, or changes meanwhile; raises ``OSError``.
    """
    with ExitStack() as stack:
        file = stack.enter_context(FileIO(os.open(path, os.O_RDONLY | NOT_WAITING)))
        status = os.fstat(file.fileno())
        if not is_fit(status, limit):
            return None
        if status.st_size < _LARGE or _is_young(status):
            content = file.readall()
            take(content)
            return content
        piece, size = memoryview(bytearray(PIECE)), 0
        while count := file.readinto(piece):
            take(piece[:count])
            size += count
        if size != status.st_size:
            return None
        stack.pop_all()
        return OpenFile(file, path, status)


if sys.platform == "win32":
    _seeking = threading.Lock()

    def read_at(file: FileIO, offset: int, size: int) -> bytes:
        """Return at most ``size`` bytes from ``offset`` on; any thread may ask; raises ``OSError``."""
        with _seeking:
            file.seek(offset)
            return file.read(size) or b""

else:

    def read_at(file: FileIO, offset: int, size: int) -> bytes:
        """Return at most ``size`` bytes from ``offset`` on; any thread may ask; raises ``OSError``."""
        content = os.pread(file.fileno(), size, offset)
        # Linux reads no more than 2 GiB at a time (read(2)), and a signal may end it early.
        while len(content) < size and (more := os.pread(file.fileno(), size - len(content), offset + len(content))):
            content += more
        return content


def _is_young(status: os.stat_result) -> bool:
    """Return whether the file was changed so recently that its times may not tell the next change."""
    return time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) < REST
