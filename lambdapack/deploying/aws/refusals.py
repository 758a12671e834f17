"""What AWS answers when it refuses: the refusal, and the families of errors that it may become (``rules`` says which).

The stories handle these families themselves. Where one is not handled, it ends the run with the right exit code.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lambdapack.deploying.aws.api import Answer
from lambdapack.errors import AwsError, ConflictError

SERVER_ERROR = 500
"""The HTTP status from which on the fault is the server's, and may pass; whether it was done is unknown."""

_NAMING = ("FunctionName", "LayerName", "profileName", "jobId")
"""Parameters that say what a request is about."""

CHECK_ENDPOINT = "check --endpoint-url and the proxy: something else than Lambda may have answered"
"""What to do about an answer that Lambda would not give."""


class UnansweredError(AwsError):
    """No answer, or none to rely on: whether AWS did it is found out by reading."""


class GarbledError(UnansweredError):
    """A 200 that does not hold what it must: from a proxy, from a wrong endpoint, or cut off."""


class ThrottledError(UnansweredError):
    """429: AWS has too many requests to look at this one, so nothing was begun."""


class AbandonedError(UnansweredError):
    """The run had no more time to wait for the answer; the request may still be under way."""


class BusyError(AwsError):
    """409: another update is in progress, so AWS did not begin this one."""


class DeniedError(AwsError):
    """The credentials do not allow it."""


class CorruptedError(AwsError):
    """What S3 received does not have the checksum that we announced."""


class RoleNotReadyError(AwsError):
    """Lambda cannot assume the role, or not yet: IAM takes some seconds to tell it of a new one."""


class StaleError(ConflictError):
    """412: the RevisionId that we sent is not the latest."""


class AlreadyExistsError(ConflictError):
    """What should be created is there already."""


class ReferencedError(ConflictError):
    """An alias, or Lambda@Edge, still needs the version that should be deleted, so AWS keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An error as AWS put it."""

    operation: str
    subject: str
    """The function, or the object as ``s3://bucket/key``."""
    code: str
    message: str
    status: int
    """The HTTP status."""

    @property
    def action(self) -> str:
        """The IAM action that the operation needs, or that AWS says was missing."""
        named = re.search(r"not authorized to perform: ([\w-]+:\w+)", self.message)
        if named:
            return named[1]
        if "denied by S3" in self.message:
            return "s3:GetObject"
        if self.operation.endswith("SigningJob"):
            return f"signer:{self.operation}"
        if self.subject.startswith("s3://"):
            return "s3:PutObject" if self.operation == "PutObject" else "s3:GetObject"
        return f"lambda:{self.operation}"


def subject_of(parameters: Answer) -> str:
    """Return what a request is about: the function or layer, the object, or the signing profile or job."""
    if "Bucket" in parameters:
        return f"s3://{parameters['Bucket']}/{parameters.get('Key', '')}"
    return str(next((parameters[name] for name in _NAMING if parameters.get(name)), "AWS"))


def status_of(answer: Answer) -> int | None:
    """Return the HTTP status that botocore noted, None where it noted none."""
    metadata = answer.get("ResponseMetadata")
    status = metadata.get("HTTPStatusCode") if isinstance(metadata, Mapping) else None
    return status if isinstance(status, int) else None


def refusal_in(answer: Answer, *, operation: str, subject: str) -> Refusal:
    """Return the refusal in an answer of botocore's; the message is under one of two keys, or missing, or no text."""
    reason = answer.get("Error")
    found = reason if isinstance(reason, Mapping) else {}
    texts = [text for text in (found.get("Message"), answer.get("message")) if text and isinstance(text, str)]
    code = found.get("Code")
    return Refusal(
        operation=operation,
        subject=subject,
        code=code if code and isinstance(code, str) else "Unknown",
        message=texts[0] if texts else "",
        status=status_of(answer) or 0,
    )
