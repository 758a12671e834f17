import pytest
from botocore import exceptions

from lambdapack.deploying.aws.refusals import UnansweredError
from lambdapack.deploying.aws.secrets import Secrets
from lambdapack.deploying.aws.unreached import translate_failure
from lambdapack.errors import AwsError, LambdapackError, UsageError

URL = "https://user:canary@lambda.us-east-1.amazonaws.com/2015-03-31/functions/hello"


@pytest.mark.parametrize(
    ("error", "family", "message", "hinted"),
    [
        (exceptions.ProfileNotFound(profile="x"), AwsError, "The config profile (x) could not be found", "--profile"),
        (exceptions.NoRegionError(), AwsError, "no AWS Region is chosen", "--region"),
        (exceptions.NoCredentialsError(), AwsError, "no complete AWS credentials were found", "aws sso login"),
        (
            exceptions.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
            AwsError,
            "no complete AWS credentials were found",
            "AWS_",
        ),
        (exceptions.UnauthorizedSSOTokenError(), AwsError, "the AWS credentials could not be renewed", "sso login"),
        (
            exceptions.CredentialRetrievalError(provider="process", error_msg="canary"),
            AwsError,
            "the AWS credentials could not be renewed",
            "sso login",
        ),
        (
            exceptions.EndpointConnectionError(endpoint_url=URL),
            UnansweredError,
            "GetFunction for hello: lambda.us-east-1.amazonaws.com could not be reached",
            "--endpoint-url",
        ),
        (
            exceptions.ConnectTimeoutError(endpoint_url=URL),
            UnansweredError,
            "GetFunction for hello: lambda.us-east-1.amazonaws.com could not be reached",
            "network",
        ),
        (
            exceptions.ReadTimeoutError(endpoint_url=URL),
            UnansweredError,
            "GetFunction for hello: lambda.us-east-1.amazonaws.com did not answer in time",
            "again",
        ),
        (
            exceptions.ConnectionClosedError(endpoint_url=URL),
            UnansweredError,
            "GetFunction for hello: the connection to lambda.us-east-1.amazonaws.com broke before",
            "again",
        ),
        (
            exceptions.SSLError(endpoint_url=URL, error="self-signed"),
            UnansweredError,
            "GetFunction for hello: the certificate of lambda.us-east-1.amazonaws.com was not accepted",
            "AWS_CA_BUNDLE",
        ),
        (
            exceptions.ProxyConnectionError(proxy_url="http://user:canary@proxy"),
            UnansweredError,
            "GetFunction for hello: the proxy could not be reached",
            "HTTPS_PROXY",
        ),
        (
            exceptions.HTTPClientError(error="reset"),
            UnansweredError,
            "GetFunction for hello: the connection to AWS",
            "a",
        ),
        (
            exceptions.ParamValidationError(report='Unknown parameter\nin input: "PublishTo"'),
            UsageError,
            "GetFunction for hello: Parameter validation failed: Unknown parameter in input",
            "correct",
        ),
        (
            exceptions.ParamValidationError(
                report="Invalid type for parameter Environment.Variables.K, value: b'canary, type: <class canary', "
                "type: <class 'bytes'>, valid types: <class 'str'>"
            ),
            UsageError,
            "GetFunction for hello: Parameter validation failed: Invalid type for parameter Environment.Variables.K",
            "correct",
        ),
        (exceptions.DataNotFoundError(data_path="x"), AwsError, "GetFunction for hello could not be sent", "settings"),
    ],
)
def test_every_cause_is_named_with_its_remedy(
    error: Exception, family: type[LambdapackError], message: str, hinted: str
) -> None:
    ours = translate_failure(error, operation="GetFunction", subject="hello", secrets=Secrets())
    assert type(ours) is family
    assert ours.message.startswith(message)
    assert hinted in ours.hint
    assert "canary" not in ours.message + ours.hint
    assert ours.message.isprintable()
