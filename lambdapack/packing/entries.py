"""What is compressed one by one: an entry before it is, and the ``Member`` of the archive after it.

An ``Entry`` is a file of the source tree; of its content nothing is held. A ``WrittenEntry`` is a file of a wheel whose
content was changed: a script. All other files of wheels come compressed, as segments (``archive.stretch``).
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple, NewType, TypeAlias

from lambdapack.disk.whole import Stamp
from lambdapack.packing.archive.deflate import content_of
from lambdapack.packing.archive.format1 import MODE, MODE_AT, OFFSET, OFFSET_AT
from lambdapack.packing.archive.segment import Listed, Record
from lambdapack.threads import Block
from lambdapack.zipformat import CENTRAL_SIZE

ArchiveName = NewType("ArchiveName", str)
"""A name as the archive stores it: relative, ``/`` between its parts, NFC, no control characters.
Only ``walk.archive_name`` and the proof of a wheel make one, so whoever holds one needs no further check."""


class Base(NamedTuple):
    """Where a name, a real path and the user's words begin to go on alike: what follows is kept once, in the name.

    The source directory is one. So is, below it, what is called otherwise than it is named: what a symlink leads to,
    and what is not spelled in NFC. A directory's three end with a separator, save the name of the root, which is empty.
    """

    name: str
    path: str
    """The real path."""
    origin: str
    """The path in the user's words."""

    def path_of(self, name: str) -> str:
        """Return the real path of what is called ``name``, which begins with this base's."""
        return self.path + _local(name[len(self.name) :])

    def origin_of(self, name: str) -> str:
        """Return the path of what is called ``name`` in the user's words."""
        return self.origin + _local(name[len(self.name) :])


def _local(name: str) -> str:
    return name if os.sep == "/" else name.replace("/", os.sep)


class Entry(NamedTuple):
    """A regular file or a symlink of the source tree, as the walk saw it."""

    name: ArchiveName
    base: Base
    size: int
    """Bytes, by ``lstat`` during the walk."""
    stamp: Stamp
    """What ``lstat`` said during the walk: reading proves that it is still so."""
    link_target: str | None = None
    """For a symlink that is packed as one: what it points to, relative to its own directory."""

    @property
    def path(self) -> str:
        """Where the content lies: the file's real path."""
        return self.base.path_of(self.name)

    @property
    def origin(self) -> str:
        """The path in the user's words, for messages and the manifest."""
        return self.base.origin_of(self.name)

    def listing(self) -> Iterable[Listed]:
        """Return the entry as a listing shows it."""
        return (Listed(self.name, self.size, self.origin),)


class WrittenEntry(NamedTuple):
    """A file of a wheel that an installer would not have copied as it is."""

    name: ArchiveName
    origin: str
    wheel: str
    """The wheel's file name."""
    content: bytes

    @property
    def size(self) -> int:
        """Bytes before compression."""
        return len(self.content)

    def listing(self) -> Iterable[Listed]:
        """Return the entry as a listing shows it."""
        return (Listed(self.name, self.size, self.origin, self.wheel),)


Single: TypeAlias = Entry | WrittenEntry
"""An entry that is still to be compressed."""


class Member(NamedTuple):
    """A segment of one entry, compressed. A tuple, for a build makes thousands."""

    entry: Single
    size: int
    """Bytes before compression."""
    stored: int
    """Bytes in the archive, the central directory aside."""
    method: int
    """0 stored, 8 deflated (APPNOTE 4.4.5)."""
    local: bytes
    """The local header with its name."""
    central: bytes
    """The central header with its name; its offset is 0."""
    payload: Block
    """The content as stored: after compression where ``method`` is 8."""

    @property
    def entry_count(self) -> int:
        """One."""
        return 1

    @property
    def names(self) -> Sequence[str]:
        """The name."""
        return (self.entry.name,)

    def listing(self) -> Iterable[Listed]:
        """Return the member as a listing shows it."""
        return self.entry.listing()

    def records(self) -> Iterable[Record]:
        """Return the member as the manifest describes it: by the bytes that the archive holds, and no others."""
        content = content_of(self.method, self.payload, self.size)
        (mode,) = MODE.unpack_from(self.central, MODE_AT)
        link = self.entry.link_target if isinstance(self.entry, Entry) else None
        sha256 = hashlib.sha256(content).hexdigest()
        return (Record(self.entry.name, self.size, sha256, mode, self.entry.origin, link),)

    def chunks(self) -> Iterable[Block]:
        """Return the local header, with its name, and the payload."""
        return self.local, self.payload

    def directory(self, offset: int) -> bytes:
        """Return the central header of a member that begins at ``offset``."""
        return self.central[:OFFSET_AT] + OFFSET.pack(offset) + self.central[CENTRAL_SIZE:]
