"""``diff`` as a user runs it: whole processes against the emulator."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

Lambdapack: TypeAlias = Callable[..., Any]


def test_the_timeout_counts_while_the_package_is_built(lambdapack: Lambdapack, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("x = 0\n")
    (tmp_path / "lambdapack.toml").write_text('[functions.hello]\nsource = "src"\noutput = "hello.zip"\n')
    for command in ("push", "diff"):
        done = lambdapack(command, "hello", "--timeout", "0.0001")
        assert done.returncode == 7
        assert "gave up after 0.0001 s, building the package" in done.stderr
    assert not (tmp_path / "hello.zip").exists()
