"""Bytes on the command line and in the environment that are no text: a matter of usage, and never a bug."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import pytest

from lambdapack.cli.main import COMMANDS, cli
from lambdapack.cli.options import Text

BYTES = b"A_KEY=\xff"


def ended(
    arguments: Sequence[str | bytes], directory: Path, env: Mapping[str, str | bytes] | None = None
) -> tuple[int, str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory), "LC_ALL": "C.UTF-8", **(env or {})}
    done = subprocess.run(
        [sys.executable, "-m", "lambdapack", *arguments],
        check=False,
        cwd=directory,
        env=environment,
        capture_output=True,
    )
    return done.returncode, done.stderr.decode("utf-8", "backslashreplace") + done.stdout.decode()


@pytest.mark.parametrize(
    "command",
    [
        ["configure", "hello", "--emulator", "e", "--env", BYTES],
        ["configure", "hello", "--emulator", "e", "--description", BYTES],
        ["push", "hello", "--emulator", "e", "--s3-prefix", BYTES],
        ["layer", "push", "base", "--emulator", "e", "--license-info", BYTES],
        ["list", "--profile", BYTES],
        ["--region", BYTES, "list"],
        ["publish", BYTES],
    ],
)
def test_bytes_that_are_no_text_are_exit_2(tmp_path: Path, command: list[str | bytes]) -> None:
    exit_code, said = ended([*command, "--json"], tmp_path)

    assert exit_code == 2
    assert "it holds bytes that are not UTF-8" in said
    assert "A_KEY" not in said


def test_values_of_the_environment_that_are_no_text_are_exit_2(tmp_path: Path) -> None:
    exit_code, said = ended(["configure", "hello", "--emulator", "e", "--env", "A_KEY"], tmp_path, {"A_KEY": b"\xff"})
    assert (exit_code, "error: --env A_KEY: its value here is not UTF-8" in said) == (2, True)

    exit_code, said = ended(["publish", "hello"], tmp_path, {"LAMBDAPACK_PUBLISH_DESCRIPTION": b"\xff"})
    assert (exit_code, "Invalid value for '--description': it holds bytes that are not UTF-8" in said) == (2, True)


@pytest.mark.parametrize("value", [b"\xff", b"soon", b"-1", b"1e999", b""])
@pytest.mark.parametrize("option", ["JOBS", "RUNTIME"])
def test_variables_that_cannot_be_understood_are_exit_2(tmp_path: Path, option: str, value: bytes) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").touch()

    exit_code, said = ended(["build", "src", "-o", "out.zip"], tmp_path, {f"LAMBDAPACK_BUILD_{option}": value})

    assert exit_code == (0 if value == b"" else 2)
    assert "bug" not in said


def test_names_of_files_may_be_any_bytes(tmp_path: Path) -> None:
    source = os.fsencode(tmp_path) + b"/s\xff"
    Path(os.fsdecode(source)).mkdir()
    Path(os.fsdecode(source), "app.py").touch()

    exit_code, said = ended(["build", b"s\xff", "-o", b"o\xff.zip", "--json"], tmp_path)

    assert exit_code == 0, said
    assert Path(os.fsdecode(os.fsencode(tmp_path) + b"/o\xff.zip")).exists()
    assert json.loads(said[said.index("{") :])["entries"] == 1


def test_every_option_that_takes_text_says_so() -> None:
    """None of them has click's own type, which takes what cannot be written."""
    context = click.Context(cli)
    commands: list[click.Command] = [cli, *filter(None, (cli.get_command(context, name) for name in COMMANDS))]
    for command in commands:
        commands += getattr(command, "commands", {}).values()
    parameters = [parameter for command in commands for parameter in command.params]

    assert [parameter.name for parameter in parameters if parameter.type is click.STRING] == []
    assert sum(isinstance(parameter.type, Text) for parameter in parameters) > 50
