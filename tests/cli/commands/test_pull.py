"""``pull``, then ``diff``, as a user runs them: whole processes against the emulator."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

Lambdapack: TypeAlias = Callable[..., Any]
Answer: TypeAlias = Callable[..., Any]


def test_a_package_comes_back_and_is_compared(
    lambdapack: Lambdapack, answer: Answer, hello: str, tmp_path: Path
) -> None:
    pulled = answer("pull", f"{hello}:1", "-o", "out.zip", "--unzip", "out")
    assert (pulled["version"], pulled["path"], pulled["entries"]) == ("1", "out.zip", 1)
    assert (tmp_path / "out" / "app.py").read_text() == "x = 1\n"
    same = lambdapack("diff", f"{hello}:1", "--zip", "out.zip", "--exit-code")
    assert (same.returncode, same.stdout) == (0, "identical\n")
    other = lambdapack("diff", f"{hello}:1", "--source", "src", "--exit-code")
    assert (other.returncode, other.stdout.split()) == (1, ["changed", "app.py"])
    assert lambdapack("diff", f"{hello}:1", "--source", "src").returncode == 0
    document = answer("diff", f"{hello}:1", "--source", "src")
    assert (document["verdict"], [change["name"] for change in document["changed"]]) == ("different", ["app.py"])
