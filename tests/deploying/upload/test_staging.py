from collections.abc import Callable
from typing import Any

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.aws.deadline import Deadline
from lambdapack.deploying.aws.refusals import BusyError, CorruptedError, DeniedError
from lambdapack.deploying.push import PushRequest, push
from lambdapack.deploying.upload.staging import MeteredFile, S3Transport
from lambdapack.deploying.upload.transport import Route
from lambdapack.errors import AwsError, LocalError, NotFoundError

Client = Any
Faults = dict[str, list[object]]
Staging = Callable[..., S3Transport]

PUT, HEAD = "s3.PutObject", "s3.HeadObject"


@pytest.fixture
def sent() -> list[int]:
    """Collect what progress tells."""
    return []


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def staging(aws: Connection, second: Artifact, sent: list[int], notes: list[str]) -> Staging:
    """Make the transport of the package ``second`` to ``hello``."""

    def staging(*, bucket: str = "emulator", prefix: str = "lambdapack") -> S3Transport:
        return S3Transport(
            artifact=second,
            bucket=bucket,
            prefix=prefix,
            folder="hello",
            s3_api=aws.s3_api(Deadline.after(300)),
            progress=sent.append,
            tell=notes.append,
        )

    return staging


def test_the_key_is_the_hash(staging: Staging, second: Artifact) -> None:
    assert staging().key == f"lambdapack/hello/{second.sha256_hex}.zip"
    assert staging(prefix="/a/b/").key == f"a/b/hello/{second.sha256_hex}.zip"
    assert staging(prefix="").url == f"s3://emulator/hello/{second.sha256_hex}.zip"


def test_an_object_is_sent_once_and_then_found(
    *, staging: Staging, second: Artifact, operations: list[str], sent: list[int], notes: list[str], bucket: Client
) -> None:
    assert staging().find() is None
    location = staging().stage()
    version = bucket.head_object(Bucket="emulator", Key=staging().key)["VersionId"]
    assert location.parameters == {"S3Bucket": "emulator", "S3Key": staging().key, "S3ObjectVersion": version}
    assert sum(sent) == second.size
    assert notes == [f"stored {staging().url}; it stays there, so that the same package is sent only once"]
    assert bucket.get_object(Bucket="emulator", Key=staging().key)["Body"].read() == second.path.read_bytes()
    assert staging().stage() == staging().find() == location
    assert operations == ["HeadObject", "HeadObject", "PutObject", "HeadObject", "HeadObject"]


def test_a_bucket_without_versions_gives_none(staging: Staging, bucket: Client) -> None:
    bucket.create_bucket(Bucket="plain")
    location = staging(bucket="plain").stage()
    assert location.parameters == {"S3Bucket": "plain", "S3Key": staging().key}
    assert staging(bucket="plain").stage() == location


class TestObjectsOfOthers:
    def test_other_bytes_are_never_used(self, staging: Staging, bucket: Client, operations: list[str]) -> None:
        bucket.put_object(Bucket="emulator", Key=staging().key, Body=b"poison", ChecksumAlgorithm="SHA256")
        for attempt in (staging().find, staging().stage):
            with pytest.raises(AwsError, match="poisoned and was not used") as caught:
                attempt()
            assert caught.value.exit_code == 7
        assert "PutObject" not in operations

    def test_a_push_refuses_them_and_changes_nothing(
        self, aws: Connection, hello: str, second: Artifact, bucket: Client, operations: list[str]
    ) -> None:
        key = f"lambdapack/hello/{second.sha256_hex}.zip"
        bucket.put_object(Bucket="emulator", Key=key, Body=b"poison")
        with pytest.raises(AwsError, match="poisoned"):
            push(PushRequest(function=hello, route=Route(transport="s3", s3_bucket="emulator")), second, aws)
        assert "UpdateFunctionCode" not in operations

    def test_without_a_stored_sha256_the_bytes_themselves_are_proven(
        self, staging: Staging, second: Artifact, bucket: Client, operations: list[str]
    ) -> None:
        bucket.put_object(Bucket="emulator", Key=staging().key, Body=second.path.read_bytes())
        assert staging().find() is not None
        assert operations == ["HeadObject", "GetObject"]
        bucket.put_object(Bucket="emulator", Key=staging().key, Body=b"poison")
        with pytest.raises(AwsError, match="poisoned"):
            staging().find()

    def test_a_checksum_of_checksums_is_not_trusted(
        self, aws: Connection, staging: Staging, second: Artifact, bucket: Client, operations: list[str]
    ) -> None:
        bucket.put_object(Bucket="emulator", Key=staging().key, Body=b"poison")

        def composite(parsed: dict[str, Any], **_: object) -> None:
            parsed["ChecksumSHA256"] = f"{second.code_sha256}-2"

        aws.client("s3").meta.events.register("after-call.s3.HeadObject", composite)
        with pytest.raises(AwsError, match="poisoned"):
            staging().find()
        assert operations == ["HeadObject", "GetObject"]


