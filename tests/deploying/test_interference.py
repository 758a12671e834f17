from collections.abc import Callable
from typing import Any

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.push import PushRequest, push
from lambdapack.errors import ConflictError

Client = Any
Versions = Callable[[], dict[str, str]]
Revision = Callable[[], str]
Happening = Callable[[], object]
Faults = dict[str, list[object]]


@pytest.mark.usefixtures("hello")
class TestInterference:
    """Another client acts at the worst moment."""

    @pytest.fixture
    def their_push(self, rival: Client, third: Artifact) -> Callable[[], object]:
        def their_push() -> None:
            rival.update_function_code(FunctionName="hello", ZipFile=third.read())
            rival.get_function(FunctionName="hello")

        return their_push

    @pytest.fixture
    def their_configuration(self, rival: Client) -> Callable[[], object]:
        def their_configuration() -> None:
            rival.update_function_configuration(FunctionName="hello", Description="theirs")
            rival.get_function(FunctionName="hello")

        return their_configuration

    def test_code_between_our_read_and_our_update_is_a_conflict(
        self,
        *,
        aws: Connection,
        second: Artifact,
        third: Artifact,
        faults: Faults,
        their_push: Happening,
        versions: Versions,
    ) -> None:
        faults["lambda.UpdateFunctionCode"] = [their_push]
        with pytest.raises(ConflictError, match="another client pushed"):
            push(PushRequest(function="hello", publish=True, force=True), second, aws)
        assert versions() == {"$LATEST": third.code_sha256}

    @pytest.mark.parametrize("moment", ["GetFunction", "PublishVersion"])
    def test_code_between_our_update_and_our_publish_is_a_conflict_and_no_version(
        self,
        *,
        aws: Connection,
        rival: Client,
        second: Artifact,
        third: Artifact,
        faults: Faults,
        their_push: Happening,
        moment: str,
        versions: Versions,
    ) -> None:
        faults["lambda.UpdateFunctionCode"] = [lambda: faults.update({f"lambda.{moment}": [their_push]})]
        with pytest.raises(ConflictError, match="another client pushed") as caught:
            push(PushRequest(function="hello", publish=True, alias="live"), second, aws)
        assert caught.value.exit_code == 8
        assert versions() == {"$LATEST": third.code_sha256}
        with pytest.raises(rival.exceptions.ResourceNotFoundException):
            rival.get_alias(FunctionName="hello", Name="live")

    def test_a_configuration_between_our_read_and_our_update_is_no_conflict(
        self, aws: Connection, second: Artifact, faults: Faults, their_configuration: Happening
    ) -> None:
        faults["lambda.UpdateFunctionCode"] = [their_configuration]
        assert push(PushRequest(function="hello", publish=True), second, aws).version == "1"

    def test_a_configuration_is_a_conflict_where_a_revision_was_agreed_on(
        self,
        *,
        aws: Connection,
        second: Artifact,
        first: Artifact,
        faults: Faults,
        their_configuration: Happening,
        versions: Versions,
        revision: Revision,
    ) -> None:
        faults["lambda.UpdateFunctionCode"] = [their_configuration]
        with pytest.raises(ConflictError):
            push(PushRequest(function="hello", revision_id=revision(), publish=True), second, aws)
        assert versions() == {"$LATEST": first.code_sha256}

    def test_a_configuration_before_our_publish_is_no_conflict(
        self, aws: Connection, second: Artifact, faults: Faults, their_configuration: Happening
    ) -> None:
        faults["lambda.PublishVersion"] = [their_configuration]
        assert push(PushRequest(function="hello", publish=True), second, aws).version == "1"

    def test_a_configuration_before_our_publish_is_a_conflict_where_a_revision_was_agreed_on(
        self,
        *,
        aws: Connection,
        first: Artifact,
        faults: Faults,
        their_configuration: Happening,
        versions: Versions,
        revision: Revision,
    ) -> None:
        faults["lambda.PublishVersion"] = [their_configuration]
        with pytest.raises(ConflictError):
            push(PushRequest(function="hello", revision_id=revision(), publish=True), first, aws)
        assert versions() == {"$LATEST": first.code_sha256}

    def test_code_after_an_atomic_update_does_not_touch_our_version(
        self,
        *,
        aws: Connection,
        second: Artifact,
        third: Artifact,
        faults: Faults,
        their_push: Happening,
        versions: Versions,
    ) -> None:
        faults["lambda.UpdateFunctionCode"] = [lambda: faults.update({"lambda.GetFunction": [their_push]})]
        assert push(PushRequest(function="hello", atomic=True), second, aws).version == "1"
        assert versions() == {"$LATEST": third.code_sha256, "1": second.code_sha256}

    def test_a_naive_push_publishes_somebody_elses_code(
        self, *, rival: Client, second: Artifact, third: Artifact, their_push: Happening, versions: Versions
    ) -> None:
        rival.update_function_code(FunctionName="hello", ZipFile=second.read())
        rival.get_waiter("function_updated_v2").wait(FunctionName="hello")
        their_push()
        rival.publish_version(FunctionName="hello")
        assert versions()["1"] == third.code_sha256 != second.code_sha256
