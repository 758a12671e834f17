"""A server that sends one byte after the other, never so slowly that a socket's timeout is reached, and never ends."""

import contextlib
import socket
import threading
from collections.abc import Iterator

from tests.listening import listening

PAUSE = 0.03
"""Seconds between two bytes; a socket's timeout begins anew with each of them."""

OK = b"HTTP/1.1 200 OK\r\n"

TRICKLES = {
    "status line": (b"HTTP/1.1 200 ", b"x"),
    "header": (OK + b"X-Long: ", b"x"),
    "headers": (OK, b"X-Many: x\r\n"),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": (OK + b"Content-Length: 200000\r\n\r\n", b"x"),
    "body without length": (OK + b"\r\n", b"x"),
    "chunk size": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "chunk extension": (OK + b"Transfer-Encoding: chunked\r\n\r\n5;", b"x"),
    "chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\n1388\r\n", b"x"),
    "chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "trailer": (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
    "redirects": (None, b"HTTP/1.1 302 Found\r\nLocation: /demo.whl\r\nContent-Length: 9\r\n\r\n"),
}
"""By where the bytes trickle: what comes at once, and what then comes again and again; a redirect byte by byte."""

HANDSHAKE = (b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", b"\x00")
"""The beginning of a ServerHello of 16 KB (RFC 8446, section 5.1)."""


@contextlib.contextmanager
def trickling(head: bytes | None, drip: bytes) -> Iterator[int]:
    """Serve every connection so, and yield the port."""
    ended = threading.Event()

    def serve(connection: socket.socket) -> None:
        connection.sendall(head or b"")
        while True:
            for part in [drip] if head is not None else [drip[place : place + 1] for place in range(len(drip))]:
                if ended.wait(PAUSE):
                    return
                connection.sendall(part)

    with listening(serve) as port:
        try:
            yield port
        finally:
            ended.set()
