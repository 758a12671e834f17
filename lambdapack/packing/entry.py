"""The two values that travel through packing: ``Entry`` before compression, ``Member`` after it.

An ``Entry`` says what goes in under which name and where its content lies; no content is held. A
``Member`` holds the content as the archive stores it, for as long as it takes to write it.
"""

from dataclasses import dataclass
from typing import NewType

ArchiveName = NewType("ArchiveName", str)
"""A name as the archive stores it: relative, ``/`` between its parts, NFC, no control characters.
Only ``tree.archive_name`` makes one, so whoever holds one needs no further check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A regular file or a symlink of the source tree, as the walk saw it."""

    name: ArchiveName
    path: str
    """Where the content lies: the file's real path."""
    origin: str
    """The path in the user's words, for messages and the manifest."""
    size: int
    """Bytes, by ``lstat`` during the walk."""
    device: int
    inode: int
    link_target: str | None = None
    """For a symlink that is packed as one: what it points to, relative to its own directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One entry of the archive, ready to be written."""

    entry: Entry
    mode: int
    """Type and permissions, as ``stat`` spells them: 0o100644, 0o100755 or 0o120777."""
    method: int
    """0 stored, 8 deflated (APPNOTE 4.4.5)."""
    crc32: int
    size: int
    """Bytes before compression."""
    payload: bytes | bytearray
    """The content as stored: after compression where ``method`` is 8."""
