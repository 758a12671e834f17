from collections.abc import Callable
from typing import Any

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.publish import PublishRequest, publish
from lambdapack.errors import ConflictError, NotFoundError, UsageError

Client = Any
Faults = dict[str, list[object]]
Versions = Callable[[], dict[str, str]]

REQUEST = PublishRequest(function="hello")

pytestmark = pytest.mark.usefixtures("hello")


def test_what_latest_holds_is_published_once(aws: Connection, first: Artifact, versions: Versions) -> None:
    made = publish(REQUEST, aws)
    again = publish(REQUEST, aws)
    assert (made.published, made.version, made.code_sha256) == (True, "1", first.code_sha256)
    assert (again.published, again.version, again.revision_id) == (False, "1", made.revision_id)
    assert list(versions()) == ["$LATEST", "1"]


def test_the_description_is_that_of_the_first_publish(aws: Connection, rival: Client) -> None:
    notes: list[str] = []
    publish(PublishRequest(function="hello", description="one"), aws)
    publish(PublishRequest(function="hello", description="two"), aws, tell=notes.append)
    assert rival.get_function(FunctionName="hello:1")["Configuration"]["Description"] == "one"
    assert notes[-1] == "version 1 was published before and keeps its description"


@pytest.mark.parametrize("members", [{"code_sha256": "A" * 43 + "="}, {"revision_id": "stale"}])
def test_what_was_not_agreed_on_is_not_published(aws: Connection, versions: Versions, members: dict[str, str]) -> None:
    with pytest.raises(ConflictError):
        publish(PublishRequest(function="hello", **members), aws)  # type: ignore[arg-type] # both are texts
    assert list(versions()) == ["$LATEST"]


def test_the_code_that_is_given_is_published(aws: Connection, first: Artifact) -> None:
    assert publish(PublishRequest(function="hello", code_sha256=first.code_sha256), aws).published


def test_a_code_sha256_in_another_spelling_is_refused(aws: Connection, operations: list[str]) -> None:
    with pytest.raises(UsageError, match="is not a CodeSha256"):
        publish(PublishRequest(function="hello", code_sha256="sha256:abc"), aws)
    assert operations == []


@pytest.mark.parametrize("way", ["applied, drop", "applied, garble", "applied, 500 ServiceException"])
def test_a_lost_answer_makes_one_version(aws: Connection, faults: Faults, versions: Versions, way: str) -> None:
    faults["lambda.PublishVersion"] = [way]
    result = publish(REQUEST, aws)
    assert (result.published, result.version) == (True, "1")
    assert list(versions()) == ["$LATEST", "1"]


def test_a_push_of_somebody_else_is_a_conflict(
    aws: Connection, rival: Client, third: Artifact, faults: Faults, versions: Versions
) -> None:
    def theirs() -> None:
        rival.update_function_code(FunctionName="hello", ZipFile=third.read())
        rival.get_function(FunctionName="hello")

    faults["lambda.PublishVersion"] = [theirs]
    with pytest.raises(ConflictError, match="another client pushed"):
        publish(REQUEST, aws)
    assert list(versions()) == ["$LATEST"]


def test_a_naive_publish_publishes_what_somebody_else_pushed(
    rival: Client, third: Artifact, versions: Versions
) -> None:
    rival.get_function(FunctionName="hello")
    rival.update_function_code(FunctionName="hello", ZipFile=third.read())
    rival.get_function(FunctionName="hello")
    rival.publish_version(FunctionName="hello")
    assert versions()["1"] == third.code_sha256


def test_a_function_that_is_not_there_is_not_found(aws: Connection) -> None:
    with pytest.raises(NotFoundError):
        publish(PublishRequest(function="nothing"), aws)
