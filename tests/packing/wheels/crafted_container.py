"""Crafted wheels, part A: the container. Every row lies in one way only, and is a good wheel otherwise."""

import bz2
import io
import lzma
import struct
import tarfile
import zlib
from collections.abc import Iterator

from tests.packing.wheels.handmade import INIT, Part, archive, compressed, demo, line
from tests.packing.wheels.verdicts import Crafted, accepted, limited, refused

A = Part(name=b"demo/a.py", content=b"A = 1\n" * 40)
B = Part(name=b"demo/b.py", content=b"B = 2\n" * 40)
GOOD = archive(demo(A, B))
END = 22
ZEROS = 100_000_000
WIDE = struct.pack("<2H2Q", 1, 16, len(A.content), len(A.fields()["data"]))
WIDE_HEADER = {"size": 0xFFFFFFFF, "compressed_size": 0xFFFFFFFF, "extra": WIDE}
"""A zip64 field as protobuf's wheels have one: in the local header, though nothing needs it."""


def container() -> Iterator[tuple[str, Crafted]]:
    yield "A00", accepted(GOOD)
    yield from entries_and_headers()
    yield from ends()
    yield from features()
    yield from wide_fields()
    yield from streams()
    yield from other_files()


def entries_and_headers() -> Iterator[tuple[str, Crafted]]:
    other = A.lying(content=b"A = 2\n" * 40)
    yield "A01", refused(archive(demo(A, other.lying(recorded=False))), "duplicate entry")
    yield "A02", refused(archive(demo(A, A.lying(recorded=False))), "duplicate entry")
    twice = A.lying(central={"offset": 0}, listed=True, local={}, recorded=False)
    yield "A02-one-local-header", refused(archive(demo(A, twice)), "duplicate entry")
    hidden = A.lying(listed=False, recorded=False)
    yield "A04", refused(archive(demo(hidden, B)), "does not list")
    yield "A04-same-name", refused(archive(demo(hidden, A)), "does not list")
    yield "A04-first", refused(archive([hidden, *demo(B)]), "does not list")
    yield "A04-last", refused(archive([*demo(B), hidden]), "does not list")
    yield "A04-gap", refused(archive(demo(A, B.lying(before=b"hidden"))), "belong to no entry")
    yield "A04-gap-before-directory", refused(archive(demo(A), between=b"\0" * 100), "belong to no entry")
    yield "A05", refused(archive(demo(A.lying(central={"offset": 7}))), "overlaps")
    yield "A05-beyond-the-end", refused(archive(demo(A.lying(central={"offset": 1 << 30}))), "does not list")
    zeros = A.lying(name=b"demo/none.py", content=b"", method=0)
    bare = archive(demo(zeros))
    at = bare.index(b"PK\3\4", 1)
    yield "A05-overwritten", refused(bare[:at] + bytes(4) + bare[at + 4 :], "no local header")
    for row, name, value in (
        ("A06", "size", 5),
        ("A07", "compressed_size", 5),
        ("A08", "crc32", 5),
        ("A08-method", "method", 0),
        ("A08-utf-8-flag", "flags", 0x800),
        ("A08-name", "name", b"demo/c.py"),
        ("A08-longer-name", "name", b"demo/another.py"),
    ):
        yield row, refused(archive(demo(A.lying(local={name: value}))), "local header")
    yield "A10", refused(archive(demo(A.lying(both={"crc32": 5}))), "CRC")
    yield "A10-stored", refused(archive(demo(A.lying(both={"crc32": 5}, method=0))), "CRC")
    shared = compressed(A.content, 8)
    yield "A24", refused(archive(demo(A, B.lying(central={"offset": 0}))), "overlaps")
    inner = Part(name=b"demo/inner.py", content=B.content)
    blob = archive([inner])[: 30 + len(inner.name) + len(inner.fields()["data"])]
    quoted = Part(name=b"demo/quote.bin", content=blob, method=0)
    first = len(archive([Part(name=b"demo/__init__.py", content=INIT)], end={"count": 0})) - END - 46 - 16
    at_inner = first + 30 + len(quoted.name)
    yield (
        "A24-quoted",
        refused(archive(demo(quoted, inner.lying(central={"offset": at_inner}, before=b""))), "overlaps"),
    )
    longer = {"compressed_size": len(shared) + 40}
    yield "A24-into-the-next", refused(archive(demo(A.lying(both=longer), B)), "overlaps")

    last = GOOD.rindex(b"PK\3\4") + 28
    yield "A24-beyond-the-end", refused(GOOD[:last] + b"\xff\xff" + GOOD[last + 2 :], "overlaps")


