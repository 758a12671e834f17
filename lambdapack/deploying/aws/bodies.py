"""What is read off a connection: answers, which may not be endless, and packages, which come chunk by chunk.

Left alone, botocore reads an answer to its end, however far that is, before anybody may look at it.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

from lambdapack.addresses import is_loopback
from lambdapack.deploying.aws.location import CHUNK_SIZE
from lambdapack.deploying.aws.refusals import GarbledError
from lambdapack.errors import LambdapackError

_LARGEST_ANSWER = 16 << 20
"""Bytes of JSON or XML: more than twice what Lambda itself may answer to an invocation (Lambda quotas, 6 MB)."""

_FIRST_NOT_STREAMED = 300
"""The HTTP status from which on botocore reads even GetObject's answer to its end (``botocore.endpoint``): a
redirect, or a refusal."""


class LimitedSession:
    """botocore's ``URLLib3Session``, whose answers have at most ``_LARGEST_ANSWER`` bytes."""

    def __init__(self, session: Any) -> None:  # noqa: ANN401 - botocore has no types
        self._session = session

    def send(self, request: Any) -> Any:  # noqa: ANN401 - as above
        """Return the answer, read unless it is to be streamed; raises ``GarbledError`` where it is too long."""
        streams, request.stream_output = request.stream_output, True
        answer = self._session.send(request)
        request.stream_output = streams
        if not streams or answer.status_code >= _FIRST_NOT_STREAMED:
            answer.raw = _LimitedBody(answer.raw)
            _read(answer, request)
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._session.close()


class _LimitedBody:
    """A body that breaks off where it is too long, and closes its connection."""

    def __init__(self, raw: Any) -> None:  # noqa: ANN401 - as above
        self._raw = raw

    def stream(self) -> Iterator[bytes]:
        """Yield the body, chunk by chunk."""
        left = _LARGEST_ANSWER
        for chunk in self._raw.stream(CHUNK_SIZE):
            left -= len(chunk)
            if left < 0:
                self._raw.close()
                raise GarbledError(
                    f"the answer is none of AWS's: it has more than {_LARGEST_ANSWER >> 20} MiB",
                    hint="check --endpoint-url and the proxy: something else than AWS may have answered",
                )
            yield chunk


def _read(answer: Any, request: Any) -> None:  # noqa: ANN401 - as above
    """Read an answer, and fail as ``URLLib3Session`` does, for botocore's retries go by its errors."""
    from botocore.exceptions import ConnectionClosedError, HTTPClientError, ReadTimeoutError  # noqa: PLC0415

    try:
        answer.content  # noqa: B018 - a property that reads
    except (LambdapackError, MemoryError):
        raise
    except Exception as error:
        # As broad as there: whatever breaks is an HTTPClientError. urllib3's go by the names of their classes.
        names = {kind.__name__ for kind in type(error).__mro__}
        if "ReadTimeoutError" in names:
            raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
        if "ProtocolError" in names:
            raise ConnectionClosedError(endpoint_url=request.url, request=request, error=error) from error
        raise HTTPClientError(error=error) from error


@contextmanager
def open_location(
    location: str, *, timeout: tuple[float, float], certificates: str | bool
) -> Iterator[tuple[int, Any]]:
    """Yield the HTTP status and the chunks of a package, which comes through the proxy of all other requests.

    ``timeout`` is for the connection and for each byte, in seconds.
    """
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415
    from botocore.httpsession import URLLib3Session  # noqa: PLC0415
    from botocore.response import StreamingBody  # noqa: PLC0415
    from botocore.utils import get_environ_proxies  # noqa: PLC0415

    session = URLLib3Session(
        verify=certificates,
        proxies={} if is_loopback(urlsplit(location).hostname) else get_environ_proxies(location),
        timeout=timeout,
    )
    with closing(session):
        answer = session.send(AWSRequest(method="GET", url=location, stream_output=True).prepare())
        with closing(StreamingBody(answer.raw, answer.headers.get("Content-Length"))) as body:
            yield int(answer.status_code), body.iter_chunks(CHUNK_SIZE)
