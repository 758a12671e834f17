"""Writing a file so that it is the old one or the new one, and never anything between.

The new content is written beside the target, proven to be on disk, and renamed onto it; then the
directory's own entry is made durable. Content equal to the old leaves the old file and its times as
they are, so that ``make`` stops there; and as long as the new content has nothing but repeated the
old, none of it is written, for reading costs a tenth. Several files are prepared first and committed last: where one
cannot be written, none is replaced.

A run that was killed leaves its temporary file; the next run for the same target removes it. A lock
that dies with its process tells the two apart.
"""

import contextlib
import errno
import glob
import io
import os
import stat
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from lambdapack import waiting
from lambdapack.errors import LocalError


def lock(descriptor: int, *, wait: bool, name: str = "") -> bool:
    """Return whether this process now holds the file's lock, which ends with the process (flock(2)).

    Raises ``TimeoutError`` that names the file where another process keeps the lock for too long. Always False on
    Windows, where an open file cannot be removed, which is all that the lock is for.
    """
    if sys.platform == "win32":
        return False
    try:
        if wait:
            waiting.lock(descriptor, name=name)
        return wait or waiting.locked_now(descriptor)
    except TimeoutError:
        raise
    except OSError:  # a file system without locks
        return False


SUFFIX = ".lambdapack-tmp"
"""How every temporary file ends; the ignore rules know it."""

NAME_SHOWN = 48
"""Characters of the target's name that its temporary file repeats: four bytes each and the rest fit into 255."""


COPY_SIZE = 1 << 20
"""Bytes that are copied at a time."""

SYNC_SIZE = 4 << 20
"""Bytes after which the disk is asked to take them, so that at the end there is little to wait for."""


class Former:
    """The old file, for as long as the new content repeats it."""

    def __init__(self, file: io.FileIO) -> None:
        """Begin at the first byte of ``file``."""
        self.file = file
        self._buffer = bytearray(COPY_SIZE)
        self._repeated = 0
        self._crc32 = 0

    def goes_on_with(self, content: bytes | bytearray | memoryview) -> bool:
        """Return whether ``content`` comes next in the old file as well."""
        rest = memoryview(content)
        while rest:
            read = self.file.readinto(memoryview(self._buffer)[: len(rest)])
            # bytearray compares as memcmp does, memoryview item by item.
            same = self._buffer if read == COPY_SIZE else self._buffer[:read]
            if not read or same != rest[:read]:
                return False
            rest = rest[read:]
        self._repeated += len(content)
        self._crc32 = zlib.crc32(content, self._crc32)
        return True

    def ends(self) -> bool:
        """Return whether all of the old file has been repeated."""
        return not self.file.read(1)

    def repeat(self, take: Callable[[bytes], object]) -> bool:
        """Hand over what has been repeated; return whether it still is what it was when it was compared."""
        self.file.seek(0)
        left, crc32 = self._repeated, 0
        while left and (chunk := self.file.read(min(left, COPY_SIZE))):
            take(chunk)
            crc32 = zlib.crc32(chunk, crc32)
            left -= len(chunk)
        return (left, crc32) == (0, self._crc32)


