"""Every crafted wheel through a whole build: refused or packed as listed, and after a refusal nothing has changed."""

import hashlib
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lambdapack.errors import LambdapackError
from lambdapack.packing.build import build
from lambdapack.packing.request import BuildRequest, Dependencies
from tests.packing.wheels.crafted import small
from tests.packing.wheels.verdicts import Crafted

MakeTree = Callable[..., Path]

EXIT_CODES = {"refuse": 4, "limit": 5}

ALONE = [row for row, crafted in small().items() if not crafted.elsewhere and not row.startswith("C20")]
"""The rows that one wheel and its lock decide."""


def written_lock(directory: Path, wheels: Mapping[str, Crafted], *, sha256: str | None = None) -> Path:
    """Write wheels and a lock of them; each ``sha256`` is the wheel's own unless one is given."""
    lines = ['lock-version = "1.0"\ncreated-by = "test"\n']
    for row, crafted in wheels.items():
        (directory / row).mkdir()
        (directory / row / crafted.filename).write_bytes(crafted.content)
        digest = sha256 or hashlib.sha256(crafted.content).hexdigest()
        lines.append(
            f'[[packages]]\nname = "{crafted.name}"\nversion = "{crafted.version}"\n'
            f'wheels = [{{ path = "{row}/{crafted.filename}", hashes = {{ sha256 = "{digest}" }} }}]\n'
        )
    (directory / "pylock.toml").write_text("".join(lines))
    return directory / "pylock.toml"


@pytest.fixture
def outcome(tree: MakeTree, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Build a function with crafted wheels; return exit code and message, after looking for traces of a refusal."""

    def attempt(*rows: str, sha256: str | None = None, files: Mapping[str, bytes] | None = None) -> tuple[int, str]:
        source = tree(files or {"app.py": b""})
        lock = written_lock(tmp_path, {row: small()[row] for row in rows}, sha256=sha256)
        output = tmp_path / "out.zip"
        output.write_bytes(b"old")
        cache = tmp_path / "cache"
        request = BuildRequest(
            source=str(source),
            output=output,
            runtime="python3.13",
            architecture="x86_64",
            dependencies=Dependencies(lock=str(lock), cache=cache),
        )
        try:
            build(request)
        except LambdapackError as error:
            assert output.read_bytes() == b"old"
            assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
            kept = [path for path in cache.rglob("*") if path.is_file() and path.parent.name == "wheels"]
            assert kept == []
            return error.exit_code, error.message
        with zipfile.ZipFile(output) as package:
            assert package.testzip() is None
        return 0, ""

    return attempt


@pytest.mark.parametrize("row", ALONE)
def test_each_is_refused_or_packed_as_listed(row: str, outcome: Callable[..., tuple[int, str]]) -> None:
    exit_code, message = outcome(row)

    assert exit_code == EXIT_CODES.get(small()[row].expected, 0), message


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["B15"], "differ in case only"),
        (["B15-file"], "differ in case only"),
        (["C14-windows"], "win_amd64"),
        (["C14-macos"], "macosx_11_0_arm64"),
        (["C14-cp39"], "cp39"),
        (["C14-aarch64"], "aarch64"),
        (["C15"], "manylinux_2_99"),
        (["C19", "C19-other"], "demo-1.0-py3-none-any.whl and in other-1.0-py3-none-any.whl, with different bytes"),
        (["C21", "C21-other"], "demo"),
    ],
)
def test_what_looks_good_alone_is_refused_where_it_does_not_fit(
    rows: list[str], words: str, outcome: Callable[..., tuple[int, str]]
) -> None:
    exit_code, message = outcome(*rows)

    assert exit_code == 4
    assert words in message


def test_equal_files_of_two_wheels_are_packed_once(outcome: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    assert outcome("C20", "C20-other") == (0, "")
    with zipfile.ZipFile(tmp_path / "out.zip") as package:
        assert len(package.namelist()) == len(set(package.namelist()))


def test_a_wheel_that_shadows_a_source_file_is_refused(outcome: Callable[..., tuple[int, str]]) -> None:
    exit_code, message = outcome("C22", files={"app.py": b"mine\n"})

    assert exit_code == 4
    assert "app.py" in message


def test_another_wheel_than_the_locked_one_is_refused_before_it_is_opened(
    outcome: Callable[..., tuple[int, str]],
) -> None:
    wanted = "0" * 64
    found = hashlib.sha256(small()["A29"].content).hexdigest()

    exit_code, message = outcome("A29", sha256=wanted)

    assert exit_code == 4
    assert wanted in message
    assert found in message


def test_there_are_as_many_rows_as_are_listed() -> None:
    assert len(ALONE) > 300
    assert {row[0] for row in ALONE} == {"A", "B", "C"}
