"""Packages that imply far more than they hold: what becomes of them, how much work it is, and how much memory.

Work is counted in calls of functions, which a busy machine does not change. ``tests/fuzz/hostile.py`` has a clock.
"""

import io
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

from lambdapack.artifact import open_artifact
from lambdapack.deploying.aws.deadline import Deadline
from lambdapack.deploying.diff import contents
from lambdapack.deploying.download.foreign_zip import ForeignZip
from lambdapack.deploying.download.layout import layout
from lambdapack.deploying.download.unpacking import Unpacked, link_targets
from lambdapack.deploying.upload.signing import check_signed
from lambdapack.errors import AwsError, CheckError
from tests.deploying.download import hostile
from tests.deploying.download.hostile import LINK, PACKAGES, Item, zipped

SMALL: dict[str, Callable[[], bytes]] = {
    "less-towers": lambda: hostile.towers(40),
    "chains": lambda: hostile.chains(20),
    "targets": lambda: hostile.targets(300),
    "marks": lambda: hostile.marks(30),
    "directories": lambda: hostile.directories(150),
    "deep": lambda: hostile.deep(20),
    "long-names": lambda: hostile.long_names(2),
    "names": lambda: hostile.names(4_400),
    "entries": lambda: hostile.entries(66_000),
    "uncounted": lambda: hostile.uncounted(2_000),
    "notes": lambda: hostile.notes(20),
    "bomb": lambda: hostile.bomb(900),
    "lies": lambda: hostile.lies(20_000_000),
    "nothing": lambda: hostile.nothing(100_000),
    "overlapping": lambda: hostile.overlapping(50, 1_000),
    "cases": lambda: hostile.cases(8),
}

STEPS = 100_000
"""Fewer than there may be, as counting calls takes ten times as long as making them."""

CALLS = 2_000_000
"""What no package may take; a step along a symlink takes six."""


def calls(work: Callable[[], object], *, most: int = CALLS) -> int:
    """Return how many functions are called while ``work`` is done, which fails with more than ``most``."""
    count = 0

    def called(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}
        if count > most:
            sys.setprofile(None)
            pytest.fail(f"more than {most:,} calls")

    sys.setprofile(called)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def outcome(work: Callable[[], object]) -> str:
    """Return the message with which ``work`` is refused, or nothing."""
    found = ""

    def judged() -> None:
        nonlocal found
        try:
            work()
        except CheckError as error:
            found = error.message

    assert calls(judged) <= CALLS
    return found


