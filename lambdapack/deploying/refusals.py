"""What AWS answers when it refuses, in our words: a table, and one pure function.

The families below are those that the stories handle themselves; where one escapes, its exit code is right
already. Messages quote AWS, because they name what we do not know, but never a value of the environment
and never a signature's parts.

::

    AwsError
    ├── UnansweredError     no answer, or none to rely on: whether it was done is found out by reading
    │   └── GarbledError        a 200 that does not hold what it must
    ├── BusyError           409: another update is in progress, so this one was not begun
    ├── DeniedError         the credentials lack a permission
    ├── CorruptedError      S3 received other bytes than we hashed
    └── RoleNotReadyError   IAM has not told Lambda of the role yet
    ConflictError
    ├── StaleError          412: the RevisionId is not the latest
    └── AlreadyExistsError  what should be created is there
"""

import re
from dataclasses import dataclass

from lambdapack.errors import AwsError, CheckError, ConflictError, LambdapackError, NotFoundError


class UnansweredError(AwsError):
    """No answer that can be relied on: AWS may have done it, or not."""


class GarbledError(UnansweredError):
    """A 200 that does not hold what it must: from a proxy, from a wrong endpoint, or cut off."""


class BusyError(AwsError):
    """An update is in progress, so AWS did not begin this one."""


class DeniedError(AwsError):
    """The credentials do not allow it."""


class CorruptedError(AwsError):
    """What S3 received does not have the checksum that we announced."""


class RoleNotReadyError(AwsError):
    """Lambda cannot assume the role, or not yet."""


class StaleError(ConflictError):
    """The RevisionId that we sent is not the latest."""


class AlreadyExistsError(ConflictError):
    """What should be created is there already."""


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
        if self.subject.startswith("s3://"):
            return "s3:PutObject" if self.operation == "PutObject" else "s3:GetObject"
        return f"lambda:{self.operation}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: which refusals, whose move, and what to do."""

    codes: str
    """Error codes, separated by blanks."""
    family: type[LambdapackError]
    hint: str
    """May use ``{action}``, ``{operation}`` and ``{subject}``."""
    says: str = ""
    """Words of AWS's message that tell this case from others of the same code."""


