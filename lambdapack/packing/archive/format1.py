"""Format 1: the zip, byte for byte.

Segments in, bytes out, nothing else: no files, no clock, no ``zipfile``. What is not written here is
zero or absent: extra fields, comments, data descriptors, zip64, disk numbers, internal attributes,
directories. Numbers in brackets are sections of PKWARE's APPNOTE.TXT 6.3.10.

A change of these bytes is a new format number.
"""

import struct
from collections.abc import Iterable, Iterator

from lambdapack import zipformat
from lambdapack.errors import CheckError
from lambdapack.packing.archive.segment import Segment
from lambdapack.quotas import ENTRY_LIMIT
from lambdapack.threads import Block

VERSION = 20
"""2.0: deflate (4.4.3.2)."""

MADE_BY = 3 << 8 | VERSION
"""UNIX (4.4.2.2), so that the upper half of the external attributes is a mode."""

TIME = 0
DATE = 1 << 5 | 1
"""1980-01-01 00:00:00, the first that MS-DOS can spell (4.4.6): year - 1980, month, day."""

CENTRAL_BEGIN = zipformat.CENTRAL_SIGNATURE + struct.pack("<H", MADE_BY)
"""Signature and made-by (4.3.12); then ``SHARED``, ``CENTRAL_REST`` and the name."""

OFFSET = struct.Struct("<I")
OFFSET_AT = zipformat.CENTRAL_SIZE - OFFSET.size
"""Where a central header says where its local one is."""

MODE = struct.Struct("<H")
MODE_AT = OFFSET_AT - MODE.size
"""Where it says the mode: in the upper half of the external attributes."""

SIZE_LIMIT = 0xFFFF_FFFF
"""Four bytes hold a size or an offset; this value itself says zip64 (4.4.8)."""

NAME_LIMIT = 0xFFFF
"""Two bytes hold the length of a name (4.4.10)."""


def archive(segments: Iterable[Segment]) -> Iterator[Block]:
    """Yield the zip that holds ``segments`` in their order; raises ``CheckError`` where it would need zip64."""
    directory: list[bytes] = []
    offset = count = 0
    for segment in segments:
        begin = offset
        count += segment.entry_count
        offset += segment.stored
        if offset >= SIZE_LIMIT:
            raise _too_large(f"the archive would pass 4 GiB at {next(iter(segment.listing())).origin}")
        if count > ENTRY_LIMIT:
            raise _too_large(f"the archive would have more than {ENTRY_LIMIT:,} entries")
        yield from segment.chunks()
        directory.append(segment.directory(begin))
    yield from directory
    length = sum(map(len, directory))
    if offset + length >= SIZE_LIMIT:
        raise _too_large("the archive would pass 4 GiB")
    yield zipformat.END.pack(zipformat.END_SIGNATURE, 0, 0, count, count, length, offset, 0)


def headers(
    name: str, *, mode: int, method: int, crc32: int, sizes: tuple[int, int], origin: str
) -> tuple[bytes, bytes]:
    """Return the local and the central header of an entry, with their names; the offset in the latter is 0.

    ``mode`` is type and permissions, as ``stat`` spells them; ``sizes`` are bytes before and after compression. Raises
    ``CheckError``, which names ``origin``, for an entry that would need zip64.
    """
    raw_name = name.encode("utf-8")
    size, stored = sizes
    if len(raw_name) > NAME_LIMIT:
        raise _too_large(f"the name of {origin} is too long")
    if size >= SIZE_LIMIT or stored >= SIZE_LIMIT:
        raise _too_large(f"the archive would pass 4 GiB at {origin}")
    flags = 0 if name.isascii() else zipformat.UTF_8
    shared = zipformat.SHARED.pack(VERSION, flags, method, TIME, DATE, crc32, stored, size, len(raw_name), 0)
    return (
        zipformat.LOCAL_SIGNATURE + shared + raw_name,
        CENTRAL_BEGIN + shared + zipformat.CENTRAL_REST.pack(0, 0, 0, mode << 16, 0) + raw_name,
    )


def _too_large(message: str) -> CheckError:
    return CheckError(
        message, hint="Lambda takes less than 262,144,000 bytes; leave out what the function does not need"
    )
