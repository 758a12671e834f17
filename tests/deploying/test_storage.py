"""How Lambda keeps a package: copied or read from S3, and under which key."""

from collections.abc import Callable
from typing import Any

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.create import CreateRequest, CreateSettings, create
from lambdapack.deploying.push import PushRequest, PushResult, push
from lambdapack.deploying.upload.transport import Route
from lambdapack.errors import AwsError, CheckError, UsageError

Client = Any
Push = Callable[..., PushResult]

KEY = "arn:aws:kms:us-east-1:000000000000:key/1"
REFERENCE = {"S3ObjectStorageMode": "REFERENCE"}


@pytest.fixture
def sent(aws: Connection) -> list[dict[str, Any]]:
    """Record what UpdateFunctionCode and PublishVersion are sent, less the package."""
    requests: list[dict[str, Any]] = []

    def record(params: dict[str, Any], **_: object) -> None:
        requests.append({name: value for name, value in params.items() if name != "ZipFile"})

    for operation in ("UpdateFunctionCode", "PublishVersion"):
        aws.client("lambda").meta.events.register(f"provide-client-params.lambda.{operation}", record)
    return requests


@pytest.fixture
def pushed(aws: Connection, hello: str) -> Push:
    def pushed(artifact: Artifact, *, bucket: str | None = None, **fields: Any) -> PushResult:  # noqa: ANN401
        return push(PushRequest(function=hello, route=Route(s3_bucket=bucket), **fields), artifact, aws)

    return pushed


def code(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get_function(FunctionName="hello")["Code"]
    return found


class TestReference:
    def test_a_function_becomes_one_and_stays_one(
        self, pushed: Push, rival: Client, second: Artifact, third: Artifact, sent: list[dict[str, Any]]
    ) -> None:
        assert pushed(second, bucket="emulator", parameters=REFERENCE).transport == "s3"
        assert code(rival)["ResolvedS3Object"]["S3Key"].endswith(f"{second.sha256_hex}.zip")
        assert pushed(third, bucket="emulator").transport == "s3"
        assert sent[-1]["S3ObjectStorageMode"] == "REFERENCE"
        assert sent[-1]["S3ObjectVersion"]
        assert code(rival)["ResolvedS3Object"]["S3Key"].endswith(f"{third.sha256_hex}.zip")

    def test_the_same_code_is_kept_otherwise_on_request(
        self, pushed: Push, rival: Client, first: Artifact, sent: list[dict[str, Any]]
    ) -> None:
        assert pushed(first, bucket="emulator", parameters=REFERENCE).uploaded
        assert not pushed(first, bucket="emulator", parameters=REFERENCE).uploaded
        assert not pushed(first).uploaded
        assert pushed(first, parameters={"S3ObjectStorageMode": "COPY"}).transport == "inline"
        assert "ResolvedS3Object" not in code(rival)
        assert len(sent) == 2

    def test_without_a_bucket_it_is_refused(
        self, pushed: Push, second: Artifact, third: Artifact, operations: list[str]
    ) -> None:
        pushed(second, bucket="emulator", parameters=REFERENCE)
        operations.clear()
        with pytest.raises(CheckError, match="reads its package from S3") as caught:
            pushed(third)
        assert "--s3-bucket" in caught.value.hint
        assert operations == ["GetFunction"]

    def test_a_bucket_without_versions_is_refused(self, pushed: Push, second: Artifact, bucket: Client) -> None:
        bucket.create_bucket(Bucket="plain")
        with pytest.raises(CheckError, match="a bucket without versions"):
            pushed(second, bucket="plain", parameters=REFERENCE)

    def test_a_function_is_created_as_one(self, aws: Connection, rival: Client, second: Artifact) -> None:
        settings = CreateSettings(
            role="arn:aws:iam::000000000000:role/emulator",
            handler="app.handler",
            runtime="python3.13",
            parameters={**REFERENCE, "SourceKMSKeyArn": KEY},
        )
        with pytest.raises(CheckError, match="the package travels by inline"):
            create(CreateRequest(function="hello", settings=settings), second, aws)
        route = Route(transport="s3", s3_bucket="emulator")
        create(CreateRequest(function="hello", settings=settings, route=route), second, aws)
        assert code(rival)["SourceKMSKeyArn"] == KEY
        assert "ResolvedS3Object" in code(rival)


class TestKey:
    def test_it_is_sent_with_every_update(
        self, pushed: Push, rival: Client, second: Artifact, third: Artifact, sent: list[dict[str, Any]]
    ) -> None:
        for artifact in (second, third):
            pushed(artifact, parameters={"SourceKMSKeyArn": KEY})
            assert code(rival)["SourceKMSKeyArn"] == KEY
        assert [request["SourceKMSKeyArn"] for request in sent] == [KEY, KEY]

    def test_another_key_for_the_same_code_is_an_update(self, pushed: Push, first: Artifact) -> None:
        members = {"SourceKMSKeyArn": KEY}
        assert [pushed(first, parameters=members).uploaded for _ in range(2)] == [True, False]
        assert pushed(first, parameters={"SourceKMSKeyArn": ""}).uploaded

    @pytest.mark.parametrize("way", ["applied, drop", "applied, garble", "409 ResourceConflictException"])
    def test_a_lost_answer_is_settled_by_reading(
        self, pushed: Push, rival: Client, first: Artifact, faults: dict[str, list[object]], way: str
    ) -> None:
        faults["lambda.UpdateFunctionCode"] = [way]
        assert pushed(first, parameters={"SourceKMSKeyArn": KEY}).uploaded
        assert code(rival)["SourceKMSKeyArn"] == KEY

    def test_the_same_code_under_the_old_key_is_no_success(
        self, pushed: Push, rival: Client, first: Artifact, faults: dict[str, list[object]]
    ) -> None:
        faults["lambda.UpdateFunctionCode"] = ["drop"] * 8
        with pytest.raises(AwsError):
            pushed(first, parameters={"SourceKMSKeyArn": KEY})
        assert "SourceKMSKeyArn" not in code(rival)


def test_publish_to_goes_where_something_is_published(
    aws: Connection, hello: str, second: Artifact, sent: list[dict[str, Any]]
) -> None:
    """The emulator does not publish there, so only the requests are looked at."""
    members = {"PublishTo": "LATEST_PUBLISHED"}
    push(PushRequest(function=hello, parameters=members), second, aws)
    assert "PublishTo" not in sent[0]
    push(PushRequest(function=hello, parameters=members, publish=True), second, aws)
    assert sent[1]["PublishTo"] == "LATEST_PUBLISHED"
    push(PushRequest(function=hello, parameters=members, atomic=True, force=True), second, aws)
    assert (sent[2]["Publish"], sent[2]["PublishTo"]) == (True, "LATEST_PUBLISHED")


def test_members_of_other_requests_are_left_alone(pushed: Push, second: Artifact, sent: list[dict[str, Any]]) -> None:
    pushed(second, parameters={"Tags": {"team": "a"}, "VpcConfig": {"SubnetIds": ["subnet-a"]}})
    assert sent[0].keys() == {"FunctionName", "RevisionId"}


def test_a_member_that_nobody_knows_is_refused(pushed: Push, second: Artifact, operations: list[str]) -> None:
    with pytest.raises(UsageError, match="SourceKMSKeyArns"):
        pushed(second, parameters={"SourceKMSKeyArns": KEY})
    assert operations == []
