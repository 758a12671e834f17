"""Unpacking a zip that somebody else made: into one directory, nowhere else, wholly or not at all.

Rules for this file
- ``layout`` decides what goes where before anything is written.
- Nothing is written through a symlink: a name is written once, below directories that were made here, and links last.
- The directory appears by one rename, when everything is in it and on disk.
- The run's time counts: it is looked at between two pieces of work.
"""

import contextlib
import os
import shutil
import sys
import threading
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

from lambdapack.deploying.aws.deadline import Deadline
from lambdapack.deploying.download.foreign_zip import ForeignZip, Member
from lambdapack.deploying.download.layout import layout, unsafe
from lambdapack.disk.replacement import NAME_SHOWN, durable_renames, missing
from lambdapack.disk.temporary import create_directory, sweep, temporary_beside
from lambdapack.errors import CheckError, LocalError
from lambdapack.threads import Pool, Results

_LONGEST_LINK = 4095
"""Bytes of a symlink's target (PATH_MAX of Linux, which Lambda runs on, less the NUL)."""

_LARGEST_LINKS = 1 << 20
"""Bytes of all targets: what they are is kept in memory, and they may be made of nearly nothing."""

_SYNCING_THREADS = 8
"""How many files are made durable at a time: the disk then does it for many at once. For 5,000 files of 4 KB on ext4,
each by itself took 18 s, one after the other when all were written 3.5, in 8 threads 0.5, and in 32 as long."""

_UNPACKING = "unpacking the package"

_PLAIN_MODE = 0o644
_EXECUTABLE_MODE = 0o755


class Unpacked:
    """A directory to be, filled beside its place, put there by ``commit`` and dropped by leaving the context.

    Every method raises ``LocalError`` where the file system does not play along.
    """

    def __init__(self, path: Path) -> None:
        """Check that ``path`` is new or an empty directory; nothing is created yet."""
        self.path = path
        self.target = Path(os.path.realpath(path))
        self._stem = f".{self.target.name[:NAME_SHOWN]}."
        self._temporary = temporary_beside(self.target, stem=self._stem)
        self._descriptor: int | None = None
        try:
            self._check_target()
        except OSError as error:
            raise self._failure(error) from error

    def __enter__(self) -> Self:
        """Create the temporary directory, after removing those of runs that were killed."""
        try:
            sweep(self.target.parent, stem=self._stem)
            self._descriptor = create_directory(self._temporary)
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
        """Remove the temporary directory where it has not become the target."""
        self._discard()

    def fill(self, archive: ForeignZip) -> int:
        """Unpack the zip into the temporary directory, durably, and return how many files and links it holds.

        Raises ``CheckError`` where a member has no safe place, or is not what the zip declares, ``AwsError`` where the
        zip's deadline passes.
        """
        planned = layout(archive.members, link_targets(archive), deadline=archive.deadline)
        try:
            for path in planned.directories():
                archive.deadline.check(_UNPACKING)
                os.mkdir(self._place(path), mode=0o700)  # noqa: PTH102 - Path takes as long as the system
            for member in planned.files:
                archive.deadline.check(_UNPACKING)
                self._write(member, archive)
            for link in planned.links:
                archive.deadline.check(_UNPACKING)
                os.symlink(link.target, self._place(link.name))  # noqa: PTH211 - as above
            for path in planned.directories():
                os.chmod(self._place(path), _EXECUTABLE_MODE)  # noqa: PTH101 - as above
            self._temporary.chmod(_EXECUTABLE_MODE)
            files = (member.name for member in planned.files)
            self._sync(chain(files, planned.directories(), [""]), deadline=archive.deadline)
        except FileExistsError as error:
            raise CheckError(
                f"two members of the package are one file on this file system: {Path(str(error.filename)).name}",
                hint="unpack it where names that differ in case or in Unicode form alone are two",
            ) from error
        except OSError as error:
            raise self._failure(error) from error
        return len(planned.files) + len(planned.links)

    def commit(self) -> None:
        """Put the directory in its place, durably."""
        try:
            if sys.platform == "win32" and self.target.exists():
                self.target.rmdir()
            with durable_renames(self.target.parent):
                self._temporary.replace(self.target)
        except OSError as error:
            raise self._failure(error) from error

    def _write(self, member: Member, archive: ForeignZip) -> None:
        path = self._place(member.name)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            for chunk in archive.content(member):
                file.write(chunk)
        os.chmod(path, _EXECUTABLE_MODE if (member.mode or 0) & 0o111 else _PLAIN_MODE)  # noqa: PTH101 - as above

    def _sync(self, names: Iterable[str], *, deadline: Deadline) -> None:
        """Make what was written durable, the directories too: a file's fsync is not its name's (fsync(2))."""
        if sys.platform == "win32":
            return

        # Each thread takes the next name when it is done with one: what is left is none's, and waits in no queue.
        taking, over = threading.Lock(), threading.Event()
        names = iter(names)

        def sync() -> None:
            while not over.is_set():
                deadline.check(_UNPACKING)
                with taking:
                    name = next(names, None)
                if name is None:
                    return
                self._sync_one(name)

        results: Results[None] = Results()
        try:
            with Pool(_SYNCING_THREADS, name="sync") as pool:
                for _ in range(_SYNCING_THREADS):
                    pool.do(results.expect(sync))
                for _ in results.each(on_idle=lambda: deadline.check(_UNPACKING)):
                    pass
        finally:
            over.set()

    def _sync_one(self, name: str) -> None:
        descriptor = os.open(self._place(name), os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _place(self, name: str) -> str:
        return f"{self._temporary}/{name}"

    def _check_target(self) -> None:
        if not self.target.parent.is_dir():
            raise missing(f"cannot unpack into {self.path}", str(self.path.parent), path=str(self.path))
        try:
            with os.scandir(self.target) as held:
                empty = next(held, None) is None
        except FileNotFoundError:
            return
        except NotADirectoryError:
            state = "no directory"
        else:
            if empty and self.target != Path.cwd():
                return
            state = "the current directory, which would be replaced" if empty else "not empty"
        raise LocalError(
            f"cannot unpack into {self.path}: it is {state}", hint="name a new directory", path=str(self.path)
        )

    def _discard(self) -> None:
        shutil.rmtree(self._temporary, ignore_errors=True)
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None

    def _failure(self, error: OSError) -> LocalError:
        return LocalError(
            f"cannot unpack into {self.path}: {error.strerror or error}",
            hint="check the directory, its permissions and the room on its disk",
            path=str(self.path),
        )


def link_targets(archive: ForeignZip) -> dict[str, str]:
    """Return where each symlink leads, by its name; raises ``CheckError`` where that is no path."""
    targets: dict[str, str] = {}
    size = 0
    for member in archive.members:
        if member.kind != "symlink":
            continue
        if member.size > _LONGEST_LINK:
            raise unsafe(member.name, "is a symlink whose target is too long")
        size += member.size
        if size > _LARGEST_LINKS:
            raise unsafe(member.name, f"makes it more than {_LARGEST_LINKS:,} bytes of symlinks")
        try:
            targets[member.name] = b"".join(archive.content(member)).decode("utf-8")
        except UnicodeDecodeError as error:
            raise unsafe(member.name, "is a symlink whose target is not UTF-8") from error
    return targets
