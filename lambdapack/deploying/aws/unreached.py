"""What kept us from AWS, in our words: a table over botocore's exceptions, and two pure functions.

The table names their classes by text, so that this file does not import botocore. The text of an exception is quoted
only where it cannot hold a secret: a credential process, for one, may print anything.
"""

import re
import sys
import traceback
from dataclasses import dataclass
from urllib.parse import urlsplit

from lambdapack.deploying.aws.refusals import GarbledError, UnansweredError
from lambdapack.deploying.aws.secrets import Secrets
from lambdapack.errors import AwsError, LambdapackError, UsageError


@dataclass(frozen=True, slots=True)
class _Cause:
    """One row of the table."""

    exceptions: str
    """Names of botocore's classes, subclasses included, separated by blanks."""
    family: type[LambdapackError]
    message: str
    """May use ``{operation}``, ``{subject}``, ``{host}`` and ``{text}``, the exception's own words."""
    hint: str


# The first row that fits is taken; the last fits all.
_CAUSES = (
    _Cause(
        "ProfileNotFound ConfigParseError ConfigNotFound InvalidConfigError",
        AwsError,
        "{text}",
        "check --profile, AWS_PROFILE and ~/.aws/config",
    ),
    _Cause("NoRegionError", AwsError, "no AWS Region is chosen", "add --region, or set AWS_REGION"),
    _Cause("InvalidRegionError UnknownRegionError", AwsError, "{text}", "check --region and AWS_REGION"),
    _Cause(
        "NoCredentialsError PartialCredentialsError NoAuthTokenError",
        AwsError,
        "no complete AWS credentials were found",
        "sign in (aws sso login), choose --profile, or set the AWS_… variables; --emulator needs none",
    ),
    _Cause(
        "SSOError LoginError TokenRetrievalError CredentialRetrievalError RefreshWithMFAUnsupportedError",
        AwsError,
        "the AWS credentials could not be renewed",
        "sign in again, for example with aws sso login, or check the profile's way to get credentials",
    ),
    _Cause(
        "SSLError",
        UnansweredError,
        "{operation} for {subject}: the certificate of {host} was not accepted",
        "behind a proxy that opens TLS, set AWS_CA_BUNDLE to its certificates",
    ),
    _Cause(
        "ProxyConnectionError",
        UnansweredError,
        "{operation} for {subject}: the proxy could not be reached",
        "check HTTPS_PROXY and NO_PROXY",
    ),
    _Cause(
        "ConnectionError EndpointConnectionError ConnectTimeoutError",
        UnansweredError,
        "{operation} for {subject}: {host} could not be reached",
        "check the network, --region and --endpoint-url",
    ),
    _Cause(
        "ReadTimeoutError",
        UnansweredError,
        "{operation} for {subject}: {host} did not answer in time",
        "run the command again; it takes up where this run stopped",
    ),
    _Cause(
        "HTTPClientError IncompleteReadError FlexibleChecksumError ChecksumError",
        UnansweredError,
        "{operation} for {subject}: the connection to {host} broke before the answer was complete",
        "run the command again; it takes up where this run stopped",
    ),
    _Cause("ParamValidationError", UsageError, "{operation} for {subject}: {text}", "correct what is named"),
    _Cause(
        "InvalidEndpoint EndpointProviderError UnknownEndpointError",
        AwsError,
        "{operation} for {subject}: {text}",
        "check --region and --endpoint-url",
    ),
    _Cause("BotoCoreError", AwsError, "{operation} for {subject} could not be sent: {text}", "check the AWS settings"),
)


def translate_failure(error: Exception, *, operation: str, subject: str, secrets: Secrets) -> LambdapackError:
    """Return the error for one of botocore's exceptions, ``ClientError`` aside, without ``secrets``."""
    names = {kind.__name__ for kind in type(error).__mro__}
    cause = next((cause for cause in _CAUSES if names.intersection(cause.exceptions.split())), _CAUSES[-1])
    facts = {"operation": operation, "subject": subject, "host": _host_of(error), "text": secrets.mask(_text_of(error))}
    return cause.family(cause.message.format(**facts), hint=cause.hint, operation=operation)


_READING = frozenset(
    {
        *("botocore.parsers", "botocore.response", "botocore.httpchecksum", "botocore.errorfactory"),
        *("botocore.retries", "botocore.retryhandler", "botocore.awsrequest", "botocore.httpsession"),
    }
)
"""Modules that have to do with what was answered."""

_THEIRS = frozenset({"botocore", "boto3", "s3transfer", "urllib3", "dateutil", "jmespath"}) | sys.stdlib_module_names
"""Packages in which an exception is no bug of ours if botocore called them."""


def translate_breakage(error: Exception, *, operation: str, subject: str) -> AwsError | None:
    """Return the error for one of Python's own exceptions that botocore let through, or None where it is a bug of ours.

    botocore trusts what it reads: a word where a number belongs, in an answer or in the settings, breaks it in any way.
    So it is known by where the exception comes from; its text quotes what was read, and is left out.
    """
    modules = [str(frame.f_globals.get("__name__")) for frame, _ in traceback.walk_tb(error.__traceback__)]
    if isinstance(error, OSError | MemoryError) or modules[-1].split(".")[0] not in _THEIRS:
        return None
    called = {".".join(module.split(".")[:2]) for module in modules if module.startswith("botocore.")}
    # In _make_api_call the request is sent by other modules: what breaks there is the answer.
    if called & _READING or modules[-1] == "botocore.client" or type(error).__module__.startswith("urllib3."):
        return GarbledError(
            f"the answer to {operation} for {subject} is none of AWS's",
            hint="run the command again; if it stays so, check --endpoint-url and the proxy",
            operation=operation,
        )
    if not called:
        return None
    return AwsError(
        f"{operation} for {subject} could not be sent: botocore cannot work with the settings here"
        f" ({type(error).__name__})",
        hint="check --endpoint-url, the AWS_… and proxy variables, and ~/.aws/config",
        operation=operation,
    )


def _text_of(error: Exception) -> str:
    """Return an exception's own words on one line, less the values of parameters: some are secrets."""
    text = " ".join(str(error).split())
    # As botocore words it: "Invalid type for parameter NAME, value: SECRET, type: <class 'int'>, valid types: …".
    return re.sub(r", value: .*(?=, type: <class)", "", text)


def _host_of(error: Exception) -> str:
    """Return the host that a request was meant for: the whole URL could hold a password."""
    url = getattr(error, "kwargs", {}).get("endpoint_url")
    return (urlsplit(url).hostname if isinstance(url, str) else None) or "AWS"
