"""``delete`` as a user runs it: whole processes against the emulator."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.terminal import Terminal


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("reply", "is_done"), [("n\n", False), ("\n", False), ("\x04", False), ("y\n", True)])
def test_on_a_terminal_it_asks(
    hello: str,
    tmp_path: Path,
    clean_environment: dict[str, str],
    answer: Callable[..., Any],
    reply: str,
    *,
    is_done: bool,
) -> None:
    environment = clean_environment | {"LAMBDAPACK_EMULATOR": ".emulator"}
    with Terminal("delete", f"{hello}:1", "--json", cwd=tmp_path, env=environment) as terminal:
        terminal.wait_for("[y/N]: ")
        terminal.type(reply)
        exit_code, stdout = terminal.finish()

        assert exit_code == 0
        assert terminal.lines[0].startswith("Delete version 1 of hello? [y/N]:")
        if is_done:
            assert json.loads(stdout)["version"] == "1"
        else:
            assert json.loads(stdout) == {"declined": True}
            assert terminal.lines[1:] == ["nothing was done", ""]
    assert [entry["version"] for entry in answer("versions", hello)] == ["$LATEST", *["1"] * (not is_done), "2", "3"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_ctrl_c_at_the_question_leaves_a_line_for_the_prompt(
    hello: str, tmp_path: Path, clean_environment: dict[str, str]
) -> None:
    environment = clean_environment | {"LAMBDAPACK_EMULATOR": ".emulator"}
    with Terminal("delete", f"{hello}:1", cwd=tmp_path, env=environment) as terminal:
        terminal.wait_for("[y/N]: ")
        terminal.wait_until_it_waits()
        terminal.type("\x03")

        assert terminal.finish() == (130, "")
        assert terminal.lines == ["Delete version 1 of hello? [y/N]: ^C", ""]
