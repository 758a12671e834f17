"""What the tests of several rooms share: a tree from literals, and lambdapack as the program that users start."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.aliases import Done, MakeTree, Run
from tests.running import COMMAND


@pytest.fixture(scope="session", autouse=True)
def signals_are_not_ignored() -> None:
    """Whoever starts the tests under nohup, or in the background of a shell, has them inherit ignored signals."""
    for number, usual in ((signal.SIGHUP, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


@pytest.fixture
def tree(tmp_path: Path) -> MakeTree:
    """Write files, each a path and its content, below a directory of this test's own."""

    def make(files: Mapping[str, bytes], name: str = "src") -> Path:
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        for path, content in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
        return root

    return make


@pytest.fixture(scope="session")
def clean_environment() -> dict[str, str]:
    """An environment without anything that the user of this machine has set."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}


@pytest.fixture
def run(tmp_path: Path, clean_environment: dict[str, str]) -> Run:
    """Run ``lambdapack``, perhaps ``under`` another command, in this test's directory; ``env`` comes on top."""

    def start(
        *arguments: str | bytes | Path,
        under: Sequence[str] = (),
        env: Mapping[str, str | bytes] | None = None,
        **more: Any,  # noqa: ANN401 - subprocess's own
    ) -> Done:
        options: dict[str, Any] = {"cwd": tmp_path, "capture_output": True, "text": True, "timeout": 60}
        # Who traces it sees the calls of the run, and none that write byte code.
        environment = clean_environment | ({"PYTHONDONTWRITEBYTECODE": "1"} if under else {})
        command = [*under, *COMMAND, *arguments]
        return subprocess.run(command, check=False, env={**environment, **(env or {})}, **(options | more))

    return start
