"""No server is waited for beyond the run's deadline, whatever trickles, and wherever botocore itself waits."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from lambdapack.deploying.aws.connection import Connection, ConnectionSettings, connect
from lambdapack.deploying.aws.deadline import Deadline
from lambdapack.errors import AwsError
from tests.trickling import HANDSHAKE, TRICKLES, trickling

SECONDS = 0.8
"""Of the whole run; one call leaves half of it to the others."""

LONGEST = 10.0
"""Seconds that it takes at most on a machine that has other things to do; a trickle would take months."""


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIACANARY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-canary")


@pytest.fixture
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")


def connection(url: str | None = None) -> Connection:
    return connect(ConnectionSettings(region="eu-west-1", endpoint_url=url))


@pytest.fixture
def in_time() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < LONGEST


def refusal_of(aws: Connection) -> AwsError:
    with pytest.raises(AwsError) as caught:
        aws.lambda_api(Deadline.after(SECONDS))("GetFunction", FunctionName="hello")
    assert caught.value.exit_code == 7
    return caught.value


@pytest.mark.usefixtures("in_time")
@pytest.mark.parametrize("where", ["status line", "header", "continue", "body", "chunk size", "redirects"])
def test_an_endpoint_that_trickles_is_left_at_the_deadline(where: str) -> None:
    with trickling(*TRICKLES[where]) as port:
        error = refusal_of(connection(f"http://127.0.0.1:{port}"))

    assert error.message == "no answer to GetFunction for hello within 0 of the run's 0.8 s"


@pytest.mark.usefixtures("in_time")
def test_a_handshake_that_trickles_is_left_at_the_deadline() -> None:
    with trickling(*HANDSHAKE) as port:
        assert "no answer to GetFunction" in refusal_of(connection(f"https://127.0.0.1:{port}")).message


@pytest.mark.usefixtures("in_time")
def test_a_proxy_that_trickles_is_left_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    with trickling(*TRICKLES["status line"]) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")

        assert "no answer to GetFunction" in refusal_of(connection()).message


@pytest.mark.usefixtures("no_credentials", "in_time")
@pytest.mark.parametrize(
    ("variable", "path"),
    [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "/credentials"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "/")],
)
def test_a_service_for_credentials_that_trickles_is_left_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch, variable: str, path: str
) -> None:
    with trickling(*TRICKLES["header"]) as port:
        monkeypatch.setenv(variable, f"http://127.0.0.1:{port}{path}")

        assert "no answer to GetFunction" in refusal_of(connection()).message


@pytest.mark.usefixtures("no_credentials", "in_time")
def test_a_program_for_credentials_that_says_nothing_is_left_at_the_deadline(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[default]\ncredential_process = sleep 3\n")

    assert "no answer to GetFunction" in refusal_of(connection()).message


@pytest.mark.usefixtures("in_time")
@pytest.mark.parametrize("where", ["status line", "body", "chunk size", "trailer"])
def test_a_package_that_trickles_is_left_at_the_deadline(where: str) -> None:
    aws = connection()
    aws._settings = SimpleNamespace(emulator=None, connect_timeout=5.0, read_timeout=5.0)  # type: ignore[assignment] # noqa: SLF001
    with trickling(*TRICKLES[where]) as port, pytest.raises(AwsError) as caught:
        aws.download(
            f"http://127.0.0.1:{port}/package?X-Amz-Signature=c4n4ry",
            about="hello",
            deadline=Deadline.after(SECONDS),
            take=lambda _: None,
        )

    assert caught.value.exit_code == 7
    assert "c4n4ry" not in caught.value.message + caught.value.hint
