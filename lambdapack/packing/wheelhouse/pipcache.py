"""Whole wheels that pip holds: the bodies of the responses in its HTTP cache.

pip keeps the response to a URL in ``http-v2/a/b/c/d/e/<digest>`` and its body beside it, in ``<digest>.body``; the
digest is the SHA-224 of the URL, without credentials, and its first five digits name the directories (pip 23.3 and
later: ``pip/_internal/network/cache.py``, ``SafeFileCache``; ``cachecontrol/controller.py``, ``_urlnorm``). What lies
there counts for its hash alone, so that pip's rules for freshness are none of ours.

uv's cache holds no wheel whole: uv unpacks what it downloads into ``archive-v0`` and keeps no ``.whl`` of it; the
compressed streams, and with them the hash that a lock names, are gone. Only wheels that uv built itself lie there, and
those are in no lock.
"""

import sys
from collections.abc import Mapping
from hashlib import sha224
from pathlib import Path
from urllib.parse import urlsplit

from lambdapack.disk.caches import user_cache_directory


def default_directory(environ: Mapping[str, str]) -> Path | None:
    """Return pip's cache directory, or None where this user has none ("pip cache", pip.pypa.io)."""
    if given := environ.get("PIP_CACHE_DIR"):
        return Path(given)
    caches = user_cache_directory(environ)
    return None if caches is None else caches.joinpath("pip", *(["Cache"] if sys.platform == "win32" else []))


def body(directory: Path, url: str) -> Path:
    """Return where pip keeps what ``url`` answered."""
    parts = urlsplit(url)
    address = f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2].lower()}{parts.path or '/'}"
    if parts.query:
        address += f"?{parts.query}"
    digest = sha224(address.encode(), usedforsecurity=False).hexdigest()
    return directory.joinpath("http-v2", *digest[:5], f"{digest}.body")
