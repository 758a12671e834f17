from collections.abc import Callable
from typing import Any

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.aws.refusals import GarbledError
from lambdapack.deploying.function.aliases import Alias, move_alias, read_alias
from lambdapack.deploying.function.session import Session
from lambdapack.errors import AwsError, ConflictError
from tests.deploying.sessions import session_of

Client = Any
Faults = dict[str, list[object]]
Point = Callable[[str], list[str]]

LOST = ["applied, drop", "applied, 500 ServiceException", "applied, garble", "applied, foreign"]


@pytest.fixture
def session(aws: Connection) -> Session:
    return session_of(aws)


@pytest.fixture(autouse=True)
def _two_versions(rival: Client, hello: str, second: Artifact) -> None:
    rival.publish_version(FunctionName=hello)
    rival.update_function_code(FunctionName=hello, ZipFile=second.read(), Publish=True)
    rival.get_function(FunctionName=hello)


@pytest.fixture
def point(aws: Connection) -> Point:
    """Point the alias ``live`` at a version and return the notes."""

    def point(version: str) -> list[str]:
        notes: list[str] = []
        move_alias(session_of(aws, tell=notes.append), "live", version=version)
        return notes

    return point


def target(client: Client) -> tuple[str, dict[str, float]]:
    alias = client.get_alias(FunctionName="hello", Name="live")
    return alias["FunctionVersion"], alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})


def test_an_alias_is_made_moved_and_left_alone(point: Point, rival: Client, operations: list[str]) -> None:
    assert point("1") == []
    assert target(rival) == ("1", {})
    assert point("2") == []
    assert target(rival) == ("2", {})
    operations.clear()
    assert point("2") == []
    assert operations == ["GetAlias"]


@pytest.mark.parametrize("version", ["1", "2"])
def test_weights_are_cleared_and_reported(point: Point, rival: Client, version: str) -> None:
    weights = {"AdditionalVersionWeights": {"2": 0.25}}
    rival.create_alias(FunctionName="hello", Name="live", FunctionVersion="1", RoutingConfig=weights)
    assert point(version) == ["alias live: the weights of version 2 (25%) were cleared"]
    assert target(rival) == (version, {})


@pytest.mark.parametrize("way", LOST)
@pytest.mark.parametrize("there", [False, True])
def test_a_lost_answer_is_settled_by_reading(
    *, point: Point, rival: Client, faults: Faults, way: str, there: bool
) -> None:
    if there:
        rival.create_alias(FunctionName="hello", Name="live", FunctionVersion="1")
    faults["lambda.UpdateAlias" if there else "lambda.CreateAlias"] = [way]
    point("2")
    assert target(rival) == ("2", {})


@pytest.mark.parametrize("there", [False, True])
def test_an_alias_that_somebody_else_moves_is_a_conflict(
    *, point: Point, rival: Client, faults: Faults, there: bool
) -> None:
    def theirs() -> None:
        if there:
            rival.update_alias(FunctionName="hello", Name="live", FunctionVersion="$LATEST")
        else:
            rival.create_alias(FunctionName="hello", Name="live", FunctionVersion="$LATEST")

    if there:
        rival.create_alias(FunctionName="hello", Name="live", FunctionVersion="1")
    faults["lambda.UpdateAlias" if there else "lambda.CreateAlias"] = [theirs]
    with pytest.raises(ConflictError, match=r"the alias live of hello points at version \$LATEST: another client"):
        point("2")
    assert target(rival) == ("$LATEST", {})


def test_an_alias_that_somebody_else_deletes_is_a_conflict(point: Point, rival: Client, faults: Faults) -> None:
    rival.create_alias(FunctionName="hello", Name="live", FunctionVersion="1")
    faults["lambda.UpdateAlias"] = ["412 PreconditionFailedException"]
    faults["lambda.GetAlias"] = [
        lambda: faults.update({"lambda.GetAlias": [lambda: rival.delete_alias(FunctionName="hello", Name="live")]})
    ]
    with pytest.raises(ConflictError, match="was deleted"):
        point("2")


def test_a_changed_description_is_no_conflict(point: Point, rival: Client, faults: Faults) -> None:
    rival.create_alias(FunctionName="hello", Name="live", FunctionVersion="1")
    faults["lambda.UpdateAlias"] = [lambda: rival.update_alias(FunctionName="hello", Name="live", Description="theirs")]
    point("2")
    assert target(rival) == ("2", {})
    assert rival.get_alias(FunctionName="hello", Name="live")["Description"] == "theirs"


def test_a_move_that_never_happens_fails(point: Point, faults: Faults) -> None:
    faults["lambda.CreateAlias"] = ["drop"] * 8
    with pytest.raises(AwsError, match="CreateAlias for hello"):
        point("2")
    faults["lambda.CreateAlias"] = ["garble"] * 3
    with pytest.raises(AwsError, match="does not move"):
        point("2")


def test_an_alias_is_read_with_its_weights(session: Session, rival: Client) -> None:
    weights = {"AdditionalVersionWeights": {"2": 0.25}}
    made = rival.create_alias(FunctionName="hello", Name="live", FunctionVersion="1", RoutingConfig=weights)
    assert read_alias(session, "live") == Alias(
        name="live", version="1", weights={"2": 0.25}, revision_id=made["RevisionId"]
    )
    assert read_alias(session, "none") is None


def test_an_answer_that_is_no_alias_is_asked_for_again(session: Session, point: Point, faults: Faults) -> None:
    faults["lambda.GetAlias"] = ["garble"] * 4
    point("2")
    faults["lambda.GetAlias"] = ["garble"] * 5
    with pytest.raises(GarbledError):
        read_alias(session, "live")


@pytest.mark.parametrize(
    "members",
    [
        {"Name": "other"},
        {"AliasArn": "arn:aws:lambda:us-east-1:000000000000:function:other:live"},
        {"AliasArn": "arn:aws:lambda:us-east-1:000000000000:function:hello:other"},
        {"AliasArn": "arn:aws:lambda:us-east-1:000000000000:function:hello"},
        {
            "Name": "other",
            "AliasArn": "arn:aws:lambda:us-east-1:000000000000:function:hello:other",
        },
    ],
)
def test_an_answer_about_another_alias_is_garbled(
    *, aws: Connection, session: Session, point: Point, members: dict[str, str]
) -> None:
    point("1")
    aws.client("lambda").meta.events.register("after-call.lambda.GetAlias", lambda parsed, **_: parsed.update(members))
    with pytest.raises(GarbledError, match=r"AWS answered about the alias .* when asked for live of hello"):
        read_alias(session, "live")
