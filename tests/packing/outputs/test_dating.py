"""What is changed as soon as a build is over is newer than the package, whatever the kernel's clock ticks in."""

import os
import sys
from pathlib import Path

import pytest

from lambdapack.packing.outputs.dating import Dating
from lambdapack.packing.source.walk import Tree


def changes_that_look_old(directory: Path) -> int:
    """Date fifty packages, change a file at once after each, and count the changes that make would not see."""
    package, file = directory / "x.zip", directory / "app.py"
    file.touch()
    unseen = 0
    for _ in range(50):
        package.write_bytes(b"PK")
        dating = Dating(Tree(entries=(), folders=(), omissions=()), [str(package)])
        dating.date(package, is_new=True)
        os.utime(file)
        unseen += file.stat().st_mtime_ns <= package.stat().st_mtime_ns
    return unseen


def test_a_file_that_changes_as_soon_as_the_package_is_dated_is_newer(tmp_path: Path) -> None:
    assert changes_that_look_old(tmp_path) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the clock of files does not tick visibly")
def test_without_the_wait_changes_would_go_unseen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr("lambdapack.packing.outputs.dating._outlast", lambda _: None)
    assert changes_that_look_old(tmp_path) > 0
