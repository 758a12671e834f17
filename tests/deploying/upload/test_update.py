"""The verdict on an update equals what the function holds, whatever became of the answer."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.aws.refusals import UnansweredError
from lambdapack.deploying.push import PushRequest, push
from lambdapack.errors import AwsError, ConflictError

Client = Any
Faults = dict[str, list[object]]
Versions = Callable[[], dict[str, str]]
Happening = Callable[[], object]

LOST = [
    ["applied, drop"],
    ["applied, time-out"],
    ["applied, 500 ServiceException"],
    ["applied, 503 ServiceUnavailable"],
    ["applied, garble"],
    ["applied, cut"],
    ["applied, foreign"],
    ["applied, drop", *["drop"] * 7],
    ["applied, drop", "drop", "applied, drop"],
    ["applied, drop", "409 ResourceConflictException"],
    ["applied, drop", *["429 TooManyRequestsException"] * 7],
]
HARMLESS = [
    ["drop"],
    ["500 ServiceException", "time-out", "drop"],
    ["429 TooManyRequestsException"] * 6,
    ["409 ResourceConflictException"] * 3,
    ["412 PreconditionFailedException"],
]
"""Nothing was applied, and a later try succeeds."""

pytestmark = pytest.mark.usefixtures("hello")


@pytest.mark.parametrize("atomic", [False, True])
@pytest.mark.parametrize("ways", LOST, ids=" ".join)
def test_an_update_whose_answer_is_lost_is_done(
    *, aws: Connection, second: Artifact, faults: Faults, versions: Versions, ways: list[str], atomic: bool
) -> None:
    faults["lambda.UpdateFunctionCode"] = list(ways)
    result = push(PushRequest(function="hello", publish=True, atomic=atomic), second, aws)
    assert (result.uploaded, result.published, result.version) == (True, True, "1")
    assert versions() == {"$LATEST": second.code_sha256, "1": second.code_sha256}


@pytest.mark.parametrize("ways", HARMLESS, ids=" ".join)
def test_an_update_that_was_not_begun_is_sent_again(
    aws: Connection, second: Artifact, faults: Faults, versions: Versions, ways: list[str]
) -> None:
    faults["lambda.UpdateFunctionCode"] = list(ways)
    result = push(PushRequest(function="hello", publish=True), second, aws)
    assert (result.uploaded, result.published, result.version) == (True, True, "1")
    assert versions() == {"$LATEST": second.code_sha256, "1": second.code_sha256}


@pytest.mark.parametrize("way", ["drop", "time-out", "500 ServiceException", "429 TooManyRequestsException"])
def test_an_update_that_never_happens_fails(
    *, aws: Connection, first: Artifact, second: Artifact, faults: Faults, versions: Versions, way: str
) -> None:
    faults["lambda.UpdateFunctionCode"] = [way] * 8
    with pytest.raises(AwsError, match="UpdateFunctionCode for hello") as caught:
        push(PushRequest(function="hello", publish=True), second, aws)
    assert caught.value.exit_code == 7
    assert faults["lambda.UpdateFunctionCode"] == []
    assert versions() == {"$LATEST": first.code_sha256}


@pytest.mark.parametrize("way", ["garble", "cut", "foreign"])
def test_a_meaningless_200_is_no_success(
    *, aws: Connection, first: Artifact, second: Artifact, faults: Faults, versions: Versions, way: str
) -> None:
    faults["lambda.UpdateFunctionCode"] = [way]
    with pytest.raises(AwsError):
        push(PushRequest(function="hello", publish=True), second, aws)
    assert versions() == {"$LATEST": first.code_sha256}


def test_a_conflict_that_never_ends_ends_at_the_deadline(aws: Connection, second: Artifact, faults: Faults) -> None:
    faults["lambda.UpdateFunctionCode"] = ["409 ResourceConflictException"] * 1000
    with pytest.raises(AwsError, match="gave up after 60 s, waiting for"):
        push(PushRequest(function="hello", timeout=60), second, aws)


def test_other_bytes_in_lambda_are_an_error_and_not_published(
    aws: Connection, second: Artifact, third: Artifact, versions: Versions
) -> None:
    def replace_the_body(params: dict[str, Any], **_: object) -> None:
        params["ZipFile"] = third.read()

    aws.client("lambda").meta.events.register("provide-client-params.lambda.UpdateFunctionCode", replace_the_body)
    with pytest.raises(AwsError, match="Lambda stored other bytes for hello") as caught:
        push(PushRequest(function="hello", publish=True), second, aws)
    assert caught.value.exit_code == 7
    assert versions() == {"$LATEST": third.code_sha256}


def test_a_forced_update_is_sent_again_after_a_conflict(
    aws: Connection, first: Artifact, faults: Faults, operations: list[str]
) -> None:
    faults["lambda.UpdateFunctionCode"] = ["409 ResourceConflictException"]
    assert push(PushRequest(function="hello", force=True), first, aws).uploaded
    assert operations.count("UpdateFunctionCode") == 2


def test_code_that_came_with_a_conflict_is_somebody_elses(
    *, aws: Connection, rival: Client, second: Artifact, third: Artifact, faults: Faults, versions: Versions
) -> None:
    def their_push() -> None:
        rival.update_function_code(FunctionName="hello", ZipFile=third.read())

    faults["lambda.UpdateFunctionCode"] = ["409 ResourceConflictException"]
    faults["lambda.GetFunction"] = [lambda: faults.update({"lambda.GetFunction": [their_push]})]
    with pytest.raises(ConflictError, match="another client pushed"):
        push(PushRequest(function="hello", publish=True), second, aws)
    assert versions() == {"$LATEST": third.code_sha256}


@pytest.mark.parametrize(
    "permission", ["GetFunction", "UpdateFunctionCode", "PublishVersion", "ListVersionsByFunction"]
)
def test_a_missing_permission_is_named_and_not_retried(
    *, aws: Connection, second: Artifact, faults: Faults, operations: list[str], permission: str
) -> None:
    faults[f"lambda.{permission}"] = ["403 AccessDeniedException"]
    with pytest.raises(AwsError) as caught:
        push(PushRequest(function="hello", publish=True), second, aws)
    assert caught.value.exit_code == 7
    assert f"lambda:{permission}" in caught.value.hint
    assert operations.count(permission) == 1


class TestNaivePush:
    """The control: plain calls of boto3, guarded by the RevisionId as we are, fail where we do not."""

    @pytest.fixture
    def naive_push(self, aws: Connection, second: Artifact) -> Happening:
        client = aws.client("lambda")

        def naive_push() -> object:
            found = client.get_function(FunctionName="hello")["Configuration"]
            return client.update_function_code(
                FunctionName="hello", ZipFile=second.read(), RevisionId=found["RevisionId"]
            )

        return naive_push

    @pytest.mark.parametrize("ways", LOST[:4], ids=" ".join)
    def test_it_fails_although_its_code_is_live(
        self, *, second: Artifact, faults: Faults, versions: Versions, naive_push: Happening, ways: list[str]
    ) -> None:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - only tests with a client load it

        faults["lambda.UpdateFunctionCode"] = list(ways)
        with pytest.raises(ClientError, match="PreconditionFailed"):
            naive_push()
        assert versions() == {"$LATEST": second.code_sha256}

    def test_it_takes_a_meaningless_200_for_success(
        self, first: Artifact, faults: Faults, versions: Versions, naive_push: Happening
    ) -> None:
        faults["lambda.UpdateFunctionCode"] = ["garble"]
        naive_push()
        assert versions() == {"$LATEST": first.code_sha256}


class TestFailedUpdate:
    """The emulator cannot fail an update, so these answers are written by hand."""

    @pytest.fixture
    def failing(self, aws: Connection, second: Artifact) -> Connection:
        def fail(parsed: dict[str, Any], **_: object) -> None:
            configuration = parsed["Configuration"]
            if configuration["CodeSha256"] == second.code_sha256:
                configuration["LastUpdateStatus"] = "Failed"
                configuration["LastUpdateStatusReason"] = "The KMS key is disabled."
                configuration["LastUpdateStatusReasonCode"] = "DisabledKMSKey"

        aws.client("lambda").meta.events.register("after-call.lambda.GetFunction", fail)
        return aws

    def test_it_ends_the_push_at_once_with_the_reason(
        self, failing: Connection, second: Artifact, operations: list[str]
    ) -> None:
        with pytest.raises(AwsError, match=r"hello failed: The KMS key is disabled. \(DisabledKMSKey\)") as caught:
            push(PushRequest(function="hello", publish=True), second, failing)
        assert caught.value.exit_code == 7
        assert "PublishVersion" not in operations

    def test_code_whose_update_failed_is_sent_again(
        self, failing: Connection, second: Artifact, operations: list[str]
    ) -> None:
        for _ in range(2):
            with pytest.raises(AwsError, match="KMS"):
                push(PushRequest(function="hello"), second, failing)
        assert operations.count("UpdateFunctionCode") == 2


class TestFailedVersion:
    """Neither can it fail a version."""

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"State": "Failed", "StateReason": "Init failed."}, "hello:1 failed: Init failed"),
            ({"CodeSha256": "others"}, r"Lambda stored other bytes for hello \(others\)"),
        ],
    )
    def test_it_ends_the_push_before_the_alias_moves(
        self, *, aws: Connection, second: Artifact, operations: list[str], changes: dict[str, str], message: str
    ) -> None:
        def fail(parsed: dict[str, Any], **_: object) -> None:
            if parsed["Configuration"]["Version"] == "1":
                parsed["Configuration"].update(changes)

        aws.client("lambda").meta.events.register("after-call.lambda.GetFunction", fail)
        with pytest.raises(AwsError, match=message):
            push(PushRequest(function="hello", atomic=True, alias="live"), second, aws)
        assert "GetAlias" not in operations

    def test_a_function_that_failed_is_not_called_done(self, aws: Connection, first: Artifact) -> None:
        def fail(parsed: dict[str, Any], **_: object) -> None:
            parsed["Configuration"].update({"State": "Failed", "StateReason": "No such image."})

        aws.client("lambda").meta.events.register("after-call.lambda.GetFunction", fail)
        with pytest.raises(AwsError, match=r"hello failed: No such image\."):
            push(PushRequest(function="hello"), first, aws)


def test_a_server_that_never_answers_is_left_at_the_deadline(aws: Connection, second: Artifact, faults: Faults) -> None:
    released = threading.Event()
    faults["lambda.UpdateFunctionCode"] = [released.wait]
    try:
        with pytest.raises(UnansweredError, match="no answer to UpdateFunctionCode for hello"):
            push(PushRequest(function="hello", timeout=1.0), second, aws)
    finally:
        released.set()
