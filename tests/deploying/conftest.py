"""An account in an emulator for each test, and what goes wrong in it.

``aws`` is the connection under test, ``rival`` a plain botocore client of the same account: another client that
interferes, or, in a naive push, the control that fails.
"""

import contextlib
import json
import socket
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeAlias

import pytest

from lambdapack.artifact import Artifact, open_artifact
from lambdapack.deploying.aws import connection as aws_module
from lambdapack.deploying.aws import settings as sessions
from lambdapack.deploying.aws.connection import Connection, ConnectionSettings, connect
from lambdapack.deploying.aws.deadline import SystemClock
from lambdapack.deploying.create import CreateSettings
from lambdapack.emulator.hook import attach as emulate
from tests.listening import listening

Fault: TypeAlias = str | Callable[[], object]

ROLE = "arn:aws:iam::000000000000:role/emulator"


@pytest.fixture(scope="session")
def shared_session() -> Any:  # noqa: ANN401 - botocore has no types
    """Read botocore's models once for all tests."""
    return sessions.emulator_session()


@pytest.fixture
def settling_seconds() -> float:
    """Say how long an update of ``aws`` stays in progress; where it matters, tests override this."""
    return 0.0


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch, shared_session: Any, settling_seconds: float) -> None:  # noqa: ANN401
    """Let no retry and no poll sleep: time passes at once, unless the emulator takes its own."""
    monkeypatch.setattr(aws_module, "emulator_session", lambda: shared_session)
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(time=time.time, sleep=lambda _: None))
    if not settling_seconds:
        slept: list[float] = []
        monkeypatch.setattr(SystemClock, "sleep", lambda _, seconds: slept.append(seconds))
        monkeypatch.setattr(SystemClock, "now", lambda _: time.monotonic() + sum(slept))


@pytest.fixture
def listen() -> Iterator[Callable[[Callable[[socket.socket], object]], str]]:
    """Have a function talk to each connection on a real socket, and return the URL."""
    with contextlib.ExitStack() as stack:
        yield lambda serve: f"http://127.0.0.1:{stack.enter_context(listening(serve))}"


@pytest.fixture
def emulator(tmp_path: Path) -> Path:
    """Return the directory of the account."""
    return tmp_path / "emulator"


@pytest.fixture
def new_connection(emulator: Path) -> Callable[..., Connection]:
    """Connect to the account, with other settings where they are given."""
    return lambda **settings: connect(ConnectionSettings(emulator=emulator, **settings))


@pytest.fixture
def faults() -> dict[str, list[Fault]]:
    """Plan what happens to the next tries of an operation, ``{"lambda.GetFunction": […]}``; later ones succeed.

    A callable happens just before the request arrives. A text goes wrong in one of the ways of ``answer``.
    """
    return {}


@pytest.fixture
def aws(
    new_connection: Callable[..., Connection],
    monkeypatch: pytest.MonkeyPatch,
    faults: dict[str, list[Fault]],
    settling_seconds: float,
) -> Connection:
    """Return the connection under test: between it and the emulator lies what ``faults`` says."""

    def attach(client: Any, *, directory: Path) -> None:  # noqa: ANN401 - botocore has no types
        handlers: dict[str, Callable[..., Any]] = {}
        stand_in = SimpleNamespace(
            service_model=client.meta.service_model,
            region_name=client.meta.region_name,
            events=SimpleNamespace(register=handlers.__setitem__),
        )
        emulate(SimpleNamespace(meta=stand_in), directory=directory, settle=settling_seconds)
        arrive = handlers.pop("before-send.*")

        def send(request: Any, event_name: str, **_: object) -> Any:  # noqa: ANN401 - as above
            planned = faults.get(event_name.removeprefix("before-send."))
            fault = planned.pop(0) if planned else None
            if isinstance(fault, str):
                return answer(request, fault, arrive)
            if fault is not None:
                fault()
            return arrive(request=request)

        for event, handler in {"before-send.*": send, **handlers}.items():
            client.meta.events.register(event, handler)

    connection = new_connection()
    new_client = connection._new_client  # noqa: SLF001 - every client that the connection makes, whenever it does

    def new_client_in_trouble(*key: Any) -> Any:  # noqa: ANN401 - botocore has no types
        with monkeypatch.context() as patch:
            patch.setattr("lambdapack.emulator.hook.attach", attach)
            return new_client(*key)

    monkeypatch.setattr(connection, "_new_client", new_client_in_trouble)
    connection.client("lambda")
    connection.client("s3")
    return connection


@pytest.fixture
def rival(new_connection: Callable[..., Connection]) -> Any:  # noqa: ANN401 - botocore has no types
    """Return another client of the same account, as anybody would use it: boto3's default of three attempts."""
    return new_connection(attempts=3).client("lambda")


