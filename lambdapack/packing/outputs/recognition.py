"""What an earlier run wrote, known again by what only we write; anything else may be somebody's work.

A package is known by every header of its central directory, for other tools date entries to 1980 as well. All fields
that format 1 fixes must have its values, the entries must be in its order, and their sizes must leave no room between
them.
"""

import os
from typing import BinaryIO

from lambdapack import zipfields, zipformat
from lambdapack.packing.archive.format1 import CENTRAL_BEGIN, DATE, TIME, VERSION
from lambdapack.packing.compress import EXECUTABLE, REGULAR, SYMLINK
from lambdapack.packing.outputs.depfile import EQUALS

TEXTS = (EQUALS.encode("ascii"), b'{\n "format": "format-1/')
"""What a depfile and a manifest begin with."""

ATTRIBUTES = frozenset(mode << 16 for mode in (REGULAR, EXECUTABLE, SYMLINK))
"""External attributes (4.4.15) that format 1 writes."""

DIRECTORY_LIMIT = 64 << 20
"""Bytes of a central directory that are read: 1,000 for each of the most entries that a zip can have."""


def is_ours(file: BinaryIO) -> bool:
    """Return whether an earlier run wrote the file, be it a package, a depfile or a manifest; raises ``OSError``."""
    return file.read(max(map(len, TEXTS))).startswith(TEXTS) or _is_package(file)


def _is_package(file: BinaryIO) -> bool:
    """Return whether all headers of the zip are as format 1 has them; raises ``OSError``."""
    size = file.seek(0, os.SEEK_END)
    if size < zipformat.END.size:
        return False
    file.seek(size - zipformat.END.size)
    content = file.read(zipformat.END.size)
    end_record = zipfields.End._make(zipformat.END.unpack(content))
    count, length, start = end_record.entries, end_record.size, end_record.offset
    if content != zipformat.END.pack(zipformat.END_SIGNATURE, 0, 0, count, count, length, start, 0):
        return False
    if not count or start + length + zipformat.END.size != size or length > DIRECTORY_LIMIT:
        return False
    file.seek(start)
    directory = file.read(length)
    place = end = 0
    last = b""
    for _ in range(count):
        begin = place + zipformat.CENTRAL_SIZE
        if not directory.startswith(CENTRAL_BEGIN, place) or len(directory) < begin:
            return False
        entry = zipfields.CentralHeader._make(zipformat.CENTRAL_HEADER.unpack_from(directory, place))
        place = begin + entry.name_length
        name = directory[begin:place]
        if not _is_as_written(entry, name) or entry.offset != end or name <= last:
            return False
        end += zipformat.LOCAL_SIZE + len(name) + entry.compressed_size
        last = name
    return (place, end) == (length, start)


def _is_as_written(entry: zipfields.CentralHeader, name: bytes) -> bool:
    return (
        (entry.needed, entry.time, entry.date) == (VERSION, TIME, DATE)
        and entry.extra_length == entry.comment_length == entry.disk == entry.internal_attributes == 0
        and entry.flags == (0 if name.isascii() else zipformat.UTF_8)
        and entry.external_attributes in ATTRIBUTES
        and (
            entry.method == zipformat.DEFLATED
            or (entry.method == zipformat.STORED and entry.compressed_size == entry.size)
        )
        and len(name) == entry.name_length
    )