class TestFaults:
    @pytest.mark.parametrize("way", ["applied, drop", "applied, 500 InternalError", "applied, garble", "drop"])
    def test_a_lost_answer_is_settled_by_reading(self, staging: Staging, faults: Faults, way: str) -> None:
        faults[PUT] = [way]
        location = staging().stage()
        assert location.parameters["S3Key"] == staging().key
        assert location == staging().find()

    def test_a_put_that_never_happens_fails(self, staging: Staging, faults: Faults) -> None:
        faults[PUT] = ["drop"] * 8
        with pytest.raises(AwsError, match="PutObject for s3://emulator/lambdapack/hello/"):
            staging().stage()
        assert faults[PUT] == []

    def test_a_concurrent_put_of_the_same_package_is_taken(
        self, staging: Staging, second: Artifact, faults: Faults, bucket: Client, operations: list[str]
    ) -> None:
        content = second.path.read_bytes()
        faults[PUT] = [
            lambda: bucket.put_object(Bucket="emulator", Key=staging().key, Body=content, ChecksumAlgorithm="SHA256")
        ]
        assert staging().stage() == staging().find()
        assert operations.count("PutObject") == 1

    def test_a_concurrent_put_of_something_else_is_refused(
        self, staging: Staging, faults: Faults, bucket: Client
    ) -> None:
        faults[PUT] = [lambda: bucket.put_object(Bucket="emulator", Key=staging().key, Body=b"poison")]
        with pytest.raises(AwsError, match="poisoned"):
            staging().stage()

    def test_a_race_is_retried_but_not_for_ever(self, staging: Staging, faults: Faults, operations: list[str]) -> None:
        faults[PUT] = ["409 ConditionalRequestConflict"] * 3
        staging().stage()
        assert operations.count("PutObject") == 4
        faults[PUT] = ["409 ConditionalRequestConflict"] * 100
        with pytest.raises(AwsError, match="in none of 5 tries") as caught:
            staging(prefix="other").stage()
        assert not isinstance(caught.value, BusyError)

    def test_damage_on_the_way_is_repaired_once(self, staging: Staging, faults: Faults, operations: list[str]) -> None:
        faults[PUT] = ["400 BadDigest"]
        staging().stage()
        faults[PUT] = ["400 BadDigest"] * 2
        operations.clear()
        with pytest.raises(CorruptedError, match="BadDigest"):
            staging(prefix="other").stage()
        assert operations.count("PutObject") == 2

    def test_a_package_that_changed_since_is_not_sent(self, staging: Staging, second: Artifact, bucket: Client) -> None:
        second.path.write_bytes(bytes(second.size))
        with pytest.raises(LocalError, match="changed while it was being pushed"):
            staging().stage()
        with pytest.raises(bucket.exceptions.ClientError, match="404"):
            bucket.head_object(Bucket="emulator", Key=staging().key)

    def test_a_package_that_is_gone_is_a_local_error(self, staging: Staging, second: Artifact) -> None:
        second.path.unlink()
        with pytest.raises(LocalError, match="cannot read"):
            staging().stage()


class TestPermissions:
    def test_without_list_bucket_a_missing_object_looks_forbidden_and_is_sent(
        self, staging: Staging, faults: Faults
    ) -> None:
        faults[HEAD] = ["403 AccessDenied"]
        assert staging().stage() == staging().find()

    def test_without_get_object_an_object_that_is_there_cannot_be_proven(
        self, staging: Staging, faults: Faults
    ) -> None:
        staging().stage()
        faults[HEAD] = ["403 AccessDenied"] * 2
        with pytest.raises(DeniedError) as caught:
            staging().stage()
        assert "s3:GetObject" in caught.value.hint

    def test_without_put_object_the_action_is_named(self, staging: Staging, faults: Faults) -> None:
        faults[PUT] = ["403 AccessDenied"]
        with pytest.raises(DeniedError) as caught:
            staging().stage()
        assert "s3:PutObject" in caught.value.hint

    def test_a_missing_bucket_is_named(self, staging: Staging) -> None:
        with pytest.raises(NotFoundError, match="s3://missing/") as caught:
            staging(bucket="missing").stage()
        assert "--s3-bucket" in caught.value.hint


def test_a_metered_file_tells_the_bytes_and_takes_back_what_is_sent_again(second: Artifact) -> None:
    told: list[int] = []
    with second.path.open("rb") as file:
        metered = MeteredFile(file, told.append)
        metered.seek(0, 2)
        assert metered.tell() == second.size
        metered.seek(0)
        assert metered.read(100) == second.path.read_bytes()[:100]
        metered.seek(0)
        assert metered.read() == second.path.read_bytes()
    assert told == [100, -100, second.size]
