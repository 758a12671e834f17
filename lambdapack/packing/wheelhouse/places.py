"""Where else on this machine a wheel may be: folders, the lock's own path, pip's cache.

What a user names (a folder of ``--wheels``, a path in the lock) must hold what the lock says: a file of the wheel's
name with another hash is an error, for silently taking the right one from elsewhere would hide a wrong folder. What
lies in pip's cache is taken where it fits and passed by where it does not.

pip keeps the response to a URL in ``http-v2/a/b/c/d/e/<digest>`` and its body beside it, in ``<digest>.body``; the
digest is the SHA-224 of the URL, without credentials, and its first five digits name the directories (pip 23.3 and
later: ``pip/_internal/network/cache.py``, ``SafeFileCache``; ``cachecontrol/controller.py``, ``_urlnorm``). What lies
there counts for its hash alone, so that pip's rules for freshness are none of ours.

uv's cache holds no wheel whole: uv unpacks what it downloads and keeps no ``.whl`` of it; the compressed streams, and
with them the hash that a lock names, are gone. Only wheels that uv built itself lie there, and those are in no lock.
"""

import os
import re
import stat
import sys
import threading
from collections.abc import Mapping, Sequence
from hashlib import sha224
from pathlib import Path
from urllib.parse import urlsplit

from lambdapack.disk.caches import user_cache_directory
from lambdapack.disk.reading import is_machines, mode_of, read_error, read_whole
from lambdapack.errors import LocalError, LockError, UsageError, WheelError
from lambdapack.packing.locks.hashes import digest_of, is_known_by, leading
from lambdapack.packing.locks.selection import LockedWheel

SUFFIX = ".whl"


class Folder:
    """A folder of wheels; listed once, and only when a wheel does not lie in it under its own name."""

    def __init__(self, path: Path) -> None:
        """Raise ``UsageError`` where there is no such folder."""
        if not stat.S_ISDIR(mode_of(path)):
            raise UsageError(f"--wheels {path}: there is no such directory", hint="name a directory that holds wheels")
        self.path = path
        self._lock = threading.Lock()
        self._sizes: dict[str, int] | None = None

    def find(self, locked: LockedWheel) -> bytes | None:
        """Return the wheel, or None; raises ``WheelError`` where another file has its name."""
        content = _read_named(self.path / locked.filename, locked)
        if content is not None:
            return content
        for name, size in self._listing().items():
            # Without a size only the project's own files are read: a folder may hold gigabytes.
            fits = size == locked.size if locked.size is not None else project(name) == locked.name
            content = read(self.path / name) if fits else None
            if content is not None and is_known_by(content, locked.hashes):
                return content
        return None

    def _listing(self) -> Mapping[str, int]:
        with self._lock:
            if self._sizes is None:
                try:
                    with os.scandir(self.path) as entries:
                        found = {entry.name: entry.stat().st_size for entry in entries if _is_wheel(entry)}
                except OSError as error:
                    raise _unreadable(self.path, error) from error
                self._sizes = dict(sorted(found.items()))
            return self._sizes


def _is_wheel(entry: "os.DirEntry[str]") -> bool:
    return entry.name.endswith(SUFFIX) and entry.is_file()


def project(filename: str) -> str:
    """Return the normalised name that a wheel's file name begins with (packaging.python.org, "Names …")."""
    return re.sub(r"[-_.]+", "-", filename.partition("-")[0]).lower()


def find(locked: LockedWheel, folders: Sequence[Folder]) -> bytes | None:
    """Return the wheel from the folders, or from the lock's path, its leading hash proven, or None.

    Raises ``WheelError`` for a file of its name that is another one, ``LockError`` where the lock's path is the only
    place and holds nothing, ``LocalError`` where a file cannot be read.
    """
    for folder in folders:
        content = folder.find(locked)
        if content is not None:
            return content
    if locked.path is None:
        return None
    content = _read_named(Path(locked.path), locked)
    if content is None and not locked.url:
        raise LockError(
            f"the lock takes {locked.filename} from {locked.path}, and there is no such file",
            hint="put it there, or name a folder that has it with --wheels",
            path=locked.path,
        )
    return content


def find_in_pip_cache(locked: LockedWheel, environ: Mapping[str, str]) -> bytes | None:
    """Return the wheel from pip's cache, its leading hash proven, or None."""
    directory = pip_directory(environ)
    if directory is None or not locked.url:
        return None
    try:
        content = read(pip_body(directory, locked.url))
    except LocalError:
        return None
    return content if content is not None and is_known_by(content, locked.hashes) else None


def pip_directory(environ: Mapping[str, str]) -> Path | None:
    """Return pip's cache directory, or None where this user has none ("pip cache", pip.pypa.io)."""
    if given := environ.get("PIP_CACHE_DIR"):
        return Path(given)
    caches = user_cache_directory(environ)
    return None if caches is None else caches.joinpath("pip", *(["Cache"] if sys.platform == "win32" else []))


def pip_body(directory: Path, url: str) -> Path:
    """Return where pip keeps what ``url`` answered."""
    parts = urlsplit(url)
    address = f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2].lower()}{parts.path or '/'}"
    if parts.query:
        address += f"?{parts.query}"
    digest = sha224(address.encode(), usedforsecurity=False).hexdigest()
    return directory.joinpath("http-v2", *digest[:5], f"{digest}.body")


def _read_named(path: Path, locked: LockedWheel) -> bytes | None:
    content = read(path)
    if content is None:
        return None
    algorithm = leading(locked.hashes)
    found, wanted = digest_of(content, algorithm), locked.hashes[algorithm]
    if found != wanted:
        raise WheelError(
            f"{path} is not the locked wheel: it has {algorithm}:{found}, the lock says {algorithm}:{wanted}",
            hint="remove the file or download it again; if it is the one that you want, lock again",
            path=str(path),
        )
    return content


def read(path: Path) -> bytes | None:
    """Return what a regular file holds, or None where there is none; raises ``LocalError``."""
    try:
        return read_whole(path)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> LocalError:
    if is_machines(error):
        return read_error(path, error)
    return LocalError(
        f"cannot read {path}: {error.strerror or error}", hint="check the file and its permissions", path=str(path)
    )
