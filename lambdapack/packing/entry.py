"""The two values that travel through packing: ``Entry`` before compression, ``Member`` after it.

An ``Entry`` says what goes in under which name and where its content lies; no content is held. A
``Member`` holds the content as the archive stores it, for as long as it takes to write it.
"""

import os
from dataclasses import dataclass
from typing import NewType, TypeAlias

ArchiveName = NewType("ArchiveName", str)
"""A name as the archive stores it: relative, ``/`` between its parts, NFC, no control characters.
Only ``tree.archive_name`` makes one, so whoever holds one needs no further check."""


Stamp: TypeAlias = tuple[int, int, int, int, int]
"""Device, inode, size, and the nanoseconds at which content and status were last changed: a file at one moment."""


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
    stamp: Stamp
    """What ``lstat`` said during the walk: reading proves that it is still so."""
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


def stamp(status: os.stat_result) -> Stamp:
    """Return what tells a file from another one, and from itself at another moment."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
