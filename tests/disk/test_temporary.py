"""What is temporary: nobody sweeps what another run fills, whenever that is, and what a killed run left goes."""

import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from lambdapack.deploying.download.foreign_zip import ForeignZip
from lambdapack.deploying.download.unpacking import Unpacked
from lambdapack.disk import temporary
from lambdapack.disk.replacement import Replacement
from lambdapack.disk.temporary import SUFFIX, create_directory, create_file, sweep, temporary_beside
from lambdapack.errors import LocalError
from lambdapack.packing.wheelhouse.cache import open_cache

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there what is open cannot be removed")

KEY = "ab" * 32


def listing(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def write_into_cache(directory: Path) -> None:
    told: list[str] = []
    cache = open_cache(directory / "cache", tell=told.append)
    assert cache is not None
    cache.put("contents", KEY, b"document")
    assert told == []
    assert cache.get("contents", KEY) == b"document"
    assert listing(directory / "cache/contents") == [KEY]


def write_output(directory: Path) -> None:
    with Replacement(directory / "out.zip") as replacement:
        replacement.write(b"content")
        replacement.prepare()
        replacement.commit()
    assert listing(directory) == ["out.zip"]


def unpack(directory: Path) -> None:
    archive = directory.with_name("in.zip")
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("app.py", b"content")
    with archive.open("rb") as file, Unpacked(directory / "out") as unpacked:
        unpacked.fill(ForeignZip(file, about="in.zip"))
        unpacked.commit()
    assert listing(directory) == ["out"]
    assert listing(directory / "out") == ["app.py"]


WRITERS = (write_into_cache, write_output, unpack)
"""All that make something beside its place: entries of the cache, outputs, and directories."""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


def sweeping_before_rename(place: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Have another run sweep everything, in every directory below ``place``, just before each rename."""
    original, swept = Path.replace, list[Path]()

    def replace(self: Path, target: Path) -> Path:
        for folder in (place, *place.rglob("*/")):
            sweep(folder, stem=".")
        swept.append(self)
        return original(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    return swept


@pytest.mark.parametrize("write", WRITERS)
def test_nobody_sweeps_it_before_it_has_its_name(
    write: Callable[[Path], None], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept = sweeping_before_rename(place, monkeypatch)

    write(place)

    assert len(swept) == 1


@pytest.mark.parametrize("write", WRITERS)
def test_without_the_lock_it_would_be_swept(
    write: Callable[[Path], None], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a lock that is given to everybody."""
    monkeypatch.setattr(temporary, "lock", lambda *_, **__: True)
    sweeping_before_rename(place, monkeypatch)

    with pytest.raises((AssertionError, LocalError)):
        write(place)


@pytest.mark.parametrize("write", WRITERS)
def test_what_is_swept_before_it_is_locked_is_made_anew(
    write: Callable[[Path], None], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweeping = sweeping_before(temporary, "lock", place, monkeypatch)

    write(place)

    assert len(sweeping) == 1


def test_a_directory_that_is_swept_before_it_is_opened_is_made_anew(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweeping = sweeping_before(os, "open", place, monkeypatch)

    unpack(place)

    assert len(sweeping) == 1


def sweeping_before(owner: ModuleType, name: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Have what is temporary removed once, as soon as it is there and ``name`` is called."""
    original, swept = getattr(owner, name), list[Path]()

    def interleaved(*given: object, **named: object) -> object:
        if not swept:
            swept.extend(place.rglob(f".*{SUFFIX}"))
            for path in swept:
                path.rmdir() if path.is_dir() else path.unlink()
        return original(*given, **named)

    monkeypatch.setattr(owner, name, interleaved)
    return swept


def test_what_a_killed_run_left_goes_and_nothing_else(tmp_path: Path) -> None:
    for name in (f".out.dead{SUFFIX}", f".other.dead{SUFFIX}", f"out.dead{SUFFIX}", ".out.dead", "out"):
        (tmp_path / name).touch()
    (tmp_path / f".out.tree{SUFFIX}/below").mkdir(parents=True)
    (tmp_path / f".out.tree{SUFFIX}/below/file").touch()
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").touch()
    (tmp_path / f".out.link{SUFFIX}").symlink_to("kept")
    os.mkfifo(tmp_path / f".out.fifo{SUFFIX}")
    alive = temporary_beside(tmp_path / "out", stem=".out.")
    nest = temporary_beside(tmp_path / "out", stem=".out.")
    descriptor = create_directory(nest)
    assert descriptor is not None
    with create_file(alive):
        sweep(tmp_path, stem=".out.")

        left = [f".other.dead{SUFFIX}", f"out.dead{SUFFIX}", ".out.dead", "out", "kept", f".out.link{SUFFIX}"]
        assert listing(tmp_path) == sorted([*left, alive.name, nest.name])
    os.close(descriptor)
    sweep(tmp_path, stem=".out.")

    assert listing(tmp_path / "kept") == ["file"]
    assert not alive.exists()
    assert not nest.exists()


def test_what_begins_with_a_pattern_is_no_pattern(tmp_path: Path) -> None:
    (tmp_path / f".out.x{SUFFIX}").touch()

    sweep(tmp_path, stem=".[a-z]ut.")

    assert listing(tmp_path) == [f".out.x{SUFFIX}"]
