"""The IAM policy of docs/permissions.md is what a push needs: no action is missing, and none is there for nothing."""

import json
import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from tests.faults.faultserver import FaultServer, Script, Seen
from tests.faults.pushers import Nursery
from tests.faults.table import (
    ALIAS,
    ATOMIC,
    PLAIN_S3,
    S3,
    aliased,
    gone,
    layered,
    published,
    stored,
    stored_without_checksum,
    unversioned,
)

PERMISSIONS = Path(__file__).parents[2] / "docs/permissions.md"

OBJECTS = {"HeadObject": "s3:GetObject", "GetObject": "s3:GetObject", "PutObject": "s3:PutObject"}


def policy() -> dict[str, Any]:
    """Return the policy that the page shows."""
    section = PERMISSIONS.read_text().partition("\n## IAM policy\n")[2].partition("\n## ")[0]
    block = re.search(r"```json\n(.*?)```", section, re.DOTALL)
    assert block, "the page has no policy"
    return dict(json.loads(block[1]))


def granted() -> set[str]:
    """Return the actions of the page's policy."""
    return {action for statement in policy()["Statement"] for action in statement["Action"]}


def needed(seen: Seen) -> set[str]:
    """Return the actions that a request needs.

    HeadObject needs what GetObject needs (S3 API reference), and another action where a version is named; Lambda
    reads the object with the permissions of whoever calls it, as its refusals say (aws-lambda.md, chapter 2).
    """
    if seen.operation in OBJECTS:
        return {OBJECTS[seen.operation] + ("Version" if "versionId" in seen.parameters else "")}
    location = seen.parameters.get("Content") or seen.parameters  # a layer's has a structure of its own
    read = {"s3:GetObject" + ("Version" if "S3ObjectVersion" in location else "")}
    return {f"lambda:{seen.operation}"} | (read if "S3Key" in location else set())


@pytest.fixture
def pushed(
    serve: Callable[..., FaultServer], pushers: Nursery, environment: Mapping[str, str]
) -> Callable[..., set[str]]:
    """Push once, against a server of its own, and return the actions that this needed."""

    def pushed(
        arguments: str,
        *,
        command: str = "push hello",
        exit_code: int = 0,
        before: Callable[[FaultServer], object] | None = None,
        scripts: tuple[Script, ...] = (),
    ) -> set[str]:
        server = serve(*scripts)
        if before:
            before(server)
        done = pushers.start(
            *(*command.split(), "--zip", "ours.zip", "--endpoint-url", server.url, *arguments.split()),
            directory=server.directory.parent,
            environment=environment,
        )
        assert done.exit_code == exit_code, done.stderr
        return set().union(*map(needed, server.seen))

    return pushed


def test_the_policy_is_what_all_kinds_of_pushes_need(pushed: Callable[..., set[str]]) -> None:
    they_push = Script("UpdateFunctionCode", "they push, apply")
    used = set[str]().union(
        pushed(""),
        pushed("--publish"),
        pushed("--publish --description words"),
        pushed("--publish", before=published),
        pushed("--publish --force", before=published),
        pushed("--publish --no-wait"),
        pushed("--publish --architecture arm64"),
        pushed("--publish --dry-run"),
        pushed("--publish", exit_code=8, scripts=(they_push,)),
        pushed(ATOMIC),
        pushed(ALIAS),
        pushed(ALIAS, before=aliased),
        pushed(f"--publish {S3}"),
        pushed(f"--publish {S3}", before=stored),
        pushed(f"--publish {S3}", before=stored_without_checksum),
        pushed(f"--publish {S3} --dry-run", before=stored),
        pushed(f"--publish {PLAIN_S3}", before=unversioned),
    )

    assert used == granted()


def test_a_push_that_sends_its_package_inline_needs_nothing_of_s3(pushed: Callable[..., set[str]]) -> None:
    first, second = policy()["Statement"]

    assert pushed(f"--publish {ALIAS}") | pushed(ALIAS, before=aliased) == set(first["Action"])
    assert all(action.startswith("s3:") for action in second["Action"])


def test_creating_a_function_needs_one_action_more_and_to_pass_its_role(pushed: Callable[..., set[str]]) -> None:
    used = pushed("--publish --create", before=gone)

    assert used - granted() == {"lambda:CreateFunction"}
    assert "also need `lambda:CreateFunction`, and `iam:PassRole`" in PERMISSIONS.read_text()


def test_the_row_of_layer_push_is_what_all_kinds_of_it_need(pushed: Callable[..., set[str]]) -> None:
    command = "layer push base"
    row = re.search(r"^\| `layer push` \|.*$", PERMISSIONS.read_text(), re.MULTILINE)
    assert row, "the page has no row for layer push"

    inline = pushed("", command=command) | pushed("", command=command, before=layered)
    lost = pushed("", command=command, scripts=(Script("PublishLayerVersion", "apply, drop"),))
    through_s3 = pushed(S3, command=command) | pushed(PLAIN_S3, command=command, before=unversioned)

    assert inline | lost == set(re.findall(r"`(lambda:\w+)`", row[0]))
    assert through_s3 - inline == set(policy()["Statement"][1]["Action"])
    assert "through S3, what `push` needs of it" in row[0]


def test_the_resources_of_the_policy_are_those_of_the_requests(serve: Callable[..., FaultServer]) -> None:
    functions, objects = (statement["Resource"] for statement in policy()["Statement"])

    assert functions == [
        "arn:aws:lambda:REGION:ACCOUNT:function:hello",
        "arn:aws:lambda:REGION:ACCOUNT:function:hello:*",
    ]
    assert fnmatchcase(f"arn:aws:s3:::my-artifacts/{serve().key}", objects)
