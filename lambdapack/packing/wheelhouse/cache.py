"""What was downloaded or proven before: a directory of wheels and of small sealed documents.

::

    CACHEDIR.TAG                      tells backup programs to pass by
    wheels/<algorithm>-<hex digest>   a wheel, whole
    <kind>/<key>                      SHA-256 of kind, key and document, then the document

Rules for this file
- The cache is a convenience: nothing that is wrong with it fails a build. What cannot be read is a miss, what cannot
  be written is a warning, told once.
- Nothing that was read counts before its hash is proven, on every use. So an entry need not be durable: after a power
  cut it may be empty or torn, which is a miss, and writing 36 files costs no fsync.
- An entry is written beside its place and renamed while it is locked, so that parallel builds see it whole or not at
  all, and none sweeps what another one writes.
- Whoever may write into the directory could put an older proof into it; so it is the user's alone, or not used.
- Entries are never thrown away: a wheel that no lock names any more is removed by removing the directory.
"""

import contextlib
import os
import stat
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from lambdapack.disk.caches import user_cache_directory
from lambdapack.disk.reading import read_whole
from lambdapack.disk.temporary import create_file, sweep, temporary_beside
from lambdapack.disk.whole import Content, read_or_open
from lambdapack.packing.locks.hashes import leading, new_hash
from lambdapack.reporting import Tell
from lambdapack.shortage import shortage

NAME = "lambdapack"

WHEELS = "wheels"
"""The kind under which whole wheels are kept, without a seal: their name is their hash."""

TAG = b"Signature: 8a477f597d28d172789f06886806bc55\n# What lambdapack downloaded or proved; it may be removed.\n"
"""The content of CACHEDIR.TAG ("Cache Directory Tagging Specification", bford.info/cachedir)."""

SEAL_SIZE = 32
"""Bytes: a SHA-256."""

DOCUMENT_LIMIT = 64 << 20
"""Bytes; a larger file under a document's name is none of ours."""

WHEEL_LIMIT = 1 << 30
"""Bytes that are read of a wheel whose size the lock does not say."""

OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH

BLOCK_SIZE = 1 << 20
"""Bytes that are written at a time, so that a signal is heard between them."""

TEMPORARY = "."
"""How the name of an entry begins that is not yet whole; no entry's own name does."""

VARIABLE = "LAMBDAPACK_CACHE_DIR"
"""How a user names another directory for all commands; click's own names are for one command each."""


def default_directory(environ: Mapping[str, str]) -> Path | None:
    """Return the directory that ``VARIABLE`` names, else ours below the user's caches, or None."""
    if chosen := environ.get(VARIABLE):
        return Path(chosen)
    caches = user_cache_directory(environ)
    return None if caches is None else caches / NAME


def open_cache(directory: Path, *, tell: Tell) -> "Cache | None":
    """Return the cache in ``directory``, which need not be there yet, or None, told, where others may write into it."""
    reason = _distrust(directory)
    if reason is None:
        return Cache(directory, tell=tell)
    tell(f"the cache {directory} is not used: {reason}")
    return None


def _distrust(directory: Path) -> str | None:
    """Return why a cache there could hold what others put into it, or None where it could not."""
    try:
        own, target = directory.lstat(), directory.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        return error.strerror or "it cannot be read"
    if not stat.S_ISDIR(target.st_mode):
        return "it is no directory"
    return None if sys.platform == "win32" else _intruder(own, target)


def _intruder(*statuses: os.stat_result) -> str | None:
    """Return who else could have written what has these statuses: a directory, and the symlink that leads there."""
    # On Windows neither modes nor owners say it; there the user's profile protects what is in it.
    if any(status.st_uid != os.geteuid() for status in statuses):
        return "it belongs to another user"
    if any(status.st_mode & OTHERS_MAY_WRITE for status in statuses if not stat.S_ISLNK(status.st_mode)):
        return "others may write into it; chmod 700 makes it yours alone"
    return None


