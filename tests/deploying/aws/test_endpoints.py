"""An endpoint or a proxy that is no address is said at once, without being shown."""

import pytest

from lambdapack.deploying.aws.connection import ConnectionSettings, connect
from lambdapack.deploying.aws.deadline import Deadline
from lambdapack.deploying.aws.endpoints import check_way
from lambdapack.errors import UsageError

MALFORMED = [
    *("http://u:CANARY/a@127.0.0.1:1", "http://u:CANARY@[::1", "http://127.0.0.1:x", "http://127.0.0.1:1/\x01"),
    *("http://127.0.0.1\udcff:1", "ftp://127.0.0.1:1", "http://", "http://127.0.0.1:99999", "http://a b:1"),
]


@pytest.mark.parametrize("address", MALFORMED)
def test_a_malformed_proxy_is_said_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    for name in ("no_proxy", "NO_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    connection = connect(ConnectionSettings(region="eu-west-1"))

    with pytest.raises(UsageError, match="proxy of the environment is no http:// or https://") as caught:
        connection.lambda_api(Deadline.after(60))("GetFunction", FunctionName="hello")

    assert "HTTPS_PROXY" in caught.value.hint
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize("address", MALFORMED)
def test_so_is_a_malformed_endpoint(address: str) -> None:
    with pytest.raises(UsageError, match=r"^the endpoint is no http:// or https:// address of a host$"):
        check_way(address, {})


@pytest.mark.parametrize(
    ("endpoint", "proxy"),
    [
        ("https://lambda.eu-west-1.amazonaws.com", ""),
        ("http://localhost:4566", "http://me:pr%2Fxy@proxy.example:8080"),
        ("http://[::1]:4566/base", "proxy.example:8080"),
        ("https://host", "//proxy.example:8080/"),
    ],
)
def test_addresses_are_taken(endpoint: str, proxy: str) -> None:
    check_way(endpoint, {"http": proxy, "https": proxy})
