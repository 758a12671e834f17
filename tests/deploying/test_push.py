from collections.abc import Callable
from typing import Any

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.create import CreateSettings
from lambdapack.deploying.publish import PublishRequest, publish
from lambdapack.deploying.push import DryRunResult, PushRequest, PushResult, push
from lambdapack.deploying.upload.transport import Route
from lambdapack.errors import AwsError, CheckError, ConflictError, NotFoundError, UsageError

Client = Any
Versions = Callable[[], dict[str, str]]
Revision = Callable[[], str]
State = Callable[[], dict[str, bytes]]

ARN = "arn:aws:lambda:us-east-1:000000000000:function:hello"
S3 = Route(s3_bucket="emulator")
"""S3 where the package is too large for a request."""


@pytest.mark.usefixtures("hello")
class TestPush:
    def test_changed_code_is_uploaded(
        self, aws: Connection, second: Artifact, versions: Versions, revision: Revision
    ) -> None:
        result = push(PushRequest(function="hello"), second, aws)
        assert result == PushResult(
            function="hello",
            function_arn=ARN,
            code_sha256=second.code_sha256,
            uploaded=True,
            transport="inline",
            published=False,
            version=None,
            alias=None,
            dry_run=False,
            revision_id=revision(),
        )
        assert versions() == {"$LATEST": second.code_sha256}

    def test_the_same_code_is_not_uploaded(
        self, aws: Connection, operations: list[str], first: Artifact, state: State
    ) -> None:
        found = state()
        result = push(PushRequest(function="hello"), first, aws)
        assert (result.uploaded, result.transport) == (False, None)
        assert operations == ["GetFunction"]
        assert state() == found

    def test_publishing_again_makes_no_version(
        self, *, aws: Connection, operations: list[str], second: Artifact, versions: Versions, revision: Revision
    ) -> None:
        request = PushRequest(function="hello", publish=True)
        made = push(request, second, aws)
        assert (made.uploaded, made.published, made.version) == (True, True, "1")
        operations.clear()
        again = push(request, second, aws)
        assert (again.uploaded, again.published, again.version) == (False, False, "1")
        assert operations == ["GetFunction", "ListVersionsByFunction", "PublishVersion", "GetFunction"]
        assert again.revision_id == made.revision_id == revision()
        assert versions() == {"$LATEST": second.code_sha256, "1": second.code_sha256}

    def test_a_version_that_a_list_and_an_answer_make_up_is_no_success(self, aws: Connection, second: Artifact) -> None:
        request = PushRequest(function="hello", publish=True)
        push(request, second, aws)

        def rename(parsed: dict[str, Any], **_: object) -> None:
            for entry in parsed.get("Versions", [parsed]):
                if entry["Version"] == "1":
                    entry.update(Version="9", FunctionArn=entry["FunctionArn"].replace(":hello:1", ":hello:9"))

        for operation in ("ListVersionsByFunction", "PublishVersion"):
            aws.client("lambda").meta.events.register(f"after-call.lambda.{operation}", rename)
        with pytest.raises(AwsError, match="version 9 of hello was published, but there is no such version"):
            push(request, second, aws)
        with pytest.raises(AwsError, match="version 9 of hello was published, but there is no such version") as caught:
            publish(PublishRequest(function="hello"), aws)
        assert caught.value.exit_code == 7

    def test_a_naive_publish_makes_a_version_each_time(
        self, rival: Client, second: Artifact, versions: Versions
    ) -> None:
        for _ in range(2):
            rival.update_function_code(FunctionName="hello", ZipFile=second.read(), Publish=True)
            rival.get_function(FunctionName="hello")
        assert list(versions()) == ["$LATEST", "1", "2"]

    def test_a_changed_configuration_is_published(self, aws: Connection, rival: Client, first: Artifact) -> None:
        request = PushRequest(function="hello", publish=True)
        assert push(request, first, aws).version == "1"
        rival.update_function_configuration(FunctionName="hello", MemorySize=512)
        result = push(request, first, aws)
        assert (result.uploaded, result.published, result.version) == (False, True, "2")

    def test_force_uploads_the_same_code_again(
        self, aws: Connection, operations: list[str], first: Artifact, revision: Revision
    ) -> None:
        result = push(PushRequest(function="hello", force=True), first, aws)
        assert (result.uploaded, result.revision_id) == (True, revision())
        assert operations.count("UpdateFunctionCode") == 1

    def test_a_function_may_be_named_by_its_arn(self, aws: Connection, second: Artifact) -> None:
        for name in (ARN, "000000000000:function:hello", "function:hello", "hello:$LATEST"):
            result = push(PushRequest(function=name, force=True), second, aws)
            assert (result.function, result.function_arn) == ("hello", ARN)

    def test_the_version_is_described(self, aws: Connection, rival: Client, second: Artifact) -> None:
        push(PushRequest(function="hello", publish=True, description="release 7"), second, aws)
        assert rival.get_function(FunctionName="hello:1")["Configuration"]["Description"] == "release 7"

    def test_a_description_that_a_reused_version_does_not_get_is_noted(self, aws: Connection, first: Artifact) -> None:
        notes: list[str] = []
        push(PushRequest(function="hello", publish=True, description="one"), first, aws, tell=notes.append)
        assert notes == []
        push(PushRequest(function="hello", publish=True, description="two"), first, aws, tell=notes.append)
        assert notes == ["version 1 was published before and keeps its description"]

    def test_progress_counts_the_bytes(self, aws: Connection, second: Artifact) -> None:
        sent: list[int] = []
        push(PushRequest(function="hello"), second, aws, progress=sent.append)
        assert sum(sent) == second.size