class Replacement:
    """New content for one file, put in its place by ``commit`` and dropped by leaving the context.

    ``path`` may be a symlink: what it points to is replaced. Every method raises ``LocalError``.
    """

    def __init__(self, path: Path) -> None:
        """Check that ``path`` can be written at all; nothing is created yet."""
        self.path = path
        self.unchanged = False
        """Whether the old file has the new content already; known after ``prepare``."""
        try:
            # Not Path.resolve(), which calls a symlink that leads in a circle a RuntimeError until Python 3.13.
            self.target = Path(os.path.realpath(path))
            self._check_target()
        except OSError as error:
            raise self._failure(error) from error
        self._stem = f".{self.target.name[:NAME_SHOWN]}."
        self._temporary = self.target.with_name(f"{self._stem}{os.urandom(6).hex()}{SUFFIX}")
        self._file: BinaryIO | None = None
        self._former: Former | None = None
        self._waiting = 0
        """Bytes that were written and may not be on disk."""

    def __enter__(self) -> Self:
        """Create the temporary file, after removing those of runs that were killed."""
        try:
            self._sweep()
            while self._file is None:
                self._file = self._created()
        except OSError as error:
            self._discard()
            raise self._failure(error) from error
        except BaseException:
            self._discard()
            raise
        # An old file that cannot be read is replaced as any other.
        with contextlib.suppress(OSError):
            self._former = Former(self.target.open("rb", buffering=0))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove the temporary file where it has not become the target."""
        self._discard()

    def write(self, content: bytes | bytearray | memoryview) -> None:
        """Append ``content`` to the new file."""
        if self._former is not None:
            if self._repeats(content):
                return
            self._diverge(self._former)
        try:
            self._put(content)
        except OSError as error:
            raise self._failure(error) from error

    def prepare(self) -> None:
        """Make the content durable, or find that the old file has it already."""
        if self._former is not None:
            self.unchanged = self._repeats(None)
            if self.unchanged:
                return
            self._diverge(self._former)
        try:
            self._open_file.flush()
            os.fsync(self._open_file.fileno())
        except OSError as error:
            raise self._failure(error) from error

    def commit(self) -> None:
        """Put the new file in the old one's place, durably; does nothing where they are equal."""
        if self.unchanged:
            return
        try:
            if sys.platform == "win32":
                self._open_file.close()
            self._temporary.replace(self.target)
            sync_directory(self.target.parent)
        except OSError as error:
            raise self._failure(error) from error

    @property
    def _open_file(self) -> BinaryIO:
        if self._file is None:
            message = "a Replacement is written inside its context"
            raise RuntimeError(message)
        return self._file

    def _put(self, content: bytes | bytearray | memoryview) -> None:
        """Write ``content``, and have the disk begin with it while the rest is still made."""
        self._open_file.write(content)
        self._waiting += len(content)
        if self._waiting >= SYNC_SIZE and hasattr(os, "posix_fadvise"):
            self._open_file.flush()
            end = self._open_file.tell()
            # Linux begins to write what it is advised not to keep (mm/fadvise.c), and keeps it until that is done.
            with contextlib.suppress(OSError):
                os.posix_fadvise(self._open_file.fileno(), end - self._waiting, self._waiting, os.POSIX_FADV_DONTNEED)
            self._waiting = 0

    def _repeats(self, content: bytes | bytearray | memoryview | None) -> bool:
        """Return whether the old file goes on with ``content``, or for None, ends; False where it cannot be read."""
        try:
            return self._former is not None and (
                self._former.ends() if content is None else self._former.goes_on_with(content)
            )
        except OSError:
            return False

    def _diverge(self, former: Former) -> None:
        """Write what the old file has of the new content, which is something else from here on."""
        self._former = None
        try:
            with former.file:
                as_it_was = former.repeat(self._put)
        except OSError as error:
            raise self._failure(error) from error
        if not as_it_was:
            raise LocalError(
                f"cannot write {self.path}: something else changed it meanwhile", hint="run again", path=str(self.path)
            )

    def _check_target(self) -> None:
        if not self.target.parent.is_dir():
            raise LocalError(
                f"cannot write {self.path}: the directory {self.path.parent} does not exist",
                hint=f"make it first: mkdir -p {self.path.parent}",
                path=str(self.path),
            )
        try:
            mode = self.target.stat().st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISREG(mode):
            kind = "a directory" if stat.S_ISDIR(mode) else "no regular file"
            raise LocalError(f"cannot write {self.path}: it is {kind}", hint="name a file", path=str(self.path))

    def _created(self) -> BinaryIO | None:
        """Create and lock the temporary file; None where another run swept it before the lock was ours."""
        # "x" refuses a file or symlink that is there; the umask applies as to any new file.
        file = self._temporary.open("x+b")
        try:
            lock(file.fileno(), wait=True, name=self._temporary.name)
        except BaseException:
            file.close()
            raise
        if self._temporary.exists():
            return file
        file.close()
        return None

    def _sweep(self) -> None:
        for stale in self.target.parent.glob(f"{glob.escape(self._stem)}*{SUFFIX}"):
            with contextlib.suppress(OSError), stale.open("r+b") as file:
                if lock(file.fileno(), wait=False):
                    stale.unlink()

    def _discard(self) -> None:
        if self._former is not None:
            self._former.file.close()
        if self._file is not None:
            # What it still had to write may not fit; it is removed in the next line.
            with contextlib.suppress(OSError):
                self._file.close()
        with contextlib.suppress(OSError):
            self._temporary.unlink(missing_ok=True)

    def _failure(self, error: OSError) -> LocalError:
        hints = {
            errno.ENOSPC: "free space on that disk and run again",
            errno.EFBIG: "raise the limit (ulimit -f) and run again",
            errno.EMFILE: "raise the limit (ulimit -n) and run again",
            errno.EROFS: "the file system is read-only; write elsewhere",
        }
        return LocalError(
            f"cannot write {self.path}: {error.strerror or error}",
            hint=hints.get(error.errno or 0, "check the directory and its permissions"),
            path=str(self.path),
        )


def sync_directory(directory: Path) -> None:
    """Make the renames in ``directory`` durable (fsync(2): a file's own fsync does not); not possible on Windows."""
    if sys.platform == "win32":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some file systems (CIFS) know no fsync for a directory; anything else is a failure.
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(descriptor)