@pytest.mark.parametrize("package", PACKAGES, ids=[package.name for package in PACKAGES])
def test_no_package_costs_more_than_is_in_it(
    package: hostile.Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambdapack.deploying.download.layout.MOST_STEPS", STEPS)
    content = SMALL.get(package.name, package.make)()

    def unpack() -> None:
        with Unpacked(tmp_path / "out") as unpacked:
            unpacked.fill(ForeignZip(io.BytesIO(content), about="it"))

    said = outcome(unpack)
    assert package.pull.replace("1,000,000", "100,000") in said if said else package.pull == "unpacked"
    said = outcome(lambda: contents(ForeignZip(io.BytesIO(content), about="it")))
    assert package.diff in said if said else package.diff == "compared"
    assert list(tmp_path.iterdir()) == []


def test_the_count_of_calls_finds_work_that_grows_with_the_square() -> None:
    def squared() -> None:
        for length in range(500):
            for _ in range(length):
                len("")

    with pytest.raises(pytest.fail.Exception, match="more than 100,000 calls"):
        calls(squared, most=100_000)


@pytest.mark.parametrize("name", ["directories", "targets", "deep", "notes"])
def test_no_package_takes_memory_for_what_it_implies(name: str) -> None:
    content = SMALL[name]()
    tracemalloc.start()
    try:
        archive = ForeignZip(io.BytesIO(content), about="it")
        layout(archive.members, link_targets(archive))
    except CheckError:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 48 << 20


class TestSymlinks:
    def test_one_of_two_names_that_differ_in_case_hides_no_way_out(self) -> None:
        # Where case matters, m leads to a/s/../../evil, which is outside; where it does not, nobody knows.
        items = [Item("a/s", b"..", LINK), Item("a/S", b"d/e", LINK), Item("a/d/e/x"), Item("m", b"a/s/../evil", LINK)]
        archive = ForeignZip(io.BytesIO(zipped(iter(items))), about="it")
        with pytest.raises(CheckError, match="differs from another name in case"):
            layout(archive.members, link_targets(archive))

    def test_without_symlinks_names_may_differ_in_case(self) -> None:
        archive = ForeignZip(io.BytesIO(zipped(iter([Item("a/x"), Item("A/x"), Item("a/X")]))), about="it")
        assert list(layout(archive.members, {}).directories()) == ["a", "A"]

    def test_forty_may_be_followed_and_no_more(self) -> None:
        def chain(length: int) -> None:
            items = [Item(f"c{number}", f"c{number + 1}".encode(), LINK) for number in range(length)]
            archive = ForeignZip(io.BytesIO(zipped(iter([*items, Item(f"c{length}")]))), about="it")
            layout(archive.members, link_targets(archive))

        chain(41)  # the first is what is followed, and leads through forty others
        with pytest.raises(CheckError, match="leads in a circle"):
            chain(42)


class Ticking:
    """A clock that goes on by a second each time it is read."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        self.time += 1
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


class TestTimeout:
    CONTENT = zipped(Item(f"d{number}/f", b"x") for number in range(100))

    @pytest.mark.parametrize(
        ("seconds", "doing"),
        [
            (50, "reading it"),
            (150, "laying out the package"),
            (250, "unpacking the package"),
            (550, "unpacking the package"),
        ],
    )
    def test_unpacking_ends_where_the_time_does(self, tmp_path: Path, seconds: float, doing: str) -> None:
        deadline = Deadline.after(seconds, clock=Ticking())

        def unpack() -> None:
            with Unpacked(tmp_path / "out") as unpacked:
                unpacked.fill(ForeignZip(io.BytesIO(self.CONTENT), about="it", deadline=deadline))

        with pytest.raises(AwsError, match=f"gave up after {seconds:g} s, {doing}") as caught:
            unpack()
        assert caught.value.exit_code == 7
        assert list(tmp_path.iterdir()) == []

    def test_so_does_comparing(self) -> None:
        deadline = Deadline.after(150, clock=Ticking())
        with pytest.raises(AwsError, match="gave up after 150 s, reading it"):
            contents(ForeignZip(io.BytesIO(self.CONTENT), about="it", deadline=deadline))

    def test_so_does_proving_a_signed_package(self, tmp_path: Path) -> None:
        (tmp_path / "unsigned.zip").write_bytes(self.CONTENT)
        signed = zipped(
            iter(
                [*(Item(f"d{number}/f", b"x") for number in range(100)), Item("META_INF/aws_signer_signature_v1.0.SF")]
            )
        )
        package = open_artifact(tmp_path / "unsigned.zip")
        check_signed(io.BytesIO(signed), package, url="s3://b/k")
        deadline = Deadline.after(250, clock=Ticking())
        with pytest.raises(AwsError, match=r"gave up after 250 s, reading"):
            check_signed(io.BytesIO(signed), package, url="s3://b/k", deadline=deadline)


@pytest.mark.parametrize("fault", ["count", "end", "zip64", "offset", "name"])
def test_a_directory_that_lies_is_no_zip(fault: str) -> None:
    content = bytearray(zipped(iter([Item("a/naïve"), Item("b")])))
    end, central = content.index(b"PK\x05\x06"), content.index(b"PK\x01\x02")
    if fault == "count":
        content[end + 10] = 1
    elif fault == "end":
        content[end + 12] += 1
    elif fault == "zip64":
        content[central + 42 : central + 46] = b"\xff" * 4
    elif fault == "offset":
        content[end + 16 : end + 20] = b"\xff" * 4
    else:
        content[content.index("ï".encode(), central)] = 0xFF
    with pytest.raises(CheckError, match="is not a zip that can be read"):
        ForeignZip(io.BytesIO(bytes(content)), about="it")


def test_bytes_before_the_zip_are_counted_in() -> None:
    content = b"#!/bin/sh\n" + zipped(iter([Item("a", b"1"), Item("b", b"2")]))
    archive = ForeignZip(io.BytesIO(content), about="it")
    assert [b"".join(archive.content(member)) for member in archive.members] == [b"1", b"2"]
