"""Bytes on the command line and in the environment that are no text: a matter of usage, and never a bug."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import click
import pytest

from lambdapack.cli.main import COMMANDS, cli
from lambdapack.cli.options import Text
from tests.aliases import Run

Ended: TypeAlias = Callable[..., tuple[int, str]]

BYTES = b"A_KEY=\xff"


@pytest.fixture
def ended(run: Run) -> Ended:
    """Run lambdapack; return its exit code and all that it said, bytes that are no text in escapes."""

    def ended(*arguments: str | bytes, **env: str | bytes) -> tuple[int, str]:
        done = run(*arguments, env=env, encoding="utf-8", errors="backslashreplace")
        return done.returncode, done.stderr + done.stdout

    return ended


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
def test_bytes_that_are_no_text_are_exit_2(ended: Ended, command: list[str | bytes]) -> None:
    exit_code, said = ended(*command, "--json")

    assert exit_code == 2
    assert "it holds bytes that are not UTF-8" in said
    assert "A_KEY" not in said


def test_values_of_the_environment_that_are_no_text_are_exit_2(ended: Ended) -> None:
    exit_code, said = ended("configure", "hello", "--emulator", "e", "--env", "A_KEY", A_KEY=b"\xff")
    assert (exit_code, "error: --env A_KEY: its value here is not UTF-8" in said) == (2, True)

    exit_code, said = ended("publish", "hello", LAMBDAPACK_PUBLISH_DESCRIPTION=b"\xff")
    assert (exit_code, "Invalid value for '--description': it holds bytes that are not UTF-8" in said) == (2, True)


@pytest.mark.parametrize("value", [b"\xff", b"soon", b"-1", b"1e999", b""])
@pytest.mark.parametrize("option", ["JOBS", "RUNTIME"])
def test_variables_that_are_not_understood_are_exit_2(ended: Ended, tmp_path: Path, option: str, value: bytes) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").touch()

    exit_code, said = ended("build", "src", "-o", "out.zip", **{f"LAMBDAPACK_BUILD_{option}": value})

    assert exit_code == (0 if value == b"" else 2)
    assert "bug" not in said


def test_names_of_files_may_be_any_bytes(ended: Ended, tmp_path: Path) -> None:
    source = os.fsencode(tmp_path) + b"/s\xff"
    Path(os.fsdecode(source)).mkdir()
    Path(os.fsdecode(source), "app.py").touch()

    exit_code, said = ended("build", b"s\xff", "-o", b"o\xff.zip", "--json")

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
