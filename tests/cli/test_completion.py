"""Completion, as the shells ask for it: commands, options, their values, files, and names of the configuration."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

CONFIGURATION = """
[functions.hello]
source = "src"
alias = "live"
[functions.help]
source = "src"
alias = "light"
[functions.other]
source = "src"
"""


@pytest.fixture
def complete(run: Run, tmp_path: Path) -> Callable[[str], list[str]]:
    """Return what bash is offered for the last word of a line."""
    (tmp_path / "lambdapack.toml").write_text(CONFIGURATION)

    def ask(line: str) -> list[str]:
        words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
        done = run(env={"_LAMBDAPACK_COMPLETE": "bash_complete", **words})
        assert (done.returncode, done.stderr) == (0, "")
        return [answer.replace(",", " ") for answer in done.stdout.split()]

    return ask


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("lambdapack bu", ["plain build"]),
        ("lambdapack layer p", ["plain push"]),
        ("lambdapack build --exc", ["plain --exclude"]),
        ("lambdapack build --compression b", ["plain best"]),
        ("lambdapack build -f he", ["plain hello", "plain help"]),
        ("lambdapack build src", ["file src"]),
        ("lambdapack build --lock p", ["file p"]),
        ("lambdapack push o", ["plain other"]),
        ("lambdapack push hello --alias li", ["plain light", "plain live"]),
        ("lambdapack push hello --source s", ["file s"]),
        ("lambdapack alias hello l", ["plain light", "plain live"]),
        ("lambdapack rollback hello --alias liv", ["plain live"]),
        ("lambdapack show x", []),
    ],
)
def test_what_is_offered(complete: Callable[[str], list[str]], line: str, offered: list[str]) -> None:
    assert complete(line) == offered


def test_a_broken_configuration_offers_nothing_and_says_nothing(
    complete: Callable[[str], list[str]], tmp_path: Path
) -> None:
    (tmp_path / "lambdapack.toml").write_text("[")

    assert complete("lambdapack push h") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(run: Run, shell: str) -> None:
    done = run(env={"_LAMBDAPACK_COMPLETE": f"{shell}_source"})

    assert done.returncode == 0
    assert f"_LAMBDAPACK_COMPLETE={shell}_complete" in done.stdout
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=done.stdout, check=True, text=True)
