"""Downloads over real sockets: what is not the package, whole and proven, appears nowhere."""

import base64
import hashlib
import io
import socket
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lambdapack.artifact import Artifact, open_artifact
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.aws.deadline import Deadline, SystemClock
from lambdapack.deploying.aws.location import check_location
from lambdapack.deploying.aws.refusals import GarbledError, UnansweredError
from lambdapack.deploying.download.fetch import Arrival, deployed_code
from lambdapack.deploying.pull import PullRequest, pull
from lambdapack.errors import AwsError, CheckError, LambdapackError, LocalError, NotFoundError, UsageError

Client = Any
Serve = Callable[..., str]

SIGNATURE = "X-Amz-Signature=c4n4ry"

TROUBLE = {
    "refused": b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    "moved": b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.invalid/\r\nContent-Length: 0\r\n\r\n",
    "ill": b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\n\r\n",
    "no http": b"SSH-2.0-OpenSSH_9.6\r\n",
    "nothing": b"",
}


def answered(body: bytes, *, length: int | None = None) -> bytes:
    """Return a 200 that declares ``length`` bytes, or none at all where that is negative."""
    declared = b"" if length == -1 else b"Content-Length: %d\r\n" % (len(body) if length is None else length)
    return b"HTTP/1.1 200 OK\r\n" + declared + b"Connection: close\r\n\r\n" + body


@pytest.fixture
def serve(listen: Callable[[Callable[[socket.socket], object]], str]) -> Serve:
    """Serve answers on a socket, one a connection and the last for ever, and return the address of a package there."""

    def serve(*answers: bytes, pause: float = 0.0) -> str:
        left = list(answers)

        def talk(connection: socket.socket) -> None:
            connection.recv(65536)
            content = left.pop(0) if len(left) > 1 else left[0]
            for place in range(0, len(content), 1) if pause else ():
                connection.sendall(content[place : place + 1])
                time.sleep(pause)
            connection.sendall(b"" if pause else content)

        return f"{listen(talk)}/package?{SIGNATURE}"

    return serve


@pytest.fixture
def pulled(
    new_connection: Callable[..., Connection], monkeypatch: pytest.MonkeyPatch, hello: str, tmp_path: Path
) -> Callable[..., Path]:
    """Pull ``hello``, whose package is said to be at ``location``."""

    def pulled(location: str, *, timeout: float = 300.0) -> Path:
        connection = new_connection()

        def moved(answer: Any) -> Any:  # noqa: ANN401 - botocore has no types
            if "Location" in answer.get("Code", {}):
                answer["Code"]["Location"] = location
            return answer

        client = connection.client("lambda")
        client.meta.events.register("after-call.lambda.GetFunction", lambda parsed, **_: moved(parsed))
        settings = SimpleNamespace(emulator=None, connect_timeout=5.0, read_timeout=5.0)
        monkeypatch.setattr(connection, "_settings", settings)
        monkeypatch.setattr(connection, "_emulator", None)
        out = tmp_path / "out.zip"
        pull(PullRequest(function=hello, output=out, directory=tmp_path / "out", timeout=timeout), connection)
        return out

    return pulled


def left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.iterdir() if path.name.startswith((".out", "out")))


def test_a_whole_package_is_put_in_its_place(
    serve: Serve, pulled: Callable[..., Path], first: Artifact, tmp_path: Path
) -> None:
    out = pulled(serve(answered(first.read())))
    assert open_artifact(out).code_sha256 == first.code_sha256
    assert (tmp_path / "out" / "app.py").read_text() == "first = 1\n"


@pytest.mark.parametrize("trouble", ["ill", "nothing", "no http", "cut", "foreign", "longer", "shorter"])
def test_what_passes_is_tried_again(serve: Serve, pulled: Callable[..., Path], first: Artifact, trouble: str) -> None:
    content = first.read()
    troubles = TROUBLE | {
        "cut": answered(content[:50], length=len(content)),
        "foreign": answered(bytes(len(content))),
        "longer": answered(content + b"x"),
        "shorter": answered(content[:-1], length=-1),
    }
    out = pulled(serve(troubles[trouble], troubles[trouble], answered(content)))
    assert out.read_bytes() == content


