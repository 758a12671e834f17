"""Who asks an index for a file: credentials from the URL or from netrc, which nobody may see.

Rules for this file
- A secret leaves as the value of an Authorization header, and in no other way: no message, no ``repr``.
- An address that is shown is a host. Paths and queries hold tokens at some indexes.
"""

import base64
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from lambdapack import waiting
from lambdapack.disk.reading import is_file, reading
from lambdapack.masking import MASK, may_be_cut

if TYPE_CHECKING:
    from netrc import netrc as Netrc  # noqa: N812 - the class is called like its module


class Credentials:
    """What this user has for the hosts of a lock."""

    def __init__(self, environ: Mapping[str, str], *, tell: Callable[[str], None]) -> None:
        """Read the netrc file that NETRC names, or the one in the home directory; a broken one is told and not used.

        Raises ``LocalError`` where the machine fails: without its credentials an index would refuse what is there.
        """
        self._netrc: Netrc | None = None
        path = netrc_path(environ)
        if path is None:
            return
        import netrc  # noqa: PLC0415 - few have such a file

        try:
            with reading(path):
                self._netrc = waiting.call(lambda: netrc.netrc(path), seconds=waiting.SETTINGS_TIME, name="netrc")
        except waiting.TimeUpError:
            tell(f"{path} is not used: it could not be read within {waiting.SETTINGS_TIME:g} s")
        except OSError as error:
            tell(f"{path} is not used: {error.strerror}")
        # Python's own parser lets other errors of its parts through, too (IndexError, RecursionError).
        except (netrc.NetrcParseError, ValueError, LookupError, TypeError, RecursionError) as error:
            # Its text may quote a password.
            line = f", line {error.lineno}" if isinstance(error, netrc.NetrcParseError) else ""
            tell(f"{path} is not used: it cannot be understood{line}")

    def authorization(self, url: str) -> str | None:
        """Return the header for ``url`` (RFC 7617), or None: what the URL says, else what netrc says of its host."""
        parts = urlsplit(url)
        user = None if parts.username is None else unquote(parts.username)
        password = None if parts.password is None else unquote(parts.password)
        if password is None:
            entry = self._netrc.authenticators(parts.hostname or "") if self._netrc else None
            if entry is not None and user in (None, entry[0]):
                user, password = entry[0], entry[2] or ""
        if user is None:
            return None
        return "Basic " + base64.b64encode(f"{user}:{password or ''}".encode()).decode("ascii")


def netrc_path(environ: Mapping[str, str]) -> str | None:
    """Return where the netrc file is, or None."""
    if environ.get("NETRC"):
        return environ["NETRC"]
    home = environ.get("USERPROFILE" if sys.platform == "win32" else "HOME", "")
    names = ("_netrc", ".netrc") if sys.platform == "win32" else (".netrc",)
    places = [os.path.join(home, name) for name in names]  # noqa: PTH118 - a home may be missing, and "" is no Path
    return next((place for place in places if home and is_file(place)), None)


def public(url: str) -> str:
    """Return the URL without credentials and fragment: what is asked for."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()


def host(url: str) -> str:
    """Return all of a URL that may be shown: its host, and its port where it names one; "" where it cannot be read."""
    if may_be_cut(url):  # the host may be the beginning of a password
        return MASK
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def origin(parts: SplitResult) -> tuple[str, str, int]:
    """Return what two URLs must share to be one server (RFC 6454, section 4)."""
    return parts.scheme, parts.hostname or "", parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
