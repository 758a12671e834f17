import pytest

from lambdapack.deploying.aws.refusals import (
    AlreadyExistsError,
    BusyError,
    CorruptedError,
    DeniedError,
    Refusal,
    RoleNotReadyError,
    StaleError,
    ThrottledError,
    UnansweredError,
)
from lambdapack.deploying.aws.rules import translate_refusal
from lambdapack.deploying.aws.secrets import Secrets
from lambdapack.errors import AwsError, CheckError, ConflictError, LambdapackError, NotFoundError

INVALID = "InvalidParameterValueException"


def refusal(code: str, message: str = "", *, status: int = 400, operation: str = "UpdateFunctionCode") -> Refusal:
    return Refusal(operation=operation, subject="hello", code=code, message=message, status=status)


# Codes and messages as recorded or quoted in the facts, chapter 2.
@pytest.mark.parametrize(
    ("code", "message", "status", "family", "hinted"),
    [
        ("PreconditionFailedException", "The Revision Id provided does not match", 412, StaleError, "changed hello"),
        ("ResourceConflictException", "The operation cannot be performed at this time.", 409, BusyError, "progress"),
        ("ResourceConflictException", "Function already exist: hello", 409, AlreadyExistsError, "push hello"),
        ("ResourceConflictException", "Alias already exists: ARN", 409, AlreadyExistsError, "exists"),
        ("ResourceNotFoundException", "Function not found: ARN", 404, NotFoundError, "lambdapack create hello"),
        (
            "ResourceNotFoundException",
            "Functions from 'x' are not reachable in this region",
            404,
            NotFoundError,
            "--reg",
        ),
        (INVALID, "CodeSHA256 (A) is different from current CodeSHA256 in $LATEST (B).", 400, ConflictError, "another"),
        (INVALID, "Could not unzip uploaded file. Please check your file", 400, CheckError, "build"),
        (INVALID, "Uploaded file must be a non-empty zip", 400, CheckError, "--list"),
        (INVALID, "Unzipped size must be smaller than 262144000 bytes", 400, CheckError, "262,144,000"),
        (INVALID, "Please provide ImageUri when updating a function with packageType Image.", 400, CheckError, "image"),
        (INVALID, "The role defined for the function cannot be assumed by Lambda.", 400, RoleNotReadyError, "trust"),
        (INVALID, "The runtime parameter of python3.7 is no longer supported", 400, CheckError, "runtime"),
        (
            INVALID,
            "GetObject. S3 Error Code: PermanentRedirect. S3 Error Message",
            400,
            AwsError,
            "function's own Region",
        ),
        (INVALID, "GetObject. S3 Error Code: NoSuchKey. S3 Error Message", 400, NotFoundError, "bucket"),
        (INVALID, "something new", 400, AwsError, "correct what AWS names"),
        (
            "RequestEntityTooLargeException",
            "Request must be smaller than 70167211 bytes",
            413,
            CheckError,
            "--s3-bucket",
        ),
        ("CodeStorageExceededException", "Code storage limit exceeded.", 400, AwsError, "quota of code storage"),
        ("CodeVerificationFailedException", "Lambda cannot deploy the function.", 400, AwsError, "sign"),
        ("InvalidCodeSignatureException", "", 400, AwsError, "sign"),
        (
            "CodeSigningConfigNotFoundException",
            "The code signing configuration cannot be found.",
            404,
            AwsError,
            "sign",
        ),
        (INVALID, "The provided execution role does not have permissions to call X", 400, RoleNotReadyError, "give"),
        (INVALID, "KMS key is invalid for CreateGrant", 400, RoleNotReadyError, "KMS key"),
        (INVALID, "Lambda was unable … exceeded the 4KB limit. String measured: {}", 400, CheckError, "4,096"),
        (INVALID, "Lambda was unable … contains reserved keys that", 400, CheckError, "remove these keys"),
        ("FunctionVersionsPerCapacityProviderLimitExceededException", "", 400, AwsError, "prune hello"),
        ("MissingAuthenticationTokenException", "", 403, AwsError, "does not know these credentials"),
        ("RequestTimeout", "Your socket connection", 400, UnansweredError, "network"),
        ("TooManyRequestsException", "Rate Exceeded.", 429, ThrottledError, "throttling"),
        ("ServiceException", "An error occurred", 500, UnansweredError, "again"),
        ("503", "", 503, UnansweredError, "again"),
        ("AccessDeniedException", "", 403, DeniedError, "lambda:UpdateFunctionCode for hello"),
        ("403", "Forbidden", 403, DeniedError, "allow"),
        ("ExpiredTokenException", "The security token included in the request is expired", 403, AwsError, "expired"),
        ("UnrecognizedClientException", "The security token is invalid.", 403, AwsError, "credentials"),
        ("InvalidSignatureException", "Signature expired", 403, AwsError, "clock"),
        ("BadDigest", "The SHA256 you specified did not match", 400, CorruptedError, "damaged"),
        ("PreconditionFailed", "At least one of the pre-conditions", 412, AlreadyExistsError, "there already"),
        ("ConditionalRequestConflict", "", 409, BusyError, "in progress"),
        ("NoSuchBucket", "The specified bucket does not exist", 404, NotFoundError, "--s3-bucket"),
        ("404", "Not Found", 404, NotFoundError, "key"),
        ("301", "Moved Permanently", 301, AwsError, "another Region"),
        ("400", "Bad Request", 400, AwsError, "expired"),
        ("ValidationException", "1 validation error detected: Value 'r1' at 'role'", 400, AwsError, "correct"),
    ],
)
def test_every_refusal_says_whose_move_it_is(
    *, code: str, message: str, status: int, family: type[LambdapackError], hinted: str
) -> None:
    error = translate_refusal(refusal(code, message, status=status), Secrets())
    assert type(error) is family
    assert error.message.startswith("AWS refused UpdateFunctionCode for hello: ")
    assert code in error.message
    assert hinted in error.hint
    assert error.details["aws_code"] == code