class Cache:
    """A directory that is only this user's; make one by ``open_cache``. Every method may be called from any thread."""

    def __init__(self, directory: Path, *, tell: Tell) -> None:
        self.directory = directory
        self._tell = tell
        self._swept: set[str] = set()
        self._writable = True

    def get(self, kind: str, key: str) -> bytes | None:
        """Return the document that was put under ``key``, or None; one whose seal is broken is told."""
        content = self._read(kind, key, limit=DOCUMENT_LIMIT)
        if content is None:
            return None
        document = content[SEAL_SIZE:]
        if len(content) < SEAL_SIZE or content[:SEAL_SIZE] != seal(kind, key, document):
            self._drop(kind, key)
            return None
        return document

    def put(self, kind: str, key: str, document: bytes) -> None:
        """Keep a document; where that fails, say so."""
        self._write(kind, key, seal(kind, key, document), document)

    def get_wheel(self, hashes: Mapping[str, str], *, size: int | None) -> Content | None:
        """Return the wheel with the leading one of ``hashes``, proven now, or None; a damaged one is told."""
        algorithm = leading(hashes)
        key = f"{algorithm}-{hashes[algorithm]}"
        digest = new_hash(algorithm)
        try:
            path = os.path.join(self.directory, WHEELS, key)  # noqa: PTH118 - a fifth of Path's time
            found = read_or_open(path, limit=WHEEL_LIMIT if size is None else size, take=digest.update)
        except OSError as error:
            _check_machine(error)
            return None
        if found is not None and digest.hexdigest() != hashes[algorithm]:
            self._drop(WHEELS, key)
            return None
        return found

    def put_wheel(self, hashes: Mapping[str, str], content: bytes) -> None:
        """Keep a wheel that was proven to have ``hashes``; where that fails, say so."""
        algorithm = leading(hashes)
        self._write(WHEELS, f"{algorithm}-{hashes[algorithm]}", content)

    def _drop(self, kind: str, key: str) -> None:
        """Remove a damaged entry; another run may have repaired it meanwhile, and will find it missing at worst."""
        self._tell(f"the cache entry {self.directory / kind / key} was damaged; it is not used and made again")
        with contextlib.suppress(OSError):
            (self.directory / kind / key).unlink()

    def _read(self, kind: str, key: str, *, limit: int) -> bytes | None:
        try:
            return read_whole(os.path.join(self.directory, kind, key), limit=limit)  # noqa: PTH118 - a fifth of Path's time
        except OSError as error:
            _check_machine(error)
            return None

    def _write(self, kind: str, key: str, *parts: bytes) -> None:
        if not self._writable:
            return
        target = self.directory / kind / key
        temporary = temporary_beside(target, stem=TEMPORARY)
        try:
            self._prepare(kind)
            with create_file(temporary) as file:
                for part in parts:
                    for start in range(0, len(part), BLOCK_SIZE):
                        file.write(part[start : start + BLOCK_SIZE])
                file.flush()
                if sys.platform == "win32":  # where no open file is renamed, and none is swept
                    file.close()
                put_in_place(temporary, target)
        except OSError as error:
            self._writable = False
            reason = error.strerror or str(error)
            self._tell(f"the cache {self.directory} cannot be written: {reason}; this build goes on without")
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)

    def _prepare(self, kind: str) -> None:
        """Make the directory of a kind, and remove what killed runs left in it."""
        if kind in self._swept:
            return
        if not self.directory.is_dir():
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.directory / "CACHEDIR.TAG").write_bytes(TAG)
        reason = _distrust(self.directory)
        if reason is not None:  # somebody else was faster than mkdir
            raise OSError(reason)
        folder = self.directory / kind
        folder.mkdir(mode=0o700, exist_ok=True)
        sweep(folder, stem=TEMPORARY)
        self._swept.add(kind)


def seal(kind: str, key: str, document: bytes) -> bytes:
    """Return the hash by which a document is known to be the one that was put under this kind and key."""
    digest = sha256(f"{kind}/{key}\n".encode())
    digest.update(document)
    return digest.digest()


def _check_machine(error: OSError) -> None:
    """Raise ``LocalError`` where the machine is too small to read an entry."""
    # Else it counts as missing; but then all would be missing, and be downloaded for nothing.
    if (short := shortage(error)) is not None:
        raise short from error


def put_in_place(temporary: Path, target: Path) -> None:
    """Rename a file onto ``target``, whatever stands there."""
    try:
        temporary.replace(target)
    except OSError:
        if not target.is_dir() or target.is_symlink():
            raise
        import shutil  # noqa: PLC0415 - a directory in an entry's place is rare

        shutil.rmtree(target)
        temporary.replace(target)
