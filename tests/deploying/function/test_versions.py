from collections.abc import Callable
from typing import Any

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.aws.deadline import Deadline
from lambdapack.deploying.aws.refusals import GarbledError
from lambdapack.deploying.function.versions import read_versions
from lambdapack.deploying.push import PushRequest, push
from lambdapack.errors import AwsError, ConflictError
from tests.deploying.sessions import FakeApi, session_of

Client = Any
Faults = dict[str, list[object]]
Versions = Callable[[], dict[str, str]]

HELLO = {"FunctionName": "hello", "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:hello"}
DEADLINE = Deadline.after(1e9)
PUBLISH = PushRequest(function="hello", publish=True)

pytestmark = pytest.mark.usefixtures("hello")


@pytest.mark.parametrize(
    "ways",
    [
        ["applied, drop"],
        ["applied, time-out"],
        ["applied, 500 ServiceException"],
        ["applied, garble"],
        ["applied, cut"],
        ["applied, foreign"],
        ["applied, drop", *["drop"] * 7],
        ["applied, 500 ServiceException"] * 30,
    ],
    ids=" ".join,
)
def test_a_publish_whose_answer_is_lost_makes_one_version(
    aws: Connection, first: Artifact, faults: Faults, versions: Versions, ways: list[str]
) -> None:
    faults["lambda.PublishVersion"] = list(ways)
    result = push(PUBLISH, first, aws)
    assert (result.published, result.version) == (True, "1")
    assert versions() == {"$LATEST": first.code_sha256, "1": first.code_sha256}


@pytest.mark.parametrize(
    "ways",
    [["drop"] * 3, ["garble"], ["foreign"], ["409 ResourceConflictException"] * 3, ["412 PreconditionFailedException"]],
)
def test_a_publish_that_was_not_begun_is_sent_again(
    aws: Connection, first: Artifact, faults: Faults, versions: Versions, ways: list[str]
) -> None:
    faults["lambda.PublishVersion"] = list(ways)
    assert push(PUBLISH, first, aws).version == "1"
    assert list(versions()) == ["$LATEST", "1"]


def test_a_publish_that_never_happens_fails(
    aws: Connection, first: Artifact, faults: Faults, versions: Versions
) -> None:
    faults["lambda.PublishVersion"] = ["drop"] * 100
    with pytest.raises(AwsError, match="PublishVersion for hello"):
        push(PUBLISH, first, aws)
    assert list(versions()) == ["$LATEST"]


def test_a_naive_publish_with_a_revision_fails_although_the_version_is_there(
    aws: Connection, rival: Client, faults: Faults, versions: Versions
) -> None:
    from botocore.exceptions import ClientError  # noqa: PLC0415 - only tests with a client load it

    found = rival.get_function(FunctionName="hello")["Configuration"]
    faults["lambda.PublishVersion"] = ["applied, drop"]
    with pytest.raises(ClientError, match="PreconditionFailed"):
        aws.client("lambda").publish_version(FunctionName="hello", RevisionId=found["RevisionId"])
    assert list(versions()) == ["$LATEST", "1"]


def test_a_version_of_somebody_else_is_not_taken_for_ours(
    aws: Connection, rival: Client, first: Artifact, third: Artifact, faults: Faults
) -> None:
    def their_push() -> None:
        rival.update_function_code(FunctionName="hello", ZipFile=third.read(), Publish=True)
        rival.get_function(FunctionName="hello")

    faults["lambda.PublishVersion"] = [their_push]
    with pytest.raises(ConflictError, match="another client pushed") as caught:
        push(PUBLISH, first, aws)
    assert caught.value.details["found_code_sha256"] == third.code_sha256


def test_a_mismatch_that_aws_finds_is_a_conflict(aws: Connection, second: Artifact) -> None:
    with pytest.raises(ConflictError, match="CodeSHA256"):
        aws.lambda_api(DEADLINE)("PublishVersion", FunctionName="hello", CodeSha256=second.code_sha256)


class TestReading:
    def test_versions_are_read_with_their_code(
        self, aws: Connection, first: Artifact, second: Artifact, rival: Client
    ) -> None:
        for artifact in (first, second):
            push(PUBLISH, artifact, aws)
        found = read_versions(session_of(aws))
        assert found.codes == {"1": first.code_sha256, "2": second.code_sha256}
        assert found.unchanged == "2"
        rival.delete_function(FunctionName="hello", Qualifier="1")
        assert list(read_versions(session_of(aws)).codes) == ["2"]

    def test_every_page_is_followed(self) -> None:
        last = [HELLO | {"Version": "10", "CodeSha256": "z"}, HELLO | {"Version": "$LATEST.PUBLISHED"}]
        pages: dict[object, dict[str, Any]] = {
            None: {"Versions": [HELLO | {"Version": "$LATEST", "CodeSha256": "z"}], "NextMarker": "a"},
            "a": {"Versions": [HELLO | {"Version": "9", "CodeSha256": "y"}], "NextMarker": "b"},
            "b": {"Versions": last},
        }
        found = read_versions(session_of(FakeApi(lambda _, /, **members: pages[members.get("Marker")])))
        assert found.codes == {"9": "y", "10": "z"}
        assert found.unchanged == "10"

    def test_a_changed_configuration_makes_the_newest_version_old(self) -> None:
        same: dict[str, Any] = HELLO | {"CodeSha256": "z"}
        entries = [
            same | {"Version": "$LATEST", "MemorySize": 512, "RevisionId": "r1", "Description": ""},
            same | {"Version": "1", "MemorySize": 128, "RevisionId": "r2", "Description": "one"},
        ]
        assert read_versions(session_of(FakeApi(lambda *_, **__: {"Versions": entries}))).unchanged is None
        entries[1]["MemorySize"] = 512
        assert read_versions(session_of(FakeApi(lambda *_, **__: {"Versions": entries}))).unchanged == "1"

    @pytest.mark.parametrize(
        "member", [{"FunctionName": "other"}, {"FunctionArn": f"{HELLO['FunctionArn']}:3"}, {"Version": "4"}]
    )
    def test_a_list_of_something_else_is_garbled(self, member: dict[str, str]) -> None:
        entry = {"FunctionName": "hello", "FunctionArn": f"{HELLO['FunctionArn']}:9", "Version": "9", **member}
        with pytest.raises(GarbledError, match="when asked for hello"):
            read_versions(session_of(FakeApi(lambda *_, **__: {"Versions": [entry]})))

    def test_an_answer_without_a_list_is_garbled(self) -> None:
        with pytest.raises(GarbledError):
            read_versions(session_of(FakeApi(lambda *_, **__: {})))
