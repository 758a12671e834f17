"""One wheel from the URL of its lock: resumed and retried, never more bytes than expected, proven by its hash.

::

    GET ─► 200, 206 ─► Arrival, chunk by chunk ─► hash ─► bytes
      ▲        408, 425, 429, 5xx, a timeout, a drop, too slow: again, from where it stopped
      └────────────────────────────────────────┘

What was received is kept in memory for the next attempt of this run, and for no other run: a wheel of Lambda's size
costs seconds, and a file that is half done would have to be swept.

Rules for this file
- A URL may hold credentials: messages name the host and the file. What urllib3 says is not quoted, for it names URLs,
  and is not chained, for tracebacks print it.
- Nothing but the hash says that it is the wheel: not the status, not the length, not the type.
"""

import io
import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from urllib3 import Retry
from urllib3.exceptions import (
    HTTPError,
    InvalidHeader,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    SSLError,
    TimeoutError as TimedOutError,
)

from lambdapack.errors import LocalError, LockError, WheelError
from lambdapack.packing.wheels.connections import Connections, MisledError
from lambdapack.packing.wheels.credentials import host, is_safe
from lambdapack.packing.wheels.hashes import digest_of, leading
from lambdapack.packing.wheels.locked import LockedWheel

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

SIZE_LIMIT = 262_144_000
"""Bytes of a wheel whose size the lock does not say: what a package may have unzipped ("Lambda quotas"), and a wheel
is compressed, so a larger one cannot be of use whole. A size in the lock is obeyed as it is."""

CHUNK_SIZE = 1 << 16

OK, PARTIAL, UNSATISFIABLE = 200, 206, 416
"""Statuses (RFC 9110, section 15)."""

PASSING = frozenset({408, 425, 429})
"""Statuses below 500 that may be gone at the next attempt."""

SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a server is borne with."""

    attempts: int = 6
    """In a row that bring nothing; with the pauses between them about eight seconds."""
    attempts_in_all: int = 40
    """Also where each brings a little."""
    pause: float = 0.25
    """Seconds before the second attempt; twice as many before each further one."""
    longest_pause: float = 60.0
    """Seconds; a server that asks for more (Retry-After) is given up."""
    read_timeout: float = 20.0
    """Seconds in which one byte has to come."""
    window: float = 30.0
    """Seconds in which ``window_bytes`` have to come: one byte a second would take for ever."""
    window_bytes: int = 32 << 10


PATIENCE = Patience()


class StoppedError(Exception):
    """The run has ended meanwhile; nobody reads this."""


class DroppedError(Exception):
    """An attempt that failed in a way that may pass; its text ends a sentence."""

    def __init__(self, reason: str, *, wait: float | None = None) -> None:
        """Keep the reason, and the seconds that the server asked for."""
        super().__init__(reason)
        self.wait = wait


class Arrival:
    """What has come of one wheel."""

    def __init__(self, locked: LockedWheel, arrived: Callable[[int], None]) -> None:
        self._locked = locked
        self._arrived = arrived
        self._content = io.BytesIO()
        self.size = 0
        self.validator: str | None = None
        """What If-Range may hold: a strong ETag, or a date (RFC 9110, section 13.1.5)."""

    def take(self, chunk: bytes) -> None:
        """Keep a chunk; raises ``WheelError`` where there are more bytes than expected."""
        expected = self._locked.size
        if self.size + len(chunk) > (SIZE_LIMIT if expected is None else expected):
            if expected is not None:
                raise other_bytes(self._locked, f"it has more than the {expected:,} bytes that the lock says")
            raise WheelError(
                f"{self._locked.filename} is larger than {SIZE_LIMIT:,} bytes, more than Lambda takes unzipped",
                hint="leave the package out; or lock it with its size, if the rest is to be trimmed",
            )
        self._content.write(chunk)
        self.size += len(chunk)
        self._arrived(len(chunk))

    def discard(self) -> None:
        """Begin anew; the count of what arrived goes back too."""
        self._arrived(-self.size)
        self._content, self.size, self.validator = io.BytesIO(), 0, None

    def content(self) -> bytes:
        """Return all bytes, without copying them."""
        return self._content.getvalue()


class Download:
    """One wheel on its way, over as many requests as it takes."""

    def __init__(
        self,
        locked: LockedWheel,
        *,
        connections: Connections,
        patience: Patience,
        stop: threading.Event,
        arrived: Callable[[int], None],
    ) -> None:
        """Prepare; ``arrived`` is called with bytes as they come, and a negative number where they are dropped."""
        self._locked = locked
        self._url = locked.url or ""
        self._host = host(self._url)
        self._connections = connections
        self._patience = patience
        self._stop = stop
        self._arrival = Arrival(locked, arrived)
        self._resumed = False
        """Whether the bytes are of more than one answer."""

    def run(self) -> bytes:
        """Return the wheel, proven by its leading hash.

        Raises ``LockError`` where the server does not hand it out, ``WheelError`` for other bytes, ``LocalError``
        where it cannot be reached, or not for long enough.
        """
        if not is_safe(self._url):
            raise LockError(
                f"{self._locked.filename} would come from an address that is not https", hint="lock again"
            )
        content = self._fetched()
        if self._resumed and not self._is_good(content):
            # The parts may be of two files; then one answer alone tells.
            self._arrival.discard()
            content = self._fetched()
        if not self._is_good(content):
            raise unproven(self._locked, content, from_host=self._host)
        return content

    def _is_good(self, content: bytes) -> bool:
        algorithm = leading(self._locked.hashes)
        return digest_of(content, algorithm) == self._locked.hashes[algorithm]

    def _fetched(self) -> bytes:
        """Return all bytes, after as many attempts as ``Patience`` allows."""
        self._resumed = False
        failures, pause = 0, self._patience.pause
        for _ in range(self._patience.attempts_in_all):
            before = self._arrival.size
            try:
                self._attempt()
            except DroppedError as dropped:
                reason = dropped
            else:
                return self._arrival.content()
            if self._arrival.size - before >= min(self._patience.window_bytes, CHUNK_SIZE):
                failures, pause = 0, self._patience.pause
            failures += 1
            if failures >= self._patience.attempts or (reason.wait or 0.0) > self._patience.longest_pause:
                break
            self._rest(max(pause * random.uniform(0.8, 1.2), reason.wait or 0.0))  # noqa: S311 - spreads clients
            pause = min(2 * pause, self._patience.longest_pause)
        raise LocalError(
            f"cannot download {self._locked.filename} from {self._host}: {reason}",
            hint="check the network and HTTPS_PROXY, then run again; wheels that came whole are kept in the cache",
            host=self._host,
        )

    def _rest(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise StoppedError

    def _attempt(self) -> None:
        """Ask once, from where the last answer stopped; raises ``DroppedError`` where it is worth asking again."""
        headers = {}
        if self._arrival.size:
            headers["Range"] = f"bytes={self._arrival.size}-"
            if self._arrival.validator:
                headers["If-Range"] = self._arrival.validator
        try:
            answer = self._connections.get(self._url, headers)
            try:
                self._accept(answer)
                self._receive(answer)
            finally:
                answer.close()
        except MisledError as error:
            raise LockError(
                f"{self._host} does not hand out {self._locked.filename}: {error}", hint="check the lock's URL"
            ) from None
        except SSLError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise untrusted(self._locked, self._host) from None
            raise DroppedError("the encrypted connection broke") from None
        except HTTPError as error:
            raise DroppedError(in_our_words(error)) from None

    def _accept(self, answer: "BaseHTTPResponse") -> None:
        """Decide by status and headers whether, and from where, the body is the wheel's."""
        if answer.status == PARTIAL and begins_at(answer) == self._arrival.size:
            self._resumed = self._resumed or self._arrival.size > 0
        elif answer.status in {PARTIAL, UNSATISFIABLE}:
            self._arrival.discard()
            raise DroppedError("it answers with another part than was asked for")
        elif answer.status == OK:
            self._arrival.discard()
            self._resumed = False
            length = answer.headers.get("Content-Length", "")
            if self._locked.size is not None and length.isdecimal() and int(length) != self._locked.size:
                raise other_bytes(
                    self._locked, f"{self._host} has {int(length):,} bytes, the lock says {self._locked.size:,}"
                )
        else:
            raise refusal(answer, self._locked, self._host)
        tag = answer.headers.get("ETag", "")
        strong = tag if tag.startswith('"') else None
        self._arrival.validator = strong or answer.headers.get("Last-Modified")

    def _receive(self, answer: "BaseHTTPResponse") -> None:
        """Take the body; raises ``DroppedError`` where it ends early, or comes too slowly."""
        began, came = time.monotonic(), 0
        while chunk := answer.read1(CHUNK_SIZE):
            if self._stop.is_set():
                raise StoppedError
            self._arrival.take(chunk)
            came += len(chunk)
            now = time.monotonic()
            if now - began > self._patience.window:
                if came < self._patience.window_bytes:
                    raise DroppedError(f"only {came:,} bytes came in {now - began:.0f} seconds")
                began, came = now, 0
        if self._locked.size is not None and self._arrival.size < self._locked.size:
            raise DroppedError("the connection ended early")


