"""The order of the archive, and names that fall together."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdapack.errors import SourceError
from lambdapack.packing.bundle import bundle
from lambdapack.packing.entries import ArchiveName, Base, Entry

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
    assert len(bundle(entries, source="src", case_collisions_allowed=True).entries) == 2


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
