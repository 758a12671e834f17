"""The content of one entry, inflated to its last byte and measured: size, CRC and hashes. Pure.

Rules for this file
- A stream never gives more than one byte beyond its declared size: what lies is stopped there.
- A large entry is never held whole; zlib and hashlib let other threads run meanwhile.
- A stream ends exactly where its header says, on both sides: every bit of input is used, none is missing.
"""

import hashlib
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from lambdapack.packing.wheels.faults import DAMAGED, WheelFault, quote
from lambdapack.packing.wheels.headers import StoredEntry

PIECE = 1 << 17
"""Bytes that are read, and inflated, at once: they are still in the processor's cache when they are hashed."""

HEAD = 20
"""Bytes at the beginning of a file that say what it is: up to ``e_machine`` of an ELF header."""

RAW_DEFLATE = -15
"""zlib's ``wbits`` for streams without header and trailer, as zips have them (RFC 1951)."""


class Measured(NamedTuple):
    """What a content turned out to be."""

    head: bytes
    """Its first ``HEAD`` bytes."""
    sha256: bytes
    digest: bytes
    """By the algorithm that was asked for."""


def measure(view: memoryview, entry: StoredEntry, *, algorithm: str = "sha256") -> Measured:
    """Return what the content of ``entry`` is, whose wheel's bytes are ``view``; raises ``WheelFault``.

    ``algorithm`` is one of hashlib's names; SHA-256 is always there beside it.
    """
    sha256 = hashlib.sha256()
    other = None if algorithm == "sha256" else hashlib.new(algorithm)
    head = b""
    crc32 = 0
    size = 0
    for piece in _pieces(view, entry):
        if len(head) < HEAD:
            head += piece[: HEAD - len(head)]
        size += len(piece)
        crc32 = zlib.crc32(piece, crc32)
        sha256.update(piece)
        if other is not None:
            other.update(piece)
    if size != entry.size:
        raise WheelFault(
            f"its entry {quote(entry.name)} should have {entry.size:,} bytes and has {size:,}",
            hint=DAMAGED,
            entry=entry.name,
        )
    if crc32 != entry.crc32:
        raise WheelFault(
            f"its entry {quote(entry.name)} should have the CRC {entry.crc32:08x} and has {crc32:08x}",
            hint=DAMAGED,
            entry=entry.name,
        )
    digest = sha256.digest()
    return Measured(head, digest, digest if other is None else other.digest())


def text(view: memoryview, entry: StoredEntry, *, limit: int) -> bytes:
    """Return the content of one of the wheel's own files, of at most ``limit`` bytes; raises ``WheelFault``."""
    if entry.size > limit:
        raise WheelFault(
            f"its {quote(entry.name)} has {entry.size:,} bytes; more than {limit:,} are not read", entry=entry.name
        )
    return b"".join(_pieces(view, entry))


def _pieces(view: memoryview, entry: StoredEntry) -> Iterator[bytes | memoryview]:
    """Yield the content of ``entry`` in pieces, at most one byte more than it should have; raises ``WheelFault``."""
    data = view[entry.offset : entry.offset + entry.compressed_size]
    if entry.method == 0:
        yield from (data[position : position + PIECE] for position in range(0, len(data), PIECE))
    else:
        yield from inflate(data, entry)


def inflate(data: memoryview, entry: StoredEntry) -> Iterator[bytes]:
    """Yield what ``data`` inflates to, at most one byte more than it should; raises ``WheelFault`` unless both end."""
    inflater = zlib.decompressobj(RAW_DEFLATE)
    left = entry.size
    position = 0
    rest: bytes | memoryview = b""
    while not inflater.eof:
        if not rest:
            rest = data[position : position + PIECE]
            position += len(rest)
        is_last = not rest
        try:
            # One byte more than is left: a stream that is longer shows it, one that is not comes to its end.
            piece = inflater.decompress(rest, min(left + 1, PIECE))
        except zlib.error as error:
            raise broken(entry, f"is corrupt ({error})") from None
        left -= len(piece)
        if left < 0:
            raise broken(entry, f"inflates to more than its {entry.size:,} bytes")
        if piece:
            yield piece
        elif is_last:
            raise broken(entry, f"ends in the middle, after {entry.size - left:,} of {entry.size:,} bytes")
        rest = inflater.unconsumed_tail
    if inflater.unused_data or position < len(data):
        raise broken(entry, "ends before its place does: other bytes follow it there")


def broken(entry: StoredEntry, what: str) -> WheelFault:
    """Return the fault of a deflate stream."""
    return WheelFault(f"the compressed data of its entry {quote(entry.name)} {what}", hint=DAMAGED, entry=entry.name)
