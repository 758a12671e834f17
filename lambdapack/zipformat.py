"""The structures of a zip, for everybody who writes or reads one.

They are those of PKWARE's APPNOTE.TXT 6.3.10, field by field; numbers in brackets are its sections. Each is a
signature and a ``Struct``; readers take its fields from the named tuple of ``zipfields``.
"""

from struct import Struct

_SHARED = "5H3L2H"

SHARED = Struct(f"<{_SHARED}")
"""What both headers of an entry say: ``needed`` to ``extra_length``."""

CENTRAL_REST = Struct("<3H2L")
"""What follows it in the central header: ``comment_length`` to ``offset``."""

LOCAL_SIGNATURE = b"PK\x03\x04"
LOCAL_HEADER = Struct(f"<4s{_SHARED}")
LOCAL_SIZE = LOCAL_HEADER.size

DESCRIPTOR_SIGNATURE = b"PK\x07\x08"
"""Stands before a data descriptor or does not (4.3.9.3)."""

CENTRAL_SIGNATURE = b"PK\x01\x02"
CENTRAL_HEADER = Struct(f"<4sH{_SHARED}3H2L")
CENTRAL_SIZE = CENTRAL_HEADER.size

END_64_SIGNATURE = b"PK\x06\x06"
END_64 = Struct("<4sQ2H2L4Q")

LOCATOR_SIGNATURE = b"PK\x06\x07"
LOCATOR = Struct("<4sLQL")
"""Zip64 end of central directory locator (4.3.15): signature, disk and offset of the record, number of disks."""

END_SIGNATURE = b"PK\x05\x06"
END = Struct("<4s4H2LH")

ELSEWHERE_2 = 0xFFFF
"""In two bytes, a number of entries or disks that stands in a zip64 structure (4.4.1.4); a length may be as large."""

ELSEWHERE_4 = 0xFFFF_FFFF
"""In four bytes, a size or an offset that stands in a zip64 structure (4.4.1.4)."""

ENCRYPTED = 1 << 0
"""General purpose flag (4.4.4)."""

DESCRIPTOR = 1 << 3
"""Flag: CRC and sizes stand behind the data (4.4.4)."""

STRONGLY_ENCRYPTED = 1 << 6
"""Flag, beside ``ENCRYPTED`` (4.4.4)."""

UTF_8 = 1 << 11
"""Flag: the name is UTF-8 (4.4.4); else it is code page 437 (appendix D)."""

MASKED = 1 << 13
"""Flag: the central directory is encrypted (4.4.4)."""

STORED = 0
DEFLATED = 8
"""Compression methods (4.4.5)."""

DOS_DIRECTORY = 0x10
"""MS-DOS attribute bit for directories, in the low byte of the external attributes (4.4.15)."""

EXTRA_FIELD = Struct("<2H")
"""Number and length of an extra field; then its content (4.5.1)."""

ZIP64 = 0x0001
"""Extra field with those of size, compressed size, offset and disk that stand elsewhere (4.5.3)."""

UNICODE_PATH = 0x7075
"""Info-ZIP's extra field with another spelling of the name (4.6.9)."""
