"""Whole files as bytes, read or mapped."""

import hashlib
import os
from pathlib import Path

import pytest

from lambdapack.packing.files import Content, Mapped, map_whole
from lambdapack.reading import read_whole


def mapped(path: Path, *, limit: int = 1 << 30) -> tuple[Mapped, str] | None:
    digest = hashlib.sha256()
    found = map_whole(str(path), limit=limit, take=digest.update)
    return None if found is None else (found, digest.hexdigest())


@pytest.mark.parametrize("size", [0, 1, 262_144, 1_048_575, 1_048_576, 1_048_577, 5_000_000])
def test_a_file_is_read_and_mapped_whole(size: int, tmp_path: Path) -> None:
    content = os.urandom(size)
    (tmp_path / "file").write_bytes(content)

    assert read_whole(tmp_path / "file") == content
    found = mapped(tmp_path / "file")
    assert found is not None
    assert found[0].content == content
    assert found[1] == hashlib.sha256(content).hexdigest()
    assert (found[0].stamp is None) == (size < 1_048_576)


def test_what_is_larger_than_the_limit_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(3_000_000))

    assert read_whole(tmp_path / "file", limit=2_999_999) is None
    assert mapped(tmp_path / "file", limit=2_999_999) is None
    assert read_whole(tmp_path / "file", limit=3_000_000) == bytes(3_000_000)
    assert mapped(tmp_path / "file", limit=3_000_000) is not None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
def test_a_fifo_is_no_file_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")

    assert read_whole(tmp_path / "fifo") is None
    assert mapped(tmp_path / "fifo") is None


def test_a_directory_and_nothing_are_errors_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Is a directory"):
        read_whole(tmp_path)
    with pytest.raises(FileNotFoundError):
        mapped(tmp_path / "nothing")


@pytest.mark.parametrize("size", [2_000_000, 4_000_000])
def test_a_file_whose_size_changes_while_it_is_read_is_none(size: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(3_000_000))

    def take(_: Content) -> None:
        os.truncate(path, size)

    assert map_whole(str(path), limit=1 << 30, take=take) is None


def test_a_file_that_is_changed_in_place_is_no_longer_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(3_000_000))
    os.utime(path, (1, 1))
    found = mapped(path)
    assert found is not None
    assert found[0].is_unchanged()

    with path.open("r+b") as file:
        file.write(b"other")

    assert not found[0].is_unchanged()


@pytest.mark.parametrize("replaced", [True, False])
def test_another_file_in_its_place_or_none_changes_nothing(replaced: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a case
    path = tmp_path / "file"
    content = os.urandom(3_000_000)
    path.write_bytes(content)
    found = mapped(path)
    assert found is not None

    if replaced:
        (tmp_path / "new").write_bytes(bytes(3_000_000))
        (tmp_path / "new").replace(path)
    else:
        path.unlink()

    assert found[0].is_unchanged()
    assert found[0].content == content
