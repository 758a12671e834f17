"""The members that wheels make, kept by column; a segment is a stretch of them.

There are thousands, and they differ in names and numbers alone. By column they are read from the cache, counted and
copied without making a value for each.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from lambdapack.disk.whole import PIECE
from lambdapack.packing.archive.format1 import MODE, MODE_AT, OFFSET, OFFSET_AT
from lambdapack.packing.archive.segment import Listed, Record
from lambdapack.packing.wheels.contents import WheelBytes
from lambdapack.zipformat import CENTRAL_SIZE, LOCAL_SIZE

if TYPE_CHECKING:
    from array import array

DIGEST_SIZE = 32
"""Bytes of a SHA-256."""


class Members(NamedTuple):
    """The members that all the wheels of a build make, in the archive's order."""

    contents: Sequence[WheelBytes]
    """The wheels of the build."""
    prefix: str
    """What all names begin with: the directory of a layer, or nothing."""
    names: list[str]
    begins: "array[int]"
    """Where each local header begins in ``local``, and the last one ends."""
    local: bytes
    """The local headers with their names, one behind the other."""
    central: bytes
    """The central headers with their names; offsets are 0."""
    digests: bytes
    """The SHA-256 of each content, one behind the other."""
    wheels: "array[int]"
    """Which of ``contents`` each one's bytes are in."""
    offsets: "array[int]"
    """Where the compressed bytes begin in their wheel."""
    stored: "array[int]"
    """Bytes after compression."""
    sizes: "array[int]"
    """Bytes before compression."""

    def find(self, name: str) -> int | None:
        """Return the number of the member called ``name``, or None."""
        number = bisect_left(self.names, name)
        return number if number < len(self.names) and self.names[number] == name else None

    def wheel(self, number: int) -> str:
        """Return the file name of the wheel that a member is from."""
        return self.contents[self.wheels[number]].filename

    def sha256(self, number: int) -> str:
        """Return the SHA-256 of a member's content, in hexadecimal digits."""
        return self.digests[number * DIGEST_SIZE : (number + 1) * DIGEST_SIZE].hex()

    def central_begin(self, number: int) -> int:
        """Return where a member's central header begins in ``central``."""
        return self.begins[number] + number * (CENTRAL_SIZE - LOCAL_SIZE)

    def without(self, numbers: Iterable[int]) -> "list[Stretch]":
        """Return the stretches that are left without the members of these ``numbers``, which are in order."""
        left, begin = [], 0
        for end in (*numbers, len(self.names)):
            if begin < end:
                left.append(Stretch(self, begin, end))
            begin = end + 1
        return left


class Stretch(NamedTuple):
    """The members ``begin`` to ``end``: a segment, whose bytes are copied from wheels as they lie there."""

    members: Members
    begin: int
    end: int

    @property
    def entry_count(self) -> int:
        """How many members it is."""
        return self.end - self.begin

    @property
    def size(self) -> int:
        """Bytes before compression."""
        return sum(self.members.sizes[self.begin : self.end])

    @property
    def stored(self) -> int:
        """Bytes in the archive, the central directory aside."""
        begins = self.members.begins
        return begins[self.end] - begins[self.begin] + sum(self.members.stored[self.begin : self.end])

    @property
    def names(self) -> Sequence[str]:
        """The names, in order."""
        return self.members.names[self.begin : self.end]

    def count_before(self, name: str) -> int:
        """Return how many members come before ``name``."""
        return bisect_left(self.members.names, name, self.begin, self.end) - self.begin

    def split(self, count: int) -> "tuple[Stretch, Stretch]":
        """Return the first ``count`` members, and all others, of which there may be none."""
        middle = self.begin + count
        return self._replace(end=middle), self._replace(begin=middle)

    def listing(self) -> Iterator[Listed]:
        """Yield each member as a listing shows it."""
        members, skip = self.members, len(self.members.prefix)
        filenames = [content.filename for content in members.contents]
        span = slice(self.begin, self.end)
        for name, size, wheel in zip(members.names[span], members.sizes[span], members.wheels[span], strict=True):
            filename = filenames[wheel]
            yield Listed(name, size, f"{filename}/{name[skip:]}", filename)

    def records(self) -> Iterator[Record]:
        """Yield each member as the manifest describes it: its SHA-256 was proven with its wheel."""
        members = self.members
        for number, (name, size, origin, _) in enumerate(self.listing(), start=self.begin):
            (mode,) = MODE.unpack_from(members.central, members.central_begin(number) + MODE_AT)
            yield Record(name, size, members.sha256(number), mode, origin)

    def chunks(self) -> Iterator[bytes | memoryview]:
        """Yield each member's local header with its name, and its compressed bytes; raises ``LocalError``."""
        members, span = self.members, slice(self.begin, self.end)
        local, contents = members.local, members.contents
        parts = [content.part for content in contents]
        begin = members.begins[self.begin]
        for end, wheel, offset, stored in zip(
            members.begins[self.begin + 1 : self.end + 1],
            members.wheels[span],
            members.offsets[span],
            members.stored[span],
            strict=True,
        ):
            yield local[begin:end]
            if stored <= PIECE:
                yield parts[wheel](offset, stored)
            else:
                yield from contents[wheel].pieces(offset, stored)
            begin = end

    def directory(self, offset: int) -> bytes:
        """Return the central headers of a stretch that begins at ``offset``."""
        members = self.members
        first = members.central_begin(self.begin)
        headers = bytearray(members.central[first : members.central_begin(self.end)])
        place, begin, pack_into = OFFSET_AT, members.begins[self.begin], OFFSET.pack_into
        for end, stored in zip(
            members.begins[self.begin + 1 : self.end + 1], members.stored[self.begin : self.end], strict=True
        ):
            pack_into(headers, place, offset)
            size = end - begin
            place += size + CENTRAL_SIZE - LOCAL_SIZE
            offset += size + stored
            begin = end
        return bytes(headers)
