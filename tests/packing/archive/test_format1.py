"""Format 1, byte for byte, and as three programs that we did not write read it."""

import io
import struct
import subprocess
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdapack.errors import CheckError
from lambdapack.packing.archive import deflate
from lambdapack.packing.archive import format1 as archive_module
from lambdapack.packing.archive.format1 import archive, headers
from lambdapack.packing.entries import ArchiveName, Base, Entry, Member

PROFILE = deflate.PROFILES["default"]


def stored(name: str, content: bytes, *, mode: int = 0o100644) -> Member:
    return member(name, content, content, mode=mode, method=0)


def deflated(name: str, content: bytes) -> Member:
    method, payload = deflate.compress(content, PROFILE)
    return member(name, content, payload, mode=0o100644, method=method)


def member(name: str, content: bytes, payload: bytes | bytearray, *, mode: int, method: int) -> Member:
    entry = Entry(ArchiveName(name), base=Base("", "", ""), size=len(content), stamp=(0, 0, 0, 0, 0))
    sizes = len(content), len(payload)
    crc32 = zlib.crc32(content)
    local, central = headers(name, mode=mode, method=method, crc32=crc32, sizes=sizes, origin=name)
    return Member(entry, len(content), len(local) + len(payload), method, local, central, payload)


def test_the_bytes_are_those_of_appnote() -> None:
    found = b"".join(archive([stored("a", b"hi", mode=0o100755), stored("é", b"")]))

    assert found == bytes.fromhex(
        "504b0304"  # local file header signature (4.3.7)
        "1400 0000 0000"  # version needed 2.0, no flags, stored
        "0000 2100"  # 00:00:00, 1980-01-01
        "ac2a93d8 02000000 02000000"  # CRC-32, sizes
        "0100 0000"  # lengths of name and extra field
        "61 6869"  # a, hi
        "504b0304"
        "1400 0008 0000"  # bit 11: UTF-8
        "0000 2100"
        "00000000 00000000 00000000"
        "0200 0000"
        "c3a9"
        "504b0102"  # central directory header signature (4.3.12)
        "1403 1400 0000 0000"  # made by UNIX 2.0
        "0000 2100"
        "ac2a93d8 02000000 02000000"
        "0100 0000 0000"  # lengths of name, extra field, comment
        "0000 0000"  # disk, internal attributes
        "0000ed81"  # 0100755
        "00000000"  # offset
        "61"
        "504b0102"
        "1403 1400 0008 0000"
        "0000 2100"
        "00000000 00000000 00000000"
        "0200 0000 0000"
        "0000 0000"
        "0000a481"  # 0100644
        "21000000"
        "c3a9"
        "504b0506"  # end of central directory (4.3.16)
        "0000 0000 0200 0200"  # disks, entries
        "5f000000 41000000"  # size and offset of the directory
        "0000"  # no comment
    )


def test_others_read_it(tmp_path: Path) -> None:
    contents = {"a.txt": b"hello\n" * 100, "bin/run": b"#!/bin/sh\n", "empty": b"", "ü/日本.py": bytes(range(256))}
    path = tmp_path / "a.zip"
    path.write_bytes(b"".join(archive(deflated(name, content) for name, content in sorted(contents.items()))))

    assert subprocess.run(["unzip", "-t", path], check=False, capture_output=True).returncode == 0
    shown = subprocess.run(
        ["zipinfo", "-T", path], check=True, capture_output=True, text=True, env={"TZ": "Asia/Tokyo"}
    )
    assert shown.stdout.splitlines()[2].startswith("-rw-r--r--  2.0 unx      600 b- defN 19800101.000000 a.txt")
    with zipfile.ZipFile(path) as read:
        assert {info.filename: read.read(info) for info in read.infolist()} == contents
        assert read.testzip() is None
        assert [info.flag_bits for info in read.infolist()] == [0, 0, 0, 0x800]
        assert {info.extra for info in read.infolist()} == {b""}
        assert {info.date_time for info in read.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {(info.create_system, info.create_version, info.extract_version) for info in read.infolist()} == {
            (3, 20, 20)
        }
        assert {(info.internal_attr, info.volume, info.comment) for info in read.infolist()} == {(0, 0, b"")}


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["C"], exclude_characters="/\\"), min_size=1, max_size=20),
        st.binary(max_size=200),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_goes_in_comes_out_of_zipfile(contents: dict[str, bytes]) -> None:
    written = b"".join(archive(deflated(name, content) for name, content in contents.items()))

    with zipfile.ZipFile(io.BytesIO(written)) as read:
        assert {info.filename: read.read(info) for info in read.infolist()} == contents


def test_what_would_need_zip64_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CheckError, match="would pass 4 GiB at a"):
        headers("a", mode=0o100644, method=8, crc32=0, sizes=(0xFFFF_FFFF, 10), origin="a")
    with pytest.raises(CheckError, match="the name of a is too long"):
        headers("n" * 65_536, mode=0o100644, method=0, crc32=0, sizes=(0, 0), origin="a")
    with pytest.raises(CheckError, match="more than 65,535 entries"):
        list(archive([stored("a", b"")] * 65_536))
    monkeypatch.setattr(archive_module, "SIZE_LIMIT", 100)
    with pytest.raises(CheckError, match="would pass 4 GiB at b"):
        list(archive([stored("a", b"x" * 50), stored("b", b"x" * 50)]))
    with pytest.raises(CheckError, match="would pass 4 GiB"):
        list(archive([stored("a", b"x" * 60)]))


def test_65535_entries_are_read_by_others(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    path.write_bytes(b"".join(archive(stored(f"{number:05}", b"") for number in range(65_535))))

    assert struct.unpack("<HH", path.read_bytes()[-14:-10]) == (65_535, 65_535)
    assert subprocess.run(["unzip", "-tqq", path], check=False, capture_output=True).returncode == 0
    with zipfile.ZipFile(path) as read:
        assert len(read.infolist()) == 65_535
