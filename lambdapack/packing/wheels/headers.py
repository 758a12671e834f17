"""One entry of a zip: its header in the central directory, its local header, and what lies between and behind them.

Pure. Section numbers are APPNOTE's (6.3.10). ``structure`` knows the order in which entries lie.

Rules for this file
- Two parsers may take either header, so both must say the same: name, flags, method, CRC and sizes.
- A field that is understood is checked wholly; extra fields that nobody needs (times, owners) are ignored.
- Times, versions and permissions are not read: the package has its own.
"""

import stat
import struct
import zlib
from typing import NamedTuple

from lambdapack import zipfields, zipformat
from lambdapack.packing.wheels.faults import DAMAGED, WheelFault, quote
from lambdapack.zipformat import CENTRAL_HEADER, CENTRAL_SIZE, LOCAL_HEADER, LOCAL_SIZE

ACCEPTED = 0x0006 | zipformat.DESCRIPTOR | zipformat.UTF_8
"""Flags (4.4.4). Bits 1 and 2 are how hard the compressor tried. All others change how the data are to be read."""

NEWEST = 63
"""The highest version of the format that an entry may need, times ten (4.4.3.2)."""

OTHER_METHODS = {
    1: "shrink",
    6: "implode",
    9: "deflate64",
    12: "bzip2",
    14: "lzma",
    20: "zstd",
    93: "zstd",
    95: "xz",
    98: "ppmd",
    99: "AES",
}
"""Names of some compression methods (4.4.5), for the message."""


class CentralHeader(NamedTuple):
    """What the central directory says about one entry."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    crc32: int
    compressed_size: int
    size: int
    offset: int
    """Where the local header begins."""
    end: int
    """Where this header ends."""


class StoredEntry(NamedTuple):
    """One entry whose two headers agree."""

    name: str
    """As the wheel spells it; a directory's ends with ``/``."""
    method: int
    crc32: int
    compressed_size: int
    size: int
    offset: int
    """Where the compressed data begin."""
    end: int
    """Where the entry ends, data descriptor included."""


def central(content: bytes, position: int, *, end: int) -> CentralHeader:
    """Return the header at ``position`` of a central directory that ends at ``end``; raises ``WheelFault``."""
    begin = position + CENTRAL_SIZE
    if begin > end or not content.startswith(zipformat.CENTRAL_SIGNATURE, position):
        raise WheelFault("its central directory is broken, or its end record counts too many entries", hint=DAMAGED)
    header = zipfields.CentralHeader._make(CENTRAL_HEADER.unpack_from(content, position))
    compressed_size, size, offset, disk = header.compressed_size, header.size, header.offset, header.disk
    name_end = begin + header.name_length
    extra_end = name_end + header.extra_length
    if extra_end + header.comment_length > end:
        raise WheelFault("its central directory is broken: an entry reaches beyond its end", hint=DAMAGED)
    raw_name = content[begin:name_end]
    name = decode(raw_name, header.flags)
    if header.extra_length:
        fields = extra_fields(content, name_end, extra_end, name=name, raw_name=raw_name)
        if zipformat.ZIP64 in fields:
            wide = widen(fields[zipformat.ZIP64], (size, compressed_size, offset), disk=disk, name=name)
            size, compressed_size, offset = wide
            disk = 0 if disk == zipformat.ELSEWHERE_2 else disk
    if zipformat.ELSEWHERE_4 in {size, compressed_size, offset}:
        raise WheelFault(f"its entry {quote(name)} needs a zip64 field and has none", entry=name)
    if disk:
        raise WheelFault(f"its entry {quote(name)} begins on another disk (multi-disk)", entry=name)
    # The lower byte is the version, as in ``made_by`` (4.4.2).
    needed = header.needed & 0xFF
    if needed > NEWEST:
        raise WheelFault(f"its entry {quote(name)} needs version {needed / 10} of the zip format", entry=name)
    check_kind(name, attributes=header.external_attributes, size=size)
    check_method(name, flags=header.flags, method=header.method, compressed_size=compressed_size, size=size)
    end = extra_end + header.comment_length
    return CentralHeader(name, raw_name, header.flags, header.method, header.crc32, compressed_size, size, offset, end)


