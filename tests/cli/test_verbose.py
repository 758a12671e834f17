"""``-v`` tells each call to AWS, each wait, and whether wheels were at hand; never a value."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lambdapack.deploying.aws.deadline import Deadline

Run = Callable[..., Any]

ROLE = "arn:aws:iam::000000000000:role/emulator"
ID = "request [0-9a-f-]{36}"
CANARY = "cAnArY-77"


@pytest.fixture
def create(run: Run, tmp_path: Path) -> Run:
    """Create a function whose environment holds a value that nobody may see."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("def handler(event, context): return 1\n")
    settings = ("--role", ROLE, "--handler", "app.handler", "--runtime", "python3.13", "--env", f"TOKEN={CANARY}")
    return lambda *more: run("--emulator", ".emulator", "create", "hello", "--source", "src", *settings, *more)


def calls(done: Any) -> list[str]:  # noqa: ANN401 - a finished process
    return [line for line in done.stderr.splitlines() if line.startswith("lambda ")]


def test_each_call_is_one_line_with_what_came_back(create: Run) -> None:
    done = create("-v")

    assert CANARY not in done.stderr
    wanted = ["GetFunction: 404 ResourceNotFoundException", "CreateFunction: 201", "GetFunction: 200"]
    for line, words in zip(calls(done), wanted, strict=True):
        assert re.fullmatch(rf"lambda {words}, {ID} in \d+\.\d\d s", line), line


def test_twice_tells_members_by_name_and_attempts(create: Run) -> None:
    done = create("-vv")

    assert CANARY not in done.stderr
    assert ROLE not in "".join(calls(done))
    assert re.search(
        r"lambda CreateFunction with (\w+, )*Environment, FunctionName, Handler, (\w+, )*Role, ", done.stderr
    )
    assert len([line for line in calls(done) if ", attempt: " in line]) == 3


def test_without_it_nothing_is_told_of_calls(create: Run) -> None:
    assert calls(create()) == []


def test_no_answer_is_told_too(run: Run) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": CANARY}
    there = ("--region", "eu-west-1", "--endpoint-url", "http://127.0.0.1:9", "--timeout", "20")
    done = run("show", "hello", *there, "-v", env=keys)

    assert re.search(r"lambda GetFunction: no answer \(EndpointConnectionError\) in \d+\.\d\d s", done.stderr)
    assert CANARY not in done.stderr


def test_a_wait_is_told(caplog: pytest.LogCaptureFixture) -> None:
    class Clock:
        def now(self) -> float:
            return 0.0

        def sleep(self, seconds: float) -> None:
            assert seconds == 0.2

    with caplog.at_level("INFO", logger="lambdapack"):
        Deadline.after(5, clock=Clock()).pause(0.2, waiting_for="hello")

    assert caplog.messages == ["waiting 0.2 s for hello"]
