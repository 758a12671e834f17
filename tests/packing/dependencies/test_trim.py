"""What of the wheels is left out."""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from lambdapack.packing.dependencies.trim import Trimming, trim, trimming
from lambdapack.packing.patterns.rules import from_list
from lambdapack.packing.wheels.contents import WheelFile


def files(names: Iterable[str]) -> list[WheelFile]:
    return [
        WheelFile(
            name=name, size=0, crc32=0, sha256="", method=0, offset=0, compressed_size=0, executable=False, machine=0
        )
        for name in names
    ]


def kept(rules: Trimming, *names: str) -> list[str]:
    return [file.name for file in trim(files(names), rules)[0]]


def test_without_rules_everything_stays() -> None:
    rules = trimming([], preset=None)

    assert kept(rules, "a.pyc", ".git/config", "certifi/cacert.pem", "tests/x.pyi") == [
        "a.pyc",
        ".git/config",
        "certifi/cacert.pem",
        "tests/x.pyi",
    ]


def test_a_directory_that_is_left_out_is_not_entered() -> None:
    rules = trimming(from_list(["docs/", "!docs/keep.md", "*.txt", "!b.txt"], source="x"), preset=None)

    found, omissions = trim(files(["p/docs/keep.md", "a.txt", "b.txt", "p/m.py"]), rules)

    assert [file.name for file in found] == ["b.txt", "p/m.py"]
    assert [(omission.name, omission.pattern.text) for omission in omissions] == [
        ("p/docs/keep.md", "docs/"),
        ("a.txt", "*.txt"),
    ]


def test_slim_leaves_out_tests_stubs_and_headers() -> None:
    rules = trimming([], preset="slim")

    assert kept(
        rules,
        *("numpy/core/tests/test_x.py", "tests/__init__.py", "numpy/__init__.pyi", "numpy/include/a.h", "p/b.hpp"),
        *("numpy/testing/utils.py", "django/test/client.py", "p/h.py", "p/latest/x.py", "p/py.typed"),
    ) == ["numpy/testing/utils.py", "django/test/client.py", "p/h.py", "p/latest/x.py", "p/py.typed"]


def test_slim_never_touches_metadata_or_licences() -> None:
    names = [
        *("a-1.dist-info/tests/x.pyi", "a-1.dist-info/licenses/include/x.h", "p/tests/LICENSE", "p/tests/COPYING.h"),
        *("p/tests/licenses/MIT.txt", "p/tests/NOTICE"),
    ]

    assert kept(trimming([], preset="slim"), *names) == names


def test_the_users_own_patterns_touch_whatever_they_name() -> None:
    rules = trimming(from_list(["*.dist-info/"], source="--exclude"), preset="slim")

    assert kept(rules, "a-1.dist-info/METADATA", "a.py") == ["a.py"]


def test_the_users_own_patterns_are_stronger_than_the_preset() -> None:
    rules = trimming(from_list(["!*.pyi", "!/p/tests/"], source="--include"), preset="slim")

    assert kept(rules, "a.pyi", "p/tests/x.py", "q/tests/x.py", "a.h") == ["a.pyi", "p/tests/x.py"]


@pytest.mark.parametrize("patterns", [["tests/"], ["/p/*.py", "!/p/a.py"], ["p/**/x"], ["*", "!*/", "!*.so"]])
def test_patterns_mean_what_they_mean_to_git(patterns: list[str], tmp_path: Path) -> None:
    names = ["p/a.py", "p/b.py", "p/q/x", "p/q/r/x", "tests/a.py", "p/tests/b.py", "c.so", "p/d.so"]
    git = shutil.which("git")
    assert git is not None
    subprocess.run([git, "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("\n".join(patterns) + "\n")
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    done = subprocess.run([git, "-C", tmp_path, "check-ignore", *names], check=False, capture_output=True, text=True)

    assert set(names) - set(done.stdout.splitlines()) == set(
        kept(trimming(from_list(patterns, source="x"), preset=None), *names)
    )
