"""Signing: AWS Signer makes a signed copy of a zip on S3, and from then on that copy is the package.

::

    zip ─► S3 object (its hash) ─► StartSigningJob ─► signed object ─► proven ─► Lambda
                    └───────────── record: which object ◄────────────────┘

A signed zip has other bytes than the zip that it was made from, and other ones each time, so Lambda's CodeSha256
says nothing about ours. What tells the next push that this zip is signed already, and perhaps live, is a *record*: a
small object beside the zip, under the zip's hash and the profile's name, that says where the signed copy lies. An
object, for it needs no permission beyond those for the zip; an object's tags would need others, its metadata cannot
be added later, and Signer forgets its jobs and shows them to fewer people than a bucket does.

The record is a pointer and no proof. Whoever wrote it, the object that it leads to is downloaded, hashed, and taken
only if it holds every entry of our zip, byte by byte, and nothing else but one signature. So it may be overwritten:
where the signed copy was deleted, the zip is signed again. Whether the signature is good is for Lambda to say.
"""

import hashlib
import io
import json
import re
import tempfile
from dataclasses import dataclass, replace
from typing import IO, NamedTuple

from lambdapack.artifact import Artifact, code_sha256, unreadable
from lambdapack.deploying.aws.api import Answer, SignerApi
from lambdapack.deploying.aws.deadline import FOREVER, Deadline
from lambdapack.deploying.aws.reading import read_patiently
from lambdapack.deploying.aws.refusals import DeniedError, GarbledError
from lambdapack.deploying.download.foreign_zip import ForeignZip
from lambdapack.deploying.upload.staging import S3Transport, version_in
from lambdapack.deploying.upload.transport import CodeLocation, StagedTransport
from lambdapack.deploying.upload.upload import Upload
from lambdapack.errors import AwsError, CheckError, NotFoundError
from lambdapack.quotas import UNZIPPED_LIMIT

_SIGNATURE = re.compile(r"META[-_]INF/aws_signer_signature_v[0-9.]+\.SF", re.ASCII)
"""``META_INF/aws_signer_signature_v1.0.SF``, as two public verifiers of such packages spell it."""

_TOKENS = 5
"""How many tokens are tried: a token whose job failed in an earlier run would give that failure for ever."""

_LARGEST_RECORD = 1 << 14
"""Bytes of a record: a bucket has 63 characters, a key 1,024, a version as many ("Object key naming guidelines")."""


class OverlongError(AwsError):
    """An object is longer than a package, or a record, can be."""


class LimitedFile:
    """A file that takes a limited number of bytes, for somebody else may have written them."""

    def __init__(self, file: IO[bytes], limit: int, *, about: str) -> None:
        self._file = file
        self._left = limit
        self._about = about

    def write(self, content: bytes) -> None:
        """Append ``content``; raises ``OverlongError`` where it is too much."""
        self._left -= len(content)
        if self._left < 0:
            raise OverlongError(
                f"{self._about} is larger than any package; it was not used",
                hint="find out who wrote it, delete it and the .json beside the package, then push again",
            )
        self._file.write(content)


