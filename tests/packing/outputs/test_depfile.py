"""What the depfile says is what GNU make understands."""

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from lambdapack.errors import UsageError
from lambdapack.packing.outputs.depfile import EQUALS, as_prerequisite, as_target, depfile
from tests.fuzz.depfiles import Case, cases, misread

NAMES = [
    *("plain", "a b", "a  b", "a#b", "a$b", "a$$b", "${y}", "$(y)z", "a%b", "% x", "%", "a:b", "::", "a:", "a=b", "a="),
    *("=a", "a*b", "a?b", "a[b]", "a]b", "~a", "a~b", "a&", "a&b", "a|b", "|", "a(b", "(a)b", "a'b", 'a"b', "ü", "é ü"),
    *("a!b", "a,b", "a@b", "a^b", "{a}", "a<b>", "`a`", "-a", "a++b", "日本", "a+=b", "a:=b", "a?=b"),
    *("define", "undefine", "export", "include", "endif"),
]

MAKEFILE = """\
default:
include x.d
default: {prerequisite}
{target}:
\t@echo REMADE
"""


@pytest.fixture
def make(tmp_path: Path, clean_environment: dict[str, str]) -> Callable[[], "subprocess.CompletedProcess[str]"]:
    def start() -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["make", "-rR"], check=False, cwd=tmp_path, capture_output=True, text=True, env=clean_environment
        )

    return start


def aged(path: Path, moment: int) -> None:
    os.utime(path, (moment, moment))


@pytest.fixture
def is_followed(tmp_path: Path, make: Callable[[], "subprocess.CompletedProcess[str]"]) -> Callable[[str, str], bool]:
    """Tell whether make remakes out.zip exactly when ``src/NAME`` is newer or gone, and never complains."""

    def remade(file: Path, moment: int) -> bool | None:
        aged(tmp_path / "src", 1_000)
        if file.exists():
            aged(file, moment)
        done = make()
        return "REMADE" in done.stdout if (done.returncode, done.stderr) == (0, "") else None

    def follow(name: str, rules: str, target: str = "out.zip") -> bool:
        (tmp_path / "src").mkdir()
        file, out = tmp_path / "src" / name, tmp_path / target
        (tmp_path / "x.d").write_text(rules)
        (tmp_path / "Makefile").write_text(
            MAKEFILE.format(prerequisite=as_prerequisite(target), target=as_target(target))
        )
        for path in (file, out):
            path.touch()
        aged(out, 2_000)
        before = (remade(file, 1_000), remade(file, 3_000))
        file.unlink()
        return (*before, remade(file, 1_000)) == (False, True, True)

    return follow


@pytest.mark.parametrize("name", NAMES)
def test_make_follows_a_file_of_this_name(name: str, is_followed: Callable[..., bool]) -> None:
    assert is_followed(name, depfile(f"T{name}", [f"src/{name}", "src"]), f"T{name}")


@pytest.mark.parametrize("name", ["a b", "a#b", "a$b", "a%b", "a:b", "a=b"])
def test_without_escapes_make_does_not_follow(name: str, is_followed: Callable[..., bool]) -> None:
    assert not is_followed(name, f"out.zip: src/{name} src\n\nsrc/{name}:\n\nsrc:\n")


def test_without_a_rule_for_each_file_make_stops_where_one_is_gone(is_followed: Callable[..., bool]) -> None:
    assert not is_followed("a", "out.zip: src/a src\n")


def test_a_new_file_touches_its_directory_and_so_the_target(
    tmp_path: Path, make: Callable[[], "subprocess.CompletedProcess[str]"]
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "out.zip").touch()
    aged(tmp_path / "src", 1_000)
    aged(tmp_path / "out.zip", 2_000)
    (tmp_path / "x.d").write_text(depfile("out.zip", ["src"]))
    (tmp_path / "Makefile").write_text(MAKEFILE.format(prerequisite="out.zip", target="out.zip"))

    assert "REMADE" not in make().stdout
    (tmp_path / "src/new.py").touch()
    assert "REMADE" in make().stdout


@pytest.mark.parametrize(
    "name",
    [
        *("a\nb", "a\tb", "a\\b", "a;b", "lib(member)", "a\x7fb", "a ", " ", "a%b*", "[%", "%?"),
        *(".SILENT", "./.EXPORT_ALL_VARIABLES"),
    ],
)
def test_what_no_makefile_can_hold_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="a makefile cannot hold the path"):
        depfile("out.zip", [name])
    with pytest.raises(UsageError, match="a makefile cannot hold the path"):
        depfile(name, ["a"])


def test_make_reads_generated_names_as_they_are() -> None:
    assert [wrong for case in cases(150, seed=7) if (wrong := misread(case)) is not None] == []


@pytest.mark.parametrize(
    "prerequisites", [["src/a(b", "src/c)"], ["a(", "b c) d"], ["(", "x", "y)"], ["src/(a", "src/b", "src/c) d)"]]
)
def test_parentheses_of_several_names_are_no_archive(prerequisites: list[str]) -> None:
    case = Case("out.zip", prerequisites, set(prerequisites[:1]))

    assert misread(case) is None
    # The control.
    assert misread(case, write=in_one_rule) is not None


def in_one_rule(target: str, prerequisites: Sequence[str]) -> str:
    names = [as_prerequisite(path) for path in prerequisites]
    return f"{EQUALS}{as_target(target)}: {' '.join(names)}\n" + "".join(
        f"{as_target(path)}:\n" for path in prerequisites
    )


def test_a_name_that_begins_with_a_tilde_is_what_the_makefile_calls_so(
    tmp_path: Path, make: Callable[[], "subprocess.CompletedProcess[str]"]
) -> None:
    for name, moment in (("~o.zip", 1_000), ("~a", 2_000)):
        (tmp_path / name).touch()
        aged(tmp_path / name, moment)
    (tmp_path / "x.d").write_text(depfile("~o.zip", ["~a"]))
    (tmp_path / "Makefile").write_text("~o.zip:\n\t@echo REMADE $@ $?\ninclude x.d\n")

    assert make().stdout == "REMADE ~o.zip ~a\n"


def test_the_text_is_sorted_and_names_each_path_once() -> None:
    assert depfile("out.zip", ["b", "a", "b", "out.zip"]) == (
        "lambdapack_equals := =\nout.zip: \\\n  a \\\n  b \\\n  out.zip\n\na:\n\nb:\n"
    )


def test_bytes_that_are_no_text_in_this_locale_pass_as_they_are() -> None:
    assert "a\udcc3\udca4b" in depfile("out.zip", ["a\udcc3\udca4b"])
