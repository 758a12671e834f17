"""On all cores, in order, in bounded memory, and no further than the first error."""

import threading
import time
from collections.abc import Callable, Iterable

import pytest

from lambdapack.errors import LocalError, SourceError
from lambdapack.packing import compress as compress_module
from lambdapack.packing.archive import deflate
from lambdapack.packing.compress import Recipe, compress, member
from lambdapack.packing.entries import Entry, Member
from lambdapack.packing.patterns.rules import Rules

MakeEntry = Callable[..., Entry]


def mode_of(member: Member) -> int:
    (record,) = member.records()
    return record.mode


@pytest.fixture
def recipe(rules: Callable[[Iterable[str]], Rules]) -> Recipe:
    return Recipe(profile=deflate.PROFILES["default"], executable=rules(["bin/", "*.sh"]))


class Reader:
    """Contents that exist in memory only, and what is known of those who read them."""

    def __init__(self, *, slow: str = "", broken: str = "") -> None:
        self.slow = slow
        self.broken = broken
        self.asked: list[str] = []
        self.bytes_read = 0
        self.lock = threading.Lock()

    def __call__(self, entry: Entry) -> bytes:
        with self.lock:
            self.asked.append(entry.name)
            self.bytes_read += entry.size
        if entry.name == self.broken:
            raise SourceError(f"cannot read {entry.origin}", hint="no")
        if entry.name == self.slow:
            time.sleep(0.1)
        return bytes(entry.size)


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Callable[[Reader], Reader]:
    def use(reader: Reader) -> Reader:
        # A default argument is bound when its function is defined.
        monkeypatch.setattr(compress_module.segments, "__defaults__", (reader,))
        return reader

    return use


@pytest.mark.parametrize("jobs", [1, 2, 7])
def test_members_come_in_the_order_of_the_entries(
    jobs: int, entry: MakeEntry, recipe: Recipe, reading: Callable[[Reader], Reader]
) -> None:
    reading(Reader(slow="000"))
    entries = [entry(f"{number:03}", size=number * 100) for number in range(1_000)]

    found = list(compress(entries, recipe=recipe, jobs=jobs))

    assert [name for one in found for name in one.names] == [f"{number:03}" for number in range(1_000)]


@pytest.mark.parametrize("jobs", [1, 3])
def test_what_is_read_ahead_is_bounded(
    jobs: int, entry: MakeEntry, recipe: Recipe, reading: Callable[[Reader], Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compress_module, "BYTES_UNDER_WAY", 4 << 20)
    reader = reading(Reader())
    entries = [entry(f"{number:04}", size=100_000) for number in range(600)]
    written = 0
    for one in compress(entries, recipe=recipe, jobs=jobs):
        assert reader.bytes_read - written <= (4 << 20) + (256 << 10) + 100_000
        written += one.size

    assert written == 60_000_000


def test_a_file_larger_than_the_bound_goes_alone(
    entry: MakeEntry, recipe: Recipe, reading: Callable[[Reader], Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compress_module, "BYTES_UNDER_WAY", 1 << 20)
    reading(Reader())

    found = list(compress([entry("a"), entry("b", size=5 << 20), entry("c")], recipe=recipe, jobs=2))

    assert [one.size for one in found] == [1, 5 << 20, 1]


def test_an_error_in_the_middle_ends_it(
    entry: MakeEntry, recipe: Recipe, reading: Callable[[Reader], Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compress_module, "BYTES_UNDER_WAY", 4 << 20)
    reader = reading(Reader(broken="0100"))
    entries = [entry(f"{number:04}", size=100_000) for number in range(5_000)]
    given: list[str] = []

    with pytest.raises(SourceError, match="cannot read src/0100"):
        given.extend(one.names[0] for one in compress(entries, recipe=recipe, jobs=2))

    assert given == [f"{number:04}" for number in range(99)]  # the error's own batch is not given
    assert len(reader.asked) < 300


def test_closing_it_drops_what_is_not_begun(
    entry: MakeEntry, recipe: Recipe, reading: Callable[[Reader], Reader]
) -> None:
    reader = reading(Reader())
    found = compress([entry(f"{number:05}", size=100_000) for number in range(20_000)], recipe=recipe, jobs=1)
    next(found)
    found.close()

    assert len(reader.asked) < 1_000


def test_a_system_without_threads_to_give_is_a_local_error(
    entry: MakeEntry, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refusing)

    with pytest.raises(LocalError, match="cannot work in threads: can't start new thread"):
        list(compress([entry("a", size=300_000), entry("b", size=300_000)], recipe=recipe, jobs=2))


@pytest.mark.parametrize(
    ("name", "content", "mode"),
    [
        ("app.py", b"import os\n", 0o100644),
        ("run", b"#!/bin/sh\n", 0o100755),
        ("tool", b"\x7fELF\x02", 0o100755),
        ("a.sh", b"echo", 0o100755),
        ("bin/deep/x", b"x", 0o100755),
        ("bin", b"x", 0o100644),
        ("empty", b"", 0o100644),
        ("almost", b" #!/bin/sh\n", 0o100644),
    ],
)
def test_the_mode_follows_from_name_and_content(
    name: str, content: bytes, mode: int, entry: MakeEntry, recipe: Recipe
) -> None:
    assert mode_of(member(entry(name), content, recipe)) == mode


def test_a_symlink_is_stored_as_its_target(entry: MakeEntry, recipe: Recipe) -> None:
    found = member(entry("a", link_target="b" * 100), b"b" * 100, recipe)

    assert (mode_of(found), found.method, found.payload) == (0o120777, 0, b"b" * 100)
