"""``prune`` as a user runs it: whole processes against the emulator."""

from collections.abc import Callable
from typing import Any, TypeAlias

Lambdapack: TypeAlias = Callable[..., Any]
Answer: TypeAlias = Callable[..., Any]


def test_old_versions_are_listed_then_pruned(lambdapack: Lambdapack, answer: Answer, hello: str) -> None:
    rehearsed = lambdapack("prune", hello, "--keep", "1", "--dry-run")
    assert [line.split()[0] for line in rehearsed.stdout.splitlines()] == ["1", "2"]
    assert answer("prune", hello, "--keep", "1", "--dry-run")["dry_run"] is True
    assert answer("prune", hello, "--keep", "1", "--yes") == {
        "function": "hello",
        "deleted": ["1", "2"],
        "kept": ["3"],
        "refused": [],
        "dry_run": False,
    }
