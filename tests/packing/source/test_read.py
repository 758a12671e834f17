"""Reading: what lay there at one moment, or a refusal."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from lambdapack.errors import LocalError, SourceError
from lambdapack.packing.entries import Entry
from lambdapack.packing.patterns.rules import Rules
from lambdapack.packing.source.read import read
from lambdapack.packing.source.walk import walk

SIZE = 4_000_000

REWRITE_IN_PLACE = f"""
import os, sys, time
file = os.open(sys.argv[1], os.O_RDWR)
while True:
    for byte in (b"a", b"b"):
        for start in range(0, {SIZE}, 65_536):
            os.pwrite(file, byte * min(65_536, {SIZE} - start), start)
        time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def entries(tree: Callable[..., Path], rules: Callable[[Iterable[str]], Rules]) -> Callable[..., dict[str, Entry]]:
    def make(files: dict[str, bytes], age: float = 10) -> dict[str, Entry]:
        root = tree(files)
        for path in root.rglob("*"):
            os.utime(path, (time.time() - age, time.time() - age))
        return {entry.name: entry for entry in walk(str(root), rules=rules([])).entries}

    return make


@pytest.fixture
def rewritten(entries: Callable[..., dict[str, Entry]]) -> Iterator[Entry]:
    (found,) = entries({"file": b"a" * SIZE}).values()
    with subprocess.Popen([sys.executable, "-c", REWRITE_IN_PLACE, found.path, "0.08"]) as writer:
        time.sleep(0.1)
        yield found
        writer.kill()


@pytest.mark.parametrize("content", [b"", b"x", b"x" * 3_000_000])
def test_the_content_is_read_whole(content: bytes, entries: Callable[..., dict[str, Entry]]) -> None:
    assert read(entries({"file": content})["file"]) == content


def test_short_reads_are_continued(entries: Callable[..., dict[str, Entry]], monkeypatch: pytest.MonkeyPatch) -> None:
    found = entries({"file": bytes(range(256)) * 10})["file"]
    original = os.read
    monkeypatch.setattr(os, "read", lambda descriptor, count: original(descriptor, min(count, 100)))

    assert read(found) == bytes(range(256)) * 10


def test_a_kept_symlinks_content_is_its_target(entry: Callable[..., Entry]) -> None:
    assert read(entry("link", link_target="é/a.py")) == b"\xc3\xa9/a.py"


def test_a_file_that_rested_is_read_at_once(entries: Callable[..., dict[str, Entry]]) -> None:
    time.sleep(0.06)
    found = entries({f"f{number}": b"x" for number in range(50)})
    time.sleep(0.06)
    begun = time.perf_counter()
    for entry in found.values():
        read(entry)

    assert time.perf_counter() - begun < 0.5


def change_vanish(path: Path) -> None:
    path.unlink()


def change_replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"abc")
    other.rename(path)


def change_grow(path: Path) -> None:
    path.write_bytes(b"abcd")


def change_shrink(path: Path) -> None:
    path.write_bytes(b"")


def change_symlink(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


def change_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def change_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "change",
    [change_vanish, change_replace, change_grow, change_shrink, change_symlink, change_fifo, change_directory],
)
def test_a_file_that_is_no_longer_what_the_walk_saw_is_refused(
    change: Callable[[Path], None], entries: Callable[..., dict[str, Entry]]
) -> None:
    found = entries({"file": b"abc"})["file"]
    change(Path(found.path))

    with pytest.raises(SourceError) as caught:
        read(found)

    assert caught.value.message == f"{found.origin} was changed, replaced or removed while it was being packed"


@pytest.mark.parametrize(("number", "kind"), [(5, LocalError), (24, LocalError), (12, LocalError), (13, SourceError)])
def test_the_systems_refusals_are_told_apart(
    number: int,
    kind: type[Exception],
    entries: Callable[..., dict[str, Entry]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = entries({"file": b"abc"})["file"]

    def failing(*_: object) -> bytes:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "read", failing)

    with pytest.raises(kind, match=f"cannot read {found.origin}: {os.strerror(number)}"):
        read(found)


def test_a_file_that_changes_while_it_is_waited_for_is_refused(
    entries: Callable[..., dict[str, Entry]], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = entries({"file": b"abc"}, age=-10)["file"]
    os.utime(found.path)
    monkeypatch.setattr(time, "sleep", lambda _: os.utime(found.path))

    with pytest.raises(SourceError, match="was changed, replaced or removed while it was being packed"):
        read(found)


def test_a_file_with_the_same_size_and_other_times_is_refused(entries: Callable[..., dict[str, Entry]]) -> None:
    found = entries({"file": b"abc"})["file"]
    Path(found.path).write_bytes(b"xyz")

    with pytest.raises(SourceError, match="was changed, replaced or removed while it was being packed"):
        read(found)


def test_torn_reads_are_never_packed(rewritten: Entry) -> None:
    whole = {b"a" * SIZE, b"b" * SIZE}
    outcomes = []
    for _ in range(12):
        try:
            outcomes.append(read(rewritten) in whole)
        except SourceError:
            continue

    assert all(outcomes)


def test_a_naive_reader_does_tear(rewritten: Entry) -> None:
    whole = {b"a" * SIZE, b"b" * SIZE}
    deadline = time.monotonic() + 10
    while Path(rewritten.path).read_bytes() in whole:
        assert time.monotonic() < deadline, "the writer never met the reader: the test above proves nothing"