@pytest.mark.usefixtures("hello")
class TestAtomic:
    def test_one_request_updates_and_publishes(
        self, *, aws: Connection, operations: list[str], second: Artifact, versions: Versions, revision: Revision
    ) -> None:
        result = push(PushRequest(function="hello", atomic=True), second, aws)
        assert (result.uploaded, result.published, result.version) == (True, True, "1")
        assert (result.function_arn, result.revision_id) == (ARN, revision())
        assert "PublishVersion" not in operations
        assert versions() == {"$LATEST": second.code_sha256, "1": second.code_sha256}

    def test_code_that_is_there_is_published_without_an_update(
        self, aws: Connection, operations: list[str], first: Artifact
    ) -> None:
        result = push(PushRequest(function="hello", atomic=True), first, aws)
        assert (result.uploaded, result.published, result.version) == (False, True, "1")
        assert "UpdateFunctionCode" not in operations

    def test_a_version_is_not_described(self, aws: Connection, operations: list[str], second: Artifact) -> None:
        with pytest.raises(UsageError, match="cannot describe"):
            push(PushRequest(function="hello", atomic=True, description="x"), second, aws)
        assert operations == []


@pytest.mark.usefixtures("hello")
class TestRevision:
    def test_the_revision_that_was_agreed_on_is_changed(
        self, aws: Connection, second: Artifact, revision: Revision
    ) -> None:
        request = PushRequest(function="hello", revision_id=revision(), publish=True)
        assert push(request, second, aws).version == "1"

    @pytest.mark.parametrize("force", [True, False])
    def test_a_stale_revision_is_a_conflict_and_changes_nothing(
        self, aws: Connection, second: Artifact, state: State, *, force: bool
    ) -> None:
        found = state()
        with pytest.raises(ConflictError, match=r"hello is at revision .*, not at stale") as caught:
            push(PushRequest(function="hello", revision_id="stale", force=force, publish=True), second, aws)
        assert caught.value.exit_code == 8
        assert state() == found

    def test_a_stale_revision_is_a_conflict_even_where_nothing_has_to_be_uploaded(
        self, aws: Connection, first: Artifact, operations: list[str]
    ) -> None:
        with pytest.raises(ConflictError):
            push(PushRequest(function="hello", revision_id="stale"), first, aws)
        assert operations == ["GetFunction"]

    def test_it_is_not_created(self, aws: Connection, second: Artifact, settings: CreateSettings) -> None:
        request = PushRequest(function="missing", revision_id="some", create=settings)
        with pytest.raises(NotFoundError):
            push(request, second, aws)


