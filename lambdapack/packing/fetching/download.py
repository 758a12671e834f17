"""One wheel from the URL of its lock: resumed and retried, never more bytes than expected, proven by its hash.

::

    GET ─► 200, 206 ─► Arrival, chunk by chunk ─► hash ─► bytes
      ▲        408, 425, 429, 5xx, a timeout, a drop, too slow: again, from where it stopped
      └────────────────────────────────────────┘

What was received is kept in memory for the next attempt of this run, and for no other run: a wheel of Lambda's size
costs seconds, and a file that is half done would have to be swept.

Rules for this file
- A URL may hold credentials: messages name the host and the file.
- Nothing but the hash says that it is the wheel: not the status, not the length, not the type.
"""

import io
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from lambdapack import waiting
from lambdapack.addresses import is_safe
from lambdapack.errors import LocalError, LockError
from lambdapack.packing.fetching import failures
from lambdapack.packing.fetching.connections import Answer, Connections
from lambdapack.packing.fetching.credentials import host
from lambdapack.packing.fetching.failures import DroppedError, MisledError, UntrustedError
from lambdapack.packing.fetching.patience import Patience
from lambdapack.packing.locks.hashes import is_known_by
from lambdapack.packing.locks.selection import LockedWheel
from lambdapack.quotas import UNZIPPED_LIMIT

CHUNK_SIZE = 1 << 16

OK, PARTIAL, UNSATISFIABLE = 200, 206, 416
"""Statuses (RFC 9110, section 15)."""


class StoppedError(Exception):
    """The run, or the attempt, has ended meanwhile; nobody reads this."""


