"""``delete`` as a user runs it: whole processes against the emulator."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("reply", "exit_code"), [("n", 2), ("y", 0)])
def test_on_a_terminal_it_asks(
    hello: str, tmp_path: Path, clean_environment: dict[str, str], reply: str, exit_code: int
) -> None:
    import pty  # noqa: PLC0415 - not on Windows

    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "lambdapack", "delete", f"{hello}:1"],
        cwd=tmp_path,
        env=clean_environment | {"LAMBDAPACK_EMULATOR": ".emulator"},
        stdin=theirs,
        stderr=theirs,
        stdout=subprocess.DEVNULL,
    ) as process:
        os.close(theirs)
        asked = b""
        while b"?" not in asked:
            asked += os.read(ours, 1024)
        os.write(ours, f"{reply}\n".encode())
        assert process.wait(timeout=30) == exit_code
    os.close(ours)
    assert b"Delete version 1 of hello?" in asked
