"""The container: a zip that every parser reads alike. Pure; section numbers are APPNOTE's (6.3.10).

::

    bytes ─► end_records ─► CentralDirectory ─► headers.central ─► CentralHeader… ─► headers.local ─► StoredEntry…

Rules for this file
- The archive is entries, one after another from the first byte on, then the central directory, then
  the end records, then nothing. A byte that belongs to none of them is a fault: it is what one parser
  sees and another does not.
- The central directory and the local headers say the same, and so do the end records among themselves.
- No content is inflated here; ``stream`` does.
"""

import struct
from typing import NamedTuple

from lambdapack.packing.wheels.faults import DAMAGED, WheelFault, quote
from lambdapack.packing.wheels.headers import LOCAL_SIGNATURE, CentralHeader, StoredEntry, central, local

END = struct.Struct("<4s4H2LH")
"""End of central directory record (4.3.16)."""
END_SIGNATURE = b"PK\x05\x06"
COMMENT_LIMIT = 0xFFFF
"""Bytes of an archive's comment (4.3.16: its length has two bytes)."""

END_64 = struct.Struct("<4sQ2H2L4Q")
"""Zip64 end of central directory record, version 1 (4.3.14)."""
END_64_SIGNATURE = b"PK\x06\x06"
END_64_REST = 44
"""What the record says of its own size: without its first 12 bytes, and without extensible data."""

LOCATOR = struct.Struct("<4sLQL")
"""Zip64 end of central directory locator (4.3.15)."""
LOCATOR_SIGNATURE = b"PK\x06\x07"

COUNT_ELSEWHERE = 0xFFFF
FIELD_ELSEWHERE = 0xFFFFFFFF
"""A field with this value may stand in the zip64 record instead (4.4.1.4)."""

SMALLEST_CENTRAL_HEADER = 46


class CentralDirectory(NamedTuple):
    """Where the central directory lies, in bytes, and how many entries it lists."""

    offset: int
    end: int
    entry_count: int


def central_directory(content: bytes) -> CentralDirectory:
    """Return where the central directory of ``content`` lies, as all of its end records say; raises ``WheelFault``."""
    end = end_record(content)
    _, disk, directory_disk, count_here, count, size, offset, _ = END.unpack_from(content, end)
    records = end
    if content[max(end - LOCATOR.size, 0) : end].startswith(LOCATOR_SIGNATURE):
        records, wide = end_record_64(content, locator=end - LOCATOR.size)
        for narrow, value, elsewhere in (
            (count_here, wide.entry_count, COUNT_ELSEWHERE),
            (count, wide.entry_count, COUNT_ELSEWHERE),
            (size, wide.end - wide.offset, FIELD_ELSEWHERE),
            (offset, wide.offset, FIELD_ELSEWHERE),
        ):
            if narrow not in (value, elsewhere):
                raise WheelFault("its end record and its zip64 end record differ")
        count_here = count = wide.entry_count
        size, offset = wide.end - wide.offset, wide.offset
    if disk or directory_disk or count_here != count:
        raise WheelFault("it is one part of an archive of several (multi-disk)")
    if offset + size != records:
        raise WheelFault(
            f"its central directory should end where its end records begin, at byte {records:,}, but its "
            f"end record says {offset:,} + {size:,}: bytes were put before, after or between its parts"
        )
    if count * SMALLEST_CENTRAL_HEADER > size:
        raise WheelFault(f"its end record counts {count:,} entries, more than its central directory has room for")
    return CentralDirectory(offset=offset, end=records, entry_count=count)


