"""A proxy on this machine: it takes CONNECT to any host and leads to one server."""

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Proxy:
    """What was asked of the proxy."""

    target: int
    """The port that every connection leads to."""
    refuses: bool = False
    asked: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    port: int = 0


class Server(ThreadingHTTPServer):
    daemon_threads = True
    proxy: Proxy


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_CONNECT(self) -> None:
        proxy = self.server.proxy
        proxy.asked.append(self.path)
        proxy.headers.append({name.lower(): value for name, value in self.headers.items()})
        if proxy.refuses:
            self.send_error(407)
            return
        with socket.create_connection(("127.0.0.1", proxy.target)) as there:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=pour, args=(there, self.connection), daemon=True)
            back.start()
            pour(self.connection, there)
            back.join(5)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
        """Say nothing."""


def pour(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while block := source.recv(1 << 16):
            sink.sendall(block)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def proxying(target: int, *, refuses: bool = False) -> Iterator[Proxy]:
    """Serve a proxy on a port of its own."""
    server = Server(("127.0.0.1", 0), Handler)
    proxy = server.proxy = Proxy(target=target, refuses=refuses, port=server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
