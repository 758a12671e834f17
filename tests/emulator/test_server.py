"""The emulator over HTTP: clients that are not ours, packages by their address, and nobody but this machine."""

import http.client
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lambdapack.emulator.server import Server
from lambdapack.errors import LocalError
from tests.aliases import Client, Make
from tests.emulator.serving import serving


@pytest.fixture
def server(directory: Path) -> Iterator[Server]:
    with serving(directory) as server:
        yield server


@pytest.fixture
def over_http(session: Client, server: Server) -> Iterator[Make]:
    from botocore.config import Config  # noqa: PLC0415 - only tests with a client load it

    made: list[Any] = []

    def over_http(service: str) -> Client:
        client = session.client(
            service,
            region_name="eu-central-1",
            endpoint_url=server.origin,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - no secret: the emulator verifies no signature
            config=Config(retries={"total_max_attempts": 1}),
        )
        made.append(client)
        return client

    yield over_http
    for client in made:
        client.close()


def test_a_client_over_http_and_one_in_process_see_the_same_functions(
    over_http: Make, create: Make, functions: Client, zipped: Make
) -> None:
    create()
    remote = over_http("lambda")
    remote.update_function_code(FunctionName="hello", ZipFile=zipped("2"))
    remote.get_waiter("function_updated_v2").wait(FunctionName="hello")
    assert remote.publish_version(FunctionName="hello")["Version"] == "1"
    here = functions.get_function_configuration(FunctionName="hello", Qualifier="1")
    there = remote.get_function_configuration(FunctionName="hello", Qualifier="1")
    assert {**here, "ResponseMetadata": None} == {**there, "ResponseMetadata": None}


def test_a_package_is_downloaded_from_its_location(over_http: Make, create: Make, zipped: Make) -> None:
    create(Code={"ZipFile": zipped("x = 1\n")})
    location = over_http("lambda").get_function(FunctionName="hello")["Code"]["Location"]
    assert location.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(location, timeout=5) as answer:  # noqa: S310 - the server of this test
        assert answer.read() == zipped("x = 1\n")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(location[:-64] + "0" * 64, timeout=5)  # noqa: S310 - as above


def test_objects_go_up_whole_and_in_parts(over_http: Make, tmp_path: Path) -> None:
    remote = over_http("s3")
    remote.put_object(Bucket="emulator", Key="small", Body=b"data")
    assert remote.get_object(Bucket="emulator", Key="small")["Body"].read() == b"data"
    large = bytes(range(256)) * 40_000
    (tmp_path / "large").write_bytes(large)
    remote.upload_file(str(tmp_path / "large"), "emulator", "large")
    head = remote.head_object(Bucket="emulator", Key="large")
    assert (head["ContentLength"], head["ETag"].endswith('-2"')) == (len(large), True)
    remote.download_file("emulator", "large", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == large


def test_roles_are_made_over_http(over_http: Make, create: Make, refused: Make) -> None:
    role = "arn:aws:iam::000000000000:role/deployer"
    assert refused(create, Role=role)[2] == "The role defined for the function cannot be assumed by Lambda."
    trust = '{"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]}'
    remote = over_http("iam")
    made = remote.create_role(RoleName="deployer", AssumeRolePolicyDocument=trust)
    assert made["Role"]["Arn"] == role
    assert remote.get_role(RoleName="deployer")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Effect"] == "Allow"
    assert create(Role=role)["Role"] == role
    remote.delete_role(RoleName="deployer")
    missing = (404, "NoSuchEntity", "The role with name deployer cannot be found.")
    assert refused(remote.get_role, RoleName="deployer") == missing


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://example.com"}, {"Host": "example.com"}, {"Host": "127.0.0.1.example.com"}],
)
def test_what_comes_from_a_web_page_is_refused(headers: dict[str, str], server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request("GET", "/2015-03-31/functions", headers=headers)
    assert connection.getresponse().status == 403
    connection.close()


def test_it_listens_on_127_0_0_1_alone(server: Server) -> None:
    assert server.server_address[0] == "127.0.0.1"
    with socket.create_connection(("127.0.0.1", server.port), timeout=5):
        pass
    other = socket.gethostbyname(socket.gethostname())
    if not other.startswith("127."):
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((other, server.port), timeout=5)


def test_a_taken_port_is_a_local_error(server: Server, directory: Path) -> None:
    with pytest.raises(LocalError, match="cannot listen"):
        Server(directory, port=server.port)
    with pytest.raises(LocalError, match="cannot listen"):
        Server(directory, port=70_000)


def test_a_client_that_hangs_up_in_mid_body_changes_nothing(
    server: Server, functions: Client, create: Make, capfd: pytest.CaptureFixture[str]
) -> None:
    create()
    before = functions.get_function_configuration(FunctionName="hello")["RevisionId"]
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        head = (
            "PUT /2015-03-31/functions/hello/configuration HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n"
        )
        connection.sendall(head.encode() + b'{"Description": "half')
    assert functions.get_function_configuration(FunctionName="hello")["RevisionId"] == before
    assert capfd.readouterr() == ("", "")


def test_members_of_the_wrong_type_are_an_error_and_change_nothing(server: Server, directory: Path) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    for body in (b'{"FunctionName": 5}', b'{"FunctionName": "f", "Layers": 5, "Runtime": []}', b"[]"):
        connection.request("POST", "/2015-03-31/functions", body)
        answer = connection.getresponse()
        answer.read()
        assert answer.status >= 400
    connection.close()
    assert not (directory / "state.json").exists()


def test_a_body_in_chunks_is_read(server: Server, create: Make) -> None:
    create()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    scope = "AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/lambda/aws4_request"
    body = iter([b'{"Descrip', b'tion": "chunked"}'])
    path = "/2015-03-31/functions/hello/configuration"
    connection.request("PUT", path, body, {"Authorization": scope}, encode_chunked=True)
    answer = connection.getresponse()
    assert (answer.status, b'"Description": "chunked"' in answer.read()) == (200, True)
    connection.close()


def test_garbage_is_answered_and_never_a_traceback(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    for path in ("/", "/2015-03-31/functions/%00", "/nothing/at/all?x=%ff", "/2015-03-31/functions?MaxItems=x"):
        for method in ("GET", "PUT", "POST", "DELETE", "HEAD"):
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
            connection.request(method, path, b'{"a": [', {"Content-Type": "application/json"})
            assert 200 <= connection.getresponse().status < 600
            connection.close()
    assert capfd.readouterr() == ("", "")
