"""``show``, ``list`` and ``versions`` as a user runs them: whole processes against the emulator."""

from collections.abc import Callable
from typing import Any, TypeAlias

Lambdapack: TypeAlias = Callable[..., Any]
Answer: TypeAlias = Callable[..., Any]


def test_everything_is_shown_and_gone(lambdapack: Lambdapack, answer: Answer, hello: str) -> None:
    shown = answer("show", f"{hello}:2")
    assert (shown["version"], shown["environment"], shown["function_timeout"]) == ("2", [], 3)
    assert "version 2\n" in lambdapack("show", f"{hello}:2").stdout
    assert [entry["function"] for entry in answer("list")] == ["hello"]
    assert lambdapack("list").stdout.startswith("hello  python3.13  x86_64  ")
    assert answer("delete", f"{hello}:2", "--yes")["version"] == "2"
    assert answer("delete", hello, "--yes")["versions"] == ["1", "3"]
    assert answer("list") == []
