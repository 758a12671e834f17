"""What a program asks for that makes no sense is refused by ``UsageError``, before anything is sent."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.alias import AliasRequest, RollbackRequest, alias, delete_alias, rollback
from lambdapack.deploying.aws.connection import Connection, ConnectionSettings, connect
from lambdapack.deploying.configure import ConfigureRequest, configure
from lambdapack.deploying.create import CreateRequest, CreateSettings, create
from lambdapack.deploying.delete import DeleteRequest, delete
from lambdapack.deploying.diff import DiffRequest, diff
from lambdapack.deploying.function.session import check_fields
from lambdapack.deploying.layers.push import LayerRequest, push_layer
from lambdapack.deploying.prune import PruneRequest, prune
from lambdapack.deploying.publish import PublishRequest, publish
from lambdapack.deploying.pull import PullRequest, pull
from lambdapack.deploying.push import PushRequest, push
from lambdapack.deploying.show import ListRequest, ShowRequest, VersionsRequest, list_functions, show, versions
from lambdapack.deploying.upload.package import Image
from lambdapack.deploying.upload.transport import Route
from lambdapack.errors import UsageError

ZIP = CreateSettings(role="arn:aws:iam::000000000000:role/emulator", handler="app.handler", runtime="python3.13")

Story = Callable[[Connection, Artifact, dict[str, Any]], object]

STORIES: dict[str, Story] = {
    "push": lambda aws, package, given: push(PushRequest(**given), package, aws),
    "create": lambda aws, package, given: create(CreateRequest(**{"settings": ZIP, **given}), package, aws),
    "configure": lambda aws, _, given: configure(ConfigureRequest(**given), aws),
    "publish": lambda aws, _, given: publish(PublishRequest(**given), aws),
    "alias": lambda aws, _, given: alias(AliasRequest(**{"alias": "live", "version": "1", **given}), aws),
    "delete_alias": lambda aws, _, given: delete_alias(AliasRequest(**{"alias": "live", **given}), aws),
    "rollback": lambda aws, _, given: rollback(RollbackRequest(**{"alias": "live", **given}), aws),
    "prune": lambda aws, _, given: prune(PruneRequest(**{"keep": 1, **given}), aws),
    "delete": lambda aws, _, given: delete(DeleteRequest(**given), aws),
    "pull": lambda aws, _, given: pull(PullRequest(**{"output": "never.zip", **given}), aws),
    "diff": lambda aws, package, given: diff(DiffRequest(**given), package, aws),
    "show": lambda aws, _, given: show(ShowRequest(**given), aws),
    "versions": lambda aws, _, given: versions(VersionsRequest(**given), aws),
}


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize(
    "given",
    [
        *({"function": name} for name in ("", " ", "hello world", "hällo", "a" * 65, "hello:", "arn:aws:s3:::hello")),
        {"function": "arn:aws:lambda:eu-west-1:000000000000:function:hello"},
        *({"function": "hello", "timeout": seconds} for seconds in (0, -1.5, float("nan"), "10", None)),
        *({"function": name} for name in (None, 5, b"hello", Path("hello"))),
    ],
    ids=str,
)
def test_a_function_or_a_timeout_that_makes_no_sense(
    story: str, given: dict[str, Any], aws: Connection, first: Artifact, operations: list[str]
) -> None:
    with pytest.raises(UsageError):
        STORIES[story](aws, first, given)
    assert operations == []


@pytest.mark.parametrize(
    ("story", "given"),
    [
        ("push", {"architecture": "mips"}),
        ("push", {"route": Route(transport="pigeon")}),  # type: ignore[arg-type]
        ("push", {"alias": "1"}),
        ("push", {"parameters": {"Tags": 1}}),
        ("create", {"settings": CreateSettings(role="r", handler="h", runtime="r", architecture="mips")}),
        ("create", {"settings": CreateSettings(role="r")}),
        ("configure", {"parameters": {"MemorySizes": 512}}),
        ("publish", {"code_sha256": "not one"}),
        ("alias", {"alias": "no alias"}),
        ("alias", {"version": "one"}),
        ("alias", {"weights": {"2": 1.5}}),
        ("alias", {"weights": {"two": 0.5}}),
        ("rollback", {"to": "one"}),
        ("prune", {"keep": -1}),
        ("pull", {"output": None}),
        ("push", {"alias": 1}),
        ("push", {"revision_id": Path("r")}),
        ("push", {"route": Route(s3_bucket=Path("b"))}),  # type: ignore[arg-type]
        ("create", {"settings": CreateSettings(role="r", handler=5, runtime="r")}),  # type: ignore[arg-type]
        ("configure", {"memory": "512"}),
        ("configure", {"environment": {"STAGE": "prod"}}),
        ("publish", {"code_sha256": 5}),
        ("alias", {"alias": None}),
        ("alias", {"version": 1}),
        ("alias", {"weights": {2: 0.5}}),
        ("alias", {"weights": {"2": "0.5"}}),
        ("rollback", {"to": 3}),
        ("prune", {"keep": "3"}),
    ],
    ids=str,
)
def test_another_value_that_makes_no_sense(
    story: str, given: dict[str, Any], aws: Connection, first: Artifact, operations: list[str]
) -> None:
    with pytest.raises(UsageError):
        STORIES[story](aws, first, {"function": "hello", **given})
    assert operations == []


@pytest.mark.parametrize("package", ["hello.zip", None], ids=str)
@pytest.mark.parametrize("story", ["push", "create", "diff"])
def test_what_is_no_package(story: str, package: Any, aws: Connection) -> None:  # noqa: ANN401 - nothing that is one
    with pytest.raises(UsageError, match="is not Artifact"):
        STORIES[story](aws, package, {"function": "hello"})


def test_an_image_is_neither_a_layer_nor_compared(aws: Connection) -> None:
    image: Any = Image(uri="000000000000.dkr.ecr.us-east-1.amazonaws.com/hello:1")
    with pytest.raises(UsageError, match="Image is not Artifact"):
        push_layer(LayerRequest(layer="shared"), image, aws)
    with pytest.raises(UsageError, match="Image is not Artifact"):
        diff(DiffRequest(function="hello"), image, aws)


@pytest.mark.parametrize(
    "given",
    [
        *({"layer": name} for name in ("", "a b", "shared:1", "a" * 141)),
        {"runtimes": "python3.13"},
        {"architectures": "arm64"},
        {"architectures": ["mips"]},
        {"runtimes": [f"python3.{minor}" for minor in range(16)]},
        {"description": "x" * 257},
        {"timeout": 0},
        {"timeout": "10"},
        {"layer": None},
        {"description": 5},
        {"license_info": Path("LICENSE")},
        {"route": Route(transport="s3")},
    ],
    ids=str,
)
def test_a_layer_that_makes_no_sense(
    given: dict[str, Any], aws: Connection, first: Artifact, operations: list[str]
) -> None:
    with pytest.raises(UsageError):
        push_layer(LayerRequest(**{"layer": "shared", **given}), first, aws)
    assert operations == []


@pytest.mark.parametrize("timeout", [0, "10"], ids=str)
def test_a_list_without_time(timeout: Any, aws: Connection) -> None:  # noqa: ANN401 - nothing that is one
    with pytest.raises(UsageError):
        list_functions(ListRequest(timeout=timeout), aws)


def test_what_is_wrong_is_named(aws: Connection, first: Artifact) -> None:
    wrong: Any = {"TOKEN": "canary"}
    with pytest.raises(UsageError, match=r"^environment is of type dict, not an Environment$") as caught:
        configure(ConfigureRequest(function="hello", environment=wrong), aws)
    assert "canary" not in f"{caught.value}{caught.value.hint}"
    with pytest.raises(UsageError, match=r"^function is of type dict, not a text$"):
        push(PushRequest(function=wrong), first, aws)
    for fitting in (PushRequest(function="hello"), ConfigureRequest(function="hello", memory=512, unset=("A",)), ZIP):
        check_fields(fitting)


@pytest.mark.parametrize(
    ("name", "number"), [("attempts", 0), ("attempts", "8"), ("connect_timeout", -1.0), ("read_timeout", 0.0)]
)
def test_a_connection_that_makes_no_sense(name: str, number: object, tmp_path: Path) -> None:
    given: dict[str, Any] = {name: number}
    with pytest.raises(UsageError, match=name):
        connect(ConnectionSettings(emulator=tmp_path, **given))
