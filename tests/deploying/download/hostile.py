"""Zips that are small, or at most as large as a package may be, and imply far more than they hold.

Each is made from the formats' own numbers and by nothing of lambdapack's. ``tests/fuzz/hostile.py`` has the program
itself pull and compare them, with a clock beside; ``test_hostile.py`` asks for verdicts and counts the work.
"""

import stat
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

FILE = stat.S_IFREG | 0o644
LINK = stat.S_IFLNK | 0o777
DIRECTORY = stat.S_IFDIR | 0o755

LOCAL = struct.Struct("<IHHHHHIIIHH")
CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
END = struct.Struct("<IHHHHIIH")
UTF8 = 1 << 11


class Item(NamedTuple):
    """One member; what is None follows from the content."""

    name: str
    content: bytes = b""
    mode: int = FILE
    packed: bytes | None = None
    """A deflate stream in the place of the content's own."""
    size: int | None = None
    extra: bytes = b""
    comment: bytes = b""


class Package(NamedTuple):
    """A zip, and what is to become of it."""

    name: str
    make: Callable[[], bytes]
    pull: str
    """What the message of ``pull --unzip`` says, or ``unpacked``."""
    diff: str
    """The same of ``diff``; ``compared`` where it is compared."""


def deflated(content: bytes) -> bytes:
    """Return a raw deflate stream."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(content) + compressor.flush()


def zipped(items: Iterator[Item], *, count: int | None = None) -> bytes:
    """Return a zip of the items, each as it is; with ``count``, one that declares so many."""
    local, central, entries, offset = [], [], 0, 0
    streams: dict[bytes, bytes] = {}
    for item in items:
        stream = item.packed
        if stream is None:
            stream = streams.get(item.content) or streams.setdefault(item.content, deflated(item.content))
        name = item.name.encode()
        size = len(item.content) if item.size is None else item.size
        shared = (0, UTF8, 8, 0, 33, zlib.crc32(item.content), len(stream), size, len(name), len(item.extra))
        here = LOCAL.pack(0x04034B50, 20, *shared[1:9], 0) + name + stream
        local.append(here)
        end = (len(item.comment), 0, 0, item.mode << 16, offset)
        central.append(CENTRAL.pack(0x02014B50, 3 << 8 | 20, 20, *shared[1:], *end) + name + item.extra + item.comment)
        offset += len(here)
        entries += 1
    entries = entries if count is None else count
    directory = b"".join(central)
    end_record = END.pack(0x06054B50, 0, 0, entries & 0xFFFF, entries & 0xFFFF, len(directory), offset, 0)
    wide = b""
    if entries > 0xFFFF:
        at = offset + len(directory)
        wide = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, entries, entries, len(directory), offset)
        wide += struct.pack("<IIQI", 0x07064B50, 0, at, 1)
    return b"".join(local) + directory + wide + end_record


def towers(count: int = 400) -> bytes:
    """Return symlinks as long as one may be, each part of which is a step."""
    target = ("a/" * 2047)[:4092].encode()
    return zipped(Item(f"link{number}", target, LINK) for number in range(count))


def chains(count: int = 8_000) -> bytes:
    """Return symlinks each of which leads through forty others, and along many parts between."""

    def items() -> Iterator[Item]:
        for number in range(39):
            yield Item(f"c{number}", f"{'d/../' * 100}c{number + 1}".encode(), LINK)
        yield Item("c39", b"d", LINK)
        yield Item("d/x")
        for number in range(count):
            yield Item(f"to{number}", b"c0", LINK)

    return zipped(items())


def targets(count: int = 60_000) -> bytes:
    """Return symlinks whose targets nearly vanish when they are compressed."""
    return zipped(Item(f"link{number}", b"a" * 4_090, LINK) for number in range(count))


def marks(count: int = 250) -> bytes:
    """Return symlinks whose targets are marks in the wrong order: to put n of them right takes n * n steps."""
    target = ("a" + "\u0301\u0316" * 1_000).encode()
    return zipped(Item(f"link{number}", target, LINK) for number in range(count))


def directories(count: int = 1_000) -> bytes:
    """Return files in 255 directories each, none of them anybody else's."""
    return zipped(Item(f"{number}/" + "d/" * 254 + "x") for number in range(count))


def deep(count: int = 2_000) -> bytes:
    """Return names of 2,047 parts: for each of them all that lie above are four megabytes."""
    return zipped(Item(f"{number:04}/" + "d/" * 2_045 + "x") for number in range(count))


