"""``publish`` as a user runs it: whole processes against the emulator."""

from collections.abc import Callable
from typing import Any, TypeAlias

Lambdapack: TypeAlias = Callable[..., Any]
Answer: TypeAlias = Callable[..., Any]


def test_what_is_published_already_is_answered_and_not_published_again(
    lambdapack: Lambdapack, answer: Answer, hello: str
) -> None:
    published = answer("publish", hello)

    assert (published["published"], published["version"]) == (False, "3")
    assert list(published) == ["function", "function_arn", "code_sha256", "published", "version", "revision_id"]
    words = lambdapack("publish", hello).stdout.splitlines()
    assert words == [f"code_sha256 {published['code_sha256']}", "version 3"]
