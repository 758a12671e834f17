from collections.abc import Callable
from typing import Any

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.push import DryRunResult, PushRequest, push
from lambdapack.deploying.upload.transport import Route
from lambdapack.errors import AwsError

Client = Any
State = Callable[[], dict[str, bytes]]
Faults = dict[str, list[object]]


@pytest.mark.usefixtures("hello")
class TestDryRun:
    def test_lambda_computes_our_hash_and_nothing_changes(
        self, aws: Connection, operations: list[str], second: Artifact, state: State
    ) -> None:
        found = state()
        result = push(PushRequest(function="hello", dry_run=True, publish=True, alias="live"), second, aws)
        assert isinstance(result, DryRunResult)
        assert (result.dry_run, result.validated, result.code_sha256) == (True, True, second.code_sha256)
        assert (result.uploaded, result.transport, result.published, result.version) == (True, "inline", True, None)
        assert operations == ["GetFunction", "ListVersionsByFunction", "UpdateFunctionCode"]
        assert state() == found

    def test_atomic_is_never_sent_along(self, aws: Connection, second: Artifact) -> None:
        sent: list[dict[str, object]] = []
        aws.client("lambda").meta.events.register(
            "provide-client-params.lambda.UpdateFunctionCode", lambda params, **_: sent.append(params)
        )
        push(PushRequest(function="hello", dry_run=True, atomic=True), second, aws)
        assert [(params["DryRun"], "Publish" in params) for params in sent] == [(True, False)]

    def test_it_says_that_nothing_is_left_to_do(self, aws: Connection, second: Artifact, state: State) -> None:
        push(PushRequest(function="hello", publish=True), second, aws)
        found = state()
        result = push(PushRequest(function="hello", dry_run=True, publish=True), second, aws)
        assert (result.uploaded, result.transport, result.published, result.version) == (False, None, False, "1")
        assert state() == found

    def test_it_says_that_a_changed_configuration_would_be_published(
        self, aws: Connection, rival: Client, second: Artifact
    ) -> None:
        push(PushRequest(function="hello", publish=True), second, aws)
        rival.update_function_configuration(FunctionName="hello", MemorySize=512)
        result = push(PushRequest(function="hello", dry_run=True, publish=True), second, aws)
        assert (result.uploaded, result.published, result.version) == (False, True, None)

    def test_a_different_hash_is_an_error_that_names_both(
        self, aws: Connection, second: Artifact, faults: Faults
    ) -> None:
        faults["lambda.UpdateFunctionCode"] = ["foreign"]
        with pytest.raises(AwsError, match=r"Lambda computed the CodeSha256 foreign for .*, not xDaeZ2") as caught:
            push(PushRequest(function="hello", dry_run=True), second, aws)
        assert caught.value.exit_code == 7

    def test_an_answer_without_a_hash_is_an_error(self, aws: Connection, second: Artifact, faults: Faults) -> None:
        faults["lambda.UpdateFunctionCode"] = ["garble"]
        with pytest.raises(AwsError):
            push(PushRequest(function="hello", dry_run=True), second, aws)

    def test_a_package_that_is_not_on_s3_yet_is_not_sent_there(
        self, aws: Connection, operations: list[str], second: Artifact, state: State
    ) -> None:
        found, notes = state(), list[str]()
        request = PushRequest(function="hello", dry_run=True, route=Route(transport="s3", s3_bucket="emulator"))
        result = push(request, second, aws, tell=notes.append)
        assert isinstance(result, DryRunResult)
        assert (result.uploaded, result.transport, result.validated) == (True, "s3", False)
        assert operations == ["GetFunction", "HeadObject"]
        assert notes == ["Lambda could not be asked about the package: it would first have to be stored on S3"]
        assert state() == found

    def test_a_package_that_is_on_s3_is_validated_there(
        self, aws: Connection, operations: list[str], second: Artifact, state: State
    ) -> None:
        route = Route(transport="s3", s3_bucket="emulator")
        push(PushRequest(function="hello", route=route), second, aws)
        found = state()
        operations.clear()
        result = push(PushRequest(function="hello", dry_run=True, force=True, route=route), second, aws)
        assert isinstance(result, DryRunResult)
        assert (result.uploaded, result.validated) == (True, True)
        assert operations == ["GetFunction", "HeadObject", "UpdateFunctionCode"]
        assert state() == found
