"""The form in which everything comes into the archive: members, one behind the other, with their headers ready.

Whoever lists, describes or writes a package reads a sequence of segments, and does not ask whence their bytes come.
``stretch.Stretch`` has members of wheels, ``entries.Member`` is a single one that was compressed just now.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from lambdapack.threads import Block


class Listed(NamedTuple):
    """One entry, as a listing, a check and a complaint see it."""

    name: str
    size: int
    """Bytes before compression."""
    origin: str
    """Where it is from: a path in the user's words, or a wheel's file name and the file in it."""
    wheel: str | None = None
    """The file name of its wheel; None for a file of the source tree."""


class Record(NamedTuple):
    """One entry, as the manifest describes it."""

    name: str
    size: int
    """Bytes before compression."""
    sha256: str
    """Of the content, in hexadecimal digits."""
    mode: int
    """Type and permissions, as ``stat`` spells them."""
    origin: str
    link: str | None = None
    """For a symlink: what it points to."""


class Segment(Protocol):
    """Members that lie one behind the other in the archive."""

    @property
    def entry_count(self) -> int:
        """How many they are: at least one."""

    @property
    def size(self) -> int:
        """Bytes before compression."""

    @property
    def stored(self) -> int:
        """Bytes in the archive, the central directory aside."""

    @property
    def names(self) -> Sequence[str]:
        """Their names, in order."""

    def listing(self) -> Iterable[Listed]:
        """Yield each of them as a listing shows it."""

    def records(self) -> Iterable[Record]:
        """Yield each of them as the manifest describes it; raises ``LocalError`` where that has to be read."""

    def chunks(self) -> Iterable[Block]:
        """Yield local headers, with their names, and compressed bytes; raises ``LocalError`` where reading fails."""

    def directory(self, offset: int) -> bytes:
        """Return the central headers, for a segment that begins at ``offset`` in the archive."""