@pytest.mark.usefixtures("hello")
class TestArchitecture:
    def test_the_flag_changes_the_function_although_the_code_is_equal(
        self, aws: Connection, rival: Client, operations: list[str], first: Artifact
    ) -> None:
        request = PushRequest(function="hello", architecture="arm64")
        assert push(request, first, aws).uploaded
        assert rival.get_function(FunctionName="hello")["Configuration"]["Architectures"] == ["arm64"]
        operations.clear()
        assert not push(request, first, aws).uploaded
        assert "UpdateFunctionCode" not in operations

    def test_the_flag_stands_for_a_package_of_unknown_architecture(self, aws: Connection, second: Artifact) -> None:
        assert push(PushRequest(function="hello", architecture="x86_64"), second, aws).uploaded


@pytest.mark.usefixtures("hello")
class TestLargePackages:
    @pytest.fixture
    def large(self, package: Callable[..., Artifact]) -> Artifact:
        return package("large = 1", size=60_000_000)

    def test_without_a_bucket_nothing_is_asked(self, aws: Connection, operations: list[str], large: Artifact) -> None:
        with pytest.raises(CheckError, match="60,000,") as caught:
            push(PushRequest(function="hello"), large, aws)
        assert (caught.value.exit_code, caught.value.hint) == (5, "send it through S3: --s3-bucket BUCKET")
        assert operations == []

    def test_with_a_bucket_the_object_is_sent_once(
        self, aws: Connection, operations: list[str], large: Artifact, versions: Versions
    ) -> None:
        sent: list[int] = []
        result = push(PushRequest(function="hello", publish=True, route=S3), large, aws, progress=sent.append)
        assert (result.uploaded, result.transport, result.version) == (True, "s3", "1")
        assert sum(sent) == large.size
        assert operations.count("PutObject") == 1
        operations.clear()
        again = push(PushRequest(function="hello", publish=True, route=S3), large, aws)
        assert (again.uploaded, again.transport, again.version) == (False, None, "1")
        forced = push(PushRequest(function="hello", force=True, route=S3), large, aws)
        assert (forced.uploaded, forced.transport) == (True, "s3")
        assert "PutObject" not in operations
        assert versions()["1"] == large.code_sha256


@pytest.mark.usefixtures("hello")
class TestAlias:
    def test_it_is_made_and_moved(self, aws: Connection, rival: Client, first: Artifact, second: Artifact) -> None:
        for artifact, version in ((first, "1"), (second, "2")):
            result = push(PushRequest(function="hello", alias="live"), artifact, aws)
            assert (result.published, result.version, result.alias) == (True, version, "live")
            assert rival.get_alias(FunctionName="hello", Name="live")["FunctionVersion"] == version

    def test_it_stays_where_it_is(self, aws: Connection, operations: list[str], first: Artifact, state: State) -> None:
        push(PushRequest(function="hello", alias="live"), first, aws)
        found = state()
        operations.clear()
        push(PushRequest(function="hello", alias="live"), first, aws)
        assert operations == ["GetFunction", "ListVersionsByFunction", "PublishVersion", "GetFunction", "GetAlias"]
        assert state() == found


class TestCreate:
    def test_a_missing_function_is_created_and_published(
        self, aws: Connection, second: Artifact, settings: CreateSettings, versions: Versions
    ) -> None:
        notes: list[str] = []
        request = PushRequest(function="hello", create=settings, publish=True, alias="live")
        result = push(request, second, aws, tell=notes.append)
        assert (result.uploaded, result.transport, result.published, result.version) == (True, "inline", True, "1")
        assert notes == [f"created {ARN}"]
        assert versions() == {"$LATEST": second.code_sha256, "1": second.code_sha256}
        assert not push(request, second, aws).uploaded

    def test_a_dry_run_creates_nothing(
        self, aws: Connection, operations: list[str], second: Artifact, settings: CreateSettings
    ) -> None:
        result = push(PushRequest(function="hello", create=settings, publish=True, dry_run=True), second, aws)
        assert isinstance(result, DryRunResult)
        assert (result.uploaded, result.published, result.validated) == (True, True, False)
        assert (result.function_arn, result.revision_id) == (None, None)
        assert operations == ["GetFunction"]
