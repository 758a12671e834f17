"""Metadata: read as ``email.parser`` reads it, and compared as installers compare names and versions."""

import email.parser
import email.policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdapack.packing.wheels import metadata
from lambdapack.packing.wheels.faults import WheelFault

LINES = st.sampled_from(
    (
        *(
            "Name: demo",
            "Version:1.0",
            "Requires-Dist: a>=1 ; extra == 'x'",
            "requires-dist:  b",
            "  continued",
            "\tmore",
        ),
        *("Author: Jörg", "no header", "", "Description: a: b: c", "X-Y_Z!: 1", "Bad Name: 1", "Ü: 1"),
    )
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(lines=st.lists(LINES, max_size=12), newline=st.sampled_from(("\n", "\r\n", "\r")))
def test_headers_are_those_of_the_email_parser(lines: list[str], newline: str) -> None:
    text = newline.join(["Metadata-Version: 2.1", *lines])
    message = email.parser.Parser(policy=email.policy.compat32).parsestr(text, headersonly=True)
    expected = [(name.lower(), " ".join(str(value).split())) for name, value in message.items()]
    found = [(name, " ".join(value.split())) for name, value in metadata.headers(text.encode(), path="METADATA")]
    assert found == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1.0", "1.0", True),
        ("1.0", "1", True),
        ("2024.01", "2024.1", True),
        ("1.0.post1", "1.0_post1", True),
        ("1.0+cpu.1", "1.0+cpu_1", True),
        ("1.0rc1", "1.0-rc.1", True),
        ("1.0", "1.1", False),
        ("1.0", "1.0+cpu", False),
        ("1.0", "nonsense", False),
        ("", "1.0", False),
    ],
)
def test_versions_are_compared_by_what_they_mean(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert metadata.same_version(one, other) is same


@pytest.mark.parametrize("directory", ["Foo_Bar-1.0", "foo.bar-1.0", "foo-bar-1.0", "foo__bar-1.0.0"])
def test_the_directory_is_compared_by_normalised_names(directory: str) -> None:
    names = [f"{directory}.dist-info/METADATA", "foo_bar/__init__.py"]
    assert metadata.find_dist_info(names, name="foo-bar", version="1.0") == f"{directory}.dist-info"


@pytest.mark.parametrize("directory", ["foo-1.0", "foo_bar_1.0", "foo_bar-2.0", "foo_bar-", "-1.0", ""])
def test_another_projects_directory_is_refused(directory: str) -> None:
    with pytest.raises(WheelFault, match=r"is not that of foo-bar 1\.0"):
        metadata.find_dist_info([f"{directory}.dist-info/METADATA"], name="foo-bar", version="1.0")


def test_requirements_are_given_word_for_word_and_in_order() -> None:
    fields = b"Name: demo\nVersion: 1.0\nRequires-Dist: b [x] (>=1)\nRequires-Dist: a; extra == 'x'\n"
    found = metadata.requirements(fields + b"\nRequires-Dist: c\n", path="M", name="demo", version="1.0")
    assert found == ("b [x] (>=1)", "a; extra == 'x'")