class _Arrival:
    """What has come of one wheel; it takes from the latest attempt alone, and from no thread that was left behind."""

    def __init__(self, locked: LockedWheel, arrived: Callable[[int], None]) -> None:
        self._locked = locked
        self._arrived = arrived
        self._content = io.BytesIO()
        self._changing = threading.RLock()
        self._attempt = 0
        self.size = 0
        self.validator: str | None = None
        """What If-Range may hold: a strong ETag, or a date (RFC 9110, section 13.1.5)."""
        self.resumed = False
        """Whether the bytes are of more than one answer."""
        self.lately = 0
        """Bytes that came since somebody looked."""

    def begin(self) -> int:
        """Return the number of a new attempt; the one before is over."""
        with self._changing:
            self._attempt += 1
            self.lately = 0
            return self._attempt

    @contextmanager
    def of(self, attempt: int) -> Iterator[None]:
        """Change what has come, undisturbed; raises ``StoppedError`` where the attempt is over."""
        with self._changing:
            if attempt != self._attempt:
                raise StoppedError
            yield

    def take(self, chunk: bytes) -> None:
        """Keep a chunk; raises ``WheelError`` or ``CheckError`` where there are more bytes than expected."""
        expected = self._locked.size
        if self.size + len(chunk) > (UNZIPPED_LIMIT if expected is None else expected):
            if expected is None:
                raise failures.too_large(self._locked)
            raise failures.other_bytes(self._locked, f"it has more than the {expected:,} bytes that the lock says")
        self._content.write(chunk)
        self.size += len(chunk)
        self.lately += len(chunk)
        self._arrived(len(chunk))

    def discard(self) -> None:
        """Begin anew; the count of what arrived goes back too."""
        self._arrived(-self.size)
        self._content, self.size, self.validator, self.resumed = io.BytesIO(), 0, None, False

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
        self._arrival = _Arrival(locked, arrived)

    def run(self) -> bytes:
        """Return the wheel, proven by its leading hash.

        Raises ``LockError`` where the server does not hand it out, ``WheelError`` for other bytes, ``LocalError``
        where it cannot be reached, or not for long enough, ``CheckError`` for a wheel that no package has room for.
        """
        if not self._url:
            raise LockError(
                f"the lock says nowhere where {self._locked.filename} may be had",
                hint="lock again, or name a folder that has it with --wheels",
            )
        if not is_safe(self._url):
            raise LockError(f"{self._locked.filename} would come from an address that is not https", hint="lock again")
        # A wheel is compressed: one that is larger than all that Lambda unzips is not worth its download.
        if (self._locked.size or 0) > UNZIPPED_LIMIT:
            raise failures.too_large(self._locked)
        content = self._fetch()
        if self._arrival.resumed and not is_known_by(content, self._locked.hashes):
            # The parts may be of two files; then one answer alone tells.
            self._arrival.discard()
            content = self._fetch()
        if not is_known_by(content, self._locked.hashes):
            raise failures.unproven(self._locked, content, from_host=self._host)
        return content

    def _fetch(self) -> bytes:
        failed, pause = 0, self._patience.pause
        for _ in range(self._patience.attempts_in_all):
            before = self._arrival.size
            try:
                self._attempt()
            except DroppedError as dropped:
                reason = dropped
            else:
                return self._arrival.content()
            if self._arrival.size - before >= min(self._patience.window_bytes, CHUNK_SIZE):
                failed, pause = 0, self._patience.pause
            failed += 1
            if failed >= self._patience.attempts or (reason.wait or 0.0) > self._patience.longest_pause:
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
        came = 0

        def goes_on() -> bool:
            """Return whether enough came since it was asked last."""
            nonlocal came
            came, self._arrival.lately = self._arrival.lately, 0
            return came >= self._patience.window_bytes

        attempt = self._arrival.begin()
        ask = partial(self._ask, attempt, self._arrival.size)
        try:
            waiting.call(ask, seconds=self._patience.window, name=self._host, goes_on=goes_on)
        except waiting.TimeUpError:
            self._arrival.begin()
            raise DroppedError(
                f"only {came:,} bytes came in {self._patience.window:.0f} seconds"
                if came
                else "it does not answer in time"
            ) from None
        except MisledError as error:
            raise LockError(
                f"{self._host} does not hand out {self._locked.filename}: {error}", hint="check the lock's URL"
            ) from None
        except UntrustedError:
            raise failures.no_trust(self._locked, self._host) from None

    def _ask(self, attempt: int, begin: int) -> None:
        headers = {}
        if begin:
            headers["Range"] = f"bytes={begin}-"
            if self._arrival.validator:
                headers["If-Range"] = self._arrival.validator
        with self._connections.ask(self._url, headers) as answer:
            with self._arrival.of(attempt):
                self._accept(answer)
            self._receive(answer, attempt)

    def _accept(self, answer: Answer) -> None:
        """Decide by status and headers whether, and from where, the body is the wheel's."""
        if answer.status == PARTIAL and failures.begins_at(answer) == self._arrival.size:
            self._arrival.resumed = self._arrival.resumed or self._arrival.size > 0
        elif answer.status in {PARTIAL, UNSATISFIABLE}:
            self._arrival.discard()
            raise DroppedError("it answers with another part than was asked for")
        elif answer.status == OK:
            self._arrival.discard()
            length = failures.length_of(answer)
            if self._locked.size is not None and length is not None and length != self._locked.size:
                raise failures.other_bytes(
                    self._locked, f"{self._host} has {length:,} bytes, the lock says {self._locked.size:,}"
                )
        else:
            raise failures.refusal(answer, self._locked, self._host)
        tag = answer.header("ETag")
        strong = tag if tag.startswith('"') else None
        self._arrival.validator = strong or answer.header("Last-Modified") or None

    def _receive(self, answer: Answer, attempt: int) -> None:
        while chunk := answer.read(CHUNK_SIZE):
            if self._stop.is_set():
                raise StoppedError
            with self._arrival.of(attempt):
                self._arrival.take(chunk)
        if self._locked.size is not None and self._arrival.size < self._locked.size:
            raise DroppedError("the connection ended early")