def ends() -> Iterator[tuple[str, Crafted]]:
    yield "A11", refused(GOOD + b"trailing", "after its end record")
    yield "A11-one-zero", refused(GOOD + b"\0", "after its end record")
    yield "A11-zeros", refused(GOOD + bytes(END), "after its end record")
    yield "A11-70000", refused(GOOD + bytes(70_000), "appended")
    yield "A12", refused(b"#!/bin/sh\nexit 0\n" + GOOD, "bytes were put")
    prefix = b"#!/bin/sh\nexit 0\n"
    yield "A12-offsets-adjusted", refused(archive(demo(A), before=prefix), "belong to no entry")
    yield "A12-an-entry-before", refused(archive([A])[:60] + GOOD, "bytes were put")
    yield "A13", refused(GOOD + archive(demo(A)), "bytes were put")
    yield "A13-first-is-bare", refused(archive([]) + GOOD, "bytes were put")
    fake = archive([], end={"offset": len(GOOD)})
    yield "A14", refused(archive(demo(A), comment=fake), "bytes were put")
    yield "A14-whole-archive", refused(archive(demo(A), comment=archive(demo(B))), "bytes were put")
    yield "A14-in-the-middle", refused(archive(demo(A), comment=fake + b" words"), "after its end record")
    yield "A14-comment", accepted(archive(demo(A), comment=b"a comment"))
    yield "A14-comment-65535", accepted(archive(demo(A), comment=b"x" * 65_535))
    yield "A14-comment-length-lies", refused(archive(demo(A), comment=b"a comment")[:-1], "after its end record")
    yield "A15", refused(archive(demo(A), wide={"record": 0}), "zip64 locator")
    yield "A15-beyond-the-end", refused(archive(demo(A), wide={"record": 1 << 60}), "zip64 locator")
    decoy = Part(name=b"demo/decoy.bin", content=b"PK\6\6" + bytes(52), method=0)
    at = archive(demo(decoy)).index(decoy.content)
    yield "A15-decoy", refused(archive(demo(decoy), wide={"record": at}), "zip64 locator")
    yield "A15-consistent", accepted(archive(demo(A), wide={}))
    yield "A15-no-disks", accepted(archive(demo(A), wide={"disks": 0}))
    yield "A15-two-disks", refused(archive(demo(A), wide={"disks": 2}), "multi-disk")
    yield "A15-records-differ", refused(archive(demo(A), wide={}, end={"count": 3}), "differ")
    yield "A15-offset-differs", refused(archive(demo(A), wide={}, end={"offset": 3}), "differ")
    yield "A15-extensible-data", refused(archive(demo(A), wide={"rest": 52, "more": bytes(8)}), "zip64 locator")
    yield "A15-size-of-record", refused(archive(demo(A), wide={"rest": 45}), "extensible")
    yield "A15-huge-count", refused(archive(demo(A), wide={"count": 1 << 60, "count_here": 1 << 60}), "room for")
    yield "A15-no-zip64-record", refused(archive(demo(A), end={"count": 0xFFFF, "count_here": 0xFFFF}), "room for")
    yield "A17", refused(archive(demo(A), end={"count": 3, "count_here": 3}), "counts 3 entries")
    yield "A17-more", refused(archive(demo(A), end={"count": 7, "count_here": 7}), "too many entries")
    yield "A17-none", refused(archive(demo(A), end={"count": 0, "count_here": 0}), "counts 0 entries")
    yield "A17-here", refused(archive(demo(A), end={"count_here": 1}), "multi-disk")
    yield "A18", refused(archive(demo(A), end={"disk": 1}), "multi-disk")
    yield "A18-directory", refused(archive(demo(A), end={"directory_disk": 1}), "multi-disk")
    yield "A18-entry", refused(archive(demo(A.lying(central={"disk": 1}))), "multi-disk")
    yield "A18-offset-of-directory", refused(archive(demo(A), end={"offset": 0}), "central directory")
    yield "A18-size-of-directory", refused(archive(demo(A), end={"size": 9}), "central directory")