def end_record(content: bytes) -> int:
    """Return where the end record begins; what follows it is its own comment and reaches the last byte."""
    end = len(content) - END.size
    if end < 0 or not (content.startswith(END_SIGNATURE, end) and content.endswith(b"\0\0")):
        # The last one: a comment that holds another end record makes that one the last, and then it fits nothing.
        end = content.rfind(END_SIGNATURE, max(len(content) - END.size - COMMENT_LIMIT, 0))
    if end < 0 or end + END.size > len(content):
        if content.startswith(LOCAL_SIGNATURE):
            raise WheelFault("it is truncated, or much was appended: its end record is not at its end", hint=DAMAGED)
        raise WheelFault(f"it is not a zip: it begins with {_not_a_zip(content)}", hint=_not_a_zip_hint(content))
    after = len(content) - end - END.size
    comment = END.unpack_from(content, end)[-1]
    if after != comment:
        raise WheelFault(
            f"after its end record {after:,} bytes follow, of which {comment:,} are its comment: "
            "it is truncated, or something was appended",
            hint=DAMAGED,
        )
    return end


def end_record_64(content: bytes, *, locator: int) -> tuple[int, CentralDirectory]:
    """Return where the zip64 end record before ``locator`` begins, and what it says."""
    _, disk, record, disks = LOCATOR.unpack_from(content, locator)
    if record != locator - END_64.size or not content.startswith(END_64_SIGNATURE, record):
        raise WheelFault("its zip64 locator does not point to the zip64 end record before it")
    _, rest, _, _, number, directory_disk, count_here, count, size, offset = END_64.unpack_from(content, record)
    if rest != END_64_REST:
        raise WheelFault("its zip64 end record has extensible data")
    # Writers disagree on whether one disk is counted as 1 or as 0.
    if disk or disks > 1 or number or directory_disk or count_here != count:
        raise WheelFault("it is one part of an archive of several (multi-disk)")
    return record, CentralDirectory(offset=offset, end=offset + size, entry_count=count)


def read_entries(content: bytes, directory: CentralDirectory) -> list[StoredEntry]:
    """Return every entry as they lie one after another; raises ``WheelFault`` unless they reach to ``directory``."""
    headers = sorted(central_headers(content, directory), key=lambda header: header.offset)
    beginnings = [header.offset for header in headers]
    beginnings.append(directory.offset)
    position = 0
    entries = []
    for header, following in zip(headers, beginnings[1:], strict=True):
        if header.offset != position:
            raise _misplacement(content, position, following=header.offset, name=header.name)
        entry = local(content, header, following=following)
        entries.append(entry)
        position = entry.end
    if position != directory.offset:
        raise _misplacement(content, position, following=directory.offset, name=None)
    return entries


def central_headers(content: bytes, directory: CentralDirectory) -> list[CentralHeader]:
    """Return what the central directory lists, in its own order; raises ``WheelFault`` unless it is filled exactly."""
    position = directory.offset
    headers: list[CentralHeader] = []
    names: set[str] = set()
    for _ in range(directory.entry_count):
        header = central(content, position, end=directory.end)
        if header.name in names:
            raise WheelFault(f"it has two entries {quote(header.name)} (duplicate entry)", entry=header.name)
        names.add(header.name)
        headers.append(header)
        position = header.end
    if position != directory.end:
        raise WheelFault(
            f"its end record counts {directory.entry_count:,} entries, and {directory.end - position:,} bytes of its "
            "central directory are left over"
        )
    return headers


def _misplacement(content: bytes, position: int, *, following: int, name: str | None) -> WheelFault:
    """Return the fault for what follows at another place than at ``position``, where the entries before it end."""
    what = "its central directory" if name is None else f"its entry {quote(name)}"
    if following < position:
        return WheelFault(f"{what} overlaps the entry before it", entry=name)
    if content.startswith(LOCAL_SIGNATURE, position):
        return WheelFault(f"before {what} lies an entry that its central directory does not list", entry=name)
    return WheelFault(f"before {what} lie {following - position:,} bytes that belong to no entry", entry=name)


def _not_a_zip(content: bytes) -> str:
    if content.startswith(b"\x1f\x8b"):
        return "gzip's magic number, as source distributions do"
    if content[:256].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return "HTML, as error pages do"
    return repr(content[:8])[1:] if content else "nothing, the file is empty"


def _not_a_zip_hint(content: bytes) -> str:
    if content.startswith(b"\x1f\x8b"):
        return "lock a wheel; where the project publishes none, build one: uv build --wheel, or pip wheel"
    return DAMAGED
