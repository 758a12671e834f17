"""The command against an emulator of this test's own, where the function ``hello`` has three versions."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from lambdapack.emulator.hook import attach

Lambdapack = Callable[..., Any]
Answer = Callable[..., Any]

ROLE = "arn:aws:iam::000000000000:role/emulator"


@pytest.fixture
def lambdapack(run: Lambdapack, tmp_path: Path) -> Lambdapack:
    """Run ``lambdapack`` in ``tmp_path`` against the emulator there, without a terminal; keywords are variables."""
    directory = {"LAMBDAPACK_EMULATOR": str(tmp_path / ".emulator")}
    return lambda *arguments, **more: run(*arguments, env=directory | more, timeout=60, stdin=subprocess.DEVNULL)


@pytest.fixture
def answer(lambdapack: Lambdapack) -> Answer:
    """Run it with ``--json``, which must be well, and return the document."""

    def run(*arguments: str) -> Any:  # noqa: ANN401 - JSON
        done = lambdapack(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def hello(lambdapack: Lambdapack, tmp_path: Path) -> str:
    """The function ``hello`` with the versions 1, 2 and 3, and its source ``src``."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("x = 0\n")
    settings = ("--role", ROLE, "--handler", "app.handler", "--runtime", "python3.13")
    assert lambdapack("create", "hello", "--source", "src", *settings).returncode == 0
    for number in range(1, 4):
        (tmp_path / "src" / "app.py").write_text(f"x = {number}\n")
        assert lambdapack("push", "hello", "--source", "src", "--publish", "-q").returncode == 0
    return "hello"


@pytest.fixture
def other_client(tmp_path: Path) -> Any:  # noqa: ANN401 - boto3 has no types
    """A client of somebody else, to the same emulator."""
    client = boto3.session.Session(
        aws_access_key_id="other",
        aws_secret_access_key="other",  # noqa: S106 - the emulator asks for none
        region_name="us-east-1",
    ).client("lambda")
    attach(client, directory=tmp_path / ".emulator")
    return client
