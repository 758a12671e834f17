"""Real boto3 clients whose requests the emulator answers, each test with an account of its own."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lambdapack.emulator.hook import attach
from tests.aliases import Client, Make

REGION = "eu-central-1"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "account"


@pytest.fixture(scope="session")
def session() -> Client:
    """One session for all clients: it reads botocore's models once."""
    import boto3  # noqa: PLC0415 - only tests with a client load it

    return boto3.session.Session()


@pytest.fixture
def connect(directory: Path, session: Client) -> Iterator[Make]:
    """Give clients of the emulator in ``directory``; they retry nothing, so that every answer is seen."""
    from botocore.config import Config  # noqa: PLC0415 - as above

    made: list[Any] = []

    def connect(service: str, *, region: str = REGION, settle: float = 0.0) -> Client:
        config = Config(retries={"mode": "standard", "total_max_attempts": 1})
        client = session.client(service, region_name=region, config=config)
        attach(client, directory=directory, settle=settle)
        made.append(client)
        return client

    yield connect
    for client in made:
        client.close()


@pytest.fixture
def functions(connect: Make) -> Client:
    return connect("lambda")


@pytest.fixture
def objects(connect: Make) -> Client:
    return connect("s3")


@pytest.fixture
def zipped() -> Callable[..., bytes]:
    """Make a package of named contents, the same bytes each time."""

    def zipped(content: str = "def handler(event, context): return 1\n", **others: str) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, text in {"app.py": content, **others}.items():
                archive.writestr(zipfile.ZipInfo(name), text)
        return stream.getvalue()

    return zipped


@pytest.fixture
def create(functions: Client, zipped: Callable[..., bytes]) -> Make:
    """Create the function ``hello``, by default from a small package; what is given replaces the default."""

    def create(**members: object) -> Client:
        request: dict[str, object] = {
            "FunctionName": "hello",
            "Runtime": "python3.13",
            "Handler": "app.handler",
            "Role": "arn:aws:iam::000000000000:role/emulator",
            "Code": {"ZipFile": zipped()},
        }
        request |= members
        return functions.create_function(**{name: value for name, value in request.items() if value is not None})

    return create


@pytest.fixture
def refused() -> Make:
    """Make a call that must be refused, and return (status, code, message)."""

    def refused(call: Callable[..., Any], **members: object) -> tuple[int, str, str | None]:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - as above

        with pytest.raises(ClientError) as caught:
            call(**members)
        response = caught.value.response
        status = response["ResponseMetadata"]["HTTPStatusCode"]
        return status, response["Error"]["Code"], response["Error"]["Message"]

    return refused
