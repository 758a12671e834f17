"""The values that travel through packing: an entry before compression, a ``Member`` after it.

An entry says what goes in under which name, and where its content lies. There are three kinds: an
``Entry`` is a file of the source tree, of which no content is held; a ``CopiedEntry`` is a file of a
wheel, whose compressed bytes go in as they lie; a ``WrittenEntry`` is a file of a wheel whose content
had to be made anew. A ``Member`` holds the content as the archive stores it.
"""

import os
from typing import NamedTuple, NewType, TypeAlias

from lambdapack.disk.whole import Stamp
from lambdapack.packing.wheels.contents import WheelBytes, WheelFile

ArchiveName = NewType("ArchiveName", str)
"""A name as the archive stores it: relative, ``/`` between its parts, NFC, no control characters.
Only ``tree.archive_name`` and the proof of a wheel make one, so whoever holds one needs no further check."""


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
    """Return ``name`` with the separators of this system."""
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


class CopiedEntry(NamedTuple):
    """A file of a wheel: its compressed bytes were proven and are copied. A tuple, for a build makes thousands."""

    name: ArchiveName
    file: WheelFile
    wheel: str
    """The wheel's file name."""
    content: WheelBytes

    @property
    def size(self) -> int:
        """Bytes before compression."""
        return self.file.size

    @property
    def origin(self) -> str:
        """The wheel and the file in it, for messages and the manifest."""
        return f"{self.wheel}/{self.file.name}"

    @property
    def payload(self) -> bytes | memoryview:
        """The compressed bytes, once the wheel is there; raises ``LocalError`` where it is there no longer."""
        return self.content.part(self.file.offset, self.file.compressed_size)


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


AnyEntry: TypeAlias = Entry | CopiedEntry | WrittenEntry


class Member(NamedTuple):
    """One entry of the archive, ready to be written. A tuple, for a build makes thousands."""

    entry: AnyEntry
    mode: int
    """Type and permissions, as ``stat`` spells them: 0o100644, 0o100755 or 0o120777."""
    method: int
    """0 stored, 8 deflated (APPNOTE 4.4.5)."""
    crc32: int
    size: int
    """Bytes before compression."""
    payload: bytes | bytearray | memoryview
    """The content as stored: after compression where ``method`` is 8."""
