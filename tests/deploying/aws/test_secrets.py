"""Nothing that was sent, read or signed with is in what AWS says, in whatever words it repeats it."""

import json
import re
import socket
from collections.abc import Callable
from urllib.parse import quote

import pytest

from lambdapack.deploying.aws.connection import Connection, ConnectionSettings, connect
from lambdapack.deploying.aws.deadline import Deadline
from lambdapack.deploying.aws.secrets import Secrets
from lambdapack.deploying.configure import ConfigureRequest, configure
from lambdapack.environment import Environment
from lambdapack.errors import AwsError, LambdapackError

VALUE = 'can"ary/\\+Väl\nue'


@pytest.mark.parametrize(
    "said",
    [
        *(VALUE, json.dumps(VALUE), json.dumps(VALUE, ensure_ascii=False), repr(VALUE), quote(VALUE, safe="")),
        *(json.dumps(VALUE).replace("/", "\\/"), " ".join(VALUE.split())),
    ],
)
def test_a_value_is_masked_however_it_is_spelled(said: str) -> None:
    secrets = Secrets()
    secrets.remember([VALUE, "other"])

    assert secrets.mask(f"<{said}>").strip("'\"<>") == "****"
    assert "ary" in Secrets().mask(said)


def test_the_longest_value_is_masked_first_and_a_short_one_in_quotes_alone() -> None:
    secrets = Secrets()
    secrets.remember_environments(
        {"Environment": {"Variables": {"A": "word", "B": "word-and-more", "C": "ab", "D": ""}}}
    )

    assert secrets.mask("word-and-more, word, about 'ab' \"ab\"") == "****, ****, about **** ****"


def test_what_is_remembered_is_in_no_representation() -> None:
    secrets = Secrets()
    secrets.remember(["canary", "other canary"])

    assert re.fullmatch(r"Secrets\([1-9]\)", repr(secrets))


def test_what_aws_itself_wrote_is_masked_and_what_requests_are_about_is_not() -> None:
    secrets = Secrets()
    answer = {
        "Configuration": {
            "FunctionName": "canary",
            "Environment": {"Variables": {"A": "canary"}, "Error": {"Message": "a canary"}},
            "StateReason": "canary!",
            "LastUpdateStatusReason": "canary?",
        }
    }
    secrets.remember_environments(answer)
    secrets.mask_sentences(answer)

    assert answer["Configuration"]["FunctionName"] == "canary"
    assert answer["Configuration"]["Environment"]["Error"]["Message"] == "a ****"  # type: ignore[index]
    assert (answer["Configuration"]["StateReason"], answer["Configuration"]["LastUpdateStatusReason"]) == (
        "****!",
        "****?",
    )


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch, serve: Callable[[bytes], str]) -> Callable[[bytes], Connection]:
    """Connect, with credentials that are canaries, to a server that answers each request so."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDCANARY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "SECRETCANARY")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "TOKEN/CANARY+==")
    return lambda answer: connect(
        ConnectionSettings(region="eu-west-1", endpoint_url=serve(answer), attempts=1, read_timeout=5)
    )


@pytest.fixture
def serve(listen: Callable[[Callable[[socket.socket], object]], str]) -> Callable[[bytes], str]:
    """Answer each connection with bytes, for ever if they end with three dots, and return the URL."""

    def serve(answer: bytes) -> str:
        def talk(connection: socket.socket) -> None:
            connection.recv(65536)
            connection.sendall(answer.removesuffix(b"..."))
            while answer.endswith(b"..."):
                connection.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")

        return listen(talk)

    return serve


def refusal(code: str, message: str) -> bytes:
    body = json.dumps({"message": message}).encode()
    return b"HTTP/1.1 400 No\r\nx-amzn-ErrorType: %s\r\nContent-Length: %d\r\n\r\n%s" % (code.encode(), len(body), body)


def failure(connection: Connection, **members: object) -> LambdapackError:
    with pytest.raises(AwsError) as caught:
        connection.lambda_api(Deadline.after(60))("UpdateFunctionConfiguration", FunctionName="hello", **members)
    return caught.value


def test_no_code_has_a_credential_or_a_value_of_the_environment_shown(
    connection: Callable[[bytes], Connection],
) -> None:
    message = 'SECRETCANARY TOKEN/CANARY+== TOKEN\\/CANARY+== "{\\"K\\":\\"VALUE\\\\nCANARY\\"}" AKIDCANARY'
    for code in ("UnrecognizedClientException", "SerializationException", "TOKEN/CANARY+==", "Whatever"):
        error = failure(connection(refusal(code, message)), Environment={"Variables": {"K": "VALUE\nCANARY"}})

        assert "**** **** ****" in error.message
        assert error.message.count("CANARY") == error.message.count("AKIDCANARY") == 1
        assert "CANARY" not in error.hint + str(error.details)


@pytest.mark.parametrize(
    "head", [b"Transfer-Encoding: chunked\r\n\r\n...", b"\r\n...", b"Content-Length: 9999999999\r\n\r\n..."]
)
@pytest.mark.parametrize("status", [b"200", b"400"])
def test_an_answer_without_an_end_is_left(
    connection: Callable[[bytes], Connection], head: bytes, status: bytes
) -> None:
    error = failure(connection(b"HTTP/1.1 " + status + b" X\r\n" + head))

    assert (error.exit_code, error.message) == (7, "the answer is none of AWS's: it has more than 16 MiB")


def test_what_the_user_calls_like_a_sentence_is_never_changed() -> None:
    secrets = Secrets()
    answer = {
        "Configuration": {
            "Environment": {"Variables": {"X_MESSAGE": "hello world", "Message": "hello", "REASON": "why so"}}
        },
        "Tags": {"message": "hello world"},
    }
    before = json.loads(json.dumps(answer))
    secrets.remember_environments(answer)

    secrets.mask_sentences(answer)

    assert answer == before


def test_a_variable_called_like_a_sentence_survives_a_configure(aws: Connection, hello: str) -> None:
    def configured(**variables: str) -> dict[str, str]:
        configure(ConfigureRequest(function=hello, environment=Environment(variables)), aws)
        found = aws.client("lambda").get_function_configuration(FunctionName=hello)
        return dict(found["Environment"]["Variables"])

    assert configured(WELCOME_MESSAGE="hello world") == {"WELCOME_MESSAGE": "hello world"}
    assert configured(OTHER="1") == {"WELCOME_MESSAGE": "hello world", "OTHER": "1"}


def test_a_short_value_is_masked_as_a_word_alone() -> None:
    secrets = Secrets()
    secrets.remember(["prod", "longer-value"])

    said = secrets.mask("function:orders-prod, 'prod', xlonger-valuex")

    assert said == "function:orders-prod, '****', x****x"
