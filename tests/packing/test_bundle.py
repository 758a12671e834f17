"""One owner for each name, the order of the archive, and names that fall together."""

import hashlib
from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Protocol

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lambdapack.choices import Preference
from lambdapack.errors import SourceError, WheelError
from lambdapack.packing.archive.format1 import headers
from lambdapack.packing.archive.segment import Listed
from lambdapack.packing.archive.stretch import Members, Stretch
from lambdapack.packing.bundle import bundle, merge
from lambdapack.packing.dependencies.prepared import Prepared
from lambdapack.packing.entries import ArchiveName, Base, Entry, WrittenEntry
from lambdapack.packing.wheels.contents import WheelBytes

MakeEntry = Callable[..., Entry]


def named(name: str) -> Entry:
    return Entry(name=ArchiveName(name), base=Base("", "", ""), size=0, stamp=(0, 0, 0, 0, 0))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1), min_size=1))
def test_the_order_is_that_of_the_names_utf8_bytes(names: list[str]) -> None:
    unique = {name.lower(): name for name in names}.values()

    found = list(bundle(map(named, unique), source="src", case_collisions_allowed=True).names())

    assert found == sorted(unique, key=lambda name: name.encode())


def test_the_size_is_that_of_all_contents(entry: MakeEntry) -> None:
    assert bundle([entry("a", size=3), entry("b", size=4)], source="src").unzipped_size == 7


def test_nothing_to_pack_is_refused() -> None:
    with pytest.raises(SourceError, match="nothing in src is left to pack"):
        bundle([], source="src")


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("App.py", "app.py", ("App.py", "app.py")),
        ("lib/É.py", "lib/é.py", ("lib/É.py", "lib/é.py")),
        ("Lib/a.py", "lib/b.py", ("Lib", "lib")),
        ("x/Lib/c/a.py", "x/lib/c/b.py", ("x/Lib/c", "x/lib/c")),
        ("LIB", "lib/a.py", ("LIB", "lib")),
        ("STRASSE.py", "straße.py", ("STRASSE.py", "straße.py")),
        ("\u0390", "\u03aa\u0301", ("\u0390", "\u03aa\u0301")),
    ],
)
def test_names_that_differ_in_case_only_are_refused_unless_allowed(
    one: str, other: str, shown: tuple[str, str], entry: MakeEntry
) -> None:
    entries = [entry(one), entry(other)]

    with pytest.raises(SourceError) as caught:
        bundle(entries, source="src")

    assert caught.value.message == f"the names {shown[0]} and {shown[1]} differ in case only"
    assert "--allow-case-collisions" in caught.value.hint
    assert len(bundle(entries, source="src", case_collisions_allowed=True).parts) == 2


@pytest.mark.parametrize("names", [("a", "a"), ("a", "a/b"), ("a/b", "a/b/c/d")])
@pytest.mark.parametrize("case_collisions_allowed", [True, False])
def test_one_name_for_two_things_is_always_refused(
    names: tuple[str, str],
    case_collisions_allowed: bool,  # noqa: FBT001 - a column
    entry: MakeEntry,
) -> None:
    with pytest.raises(SourceError, match=f"the name {names[0]} would stand for two things"):
        bundle(map(entry, names), source="src", case_collisions_allowed=case_collisions_allowed)


def test_names_that_only_begin_alike_are_no_collision(entry: MakeEntry) -> None:
    names = ["a", "a-b/c", "a.py", "ab/c", "b/a", "b/ab"]

    assert list(bundle(map(entry, names), source="src").names()) == names


def prepared(*names: str, scripts: Sequence[WrittenEntry] = (), prefix: str = "") -> Prepared:
    """Return what a wheel becomes that has files of these names, all with one content."""
    contents = [WheelBytes(b"wheel", filename="a-1-py3-none-any.whl")]
    names = tuple(sorted(prefix + name for name in names))
    both = [headers(name, mode=0o100644, method=0, crc32=0, sizes=(5, 5), origin=name) for name in names]
    members = Members(
        contents=contents,
        prefix=prefix,
        names=list(names),
        begins=array("I", accumulate((len(local) for local, _ in both), initial=0)),
        local=b"".join(local for local, _ in both),
        central=b"".join(central for _, central in both),
        digests=hashlib.sha256(b"wheel").digest() * len(names),
        wheels=array("I", [0] * len(names)),
        offsets=array("I", [0] * len(names)),
        stored=array("I", [5] * len(names)),
        sizes=array("I", [5] * len(names)),
    )
    return Prepared(members, tuple(scripts), omissions=(), left_out=(), warnings=())


