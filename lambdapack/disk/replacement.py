"""Writing a file so that it is the old one or the new one, and never anything between.

The new content goes into a temporary file beside the target (``temporary``), is proven to be on disk, and is renamed
onto the target; then the directory's entry is made durable. Several files are prepared first and committed last
(``commit``): where one cannot be written or replaced, none is.

New content that equals the old leaves the old file and its times alone, so that ``make`` stops there. Finding that out
costs a tenth of writing: as long as the content has only repeated the old file, nothing is written at all.
"""

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from lambdapack.disk.former import Former
from lambdapack.disk.temporary import create_file, sweep, temporary_beside
from lambdapack.errors import LocalError
from lambdapack.shortage import shortage

NAME_SHOWN = 48
"""Characters of the target's name that its temporary file repeats: four bytes each and the rest fit into 255."""

_SYNC_SIZE = 4 << 20
"""Bytes after which the disk is asked to take them, so that at the end there is little to wait for."""

_SYSTEM = ("/dev/", "/proc/")
"""Where what looks like a file is the system's own; shared memory (/dev/shm) aside."""


class Replacement:
    """New content for one file, put in its place by ``commit`` and dropped by leaving the context.

    ``path`` may be a symlink: what it points to is replaced. Every method raises ``LocalError``.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Check that ``path`` can be written at all; nothing is created yet."""
        self.path = os.fspath(path)
        """In the user's words, which ``Path`` would tidy up."""
        self.unchanged = False
        """Whether the old file has the new content already; known after ``prepare``."""
        try:
            # Not Path.resolve(), which calls a symlink that leads in a circle a RuntimeError until Python 3.13.
            self.target = Path(os.path.realpath(path))
            self._check_target()
            self._check_place()
        except OSError as error:
            raise self.failure(error) from error
        self._stem = f".{self.target.name[:NAME_SHOWN]}."
        self._temporary = self.name_beside()
        self._file: BinaryIO | None = None
        self._identity: tuple[int, int] | None = None
        """Device and inode of the new file, when it is complete."""
        self._former: Former | None = None
        self._waiting = 0
        """Bytes that were written and may not be on disk."""

    def __enter__(self) -> Self:
        """Remove the temporary files of runs that were killed; where there is no old file to read, begin a new one."""
        try:
            sweep(self.target.parent, stem=self._stem)
            # An old file that cannot be read is replaced as any other.
            with contextlib.suppress(OSError):
                self._former = Former(self.target.open("rb", buffering=0))
            if self._former is None:
                self._file = create_file(self._temporary)
        except OSError as error:
            self._discard()
            raise self.failure(error) from error
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
        if self._former is not None:
            if self._repeats(content):
                return
            self._diverge(self._former)
        try:
            self._put(content)
        except OSError as error:
            raise self.failure(error) from error

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
            raise self.failure(error) from error

    def commit(self) -> None:
        """Put the new file in the old one's place, durably; does nothing where they are equal."""
        if self.unchanged:
            return
        try:
            status = os.fstat(self._open_file.fileno())
            self._identity = status.st_dev, status.st_ino
            if sys.platform == "win32":
                self._open_file.close()
            with durable_renames(self.target.parent):
                self._temporary.replace(self.target)
        except OSError as error:
            raise self.failure(error) from error

    def check_unchanged(self) -> None:
        """Raise ``LocalError`` where the old file was found to have the new content, and is no longer the same file.

        It is still open, so no new file can have its number; its time does not count, for other runs date it.
        """
        if not self.unchanged or self._former is None:
            return
        try:
            before, now = os.fstat(self._former.file.fileno()), self.target.stat()
        except FileNotFoundError:
            raise self._meddled() from None
        except OSError as error:
            raise self.failure(error) from error
        if (before.st_dev, before.st_ino) != (now.st_dev, now.st_ino) or now.st_size != self._former.size:
            raise self._meddled()

    def is_in_place(self) -> bool:
        """Return whether the new file stands in its place, which the disk alone can say; raises ``OSError``."""
        try:
            status = self.target.stat()
        except FileNotFoundError:
            return False
        return self._identity == (status.st_dev, status.st_ino)

    def name_beside(self) -> Path:
        """Return a name for a temporary file in the target's directory, which the next run would remove."""
        return temporary_beside(self.target, stem=self._stem)

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
        if self._waiting >= _SYNC_SIZE and hasattr(os, "posix_fadvise"):
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
                self._file = create_file(self._temporary)
                as_it_was = former.repeat(self._put)
        except OSError as error:
            raise self.failure(error) from error
        if not as_it_was:
            raise self._meddled()

    def _check_place(self) -> None:
        """Refuse /dev/stdout and its like, which lead to the file that a stream goes to (proc(5))."""
        place = "/" + os.path.abspath(self.path).lstrip("/")  # noqa: PTH100 - Path would follow symlinks
        if sys.platform != "win32" and place.startswith(_SYSTEM) and not place.startswith("/dev/shm/"):  # noqa: S108 - named by the user
            raise self._error("it is no regular place for a file", hint="name a file of your own")

    def _check_target(self) -> None:
        parent, name = os.path.split(self.path)
        if name in {"", os.curdir, os.pardir}:
            raise self._error("it is a directory", hint="name a file")
        if not self.target.parent.is_dir():
            raise missing(f"cannot write {self.path}", parent, path=self.path)
        try:
            mode = self.target.stat().st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISREG(mode):
            kind = "a directory" if stat.S_ISDIR(mode) else "no regular file"
            raise self._error(f"it is {kind}", hint="name a file")

    def _discard(self) -> None:
        if self._former is not None:
            self._former.file.close()
        if self._file is not None:
            # What it still had to write may not fit; it is removed in the next line.
            with contextlib.suppress(OSError):
                self._file.close()
        with contextlib.suppress(OSError):
            self._temporary.unlink(missing_ok=True)

    def _meddled(self) -> LocalError:
        return self._error("something else changed it meanwhile", hint="run again")

    def failure(self, error: OSError) -> LocalError:
        """Return what it means that the system does not play along."""
        hints = {
            errno.EIO: "check the disk that it is on and run again",
            errno.EROFS: "the file system is read-only; write elsewhere",
        }
        short = shortage(error)
        hint = short.hint if short else hints.get(error.errno or 0, "check the directory and its permissions")
        return self._error(f"{error.strerror or error}", hint=hint)

    def _error(self, what: str, *, hint: str) -> LocalError:
        return LocalError(f"cannot write {self.path or 'a file without a name'}: {what}", hint=hint, path=self.path)


