"""What AWS answers when it refuses, in our words: a table, and one pure function.

Messages quote AWS, because they name what we do not know, but never a value of the environment and never a
signature's parts.
"""

import re
from dataclasses import dataclass, replace

from lambdapack.deploying.aws.refusals import (
    SERVER_ERROR,
    AlreadyExistsError,
    BusyError,
    CorruptedError,
    DeniedError,
    ReferencedError,
    Refusal,
    RoleNotReadyError,
    StaleError,
    ThrottledError,
    UnansweredError,
)
from lambdapack.deploying.aws.secrets import Secrets
from lambdapack.errors import AwsError, CheckError, ConflictError, LambdapackError, NotFoundError
from lambdapack.quotas import UNZIPPED_LIMIT


@dataclass(frozen=True, slots=True)
class _Case:
    """Which refusals, and whose move it is then."""

    codes: str
    """Error codes, separated by blanks."""
    family: type[LambdapackError]
    says: str = ""
    """Words of AWS's message that tell this case from others of the same code."""
    of: str = ""
    """Operations that the row is about, separated by blanks; empty where it is about all."""


_INVALID = "InvalidParameterValueException"
_NOT_FOUND = "ResourceNotFoundException"

# Each case with its hint, which may use {action}, {operation} and {subject}; the first that fits is taken.
_RULES = (
    (_Case("PreconditionFailedException", StaleError), "somebody else changed {subject}; look at it, then push again"),
    (_Case("PreconditionFailed", AlreadyExistsError), "the object is there already"),
    (
        _Case("ResourceConflictException", AlreadyExistsError, says="already exist"),
        "it exists already: lambdapack push {subject} updates its code",
    ),
    (
        _Case("ResourceConflictException", ReferencedError, says="aliases reference it"),
        "point the aliases elsewhere first: lambdapack alias {subject} NAME VERSION",
    ),
    # As serverless-prune-plugin and Terraform meet it: the version serves a CloudFront distribution.
    (
        _Case(_INVALID, ReferencedError, says="replicated function"),
        "take it out of the CloudFront distribution; its replicas are gone some hours later",
    ),
    (
        _Case("ResourceConflictException ConditionalRequestConflict OperationAborted", BusyError),
        "another update is in progress; push again when it has ended",
    ),
    (
        _Case("TooManyRequestsException Throttling ThrottlingException RequestLimitExceeded SlowDown", ThrottledError),
        "AWS keeps throttling this account and Region; run the command again later",
    ),
    (
        _Case(_NOT_FOUND, NotFoundError, says="not reachable in this region"),
        "choose the Region of the function with --region",
    ),
    (
        _Case(_NOT_FOUND, NotFoundError, of="StartSigningJob DescribeSigningJob"),
        "check --signing-profile and --region: the profile must be of the bucket's Region",
    ),
    (
        _Case(_NOT_FOUND, NotFoundError, of="GetLayerVersion ListLayerVersions PublishLayerVersion"),
        "check the layer's name, --region and --profile",
    ),
    (
        _Case(_NOT_FOUND, NotFoundError),
        "check its name, --region and --profile, or create it: lambdapack create {subject}",
    ),
    (_Case("NoSuchBucket", NotFoundError), "check --s3-bucket, or create the bucket"),
    (_Case("NoSuchKey NoSuchVersion 404", NotFoundError), "check the bucket, its Region and the key"),
    (
        _Case(_INVALID, ConflictError, says="CodeSHA256 ("),
        "another client pushed between our update and our publish; nothing was published, push again",
    ),
    (
        _Case(_INVALID, CheckError, says="Could not unzip"),
        "the package is no zip that Lambda can read; build it again: lambdapack build",
    ),
    (
        _Case(_INVALID, CheckError, says="non-empty zip"),
        "the package has no entries; check the source and its excludes: lambdapack build --list",
    ),
    (
        _Case(_INVALID, CheckError, says="Unzipped size must be smaller"),
        f"package and layers must stay below {UNZIPPED_LIMIT:,} bytes unzipped; exclude what is not needed",
    ),
    (
        _Case(_INVALID, CheckError, says="ImageUri"),
        "the function's package type cannot be changed; push an image to an Image function, a zip to a Zip function",
    ),
    (_Case(_INVALID, CheckError, says="no longer supported"), "choose a runtime that AWS supports"),
    (
        _Case(_INVALID, RoleNotReadyError, says="cannot be assumed by Lambda"),
        "let the role trust lambda.amazonaws.com; a new role takes some seconds to reach Lambda",
    ),
    # Terraform waits on these two as well (internal/service/lambda/function.go): permissions take their time.
    (
        _Case(_INVALID, RoleNotReadyError, says="execution role does not have permissions"),
        "give the role the permissions that AWS names; new ones take some seconds to reach Lambda",
    ),
    (
        _Case(_INVALID, RoleNotReadyError, says="KMS key is invalid for CreateGrant"),
        "let the role use the KMS key; a new permission takes some seconds to reach Lambda",
    ),
    (
        _Case(_INVALID, CheckError, says="exceeded the 4KB limit"),
        "Lambda takes 4,096 bytes of environment; keep large values in Parameter Store or Secrets Manager",
    ),
    (
        _Case(_INVALID, CheckError, says="contains reserved keys"),
        "remove these keys from the environment: Lambda sets them itself",
    ),
    (_Case(_INVALID, AwsError, says="S3 Error Code: PermanentRedirect"), "use a bucket in the function's own Region"),
    (
        _Case(_INVALID, NotFoundError, says="S3 Error Code: NoSuch"),
        "check the bucket, its Region and whether something deletes its objects",
    ),
    (
        _Case("RequestEntityTooLargeException", CheckError, of="UpdateFunctionConfiguration"),
        "a configuration takes 5,120 bytes as a whole; shorten the environment or the description",
    ),
    (_Case("RequestEntityTooLargeException", CheckError), "send it through S3: --s3-bucket BUCKET"),
    (
        _Case("CodeStorageExceededException", AwsError),
        "the Region's quota of code storage is used up; delete old versions (lambdapack prune), or ask AWS for more",
    ),
    (
        _Case("CodeVerificationFailedException", AwsError),
        "the function takes packages of certain signing profiles only; push with one of them: --signing-profile NAME",
    ),
    (
        _Case("InvalidCodeSignatureException", AwsError),
        "the package was changed after it was signed; have it signed again: --signing-profile NAME",
    ),
    (
        _Case("CodeSigningConfigNotFoundException", AwsError),
        "the code signing configuration was deleted; attach another one, or correct CodeSigningConfigArn",
    ),
    (
        _Case("FunctionVersionsPerCapacityProviderLimitExceededException", AwsError),
        "the capacity provider has no room for another version; delete old ones: lambdapack prune {subject}",
    ),
    (
        _Case("AccessDeniedException AccessDenied 403 Forbidden UnauthorizedOperation", DeniedError),
        "allow {action} for {subject} to these credentials, or choose others with --profile",
    ),
    (
        _Case("ExpiredTokenException ExpiredToken RequestExpired TokenRefreshRequired", AwsError),
        "the credentials have expired; sign in again, for example with aws sso login",
    ),
    (
        _Case(
            "UnrecognizedClientException InvalidClientTokenId InvalidAccessKeyId InvalidToken IncompleteSignature"
            " IncompleteSignatureException MissingAuthenticationTokenException MissingAuthenticationToken",
            AwsError,
        ),
        "AWS does not know these credentials; check --profile and the AWS_… variables",
    ),
    (
        _Case("InvalidSignatureException SignatureDoesNotMatch RequestTimeTooSkewed SignatureExpired", AwsError),
        "check the secret access key, and that the clock of this machine is right",
    ),
    (
        _Case("PermanentRedirect 301 AuthorizationHeaderMalformed IllegalLocationConstraintException", AwsError),
        "the bucket is in another Region; use one in the function's own Region",
    ),
    (_Case("RequestTimeout RequestTimeoutException", UnansweredError), "check the network, then run the command again"),
    (_Case("ValidationException", AwsError), "correct what AWS names: an option, or a key of the configuration"),
    (_Case("400", AwsError), "the credentials may have expired, or the bucket may be in another Region"),
    (
        _Case("BadDigest InvalidDigest XAmzContentChecksumMismatch XAmzContentSHA256Mismatch", CorruptedError),
        "the package was damaged on its way to S3; push again",
    ),
)