def unread(entry: Entry) -> bytes:
    pytest.fail(f"{entry.name} was read for nothing")


class Listing(Protocol):
    def listing(self) -> Iterable[Listed]: ...


def names_of(parts: Iterable[Listing]) -> list[str]:
    return [line.name for part in parts for line in part.listing()]


def test_names_that_only_one_has_go_in_and_no_source_file_is_read(entry: MakeEntry) -> None:
    sources, scripts, stretches = merge([entry("app.py")], prepared("lib.py", "x.py"), reader=unread)

    assert (names_of(sources), scripts, names_of(stretches)) == (["app.py"], [], ["lib.py", "x.py"])


def test_a_source_file_that_is_the_wheels_is_the_wheels(entry: MakeEntry) -> None:
    sources, _, stretches = merge([entry("x.py", size=5)], prepared("x.py"), reader=lambda _: b"wheel")

    assert (sources, names_of(stretches)) == ([], ["x.py"])


@pytest.mark.parametrize("content", [b"other", b"longer than it"])
@pytest.mark.parametrize("prefix", ["", "python/"])
def test_a_source_file_with_other_bytes_is_refused_with_both_owners(
    content: bytes, prefix: str, entry: MakeEntry
) -> None:
    with pytest.raises(WheelError) as refused:
        merge([entry("x.py", size=len(content))], prepared("x.py", prefix=prefix), reader=lambda _: content)

    assert refused.value.message == "x.py is in a-1-py3-none-any.whl and is src/x.py, with different bytes"
    assert "--prefer source, or --prefer wheel" in refused.value.hint
    assert refused.value.exit_code == 4


@pytest.mark.parametrize(
    ("prefer", "left"), [("source", (["x.py"], ["a.py", "z.py"])), ("wheel", ([], ["a.py", "x.py", "z.py"]))]
)
def test_a_preference_decides_and_nothing_is_read(
    entry: MakeEntry, prefer: Preference, left: tuple[list[str], list[str]]
) -> None:
    sources, _, stretches = merge([entry("x.py")], prepared("a.py", "x.py", "z.py"), prefer=prefer, reader=unread)

    assert (names_of(sources), names_of(stretches)) == left


def test_a_symlink_that_is_kept_is_never_a_wheels_file(entry: MakeEntry) -> None:
    with pytest.raises(WheelError, match="different bytes"):
        merge([entry("x.py", size=5, link_target="wheel")], prepared("x.py"), reader=lambda _: b"wheel")


def test_what_was_made_anew_is_compared_by_what_it_is_now(entry: MakeEntry) -> None:
    made = WrittenEntry(ArchiveName("bin/x"), origin="b/bin/x", wheel="b-1-py3-none-any.whl", content=b"made!")
    wheels = prepared("lib.py", scripts=[made])

    assert merge([entry("bin/x", size=5)], wheels, reader=lambda _: b"made!")[:2] == ([], [made])
    with pytest.raises(WheelError, match=r"bin/x is in b-1-py3-none-any.whl and is src/bin/x"):
        merge([entry("bin/x", size=5)], wheels, reader=lambda _: b"other")
    assert names_of(merge([entry("bin/x")], wheels, prefer="source", reader=unread)[1]) == []


NAMES = st.text("abAB/-.0é", min_size=1, max_size=6).filter(lambda name: all(name.split("/")))


@given(st.sets(NAMES, max_size=12), st.sets(NAMES, max_size=6))
def test_a_tree_and_stretches_collide_where_their_names_in_one_list_would(wheels: set[str], tree: set[str]) -> None:
    """The control is the same names as single entries: all of them are held against each other."""
    found = prepared(*sorted(wheels))
    stretches = found.members.without(())
    assume(verdict([named(name) for name in wheels]) is None or not wheels)
    entries = [named(name) for name in tree - wheels]

    alone = verdict([*entries, *(named(name) for name in wheels)])

    assert verdict(entries, stretches) == alone
    if alone is None:
        together = bundle(entries, stretches, source="src")
        assert list(together.names()) == sorted(tree | wheels)
        assert together.entry_count == len(tree | wheels)
        assert together.unzipped_size == 5 * len(wheels)


def verdict(entries: Sequence[Entry], stretches: Sequence[Stretch] = ()) -> str | None:
    """Return which names collide, whoever they belong to, or None."""
    try:
        bundle(entries, stretches, source="src")
    except (SourceError, WheelError) as error:
        return error.message.partition(" (in ")[0].partition(", one of them")[0]
    return None
