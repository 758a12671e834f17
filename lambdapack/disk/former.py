"""Comparing new content with the old file as it arrives: nothing is written as long as both are the same."""

import io
import zlib
from collections.abc import Callable

_COPY_SIZE = 1 << 20
"""Bytes that are copied at a time."""


class Former:
    """The old file, for as long as the new content is the same."""

    def __init__(self, file: io.FileIO) -> None:
        """Begin at the first byte of ``file``."""
        self.file = file
        self._buffer = bytearray(_COPY_SIZE)
        self.size = 0
        """Bytes that were the same so far."""
        self._crc32 = 0

    def goes_on_with(self, content: bytes | bytearray | memoryview) -> bool:
        """Return whether ``content`` comes next in the old file as well."""
        rest = memoryview(content)
        while rest:
            read = self.file.readinto(memoryview(self._buffer)[: len(rest)])
            # bytearray compares as memcmp does, memoryview item by item.
            same = self._buffer if read == _COPY_SIZE else self._buffer[:read]
            if not read or same != rest[:read]:
                return False
            rest = rest[read:]
        self.size += len(content)
        self._crc32 = zlib.crc32(content, self._crc32)
        return True

    def ends(self) -> bool:
        """Return whether all of the old file has been repeated."""
        return not self.file.read(1)

    def repeat(self, take: Callable[[bytes], object]) -> bool:
        """Hand over what has been repeated; return whether it still is what it was when it was compared."""
        self.file.seek(0)
        left, crc32 = self.size, 0
        while left and (chunk := self.file.read(min(left, _COPY_SIZE))):
            take(chunk)
            crc32 = zlib.crc32(chunk, crc32)
            left -= len(chunk)
        return (left, crc32) == (0, self._crc32)
