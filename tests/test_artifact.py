"""A package on disk, and the hash of exactly its bytes."""

import os
import random
import stat
import zipfile
from pathlib import Path

import pytest

from lambdapack.artifact import list_entries, open_artifact
from lambdapack.errors import CheckError, LocalError, UsageError


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("d/", b"")
        archive.writestr("a.py", b"abc")
        archive.writestr("d/b.py", b"defg")
    return path


def test_the_hash_is_lambdas_spelling_of_sha256(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")

    found = open_artifact(tmp_path / "a", runtime="python3.13", architecture="arm64")

    assert found.code_sha256 == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
    assert found.sha256_hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert (found.size, found.runtime, found.architecture) == (3, "python3.13", "arm64")


@pytest.mark.parametrize("kind", ["missing", "directory", "fifo", "below a file"])
def test_what_is_no_file_is_a_usage_error_and_never_waited_for(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "below a file":
        path.touch()
        path /= "b"

    with pytest.raises(UsageError, match=str(path)):
        open_artifact(path)


def test_what_cannot_be_read_is_a_local_error(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    artifact = open_artifact(package)

    def failing(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", failing)
    with pytest.raises(LocalError, match=r"cannot read .*: Permission denied"):
        open_artifact(package)
    package.unlink()
    with pytest.raises(LocalError, match="cannot read"):
        artifact.read()


def test_the_bytes_are_those_that_were_hashed(package: Path) -> None:
    artifact = open_artifact(package)
    assert artifact.read() == package.read_bytes()

    package.write_bytes(package.read_bytes()[:-1] + b"x")
    with pytest.raises(LocalError, match="changed while"):
        artifact.read()


def test_contents_are_names_and_unzipped_sizes_without_directories(package: Path) -> None:
    assert list_entries(open_artifact(package)) == [("a.py", 3), ("d/b.py", 4)]


def test_an_archive_that_holds_nothing_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w"):
        pass

    with pytest.raises(CheckError, match="holds no file"):
        list_entries(open_artifact(tmp_path / "a.zip"))


def test_whatever_the_bytes_are_the_answer_is_a_listing_or_a_refusal(package: Path, tmp_path: Path) -> None:
    choose = random.Random(1)  # noqa: S311 - repeatable, not secret
    original = package.read_bytes()
    refused = 0
    for _ in range(2_000):
        mutant = bytearray(original)
        for _ in range(choose.randint(1, 4)):
            mutant[choose.randrange(len(mutant))] = choose.randrange(256)
        (tmp_path / "m").write_bytes(mutant[: choose.choice([len(mutant), choose.randrange(len(mutant))])])
        try:
            list_entries(open_artifact(tmp_path / "m"))
        except CheckError:
            refused += 1

    assert refused > 500
    assert stat.S_ISREG(package.stat().st_mode)
