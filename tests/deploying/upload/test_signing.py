"""The emulator has no AWS Signer, so a fake one stands here: it reads and writes the emulator's own S3."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lambdapack.artifact import Artifact, open_artifact
from lambdapack.deploying.aws.api import Answer
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.aws.deadline import FOREVER, Deadline
from lambdapack.deploying.aws.refusals import UnansweredError
from lambdapack.deploying.push import DryRunResult, PushRequest, PushResult, push
from lambdapack.deploying.upload.signing import LimitedFile, OverlongError, check_signed
from lambdapack.deploying.upload.transport import Route
from lambdapack.emulator.control.package import SIGNATURE
from lambdapack.errors import AwsError, CheckError, UsageError
from tests.emulator.signatures import signature

Client = Any
Faults = dict[str, list[object]]
Push = Callable[..., PushResult]

PROFILE = "arn:aws:signer:us-east-1:000000000000:/signing-profiles/team/1"


def sign(archive: zipfile.ZipFile) -> None:
    """Add the entry that the emulator takes for a signature of all others."""
    entries = {name: archive.read(name) for name in archive.namelist()}
    archive.writestr(SIGNATURE, signature(entries, PROFILE))


class FakeSigner:
    """What the API reference says of StartSigningJob and DescribeSigningJob, and no more."""

    def __init__(self, bucket: Client) -> None:
        self.bucket = bucket
        self.deadline = FOREVER
        self.calls: list[str] = []
        self.requests: list[dict[str, Any]] = []
        self.jobs: dict[str, dict[str, Any]] = {}
        self.by_token: dict[str, str] = {}
        self.looks = 1
        """How often a job is seen in progress."""
        self.failing = 0
        """How many of the next jobs fail."""
        self.lost = 0
        """How many of the next answers to StartSigningJob are lost."""
        self.alter: Callable[[zipfile.ZipFile], object] = sign

    def __call__(self, operation: str, /, **members: Any) -> Answer:  # noqa: ANN401 - members of two operations
        self.calls.append(operation)
        if operation == "DescribeSigningJob":
            return self.describe(members["jobId"])
        self.requests.append(members)
        token = members["clientRequestToken"]
        if token not in self.by_token:
            self.by_token[token] = job_id = f"job-{len(self.jobs)}"
            self.jobs[job_id] = self.start(job_id, members)
        if self.lost:
            self.lost -= 1
            raise UnansweredError("no answer to StartSigningJob", hint="again")
        return {"jobId": self.by_token[token]}

    def start(self, job_id: str, members: dict[str, Any]) -> dict[str, Any]:
        source, destination = members["source"]["s3"], members["destination"]["s3"]
        if self.failing:
            self.failing -= 1
            return {"looks": self.looks, "status": "Failed", "statusReason": "The profile is canceled."}
        found = self.bucket.get_object(Bucket=source["bucketName"], Key=source["key"], VersionId=source["version"])[
            "Body"
        ].read()
        content = io.BytesIO(found)
        with zipfile.ZipFile(content, "a") as archive:
            self.alter(archive)
            archive.comment = job_id.encode()  # each time other bytes
        place = {"bucketName": destination["bucketName"], "key": f"{destination['prefix']}{job_id}.zip"}
        self.bucket.put_object(Bucket=place["bucketName"], Key=place["key"], Body=content.getvalue())
        return {"looks": self.looks, "status": "Succeeded", "signedObject": {"s3": place}}

    def describe(self, job_id: str) -> dict[str, Any]:
        job = self.jobs[job_id]
        if job["looks"]:
            job["looks"] -= 1
            return {"jobId": job_id, "status": "InProgress"}
        return {"jobId": job_id} | {name: value for name, value in job.items() if name != "looks"}


class Account:
    """The account under test, with that signer."""

    def __init__(self, aws: Connection, signer: FakeSigner) -> None:
        self._aws = aws
        self._signer = signer

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the connection has
        return getattr(self._aws, name)

    def signer_api(self, deadline: Deadline) -> FakeSigner:
        self._signer.deadline = deadline
        return self._signer


@pytest.fixture
def signer(bucket: Client) -> FakeSigner:
    return FakeSigner(bucket)


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def pushed(aws: Connection, signer: FakeSigner, hello: str, second: Artifact, notes: list[str]) -> Push:
    """Push ``second`` to ``hello``, signed."""

    def pushed(*, bucket: str = "emulator", **fields: Any) -> PushResult:  # noqa: ANN401 - the request types them
        given = {"publish": True, "timeout": 120, "signing_profile": "team", **fields}
        account: Any = Account(aws, signer)
        request = PushRequest(function=hello, route=Route(s3_bucket=bucket), **given)
        return push(request, second, account, tell=notes.append)

    return pushed


def live(client: Client) -> str:
    return str(client.get_function(FunctionName="hello")["Configuration"]["CodeSha256"])


def test_the_signed_package_is_pushed_and_pinned(
    pushed: Push, second: Artifact, versions: Callable[[], dict[str, str]], signer: FakeSigner, notes: list[str]
) -> None:
    result = pushed()
    assert result.code_sha256 != second.code_sha256
    assert versions() == {"$LATEST": result.code_sha256, "1": result.code_sha256}
    assert (result.transport, result.version, result.published) == ("s3", "1", True)
    (request,) = signer.requests
    assert request["source"]["s3"]["key"] == f"lambdapack/hello/{second.sha256_hex}.zip"
    assert request["source"]["s3"]["version"]
    assert request["destination"]["s3"] == {
        "bucketName": "emulator",
        "prefix": f"lambdapack/hello/{second.sha256_hex}.team-",
    }
    assert request["profileName"] == "team"
    assert notes[-1].startswith("signed by team: s3://emulator/lambdapack/hello/")


def test_a_second_time_nothing_is_signed_sent_or_published(
    pushed: Push, signer: FakeSigner, operations: list[str]
) -> None:
    first = pushed()
    signer.calls.clear()
    operations.clear()
    again = pushed()
    assert (again.uploaded, again.published, again.version, again.code_sha256) == (False, False, "1", first.code_sha256)
    assert signer.calls == []
    assert {"PutObject", "UpdateFunctionCode"}.isdisjoint(operations)


def test_without_the_record_the_token_finds_the_job_again(
    pushed: Push, signer: FakeSigner, bucket: Client, second: Artifact
) -> None:
    first = pushed()
    bucket.delete_object(Bucket="emulator", Key=f"lambdapack/hello/{second.sha256_hex}.team.json")
    again = pushed()
    assert (again.uploaded, again.code_sha256) == (False, first.code_sha256)
    assert len(signer.jobs) == 1


def test_where_the_signed_object_is_gone_it_is_signed_again(
    pushed: Push, signer: FakeSigner, bucket: Client, second: Artifact
) -> None:
    pushed()
    key = f"lambdapack/hello/{second.sha256_hex}.team-job-0.zip"
    version = bucket.head_object(Bucket="emulator", Key=key)["VersionId"]
    bucket.delete_object(Bucket="emulator", Key=key, VersionId=version)
    signer.by_token.clear()  # AWS does not promise to remember a token for ever
    assert pushed().uploaded
    assert len(signer.jobs) == 2
    assert not pushed().uploaded


def test_another_profile_signs_again(pushed: Push, signer: FakeSigner) -> None:
    pushed()
    assert pushed(signing_profile="others").uploaded
    assert [request["profileName"] for request in signer.requests] == ["team", "others"]


def test_a_function_of_signed_packages_only_takes_it(
    pushed: Push, rival: Client, second: Artifact, aws: Connection
) -> None:
    config = rival.create_code_signing_config(
        AllowedPublishers={"SigningProfileVersionArns": [PROFILE]},
        CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Enforce"},
    )["CodeSigningConfig"]["CodeSigningConfigArn"]
    rival.put_function_code_signing_config(FunctionName="hello", CodeSigningConfigArn=config)
    with pytest.raises(AwsError, match="CodeVerificationFailedException") as caught:
        push(PushRequest(function="hello"), second, aws)
    assert "--signing-profile" in caught.value.hint
    assert pushed().code_sha256 == live(rival)


class TestDryRun:
    def test_nothing_is_signed_for_it(
        self, pushed: Push, signer: FakeSigner, state: Callable[[], dict[str, bytes]], notes: list[str]
    ) -> None:
        before = state()
        result = pushed(dry_run=True)
        assert isinstance(result, DryRunResult)
        assert (result.uploaded, result.validated, result.code_sha256) == (True, False, None)
        assert notes == ["Lambda could not be asked about the package: it would first have to be signed"]
        assert state() == before
        assert signer.calls == []

    def test_what_is_signed_already_is_known(self, pushed: Push) -> None:
        first = pushed()
        result = pushed(dry_run=True)
        assert isinstance(result, DryRunResult)
        assert (result.uploaded, result.validated, result.code_sha256) == (False, True, first.code_sha256)


class TestRefused:
    def test_a_profile_needs_a_bucket(self, aws: Connection, second: Artifact, operations: list[str]) -> None:
        with pytest.raises(UsageError, match="needs a bucket"):
            push(PushRequest(function="hello", signing_profile="team"), second, aws)
        assert operations == []

    def test_a_bucket_without_versions_is_refused(self, pushed: Push, bucket: Client, signer: FakeSigner) -> None:
        bucket.create_bucket(Bucket="plain")
        with pytest.raises(CheckError, match="keeps no versions") as caught:
            pushed(bucket="plain")
        assert "put-bucket-versioning" in caught.value.hint
        assert signer.calls == []

    def test_an_architecture_that_does_not_fit_is_refused_before_anything_is_signed(
        self, aws: Connection, hello: str, signer: FakeSigner, package: Callable[..., Artifact]
    ) -> None:
        account: Any = Account(aws, signer)
        request = PushRequest(function=hello, route=Route(s3_bucket="emulator"), signing_profile="team")
        with pytest.raises(CheckError, match="arm64"):
            push(request, package("arm = 1", architecture="arm64"), account)
        assert signer.calls == []


class TestSigner:
    def test_a_job_that_fails_ends_the_push_with_its_reason(
        self, pushed: Push, signer: FakeSigner, rival: Client, first: Artifact
    ) -> None:
        signer.failing = 1
        with pytest.raises(AwsError, match=r"did not sign .* with team: The profile is canceled\.") as caught:
            pushed()
        assert caught.value.exit_code == 7
        assert live(rival) == first.code_sha256

    def test_a_failure_of_an_earlier_run_is_not_for_ever(self, pushed: Push, signer: FakeSigner) -> None:
        signer.failing = 1
        with pytest.raises(AwsError):
            pushed()
        assert pushed().uploaded
        assert len(signer.jobs) == 2

    def test_a_lost_answer_makes_no_second_job(self, pushed: Push, signer: FakeSigner) -> None:
        signer.lost = 1
        with pytest.raises(UnansweredError):
            pushed()
        assert pushed().uploaded
        assert len(signer.jobs) == 1

    def test_a_job_that_never_ends_ends_at_the_deadline(self, pushed: Push, signer: FakeSigner) -> None:
        signer.looks = 100_000
        with pytest.raises(AwsError, match="gave up after 120 s, waiting for AWS Signer"):
            pushed()

    def test_a_job_that_takes_its_time_is_waited_for(self, pushed: Push, signer: FakeSigner) -> None:
        signer.looks = 10
        assert pushed().uploaded

    @pytest.mark.parametrize(
        "alter",
        [
            lambda _: None,
            lambda archive: archive.writestr("app.py", "evil = 1\n"),
            lambda archive: [archive.writestr(SIGNATURE, "signed"), archive.writestr("evil.py", "evil = 1\n")],
            lambda archive: [archive.writestr(SIGNATURE, "signed"), archive.writestr("app.py", "evil = 1\n")],
            lambda archive: archive.writestr("META_INF/other.SF", "signed"),
        ],
        ids=["no signature", "another entry", "one more entry", "a second entry of one name", "another signature"],
    )
    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_what_is_not_our_package_and_a_signature_is_never_used(
        self, pushed: Push, signer: FakeSigner, rival: Client, first: Artifact, alter: Callable[[Any], object]
    ) -> None:
        signer.alter = alter
        with pytest.raises(AwsError, match="with a signature; it was not used"):
            pushed()
        assert live(rival) == first.code_sha256


class TestRecord:
    """The record is a pointer, whoever wrote it."""

    def test_one_that_leads_to_other_code_is_not_believed(
        self, pushed: Push, bucket: Client, second: Artifact, first: Artifact, rival: Client
    ) -> None:
        version = bucket.put_object(Bucket="emulator", Key="evil.zip", Body=first.read())["VersionId"]
        record = {"bucket": "emulator", "key": "evil.zip", "version": version}
        key = f"lambdapack/hello/{second.sha256_hex}.team.json"
        bucket.put_object(Bucket="emulator", Key=key, Body=json.dumps(record).encode())
        with pytest.raises(AwsError, match=r"s3://emulator/evil\.zip is not"):
            pushed()
        assert live(rival) == first.code_sha256

    @pytest.mark.parametrize(
        "content",
        [b"", b"{}", b"[]", b"\xff", b"[" * 9_999, b"{" * 99_999, b'{"bucket": 1, "key": "none", "version": ""}'],
    )
    def test_one_that_says_nothing_is_overwritten(
        self, pushed: Push, bucket: Client, second: Artifact, content: bytes
    ) -> None:
        key = f"lambdapack/hello/{second.sha256_hex}.team.json"
        bucket.put_object(Bucket="emulator", Key=key, Body=content)
        assert pushed().uploaded
        found = json.loads(bucket.get_object(Bucket="emulator", Key=key)["Body"].read())
        assert found["key"] == f"lambdapack/hello/{second.sha256_hex}.team-job-0.zip"

    def test_one_that_cannot_be_written_is_said(self, pushed: Push, faults: Faults, notes: list[str]) -> None:
        faults["s3.PutObject"] = [lambda: None, "403 AccessDenied"]
        assert pushed().uploaded
        assert any("could not be recorded" in note for note in notes)


def test_a_signed_package_whose_stream_is_broken_is_not_used(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "unsigned.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("app.py", b"print()\n" * 50)
    stream = io.BytesIO((tmp_path / "unsigned.zip").read_bytes())
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("META-INF/aws_signer_signature_v1.0.SF", b"signature")
    broken = bytearray(stream.getvalue())
    broken[len("app.py") + 30] = 0xFF  # block type 3, which deflate does not have: zlib.error, not BadZipFile

    check_signed(stream, open_artifact(tmp_path / "unsigned.zip"), url="s3://packages/signed.zip")
    with pytest.raises(AwsError, match=r"s3://packages/signed\.zip is not .* with a signature"):
        check_signed(io.BytesIO(broken), open_artifact(tmp_path / "unsigned.zip"), url="s3://packages/signed.zip")


def test_no_more_is_kept_of_an_object_than_it_may_have() -> None:
    file = io.BytesIO()
    room = LimitedFile(file, 10, about="s3://packages/signed.zip")
    room.write(b"12345")
    room.write(b"67890")
    with pytest.raises(OverlongError, match=r"s3://packages/signed\.zip is larger than any package"):
        room.write(b"1")
    assert file.getvalue() == b"1234567890"
