"""The directory of a zip that somebody else made: read entry by entry, so that it costs no more than what is kept.

``zipfile`` reads the whole of it first, comments and all, and keeps a kilobyte for each entry, whatever it holds.

Numbers in brackets are sections of PKWARE's APPNOTE.TXT 6.3.10.
"""

import os
from collections.abc import Iterator
from struct import Struct
from typing import IO, Any, NamedTuple

from lambdapack import zipfields, zipformat


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
        return self.name.encode("utf-8" if self.flags & zipformat.UTF_8 else "cp437")


def find(file: IO[bytes]) -> Place:
    """Return where the directory of the zip is, as its end says; raises ``ValueError`` where there is none."""
    length = file.seek(0, os.SEEK_END)
    file.seek(
        max(0, length - zipformat.ELSEWHERE_2 - zipformat.END.size - zipformat.LOCATOR.size - zipformat.END_64.size)
    )
    tail = file.read()
    at = tail.rindex(zipformat.END_SIGNATURE)
    last: zipfields.End | zipfields.End64 = zipfields.End._make(_unpack(zipformat.END, tail[at:]))
    if tail[max(0, at - zipformat.LOCATOR.size) : at].startswith(zipformat.LOCATOR_SIGNATURE):
        at -= zipformat.LOCATOR.size + zipformat.END_64.size
        if at < 0 or not tail.startswith(zipformat.END_64_SIGNATURE, at):
            raise ValueError
        last = zipfields.End64._make(_unpack(zipformat.END_64, tail[at:]))
    end = length - len(tail) + at
    begin = end - last.size
    if not 0 <= last.offset <= begin:
        raise ValueError
    return Place(begin=begin, end=end, entries=last.entries, shift=begin - last.offset)


def headers(file: IO[bytes], place: Place) -> Iterator[Header]:
    """Yield every entry; raises ``ValueError`` where the directory is not filled by as many as are declared."""
    file.seek(place.begin)
    for _ in range(place.entries):
        content = file.read(zipformat.CENTRAL_HEADER.size)
        entry = zipfields.CentralHeader._make(_unpack(zipformat.CENTRAL_HEADER, content))
        raw_name, extra = file.read(entry.name_length), file.read(entry.extra_length)
        file.read(entry.comment_length)
        if entry.signature != zipformat.CENTRAL_SIGNATURE or file.tell() > place.end:
            raise ValueError
        size, packed, offset = _widen((entry.size, entry.compressed_size, entry.offset), extra)
        name = raw_name.decode("utf-8" if entry.flags & zipformat.UTF_8 else "cp437")
        attributes, offset = entry.external_attributes, offset + place.shift
        yield Header(name, entry.flags, entry.method, entry.crc32, packed, size, attributes, offset)
    if file.tell() != place.end:
        raise ValueError


def _widen(numbers: tuple[int, int, int], extra: bytes) -> tuple[int, ...]:
    """Return ``numbers`` with those put in that stand in the zip64 extra field, in this order (4.5.3)."""
    missing = numbers.count(zipformat.ELSEWHERE_4)
    if not missing:
        return numbers
    position = 0
    while position < len(extra):
        number, length = _unpack(zipformat.EXTRA_FIELD, extra[position:])
        position += zipformat.EXTRA_FIELD.size
        if number == zipformat.ZIP64 and length >= missing * 8:
            wide = iter(_unpack(Struct(f"<{missing}Q"), extra[position:]))
            return tuple(next(wide) if narrow == zipformat.ELSEWHERE_4 else narrow for narrow in numbers)
        position += length
    raise ValueError


def _unpack(layout: Struct, content: bytes) -> tuple[Any, ...]:
    """Return the fields at the beginning of ``content``; raises ``ValueError`` where it is too short."""
    if len(content) < layout.size:
        raise ValueError
    return layout.unpack_from(content)