def decode(raw_name: bytes, flags: int) -> str:
    """Return a name as text; raises ``WheelFault`` where it is not what its flag says, or is nothing but a guess."""
    try:
        return raw_name.decode("utf-8" if flags & zipformat.UTF_8 else "ascii")
    except UnicodeDecodeError:
        if flags & zipformat.UTF_8:
            raise WheelFault(f"the name of its entry {quote(raw_name)} is not UTF-8") from None
        raise WheelFault(
            f"the name of its entry {quote(raw_name)} has bytes beyond ASCII, and no flag that they are UTF-8"
        ) from None


def check_kind(name: str, *, attributes: int, size: int) -> None:
    """Raise ``WheelFault`` unless the entry is a regular file or a directory, and says so everywhere alike.

    Wheels have modes without a type, which are regular files (4.4.15 leaves them to the host system).
    """
    kind = stat.S_IFMT(attributes >> 16)
    is_directory = name.endswith("/")
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        kinds = {stat.S_IFLNK: "a symlink", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}
        raise WheelFault(
            f"its entry {quote(name)} is {kinds.get(kind, 'a device')}, not a file (mode {attributes >> 16:o})",
            entry=name,
        )
    if not is_directory and (kind == stat.S_IFDIR or (kind == 0 and attributes & zipformat.DOS_DIRECTORY)):
        raise WheelFault(f"its entry {quote(name)} has the mode of a directory and the name of a file", entry=name)
    if is_directory and size:
        raise WheelFault(f"its directory {quote(name)} has content", entry=name)


def check_method(name: str, *, flags: int, method: int, compressed_size: int, size: int) -> None:
    """Raise ``WheelFault`` unless the entry's data can be read by the standards for wheels: stored or deflated."""
    if flags & zipformat.ENCRYPTED:
        raise WheelFault(f"its entry {quote(name)} is encrypted", entry=name)
    if flags & ~ACCEPTED:
        raise WheelFault(f"its entry {quote(name)} has flags that no wheel needs (0x{flags:04x})", entry=name)
    if method not in (zipformat.STORED, zipformat.DEFLATED):
        known = OTHER_METHODS.get(method, "unknown")
        raise WheelFault(
            f"its entry {quote(name)} is compressed by method {method} ({known}); wheels have stored and deflate",
            entry=name,
        )
    if method == zipformat.STORED and compressed_size != size:
        raise WheelFault(
            f"its entry {quote(name)} is stored, but its two sizes are {compressed_size:,} and {size:,}", entry=name
        )


def local(content: bytes, header: CentralHeader, *, following: int) -> StoredEntry:
    """Return the entry that ``header`` lists, whose local header says the same; raises ``WheelFault``.

    ``following`` is where the next thing of the archive begins: a data descriptor has to end there.
    """
    name = header.name
    start = header.offset
    if not content.startswith(zipformat.LOCAL_SIGNATURE, start):
        raise WheelFault(f"its entry {quote(name)} has no local header where its central directory says so", entry=name)
    begin = start + LOCAL_SIZE
    if begin > following:
        raise WheelFault(f"its entry {quote(name)} overlaps what follows it", entry=name)
    own = zipfields.LocalHeader._make(LOCAL_HEADER.unpack_from(content, start))
    compressed_size, size = own.compressed_size, own.size
    name_end = begin + own.name_length
    offset = name_end + own.extra_length
    end = offset + header.compressed_size
    if end > following:
        raise WheelFault(f"its entry {quote(name)} overlaps what follows it", entry=name)
    raw_name = content[begin:name_end]
    if raw_name != header.raw_name:
        raise WheelFault(
            f"its entry {quote(name)} is called {quote(raw_name)} in its local header, another name", entry=name
        )
    is_wide = False
    if own.extra_length:
        fields = extra_fields(content, name_end, offset, name=name, raw_name=raw_name)
        if zipformat.ZIP64 in fields:
            is_wide = True
            size, compressed_size = widen(fields[zipformat.ZIP64], (size, compressed_size), disk=0, name=name)
    same = ("flags", own.flags, header.flags), ("compression method", own.method, header.method)
    sizes = (
        ("CRC", own.crc32, header.crc32),
        ("compressed size", compressed_size, header.compressed_size),
        ("size", size, header.size),
    )
    for field, here, there in same + sizes:
        # Where a data descriptor follows, the local header has zeros (4.4.4, bit 3), or knew it already.
        if here != there and (
            here or not own.flags & zipformat.DESCRIPTOR or field not in {"CRC", "compressed size", "size"}
        ):
            raise WheelFault(
                f"its entry {quote(name)} has two values for its {field}: {here:,} in the local header, "
                f"{there:,} in the central directory",
                entry=name,
            )
    if own.flags & zipformat.DESCRIPTOR:
        _check_descriptor(content[end:following], header, is_wide=is_wide)
        end = following
    return StoredEntry(name, own.method, header.crc32, header.compressed_size, header.size, offset, end)


