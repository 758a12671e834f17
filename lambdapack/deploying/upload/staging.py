"""The S3 transport: one object, whose key is the hash of its bytes.

Rules for this file
- An object is used where S3 itself, or our own reading of it, says that its SHA-256 is the artifact's. S3's
  ChecksumSHA256 is the same 32 bytes as Lambda's CodeSha256, in the same spelling.
- An object is never overwritten, never deleted, and never used on the word of its key.
- One PutObject, not boto3's upload_file: in several parts the checksum would be one of checksums
  (S3 user guide, "Checking object integrity"). A single PutObject takes up to 5 GiB; Lambda takes 250 MiB.
"""

import contextlib
from dataclasses import dataclass, field
from typing import IO

from lambdapack.artifact import Artifact, unreadable
from lambdapack.deploying.aws.api import Answer, S3Api
from lambdapack.deploying.aws.refusals import (
    AlreadyExistsError,
    BusyError,
    CorruptedError,
    DeniedError,
    GarbledError,
    UnansweredError,
)
from lambdapack.deploying.function.session import check_fields
from lambdapack.deploying.upload.transport import (
    CodeLocation,
    InlineTransport,
    Route,
    Transport,
    TransportName,
    choose_transport,
)
from lambdapack.errors import AwsError, NotFoundError
from lambdapack.reporting import Progress, Tell

_LONGEST_VERSION = 1024
"""Characters of an object's version (API reference, UpdateFunctionCode, S3ObjectVersion)."""

_PUT_ATTEMPTS = 5
"""How often a put is tried that meets another one of the same key, or is damaged on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Transport:
    """The package travels as an object on S3, which is sent only once."""

    artifact: Artifact
    bucket: str
    prefix: str
    folder: str
    """What follows the prefix: a function's bare name, or ``layers/`` and a layer's."""
    s3_api: S3Api
    progress: Progress
    tell: Tell
    name: TransportName = field(default="s3", init=False)

    @property
    def key(self) -> str:
        """Return the object's key: content-addressed, so that it never has to be overwritten."""
        folders = [self.prefix.strip("/"), self.folder, f"{self.artifact.sha256_hex}.zip"]
        return "/".join(folder for folder in folders if folder)

    @property
    def url(self) -> str:
        """Return the object the way people write it."""
        return f"s3://{self.bucket}/{self.key}"

    def find(self) -> CodeLocation | None:
        """Return the object, if it is there and proven to be ours; raises ``AwsError`` where it holds other bytes."""
        try:
            return self._prove()
        except (NotFoundError, DeniedError):
            # "If you don't have the s3:ListBucket permission, Amazon S3 returns an HTTP status code 403" for an
            # object that does not exist (API reference, HeadObject): whether it does, PutObject will tell.
            return None

    def stage(self) -> CodeLocation:
        """Return the object, after sending it where it is not there yet.

        Raises ``AwsError`` where S3 keeps refusing it or holds other bytes, ``LocalError`` where the
        artifact changed since it was hashed.
        """
        return self.find() or self._send()

    def _send(self) -> CodeLocation:
        """Put the object, again where another put of the same key was in the way, or the bytes were damaged."""
        damaged = False
        pause = self.s3_api.deadline.pauses()
        for _ in range(_PUT_ATTEMPTS):
            try:
                return self._put()
            except AlreadyExistsError:  # somebody else's, or our own first try's whose answer was lost
                with contextlib.suppress(NotFoundError):
                    return self._prove()
            except BusyError:
                pass  # "On a 409 failure you should retry the upload" (API reference, PutObject, If-None-Match)
            except UnansweredError:
                found = self.find()
                if found:
                    return found
                raise
            except CorruptedError:
                self.artifact.read()  # proves that it was not the file that changed
                if damaged:
                    raise
                damaged = True
            pause(f"S3 to take {self.url}")
        raise AwsError(
            f"S3 took {self.url} in none of {_PUT_ATTEMPTS} tries", hint="somebody else writes that key; push again"
        )

    def _put(self) -> CodeLocation:
        """Send the object once; it is proven like every other if S3 does not answer with its checksum."""
        try:
            with self.artifact.path.open("rb") as file:
                answer = self.s3_api(
                    "PutObject",
                    Bucket=self.bucket,
                    Key=self.key,
                    Body=MeteredFile(file, self.progress),
                    ContentLength=self.artifact.size,
                    ChecksumSHA256=self.artifact.code_sha256,
                    IfNoneMatch="*",
                )
        except OSError as error:
            raise unreadable(self.artifact.path, error) from error
        self.tell(f"stored {self.url}; it stays there, so that the same package is sent only once")
        if answer.get("ChecksumSHA256") != self.artifact.code_sha256:
            return self._prove()
        return self._location(answer)

    def _prove(self) -> CodeLocation:
        """Return the object that is there, once its SHA-256 is known to be ours; raises ``NotFoundError``."""
        answer = self.s3_api("HeadObject", Bucket=self.bucket, Key=self.key, ChecksumMode="ENABLED")
        stored = answer.get("ChecksumSHA256")
        if not stored or "-" in stored:
            # Nothing stored, or "-N": the checksum of the checksums of N parts, which proves nothing about ours.
            version = version_in(answer, "VersionId")
            stored = self.s3_api.download(lambda _: None, Bucket=self.bucket, Key=self.key, **version)
        if stored != self.artifact.code_sha256:
            raise AwsError(
                f"{self.url} holds other bytes (SHA-256 {stored}) than its name says; it is poisoned and was not used",
                hint="find out who wrote it, delete it, then push again, or push with another --s3-prefix",
                s3_url=self.url,
            )
        return self._location(answer)

    def _location(self, answer: Answer) -> CodeLocation:
        parameters = {"S3Bucket": self.bucket, "S3Key": self.key} | version_in(answer, "S3ObjectVersion")
        return CodeLocation(transport="s3", parameters=parameters)


