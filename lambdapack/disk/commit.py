"""Several files that change together: all of them are replaced, or none.

No file system renames two files at once. So each old file is kept under a second name until the last new one stands,
and is put back where one cannot. A process that is killed in between puts nothing back; for that case the order counts:

::

    what describes the others is taken away ─► the others, in their order ─► what describes them

A description therefore never stands beside what it does not describe: the next run finds it missing and writes it.

Runs that write to the same directories take turns, so that the files of one run stay together.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from typing import BinaryIO

from lambdapack import waiting
from lambdapack.disk.replacement import Replacement, sync_directory
from lambdapack.disk.temporary import lock

_OTHERS_TIME = 3.0
"""Seconds for the lock of a directory: a run of ours keeps it while it renames a few files."""


class Old:
    """The file that a ``Replacement`` replaces, kept until it is closed so that it can come back."""

    def __init__(self, replacement: Replacement) -> None:
        """Nothing is done yet."""
        self._replacement = replacement
        self._target = replacement.target
        self._kept = replacement.name_beside()
        self._is_kept = self._was_there = False
        self._file: BinaryIO | None = None

    def close(self) -> None:
        """Let go of it: by now either it or the new file stands."""
        self._release()
        with contextlib.suppress(OSError):
            self._kept.unlink(missing_ok=True)

    def keep(self) -> None:
        """Give it a second name (link(2)), or copy it where its file system, or itself, has no second one.

        One that allows neither, being another user's, cannot come back.
        """
        try:
            self._was_there = True
            os.link(self._target, self._kept)
            self._is_kept = True
            self._hold()
        except FileNotFoundError:
            self._was_there = False
        except OSError:
            import shutil  # noqa: PLC0415 - 2 ms, and hardly ever needed

            with contextlib.suppress(OSError):
                shutil.copy2(self._target, self._kept)
                self._is_kept = True

    def withdraw(self) -> None:
        """Take it away, durably; raises ``LocalError``."""
        try:
            self._was_there = self._is_kept = True
            self._target.replace(self._kept)
            self._hold()
            sync_directory(self._target.parent)
        except FileNotFoundError:
            self._was_there = False
        except OSError as error:
            raise self._replacement.failure(error) from error

    def _hold(self) -> None:
        """Lock it, so that no other run for this target takes it for what a killed one has left."""
        if sys.platform == "win32":
            return  # there nothing is swept, and an open file cannot be replaced
        with contextlib.suppress(OSError):
            self._file = self._kept.open("rb")
            lock(self._file.fileno(), wait=False)

    def _release(self) -> None:
        if self._file is not None:
            self._file.close()

    def restore(self) -> bool:
        """Have it stand again, or nothing where nothing was; return whether that is so.

        What is to be done is seen on the disk, for a signal can come between any two steps.
        """
        try:
            if self._target.exists() and not self._replacement.is_in_place():
                return True
            if self._is_kept and self._kept.exists():
                self._release()  # Windows renames no open file
                self._kept.replace(self._target)
            elif not self._was_there:
                self._target.unlink(missing_ok=True)
            sync_directory(self._target.parent)
            return not self._replacement.is_in_place()
        except OSError:
            return False


@contextlib.contextmanager
def _alone(replacements: Sequence[Replacement]) -> Iterator[None]:
    """Hold the locks of the files' directories (flock(2)), which leave nothing behind and end with the process.

    All runs take them in one order, so that no two wait for each other. Where the file system has no locks, on Windows,
    and where somebody keeps one for longer than we do, nothing is held.
    """
    with ExitStack() as stack:
        held: dict[tuple[int, int], tuple[int, Replacement]] = {}
        for replacement in replacements if sys.platform != "win32" else ():
            try:
                descriptor = os.open(replacement.target.parent, os.O_RDONLY)
            except OSError as error:
                raise replacement.failure(error) from error
            stack.callback(os.close, descriptor)
            status = os.fstat(descriptor)
            held[status.st_dev, status.st_ino] = descriptor, replacement
        for _, (descriptor, replacement) in sorted(held.items()):
            try:
                waiting.lock(descriptor, name=str(replacement.target.parent), seconds=_OTHERS_TIME)
            except OSError:
                # No locks here, or somebody else's: flock(1) around the whole command, for one, waits for us.
                continue
        yield


def commit_all(
    replacements: Sequence[Replacement], *, about: Replacement | None = None, last: Callable[[], None] | None = None
) -> None:
    """Put every file in its place, in this order, then call ``last``; where anything fails, all are as they were.

    ``about`` describes the others: it goes before they change, and comes when they have. Raises ``LocalError``, and
    what ``last`` raises.
    """
    together = [*replacements, *([about] if about is not None else [])]
    if len(together) == 1 and last is None:
        together[0].commit()
        return
    if last is None and all(replacement.unchanged for replacement in together):
        return
    with _alone(together):
        for replacement in together:
            replacement.check_unchanged()
        _commit_alone(replacements, about=about, last=last)


def _commit_alone(
    replacements: Sequence[Replacement], *, about: Replacement | None, last: Callable[[], None] | None
) -> None:
    """Do what ``commit_all`` promises while no other run does."""
    changed = [replacement for replacement in replacements if not replacement.unchanged]
    describing = [about] if about is not None and not about.unchanged else []
    steps = [*changed, *describing]
    if len(steps) == 1 and last is None:
        steps[0].commit()
        return
    with ExitStack() as stack:
        olds = [stack.enter_context(closing(Old(replacement))) for replacement in changed]
        descriptions = [stack.enter_context(closing(Old(replacement))) for replacement in describing]
        try:
            for old in descriptions:
                old.withdraw()
            for old in olds:
                old.keep()
            for replacement in steps:
                replacement.commit()
            if last is not None:
                last()
        except BaseException:
            are_back = [old.restore() for old in reversed(olds)]
            if all(are_back):
                for old in descriptions:
                    old.restore()
            raise
