"""``create`` as a user runs it: whole processes against the emulator. Its members are in ``test_configure``."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

Lambdapack: TypeAlias = Callable[..., Any]

ROLE = "arn:aws:iam::000000000000:role/emulator"
SETTINGS = ("--role", ROLE, "--handler", "app.handler", "--runtime", "python3.13")


@pytest.fixture
def create(lambdapack: Lambdapack, tree: Callable[..., Path]) -> Lambdapack:
    tree({"app.py": b"def handler(event, context): return 1\n"})
    return lambda *more, **variables: lambdapack("create", "hello", "--source", "src", "--json", *more, **variables)


def test_a_function_is_made_once(create: Lambdapack) -> None:
    created, again = create(*SETTINGS, "--architecture", "arm64", "--publish"), create(*SETTINGS)

    assert created.returncode == 0, created.stderr
    assert json.loads(created.stdout)["version"] == "1"
    assert again.returncode == 8
    assert "lambdapack push" in json.loads(again.stdout)["error"]["hint"]


@pytest.mark.parametrize("name", ["role", "handler", "runtime"])
def test_what_is_missing_is_named_and_may_come_from_the_file_or_the_environment(
    create: Lambdapack, tmp_path: Path, name: str
) -> None:
    given = dict(zip(SETTINGS[::2], SETTINGS[1::2], strict=True))
    value = given.pop(f"--{name}")
    rest = [word for pair in given.items() for word in pair]
    refused = create(*rest)
    assert (refused.returncode, f"needs {name}" in refused.stdout) == (2, True)
    assert create(*rest, **{f"LAMBDAPACK_CREATE_{name.upper()}": value}).returncode == 0
    (tmp_path / "lambdapack.toml").write_text(f'{name} = "{value}"\n[functions.hello]\n')
    assert create(*rest).returncode == 8
