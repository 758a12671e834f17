"""Where a lock says that a wheel may be had, and the hashes that it is known by: the rules for both.

Rules for this file
- A URL is https, or http to this machine; ``file:`` is another way to write a path.
- No message quotes a URL: it may hold credentials.
"""

import os
import re
import sys
from collections.abc import Mapping
from urllib.parse import SplitResult, unquote, urlsplit

from lambdapack.addresses import is_safe
from lambdapack.errors import LockError
from lambdapack.masking import is_cut
from lambdapack.packing.locks.hashes import STRONG

FILENAME = re.compile(r"[A-Za-z0-9_.+!-]{1,251}\.whl")
"""What a wheel's file name is made of ("Binary distribution format", Escaping and Unicode), in 255 bytes."""

HEXADECIMAL = frozenset("0123456789abcdef")


def check_hashes(given: Mapping[str, object], *, what: str) -> dict[str, str]:
    """Return those hashes that prove a wheel, in lower case.

    Others (md5, sha1, what no hashlib knows) are left out: they add nothing. Raises ``LockError`` where
    none is left, or where one has not the form of its algorithm; ``what`` names the wheel.
    """
    found = {}
    for algorithm, length in STRONG.items():
        if algorithm not in given:
            continue
        digest = str(given[algorithm]).lower()
        if len(digest) != length or not HEXADECIMAL.issuperset(digest):
            raise LockError(
                f"{what} has a {algorithm} that is not {length} hexadecimal digits",
                hint="make the lock anew; nobody writes such a hash by hand",
            )
        found[algorithm] = digest
    if not found:
        raise LockError(
            f"{what} has no hash that proves it, only {', '.join(sorted(given)) or 'none'}",
            hint="make a lock with sha256 hashes: lambdapack lock, or uv without --no-hashes",
        )
    return found


def check_url(given: str, *, what: str) -> SplitResult:
    """Return the parts of a URL that a wheel may be downloaded from, or of a ``file:`` URL.

    Raises ``LockError`` for another scheme, no host, plain http to another machine, or a password that ends the host.
    """
    if is_cut(given):
        raise LockError(
            f"{what} has a URL with a / ? or # in its password",
            hint="percent-encode them in the index's URL, %2F %3F %23, and make the lock anew",
        )
    try:
        # urlsplit drops what cannot be in a URL; a request would not.
        parts = urlsplit(given) if given.isprintable() and " " not in given else SplitResult("", "", "", "", "")
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = SplitResult("", "", "", "", ""), ""
    if (parts.scheme == "file" and host in ("", "localhost")) or is_safe(parts):
        return parts
    raise LockError(
        f"{what} has a URL that is not https",
        hint="a wheel comes by https, by http from this machine, or from a path; make the lock with such an index",
    )


def holds_credentials(url: str) -> bool:
    """Return whether a URL may let somebody in who is not meant to: user and password, or a query (signed URLs)."""
    parts = urlsplit(url)
    return "@" in parts.netloc or bool(parts.query)


def check_path(given: str, *, directory: str, what: str) -> str:
    """Return the path of a wheel from ``directory``, the lock's; raises ``LockError`` for another system's."""
    if "\0" in given or (sys.platform != "win32" and "\\" in given):
        raise LockError(
            f"{what} has a path of another operating system: {given}",
            hint="make the lock anew on this machine, or write the path with / and relative to the lock",
        )
    return os.path.join(directory, given)  # noqa: PTH118 - the user's words, which Path would tidy up


def path_of(parts: SplitResult) -> str:
    """Return the path that a ``file:`` URL names (RFC 8089)."""
    from urllib.request import url2pathname  # noqa: PLC0415 - a heavy import for a rare URL

    return url2pathname(parts.path) if sys.platform == "win32" else unquote(parts.path)