# aws-lambda.md, chapter 2, has the messages; the first rule that fits is taken.
RULES = (
    Rule("PreconditionFailedException", StaleError, "somebody else changed {subject}; look at it, then push again"),
    Rule("PreconditionFailed", AlreadyExistsError, "the object is there already"),
    Rule(
        "ResourceConflictException",
        AlreadyExistsError,
        "it exists already: lambdapack push {subject} updates its code",
        says="already exist",
    ),
    Rule(
        "ResourceConflictException ConditionalRequestConflict OperationAborted",
        BusyError,
        "another update is in progress; push again when it has ended",
    ),
    Rule(
        "TooManyRequestsException Throttling ThrottlingException RequestLimitExceeded SlowDown",
        UnansweredError,
        "AWS keeps throttling this account and Region; run the command again later",
    ),
    Rule(
        "ResourceNotFoundException",
        NotFoundError,
        "choose the Region of the function with --region",
        says="not reachable in this region",
    ),
    Rule(
        "ResourceNotFoundException",
        NotFoundError,
        "check its name, --region and --profile, or create it: lambdapack create {subject}",
    ),
    Rule("NoSuchBucket", NotFoundError, "check --s3-bucket, or create the bucket"),
    Rule("NoSuchKey NoSuchVersion 404", NotFoundError, "check the bucket, its Region and the key"),
    Rule(
        "InvalidParameterValueException",
        ConflictError,
        "another client pushed between our update and our publish; nothing was published, push again",
        says="CodeSHA256 (",
    ),
    Rule(
        "InvalidParameterValueException",
        CheckError,
        "the package is no zip that Lambda can read; build it again: lambdapack build",
        says="Could not unzip",
    ),
    Rule(
        "InvalidParameterValueException",
        CheckError,
        "the package has no entries; check the source and its excludes: lambdapack build --list",
        says="non-empty zip",
    ),
    Rule(
        "InvalidParameterValueException",
        CheckError,
        "package and layers must stay below 262,144,000 bytes unzipped; exclude what is not needed",
        says="Unzipped size must be smaller",
    ),
    Rule(
        "InvalidParameterValueException",
        CheckError,
        "the function's package type cannot be changed; push an image to an Image function, a zip to a Zip function",
        says="ImageUri",
    ),
    Rule(
        "InvalidParameterValueException", CheckError, "choose a runtime that AWS supports", says="no longer supported"
    ),
    Rule(
        "InvalidParameterValueException",
        RoleNotReadyError,
        "let the role trust lambda.amazonaws.com; a new role takes some seconds to reach Lambda",
        says="cannot be assumed by Lambda",
    ),
    Rule(
        "InvalidParameterValueException",
        AwsError,
        "use a bucket in the function's own Region",
        says="S3 Error Code: PermanentRedirect",
    ),
    Rule(
        "InvalidParameterValueException",
        NotFoundError,
        "check the bucket, its Region and whether something deletes its objects",
        says="S3 Error Code: NoSuch",
    ),
    Rule("RequestEntityTooLargeException", CheckError, "send it through S3: --s3-bucket BUCKET"),
    Rule(
        "CodeStorageExceededException",
        AwsError,
        "the Region's quota of code storage is used up; delete old versions, or ask AWS for more",
    ),
    Rule(
        "CodeVerificationFailedException InvalidCodeSignatureException CodeSigningConfigNotFoundException",
        AwsError,
        "the function takes signed packages only; sign the package, or change its code signing configuration",
    ),
    Rule(
        "AccessDeniedException AccessDenied 403 Forbidden UnauthorizedOperation",
        DeniedError,
        "allow {action} for {subject} to these credentials, or choose others with --profile",
    ),
    Rule(
        "ExpiredTokenException ExpiredToken RequestExpired TokenRefreshRequired",
        AwsError,
        "the credentials have expired; sign in again, for example with aws sso login",
    ),
    Rule(
        "UnrecognizedClientException InvalidClientTokenId InvalidAccessKeyId InvalidToken IncompleteSignature",
        AwsError,
        "AWS does not know these credentials; check --profile and the AWS_… variables",
    ),
    Rule(
        "InvalidSignatureException SignatureDoesNotMatch RequestTimeTooSkewed SignatureExpired",
        AwsError,
        "check the secret access key, and that the clock of this machine is right",
    ),
    Rule(
        "PermanentRedirect 301 AuthorizationHeaderMalformed IllegalLocationConstraintException",
        AwsError,
        "the bucket is in another Region; use one in the function's own Region",
    ),
    Rule("400", AwsError, "the credentials may have expired, or the bucket may be in another Region"),
    Rule(
        "BadDigest InvalidDigest XAmzContentChecksumMismatch XAmzContentSHA256Mismatch",
        CorruptedError,
        "the package was damaged on its way to S3; push again",
    ),
)

UNREASONED = Rule("", AwsError, "correct what AWS names, then run the command again")
UNAVAILABLE = Rule(
    "", UnansweredError, "run the command again; the AWS Health Dashboard shows whether the service is ill"
)

UNQUOTED = frozenset({"InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature"})
"""Codes whose messages repeat the signed request, session token included."""

SERVER_ERROR = 500
"""The HTTP status from which on the fault is the server's, and the outcome unknown."""


def refused(refusal: Refusal) -> LambdapackError:
    """Return the error for what AWS refused: its class says whose move it is."""
    rule = rule_for(refusal)
    reason = quoted(refusal)
    return rule.family(
        f"AWS refused {refusal.operation} for {refusal.subject}: {reason}",
        hint=rule.hint.format(action=refusal.action, operation=refusal.operation, subject=refusal.subject),
        operation=refusal.operation,
        aws_code=refusal.code,
    )


def rule_for(refusal: Refusal) -> Rule:
    """Return the first row of the table that fits, else one by the HTTP status."""
    for rule in RULES:
        if refusal.code in rule.codes.split() and rule.says in refusal.message:
            return rule
    return UNAVAILABLE if refusal.status >= SERVER_ERROR else UNREASONED


def quoted(refusal: Refusal) -> str:
    """Return AWS's reason with its code, less everything that could be a secret."""
    if not refusal.message or refusal.code in UNQUOTED:
        return refusal.code
    # "… exceeded the 4KB limit. String measured: {"K":"V"}" echoes the whole environment.
    message = refusal.message.partition(" String measured:")[0]
    # So does a validation error: "Value '{K=V}' at 'environment.variables' failed to satisfy constraint: …"
    if "environment" in message:
        message = re.sub(r"[Vv]alue '.*?' at 'environment", "value at 'environment", message)
    longest = 600
    if len(message) > longest:
        message = f"{message[:longest]}…"
    return f"{message} ({refusal.code})"
