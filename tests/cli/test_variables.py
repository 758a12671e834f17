"""Options from the environment: each has the variable of its long name, and one that nothing reads is told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from lambdapack.cli.groups import variable_of
from lambdapack.cli.main import cli

Run = Callable[..., Any]


def options(command: click.Command, context: click.Context, path: str = "") -> dict[str, click.Option]:
    """Return every option of every command by its path and long name."""
    found = {}
    for option in command.params:
        if isinstance(option, click.Option) and not option.is_eager:
            found[f"{path} {max(option.opts, key=len)}".strip()] = option
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            found |= options(inner, context, f"{path} {name}".strip())
    return found


OPTIONS = options(cli, click.Context(cli))


def test_each_variable_is_that_of_the_long_option() -> None:
    found = {path: option.envvar for path, option in OPTIONS.items()}

    assert len(found) > 200
    assert found["--emulator"] == "LAMBDAPACK_EMULATOR"
    assert found["build --exclude"] == "LAMBDAPACK_BUILD_EXCLUDE"
    assert found["push --no-wait"] == "LAMBDAPACK_PUSH_NO_WAIT"
    assert found["layer push --s3-bucket"] == "LAMBDAPACK_LAYER_PUSH_S3_BUCKET"
    for path, variable in found.items():
        command, _, option = path.rpartition(" ")
        assert variable == variable_of(command, option.removeprefix("--"))
    assert len(set(found.values())) == len(found)


@pytest.fixture
def listed(run: Run, tmp_path: Path) -> Callable[..., Any]:
    (tmp_path / "src").mkdir()
    for name in ("app.py", "other.py"):
        (tmp_path / "src" / name).write_text("x = 1\n")
    return lambda *more, **variables: run("build", "src", "--list", *more, env=variables)


def test_a_variable_is_what_the_option_is(listed: Run) -> None:
    done = listed(LAMBDAPACK_BUILD_EXCLUDE="other.py nothing.py")

    assert [line.split()[-1] for line in done.stdout.splitlines()] == ["app.py"]
    assert done.stderr == ""


CANARY = "cAnArY-1b"


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("LAMBDAPACK_BUILD_EXCLUDES", "; it is called LAMBDAPACK_BUILD_EXCLUDE now"),
        ("LAMBDAPACK_PUSH_ZIP_PATH", "; it is called LAMBDAPACK_PUSH_ZIP now"),
        ("LAMBDAPACK_LAYER_PUSH_RUNTIMES", "; it is called LAMBDAPACK_LAYER_PUSH_RUNTIME now"),
        ("LAMBDAPACK_EMULATR", "; did you mean LAMBDAPACK_EMULATOR?"),
        ("LAMBDAPACK_BUILD_EXCLUD", "; did you mean LAMBDAPACK_BUILD_EXCLUDE?"),
        ("LAMBDAPACK_PUSH_ALIS", "; did you mean LAMBDAPACK_PUSH_ALIAS?"),
        ("LAMBDAPACK_XYZZY_42", ""),
    ],
)
def test_a_variable_that_nothing_reads_is_told_without_its_value(listed: Run, variable: str, words: str) -> None:
    done = listed(**{variable: CANARY})

    assert done.stderr == f"warning: nothing reads the environment variable {variable}{words}\n"
    assert (done.returncode, CANARY in done.stdout) == (0, False)
    assert listed("-q", **{variable: CANARY}).stderr == ""


def test_what_another_command_reads_is_no_slip(listed: Run, tmp_path: Path) -> None:
    others = {
        "LAMBDAPACK_PUSH_ALIAS": "live",
        "LAMBDAPACK_LAYER_PUSH_RUNTIME": "python3.13",
        "LAMBDAPACK_CACHE_DIR": str(tmp_path / "cache"),
        "LAMBDAPACK_PUSH_XYZZY": "",
        "_LAMBDAPACK_COMPLETE": "",
        "AWS_REGION": "eu-west-1",
    }

    assert listed(**others).stderr == ""


def test_a_flag_is_stronger_than_a_variable_wherever_both_stand(run: Run, tmp_path: Path) -> None:
    (tmp_path / "no-directory").touch()
    variable = {"LAMBDAPACK_LIST_EMULATOR": "no-directory"}

    assert run("list", env=variable).returncode == 6
    assert run("--emulator", "there", "list", env=variable).returncode == 0
    assert run("list", "--emulator", "there", env=variable).returncode == 0
