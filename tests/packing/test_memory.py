"""Whole files in memory."""

import mmap
import os
from pathlib import Path

import pytest

from lambdapack.packing import memory
from lambdapack.packing.memory import read_whole, spacious


@pytest.mark.parametrize("size", [0, 1, 4096, 2_097_151, 2_097_152, 2_097_153, 5_000_000])
def test_a_file_is_read_whole(size: int, tmp_path: Path) -> None:
    content = os.urandom(size)
    (tmp_path / "file").write_bytes(content)

    assert read_whole(tmp_path / "file") == content


@pytest.mark.parametrize(("limit", "found"), [(2_999_999, None), (3_000_000, bytes(3_000_000))])
def test_what_is_larger_than_the_limit_is_not_read(limit: int, found: bytes | None, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(3_000_000))

    assert read_whole(tmp_path / "file", limit=limit) == found


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
def test_a_fifo_is_no_file_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")

    assert read_whole(tmp_path / "fifo") is None


def test_a_directory_and_nothing_are_errors_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Is a directory"):
        read_whole(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_whole(tmp_path / "nothing")


@pytest.mark.parametrize(("said", "really"), [(5_000_000, 4_000_000), (4_000_000, 5_000_000), (4_000_000, 4_000_001)])
def test_a_file_that_shrinks_or_grows_meanwhile_is_read_as_it_is(said: int, really: int, tmp_path: Path) -> None:
    content = os.urandom(really)
    (tmp_path / "file").write_bytes(content)

    with (tmp_path / "file").open("rb", buffering=0) as file:
        assert memory.read_large(file, said) == content


@pytest.mark.parametrize("advice", [None, 12_345])
def test_room_is_there_without_huge_pages_too(advice: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """No such advice, or a kernel that does not take it."""
    monkeypatch.setattr(memory, "ADVICE", advice)

    room = spacious(3_000_000)

    assert len(room) == 3_000_000
    room[:3] = b"abc"
    assert room[:4].tobytes() == b"abc\0"


def test_what_was_read_cannot_be_changed(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(3_000_000))

    content = read_whole(tmp_path / "file")

    assert isinstance(content, memoryview)
    assert content.readonly
    assert isinstance(content.obj, mmap.mmap) == hasattr(mmap, "MADV_HUGEPAGE")
