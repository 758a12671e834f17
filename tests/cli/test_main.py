"""What ends a run: errors of the command line, signals, a stdout that takes nothing, and bugs."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from lambdapack import __version__
from lambdapack.cli import main as main_module
from lambdapack.cli.main import COMMANDS, as_ours, report
from lambdapack.cli.options import Settings
from lambdapack.errors import LambdapackError
from tests.aliases import Run
from tests.running import here


def test_version_is_one_line_on_stdout(run: Run) -> None:
    done = run("--version")

    assert (done.returncode, done.stdout, done.stderr) == (0, f"lambdapack {__version__}\n", "")


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_help_of_every_command_has_an_example(command: str, run: Run) -> None:
    done = run(command, "--help")

    assert done.returncode == 0
    assert f"  lambdapack {command} " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("bild",), "No such command 'bild'."),
        (("build", "--jobs", "0"), "Invalid value for '--jobs': 0 is not in the range x>=1."),
        (("build", "--compression", "9"), "Invalid value for '--compression': '9' is not one of"),
        (("build", "src", "--runtime", "python2"), "Invalid value for '--runtime': 'python2' is not one of"),
        (("push",), "Missing argument 'FUNCTION'."),
    ],
)
def test_a_usage_error_is_one_error_line_and_one_hint(arguments: tuple[str, ...], message: str, run: Run) -> None:
    done = run(*arguments)

    error, hint = done.stderr.splitlines()
    assert done.returncode == 2
    assert error.startswith(f"error: {message}")
    assert hint.startswith("hint: see lambdapack ")
    assert done.stdout == ""


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999", "0", "-1"])
@pytest.mark.parametrize("command", [["show", "hello"], ["lock", "requirements.txt"], ["pull", "hello", "-o", "x.zip"]])
def test_a_timeout_is_a_number_of_seconds(command: list[str], value: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is no number of seconds|is not in the range x>0"):
        here(*command, "--timeout", value)


def test_a_usage_error_is_json_too_where_that_was_asked_for(run: Run) -> None:
    done = run("push", "--json")

    assert json.loads(done.stdout) == {
        "error": {
            "kind": "usage",
            "message": "Missing argument 'FUNCTION'.",
            "hint": "see lambdapack push --help",
            "exit_code": 2,
        }
    }


@pytest.mark.parametrize("redirection", [">&-", ">/dev/full"])
def test_a_stdout_that_takes_nothing_is_a_failure(tmp_path: Path, redirection: str) -> None:
    (tmp_path / "app.py").write_text("x = 1\n")
    command = f"exec {sys.executable} -m lambdapack build . --list --quiet {redirection}"

    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 6
    assert done.stderr.splitlines()[0].startswith("error: cannot write to standard output: ")
    assert len(done.stderr.splitlines()) == 2


def test_a_stderr_that_takes_nothing_changes_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("x = 1\n")
    command = f"exec {sys.executable} -m lambdapack build . -o out.zip 2>/dev/full"

    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 0
    assert done.stdout.endswith("  out.zip\n")


@pytest.mark.parametrize(("name", "exit_code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_ends_a_push_that_waits(tmp_path: Path, name: str, exit_code: int, run: Run) -> None:
    # An endpoint that accepts and never answers: the push waits for it.
    script = (
        "import socket, subprocess, sys, time\n"
        "server = socket.create_server(('127.0.0.1', 0))\n"
        "port = server.getsockname()[1]\n"
        "push = subprocess.Popen([sys.executable, '-m', 'lambdapack', 'push', 'hello', '--zip', 'hello.zip',\n"
        "    '--region', 'eu-west-1', '--endpoint-url', f'http://127.0.0.1:{port}'],\n"
        "    stderr=subprocess.PIPE, text=True)\n"
        "server.accept()\n"
        "begin = time.monotonic()\n"
        f"push.send_signal({int(getattr(signal, name))})\n"
        "_, words = push.communicate(timeout=30)\n"
        "print(push.returncode, time.monotonic() - begin < 1, repr(words))\n"
    )
    (tmp_path / "app.py").write_text("x = 1\n")
    assert run("build", str(tmp_path), "-o", str(tmp_path / "hello.zip")).returncode == 0
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}

    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=os.environ | keys,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stdout == f"{exit_code} True ''\n"


def test_a_bug_is_told_apart_and_its_text_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    exit_code = report(ValueError("a secret"), Settings(json=True, verbose=3))

    printed = capsys.readouterr()
    assert exit_code == 70
    assert "this is a bug in lambdapack: ValueError" in printed.err
    assert json.loads(printed.out)["error"]["kind"] == "internal"
    assert "a secret" not in printed.out + printed.err


@pytest.mark.parametrize(
    ("foreign", "exit_code"),
    [
        (MemoryError(), 6),
        (OSError(28, "No space left on device", "x"), 6),
        (click.ClickException("no"), 2),
    ],
)
def test_foreign_errors_have_an_exit_code_of_ours(foreign: BaseException, exit_code: int) -> None:
    ours = as_ours(foreign)

    assert isinstance(ours, LambdapackError)
    assert ours.exit_code == exit_code


def test_every_command_is_found_in_its_module() -> None:
    context = click.Context(main_module.cli)

    assert [name for name in COMMANDS if main_module.cli.get_command(context, name) is None] == []


def test_a_current_directory_that_was_removed_is_named(tmp_path: Path) -> None:
    script = f"mkdir d && cd d && rmdir ../d && exec {sys.executable} -m lambdapack build . -o ../o.zip"

    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 6
    assert done.stderr == "error: the current directory is not there any more\nhint: change to one that is: cd\n"


@pytest.mark.parametrize(
    ("arguments", "suggestion"),
    [
        (("buidl",), "No such command 'buidl'. Did you mean build?"),
        (("layer", "psh"), "No such command 'psh'. Did you mean push?"),
        (("xyzzy",), "No such command 'xyzzy'."),
    ],
)
def test_a_mistyped_command_has_a_suggestion(arguments: tuple[str, ...], suggestion: str, run: Run) -> None:
    assert run(*arguments).stderr.splitlines()[0] == f"error: {suggestion}"


def test_a_mistyped_option_has_a_suggestion(run: Run) -> None:
    assert "--exclude" in run("build", "--exclud", "x").stderr


def test_the_summaries_of_all_commands_are_whole(run: Run) -> None:
    shown = " ".join(run("--help").stdout.split())

    assert "..." not in shown.partition("Commands:")[2]
    for name in COMMANDS:
        command = main_module.cli.get_command(click.Context(main_module.cli), name)
        assert command is not None
        assert f" {name} {command.short_help} " in shown


@pytest.mark.parametrize("command", ["", *sorted(COMMANDS)])
def test_help_names_the_variables(command: str, run: Run) -> None:
    variable = f"LAMBDAPACK_{command.upper()}_".replace("__", "_")

    assert command in ("emulator", "layer") or variable in run(*command.split(), "--help").stdout
