"""The emulator inside a boto3 client: botocore's ``before-send`` event answers in place of the socket.

Everything on the near side of the wire stays the real client's: serialisation, parameter validation, parsing,
modelled exceptions, retries, waiters, paginators. No socket is opened and no credentials are needed.
"""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from lambdapack.emulator.routes import Request
from lambdapack.emulator.service import NOWHERE, package_name, respond
from lambdapack.emulator.store import Store
from lambdapack.errors import LocalError, NotFoundError

_CHUNK = 1 << 16


class Client(Protocol):
    """The part of a boto3 client that the hook touches."""

    @property
    def meta(self) -> Any:  # noqa: ANN401 - botocore has no types
        """The client's ``ClientMeta``: events, region_name, service_model."""


def attach(client: Client, *, directory: Path, settle: float = 0.0) -> None:
    """Answer every request of this boto3 client (lambda, s3, iam) from the emulator in ``directory``.

    ``settle`` is how many seconds a creation, an update or a version that one brings along stays in progress;
    with 0 the call's own answer says so and the next call finds it done.
    """
    store = Store(directory)
    service = str(client.meta.service_model.service_name)
    region = None if service == "iam" else client.meta.region_name
    client.meta.events.register("before-send.*", _sender(store, service, region, settle))
    client.meta.events.register("choose-signer.*", _choose_unsigned)


def download(url: str, directory: Path) -> bytes:
    """Return the package that a ``Code.Location`` of the emulator in ``directory`` leads to.

    Raises NotFoundError for an address that is not the emulator's, or a package that is not there.
    """
    name = package_name(url)
    if name is None:
        raise NotFoundError(f"{url}: not an address of the emulator", hint="look the function up again")
    return Store(directory).blobs.read(name)


def lock_error(directory: Path, *, seconds: float) -> LocalError | None:
    """Return the error for a call that was waited for in vain, if it was the emulator's lock that it waited for."""
    return Store(directory).lock_error(seconds=seconds)


def _choose_unsigned(**_event: object) -> object:
    import botocore  # noqa: PLC0415 - 46 ms with awsrequest, which whoever has a client has spent

    return botocore.UNSIGNED


def _sender(store: Store, service: str, region: str | None, settle: float) -> Callable[..., object]:
    def send(request: Any, **_event: object) -> object:  # noqa: ANN401 - botocore's AWSPreparedRequest
        import botocore.awsrequest  # noqa: PLC0415 - as above

        response = respond(
            store,
            Request(
                method=request.method,
                url=request.url,
                headers={str(name).lower(): _text(value) for name, value in request.headers.items()},
                body=_bytes(request.body),
                service=service,
                region=region,
            ),
            settle=settle,
            origin=NOWHERE,
        )
        headers = {"Content-Length": str(len(response.body)), **response.headers}
        body = b"" if request.method == "HEAD" else response.body
        return botocore.awsrequest.AWSResponse(request.url, response.status, headers, _Raw(body))

    return send


class _Raw(io.BytesIO):
    """A response's body as urllib3 would give it: it can be read, and streamed."""

    def stream(self, **_arguments: object) -> Iterator[bytes]:
        while chunk := self.read(_CHUNK):
            yield chunk


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(body: Any) -> bytes:  # noqa: ANN401 - bytes, text, a file, an iterable of bytes, or nothing
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode("utf-8")
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    if hasattr(body, "read"):
        return _bytes(body.read())
    return b"".join(body)
