"""An index on this machine that misbehaves by script: each request to a file takes the next answer of its list."""

import base64
import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.packing.wheelhouse.certificates import SERVER

Answer = Callable[["Handler", bytes], None]


@dataclass
class Seen:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]


@dataclass
class Index:
    """Files by path, answers by path, and what was asked."""

    server: "Server"
    files: dict[str, bytes] = field(default_factory=dict)
    script: dict[str, list[Answer]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    """Set at the end: answers that hang go on then."""
    port: int = 0
    scheme: str = "http"

    def add(self, name: str, content: bytes, *answers: Answer) -> str:
        """Serve a file, first by ``answers``; return its URL."""
        self.files[f"/{name}"] = content
        self.script[f"/{name}"] = list(answers)
        return f"{self.scheme}://127.0.0.1:{self.port}/{name}"

    def asked(self, header: str) -> list[str | None]:
        """Return one header of every request."""
        return [request.headers.get(header.lower()) for request in self.seen]


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    index: Index

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - socketserver's own signature
        """Say nothing: clients that leave early are what is tested."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        index = self.server.index
        path = self.path.partition("?")[0]
        index.seen.append(Seen(path=self.path, headers={name.lower(): value for name, value in self.headers.items()}))
        answers = index.script.get(path, [])
        answer = answers.pop(0) if answers else whole if path in index.files else refuse(404)
        answer(self, index.files.get(path, b""))

    def send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
        """Say nothing."""


def whole(handler: Handler, content: bytes) -> None:
    """Answer as good servers do: with the part that is asked for, if the file is still the one of If-Range."""
    headers = {"ETag": '"v1"', "Cache-Control": "max-age=365000000, immutable"}
    asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    if asked and handler.headers.get("If-Range") in (None, '"v1"'):
        start = int(asked[1])
        place = f"bytes {start}-{len(content) - 1}/{len(content)}"
        handler.send(206, content[start:], {**headers, "Content-Range": place})
    else:
        handler.send(200, content, headers)


def ignoring_ranges(handler: Handler, content: bytes) -> None:
    handler.send(200, content)


def refuse(status: int, **headers: str) -> Answer:
    return lambda handler, _: handler.send(status, b"no", {k.replace("_", "-"): v for k, v in headers.items()})


def redirect(to: str, status: int = 302) -> Answer:
    return refuse(status, Location=to)


def dropped_after(count: int, *, etag: str = '"v1"', length: bool = True) -> Answer:
    """Answer with ``count`` bytes of the file and hang up."""

    def answer(handler: Handler, content: bytes) -> None:
        handler.send_response(200)
        handler.send_header("ETag", etag)
        if length:
            handler.send_header("Content-Length", str(len(content)))
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(content[:count])
        handler.close_connection = True

    return answer


def reset(handler: Handler, content: bytes) -> None:
    """Answer with half of the file and reset the connection."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2])
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    handler.connection.close()
    handler.close_connection = True


def sending(body: bytes, status: int = 200, **headers: str) -> Answer:
    """Answer with something else than the file."""
    return lambda handler, _: handler.send(status, body, {k.replace("_", "-"): v for k, v in headers.items()})


def chunked(handler: Handler, content: bytes) -> None:
    """Answer without saying how long."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for start in range(0, len(content), 1000):
        part = content[start : start + 1000]
        handler.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
    handler.wfile.write(b"0\r\n\r\n")


def hanging(handler: Handler, content: bytes) -> None:
    """Answer with the first bytes and no more, until the test is over."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content[:10])
    handler.wfile.flush()
    handler.server.index.released.wait()
    handler.close_connection = True


def dripping(handler: Handler, content: bytes) -> None:
    """Answer with a byte now and then: never so slowly that a read times out."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    for position in range(len(content)):
        handler.wfile.write(content[position : position + 1])
        handler.wfile.flush()
        if handler.server.index.released.wait(0.01):
            break
    handler.close_connection = True


def locked_to(user: str, password: str) -> Answer:
    """Answer with the file to those who say who they are."""
    expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def answer(handler: Handler, content: bytes) -> None:
        if handler.headers.get("Authorization") == expected:
            whole(handler, content)
        else:
            handler.send(401, b"who?", {"WWW-Authenticate": 'Basic realm="packages"'})

    return answer


@contextlib.contextmanager
def served_by(server: Server) -> Iterator[Index]:
    """Have a server that runs serve another index."""
    tls = isinstance(server.socket, ssl.SSLSocket)
    index = server.index = Index(server=server, port=server.server_address[1], scheme="https" if tls else "http")
    try:
        yield index
    finally:
        index.released.set()


@contextlib.contextmanager
def serving(*, tls: Path | None = None) -> Iterator[Index]:
    """Serve an index on a port of its own; ``tls`` is a directory to write the certificate into."""
    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        (tls / "server.pem").write_text(SERVER)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls / "server.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        with served_by(server) as index:
            yield index
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
