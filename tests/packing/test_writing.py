"""Writing a package: blocks of a good size, and errors of the disk wherever they come."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lambdapack.errors import LocalError
from lambdapack.packing.builder import build
from lambdapack.packing.request import BuildRequest
from lambdapack.packing.writing import blocks
from lambdapack.replacement import Replacement

MakeTree = Callable[..., Path]


def test_small_chunks_are_gathered_and_large_ones_are_not_copied() -> None:
    large = bytes(70_000)
    small = [b"a" * 40_000] * 30

    found = list(blocks([b"x", large, b"y", *small, b"z"]))

    assert [len(block) for block in found] == [1, 70_000, 1_080_001, 120_001]
    assert found[1] is large
    assert b"".join(found) == b"x" + large + b"y" + b"".join(small) + b"z"


def test_nothing_makes_no_block() -> None:
    assert list(blocks([])) == []


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_write_that_fails_leaves_the_old_package(
    number: int, code: int, tree: MakeTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tree({f"{part}.bin": os.urandom(1_500_000) for part in "abcd"})
    (tmp_path / "out.zip").write_bytes(b"old")
    written: list[int] = []
    original = Replacement.write

    def failing(self: Replacement, content: bytes) -> None:
        written.append(len(content))
        if len(written) == number:
            raise LocalError(f"cannot write {self.path}: {os.strerror(code)}", hint="free some")
        original(self, content)

    monkeypatch.setattr(Replacement, "write", failing)

    with pytest.raises(LocalError, match=os.strerror(code)):
        build(BuildRequest(source=str(source), output=tmp_path / "out.zip"))

    assert len(written) == number
    assert (tmp_path / "out.zip").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.zip", "src"]