def begins_at(answer: "BaseHTTPResponse") -> int | None:
    """Return where a part begins, in bytes (RFC 9110, section 14.4), or None where it does not say."""
    match = re.match(r"bytes (\d{1,18})-", answer.headers.get("Content-Range", ""))
    return int(match[1]) if match else None


def in_our_words(error: HTTPError) -> str:
    """Return the reason of urllib3's error without its text, which may hold the URL."""
    if isinstance(error, ProxyError):
        return "the proxy does not let us through"
    if isinstance(error, NameResolutionError):
        return "its name is not known here"
    if isinstance(error, NewConnectionError):
        return "it takes no connection"
    if isinstance(error, TimedOutError):
        return "it does not answer in time"
    return "the connection broke"


def refusal(answer: "BaseHTTPResponse", locked: LockedWheel, server: str) -> LockError | DroppedError:
    """Return what an answer that is not the wheel means."""
    status = answer.status
    if status >= SERVER_ERROR or status in PASSING:
        wait = retry_after(answer)
        asked = "" if wait is None else f", come back in {wait:.0f} s"
        return DroppedError(f"it answers with the HTTP status {status}{asked}", wait=wait)
    hints = {
        401: f"give credentials for {server} in ~/.netrc (machine, login, password), or in the lock's URL",
        403: f"check the credentials for {server} in ~/.netrc or in the lock's URL",
        404: "the file is not there any more: lock again, or name a folder that has it with --wheels",
        407: "the proxy wants credentials: HTTPS_PROXY=http://user:password@host:port",
    }
    return LockError(
        f"{server} does not hand out {locked.filename} ({locked.name} {locked.version}): HTTP status {status}",
        hint=hints.get(status, "lock again, or name a folder that has the wheel with --wheels"),
        host=server,
        status=status,
    )


def retry_after(answer: "BaseHTTPResponse") -> float | None:
    """Return the seconds that the server asks for (RFC 9110, section 10.2.3), or None."""
    try:
        return Retry().get_retry_after(answer)
    except (InvalidHeader, OverflowError):
        return None


def untrusted(locked: LockedWheel, server: str) -> LocalError:
    """Return the error for a server that cannot prove who it is."""
    return LocalError(
        f"cannot download {locked.filename}: nobody that is trusted here vouches for {server} (its certificate)",
        hint="where a proxy of your network opens TLS, name its certificates with SSL_CERT_FILE",
        host=server,
    )


def other_bytes(locked: LockedWheel, what: str) -> WheelError:
    """Return the error for an answer that cannot be the wheel."""
    return WheelError(
        f"what was downloaded is not the locked {locked.filename}: {what}",
        hint="the index, or a proxy in between, has another file under this address; check it, then lock again",
    )


def unproven(locked: LockedWheel, content: bytes, *, from_host: str) -> WheelError:
    """Return the error for bytes with another hash."""
    algorithm = leading(locked.hashes)
    if not content.startswith(b"PK"):
        return other_bytes(locked, f"{from_host} sent {len(content):,} bytes that are no zip at all")
    found = digest_of(content, algorithm)
    return other_bytes(locked, f"{from_host} sent {algorithm}:{found}, the lock says {algorithm}:{locked.hashes[algorithm]}")
