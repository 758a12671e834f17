"""What lies in a wheel, once it is proven: where each file goes, and where its compressed bytes are."""

from collections.abc import Iterable
from typing import NamedTuple

from lambdapack.disk.whole import Content, OpenFile


class WheelBytes:
    """The bytes of one wheel, which may still be on their way: none until they are there and proven."""

    __slots__ = ("_file", "_view", "filename")

    def __init__(self, content: Content = b"", *, filename: str = "") -> None:
        """Begin without any, or with those that are there; ``filename`` is the wheel's."""
        self.filename = filename
        self._view: memoryview | None = None
        self._file: OpenFile | None = None
        self.fill(content)

    def fill(self, content: Content) -> None:
        """Take the whole wheel."""
        self._file = content if isinstance(content, OpenFile) else None
        self._view = None if isinstance(content, OpenFile) else memoryview(content)

    def part(self, offset: int, size: int) -> bytes | memoryview:
        """Return a part of the wheel; raises ``LocalError`` where it lies in a file and cannot be read any more."""
        if self._view is not None:
            return self._view[offset : offset + size]
        return self._file.read(offset, size) if self._file is not None else b""

    def pieces(self, offset: int, size: int) -> Iterable[bytes | memoryview]:
        """Return the same part in pieces of which no memory is needed for more than one; raises as ``part`` does."""
        return (self.part(offset, size),) if self._file is None else self._file.pieces(offset, size)

    def whole(self) -> bytes:
        """Return all bytes; raises ``LocalError`` as ``part`` does."""
        return bytes(self.part(0, self._file.size)) if self._file is not None else bytes(self._view or b"")

    def check_unchanged(self) -> None:
        """Raise ``LocalError`` where the wheel lies in a file that is no longer what was proven."""
        if self._file is not None:
            self._file.check_unchanged()

    def __eq__(self, other: object) -> bool:
        """Return whether both have the same bytes, or lie in the same file."""
        return isinstance(other, WheelBytes) and (self._view, self._file) == (other._view, other._file)

    __hash__ = None  # type: ignore[assignment] # the bytes come later


class WheelFile(NamedTuple):
    """One file of a wheel that can go into a package."""

    name: str
    """Where it lands below the packages' directory, as pip would put it: ``numpy/__init__.py``, ``bin/tool``."""
    size: int
    """Bytes before compression."""
    crc32: int
    sha256: str
    """Of the content, in hexadecimal digits."""
    method: int
    """0 stored, 8 deflated (APPNOTE 4.4.5)."""
    offset: int
    """Where the compressed bytes begin in the wheel."""
    compressed_size: int
    executable: bool
    """Whether the content begins with ``#!`` or the ELF magic (format 1, "mode")."""
    machine: int
    """``e_machine`` of an ELF file ("ELF-64 Object File Format", table 1), 0 for any other file."""


class WheelContents(NamedTuple):
    """One wheel, looked into and found good."""

    filename: str
    name: str
    """The project's normalised name."""
    version: str
    files: tuple[WheelFile, ...]
    """What lands in the packages' directory, by name."""
    scripts: tuple[WheelFile, ...] = ()
    """What ``.data/scripts`` holds, under ``bin/``; packed on request only."""
    requires: tuple[str, ...] = ()
    """``Requires-Dist`` of METADATA, word for word ("Core metadata specifications")."""
    warnings: tuple[str, ...] = ()
    """Ends of sentences about the wheel that its user should hear once, such as "holds evil.pth, …"."""