class _SignedObject(NamedTuple):
    """The signed copy of a package on S3; the record has these three names."""

    bucket: str
    key: str
    version: str

    @property
    def url(self) -> str:
        """The object the way people write it."""
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """One package and the profile that is to sign it."""

    upload: Upload
    s3: S3Transport
    signer_api: SignerApi
    profile: str

    @property
    def _stem(self) -> str:
        """What the keys of everything that belongs to this package and profile begin with."""
        return f"{self.s3.key.removesuffix('.zip')}.{self.profile}"

    def find(self) -> Upload | None:
        """Return the upload with the signed package, if the record leads to one; nothing is changed."""
        recorded = self._read_record()
        try:
            return self._take(recorded) if recorded else None
        except (NotFoundError, DeniedError):
            return None

    def sign(self) -> Upload:
        """Return the upload with the signed package, after having it signed where that was not done yet.

        Raises ``CheckError`` where the bucket keeps no versions, ``AwsError`` where Signer fails or makes something
        else of the package.
        """
        found = self.find()
        if found:
            return found
        source = self.s3.stage()
        if "S3ObjectVersion" not in source.parameters:
            raise CheckError(
                f"the bucket {self.s3.bucket} keeps no versions; AWS Signer signs a version of an object",
                hint=f"aws s3api put-bucket-versioning --bucket {self.s3.bucket}"
                " --versioning-configuration Status=Enabled",
            )
        place = self._find_job(str(source.parameters["S3ObjectVersion"]))["signedObject"]["s3"]
        bucket, key = place["bucketName"], place["key"]
        versioned = version_in(self.s3.s3_api("HeadObject", Bucket=bucket, Key=key), "S3ObjectVersion")
        if not versioned:
            raise AwsError(f"s3://{bucket}/{key} has no version", hint="enable versioning on its bucket; push again")
        signed = _SignedObject(bucket=bucket, key=key, version=versioned["S3ObjectVersion"])
        upload = self._take(signed)
        self._write_record(signed)
        self.upload.tell(f"signed by {self.profile}: {signed.url}")
        return upload

    def _find_job(self, source_version: str) -> Answer:
        """Return the job that signed this version of the object, started now or by an earlier run.

        The token makes a repeated request the same request: "All calls after the first that use this token return
        the same response as the first call" (API reference, StartSigningJob). Raises ``AwsError`` where it fails.
        """
        failed = ""
        for _ in range(_TOKENS):
            text = f"{self.s3.url}\n{source_version}\n{self.profile}\n{failed}"
            started = self.signer_api(
                "StartSigningJob",
                source={"s3": {"bucketName": self.s3.bucket, "key": self.s3.key, "version": source_version}},
                destination={"s3": {"bucketName": self.s3.bucket, "prefix": f"{self._stem}-"}},
                profileName=self.profile,
                clientRequestToken=hashlib.sha256(text.encode()).hexdigest()[:32],
            )
            job_id = started.get("jobId")
            if not job_id:
                raise GarbledError("AWS Signer answered without a job", hint="push again")
            job = self._describe(job_id)
            if job["status"] != "Failed":
                return self._wait_for(job_id, job)
            # At the first look a job of this run is still in progress: this one is of an earlier run.
            failed = job_id
        raise self._failure(job)

    def _wait_for(self, job_id: str, job: Answer) -> Answer:
        pause = self.upload.deadline.pauses()
        while job["status"] == "InProgress":
            pause(f"AWS Signer to sign {self.s3.url}")
            job = self._describe(job_id)
        if job["status"] != "Succeeded":
            raise self._failure(job)
        return job

    def _describe(self, job_id: str) -> Answer:
        """Return the job as it is now: with a status, and with its object where it succeeded."""

        def read() -> Answer:
            job = self.signer_api("DescribeSigningJob", jobId=job_id)
            place = (job.get("signedObject") or {}).get("s3") or {}
            if "status" not in job or (job["status"] == "Succeeded" and not {"bucketName", "key"} <= place.keys()):
                raise GarbledError("AWS Signer answered without the job's state", hint="push again")
            return job

        return read_patiently(self.signer_api, read, about=f"the signing job {job_id}")

    def _failure(self, job: Answer) -> AwsError:
        return AwsError(
            f"AWS Signer did not sign {self.s3.url} with {self.profile}: {job.get('statusReason', 'no reason given')}",
            hint="the profile must be active, of the platform AWSLambda-SHA384-ECDSA and of the bucket's Region",
            job_id=str(job.get("jobId")),
        )

    def _take(self, signed: _SignedObject) -> Upload:
        """Return the upload with the signed package in place of the unsigned one; raises what ``check_signed`` does."""
        unsigned = self.s3.artifact
        with tempfile.TemporaryFile() as file:
            limited = LimitedFile(file, UNZIPPED_LIMIT, about=signed.url)
            place = {"Bucket": signed.bucket, "Key": signed.key, "VersionId": signed.version}
            sha256 = self.s3.s3_api.download(limited.write, **place)
            check_signed(file, unsigned, url=signed.url, deadline=self.upload.deadline)
            size = file.seek(0, io.SEEK_END)
        parameters = {"S3Bucket": signed.bucket, "S3Key": signed.key, "S3ObjectVersion": signed.version}
        return replace(
            self.upload,
            package=unsigned.replace(code_sha256=sha256, size=size),
            transport=StagedTransport(location=CodeLocation(transport="s3", parameters=parameters)),
        )

    def _read_record(self) -> _SignedObject | None:
        """Return where the record says that the signed package lies; None where there is none, or none to be read."""
        content = io.BytesIO()
        try:
            limited = LimitedFile(content, _LARGEST_RECORD, about="the record")
            self.s3.s3_api.download(limited.write, Bucket=self.s3.bucket, Key=f"{self._stem}.json")
            found = json.loads(content.getvalue())
            return _SignedObject(*(str(found[name]) for name in _SignedObject._fields))
        except (NotFoundError, DeniedError, OverlongError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def _write_record(self, signed: _SignedObject) -> None:
        """Let the next push find the signed package; without the record it would only sign again."""
        content = json.dumps(signed._asdict(), indent=2).encode()
        try:
            self.s3.s3_api(
                "PutObject",
                Bucket=self.s3.bucket,
                Key=f"{self._stem}.json",
                Body=content,
                ChecksumSHA256=code_sha256(hashlib.sha256(content)),
            )
        except AwsError as error:
            self.upload.tell(f"the signed package could not be recorded and will be signed again: {error.message}")


def check_signed(file: IO[bytes], unsigned: Artifact, *, url: str, deadline: Deadline = FOREVER) -> None:
    """Raise ``AwsError`` where ``file`` is not ``unsigned`` with one more entry, the signature.

    Raises ``CheckError`` where ``unsigned`` itself is a zip that cannot be read in one way only.
    """
    trouble = AwsError(
        f"{url} is not {unsigned.path} with a signature; it was not used",
        hint="find out who wrote it, delete it and the .json beside the package, then push again",
        s3_url=url,
    )
    try:
        package = unsigned.path.open("rb")
    except OSError as error:
        raise unreadable(unsigned.path, error) from error
    with package:
        archive = ForeignZip(package, about=str(unsigned.path), deadline=deadline)
        ours = {member.name: member for member in archive.members}
        try:
            signed = ForeignZip(file, about=url, deadline=deadline)
            theirs = {member.name: member for member in signed.members}
            added = theirs.keys() - ours.keys()
            if len(added) != 1 or not _SIGNATURE.fullmatch(next(iter(added))) or ours.keys() - theirs.keys():
                raise trouble
            # Sizes first: no more is read of theirs than there is of ours.
            if any(member.size != theirs[name].size for name, member in ours.items()):
                raise trouble
            for name, member in ours.items():
                if signed.sha256(theirs[name]) != archive.sha256(member):
                    raise trouble
        except CheckError as error:
            raise trouble from error
