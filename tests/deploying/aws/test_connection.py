import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.connection import Connection, ConnectionSettings, connect
from lambdapack.deploying.aws.deadline import Deadline
from lambdapack.deploying.aws.refusals import UnansweredError
from lambdapack.deploying.push import PushRequest, push
from lambdapack.errors import AwsError, NotFoundError, UsageError

Faults = dict[str, list[object]]
Client = Any
Listen = Callable[[Callable[[socket.socket], object]], str]


@pytest.fixture
def no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Give a machine on which nobody ever configured AWS."""
    import os  # noqa: PLC0415

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch, no_configuration: None) -> None:  # noqa: ARG001 - it comes first
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIACANARY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-canary")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token-canary")


def get_function(connection: Connection, *, seconds: float = 60.0) -> object:
    return connection.lambda_api(Deadline.after(seconds))("GetFunction", FunctionName="hello")


def test_importing_the_room_imports_no_botocore() -> None:
    program = (
        "import sys, lambdapack.deploying.push, lambdapack.deploying.aws.connection, lambdapack.deploying.create;"
        "print(sorted(sys.modules.keys() & {'boto3', 'botocore', 'click', 'tqdm', 'lambdapack.emulator'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


class TestEmulator:
    def test_it_needs_nothing_and_nothing_of_the_users_troubles_it(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.undo()  # the session that the other tests share
        monkeypatch.setenv("AWS_PROFILE", "missing")
        monkeypatch.setenv("AWS_CA_BUNDLE", "/missing.pem")
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        connection = connect(ConnectionSettings(emulator=tmp_path / "emulator"))
        assert connection.region == "us-east-1"
        with pytest.raises(NotFoundError, match="Function not found"):
            get_function(connection)

    def test_it_has_every_region(self, emulator: Path) -> None:
        assert connect(ConnectionSettings(emulator=str(emulator), region="eu-west-3")).region == "eu-west-3"


class TestRetries:
    def test_they_are_ours_whatever_botocores_defaults_are(
        self, monkeypatch: pytest.MonkeyPatch, emulator: Path
    ) -> None:
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        monkeypatch.setenv("AWS_RETRY_MODE", "legacy")
        config = connect(ConnectionSettings(emulator=emulator)).client("lambda").meta.config
        assert config.retries == {"mode": "standard", "total_max_attempts": 8}
        assert (config.connect_timeout, config.read_timeout) == (10.0, 60.0)

    @pytest.mark.usefixtures("hello")
    def test_six_throttles_are_ridden_out(self, aws: Connection, faults: Faults) -> None:
        faults["lambda.GetFunction"] = ["429 TooManyRequestsException"] * 6
        get_function(aws)
        assert faults["lambda.GetFunction"] == []

    def test_throttling_for_ever_ends(self, aws: Connection, faults: Faults) -> None:
        faults["lambda.GetFunction"] = ["429 TooManyRequestsException"] * 100
        with pytest.raises(UnansweredError, match="TooManyRequestsException") as caught:
            get_function(aws)
        assert (caught.value.exit_code, len(faults["lambda.GetFunction"])) == (7, 92)


@pytest.mark.usefixtures("no_configuration")
class TestConfiguration:
    def test_a_region_is_needed(self) -> None:
        with pytest.raises(AwsError, match="no AWS Region is chosen") as caught:
            connect(ConnectionSettings())
        assert caught.value.exit_code == 7

    @pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
    def test_the_region_may_come_from_the_environment(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        monkeypatch.setenv(name, "eu-west-1")
        assert connect(ConnectionSettings()).region == "eu-west-1"
        assert connect(ConnectionSettings(region="eu-west-2")).region == "eu-west-2"

    def test_the_region_may_come_from_the_profile(self, tmp_path: Path) -> None:
        (tmp_path / "config").write_text("[profile work]\nregion = eu-north-1\n")
        assert connect(ConnectionSettings(profile="work")).region == "eu-north-1"

    def test_a_profile_must_exist(self) -> None:
        with pytest.raises(AwsError, match=r"profile \(missing\) could not be found"):
            connect(ConnectionSettings(profile="missing", region="eu-west-1"))

    def test_credentials_are_needed(self) -> None:
        with pytest.raises(AwsError, match="no complete AWS credentials were found") as caught:
            get_function(connect(ConnectionSettings(region="eu-west-1")))
        assert caught.value.exit_code == 7

    def test_certificates_must_exist(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_CA_BUNDLE", "/missing.pem")
        with pytest.raises(AwsError, match=r"there are no certificates at /missing.pem"):
            connect(ConnectionSettings(region="eu-west-1"))

    def test_a_region_must_be_spelt_like_one(self) -> None:
        with pytest.raises(AwsError, match="region"):
            get_function(connect(ConnectionSettings(region="not a region")))


@pytest.mark.usefixtures("credentials")
class TestNetwork:
    """Real sockets on this machine."""

    def test_an_endpoint_that_cannot_be_reached_is_named(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        settings = ConnectionSettings(region="eu-west-1", endpoint_url=f"http://127.0.0.1:{port}", attempts=2)
        with pytest.raises(UnansweredError, match=r"GetFunction for hello: 127\.0\.0\.1 could not be reached"):
            get_function(connect(settings))

    def test_an_endpoint_must_be_a_url(self) -> None:
        with pytest.raises(AwsError, match="not-a-url"):
            get_function(connect(ConnectionSettings(region="eu-west-1", endpoint_url="not-a-url")))

    @pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"])
    def test_a_server_that_trickles_or_says_nothing_is_left_at_the_deadline(self, listen: Listen, head: bytes) -> None:
        ended = threading.Event()

        def trickle(connection: socket.socket) -> None:
            connection.sendall(head)
            while not ended.wait(0.05):
                connection.sendall(b" " if head else b"")

        connection = connect(ConnectionSettings(region="eu-west-1", endpoint_url=listen(trickle)))
        began = time.monotonic()
        with pytest.raises(AwsError, match="no answer to GetFunction for hello within") as caught:
            get_function(connection, seconds=0.8)
        ended.set()
        assert time.monotonic() - began < 5.0  # of minutes; a busy machine needs a second for half of one
        assert caught.value.exit_code == 7

    def test_no_credential_is_shown_when_a_signature_is_refused(self, listen: Listen) -> None:
        body = b'{"message": "The Canonical String should have been \'x-amz-security-token:token-canary\'"}'
        head = b"HTTP/1.1 403 Forbidden\r\nx-amzn-ErrorType: InvalidSignatureException\r\nContent-Length: %d\r\n\r\n"

        def refuse(connection: socket.socket) -> None:
            connection.recv(65536)
            connection.sendall(head % len(body) + body)

        with pytest.raises(AwsError, match="InvalidSignatureException") as caught:
            get_function(connect(ConnectionSettings(region="eu-west-1", endpoint_url=listen(refuse))))
        assert "canary" not in f"{caught.value.message}{caught.value.hint}{caught.value.details}"


def test_nothing_secret_reaches_the_log_even_where_the_application_logs_everything(
    aws: Connection, hello: str, second: Artifact, rival: Client, caplog: pytest.LogCaptureFixture
) -> None:
    rival.update_function_configuration(FunctionName=hello, Environment={"Variables": {"KEY": "canary"}})
    with caplog.at_level(logging.DEBUG):
        connect(ConnectionSettings(emulator=Path("/nowhere")))
        push(PushRequest(function=hello, publish=True), second, aws)
    # Ours alone, of which each call has lines; no name of an environment, no ARN and no hash is in them.
    assert {record.name for record in caplog.records} == {"lambdapack.aws"}
    assert "lambda UpdateFunctionCode: 200, request " in caplog.text
    for secret in ("canary", "KEY", "arn:aws", second.code_sha256, "credential", "Authorization"):
        assert secret not in caplog.text


def test_a_parameter_that_botocore_does_not_know_is_a_usage_error(aws: Connection) -> None:
    with pytest.raises(UsageError, match="Unknown parameter in input") as caught:
        aws.lambda_api(Deadline.after(60))("GetFunction", FunctionName="hello", Unheard="of")
    assert caught.value.message.isprintable()


def test_a_bug_in_a_call_stays_what_it_is(aws: Connection, faults: Faults) -> None:
    def bug() -> None:
        raise ZeroDivisionError

    faults["lambda.GetFunction"] = [bug]
    with pytest.raises(ZeroDivisionError):
        get_function(aws)


def test_time_that_is_up_sends_nothing(aws: Connection, operations: list[str]) -> None:
    with pytest.raises(AwsError, match="gave up after 0 s, waiting for GetFunction for hello"):
        get_function(aws, seconds=0)
    assert operations == []
