"""The fields of a zip's structures, for readers: ``End._make(zipformat.END.unpack_from(content, position))``.

A build writes zips and reads none: it need not wait for these classes. Numbers in brackets are APPNOTE's sections.
"""

from typing import NamedTuple


class LocalHeader(NamedTuple):
    """Local file header (4.3.7); then the name, the extra fields and the data."""

    signature: bytes
    needed: int
    flags: int
    method: int
    time: int
    date: int
    crc32: int
    compressed_size: int
    size: int
    name_length: int
    extra_length: int


class CentralHeader(NamedTuple):
    """Central directory file header (4.3.12); then the name, the extra fields and the comment."""

    signature: bytes
    made_by: int
    needed: int
    flags: int
    method: int
    time: int
    date: int
    crc32: int
    compressed_size: int
    size: int
    name_length: int
    extra_length: int
    comment_length: int
    disk: int
    internal_attributes: int
    external_attributes: int
    """The upper half is a mode where the zip was made on a UNIX (4.4.15)."""
    offset: int
    """Where the local header begins."""


class End64(NamedTuple):
    """Zip64 end of central directory record, version 1 (4.3.14)."""

    signature: bytes
    rest: int
    """Bytes of the record after this field: 44 without extensible data."""
    made_by: int
    needed: int
    disk: int
    directory_disk: int
    entries_here: int
    entries: int
    size: int
    offset: int


class End(NamedTuple):
    """End of central directory record (4.3.16); then the comment."""

    signature: bytes
    disk: int
    directory_disk: int
    entries_here: int
    entries: int
    size: int
    offset: int
    comment_length: int
