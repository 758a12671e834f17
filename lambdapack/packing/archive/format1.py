"""Format 1: the zip, byte for byte.

Members in, bytes out, nothing else: no files, no clock, no ``zipfile``. What is not written here is
zero or absent: extra fields, comments, data descriptors, zip64, disk numbers, internal attributes,
directories. Numbers in brackets are sections of PKWARE's APPNOTE.TXT 6.3.10.

A change of these bytes is a new format number.
"""

import struct
from collections.abc import Iterable, Iterator

from lambdapack.errors import CheckError
from lambdapack.packing.archive.segment import Run
from lambdapack.packing.entries import Member
from lambdapack.quotas import ENTRY_LIMIT, UNZIPPED_LIMIT
from lambdapack.zipformat import CENTRAL_REST, CENTRAL_SIGNATURE, END, END_SIGNATURE, LOCAL_SIGNATURE, SHARED, UTF_8

VERSION = 20
"""2.0: deflate (4.4.3.2)."""

MADE_BY = 3 << 8 | VERSION
"""UNIX (4.4.2.2), so that the upper half of the external attributes is a mode."""

TIME = 0
DATE = 1 << 5 | 1
"""1980-01-01 00:00:00, the first that MS-DOS can spell (4.4.6): year - 1980, month, day."""

CENTRAL_BEGIN = CENTRAL_SIGNATURE + struct.pack("<H", MADE_BY)
"""Signature and made-by (4.3.12); then SHARED, CENTRAL_REST and the name."""

SIZE_LIMIT = 0xFFFF_FFFF
"""Four bytes hold a size or an offset; this value itself says zip64 (4.4.8)."""

NAME_LIMIT = 0xFFFF
"""Two bytes hold the length of a name (4.4.10)."""


def archive(members: Iterable[Member | Run]) -> Iterator[bytes | bytearray | memoryview]:
    """Yield the bytes of the zip that holds ``members`` in their order.

    Raises ``CheckError`` for a member, or a whole, that would need zip64.
    """
    directory: list[bytes] = []
    offset = count = 0
    for member in members:
        begin = offset
        if isinstance(member, Run):
            count += member.entry_count
            offset += member.stored
            check_room(count, offset, member.origin)
            yield from member.chunks()
            directory.append(member.directory(begin))
        else:
            local, central = headers(member, begin)
            count += 1
            offset += len(local) + len(member.payload)
            check_room(count, offset, member.entry.origin)
            yield local
            yield member.payload
            directory.append(central)
    yield from directory
    length = sum(map(len, directory))
    if offset + length >= SIZE_LIMIT:
        raise too_large("the archive would pass 4 GiB")
    yield END.pack(END_SIGNATURE, 0, 0, count, count, length, offset, 0)


def headers(member: Member, offset: int) -> tuple[bytes, bytes]:
    """Return the local and the central header, with their names, of a member at ``offset``; raises ``CheckError``."""
    entry, mode, method, crc32, size, payload = member
    name = entry.name.encode("utf-8")
    if len(name) > NAME_LIMIT:
        raise too_large(f"the name of {entry.origin} is too long")
    if size >= SIZE_LIMIT or offset >= SIZE_LIMIT or len(payload) >= SIZE_LIMIT:
        raise too_large(f"the archive would pass 4 GiB at {entry.origin}")
    flags = 0 if name.isascii() else UTF_8
    shared = SHARED.pack(VERSION, flags, method, TIME, DATE, crc32, len(payload), size, len(name), 0)
    return (
        LOCAL_SIGNATURE + shared + name,
        CENTRAL_BEGIN + shared + CENTRAL_REST.pack(0, 0, 0, mode << 16, offset) + name,
    )


def check_room(count: int, end: int, origin: str) -> None:
    """Raise ``CheckError`` where so many entries, or bytes, are more than the format holds."""
    if end >= SIZE_LIMIT:
        raise too_large(f"the archive would pass 4 GiB at {origin}")
    if count > ENTRY_LIMIT:
        raise too_large(f"the archive would have more than {ENTRY_LIMIT:,} entries")


def too_large(message: str) -> CheckError:
    """Return the error for what format 1, which has no zip64, cannot hold."""
    return CheckError(
        message, hint=f"Lambda takes less than {UNZIPPED_LIMIT:,} bytes; leave out what the function does not need"
    )