@pytest.mark.parametrize(
    ("operation", "code", "family", "hinted"),
    [
        ("UpdateFunctionConfiguration", "RequestEntityTooLargeException", CheckError, "5,120 bytes"),
        ("StartSigningJob", "ResourceNotFoundException", NotFoundError, "--signing-profile"),
    ],
)
def test_some_refusals_mean_something_else_of_another_operation(
    operation: str, code: str, family: type[LambdapackError], hinted: str
) -> None:
    error = translate_refusal(refusal(code, operation=operation), Secrets())
    assert type(error) is family
    assert hinted in error.hint


@pytest.mark.parametrize(
    ("operation", "subject", "message", "action"),
    [
        ("StartSigningJob", "team", "", "signer:StartSigningJob"),
        ("PublishVersion", "hello", "", "lambda:PublishVersion"),
        (
            "CreateFunction",
            "hello",
            "User: U is not authorized to perform: iam:PassRole on resource: R",
            "iam:PassRole",
        ),
        ("UpdateFunctionCode", "hello", "Your access has been denied by S3, please make sure", "s3:GetObject"),
        ("HeadObject", "s3://b/k", "Forbidden", "s3:GetObject"),
        ("PutObject", "s3://b/k", "Access Denied", "s3:PutObject"),
    ],
)
def test_a_denial_names_the_missing_action(operation: str, subject: str, message: str, action: str) -> None:
    denied = Refusal(operation=operation, subject=subject, code="AccessDenied", message=message, status=403)
    assert f"allow {action} for {subject}" in translate_refusal(denied, Secrets()).hint


def test_no_value_of_the_environment_is_quoted() -> None:
    for message in (
        'the environment variables you have provided exceeded the 4KB limit. String measured: {"K":"canary"}',
        "1 validation error detected: Value '{K=canary, L='canary'}' at 'environment.variables' failed to satisfy",
        "1 validation error detected: Value '{K=' at 'environment canary\ncanary}' at 'environment.variables' failed",
    ):
        error = translate_refusal(refusal("ValidationException", message), Secrets())
        assert "canary" not in error.message + error.hint
        assert "environment" in error.message


def test_no_part_of_a_signature_is_quoted() -> None:
    message = "The Canonical String for this request should have been 'x-amz-security-token:canary'"
    for code in ("InvalidSignatureException", "SignatureDoesNotMatch"):
        error = translate_refusal(refusal(code, message, status=403), Secrets())
        assert "canary" not in str(error) + error.hint
        assert code in error.message


def test_a_long_message_is_cut() -> None:
    assert len(translate_refusal(refusal("X", "a" * 10_000), Secrets()).message) < 700
