"""The emulator behind 127.0.0.1, for every client that is not ours: the AWS CLI, Terraform, another language.

Rules for this file
- It listens on 127.0.0.1 and nowhere else, and refuses what a browser's page sends (an ``Origin`` header, or
  a ``Host`` that is no loopback name): state with environments in it must not be readable from the web.
- It prints and logs nothing: the command line says where it listens.
- Each connection has a thread; the store's lock makes them take turns.
- A request must be complete within ``_REQUEST_TIME``, or its connection is closed: nobody waits for a client that
  sends one byte a second.
"""

import io
import re
import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from lambdapack.emulator.routes import Request
from lambdapack.emulator.service import Response, respond
from lambdapack.emulator.store import Store
from lambdapack.errors import LambdapackError, LocalError

_LOOPBACK = "127.0.0.1"

_LARGEST_BODY = 1 << 30
"""Bytes of one request; a server that reads without limit can be made to fill the memory."""

_LOCAL_HOST = re.compile(r"(127\.\d+\.\d+\.\d+|([a-z0-9.-]+\.)?localhost)(:\d+)?", re.IGNORECASE)

_REQUEST_TIME = 120.0
"""Seconds from one answer to the last byte of the next request: a gigabyte takes some ten on this machine."""


class _Incoming(io.RawIOBase):
    """What a client sends, until a moment that none of its bytes puts off."""

    def __init__(self, connection: socket.socket) -> None:
        """Read from ``connection``; ``begin`` says from when on."""
        self._connection = connection
        self._ends = 0.0

    def begin(self, seconds: float) -> None:
        """Let the next request take so many seconds."""
        self._ends = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - any writable buffer
        """Wait for bytes until the end, and no longer; raises ``TimeoutError``, upon which http.server hangs up."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class Server(ThreadingHTTPServer):
    """A listening emulator: ``serve_forever`` answers, ``shutdown`` (from another thread) ends that; a context."""

    daemon_threads = True

    def __init__(self, directory: Path, *, port: int = 0, settle: float = 0.0) -> None:
        """Listen on 127.0.0.1 for the emulator in ``directory``; port 0 takes any free one.

        ``settle`` is as for ``hook.attach``, in seconds. Raises LocalError where the port cannot be had.
        """
        self.store = Store(directory)
        self.settle = settle
        try:
            super().__init__((_LOOPBACK, port), Handler)
        except (OSError, OverflowError) as error:
            raise LocalError(
                f"127.0.0.1:{port}: cannot listen there ({error})", hint="name another port, or 0 for any free one"
            ) from error

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.server_address[1])

    @property
    def origin(self) -> str:
        """The address of this server, as an endpoint URL."""
        return f"http://{_LOOPBACK}:{self.port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that hangs up is no news, and a traceback could hold what it sent."""


class Handler(BaseHTTPRequestHandler):
    """One connection: requests in, responses out."""

    protocol_version = "HTTP/1.1"
    server_version = "lambdapack-emulator"
    sys_version = ""
    timeout = 60  # seconds for a client to take the next bytes of an answer
    request_time = _REQUEST_TIME
    server: Server

    def setup(self) -> None:
        """Prepare to read with a deadline."""
        super().setup()
        self._incoming = _Incoming(self.connection)
        self.rfile = io.BufferedReader(self._incoming)

    def handle_one_request(self) -> None:
        """Read one request in its time and answer it."""
        self._incoming.begin(self.request_time)
        super().handle_one_request()

    def do_GET(self) -> None:
        """Answer one request."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self._body(headers)
        if body is None:
            return
        self.connection.settimeout(self.timeout)
        if "origin" in headers or not _LOCAL_HOST.fullmatch(headers.get("host", "")):
            self._send(_refusal(403, "only clients on this machine are answered, and no web pages"))
            return
        request = Request(method=self.command, url=self.path, headers=headers, body=body)
        try:
            response = respond(self.server.store, request, settle=self.server.settle, origin=self.server.origin)
        except LambdapackError as error:
            response = _refusal(404 if error.kind == "not-found" else 500, error.message)
        except Exception as error:  # noqa: BLE001 - as below
            # Of any class: without an answer http.server would hang up, and a client like botocore send the same again.
            response = _refusal(500, f"InternalError: {type(error).__name__}")
        self._send(response)

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names that http.server calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
        """Log nothing: requests hold secrets."""

    def _body(self, headers: dict[str, str]) -> bytes | None:
        """Return the request's body, or None after an answer to one that cannot be read."""
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return self._chunks()
        length = headers.get("content-length", "0")
        size = int(length) if re.fullmatch(r"[0-9]{1,18}", length) else None
        if size is None or size > _LARGEST_BODY:
            self.close_connection = True
            self._send(_refusal(413, "the body is too large"))
            return None
        body = self.rfile.read(size)
        if len(body) < size:
            self.close_connection = True  # the client hung up in mid-body: nothing was asked for
            return None
        return body

    def _chunks(self) -> bytes | None:
        """Return a body in HTTP's own chunks (RFC 9112, section 7.1)."""
        body = bytearray()
        while True:
            digits = self.rfile.readline(1024).partition(b";")[0].strip()
            size = int(digits, 16) if re.fullmatch(rb"[0-9A-Fa-f]{1,8}", digits) else None
            if size is None or len(body) + size > _LARGEST_BODY:
                self.close_connection = True
                self._send(_refusal(400, "the body is not in chunks"))
                return None
            if size == 0:
                while self.rfile.readline(1024).strip():
                    pass
                return bytes(body)
            body += self.rfile.read(size)
            self.rfile.readline(1024)

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in {"Content-Length": str(len(response.body)), **response.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)


def _refusal(status: int, message: str) -> Response:
    return Response(status=status, headers={"Content-Type": "text/plain"}, body=message.encode("utf-8"))
