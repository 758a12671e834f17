"""Outputs as the user names them, on a file system that does not play along: all of them are replaced, or none."""

import errno
import json
import os
import shutil
import signal
import subprocess
import zipfile
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import click
import pytest

from lambdapack.cli.main import COMMANDS, LazyGroup
from lambdapack.cli.options import PATH, WORDS
from lambdapack.errors import LocalError
from tests.aliases import Run
from tests.nobody import as_nobody, directory_of_nobody
from tests.running import here
from tests.tracing import injection, needs_strace

ALL_THREE = ("build", "src", "-o", "x.zip", "--depfile", "x.d", "--manifest", "x.json", "--jobs", "1", "-q")


@pytest.fixture
def built(tmp_path: Path, run: Run) -> Path:
    """A directory with a package, its depfile and its manifest, and a change of the source since."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.py").write_text("a = 1\n")
    assert run(*ALL_THREE).returncode == 0
    (tmp_path / "src/b.py").write_text("b = 1\n")
    return tmp_path


def outputs(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}


def described(directory: Path) -> str | None:
    """Return the CodeSha256 that the manifest names, or None where there is no manifest."""
    path = directory / "x.json"
    return json.loads(path.read_bytes())["code_sha256"] if path.exists() else None


def code_sha256(path: Path) -> str:
    return b64encode(sha256(path.read_bytes()).digest()).decode()


@needs_strace
@pytest.mark.parametrize(("number", "name"), [(1, "x.json"), (2, "x.d"), (3, "x.zip"), (4, "x.json")])
def test_a_rename_that_is_refused_leaves_all_three_as_they_were(number: int, name: str, built: Path, run: Run) -> None:
    before = outputs(built)

    done = run(*ALL_THREE, under=injection("/rename.*", f"error=EPERM:when={number}"))

    assert (done.returncode, done.stderr.splitlines()[0]) == (6, f"error: cannot write {name}: Operation not permitted")
    assert outputs(built) == before
    assert described(built) == code_sha256(built / "x.zip")


@needs_strace
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_killed_between_the_renames_the_manifest_is_true_or_away(number: int, built: Path, run: Run) -> None:
    assert run(*ALL_THREE, under=injection("/rename.*", f"signal=KILL:when={number}")).returncode == -signal.SIGKILL

    assert described(built) in (None, code_sha256(built / "x.zip"))
    assert run(*ALL_THREE).returncode == 0
    assert described(built) == code_sha256(built / "x.zip")
    assert sorted(outputs(built)) == ["x.d", "x.json", "x.zip"]


@needs_strace
@pytest.mark.parametrize("number", [2, 4])
def test_a_signal_between_the_renames_leaves_all_three_as_they_were(number: int, built: Path, run: Run) -> None:
    before = outputs(built)

    assert run(*ALL_THREE, under=injection("/rename.*", f"signal=TERM:when={number}")).returncode == 143

    assert outputs(built) == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="chattr is for root")
@pytest.mark.parametrize("name", ["x.zip", "x.d", "x.json"])
def test_a_file_that_cannot_be_replaced_keeps_the_others(name: str, built: Path, run: Run) -> None:
    if shutil.which("chattr") is None or subprocess.run(["chattr", "+i", built / name], check=False).returncode:
        pytest.skip("no file can be made immutable here")
    before = outputs(built)
    try:
        done = run(*ALL_THREE)

        assert (done.returncode, done.stderr.splitlines()[0]) == (
            6,
            f"error: cannot write {name}: Operation not permitted",
        )
        assert outputs(built) == before
    finally:
        subprocess.run(["chattr", "-i", built / name], check=True)
    assert run(*ALL_THREE).returncode == 0
    assert described(built) == code_sha256(built / "x.zip")


@pytest.mark.parametrize("fails", ["the zip", "the directory"])
def test_a_pull_that_cannot_put_both_in_place_leaves_both_as_they_were(
    fails: str, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = ("--emulator", "emu")
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.py").write_text("a = 1\n")
    made = run(
        *("create", "f", "--source", "src", "--runtime", "python3.13", "--handler", "a.b", *emulator),
        *("--role", "arn:aws:iam::000000000000:role/emulator"),
    )
    assert made.returncode == 0, made.stderr
    (tmp_path / "old.zip").write_bytes(b"old")
    monkeypatch.chdir(tmp_path)
    original = os.replace

    def replace(source: Path, target: Path) -> None:
        if Path(target).name == {"the zip": "old.zip", "the directory": "new"}[fails] and target not in failed:
            failed.append(target)
            raise PermissionError(errno.EPERM, "Operation not permitted")
        original(source, target)

    failed: list[Path] = []
    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(LocalError, match="Operation not permitted"):
        here("pull", "f", "-o", "old.zip", "--unzip", "new", *emulator, "-q")
    assert (tmp_path / "old.zip").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["emu", "old.zip", "src"]


@pytest.mark.parametrize("words", ["dist//x.zip", "./dist/../x.zip"])
def test_a_path_is_answered_in_the_users_words(words: str, tmp_path: Path, run: Run) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "dist").mkdir()
    (tmp_path / "src/a.py").write_text("a = 1\n")
    (tmp_path / "lambdapack.toml").write_text(f'[functions.f]\nsource = "src"\noutput = "{words}"\n')

    given = run("build", "src", "-o", words, "--depfile", "x.d", "--json")
    assert json.loads(given.stdout)["path"] == words
    assert (tmp_path / "x.d").read_text().splitlines()[1] == f"{words}: \\"
    configured = run("build", "--depfile", "x.d", "-q")
    assert configured.stdout.split() == [json.loads(given.stdout)["code_sha256"], words]
    assert (tmp_path / "x.d").read_text().splitlines()[1] == f"{words}: \\"
    missing = run("build", "src", "-o", f"none//{words}")
    assert missing.stderr.startswith(f"error: cannot write none//{words}: the directory none/")


@pytest.mark.parametrize("words", ["x.zip/", "dist/", "dist/.", "dist/..", ""])
def test_a_path_that_names_a_directory_is_refused(words: str, tmp_path: Path, run: Run) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "dist").mkdir()
    (tmp_path / "src/a.py").write_text("a = 1\n")

    done = run("build", "src", "-o", words)

    assert done.returncode == 6
    assert done.stderr.splitlines()[0] == f"error: cannot write {words or 'a file without a name'}: it is a directory"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dist", "src"]


@pytest.mark.parametrize("mode", [0o200, 0o000, 0o600])
@pytest.mark.parametrize("option", ["-o", "--depfile", "--manifest"])
def test_an_old_output_that_cannot_be_read_is_replaced(option: str, mode: int) -> None:
    """The directory decides, as for every rename; with 0600 it is another user's, where we are root."""
    with directory_of_nobody() as directory:
        (directory / "src").mkdir()
        (directory / "src/a.py").write_text("a = 1\n")
        (directory / "old").write_bytes(b"old")
        (directory / "old").chmod(mode)

        done = as_nobody(directory, "build", "src", "-o", "x.zip", option, "old", "-q")

        assert (done.returncode, done.stderr) == (0, "")
        assert (directory / "old").read_bytes() != b"old"
        assert zipfile.is_zipfile(directory / ("old" if option == "-o" else "x.zip"))


def test_no_option_lets_click_judge_a_file() -> None:
    """click would say in its own words, with exit 2, what the system refuses only later, or not at all."""
    group = LazyGroup()
    context = click.Context(group)
    commands = [command for name in COMMANDS if (command := group.get_command(context, name)) is not None]
    commands += [
        inner for command in commands if isinstance(command, click.Group) for inner in command.commands.values()
    ]
    found = {
        parameter.type for command in commands for parameter in command.params if isinstance(parameter.type, click.Path)
    }

    assert found == {PATH, WORDS}
    assert {(kind.exists, kind.readable, kind.writable, kind.executable) for kind in found} == {
        (False, False, False, False)
    }


@pytest.mark.parametrize("name", ["out.zip", "module.py"])
def test_an_empty_placeholder_is_no_source_but_an_empty_module_is(name: str, tmp_path: Path, run: Run) -> None:
    (tmp_path / "app.py").write_text("x = 1\n")
    (tmp_path / name).touch()

    done = run("build", ".", "-o", name, "-q")

    assert done.returncode == (0 if name == "out.zip" else 2), done.stderr
