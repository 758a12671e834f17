"""One owner for each name."""

import hashlib
from collections.abc import Callable

import pytest

from lambdapack.choices import Preference
from lambdapack.errors import WheelError
from lambdapack.packing.entries import ArchiveName, CopiedEntry, Entry, WrittenEntry
from lambdapack.packing.merge import merge
from lambdapack.packing.wheels.contents import WheelBytes, WheelFile

MakeEntry = Callable[..., Entry]


def from_wheel(name: str, content: bytes = b"wheel", *, wheel: str = "a-1-py3-none-any.whl") -> CopiedEntry:
    file = WheelFile(
        name=name,
        size=len(content),
        crc32=0,
        sha256=hashlib.sha256(content).hexdigest(),
        method=0,
        offset=0,
        compressed_size=len(content),
        executable=False,
        machine=0,
    )
    return CopiedEntry(ArchiveName(name), file, wheel, WheelBytes(content))


def unread(entry: Entry) -> bytes:
    pytest.fail(f"{entry.name} was read for nothing")


def test_names_that_only_one_has_go_in_and_no_source_file_is_read(entry: MakeEntry) -> None:
    source, wheel = entry("app.py"), from_wheel("lib.py")

    assert merge([source], [wheel], reader=unread) == [wheel, source]


def test_equal_files_of_two_wheels_are_one_and_the_first_ones() -> None:
    one, other = from_wheel("ns/__init__.py"), from_wheel("ns/__init__.py", wheel="b-1-py3-none-any.whl")

    assert merge([], [one, other]) == [one]
    assert merge([], [other, one])[0].wheel == "b-1-py3-none-any.whl"  # type: ignore[union-attr] # of a wheel


def test_two_wheels_with_other_bytes_are_refused_by_name() -> None:
    with pytest.raises(WheelError) as refused:
        merge([], [from_wheel("x.py"), from_wheel("x.py", b"other", wheel="b-1-py3-none-any.whl")], prefer="wheel")

    assert refused.value.message == "x.py is in a-1-py3-none-any.whl and in b-1-py3-none-any.whl, with different bytes"
    assert refused.value.hint.endswith("--exclude '/x.py'")
    assert refused.value.exit_code == 4


def test_a_source_file_that_is_the_wheels_is_the_wheels(entry: MakeEntry) -> None:
    wheel = from_wheel("x.py")

    assert merge([entry("x.py", size=5)], [wheel], reader=lambda _: b"wheel") == [wheel]


@pytest.mark.parametrize("content", [b"other", b"longer than it"])
def test_a_source_file_with_other_bytes_is_refused_with_both_owners(entry: MakeEntry, content: bytes) -> None:
    with pytest.raises(WheelError) as refused:
        merge([entry("x.py", size=len(content))], [from_wheel("x.py")], reader=lambda _: content)

    assert refused.value.message == "x.py is in a-1-py3-none-any.whl and is src/x.py, with different bytes"
    assert "--prefer source, or --prefer wheel" in refused.value.hint


@pytest.mark.parametrize(("prefer", "owner"), [("source", "src/x.py"), ("wheel", "a-1-py3-none-any.whl/x.py")])
def test_a_preference_decides_and_nothing_is_read(entry: MakeEntry, prefer: Preference, owner: str) -> None:
    (found,) = merge([entry("x.py")], [from_wheel("x.py")], prefer=prefer, reader=unread)

    assert found.origin == owner


def test_a_symlink_that_is_kept_is_never_a_wheels_file(entry: MakeEntry) -> None:
    with pytest.raises(WheelError, match="different bytes"):
        merge([entry("x.py", size=5, link_target="wheel")], [from_wheel("x.py")], reader=lambda _: b"wheel")


def test_what_was_made_anew_is_compared_by_what_it_is_now() -> None:
    made = WrittenEntry(name=ArchiveName("bin/x"), origin="b/bin/x", wheel="b-1-py3-none-any.whl", content=b"wheel")

    assert merge([], [from_wheel("bin/x"), made]) == [from_wheel("bin/x")]