def open_transport(
    artifact: Artifact, route: Route, *, folder: str, s3_api: S3Api, progress: Progress, tell: Tell
) -> tuple[Transport, S3Transport | None]:
    """Return the way that the artifact takes, and the way through S3 where there is a bucket for it.

    Raises what ``choose_transport`` does.
    """
    check_fields(route)
    chosen = choose_transport(route, artifact)
    inline = InlineTransport(artifact=artifact, progress=progress)
    if not route.s3_bucket:
        return inline, None
    s3 = S3Transport(
        artifact=artifact,
        bucket=route.s3_bucket,
        prefix=route.s3_prefix,
        folder=folder,
        s3_api=s3_api,
        progress=progress,
        tell=tell,
    )
    return s3 if chosen == "s3" else inline, s3


class MeteredFile:
    """A file that reports how far it was read: PutObject's body, and the progress bar's source."""

    def __init__(self, file: IO[bytes], progress: Progress) -> None:
        self._file = file
        self._progress = progress
        self._reported = 0

    def read(self, size: int = -1) -> bytes:
        """Read on, and report it."""
        chunk = self._file.read(size)
        self._report(self._file.tell())
        return chunk

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move; back to the start, where a retry or a signature needs it, is reported as well."""
        position = self._file.seek(offset, whence)
        if position < self._reported:
            self._report(position)
        return position

    def tell(self) -> int:
        """Return the position in bytes."""
        return self._file.tell()

    def _report(self, position: int) -> None:
        self._progress(position - self._reported)
        self._reported = position


def version_in(answer: Answer, parameter: str) -> dict[str, str]:
    """Return the object's version as a request's ``parameter``, if there is one; ``GarbledError`` for one too long."""
    version = str(answer.get("VersionId") or "null")
    if len(version) > _LONGEST_VERSION:
        raise GarbledError("S3 answered with a version of the object that is none", hint="push again")
    return {} if version == "null" else {parameter: version}
