"""Writing a file so that it is the old one or the new one, and never anything between.

The new content is written beside the target, proven to be on disk, and renamed onto it; then the
directory's own entry is made durable. Content equal to the old leaves the old file and its times as
they are, so that ``make`` stops there. Several files are prepared first and committed last: where one
cannot be written, none is replaced.

A run that was killed leaves its temporary file; the next run for the same target removes it. A lock
that dies with its process tells the two apart.
"""

import contextlib
import errno
import filecmp
import glob
import os
import stat
import sys
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from lambdapack.errors import LocalError

if sys.platform == "win32":

    def lock(descriptor: int, *, wait: bool) -> bool:
        """Return False: an open file cannot be removed on Windows, which is all that the lock is for."""
        del descriptor, wait
        return False

else:
    import fcntl

    def lock(descriptor: int, *, wait: bool) -> bool:
        """Return whether this process now holds the file's lock, which ends with the process (flock(2))."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError:
            return False
        return True


SUFFIX = ".lambdapack-tmp"
"""How every temporary file ends; the ignore rules know it."""

NAME_SHOWN = 48
"""Characters of the target's name that its temporary file repeats: four bytes each and the rest fit into 255."""


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
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove the temporary file where it has not become the target."""
        self._discard()

    def write(self, content: bytes | bytearray | memoryview) -> None:
        """Append ``content`` to the new file."""
        try:
            self._open_file.write(content)
        except OSError as error:
            raise self._failure(error) from error

    def prepare(self) -> None:
        """Make the content durable, or find that the old file has it already."""
        try:
            self._open_file.flush()
            # An old file that cannot be read is replaced as any other.
            with contextlib.suppress(OSError):
                self.unchanged = filecmp.cmp(self._temporary, self.target, shallow=False)
            if not self.unchanged:
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
        lock(file.fileno(), wait=True)
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