def features() -> Iterator[tuple[str, Crafted]]:
    yield "A19", accepted(archive(demo(A.lying(central={"comment": b"words"}))))
    true = A.fields()
    plain = struct.pack("<3L", true["crc32"], true["compressed_size"], true["size"])
    later = {"crc32": 0, "compressed_size": 0, "size": 0}
    streamed = A.lying(both={"flags": 8}, local=later, descriptor=b"PK\7\10" + plain)
    yield "A20", accepted(archive(demo(streamed, B)))
    yield "A20-without-signature", accepted(archive(demo(streamed.lying(descriptor=plain), B)))
    yield "A20-known-before", accepted(archive(demo(streamed.lying(local={}), B)))
    wide = b"PK\7\10" + struct.pack("<L2Q", true["crc32"], true["compressed_size"], true["size"])
    narrow = {**later, "extra": struct.pack("<2H2Q", 1, 16, 0, 0), "size": 0xFFFFFFFF, "compressed_size": 0xFFFFFFFF}
    yield "A20-zip64", accepted(archive(demo(streamed.lying(local=narrow, descriptor=wide), B)))
    for row, descriptor in (
        ("A21", b"PK\7\10" + struct.pack("<3L", 5, true["compressed_size"], true["size"])),
        ("A21-size", b"PK\7\10" + struct.pack("<3L", true["crc32"], true["compressed_size"], 5)),
        ("A21-compressed-size", struct.pack("<3L", true["crc32"], 5, true["size"])),
        ("A21-missing", b""),
        ("A21-zip64-unannounced", wide),
        ("A21-more", plain + b"hidden"),
    ):
        yield row, refused(archive(demo(streamed.lying(descriptor=descriptor), B)), "data descriptor")
    yield "A21-local-differs", refused(archive(demo(streamed.lying(local={**later, "size": 5}), B)), "local header")
    yield "A21-no-flag", refused(archive(demo(streamed.lying(both={}), B)), "local header")
    yield "A30", refused(archive(demo(A.lying(both={"flags": 1}))), "encrypted")
    yield "A30-strong", refused(archive(demo(A.lying(both={"flags": 0x41}))), "encrypted")
    yield "A30-masked", refused(archive(demo(A.lying(both={"flags": 0x2000}))), "0x2000")
    yield "A30-patched", refused(archive(demo(A.lying(both={"flags": 0x20}))), "0x0020")
    yield "A30-compressor-bits", accepted(archive(demo(A.lying(both={"flags": 6}))))
    raw = lzma.compress(A.content, format=lzma.FORMAT_ALONE)
    for method, word, data in (
        (12, "bzip2", bz2.compress(A.content)),
        (14, "lzma", struct.pack("<2BH", 9, 4, 5) + raw[:5] + raw[13:]),
        (93, "zstd", b"\x28\xb5\x2f\xfd" + bytes(20)),
        (9, "deflate64", compressed(A.content, 8)),
    ):
        yield f"A31-{word}", refused(archive(demo(A.lying(data=data, both={"method": method}))), word)
    new = struct.pack("<H", 64)
    at = GOOD.rindex(b"PK\1\2") + 6
    yield "A32-version-6.4", refused(GOOD[:at] + new + GOOD[at + 2 :], "version 6.4")
    yield "A32", refused(archive(demo(A.lying(both={"method": 99}))), "method 99")
    yield "A32-unknown", refused(archive(demo(A.lying(both={"method": 777}))), "method 777 (unknown)")


def wide_fields() -> Iterator[tuple[str, Crafted]]:
    yield "A23", refused(archive(demo(A.lying(local={**WIDE_HEADER, "extra": WIDE * 2}))), "twice")
    yield "A23-odd", refused(archive(demo(A.lying(local={**WIDE_HEADER, "extra": b"\1\0\3\0abc"}))), "fits nothing")
    yield "A23-empty", refused(archive(demo(A.lying(local={"extra": b"\1\0\0\0"}))), "fits nothing")
    yield "A23-too-long", refused(archive(demo(A.lying(central={"extra": b"\1\0\x28\0" + bytes(40)}))), "fits nothing")
    yield "A23-broken", refused(archive(demo(A.lying(central={"extra": b"\1\0\x10\0abc"}))), "broken")
    yield "A23-three-bytes", refused(archive(demo(A.lying(central={"extra": b"\1\0\0"}))), "broken")
    yield "A23-local-consistent", accepted(archive(demo(A.lying(local=WIDE_HEADER))))
    yield "A23-both-consistent", accepted(archive(demo(A.lying(both=WIDE_HEADER))))
    yield "A23-repeats", accepted(archive(demo(A.lying(both={"extra": WIDE}))))
    lies = struct.pack("<2H2Q", 1, 16, 7, len(A.fields()["data"]))
    yield "A23-repeats-wrongly", refused(archive(demo(A.lying(both={"extra": lies}))), "differs from its header")
    yield "A23-local-lies", refused(archive(demo(A.lying(local={**WIDE_HEADER, "extra": lies}))), "local header")
    yield "A23-missing", refused(archive(demo(A.lying(both={"size": 0xFFFFFFFF}))), "needs a zip64 field")
    one = {"compressed_size": 0xFFFFFFFF, "extra": WIDE}
    yield "A23-ambiguous", refused(archive(demo(A.lying(central=one))), "differs from its header")
    times = b"UT\5\0\1\0\0\0\0"
    yield "A23-other-fields", accepted(archive(demo(A.lying(both={"extra": times}))))
    path = struct.pack("<2HBL", 0x7075, 5 + len(A.name), 1, zlib.crc32(A.name))
    yield "A23-unicode-path", accepted(archive(demo(A.lying(both={"extra": path + A.name}))))
    yield "A23-unicode-path-twice", refused(archive(demo(A.lying(both={"extra": (path + A.name) * 2}))), "twice")
    other = path + b"demo/z.py"
    yield "A23-unicode-path-differs", refused(archive(demo(A.lying(central={"extra": other}))), "another name")
    yield "A23-unicode-path-in-local", refused(archive(demo(A.lying(local={"extra": other}))), "another name")