@pytest.mark.parametrize("trouble", [*TROUBLE, "cut", "foreign", "longer", "shorter", "endless"])
def test_what_stays_wrong_leaves_the_old_file(
    serve: Serve, pulled: Callable[..., Path], first: Artifact, tmp_path: Path, trouble: str
) -> None:
    content = first.read()
    troubles = TROUBLE | {
        "cut": answered(content[:50], length=len(content)),
        "foreign": answered(bytes(len(content))),
        "longer": answered(content + b"x"),
        "shorter": answered(content[:-1], length=-1),
        "endless": answered(bytes(5_000_000), length=-1),
    }
    (tmp_path / "out.zip").write_bytes(b"old")
    with pytest.raises(LambdapackError) as caught:
        pulled(serve(troubles[trouble]))
    assert caught.value.exit_code == 7
    assert "c4n4ry" not in caught.value.message + caught.value.hint + str(caught.value.details)
    assert (tmp_path / "out.zip").read_bytes() == b"old"
    assert left(tmp_path) == ["out.zip"]


def test_a_naive_download_takes_what_is_no_package(serve: Serve, first: Artifact) -> None:
    import urllib.request  # noqa: PLC0415 - the control alone needs it

    with urllib.request.urlopen(serve(answered(bytes(first.size)))) as answer:  # noqa: S310 - http
        assert answer.read() == bytes(first.size)


def test_a_server_that_sends_a_byte_at_a_time_is_left_at_the_deadline(
    serve: Serve, pulled: Callable[..., Path], first: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(SystemClock, "now", lambda _: time.monotonic())
    begin = time.monotonic()
    with pytest.raises(AwsError):
        pulled(serve(answered(first.read()), pause=0.2), timeout=2.0)
    assert time.monotonic() - begin < 4
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    "location",
    [
        "http://example.com/p?X-Amz-Signature=c4n4ry",
        "ftp://127.0.0.1/p?X-Amz-Signature=c4n4ry",
        "file:///etc/passwd",
        "https://",
        "https:///p",
        "http://127.0.0.1.example.com/p",
        "http://localhost.example.com/p",
        "http://[::1/p",
        "https://example.com:99999/p",
        "",
    ],
)
def test_an_address_that_is_not_to_trust_is_not_asked(location: str) -> None:
    with pytest.raises(AwsError, match="not one to trust") as caught:
        check_location(location, about="hello")
    assert "c4n4ry" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    "location",
    ["https://s3/p?q", "http://127.0.0.1:9/p", "http://127.9.9.9/p", "http://[::1]:9/p", "http://localhost/p"],
)
def test_https_and_this_machine_are_trusted(location: str) -> None:
    check_location(location, about="hello")


def test_neither_a_failing_address_nor_its_value_is_shown(aws: Connection) -> None:
    with pytest.raises(NotFoundError):
        aws.download("https://emulator.invalid/x", about="hello", deadline=Deadline.after(9), take=lambda _: None)
    code = deployed_code(
        {
            "Configuration": {
                "FunctionName": "hello",
                "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:hello",
                "Version": "1",
                "CodeSha256": "x",
                "RevisionId": "r",
                "CodeSize": 3,
            },
            "Code": {"Location": f"https://s3/?{SIGNATURE}"},
        },
        asked="hello",
    )
    assert "c4n4ry" not in repr(code)
    with pytest.raises(GarbledError):
        deployed_code({}, asked="hello")