@pytest.fixture
def bucket(new_connection: Callable[..., Connection]) -> Any:  # noqa: ANN401 - botocore has no types
    """Return another client of the account's S3, where the bucket ``emulator`` exists and is versioned."""
    return new_connection(attempts=3).client("s3")


@pytest.fixture
def package(tmp_path: Path) -> Callable[..., Artifact]:
    """Make a deployment package of one line of Python, padded to about ``size`` bytes of zip."""

    def package(line: str, *, size: int = 0, architecture: str | None = None) -> Artifact:
        path = tmp_path / f"{line}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(zipfile.ZipInfo("app.py"), f"{line}\n")
            if size:
                archive.writestr(zipfile.ZipInfo("padding"), bytes(size))
        return open_artifact(path, architecture=architecture)

    return package


@pytest.fixture
def first(package: Callable[..., Artifact]) -> Artifact:
    """Return the package that ``hello`` is created with."""
    return package("first = 1")


@pytest.fixture
def second(package: Callable[..., Artifact]) -> Artifact:
    """Return the package that is pushed to ``hello``."""
    return package("second = 2")


@pytest.fixture
def third(package: Callable[..., Artifact]) -> Artifact:
    """Return the package of somebody else."""
    return package("third = 3")


@pytest.fixture
def settings() -> CreateSettings:
    return CreateSettings(role=ROLE, handler="app.handler", runtime="python3.13")


@pytest.fixture
def hello(rival: Any, first: Artifact) -> str:  # noqa: ANN401 - botocore has no types
    """Create the function ``hello``, which then is active and holds ``first``."""
    rival.create_function(
        FunctionName="hello",
        Role=ROLE,
        Handler="app.handler",
        Runtime="python3.13",
        Architectures=["x86_64"],
        Code={"ZipFile": first.read()},
    )
    rival.get_function(FunctionName="hello")
    return "hello"


@pytest.fixture
def versions(rival: Any) -> Callable[[], dict[str, str]]:  # noqa: ANN401 - botocore has no types
    """Read the CodeSha256 of each version of ``hello``, ``$LATEST`` included."""

    def versions() -> dict[str, str]:
        entries = rival.list_versions_by_function(FunctionName="hello")["Versions"]
        return {entry["Version"]: entry["CodeSha256"] for entry in entries}

    return versions


@pytest.fixture
def revision(rival: Any) -> Callable[[], str]:  # noqa: ANN401 - botocore has no types
    """Read the RevisionId of ``hello``."""
    return lambda: str(rival.get_function(FunctionName="hello")["Configuration"]["RevisionId"])


@pytest.fixture
def operations(aws: Connection) -> list[str]:
    """Record the operations that the connection under test calls, once each however often they are retried."""
    called: list[str] = []
    for service in ("lambda", "s3"):
        aws.client(service).meta.events.register("before-call.*", lambda model, **_: called.append(model.name))
    return called


@pytest.fixture
def state(emulator: Path) -> Callable[[], dict[str, bytes]]:
    """Read the whole account, to tell whether anything changed."""

    def state() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in emulator.rglob("*") if path.is_file()}

    return state


def answer(request: Any, way: str, apply: Callable[..., Any]) -> Any:  # noqa: ANN401 - botocore has no types
    """Answer a request badly, after applying it (where ``way`` begins so) or instead.

    ``drop`` cuts the connection, ``time-out`` is a read timeout, ``garble`` a 200 with ``{}``, ``foreign`` one that
    speaks of other code, ``cut`` one with half a body; else an HTTP status, an AWS error code and its message.
    """
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415 - only tests with a client load it
    from botocore.exceptions import ConnectionClosedError, ReadTimeoutError  # noqa: PLC0415 - as above

    if way.startswith("applied, "):
        genuine = apply(request=request).content
        way = way.removeprefix("applied, ")
    else:
        genuine = b'{"FunctionName": "hello", "CodeSha256": "'
    headers: dict[str, str] = {}
    match way.split(maxsplit=1):
        case ["drop"]:
            raise ConnectionClosedError(endpoint_url=request.url, error=None)
        case ["time-out"]:
            raise ReadTimeoutError(endpoint_url=request.url, error=None)
        case ["garble"]:
            status, body = 200, b"{}"
        case ["cut"]:
            status, body = 200, genuine[: len(genuine) // 2]
        case ["foreign"]:
            foreign = dict.fromkeys(("FunctionName", "FunctionArn", "Version", "CodeSha256", "RevisionId"), "foreign")
            status, body = 200, json.dumps(foreign).encode()
        case [number, error]:
            code, _, message = error.partition(": ")
            status, headers, body = int(number), {"x-amzn-ErrorType": code}, json.dumps({"message": message}).encode()
            if ".s3." in request.url:
                body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
        case _:
            raise ValueError(way)
    raw = SimpleNamespace(stream=lambda: iter([body]), read=lambda *_: body)
    return AWSResponse(request.url, status, headers, raw)
