from collections.abc import Callable
from typing import Any

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.push import PushRequest, push
from lambdapack.errors import AwsError

Client = Any
Revision = Callable[[], str]

ARN = "arn:aws:lambda:us-east-1:000000000000:function:hello"


@pytest.mark.usefixtures("hello")
class TestWaiting:
    @pytest.fixture
    def settling_seconds(self) -> float:
        return 0.4

    def test_a_push_waits_for_its_update(
        self, aws: Connection, rival: Client, second: Artifact, revision: Revision
    ) -> None:
        result = push(PushRequest(function="hello"), second, aws)
        assert result.revision_id == revision()
        assert rival.get_function(FunctionName="hello")["Configuration"]["LastUpdateStatus"] == "Successful"

    def test_what_a_publish_needs_is_waited_for_all_the_same(self, aws: Connection, second: Artifact) -> None:
        assert push(PushRequest(function="hello", publish=True, wait=False), second, aws).version == "1"

    def test_an_atomic_version_is_waited_for_before_an_alias_sends_traffic_there(
        self, aws: Connection, rival: Client, second: Artifact
    ) -> None:
        push(PushRequest(function="hello", atomic=True, alias="live", wait=False), second, aws)
        assert rival.get_function(FunctionName="hello:live")["Configuration"]["State"] == "Active"

    def test_an_update_of_somebody_else_is_waited_for(self, aws: Connection, second: Artifact, third: Artifact) -> None:
        aws.client("lambda").update_function_code(FunctionName="hello", ZipFile=third.read())
        assert push(PushRequest(function="hello", publish=True), second, aws).version == "1"


@pytest.mark.usefixtures("hello")
class TestWithoutWaiting:
    @pytest.fixture
    def settling_seconds(self) -> float:
        return 60.0

    def test_without_waiting_it_returns_when_lambda_has_our_code(
        self, aws: Connection, operations: list[str], rival: Client, second: Artifact
    ) -> None:
        assert push(PushRequest(function="hello", wait=False), second, aws).uploaded
        assert operations == ["GetFunction", "UpdateFunctionCode"]
        found = rival.get_function(FunctionName="hello")["Configuration"]
        assert (found["LastUpdateStatus"], found["CodeSha256"]) == ("InProgress", second.code_sha256)

    def test_an_atomic_version_is_not_waited_for(self, aws: Connection, rival: Client, second: Artifact) -> None:
        assert push(PushRequest(function="hello", atomic=True, wait=False), second, aws).version == "1"
        assert rival.get_function(FunctionName="hello:1")["Configuration"]["State"] == "Pending"

    def test_the_deadline_ends_every_wait_and_says_what_it_was_for(self, aws: Connection, third: Artifact) -> None:
        aws.client("lambda").update_function_code(FunctionName="hello", ZipFile=third.read())
        with pytest.raises(AwsError, match=rf"gave up after 0.2 s, waiting for {ARN}, which is still") as caught:
            push(PushRequest(function="hello", timeout=0.2), third, aws)
        assert caught.value.exit_code == 7
