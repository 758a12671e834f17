"""What the user sees: escaped where a terminal would act on it, on clean lines beside a bar."""

import socket
import sys
from pathlib import Path

import pytest

from lambdapack.cli.options import Settings, for_terminal
from lambdapack.cli.output import align, words
from tests.terminal import Terminal

CONTROLS = "a\x9b31m\u202eb"
ESCAPED = "a\\x9b31m\\u202eb"


def test_controls_are_escaped_in_every_column_and_note(capsys: pytest.CaptureFixture[str]) -> None:
    assert words({"one": CONTROLS, "two": (CONTROLS,), "three": [CONTROLS], "four": {"x": CONTROLS}}) == (
        f'one {ESCAPED}\ntwo {ESCAPED}\nthree ["{ESCAPED}"]\nfour {{"x": "{ESCAPED}"}}'
    )
    assert align([[CONTROLS]]) == ESCAPED
    assert for_terminal(f"{CONTROLS}\nhttps://u:p@host") == f"{ESCAPED}\nhttps://****@host"
    Settings().note(CONTROLS)
    assert capsys.readouterr().err == f"{ESCAPED}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_notes_and_ctrl_c_leave_clean_lines_beside_a_bar(tmp_path: Path, clean_environment: dict[str, str]) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/app.py").write_text("x = 1\n")
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "eu-west-1"}
    # Connections stand, and nobody answers.
    with socket.create_server(("127.0.0.1", 0)) as server:
        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
        arguments = ("push", "hello", "--source", "src", "-vv", "--endpoint-url", endpoint)
        with Terminal(*arguments, cwd=tmp_path, env=clean_environment | keys) as terminal:
            terminal.wait_for("uploading")
            terminal.wait_for("lambda GetFunction with FunctionName")
            terminal.type("\x03")

            assert terminal.finish() == (130, "")
            assert terminal.lines[0].startswith("src: 1 entries, 6 bytes, packed in ")
            assert terminal.lines[1] == "lambda GetFunction with FunctionName"
            assert terminal.lines[-1] == ""
            assert [line for line in terminal.lines if "uploading" in line] == []
