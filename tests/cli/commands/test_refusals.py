"""What the commands about functions, versions and aliases refuse: whole processes against the emulator."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

Lambdapack: TypeAlias = Callable[..., Any]


REFUSED = {
    "alias hello live 9": 7,
    "alias hello live": 7,
    "alias nothing live 1": 7,
    "alias hello live 1 --weight 2=1.5": 2,
    "alias hello live 1 --weight 2": 2,
    "alias hello live 1 --delete --yes": 2,
    "alias hello 7 1": 2,
    "rollback hello --alias live": 7,
    "show hello:9": 7,
    "show hello:a:b": 2,
    "versions hello:1": 2,
    "versions nothing": 7,
    "publish hello --code-sha256 x": 2,
    "publish hello --revision-id x": 8,
    "publish nothing": 7,
    "prune hello": 2,
    "prune hello --keep 1": 2,
    "delete hello": 2,
    "delete hello:live --yes": 2,
    "delete hello:9 --yes": 7,
    "delete nothing --yes": 7,
    "pull hello": 2,
    "pull hello -o src": 6,
    "pull hello --unzip src": 6,
    "pull hello:9 -o out.zip": 7,
    "diff hello --zip nothing.zip": 2,
    "diff hello:9 --source src": 7,
    "emulator": 2,
    "emulator serve --port 70000 --state x": 2,
}
"""What cannot be done, and its exit code."""


def test_what_cannot_be_done_has_its_exit_code_and_changes_nothing(
    lambdapack: Lambdapack, hello: str, tmp_path: Path
) -> None:
    assert hello
    before = (tmp_path / ".emulator" / "state.json").read_bytes()
    done = {command: lambdapack(*command.split()) for command in REFUSED}
    assert {command: one.returncode for command, one in done.items()} == REFUSED
    for one in done.values():
        error, hint = one.stderr.splitlines()[-2:]
        assert error.startswith("error: ")
        assert hint.startswith("hint: ")
    assert (tmp_path / ".emulator" / "state.json").read_bytes() == before
