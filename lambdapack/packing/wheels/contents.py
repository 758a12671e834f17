"""What lies in a wheel, once it is proven: where each file goes, and where its compressed bytes are."""

from typing import NamedTuple

from lambdapack.packing.files import Content, Mapped


class WheelBytes:
    """The bytes of one wheel, which may still be on their way."""

    __slots__ = ("origin", "view")

    def __init__(self, content: Content = b"") -> None:
        """Begin without any, or with those that are there."""
        self.view = memoryview(content)
        """The whole wheel, once its bytes are there and proven; empty until then."""
        self.origin: Mapped | None = None
        """The file that the bytes are mapped from, where they are."""

    @property
    def path(self) -> str | None:
        """Where the file is that the bytes are mapped from."""
        return None if self.origin is None else self.origin.path

    def is_unchanged(self) -> bool:
        """Return whether the bytes are still those that were proven."""
        return self.origin is None or self.origin.is_unchanged()

    def __eq__(self, other: object) -> bool:
        """Return whether both have the same bytes."""
        return isinstance(other, WheelBytes) and self.view == other.view

    __hash__ = None  # type: ignore[assignment] # the bytes come later


class WheelFile(NamedTuple):
    """One file of a wheel that can go into a package.

    A NamedTuple and no dataclass: a build makes thousands, and a tuple costs a tenth.
    """

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
