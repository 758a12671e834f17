"""What AWS answers when it refuses, in our words: a table, and one pure function.

Messages quote AWS, because they name what we do not know, but never a value of the environment and never a
signature's parts.
"""

import re
from dataclasses import dataclass, replace

from lambdapack.deploying.aws.refusals import (
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
class _Rule:
    """One row of the table: which refusals, whose move, and what to do."""

    codes: str
    """Error codes, separated by blanks."""
    family: type[LambdapackError]
    hint: str
    """May use ``{action}``, ``{operation}`` and ``{subject}``."""
    says: str = ""
    """Words of AWS's message that tell this case from others of the same code."""
    of: str = ""
    """Operations that the row is about, separated by blanks; empty where it is about all."""


# aws-lambda.md, chapter 2, has the messages; the first rule that fits is taken.
_RULES = (
    _Rule("PreconditionFailedException", StaleError, "somebody else changed {subject}; look at it, then push again"),
    _Rule("PreconditionFailed", AlreadyExistsError, "the object is there already"),
    _Rule(
        "ResourceConflictException",
        AlreadyExistsError,
        "it exists already: lambdapack push {subject} updates its code",
        says="already exist",
    ),
    _Rule(
        "ResourceConflictException",
        ReferencedError,
        "point the aliases elsewhere first: lambdapack alias {subject} NAME VERSION",
        says="aliases reference it",
    ),
    # As serverless-prune-plugin and Terraform meet it: the version serves a CloudFront distribution.
    _Rule(
        "InvalidParameterValueException",
        ReferencedError,
        "take it out of the CloudFront distribution; its replicas are gone some hours later",
        says="replicated function",
    ),
    _Rule(
        "ResourceConflictException ConditionalRequestConflict OperationAborted",
        BusyError,
        "another update is in progress; push again when it has ended",
    ),
    _Rule(
        "TooManyRequestsException Throttling ThrottlingException RequestLimitExceeded SlowDown",
        ThrottledError,
        "AWS keeps throttling this account and Region; run the command again later",
    ),
    _Rule(
        "ResourceNotFoundException",
        NotFoundError,
        "choose the Region of the function with --region",
        says="not reachable in this region",
    ),
    _Rule(
        "ResourceNotFoundException",
        NotFoundError,
        "check --signing-profile and --region: the profile must be of the bucket's Region",
        of="StartSigningJob DescribeSigningJob",
    ),
    _Rule(
        "ResourceNotFoundException",
        NotFoundError,
        "check the layer's name, --region and --profile",
        of="GetLayerVersion ListLayerVersions PublishLayerVersion",
    ),
    _Rule(
        "ResourceNotFoundException",
        NotFoundError,
        "check its name, --region and --profile, or create it: lambdapack create {subject}",
    ),
    _Rule("NoSuchBucket", NotFoundError, "check --s3-bucket, or create the bucket"),
    _Rule("NoSuchKey NoSuchVersion 404", NotFoundError, "check the bucket, its Region and the key"),
    _Rule(
        "InvalidParameterValueException",
        ConflictError,
        "another client pushed between our update and our publish; nothing was published, push again",
        says="CodeSHA256 (",
    ),
    _Rule(
        "InvalidParameterValueException",
        CheckError,
        "the package is no zip that Lambda can read; build it again: lambdapack build",
        says="Could not unzip",
    ),
    _Rule(
        "InvalidParameterValueException",
        CheckError,
        "the package has no entries; check the source and its excludes: lambdapack build --list",
        says="non-empty zip",
    ),
    _Rule(
        "InvalidParameterValueException",
        CheckError,
        f"package and layers must stay below {UNZIPPED_LIMIT:,} bytes unzipped; exclude what is not needed",
        says="Unzipped size must be smaller",
    ),
    _Rule(
        "InvalidParameterValueException",
        CheckError,
        "the function's package type cannot be changed; push an image to an Image function, a zip to a Zip function",
        says="ImageUri",
    ),
    _Rule(
        "InvalidParameterValueException", CheckError, "choose a runtime that AWS supports", says="no longer supported"
    ),
    _Rule(
        "InvalidParameterValueException",
        RoleNotReadyError,
        "let the role trust lambda.amazonaws.com; a new role takes some seconds to reach Lambda",
        says="cannot be assumed by Lambda",
    ),
    # Terraform waits on these two as well (internal/service/lambda/function.go): permissions take their time.
    _Rule(
        "InvalidParameterValueException",
        RoleNotReadyError,
        "give the role the permissions that AWS names; new ones take some seconds to reach Lambda",
        says="execution role does not have permissions",
    ),
    _Rule(
        "InvalidParameterValueException",
        RoleNotReadyError,
        "let the role use the KMS key; a new permission takes some seconds to reach Lambda",
        says="KMS key is invalid for CreateGrant",
    ),
    _Rule(
        "InvalidParameterValueException",
        CheckError,
        "Lambda takes 4,096 bytes of environment; keep large values in Parameter Store or Secrets Manager",
        says="exceeded the 4KB limit",
    ),
    _Rule(
        "InvalidParameterValueException",
        CheckError,
        "remove these keys from the environment: Lambda sets them itself",
        says="contains reserved keys",
    ),
    _Rule(
        "InvalidParameterValueException",
        AwsError,
        "use a bucket in the function's own Region",
        says="S3 Error Code: PermanentRedirect",
    ),
    _Rule(
        "InvalidParameterValueException",
        NotFoundError,
        "check the bucket, its Region and whether something deletes its objects",
        says="S3 Error Code: NoSuch",
    ),
    _Rule(
        "RequestEntityTooLargeException",
        CheckError,
        "a configuration takes 5,120 bytes as a whole; shorten the environment or the description",
        of="UpdateFunctionConfiguration",
    ),
    _Rule("RequestEntityTooLargeException", CheckError, "send it through S3: --s3-bucket BUCKET"),
    _Rule(
        "CodeStorageExceededException",
        AwsError,
        "the Region's quota of code storage is used up; delete old versions (lambdapack prune), or ask AWS for more",
    ),
    _Rule(
        "CodeVerificationFailedException",
        AwsError,
        "the function takes packages of certain signing profiles only; push with one of them: --signing-profile NAME",
    ),
    _Rule(
        "InvalidCodeSignatureException",
        AwsError,
        "the package was changed after it was signed; have it signed again: --signing-profile NAME",
    ),
    _Rule(
        "CodeSigningConfigNotFoundException",
        AwsError,
        "the code signing configuration was deleted; attach another one, or correct CodeSigningConfigArn",
    ),
    _Rule(
        "FunctionVersionsPerCapacityProviderLimitExceededException",
        AwsError,
        "the capacity provider has no room for another version; delete old ones: lambdapack prune {subject}",
    ),
    _Rule(
        "AccessDeniedException AccessDenied 403 Forbidden UnauthorizedOperation",
        DeniedError,
        "allow {action} for {subject} to these credentials, or choose others with --profile",
    ),
    _Rule(
        "ExpiredTokenException ExpiredToken RequestExpired TokenRefreshRequired",
        AwsError,
        "the credentials have expired; sign in again, for example with aws sso login",
    ),
    _Rule(
        "UnrecognizedClientException InvalidClientTokenId InvalidAccessKeyId InvalidToken IncompleteSignature"
        " IncompleteSignatureException MissingAuthenticationTokenException MissingAuthenticationToken",
        AwsError,
        "AWS does not know these credentials; check --profile and the AWS_… variables",
    ),
    _Rule(
        "InvalidSignatureException SignatureDoesNotMatch RequestTimeTooSkewed SignatureExpired",
        AwsError,
        "check the secret access key, and that the clock of this machine is right",
    ),
    _Rule(
        "PermanentRedirect 301 AuthorizationHeaderMalformed IllegalLocationConstraintException",
        AwsError,
        "the bucket is in another Region; use one in the function's own Region",
    ),
    _Rule("RequestTimeout RequestTimeoutException", UnansweredError, "check the network, then run the command again"),
    _Rule("ValidationException", AwsError, "correct what AWS names: an option, or a key of the configuration"),
    _Rule("400", AwsError, "the credentials may have expired, or the bucket may be in another Region"),
    _Rule(
        "BadDigest InvalidDigest XAmzContentChecksumMismatch XAmzContentSHA256Mismatch",
        CorruptedError,
        "the package was damaged on its way to S3; push again",
    ),
)

_UNREASONED = _Rule("", AwsError, "correct what AWS names, then run the command again")
_UNAVAILABLE = _Rule(
    "", UnansweredError, "run the command again; the AWS Health Dashboard shows whether the service is ill"
)

_UNQUOTED = frozenset(
    {"InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature", "IncompleteSignatureException"}
)
"""Codes whose messages repeat the signed request, session token included."""

_SERVER_ERROR = 500
"""The HTTP status from which on the fault is the server's, and the outcome unknown."""


def translate_refusal(refusal: Refusal, secrets: Secrets) -> LambdapackError:
    """Return the error for what AWS refused, without ``secrets``: its class says whose move it is."""
    rule, action = _rule_for(refusal), refusal.action
    refusal = replace(refusal, code=secrets.mask(refusal.code), message=secrets.mask(refusal.message))
    reason = _quote(refusal)
    return rule.family(
        f"AWS refused {refusal.operation} for {refusal.subject}: {reason}",
        hint=rule.hint.format(action=action, operation=refusal.operation, subject=refusal.subject),
        operation=refusal.operation,
        aws_code=refusal.code,
    )


def _rule_for(refusal: Refusal) -> _Rule:
    """Return the first row of the table that fits, else one by the HTTP status."""
    for rule in _RULES:
        concerned = not rule.of or refusal.operation in rule.of.split()
        if concerned and refusal.code in rule.codes.split() and rule.says in refusal.message:
            return rule
    return _UNAVAILABLE if refusal.status >= _SERVER_ERROR else _UNREASONED


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