@pytest.mark.usefixtures("hello")
class TestPull:
    def test_from_the_emulator_by_version_and_alias(
        self, aws: Connection, rival: Client, first: Artifact, second: Artifact, tmp_path: Path
    ) -> None:
        hello = "hello"
        rival.publish_version(FunctionName=hello)
        rival.create_alias(FunctionName=hello, Name="live", FunctionVersion="1")
        rival.update_function_code(FunctionName=hello, ZipFile=second.read())
        for function, artifact, version in (
            ("hello", second, "$LATEST"),
            ("hello:1", first, "1"),
            ("hello:live", first, "1"),
        ):
            result = pull(PullRequest(function=function, output=tmp_path / "out.zip"), aws)
            assert (result.version, result.code_sha256, result.size) == (version, artifact.code_sha256, artifact.size)
            assert (tmp_path / "out.zip").read_bytes() == artifact.read()

    def test_a_zip_that_is_not_safe_is_pulled_but_not_unpacked(
        self, aws: Connection, rival: Client, hello: str, tmp_path: Path
    ) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("app.py", "")
            archive.writestr("../evil", "")
        rival.update_function_code(FunctionName=hello, ZipFile=buffer.getvalue())
        with pytest.raises(CheckError, match="evil"):
            pull(PullRequest(function=hello, output=tmp_path / "out.zip", directory=tmp_path / "out"), aws)
        assert left(tmp_path) == []
        pull(PullRequest(function=hello, output=tmp_path / "out.zip"), aws)
        assert left(tmp_path) == ["out.zip"]

    def test_places_are_checked_before_any_request(
        self, aws: Connection, hello: str, operations: list[str], tmp_path: Path
    ) -> None:
        with pytest.raises(UsageError, match="no place"):
            pull(PullRequest(function=hello), aws)
        with pytest.raises(LocalError):
            pull(PullRequest(function=hello, output=tmp_path), aws)
        with pytest.raises(LocalError):
            pull(PullRequest(function=hello, directory=tmp_path), aws)
        assert operations == []

    def test_an_image_has_no_zip(self, aws: Connection, rival: Client, tmp_path: Path) -> None:
        uri = "000000000000.dkr.ecr.us-east-1.amazonaws.com/image@sha256:" + "0" * 64
        rival.create_function(
            FunctionName="image",
            Role="arn:aws:iam::000000000000:role/emulator",
            PackageType="Image",
            Code={"ImageUri": uri},
        )
        with pytest.raises(CheckError, match="package type Image"):
            pull(PullRequest(function="image", output=tmp_path / "out.zip"), aws)

    def test_a_full_disk_is_said_and_leaves_nothing(
        self, aws: Connection, hello: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if not Path("/dev/full").exists():
            pytest.skip("no /dev/full here")
        monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: Path("/dev/full").open("r+b", buffering=0))  # noqa: SIM115 - TemporaryFile's caller closes
        with pytest.raises(LocalError, match="No space left"):
            pull(PullRequest(function=hello, output=tmp_path / "out.zip"), aws)
        assert left(tmp_path) == []

    def test_a_full_disk_is_named_also_where_it_is_felt_at_the_end(
        self, aws: Connection, hello: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if not Path("/dev/full").exists():
            pytest.skip("no /dev/full here")
        monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: Path("/dev/full").open("w+b"))  # noqa: SIM115 - as above
        monkeypatch.setattr("tempfile.gettempdir", lambda: "/the/place")
        with pytest.raises(LocalError, match="cannot write a temporary file in /the/place: No space left"):
            pull(PullRequest(function=hello, output=tmp_path / "out.zip"), aws)

    def test_a_size_that_no_package_has_is_refused_before_the_first_byte(self) -> None:
        arn = "arn:aws:lambda:us-east-1:000000000000:function:hello:1"
        names = dict.fromkeys(("FunctionName", "RevisionId", "CodeSha256"), "hello") | {"FunctionArn": arn}
        for size in (-1, 314_572_801, 10**15):
            answer = {"Configuration": {**names, "Version": "1", "CodeSize": size}, "Code": {"Location": "https://s3/"}}
            with pytest.raises(AwsError, match="Lambda holds no package of that size"):
                deployed_code(answer, asked="hello")

    def test_what_is_missing_is_not_found(self, aws: Connection, hello: str, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError, match="hello has no version 3"):
            pull(PullRequest(function=f"{hello}:3", output=tmp_path / "out.zip"), aws)


class TestArrival:
    @staticmethod
    def arrival(*, size: int, sha256: bytes = b"abc") -> tuple[Arrival, io.BytesIO]:
        digest = base64.b64encode(hashlib.sha256(sha256).digest()).decode()
        arn = "arn:aws:lambda:us-east-1:000000000000:function:hello"
        names = {"FunctionName": "hello", "FunctionArn": arn, "RevisionId": "r"}
        configuration = {**names, "Version": "1", "CodeSha256": digest, "CodeSize": size}
        code = deployed_code({"Configuration": configuration, "Code": {"Location": "https://s3/"}}, asked="hello")
        file = io.BytesIO()
        return Arrival(code, file, lambda _: None), file

    def test_no_byte_is_kept_beyond_the_announced_size(self) -> None:
        arrival, file = self.arrival(size=3)
        arrival.take(b"abc")
        with pytest.raises(UnansweredError, match="more than the 3 bytes"):
            arrival.take(b"d")
        assert file.getvalue() == b"abc"

    def test_the_announced_size_is_compared_even_where_the_hash_is_right(self) -> None:
        arrival, _ = self.arrival(size=4)
        arrival.take(b"abc")
        with pytest.raises(UnansweredError, match="3 instead of the 4 bytes"):
            arrival.prove()
