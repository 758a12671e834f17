"""Answers whose members are not what AWS's model says, through the real client and its parser."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lambdapack.deploying.aws.answers import check_answer
from lambdapack.deploying.aws.connection import Connection, ConnectionSettings, connect
from lambdapack.deploying.aws.deadline import Deadline
from lambdapack.deploying.aws.refusals import GarbledError
from lambdapack.errors import AwsError, UsageError

CONFIGURATION = {
    "FunctionName": "hello",
    "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:hello",
    "Version": "$LATEST",
    "CodeSha256": "sha",
    "RevisionId": "revision",
    "CodeSize": 3,
}


@pytest.fixture
def answered(aws: Connection) -> Callable[..., Any]:
    """Call an operation whose answer has this body."""

    def answered(operation: str, body: object, *, status: int = 200, headers: dict[str, str] | None = None) -> Any:  # noqa: ANN401 - an answer
        from botocore.awsrequest import AWSResponse  # noqa: PLC0415 - only tests with a client load it

        content = body if isinstance(body, bytes) else json.dumps(body).encode()

        def send(request: Any, **_: object) -> Any:  # noqa: ANN401 - botocore has no types
            return AWSResponse(request.url, status, headers or {}, Body(content))

        aws.client("lambda").meta.events.register_first("before-send.*", send)
        return aws.lambda_api(Deadline.after(60))(operation, FunctionName="hello", **MEMBERS.get(operation, {}))  # type: ignore[arg-type]

    return answered


MEMBERS: dict[str, dict[str, str]] = {"GetAlias": {"Name": "live"}}


class Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> list[bytes]:
        return [self._content]

    def read(self, *_: object) -> bytes:
        return self._content


# What should be a number, botocore makes one of: "3" is 3 to it, and true is 1.
@pytest.mark.parametrize(
    ("operation", "body", "what"),
    [
        ("GetAlias", {"Name": "live", "FunctionVersion": True, "RevisionId": "r"}, "FunctionVersion is not a text"),
        ("GetAlias", {"Name": 5}, "Name is not a text"),
        ("GetAlias", {"RoutingConfig": {"AdditionalVersionWeights": {"1": "x"}}}, ""),
        (
            "GetFunction",
            {"Configuration": {**CONFIGURATION, "CodeSize": 10**30}},
            "Configuration.CodeSize is not a whole",
        ),
        ("GetFunction", {"Configuration": {**CONFIGURATION, "Architectures": [None]}}, "Architectures[] is not a text"),
        ("GetFunction", {"Configuration": {**CONFIGURATION, "RevisionId": "\ud800"}}, "RevisionId is not a text"),
        ("GetFunction", {"Configuration": []}, ""),
        ("GetFunction", {"Configuration": {"Environment": {"Variables": {"A": 1}}}}, "Variables.* is not a text"),
        ("GetFunction", {"Configuration": {"Layers": {"Arn": "x"}}}, ""),
        ("GetFunction", {"Tags": ["x"]}, ""),
        ("ListAliases", {"Aliases": ["x"]}, ""),
        ("ListAliases", {"Aliases": [None]}, "Aliases[] is not a table"),
        ("ListAliases", {"Aliases": [], "NextMarker": 3}, "NextMarker is not a text"),
        ("GetFunction", b'{"Configuration": {"MemorySize": NaN}}', ""),
        ("GetFunction", b"[" * 100_000, ""),
        ("GetFunction", b"[]", ""),
        ("GetFunction", b'"text"', ""),
    ],
)
def test_an_answer_of_another_type_is_none_of_awss(
    answered: Callable[..., Any], operation: str, body: object, what: str
) -> None:
    with pytest.raises(GarbledError) as caught:
        answered(operation, body)

    assert caught.value.exit_code == 7
    assert caught.value.message.startswith(f"the answer to {operation} for hello is none of AWS's")
    assert what in caught.value.message


@pytest.mark.parametrize(
    "body",
    [
        {"message": ["x"], "__type": "ResourceConflictException"},
        {"message": {"a": 1}},
        {"__type": ["x"], "message": "m"},
        {"__type": 5},
        {"Error": []},
        {"Error": {"Code": {}, "Message": []}},
        [],
        None,
        b"",
        b"\xff",
        b"[" * 100_000,
    ],
)
@pytest.mark.parametrize("status", [400, 403, 404, 409, 412])
def test_a_refusal_of_another_type_is_a_refusal(answered: Callable[..., Any], body: object, status: int) -> None:
    with pytest.raises(AwsError) as caught:
        answered("GetFunction", body, status=status)

    assert caught.value.exit_code == 7


def test_a_member_that_nobody_knows_may_be_anything(answered: Callable[..., Any]) -> None:
    assert answered("GetFunction", {"Configuration": {**CONFIGURATION, "NextYears": [1, None]}})


def test_the_emulators_answers_are_of_the_models_types(aws: Connection, hello: str) -> None:
    """What is checked is checked in every test that talks to the emulator; here it is seen to look."""
    shape = aws.client("lambda").meta.service_model.operation_model("GetFunction").output_shape
    answer = dict(aws.client("lambda").get_function(FunctionName=hello))

    check_answer(answer, shape, operation="GetFunction", subject="hello")
    answer["Configuration"]["Timeout"] = "3"
    with pytest.raises(GarbledError, match=r"Configuration\.Timeout is not a whole number") as caught:
        check_answer(answer, shape, operation="GetFunction", subject="hello")
    assert caught.value.details == {"operation": "GetFunction", "member": "Configuration.Timeout", "http_status": 200}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AWS_ACCESS_KEY_ID", "\udcff"),
        ("AWS_SECRET_ACCESS_KEY", "\udcff"),
        ("AWS_SESSION_TOKEN", "a\nb"),
        ("AWS_METADATA_SERVICE_TIMEOUT", "soon"),
        ("AWS_ENDPOINT_URL", "http://user:c4n4ry@[::1/"),
        ("AWS_ENDPOINT_URL", "user:c4n4ry@packages.example"),
        ("HTTPS_PROXY", "http://[::1"),
        ("HTTPS_PROXY", "nonsense://user:c4n4ry@:99999"),
        ("AWS_CA_BUNDLE", "/"),
        ("AWS_DEFAULTS_MODE", "soon"),
        ("AWS_STS_REGIONAL_ENDPOINTS", "soon"),
        ("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "soon"),
        ("AWS_EXECUTION_ENV", "\udcff\n"),
        ("AWS_REGION", "\udcff"),
        ("AWS_PROFILE", "\udcff"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://[::1"),
    ],
)
def test_odd_settings_are_no_bug(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, value: str) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    settings = {
        "AWS_ACCESS_KEY_ID": "AKIACANARY",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }
    if variable == "AWS_CONTAINER_CREDENTIALS_FULL_URI":
        del settings["AWS_ACCESS_KEY_ID"]
    for name, text in {**settings, variable: value}.items():
        monkeypatch.setenv(name, text)

    with pytest.raises((AwsError, UsageError)) as caught:
        connect(ConnectionSettings(attempts=1)).lambda_api(Deadline.after(20))("GetFunction", FunctionName="hello")

    assert "c4n4ry" not in caught.value.message + caught.value.hint
