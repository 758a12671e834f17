"""Writing a package: blocks of a good size, and errors of the disk wherever they come."""

import errno
import os
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest

from lambdapack.disk.replacement import Replacement
from lambdapack.errors import LocalError
from lambdapack.packing.build import build
from lambdapack.packing.request import BuildRequest
from lambdapack.packing.write import blocks

MakeTree = Callable[..., Path]


def test_bytes_come_in_blocks_and_large_chunks_are_not_copied() -> None:
    large = os.urandom(4_000_000)
    chunks = [b"x", os.urandom(70_000), large, *[b"a" * 40_000] * 30, b"z"]

    found = [(block.tobytes(), block.obj is large) for block in blocks(chunks, are_done=lambda _: None)]

    assert [len(block) for block, _ in found] == [524_288] * 10 + [27_122]
    assert b"".join(block for block, _ in found) == b"".join(chunks)
    # The first block ends within the large chunk, the eighth begins with what is left of it.
    assert [is_large for _, is_large in found] == [False, *[True] * 6, *[False] * 4]


def test_memory_is_used_again_once_nobody_needs_it() -> None:
    waited: list[int] = []
    places = {id(block.obj) for block in blocks([bytes(100_000)] * 60, are_done=waited.append)}

    assert len(places) == 8
    assert waited == [0] * 7 + [524_288, 1_048_576, 1_572_864, 2_097_152]


def test_no_block_is_overwritten_before_it_is_done() -> None:
    behind: deque[tuple[memoryview, bytes]] = deque()
    done = 0

    def work(end: int) -> None:
        """Do no more than is asked for."""
        nonlocal done
        while done < end:
            block, copy = behind.popleft()
            assert block == copy
            done += len(block)

    for block in blocks((os.urandom(500_000) for _ in range(100)), are_done=work):
        behind.append((block, block.tobytes()))

    assert done == 46_137_344
    assert all(block == copy for block, copy in behind)


def test_nothing_makes_no_block() -> None:
    assert list(blocks([], are_done=lambda _: pytest.fail("there is nothing to wait for"))) == []


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_write_that_fails_leaves_the_old_package(
    number: int, code: int, tree: MakeTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tree({f"{part}.bin": os.urandom(4_500_000) for part in "abcd"})
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
