"""The container: a zip that every parser reads alike. Pure; section numbers are APPNOTE's (6.3.10).

::

    bytes ─► end_records ─► CentralDirectory ─► headers.central ─► CentralHeader… ─► headers.local ─► StoredEntry…

Rules for this file
- The archive is entries, one after another from the first byte on, then the central directory, then the end records,
  then nothing. A byte that belongs to none of them is a fault: it is what one parser sees and another does not.
- The central directory and the local headers say the same, and so do the end records among themselves.
- No content is inflated here; ``stream`` does.
"""

from typing import NamedTuple

from lambdapack import zipfields, zipformat
from lambdapack.packing.wheels.faults import DAMAGED, NO_WHEEL, WheelFault, quote
from lambdapack.packing.wheels.headers import CentralHeader, StoredEntry, central, local

GZIP = b"\x1f\x8b"


class CentralDirectory(NamedTuple):
    """Where the central directory lies, in bytes, and how many entries it lists."""

    offset: int
    end: int
    entry_count: int


def central_directory(content: bytes) -> CentralDirectory:
    """Return where the central directory of ``content`` lies, as all of its end records say; raises ``WheelFault``."""
    records = end = end_record(content)
    last = zipfields.End._make(zipformat.END.unpack_from(content, end))
    count_here, count, size, offset = last.entries_here, last.entries, last.size, last.offset
    if content[max(end - zipformat.LOCATOR.size, 0) : end].startswith(zipformat.LOCATOR_SIGNATURE):
        records, wide = end_record_64(content, locator=end - zipformat.LOCATOR.size)
        for narrow, value, elsewhere in (
            (count_here, wide.entry_count, zipformat.ELSEWHERE_2),
            (count, wide.entry_count, zipformat.ELSEWHERE_2),
            (size, wide.end - wide.offset, zipformat.ELSEWHERE_4),
            (offset, wide.offset, zipformat.ELSEWHERE_4),
        ):
            if narrow not in (value, elsewhere):
                raise WheelFault("its end record and its zip64 end record differ")
        count_here = count = wide.entry_count
        size, offset = wide.end - wide.offset, wide.offset
    if last.disk or last.directory_disk or count_here != count:
        raise WheelFault("it is one part of an archive of several (multi-disk)")
    if offset + size != records:
        raise WheelFault(
            f"its central directory should end where its end records begin, at byte {records:,}, but its "
            f"end record says {offset:,} + {size:,}: bytes were put before, after or between its parts"
        )
    if count * zipformat.CENTRAL_SIZE > size:
        raise WheelFault(f"its end record counts {count:,} entries, more than its central directory has room for")
    return CentralDirectory(offset=offset, end=records, entry_count=count)


def end_record(content: bytes) -> int:
    """Return where the end record begins; what follows it is its own comment and reaches the last byte."""
    end = len(content) - zipformat.END.size
    if end < 0 or not (content.startswith(zipformat.END_SIGNATURE, end) and content.endswith(b"\0\0")):
        # The last one: a comment that holds another end record makes that one the last, and then it fits nothing.
        end = content.rfind(zipformat.END_SIGNATURE, max(len(content) - zipformat.END.size - zipformat.ELSEWHERE_2, 0))
    if end < 0 or end + zipformat.END.size > len(content):
        if content.startswith(zipformat.LOCAL_SIGNATURE):
            raise WheelFault("it is truncated, or much was appended: its end record is not at its end", hint=DAMAGED)
        hint = NO_WHEEL if content.startswith(GZIP) else DAMAGED
        raise WheelFault(f"it is not a zip: it begins with {_not_a_zip(content)}", hint=hint)
    after = len(content) - end - zipformat.END.size
    comment = zipfields.End._make(zipformat.END.unpack_from(content, end)).comment_length
    if after != comment:
        raise WheelFault(
            f"after its end record {after:,} bytes follow, of which {comment:,} are its comment: "
            "it is truncated, or something was appended",
            hint=DAMAGED,
        )
    return end


def end_record_64(content: bytes, *, locator: int) -> tuple[int, CentralDirectory]:
    """Return where the zip64 end record before ``locator`` begins, and what it says."""
    _, disk, record, disks = zipformat.LOCATOR.unpack_from(content, locator)
    if record != locator - zipformat.END_64.size or not content.startswith(zipformat.END_64_SIGNATURE, record):
        raise WheelFault("its zip64 locator does not point to the zip64 end record before it")
    end = zipfields.End64._make(zipformat.END_64.unpack_from(content, record))
    if end.rest != zipformat.END_64.size - 12:  # the bytes after this field, which ends at 12
        raise WheelFault("its zip64 end record has extensible data")
    # Writers disagree on whether one disk is counted as 1 or as 0.
    if disk or disks > 1 or end.disk or end.directory_disk or end.entries_here != end.entries:
        raise WheelFault("it is one part of an archive of several (multi-disk)")
    return record, CentralDirectory(offset=end.offset, end=end.offset + end.size, entry_count=end.entries)


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
    what = "its central directory" if name is None else f"its entry {quote(name)}"
    if following < position:
        return WheelFault(f"{what} overlaps the entry before it", entry=name)
    if content.startswith(zipformat.LOCAL_SIGNATURE, position):
        return WheelFault(f"before {what} lies an entry that its central directory does not list", entry=name)
    return WheelFault(f"before {what} lie {following - position:,} bytes that belong to no entry", entry=name)


def _not_a_zip(content: bytes) -> str:
    if content.startswith(GZIP):
        return "gzip's magic number, as source distributions do"
    if content[:256].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return "HTML, as error pages do"
    return repr(content[:8])[1:] if content else "nothing, the file is empty"
