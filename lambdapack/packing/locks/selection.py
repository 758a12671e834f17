"""What a lock says for one target: which wheels, with which bytes, and where they may be had."""

from collections.abc import Mapping
from typing import NamedTuple


class LockedWheel(NamedTuple):
    """One wheel, as the lock names it."""

    name: str
    """The project's normalised name (packaging.python.org, "Names and normalization")."""
    version: str
    """As in the file name, normalised (PEP 440)."""
    filename: str
    hashes: Mapping[str, str]
    """Hexadecimal digests, in lower case, under hashlib's names; at least one is SHA-256 or stronger."""
    size: int | None = None
    """Bytes, where the lock says so."""
    url: str | None = None
    """https, or http to this machine; may hold credentials, which nobody may see."""
    path: str | None = None
    """A file on this machine, instead of or beside the URL; relative to the current directory or absolute."""

    def __repr__(self) -> str:
        """Return which wheel it is: the URL may hold credentials."""
        return f"LockedWheel({self.filename!r})"


class Selection(NamedTuple):
    """What the lock selects for one target, in the order of the lock."""

    lock: str
    """The lock's path in the user's words."""
    wheels: tuple[LockedWheel, ...]
