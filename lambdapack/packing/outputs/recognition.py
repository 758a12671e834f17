"""What an earlier run wrote, known again by what only we write; anything else may be somebody's work.

A package is known by every header of its central directory, for other tools date entries to 1980 as well. All fields
that format 1 fixes must have its values, the entries must be in its order, and their sizes must leave no room between
them.
"""

import os
from typing import BinaryIO

from lambdapack.packing.archive import format1
from lambdapack.packing.archive.deflate import DEFLATED, STORED
from lambdapack.packing.compress import EXECUTABLE, REGULAR, SYMLINK
from lambdapack.packing.outputs.depfile import EQUALS

TEXTS = (EQUALS.encode("ascii"), b'{\n "format": "format-1/')
"""What a depfile and a manifest begin with."""

END_BEGIN = 0x06054B50
"""The signature of the end record (APPNOTE 4.3.16)."""

DIRECTORY_LIMIT = 64 << 20
"""Bytes of a central directory that are read: 1,000 for each of the most entries that a zip can have."""


def is_ours(file: BinaryIO) -> bool:
    """Return whether an earlier run wrote the file, be it a package, a depfile or a manifest; raises ``OSError``."""
    return file.read(max(map(len, TEXTS))).startswith(TEXTS) or _is_package(file)


def _is_package(file: BinaryIO) -> bool:
    """Return whether all headers of the zip are as format 1 has them; raises ``OSError``."""
    size = file.seek(0, os.SEEK_END)
    if size < format1.END.size:
        return False
    file.seek(size - format1.END.size)
    signature, disk, disks, here, count, length, begin, comment = format1.END.unpack(file.read(format1.END.size))
    if (signature, disk, disks, here, comment) != (END_BEGIN, 0, 0, count, 0):
        return False
    if not count or begin + length + format1.END.size != size or length > DIRECTORY_LIMIT:
        return False
    file.seek(begin)
    directory = file.read(length)
    place = end = 0
    last = b""
    for _ in range(count):
        entry = _entry(directory, place)
        if entry is None:
            return False
        name, offset, stored = entry
        if offset != end or name <= last:
            return False
        last, place, end = name, place + format1.CENTRAL_SIZE + len(name), end + format1.LOCAL_SIZE + len(name) + stored
    return (place, end) == (length, begin)


def _entry(directory: bytes, place: int) -> tuple[bytes, int, int] | None:
    """Return name, offset and stored size of the entry whose header is at ``place``; None where it is not ours."""
    shared = place + len(format1.CENTRAL_BEGIN)
    fixed = shared + format1.SHARED.size
    if not directory.startswith(format1.CENTRAL_BEGIN, place) or len(directory) < place + format1.CENTRAL_SIZE:
        return None
    version, flags, method, time, date, _, stored, size, name_size, extra = format1.SHARED.unpack_from(
        directory, shared
    )
    comment, disk, internal, external, offset = format1.CENTRAL_END.unpack_from(directory, fixed)
    name = directory[place + format1.CENTRAL_SIZE : place + format1.CENTRAL_SIZE + name_size]
    mode, rest = divmod(external, 1 << 16)
    is_as_written = (
        (version, time, date, extra, comment, disk, internal, rest)
        == (format1.VERSION, format1.TIME, format1.DATE, 0, 0, 0, 0, 0)
        and flags == (0 if name.isascii() else format1.UTF8)
        and mode in (REGULAR, EXECUTABLE, SYMLINK)
        and (method == DEFLATED or (method, stored) == (STORED, size))
    )
    return (name, offset, stored) if is_as_written and len(name) == name_size else None
