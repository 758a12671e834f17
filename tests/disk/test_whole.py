"""Whole files as bytes, in memory or open."""

import errno
import hashlib
import os
import random
import time
from pathlib import Path

import pytest

from lambdapack.disk import whole
from lambdapack.disk.reading import read_whole
from lambdapack.disk.whole import Content, OpenFile, read_or_open
from lambdapack.errors import LocalError
from lambdapack.packing.wheels.contents import WheelBytes


def opened(path: Path, *, limit: int = 1 << 30) -> tuple[Content, str] | None:
    """Return the file and the SHA-256 of what was read of it."""
    digest = hashlib.sha256()
    found = read_or_open(str(path), limit=limit, take=digest.update)
    return None if found is None else (found, digest.hexdigest())


def left_alone(path: Path, content: bytes) -> None:
    """Write a file and wait until its times tell the next change: nothing can set ``ctime`` back."""
    path.write_bytes(content)
    time.sleep(0.06)


def open_file(path: Path) -> OpenFile:
    found = opened(path)
    assert found is not None
    assert isinstance(found[0], OpenFile)
    return found[0]


@pytest.mark.parametrize("size", [0, 1, 262_144, 1_048_575, 1_048_576, 1_048_577, 5_000_000])
def test_a_small_file_is_read_and_a_large_one_stays_open(size: int, tmp_path: Path) -> None:
    content = os.urandom(size)
    left_alone(tmp_path / "file", content)

    assert read_whole(tmp_path / "file") == content
    found = opened(tmp_path / "file")
    assert found is not None
    assert WheelBytes(found[0]).whole() == content
    assert found[1] == hashlib.sha256(content).hexdigest()
    assert isinstance(found[0], OpenFile) == (size >= 1_048_576)


def test_a_large_file_that_was_written_just_now_is_held_in_memory(tmp_path: Path) -> None:
    """Its times could be those of the next change as well: Linux counts them in 4 ms."""
    content = os.urandom(2_000_000)
    (tmp_path / "file").write_bytes(content)
    times = (time.time_ns() + 3_600_000_000_000,) * 2
    (tmp_path / "tomorrow").write_bytes(content)
    os.utime(tmp_path / "tomorrow", ns=times)

    assert opened(tmp_path / "file") == (content, hashlib.sha256(content).hexdigest())
    assert opened(tmp_path / "tomorrow") == (content, hashlib.sha256(content).hexdigest())


def test_parts_are_what_lies_there_in_any_order(tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    left_alone(tmp_path / "file", content)
    found = WheelBytes(open_file(tmp_path / "file"))
    choose = random.Random(1)  # noqa: S311 - repeatable, not secret
    places = [(0, 0), (0, 3_000_000), (2_999_999, 1), (3_000_000, 0), (262_143, 2), (10, 262_144), (9, 262_145)]
    places += [(choose.randrange(2_000_000), choose.randrange(1_000_000)) for _ in range(30)]
    places += [(choose.randrange(2_000_000), choose.randrange(1_000)) for _ in range(200)]

    for offset, size in places:
        assert found.part(offset, size) == content[offset : offset + size]
        pieces = list(found.pieces(offset, size))
        assert b"".join(pieces) == content[offset : offset + size]
        assert max(map(len, pieces), default=0) <= 262_144


def test_what_is_larger_than_the_limit_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(3_000_000))

    assert read_whole(tmp_path / "file", limit=2_999_999) is None
    assert opened(tmp_path / "file", limit=2_999_999) is None
    assert read_whole(tmp_path / "file", limit=3_000_000) == bytes(3_000_000)
    assert opened(tmp_path / "file", limit=3_000_000) is not None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
def test_a_fifo_is_no_file_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")

    assert read_whole(tmp_path / "fifo") is None
    assert opened(tmp_path / "fifo") is None


def test_a_directory_and_nothing_are_errors_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Is a directory"):
        read_whole(tmp_path)
    with pytest.raises(FileNotFoundError):
        opened(tmp_path / "nothing")


@pytest.mark.parametrize("size", [2_000_000, 4_000_000])
def test_a_file_whose_size_changes_while_it_is_read_is_none(size: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    left_alone(path, bytes(3_000_000))

    def take(_: bytes | memoryview) -> None:
        os.truncate(path, size)

    assert read_or_open(str(path), limit=1 << 30, take=take) is None


def change_in_place(path: Path, how: str) -> None:
    before = path.stat()
    if how == "truncated":
        os.truncate(path, 1_000)
    else:
        with path.open("r+b") as file:
            file.seek(0, os.SEEK_END if how == "longer" else os.SEEK_SET)
            file.write(b"other")
    if how == "times put back":
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    if how == "changed and removed":
        path.unlink()


@pytest.mark.parametrize("how", ["truncated", "longer", "other bytes", "times put back", "changed and removed"])
def test_a_file_that_is_changed_in_place_is_no_longer_what_was_read(how: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    left_alone(path, bytes(3_000_000))
    found = open_file(path)
    found.check_unchanged()

    change_in_place(path, how)

    with pytest.raises(LocalError, match=f"something changed {path} while it was packed"):
        found.check_unchanged()


def test_what_a_file_has_lost_is_an_error_and_no_signal(tmp_path: Path) -> None:
    path = tmp_path / "file"
    content = os.urandom(3_000_000)
    left_alone(path, content)
    found = open_file(path)

    os.truncate(path, 2_000_000)

    assert found.read(1_000_000, 1_000_000) == content[1_000_000:2_000_000]
    with pytest.raises(LocalError, match=f"something changed {path} while it was packed"):
        found.read(1_900_000, 1_000_000)
    with pytest.raises(LocalError, match="something changed"):
        list(found.pieces(1_900_000, 1_000_000))


def test_a_disk_that_fails_is_an_error_that_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left_alone(tmp_path / "file", bytes(3_000_000))
    found = open_file(tmp_path / "file")

    def fail(*_: object) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(whole, "read_at", fail)
    with pytest.raises(LocalError, match=f"cannot read {tmp_path / 'file'}: Input/output error"):
        found.read(0, 1)


@pytest.mark.parametrize("replaced", [True, False])
def test_another_file_in_its_place_or_none_changes_nothing(replaced: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a case
    path = tmp_path / "file"
    content = os.urandom(3_000_000)
    left_alone(path, content)
    found = open_file(path)

    if replaced:
        (tmp_path / "new").write_bytes(bytes(3_000_000))
        (tmp_path / "new").replace(path)
    else:
        path.unlink()

    found.check_unchanged()
    assert found.read(0, 3_000_000) == content
