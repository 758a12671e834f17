"""Whole wheels that pip holds: the bodies of the responses in its HTTP cache.

pip keeps the response to a URL in ``http-v2/a/b/c/d/e/<digest>`` and its body beside it, in ``<digest>.body``; the
digest is the SHA-224 of the URL, without credentials, and its first five digits name the directories (pip 23.3 and
later: ``pip/_internal/network/cache.py``, ``SafeFileCache``; ``cachecontrol/controller.py``, ``_urlnorm``). What lies
there counts for its hash alone, so that pip's rules for freshness are none of ours.

uv's cache holds no wheel whole: uv unpacks what it downloads into ``archive-v0`` and keeps no ``.whl`` of it; the
compressed streams, and with them the hash that a lock names, are gone. Only wheels that uv built itself lie there, and
those are in no lock.
"""

import os
import sys
from collections.abc import Mapping
from hashlib import sha224
from pathlib import Path
from urllib.parse import urlsplit


def default_directory(environ: Mapping[str, str]) -> Path | None:
    """Return pip's cache directory, or None where this user has none ("pip cache", pip.pypa.io)."""
    given = environ.get("PIP_CACHE_DIR", "")
    if given:
        return Path(given)
    home = environ.get("HOME", "")
    if sys.platform == "win32":
        local = environ.get("LOCALAPPDATA", "")
        return Path(local, "pip", "Cache") if local else None
    if sys.platform == "darwin":
        return Path(home, "Library", "Caches", "pip") if home else None
    place = environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(place):  # noqa: PTH117 - "" is no Path
        return Path(place, "pip")
    return Path(home, ".cache", "pip") if home else None


def body(directory: Path, url: str) -> Path:
    """Return where pip keeps what ``url`` answered."""
    parts = urlsplit(url)
    address = f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2].lower()}{parts.path or '/'}"
    if parts.query:
        address += f"?{parts.query}"
    digest = sha224(address.encode(), usedforsecurity=False).hexdigest()
    return directory.joinpath("http-v2", *digest[:5], f"{digest}.body")
