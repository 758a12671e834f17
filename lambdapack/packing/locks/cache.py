"""What a lock gave before, so that a build whose lock has not changed need not parse it.

The key is a hash of all that decides a selection, the entry its values as JSON. Reading is strict: an
entry that is not exactly what ``store`` writes counts as missing.

Rules for this file
- Nothing that may hold credentials is kept.
- Neither ``tomllib`` nor ``packaging`` is needed here: to do without them is what this file is for.
"""

import hashlib
import json
import os
from typing import Protocol

from lambdapack.errors import LockError
from lambdapack.packing.locks import location
from lambdapack.packing.locks.request import Request
from lambdapack.packing.locks.selection import LockedWheel, Selection
from lambdapack.version import __version__

KIND = "selection"

FORMAT = 1
"""A change of what is kept, or of how it is selected within one release, is a new number."""


class SelectionCache(Protocol):
    """Where selections are kept: what ``get`` returns is what ``put`` was given, whole, or None."""

    def get(self, kind: str, key: str, /) -> bytes | None:
        """Return what is kept under that key, if anything."""

    def put(self, kind: str, key: str, content: bytes, /) -> None:
        """Keep ``content``; where that fails nothing is kept."""


def key_of(content: bytes, request: Request) -> str:
    """Return the key of a selection: the SHA-256, in hexadecimal digits, of all that decides it."""
    decides = {
        "format": FORMAT,
        "lambdapack": __version__,
        "runtime": request.target.runtime,
        "architecture": request.target.architecture,
        "groups": request.groups,
        "extras": request.extras,
        # Paths in the lock are relative to it.
        "directory": os.path.dirname(request.lock),  # noqa: PTH120 - the user's words, which Path would tidy up
        "lock": hashlib.sha256(content).hexdigest(),
    }
    return hashlib.sha256(json.dumps(decides).encode("ascii")).hexdigest()


def store(cache: SelectionCache, key: str, selection: Selection) -> None:
    """Keep a selection, unless one of its URLs may hold credentials."""
    if any(wheel.url and location.holds_credentials(wheel.url) for wheel in selection.wheels):
        return
    cache.put(KIND, key, json.dumps(to_document(selection)).encode("ascii"))


def load(cache: SelectionCache, key: str, *, lock: str) -> Selection | None:
    """Return the selection that is kept under ``key``, or None where there is none that can be trusted."""
    content = cache.get(KIND, key)
    if content is None:
        return None
    try:
        return Selection(lock=lock, wheels=tuple(map(_wheel_from, _a_list(json.loads(content)))))
    except (ValueError, RecursionError, LockError):
        return None


def to_document(selection: Selection) -> list[list[object]]:
    """Return a selection as JSON values: for each wheel its fields, in their order."""
    return [
        [wheel.name, wheel.version, wheel.filename, dict(wheel.hashes), wheel.size, wheel.url, wheel.path]
        for wheel in selection.wheels
    ]


def _wheel_from(document: object) -> LockedWheel:
    name, version, filename, hashes, size, url, path = _a_list(document)
    if not (isinstance(name, str) and isinstance(version, str) and isinstance(filename, str) and name and version):
        raise ValueError
    if not location.FILENAME.fullmatch(filename) or not isinstance(hashes, dict):
        raise ValueError
    if not (size is None or (type(size) is int and size > 0)) or not isinstance(path, str | None):
        raise ValueError
    if not isinstance(url, str | None) or (url and location.holds_credentials(url)):
        raise ValueError
    if url and location.check_url(url, what=filename).scheme == "file":
        raise ValueError
    if location.check_hashes(hashes, what=filename) != hashes:
        raise ValueError
    return LockedWheel(name=name, version=version, filename=filename, hashes=hashes, size=size, url=url, path=path)


def _a_list(document: object) -> list[object]:
    if not isinstance(document, list):
        raise ValueError  # noqa: TRY004 - to the reader of an entry every flaw is the same
    return document
