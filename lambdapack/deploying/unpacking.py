"""Unpacking a zip that somebody else made: into one directory, nowhere else, wholly or not at all.

Rules for this file
- ``layout`` decides what goes where before anything is written.
- Nothing is written through a symlink: a name is written once, below directories that were made here, and links last.
- The directory appears by one rename, when everything is in it.
"""

import contextlib
import glob
import os
import shutil
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from lambdapack.deploying.layout import Parts, layout, unsafe
from lambdapack.deploying.members import ForeignZip, Member
from lambdapack.errors import CheckError, LocalError
from lambdapack.replacement import NAME_SHOWN, SUFFIX, lock, sync_directory

LONGEST_LINK = 4095
"""Bytes of a symlink's target (PATH_MAX of Linux, which Lambda runs on, less the NUL)."""

PLAIN_MODE = 0o644
EXECUTABLE_MODE = 0o755


class Unpacked:
    """A directory to be, filled beside its place, put there by ``commit`` and dropped by leaving the context.

    Every method raises ``LocalError`` where the file system does not play along.
    """

    def __init__(self, path: Path) -> None:
        """Check that ``path`` is new or an empty directory; nothing is created yet."""
        self.path = path
        self.target = Path(os.path.realpath(path))
        self._stem = f".{self.target.name[:NAME_SHOWN]}."
        self._temporary = self.target.with_name(f"{self._stem}{os.urandom(6).hex()}{SUFFIX}")
        self._descriptor: int | None = None
        try:
            self._check_target()
        except OSError as error:
            raise self._failure(error) from error

    def __enter__(self) -> Self:
        """Create the temporary directory, after removing those of runs that were killed."""
        try:
            self._sweep()
            self._temporary.mkdir(mode=0o700)
            while not self._locked():
                self._temporary.mkdir(mode=0o700)
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
        """Unpack the zip into the temporary directory, and return how many files and links it holds.

        Raises ``CheckError`` where a member has no safe place, or is not what the zip declares.
        """
        planned = layout(archive.members, link_targets(archive))
        try:
            for parts in planned.directories:
                self._place(parts).mkdir(mode=0o700, exist_ok=True)
            for parts, member in planned.files.items():
                self._write(parts, member, archive)
            for parts, target in planned.links.items():
                self._place(parts).symlink_to(target)
            for parts in planned.directories:
                self._place(parts).chmod(EXECUTABLE_MODE)
            self._temporary.chmod(EXECUTABLE_MODE)
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
            self._temporary.replace(self.target)
            sync_directory(self.target.parent)
        except OSError as error:
            raise self._failure(error) from error

    def _write(self, parts: Parts, member: Member, archive: ForeignZip) -> None:
        path = self._place(parts)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            for chunk in archive.content(member):
                file.write(chunk)
        path.chmod(EXECUTABLE_MODE if (member.mode or 0) & 0o111 else PLAIN_MODE)

    def _place(self, parts: Parts) -> Path:
        return self._temporary.joinpath(*parts)

    def _check_target(self) -> None:
        if not self.target.parent.is_dir():
            raise LocalError(
                f"cannot unpack into {self.path}: the directory {self.path.parent} does not exist",
                hint=f"make it first: mkdir -p {self.path.parent}",
                path=str(self.path),
            )
        try:
            with os.scandir(self.target) as held:
                empty = next(held, None) is None
        except FileNotFoundError:
            return
        except NotADirectoryError as error:
            raise LocalError(
                f"cannot unpack into {self.path}: it is no directory", hint="name a new directory", path=str(self.path)
            ) from error
        if not empty or self.target == Path.cwd():
            state = "the current directory, which would be replaced" if empty else "not empty"
            raise LocalError(
                f"cannot unpack into {self.path}: it is {state}", hint="name a new directory", path=str(self.path)
            )

    def _locked(self) -> bool:
        """Return whether the temporary directory is ours by now; another run may have swept it before."""
        if sys.platform == "win32":
            return True
        self._close()
        self._descriptor = os.open(self._temporary, os.O_RDONLY)
        lock(self._descriptor, wait=True, name=self._temporary.name)
        return self._temporary.exists()

    def _sweep(self) -> None:
        """Remove what killed runs left: their locks died with them."""
        if sys.platform == "win32":
            return
        for stale in self.target.parent.glob(f"{glob.escape(self._stem)}*{SUFFIX}"):
            try:
                descriptor = os.open(stale, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            except OSError:
                continue
            try:
                if lock(descriptor, wait=False):
                    shutil.rmtree(stale, ignore_errors=True)
            finally:
                os.close(descriptor)

    def _discard(self) -> None:
        shutil.rmtree(self._temporary, ignore_errors=True)
        self._close()

    def _close(self) -> None:
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
    for member in archive.members:
        if member.kind != "symlink":
            continue
        if member.size > LONGEST_LINK:
            raise unsafe(member.name, "is a symlink whose target is too long")
        try:
            targets[member.name] = b"".join(archive.content(member)).decode("utf-8")
        except UnicodeDecodeError as error:
            raise unsafe(member.name, "is a symlink whose target is not UTF-8") from error
    return targets
