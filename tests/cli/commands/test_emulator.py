"""``emulator serve`` and ``reset`` as a user runs them."""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

Lambdapack: TypeAlias = Callable[..., Any]
Answer: TypeAlias = Callable[..., Any]


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_the_emulator_serves_until_a_signal_ends_it(
    tmp_path: Path, lambdapack: Lambdapack, clean_environment: dict[str, str], name: str
) -> None:
    command = [sys.executable, "-m", "lambdapack", "emulator", "serve", "--port", "0", "--state", "served"]
    with subprocess.Popen(command, cwd=tmp_path, env=clean_environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        address = line.removeprefix("listening on ").strip()
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{address}/2015-03-31/functions/") as answered:  # noqa: S310 - loopback
            assert json.load(answered) == {"Functions": []}
        begin = time.monotonic()
        server.send_signal(getattr(signal, name))
        assert server.wait(timeout=10) == 0
        assert time.monotonic() - begin < 2
    assert lambdapack("list", "--emulator", "served").returncode == 0


def test_a_reset_removes_what_is_the_emulators_own(
    lambdapack: Lambdapack, answer: Answer, hello: str, tmp_path: Path
) -> None:
    assert hello
    (tmp_path / ".emulator" / "mine").touch()
    assert lambdapack("emulator", "reset", "--state", ".emulator").returncode == 0
    left = {path.name for path in (tmp_path / ".emulator").rglob("*") if path.is_file()}
    assert left - {"lock"} == {"mine"}
    assert answer("list") == []