def _check_descriptor(descriptor: bytes, header: CentralHeader, *, is_wide: bool) -> None:
    """Raise ``WheelFault`` unless ``descriptor`` is what follows such an entry's data (4.3.9), signed or not."""
    # Its sizes have eight bytes each where the local header has a zip64 field (``is_wide``), else four.
    layout = "<LQQ" if is_wide else "<LLL"
    expected = struct.pack(layout, header.crc32, header.compressed_size, header.size)
    if descriptor not in (expected, zipformat.DESCRIPTOR_SIGNATURE + expected):
        raise WheelFault(
            f"the data descriptor of its entry {quote(header.name)} differs from its central directory, "
            "or is followed by bytes that belong to no entry",
            entry=header.name,
        )


def extra_fields(content: bytes, position: int, end: int, *, name: str, raw_name: bytes) -> dict[int, bytes]:
    """Return the extra fields between ``position`` and ``end`` by their number (4.5.1).

    Raises ``WheelFault`` where they do not fill it, one that decides comes twice, or the other name is another one.
    """
    fields: dict[int, bytes] = {}
    while position < end:
        number, length = zipformat.EXTRA_FIELD.unpack_from(content, position) if position + 4 <= end else (0, end)
        position += 4
        if position + length > end:
            raise WheelFault(f"the extra fields of its entry {quote(name)} are broken", entry=name)
        if number in fields and number in {zipformat.ZIP64, zipformat.UNICODE_PATH}:
            raise WheelFault(f"its entry {quote(name)} has the extra field 0x{number:04x} twice", entry=name)
        fields[number] = content[position : position + length]
        position += length
    path = fields.get(zipformat.UNICODE_PATH)
    if path is not None and path != struct.pack("<BL", 1, zlib.crc32(raw_name)) + name.encode():
        raise WheelFault(f"its entry {quote(name)} has another name in its extra field 0x7075", entry=name)
    return fields


def widen(field: bytes, narrow: tuple[int, ...], *, disk: int, name: str) -> tuple[int, ...]:
    """Return the numbers of ``narrow`` with those that stand in the zip64 ``field`` put in (4.5.3).

    The field holds either exactly the numbers that are missing, in their order, or begins with numbers
    that repeat what the header says. Raises ``WheelFault`` for all else: parsers would read other numbers.
    """
    missing = [index for index, number in enumerate(narrow) if number == zipformat.ELSEWHERE_4]
    disks = 4 if disk == zipformat.ELSEWHERE_2 else 0
    count = (len(field) - disks) // 8
    if count * 8 + disks != len(field) or not 0 < count + disks <= len(narrow) + disks:
        raise WheelFault(
            f"the zip64 field of its entry {quote(name)} has {len(field)} bytes, which fits nothing", entry=name
        )
    numbers = struct.unpack_from(f"<{count}Q", field)
    if disks and field[-4:] != bytes(4):
        raise WheelFault(f"its entry {quote(name)} begins on another disk (multi-disk)", entry=name)
    if len(missing) == count:
        wide = dict(zip(missing, numbers, strict=True))
        return tuple(wide.get(index, number) for index, number in enumerate(narrow))
    if missing or numbers != narrow[:count]:
        raise WheelFault(f"the zip64 field of its entry {quote(name)} differs from its header", entry=name)
    return narrow