def long_names(count: int = 500) -> bytes:
    """Return names as long as the format allows."""
    return zipped(Item(f"{number:05}" + "n" * 65_530) for number in range(count))


def names(count: int = 5_000) -> bytes:
    """Return names as long as a path may be, 20 MB of them."""
    return zipped(Item("/".join([f"{number:05}" + "n" * 200] * 19)) for number in range(count))


def entries(count: int = 300_000) -> bytes:
    """Return more members than a zip without zip64 has."""
    return zipped(Item(str(number)) for number in range(count))


def uncounted(count: int = 300_000) -> bytes:
    """Return as many, of which the end declares one."""
    return zipped((Item(str(number)) for number in range(count)), count=1)


def countless() -> bytes:
    """Return a zip that declares a billion members, and has one."""
    return zipped(iter([Item("x")]), count=1 << 30)


def notes(count: int = 300) -> bytes:
    """Return members with as much beside their names as the format allows: 38 MB that nobody needs."""
    return zipped(
        Item(str(number), extra=struct.pack("<HH", 0x7777, 0xFFF0) + bytes(0xFFF0), comment=b"c" * 0xFFFF)
        for number in range(count)
    )


def bomb(count: int = 1_000) -> bytes:
    """Return members of 300 KB each, which are nothing but zeros."""
    return zipped(Item(str(number), bytes(300_000)) for number in range(count))


def lies(size: int = 250_000_000) -> bytes:
    """Return a member that declares ten bytes and holds many."""
    stream = deflated(bytes(size))
    return zipped(iter([Item("x", bytes(10), packed=stream)]))


def nothing(blocks: int = 1_000_000) -> bytes:
    """Return a member whose five megabytes are inflated to nothing."""
    empty = b"\x00\x00\x00\xff\xff"
    return zipped(iter([Item("x", packed=empty * blocks + b"\x01" + empty[1:])]))


def overlapping(count: int = 5_000, blocks: int = 400_000) -> bytes:
    """Return members that all have the same two megabytes, to be inflated for each."""
    empty = b"\x00\x00\x00\xff\xff"
    whole = zipped(iter([Item("00000", packed=empty * blocks + b"\x01" + empty[1:])]))
    at = whole.index(struct.pack("<I", 0x02014B50))
    many = b"".join(whole[at:-27] + b"%05d" % number for number in range(count))
    return whole[:at] + many + END.pack(0x06054B50, 0, 0, count, count, len(many), at, 0)


def cases(bits: int = 14) -> bytes:
    """Return one directory in as many spellings as there are cases of its letters, and a symlink."""
    word = "abcdefghijklmnop"[:bits]
    spellings = (
        "".join(letter.upper() if number >> place & 1 else letter for place, letter in enumerate(word))
        for number in range(1 << bits)
    )
    return zipped(iter([*(Item(f"{spelling}/x") for spelling in spellings), Item("link", word.encode(), LINK)]))


PACKAGES = (
    Package("towers", towers, "bytes of symlinks", "compared"),
    Package("less-towers", lambda: towers(250), "unpacked", "compared"),
    Package("chains", chains, "more than 1,000,000 steps along symlinks", "compared"),
    Package("targets", targets, "bytes of symlinks", "compared"),
    Package("marks", marks, "unpacked", "compared"),
    Package("directories", directories, "more than 32,768 directories", "compared"),
    Package("deep", deep, "lies deeper than 256 directories", "compared"),
    Package("long-names", long_names, "has a name of 65,535 bytes", "has a name of 65,535 bytes"),
    Package("names", names, "bytes of names", "bytes of names"),
    Package("entries", entries, "more than 65,535 members", "more than 65,535 members"),
    Package("uncounted", uncounted, "not a zip that can be read", "not a zip that can be read"),
    Package("countless", countless, "more than 65,535 members", "more than 65,535 members"),
    Package("notes", notes, "unpacked", "compared"),
    Package("bomb", bomb, "bytes unzipped; Lambda takes less", "bytes unzipped; Lambda takes less"),
    Package("lies", lies, "holds more than the 10 bytes", "holds more than the 10 bytes"),
    Package("nothing", nothing, "unpacked", "compared"),
    Package("overlapping", overlapping, "overlaps another one", "overlaps another one"),
    Package("cases", cases, "differs from another name in case", "compared"),
)