_UNREASONED = (_Case("", AwsError), "correct what AWS names, then run the command again")
_UNAVAILABLE = (
    _Case("", UnansweredError),
    "run the command again; the AWS Health Dashboard shows whether the service is ill",
)

_UNQUOTED = frozenset(
    {"InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature", "IncompleteSignatureException"}
)
"""Codes whose messages repeat the signed request, session token included."""


def translate_refusal(refusal: Refusal, secrets: Secrets) -> LambdapackError:
    """Return the error for what AWS refused, without ``secrets``: its class says whose move it is."""
    (case, hint), action = _rule_for(refusal), refusal.action
    refusal = replace(refusal, code=secrets.mask(refusal.code), message=secrets.mask(refusal.message))
    return case.family(
        f"AWS refused {refusal.operation} for {refusal.subject}: {_quote(refusal)}",
        hint=hint.format(action=action, operation=refusal.operation, subject=refusal.subject),
        operation=refusal.operation,
        aws_code=refusal.code,
    )


def _rule_for(refusal: Refusal) -> tuple[_Case, str]:
    for case, hint in _RULES:
        concerned = not case.of or refusal.operation in case.of.split()
        if concerned and refusal.code in case.codes.split() and case.says in refusal.message:
            return case, hint
    return _UNAVAILABLE if refusal.status >= SERVER_ERROR else _UNREASONED


def _quote(refusal: Refusal) -> str:
    """Return AWS's reason with its code, less everything that could be a secret."""
    if not refusal.message or refusal.code in _UNQUOTED:
        return refusal.code
    # "… exceeded the 4KB limit. String measured: {"K":"V"}" echoes the whole environment.
    message = refusal.message.partition(" String measured:")[0]
    # So does a validation error: "Value '{K=V}' at 'environment.variables' failed to satisfy constraint: …"
    if "environment" in message:
        # As much as can be, for a value may hold these words itself.
        message = re.sub(r"[Vv]alue '.*' at 'environment", "value at 'environment", message, flags=re.DOTALL)
    longest = 600
    if len(message) > longest:
        message = f"{message[:longest]}…"
    return f"{message} ({refusal.code})"
