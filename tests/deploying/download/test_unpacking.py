"""Zips that must not be unpacked, with the standard library's own unpacking as the control that takes them."""

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TypeAlias

import pytest

from lambdapack.deploying.aws.deadline import Deadline
from lambdapack.deploying.download.foreign_zip import ForeignZip
from lambdapack.deploying.download.layout import layout
from lambdapack.deploying.download.unpacking import Unpacked
from lambdapack.errors import AwsError, CheckError, LambdapackError, LocalError
from lambdapack.quotas import UNZIPPED_LIMIT

Items: TypeAlias = list[tuple[str, bytes, int]]

FILE = stat.S_IFREG | 0o644
LINK = stat.S_IFLNK | 0o777
DIRECTORY = stat.S_IFDIR | 0o755


def zipped(*items: tuple[str, bytes, int]) -> bytes:
    """Return a zip of names, contents and UNIX modes, whatever they are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, mode in items:
            info = zipfile.ZipInfo("placeholder")
            info.filename = info.orig_filename = name or "none"  # zipfile of Python 3.11 cannot write an empty one
            info.create_system = 3
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            with pytest.warns(UserWarning, match="Duplicate name") if name in archive.namelist() else nullcontext():
                archive.writestr(info, content)
            info.filename = name
    return buffer.getvalue()


def unpack(content: bytes, directory: Path) -> int:
    with Unpacked(directory) as unpacked:
        count = unpacked.fill(ForeignZip(io.BytesIO(content), about="it"))
        unpacked.commit()
    return count


def tree(directory: Path) -> dict[str, object]:
    return {
        str(path.relative_to(directory)): path.readlink() if path.is_symlink() else path.stat().st_mode & 0o777
        for path in sorted(directory.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def outside(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.iterdir())


def test_what_was_packed_comes_out(tmp_path: Path) -> None:
    content = zipped(
        ("lib/", b"", DIRECTORY),
        ("lib/naïve.py", b"x = 1\n", FILE),
        ("bin/run", b"#!/bin/sh\n", stat.S_IFREG | 0o775),
        ("odd", b"", 0),
        ("private", b"k", stat.S_IFREG | 0o600),
        ("lib/again.py", b"naive.py", LINK),
        ("up/here/back", b"../../lib", LINK),
        ("up/here/dangling", b"../there", LINK),
    )
    assert unpack(content, tmp_path / "out") == 7
    assert tree(tmp_path / "out") == {
        "bin/run": 0o755,
        "lib/again.py": Path("naive.py"),
        "lib/naïve.py": 0o644,
        "odd": 0o644,
        "private": 0o644,
        "up/here/back": Path("../../lib"),
        "up/here/dangling": Path("../there"),
    }
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o755
    assert outside(tmp_path) == ["out"]


UNSAFE: list[tuple[str, Items]] = [
    ("absolute", [("/etc/passwd", b"x", FILE)]),
    ("parent", [("../evil", b"x", FILE)]),
    ("parent inside", [("a/../../evil", b"x", FILE)]),
    ("parent last", [("a/..", b"x", FILE)]),
    ("backslash", [("a\\..\\..\\evil", b"x", FILE)]),
    ("drive", [("C:/evil", b"x", FILE)]),
    ("drive inside", [("a/c:evil", b"x", FILE)]),
    ("newline", [("a\nb", b"x", FILE)]),
    ("escape", [("a\x1b[2Jb", b"x", FILE)]),
    ("nul", [("app.py\0.txt", b"x", FILE)]),
    ("delete", [("a\x7f", b"x", FILE)]),
    ("c1", [("a\x9b", b"x", FILE)]),
    ("empty", [("", b"x", FILE)]),
    ("empty part", [("a//b", b"x", FILE)]),
    ("dot", [("./a", b"x", FILE)]),
    ("slash alone", [("/", b"", DIRECTORY)]),
    ("twice", [("a", b"x", FILE), ("a", b"y", FILE)]),
    ("file and directory", [("a", b"x", FILE), ("a/", b"", DIRECTORY)]),
    ("directory and file", [("a/b", b"x", FILE), ("a", b"y", FILE)]),
    ("file in a file", [("a", b"x", FILE), ("a/b/c", b"y", FILE)]),
    ("directory with content", [("a/", b"x", DIRECTORY)]),
    ("link out", [("a", b"../evil", LINK)]),
    ("link out later", [("a/b/c", b"../../../evil", LINK)]),
    ("link absolute", [("a", b"/etc", LINK)]),
    ("link empty", [("a", b"", LINK)]),
    ("link backslash", [("a", b"..\\evil", LINK)]),
    ("link drive", [("a", b"C:evil", LINK)]),
    ("link control", [("a", b"b\nc", LINK)]),
    ("link nul", [("a", b"b\0c", LINK)]),
    ("link not utf-8", [("a", b"\xff\xfe", LINK)]),
    ("link too long", [("a", b"b" * 5000, LINK)]),
    ("file through a link", [("d", b"sub", LINK), ("d/evil", b"x", FILE)]),
    ("file through a link, other order", [("d/evil", b"x", FILE), ("d", b"sub", LINK)]),
    ("link through a link", [("a/b/s", b"../..", LINK), ("m", b"a/b/s/../evil", LINK)]),
    ("link through a link of other case", [("a/b/S", b"../..", LINK), ("m", b"a/b/s/../evil", LINK)]),
    ("links of one name in two cases", [("d/A", b"..", LINK), ("d/a", b"x", LINK), ("m", b"d/a/../../evil", LINK)]),
    ("directories of one name in two cases", [("A/x", b"", FILE), ("a/y", b"", FILE), ("m", b"a/x", LINK)]),
    ("link in a circle", [("a", b"b", LINK), ("b", b"a", LINK)]),
    ("link in a circle further on", [("a", b"a/x", LINK)]),
    ("device", [("null", b"", stat.S_IFCHR | 0o666)]),
    ("block device", [("sda", b"", stat.S_IFBLK | 0o666)]),
    ("fifo", [("pipe", b"", stat.S_IFIFO | 0o666)]),
    ("socket", [("socket", b"", stat.S_IFSOCK | 0o666)]),
    ("directory without slash", [("a", b"", DIRECTORY)]),
    ("link with slash", [("a/", b"b", LINK)]),
    ("too deep", [("/".join(["d"] * 300), b"x", FILE)]),
]


@pytest.mark.parametrize("items", [items for _, items in UNSAFE], ids=[name for name, _ in UNSAFE])
def test_what_is_not_safe_leaves_nothing(tmp_path: Path, items: Items) -> None:
    good = ("good.py", b"x = 1\n", FILE)
    with pytest.raises(CheckError) as caught:
        unpack(zipped(good, *items, ("also.py", b"", FILE)), tmp_path / "out")
    assert caught.value.exit_code == 5
    assert caught.value.message.isprintable()
    assert outside(tmp_path) == []


def test_files_whose_names_differ_in_case_alone_are_none_of_a_links_business(tmp_path: Path) -> None:
    unpack(zipped(("README", b"1", FILE), ("readme", b"2", FILE), ("l", b"README", LINK)), tmp_path / "out")

    assert (tmp_path / "out" / "l").read_bytes() == b"1"
    assert (tmp_path / "out" / "readme").read_bytes() == b"2"


def test_the_control_takes_most_of_them(tmp_path: Path) -> None:
    taken = 0
    for place, (_, items) in enumerate(UNSAFE):
        with zipfile.ZipFile(io.BytesIO(zipped(*items))) as archive:
            try:
                archive.extractall(tmp_path / str(place))
                taken += 1
            except (OSError, ValueError, IndexError, zipfile.BadZipFile):
                pass
    assert taken > len(UNSAFE) // 2


def test_a_naive_writer_writes_through_a_link_where_ours_does_not(tmp_path: Path) -> None:
    content = zipped(("d", b"../outside", LINK), ("d/evil", b"x", FILE))
    (tmp_path / "outside").mkdir()
    (tmp_path / "naive").mkdir()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            path = tmp_path / "naive" / info.filename
            if stat.S_ISLNK(info.external_attr >> 16):
                path.symlink_to(archive.read(info).decode())
            else:
                path.write_bytes(archive.read(info))
    assert (tmp_path / "outside" / "evil").exists()
    (tmp_path / "outside" / "evil").unlink()
    with pytest.raises(CheckError):
        unpack(content, tmp_path / "out")
    assert list((tmp_path / "outside").iterdir()) == []


def resized(content: bytes, *, size: int, crc: int | None = None) -> bytes:
    """Return a zip of one member that declares another size, in both headers, and another CRC-32."""
    changed = bytearray(content)
    for signature, place in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        at = changed.find(signature) + place
        if crc is not None:
            struct.pack_into("<I", changed, at, crc)
        struct.pack_into("<I", changed, at + 8, size)
    return bytes(changed)


class TestLies:
    def test_a_member_that_holds_more_than_it_declares(self, tmp_path: Path) -> None:
        content = resized(zipped(("a", bytes(100_000), FILE)), size=10, crc=zlib.crc32(bytes(10)))
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.read("a") == bytes(10)  # the control sees nothing wrong
        with pytest.raises(CheckError, match="more than the 10 bytes"):
            unpack(content, tmp_path / "out")
        assert outside(tmp_path) == []

    def test_a_member_that_holds_less_than_it_declares(self, tmp_path: Path) -> None:
        with pytest.raises(CheckError, match="fewer than the 1,000 bytes"):
            unpack(resized(zipped(("a", bytes(100), FILE)), size=1000), tmp_path / "out")

    @pytest.mark.parametrize(
        ("size", "message"),
        [
            (UNZIPPED_LIMIT - 1, "holds fewer than the 262,143,999 bytes"),
            (UNZIPPED_LIMIT, "262,144,000 bytes unzipped; Lambda takes less"),
            (UNZIPPED_LIMIT + 1, "262,144,001 bytes unzipped; Lambda takes less"),
        ],
    )
    def test_a_bomb_that_declares_itself(self, tmp_path: Path, size: int, message: str) -> None:
        content = resized(zipped(("a", b"x", FILE)), size=size)
        with pytest.raises(CheckError, match=message):
            unpack(content, tmp_path / "out")

    @pytest.mark.parametrize(
        ("break_it", "message"),
        [
            (lambda zip_: zip_.replace(b"payload", b"pay1oad"), "CRC-32 differs"),
            (lambda zip_: zip_.replace(b"app.py", b"ipp.py", 1), "header of its own"),
            (lambda zip_: zip_.replace(b"PK\x03\x04", b"PK\x03\x05", 1), "header of its own"),
            (lambda zip_: zip_[:-30], "not a zip"),
            (lambda _: b"<html>", "not a zip"),
            (lambda _: b"", "not a zip"),
        ],
    )
    def test_what_is_damaged(self, tmp_path: Path, break_it: Callable[[bytes], bytes], message: str) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("app.py", b"payload")
        with pytest.raises(CheckError, match=message):
            unpack(break_it(buffer.getvalue()), tmp_path / "out")
        assert outside(tmp_path) == []

    def test_other_methods_and_encryption(self, tmp_path: Path) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_BZIP2) as archive:
            archive.writestr("app.py", b"payload")
        with pytest.raises(CheckError, match="compressed in a way"):
            unpack(buffer.getvalue(), tmp_path / "out")
        encrypted = bytearray(zipped(("a", b"x", FILE)))
        for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            encrypted[encrypted.find(signature) + place] |= 1
        with pytest.raises(CheckError, match="encrypted"):
            unpack(bytes(encrypted), tmp_path / "out")

    def test_a_flipped_bit_in_any_byte_is_found_or_makes_no_difference(self, tmp_path: Path) -> None:
        content = zipped(
            ("app.py", b"def handler(event, context):\n    return 1\n" * 3, FILE), ("b", b"\x00\xff", FILE)
        )
        unpack(content, tmp_path / "good")
        good = {path.name: path.read_bytes() for path in (tmp_path / "good").iterdir()}
        for position in range(len(content)):
            flipped = bytearray(content)
            flipped[position] ^= 1 << position % 8
            directory = tmp_path / f"out{position}"
            try:
                unpack(bytes(flipped), directory)
            except LambdapackError:
                assert not directory.exists()
            else:
                # The names and modes of the directory are protected by nothing but CodeSha256; the contents are here.
                assert sorted(path.read_bytes() for path in directory.rglob("*")) == sorted(good.values())


class TestPlace:
    CONTENT = zipped(("a", b"x", FILE))

    def test_an_empty_directory_is_taken(self, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        unpack(self.CONTENT, tmp_path / "out")
        assert (tmp_path / "out" / "a").read_bytes() == b"x"

    def test_a_directory_with_content_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "mine").touch()
        with pytest.raises(LocalError, match="not empty"):
            unpack(self.CONTENT, tmp_path / "out")
        assert outside(tmp_path) == ["out"]

    def test_so_is_one_that_gets_content_meanwhile(self, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        with Unpacked(tmp_path / "out") as unpacked:
            unpacked.fill(ForeignZip(io.BytesIO(self.CONTENT), about="it"))
            (tmp_path / "out" / "mine").touch()
            with pytest.raises(LocalError):
                unpacked.commit()
        assert tree(tmp_path) == {"out/mine": (tmp_path / "out" / "mine").stat().st_mode & 0o777}

    @pytest.mark.parametrize("place", ["file", "missing/out", "."])
    def test_what_is_no_place_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
        (tmp_path / "here").mkdir()
        monkeypatch.chdir(tmp_path / "here")
        if place == "file":
            Path("file").touch()
        with pytest.raises(LocalError):
            unpack(self.CONTENT, Path(place))

    def test_what_a_killed_run_left_is_removed_and_what_another_run_makes_is_not(self, tmp_path: Path) -> None:
        stale = tmp_path / ".out.0123456789ab.lambdapack-tmp"
        stale.mkdir()
        (stale / "a").touch()
        with Unpacked(tmp_path / "out") as other:
            assert not stale.exists()
            other.fill(ForeignZip(io.BytesIO(self.CONTENT), about="it"))
            unpack(self.CONTENT, tmp_path / "out")
            assert len(outside(tmp_path)) == 2
        assert outside(tmp_path) == ["out"]

    def test_an_interruption_leaves_nothing(self, tmp_path: Path) -> None:
        def interrupted() -> None:
            with Unpacked(tmp_path / "out") as unpacked:
                unpacked.fill(ForeignZip(io.BytesIO(self.CONTENT), about="it"))
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupted()
        assert outside(tmp_path) == []

    @pytest.mark.parametrize("mask", [0o000, 0o077])
    def test_the_umask_changes_no_mode(self, tmp_path: Path, mask: int) -> None:
        before = os.umask(mask)
        try:
            unpack(zipped(("bin/run", b"", stat.S_IFREG | 0o711), ("a", b"", FILE)), tmp_path / "out")
        finally:
            os.umask(before)
        assert tree(tmp_path / "out") == {"a": 0o644, "bin/run": 0o755}
        assert (tmp_path / "out" / "bin").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("kind", [FILE, LINK])
@pytest.mark.parametrize("below_first", [False, True])
def test_what_lies_in_something_that_is_no_directory_has_no_place(*, kind: int, below_first: bool) -> None:
    items = [("d", b"sub", kind), ("d/evil", b"x", FILE)]
    archive = ForeignZip(io.BytesIO(zipped(*(items[::-1] if below_first else items))), about="it")
    with pytest.raises(CheckError, match=r"lies in d, which is no directory|is there twice"):
        layout(archive.members, {"d": "sub"})


class StoppedClock:
    time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def test_syncing_takes_a_name_when_it_is_done_with_one_and_none_after_the_deadline(tmp_path: Path) -> None:
    taken: list[int] = []

    def names() -> Iterator[str]:
        for number in range(100_000):
            taken.append(number)
            if number == 100:
                clock.time = 100.0
            yield ""

    clock = StoppedClock()
    deadline = Deadline.after(10, clock=clock)
    with Unpacked(tmp_path / "out") as unpacked, pytest.raises(AwsError, match="gave up after 10 s"):
        unpacked._sync(names(), deadline=deadline)  # noqa: SLF001

    assert len(taken) < 120
