"""The directory of a zip that somebody else made: read entry by entry, so that it costs no more than what is kept.

``zipfile`` reads the whole of it first, comments and all, and keeps a kilobyte for each entry, whatever it holds.

Numbers in brackets are sections of PKWARE's APPNOTE.TXT 6.3.10.
"""

import os
import struct
from collections.abc import Iterator
from typing import IO, NamedTuple

_END = struct.Struct("<10xHLL2x")
"""The number of entries, size and offset of the directory (4.3.16)."""

_END_SIGNATURE = b"PK\x05\x06"

_END_64 = struct.Struct("<32xQQQ")
"""The same, where four bytes may be too few (4.3.14)."""

_END_64_SIGNATURE = b"PK\x06\x06"

_LOCATOR_SIZE = 20
"""Bytes of what says where ``_END_64`` is, which is just before it (4.3.15)."""

_LOCATOR_SIGNATURE = b"PK\x06\x07"

_LONGEST_COMMENT = 0xFFFF
"""Bytes of what may follow the end (4.3.16: its length has two bytes)."""

_HEADER = struct.Struct("<L4xHH4xLLLHHH4xLL")
"""Signature, flags, method, CRC-32, sizes after and before, lengths of name, extra field and comment, external
attributes, offset (4.3.12)."""

_HEADER_SIGNATURE = 0x02014B50

_UTF8 = 1 << 11
"""The flag that the name is UTF-8 (4.4.4); else it is code page 437 (appendix D)."""

SIZE_ELSEWHERE = 0xFFFF_FFFF
"""A size or an offset that stands in the zip64 extra field (4.4.8)."""

_FIELD = struct.Struct("<HH")
"""Number and length of an extra field (4.5.1)."""

_ZIP64 = 0x0001
"""The number of that field (4.5.3)."""


class Place(NamedTuple):
    """Where the directory lies."""

    begin: int
    end: int
    entries: int
    """How many entries the zip declares."""
    shift: int
    """Bytes before the zip, which its offsets do not count."""


class Header(NamedTuple):
    """One entry of the directory."""

    name: str
    """As it is written."""
    flags: int
    method: int
    crc32: int
    packed: int
    """Bytes in the zip."""
    size: int
    """Bytes when unzipped."""
    attributes: int
    """The external ones; the upper half is a mode where the zip was made on a UNIX (4.4.15)."""
    offset: int
    """Where its local header begins."""

    @property
    def raw_name(self) -> bytes:
        """The name's bytes."""
        return self.name.encode("utf-8" if self.flags & _UTF8 else "cp437")


def find(file: IO[bytes]) -> Place:
    """Return where the directory of the zip is, as its end says; raises ``ValueError`` where there is none."""
    length = file.seek(0, os.SEEK_END)
    file.seek(max(0, length - _LONGEST_COMMENT - _END.size - _LOCATOR_SIZE - _END_64.size))
    tail = file.read()
    at = tail.rindex(_END_SIGNATURE)
    count, size, offset = _unpack(_END, tail[at:])
    if tail[max(0, at - _LOCATOR_SIZE) : at].startswith(_LOCATOR_SIGNATURE):
        at -= _LOCATOR_SIZE + _END_64.size
        if at < 0 or not tail.startswith(_END_64_SIGNATURE, at):
            raise ValueError
        count, size, offset = _unpack(_END_64, tail[at:])
    end = length - len(tail) + at
    begin = end - size
    if not 0 <= offset <= begin:
        raise ValueError
    return Place(begin=begin, end=end, entries=count, shift=begin - offset)


def headers(file: IO[bytes], place: Place) -> Iterator[Header]:
    """Yield every entry; raises ``ValueError`` where the directory is not filled by as many as are declared."""
    file.seek(place.begin)
    for _ in range(place.entries):
        signature, flags, method, crc32, packed, size, name_length, extra_length, comment_length, attributes, offset = (
            _unpack(_HEADER, file.read(_HEADER.size))
        )
        raw_name, extra = file.read(name_length), file.read(extra_length)
        file.read(comment_length)
        if signature != _HEADER_SIGNATURE or file.tell() > place.end:
            raise ValueError
        size, packed, offset = _widen((size, packed, offset), extra)
        name = raw_name.decode("utf-8" if flags & _UTF8 else "cp437")
        yield Header(name, flags, method, crc32, packed, size, attributes, offset + place.shift)
    if file.tell() != place.end:
        raise ValueError


def _widen(numbers: tuple[int, int, int], extra: bytes) -> tuple[int, ...]:
    """Return ``numbers`` with those put in that stand in the zip64 extra field, in this order (4.5.3)."""
    missing = numbers.count(SIZE_ELSEWHERE)
    if not missing:
        return numbers
    position = 0
    while position < len(extra):
        number, length = _unpack(_FIELD, extra[position:])
        position += _FIELD.size
        if number == _ZIP64 and length >= missing * 8:
            wide = iter(_unpack(struct.Struct(f"<{missing}Q"), extra[position:]))
            return tuple(next(wide) if narrow == SIZE_ELSEWHERE else narrow for narrow in numbers)
        position += length
    raise ValueError


def _unpack(layout: struct.Struct, content: bytes) -> tuple[int, ...]:
    """Return the numbers at the beginning of ``content``; raises ``ValueError`` where it is too short."""
    if len(content) < layout.size:
        raise ValueError
    return layout.unpack_from(content)