def missing(what: str, parent: str, *, path: str) -> LocalError:
    """Return the error for a directory ``parent`` that is not there, with a hint that can be followed."""
    import shlex  # noqa: PLC0415 - 0.3 ms, and hardly ever needed

    above = os.path.normpath(parent)
    while not os.path.lexists(above):
        above = os.path.dirname(above) or os.curdir  # noqa: PTH120 - strings
    # A file, or a symlink that leads nowhere or in a circle, stands in the way of mkdir.
    option = "-- " if parent.startswith("-") else ""
    return LocalError(
        f"{what}: the directory {parent} does not exist",
        hint=f"make it first: mkdir -p {option}{shlex.quote(parent)}"
        if os.path.isdir(above)  # noqa: PTH112 - strings
        else f"name a directory that exists: {above} is none",
        path=path,
    )


@contextlib.contextmanager
def durable_renames(directory: Path) -> Iterator[None]:
    """Make the renames in ``directory`` durable (fsync(2): a file's own fsync does not); not possible on Windows.

    The directory is opened before anything is renamed: where no further file can be open, nothing was replaced.
    """
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        yield
        try:
            os.fsync(descriptor)
        except OSError as error:
            # Some file systems (CIFS) know no fsync for a directory; anything else is a failure.
            if error.errno != errno.EINVAL:
                raise
    finally:
        os.close(descriptor)


def sync_directory(directory: Path) -> None:
    """Make durable what was renamed or removed in ``directory`` already; raises ``OSError``."""
    with durable_renames(directory):
        pass
