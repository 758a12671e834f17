"""A stretch of a package's members that come from wheels, with their headers ready: ``archive`` copies it as it is."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from lambdapack.disk.whole import PIECE
from lambdapack.packing.wheels.contents import WheelBytes
from lambdapack.zipformat import CENTRAL_SIZE, LOCAL_SIZE

if TYPE_CHECKING:
    from array import array

OFFSET = Struct("<I")
OFFSET_AT = 42
"""Where a central header says where its local one is (APPNOTE 4.3.12)."""


class Stock(NamedTuple):
    """The members that all the wheels of a build make, in the archive's order."""

    names: list[str]
    name_sizes: "array[int]"
    """Bytes of each name."""
    local: bytes
    """The local headers with their names, one behind the other."""
    central: bytes
    """The central headers with their names; each says where its local one would be if nothing came between."""
    wheels: "array[int]"
    """Which of ``Run.contents`` each one's bytes are in."""
    offsets: "array[int]"
    """Where the compressed bytes begin in their wheel."""
    stored: "array[int]"
    """Bytes after compression."""
    sizes: "array[int]"
    """Bytes before compression."""


class Run(NamedTuple):
    """The members ``begin`` to ``end`` of a stock."""

    stock: Stock
    contents: Sequence[WheelBytes]
    begin: int
    end: int

    @property
    def entry_count(self) -> int:
        """How many members it is."""
        return self.end - self.begin

    @property
    def size(self) -> int:
        """Bytes before compression."""
        return sum(self.stock.sizes[self.begin : self.end])

    @property
    def origin(self) -> str:
        """The first name, for messages."""
        return self.stock.names[self.begin]

    @property
    def stored(self) -> int:
        """Bytes in the archive, the central directory aside."""
        span, stock = slice(self.begin, self.end), self.stock
        return self.entry_count * LOCAL_SIZE + sum(stock.name_sizes[span]) + sum(stock.stored[span])

    def chunks(self) -> Iterator[bytes | memoryview]:
        """Yield each member's local header with its name, and its compressed bytes; raises ``LocalError``."""
        span, stock, local = slice(self.begin, self.end), self.stock, self.stock.local
        parts = [content.part for content in self.contents]
        begin = self.begin * LOCAL_SIZE + sum(stock.name_sizes[: self.begin])
        for size, wheel, offset, stored in zip(
            stock.name_sizes[span], stock.wheels[span], stock.offsets[span], stock.stored[span], strict=True
        ):
            end = begin + LOCAL_SIZE + size
            yield local[begin:end]
            if stored <= PIECE:
                yield parts[wheel](offset, stored)
            else:
                yield from self.contents[wheel].pieces(offset, stored)
            begin = end

    def directory(self, offset: int) -> bytes:
        """Return the central headers of a run that begins at ``offset``."""
        stock = self.stock
        first = self.begin * CENTRAL_SIZE + sum(stock.name_sizes[: self.begin])
        sizes = stock.name_sizes[self.begin : self.end]
        headers = bytearray(stock.central[first : first + self.entry_count * CENTRAL_SIZE + sum(sizes)])
        moved = offset - OFFSET.unpack_from(headers, OFFSET_AT)[0]
        if moved:
            places = accumulate(sizes, lambda place, size: place + CENTRAL_SIZE + size, initial=OFFSET_AT)
            for place, _ in zip(places, sizes, strict=False):
                OFFSET.pack_into(headers, place, OFFSET.unpack_from(headers, place)[0] + moved)
        return bytes(headers)