def streams() -> Iterator[tuple[str, Crafted]]:
    megabyte = A.lying(content=bytes(1 << 20))
    yield "A26", refused(archive(demo(megabyte.lying(both={"size": 10}))), "more than its 10 bytes")
    yield "A26-nothing", refused(archive(demo(megabyte.lying(both={"size": 0}))), "more than its 0 bytes")
    one_less = {"size": (1 << 20) - 1}
    yield "A26-one-byte", refused(archive(demo(megabyte.lying(both=one_less))), "more than its 1,048,575 bytes")
    yield "A27", refused(archive(demo(A.lying(both={"size": 500}))), "should have 500 bytes and has 240")
    yield "A27-stored", refused(archive(demo(A.lying(method=0, both={"size": 500}))), "sizes")
    data = A.fields()["data"]
    yield "A29", refused(archive(demo(A.lying(data=b"\x07" + data[1:]))), "corrupt")
    yield "A29-cut", refused(archive(demo(A.lying(data=data[:-3]))), "ends in the middle")
    yield "A29-empty", refused(archive(demo(A.lying(data=b""))), "ends in the middle")
    yield "A29-hidden-behind", refused(archive(demo(A.lying(data=data + b"hidden"))), "other bytes follow")
    yield "A29-second-stream", refused(archive(demo(A.lying(data=data + data))), "other bytes follow")
    yield "A29-megabytes-behind", refused(archive(demo(A.lying(data=data + bytes(3 << 20)))), "other bytes follow")
    yield "A29-zlib-header", refused(archive(demo(A.lying(data=zlib.compress(A.content)))), "corrupt")


def other_files() -> Iterator[tuple[str, Crafted]]:
    yield "A33", refused(GOOD[:-40], "truncated")
    yield "A33-half", refused(GOOD[: len(GOOD) // 2], "truncated")
    yield "A33-one-byte", refused(GOOD[:-1], "truncated")
    yield "A33-last-record", refused(GOOD[:-END], "truncated")
    yield "A34", refused(b"", "not a zip")
    yield "A34-html", refused(b"<!DOCTYPE html>\n<html><body>403 Forbidden</body></html>\n", "HTML")
    yield "A34-short", refused(b"PK", "not a zip")
    yield "A34-end-record-alone", refused(archive([]), "no .dist-info")
    yield "A34-signature-alone", refused(b"PK\5\6", "not a zip")
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as out:
        member = tarfile.TarInfo("demo/__init__.py")
        member.size = 7
        out.addfile(member, io.BytesIO(b"X = 666"))
    yield "A35", refused(tar.getvalue() + GOOD, "bytes were put")
    yield "A35-adjusted", refused(archive(demo(A), before=tar.getvalue()), "belong to no entry")
    nested = Part(name=b"demo/data.zip", content=GOOD, method=0)
    yield "A38", accepted(archive(demo(nested)))
    last = archive([*demo(rows=line(b"demo/data.zip", GOOD)), nested])
    yield "A38-last", accepted(last)


def sizes() -> Iterator[tuple[str, Crafted]]:
    """Yield what takes a second to make: entries by the ten thousand, zeros by the hundred million."""
    many = [Part(name=b"demo/m%d.py" % number, method=0) for number in range(70_000)]
    yield "A36", limited(archive(demo(*many), wide={}), "70,004 entries")
    deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
    million = deflater.compress(bytes(1_000_000)) + deflater.flush(zlib.Z_FULL_FLUSH)
    zeros = million * (ZEROS // 1_000_000) + deflater.flush()
    crc32 = zlib.crc32(bytes(ZEROS))
    record = line(b"demo/%d.bin", bytes(ZEROS))
    claims = {"size": ZEROS, "crc32": crc32}
    bombs = [Part(name=b"demo/%d.bin" % n, data=zeros, both=claims, recorded=False) for n in range(3)]
    rows = [record.replace(b"%d", b"%d" % n) for n in range(3)]
    yield "A37", limited(archive(demo(*bombs, rows=b"".join(rows))), "300,000")
    yield "A37-200-MB", accepted(archive(demo(*bombs[:2], rows=b"".join(rows[:2]))))
    yield "A37-says-4-GiB", limited(archive(demo(A.lying(both={"size": 0xFFFFFFFE}))), "4,294,967,")
