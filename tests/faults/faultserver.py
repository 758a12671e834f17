"""An AWS that misbehaves by script: plain sockets and real HTTP in front of the emulator's model.

::

    client ──socket──► FaultServer ──► what the script says of this operation ──► emulator (applies it, or never hears)
           ◄─socket──              ◄── how the answer is to be delivered      ◄──

Nothing is random, nothing is printed, and every server has a port and a directory of its own.
"""

import contextlib
import math
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lambdapack.emulator.routes import Request, locate, route
from tests.faults.account import Account
from tests.faults.steps import BEFORE_THE_BODY, FAILURES, STEPS, Closed, Exchange

FOR_EVER = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request as it arrived, and the script's word for what was done with it."""

    operation: str
    parameters: Mapping[str, Any] = field(repr=False)
    fault: str


@dataclass(frozen=True, slots=True)
class Script:
    """What happens to an operation: ``fault`` to ``times`` requests, once ``after`` others went well."""

    operation: str
    """An operation's name, or ``any``."""
    fault: str
    times: float = 1
    after: int = 0

    def concerns(self, operation: str, number: int) -> bool:
        """Whether the request is hit that is the ``number``th (from 0) of its operation, or of all."""
        return self.operation in (operation, "any") and self.after <= number < self.after + self.times


class FaultServer(Account):
    """A listening AWS whose state is an emulator's; ``scripts`` say what goes wrong."""

    def __init__(self, directory: Path, *scripts: Script, packages: Mapping[str, bytes]) -> None:
        """Listen on a free port; nobody is answered before ``serving``."""
        super().__init__(directory, packages=packages)
        self.scripts = scripts
        self.failures = dict(FAILURES)
        self.seen: list[Seen] = []
        self._counts: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @contextlib.contextmanager
    def serving(self) -> Iterator["FaultServer"]:
        """Answer while the context lasts."""
        thread = threading.Thread(target=self._accept, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.ended.set()
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            thread.join()

    def count(self, operation: str) -> int:
        """Return how often an operation was asked for."""
        return sum(seen.operation == operation for seen in self.seen)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=[connection], daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        """Serve one connection until either side ends it."""
        with connection, contextlib.suppress(OSError, Closed):
            received = bytearray()
            while not self.ended.is_set():
                head = self._head(connection, received)
                exchange, length = self._begin(connection, head)
                fault = self._fault(exchange.operation)
                if fault in BEFORE_THE_BODY:
                    self._note(exchange, fault)
                    BEFORE_THE_BODY[fault](self, exchange)
                if "expect" in exchange.request.headers:
                    connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                body = self._read(connection, received, length)
                exchange.request = replace(exchange.request, body=body)
                self._note(exchange, fault)
                for step in fault.split(", "):
                    self._take(step, exchange)
                exchange.deliver()

    def _take(self, step: str, exchange: Exchange) -> None:
        if step in self.failures:
            exchange.refuse(self.failures[step])
        else:
            STEPS[step](self, exchange)

    def _fault(self, operation: str) -> str:
        with self._counting:
            numbers = {name: self._counts[name] for name in (operation, "any")}
            self._counts.update(numbers.keys())
        for script in self.scripts:
            if script.concerns(operation, numbers["any" if script.operation == "any" else operation]):
                return script.fault
        return "apply"

    def _note(self, exchange: Exchange, fault: str) -> None:
        service, _ = locate(exchange.request)
        parameters = route(exchange.request, service)[1] if fault not in BEFORE_THE_BODY else {}
        self.seen.append(Seen(operation=exchange.operation, parameters=parameters, fault=fault))

    @staticmethod
    def _head(connection: socket.socket, received: bytearray) -> bytes:
        while b"\r\n\r\n" not in received:
            chunk = connection.recv(65536)
            if not chunk:
                raise Closed
            received += chunk
        head, _, rest = bytes(received).partition(b"\r\n\r\n")
        received[:] = rest
        return head

    @staticmethod
    def _read(connection: socket.socket, received: bytearray, length: int) -> bytes:
        while len(received) < length:
            chunk = connection.recv(1 << 20)
            if not chunk:
                raise Closed
            received += chunk
        body = bytes(received[:length])
        del received[:length]
        return body

    @staticmethod
    def _begin(connection: socket.socket, head: bytes) -> tuple[Exchange, int]:
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        fields = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in fields}
        request = Request(method=method, url=target, headers=headers)
        operation, _ = route(request, locate(request)[0])
        return Exchange(connection, request, operation), int(headers.get("content-length", "0"))
