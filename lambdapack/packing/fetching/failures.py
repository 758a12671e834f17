"""What it means that a wheel was not handed out: which answers may be better next time, and which are final.

Rules for this file
- A URL may hold credentials: messages name the host and the file, and quote neither urllib3 nor the server.
"""

import email.utils
import re
import time
from typing import Protocol

from lambdapack.errors import CheckError, LocalError, LockError, WheelError
from lambdapack.packing.locks.hashes import digest_of, leading
from lambdapack.packing.locks.selection import LockedWheel
from lambdapack.quotas import UNZIPPED_LIMIT

PASSING = frozenset({408, 425, 429})
"""Statuses below 500 that may be gone at the next attempt."""

SERVER_ERROR = 500

HEADER_SHOWN = 100
"""Characters of a date or a number that are looked at: the longest date has 33 (RFC 9110, section 5.6.7)."""

DAY = 86_400.0
"""Seconds; of a server that asks for more, how many makes no difference."""


class Answer(Protocol):
    """What these rules read of an answer."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    def header(self, name: str) -> str:
        """Return a header, or "" where it is not there."""


class DroppedError(Exception):
    """An attempt that failed in a way that may pass; its text ends a sentence."""

    def __init__(self, reason: str, *, wait: float | None = None) -> None:
        """Keep the reason, and the seconds that the server asked for."""
        super().__init__(reason)
        self.wait = wait


class MisledError(Exception):
    """A redirect that is not followed; its text ends a sentence."""


class UntrustedError(Exception):
    """A server that cannot prove who it is."""


def begins_at(answer: Answer) -> int | None:
    """Return where a part begins, in bytes (RFC 9110, section 14.4), or None where it does not say."""
    match = re.match(r"bytes (\d{1,18})-", answer.header("Content-Range"))
    return int(match[1]) if match else None


def length_of(answer: Answer) -> int | None:
    """Return the bytes of the body (RFC 9110, section 8.6), or None where it does not say, or says nonsense."""
    match = re.fullmatch(r"\d{1,18}", answer.header("Content-Length").strip(), re.ASCII)
    return int(match[0]) if match else None


def refusal(answer: Answer, locked: LockedWheel, server: str) -> LockError | DroppedError:
    """Return what an answer that is not the wheel means."""
    status = answer.status
    if status >= SERVER_ERROR or status in PASSING:
        wait = retry_after(answer)
        asked = "" if wait is None else f", come back in {wait:.0f} s" if wait < DAY else ", come back another day"
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


def retry_after(answer: Answer) -> float | None:
    """Return the seconds that the server asks for, as such or as a date (RFC 9110, section 10.2.3), or None."""
    asked = answer.header("Retry-After").strip()[:HEADER_SHOWN]
    if asked.isdecimal():
        return float(asked[:9])
    try:
        date = email.utils.parsedate_tz(asked)
        return None if date is None else max(0.0, email.utils.mktime_tz(date) - time.time())
    except (ValueError, OverflowError, TypeError, IndexError):  # the year 99999, a month of 0: no calendar has them
        return None


def too_large(locked: LockedWheel) -> CheckError:
    """Return the error for a wheel that is of no use, however few of its files are wanted."""
    size = f"{locked.size:,} bytes" if locked.size else "more bytes"
    return CheckError(
        f"{locked.filename} has {size}, and a package may have {UNZIPPED_LIMIT:,} unzipped",
        hint="leave the package out of the lock, or lock a smaller build of it; a container image may be larger",
    )


def no_trust(locked: LockedWheel, server: str) -> LocalError:
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
    return other_bytes(
        locked, f"{from_host} sent {algorithm}:{found}, the lock says {algorithm}:{locked.hashes[algorithm]}"
    )
