"""The time of a package, as make reads it: older than whatever changed since it was packed, and than nothing else.

make builds a package again where anything that its depfile names is newer. A directory is newer as soon as a name
came or went in it, be it a file that is left out, or the package itself, written into the directory that it is made
from: make would build for ever. So a package is dated to the newest directory, as the walk saw it, or as this run
left it. What changed meanwhile stays newer, and so it is built again; and so that what changes next is newer too, a run
ends no sooner than the clock of the file system has moved on. A package is never dated to the future, as a
directory may be: it would hide every change until then. Then make builds each time, which is the safe side.

A *file* that is newer leaves an unchanged package as old as it is: what depends on it has nothing to do.
"""

import contextlib
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from lambdapack.disk.temporary import SUFFIX
from lambdapack.packing.source.walk import Folder, Tree

TICK_LIMIT = 0.02
"""Seconds to wait for the next tick of the clock that dates files: 1 to 10 ms, as the kernel was built (time(7))."""

_REALTIME_COARSE = 5
"""The clock that dates files on Linux (CLOCK_REALTIME_COARSE in linux/time.h, which ``time`` has no name for)."""


class Dating:
    """What the directories are in which this run is about to write, so that others' changes are told from its own."""

    def __init__(self, tree: Tree, outputs: Iterable[str]) -> None:
        """Look at each directory of ``tree`` that will hold one of ``outputs``, real paths, before they are written."""
        self._tree = tree
        self._outputs = frozenset(outputs)
        written = {os.path.dirname(output) for output in self._outputs}  # noqa: PTH120 - strings, as the tree's paths
        self._before = {folder.path: self._names(folder) for folder in tree.folders if folder.path in written}

    def date(self, package: Path, *, is_new: bool) -> None:
        """Date the package that now stands; where the system does not allow that, make builds it once more."""
        with contextlib.suppress(OSError):
            status = package.stat()
            wanted, changes = status.st_mtime_ns, []
            for seen, now, counts in self._times(is_new=is_new):
                if now > seen:
                    changes.append(now)
                elif counts:
                    wanted = max(wanted, now)
            # A file of this run has the time of its file system, whose clock may be ahead of ours.
            present = max(time.time_ns(), status.st_mtime_ns) if is_new else time.time_ns()
            wanted = min([wanted, present, *(change - 1 for change in changes)])
            if wanted != status.st_mtime_ns:
                os.utime(package, ns=(status.st_atime_ns, wanted))
            _outlast(wanted)

    def _times(self, *, is_new: bool) -> Iterator[tuple[int, int, bool]]:
        """Yield of each file and directory its time as seen, its time now, and whether it dates a package."""
        # What is gone has changed its directory.
        for entry in self._tree.entries:
            *_, modified, _ = entry.stamp
            with contextlib.suppress(FileNotFoundError):
                yield modified, os.lstat(entry.path).st_mtime_ns, is_new
        for folder in self._tree.folders:
            with contextlib.suppress(FileNotFoundError):
                now = os.stat(folder.path).st_mtime_ns  # noqa: PTH116 - a fifth of Path's time
                before = self._before.get(folder.path)
                is_ours = before is not None and self._names(folder, modified=now) == before
                yield now if is_ours else folder.modified, now, True

    def _names(self, folder: Folder, *, modified: int | None = None) -> frozenset[str] | None:
        """Return what is in a directory beside our outputs; None where it changed after ``modified``."""
        names = frozenset(
            name
            for name in os.listdir(folder.path)  # noqa: PTH208 - names alone
            if os.path.join(folder.path, name) not in self._outputs and not name.endswith(SUFFIX)  # noqa: PTH118 - as above
        )
        now = os.stat(folder.path).st_mtime_ns  # noqa: PTH116 - as above
        return names if now == (folder.modified if modified is None else modified) else None


def _outlast(time_ns: int) -> None:
    """Return once a file that is changed from now on is newer than ``time_ns``, unless that lies in the future."""
    if sys.platform == "linux":
        begin = time.monotonic()
        while time.clock_gettime_ns(_REALTIME_COARSE) <= time_ns and time.monotonic() < begin + TICK_LIMIT:
            time.sleep(0.001)
