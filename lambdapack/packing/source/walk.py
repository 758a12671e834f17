"""The source tree: which files go in, found by a walk that enters nothing that is left out.

Rules for this file
- Nothing is skipped in silence: what no pattern leaves out is packed, or refused by name.
- A directory is listed only after proving that it still is the one that was seen (device and inode),
  and ``read`` proves the same of every file: a directory that is swapped for a symlink in between
  leads to a refusal, never to a file from elsewhere.
- A name is the path below the root as the archive spells it; a path is the real path on disk; an
  origin is that path in the user's words. They part ways below a symlink that is followed.
- Of the three the name alone is kept, and each once: deep trees would fill the memory with copies of
  what is above them. The others follow from the name and its ``Base``.
- Times, owners, modes and the order of directories are never looked at for what goes in.
"""

import errno
import os
import stat
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from lambdapack.choices import Symlinks
from lambdapack.disk.whole import stamp
from lambdapack.errors import SourceError
from lambdapack.packing.entries import ArchiveName, Base, Entry
from lambdapack.packing.names import why_unfit
from lambdapack.packing.patterns.rules import Pattern, Rules, exclude_option
from lambdapack.packing.source.refusals import changed_file, loop, outside, refusal, twins
from lambdapack.quotas import check_count

# O_BINARY exists on Windows alone, the others exist elsewhere alone. O_NONBLOCK: a FIFO that takes the place
# of a file between lstat and open must not block.
READ_FLAGS = os.O_RDONLY
for _flag in ("O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):
    READ_FLAGS |= getattr(os, _flag, 0)


class Omission(NamedTuple):
    """A name that a pattern leaves out; a directory's ends with ``/`` and stands for all that it holds."""

    name: str
    pattern: Pattern


class Folder(NamedTuple):
    """A directory that goes in."""

    base: Base
    prefix: str
    """What the names of its entries begin with: empty for the root, else it ends with ``/``."""
    identity: tuple[int, int]
    """Device and inode."""
    modified: int
    """The nanoseconds at which a name last came or went, seen before it was listed."""
    parent: "Folder | None" = None
    """The directory that it was found in, which is another one than ``..`` below a symlink."""

    @property
    def path(self) -> str:
        """The real path."""
        return os.path.dirname(self.base.path_of(self.prefix))  # noqa: PTH120 - as in root()

    @property
    def origin(self) -> str:
        """The path in the user's words."""
        return os.path.dirname(self.base.origin_of(self.prefix))  # noqa: PTH120 - the user's words

    def is_below(self, status: os.stat_result) -> bool:
        """Return whether the directory with that ``status`` is this one, or one that it was found below."""
        sought = _identity(status)
        folder: Folder | None = self
        while folder is not None and folder.identity != sought:
            folder = folder.parent
        return folder is not None


class Tree(NamedTuple):
    """What the walk found, in the order in which it met it."""

    entries: tuple[Entry, ...]
    folders: tuple[Folder, ...]
    omissions: tuple[Omission, ...]


def walk(
    source: str, *, rules: Rules, symlinks: Symlinks = "follow", own_outputs: frozenset[str] = frozenset()
) -> Tree:
    """Return what the directory ``source`` holds, less what ``rules`` leave out.

    ``own_outputs`` are the real paths of files that this run writes: they never pack themselves.
    Raises ``SourceError`` for what cannot or must not be packed, ``CheckError`` as soon as it is too
    much, ``LocalError`` where the machine fails.
    """
    top = _root(source)
    entries: list[Entry] = []
    folders: list[Folder] = []
    omissions: list[Omission] = []
    pending = [top]
    while pending:
        folder = pending.pop()
        folders.append(folder)
        for item in _visit(folder, root_path=top.path, rules=rules, symlinks=symlinks, own_outputs=own_outputs):
            if isinstance(item, Entry):
                entries.append(item)
            elif isinstance(item, Folder):
                pending.append(item)
            else:
                omissions.append(item)
        # Here, and not when all are found: a dozen symlinks can stand for millions of directories.
        check_count(max(len(entries), len(folders)))
    return Tree(entries=tuple(entries), folders=tuple(folders), omissions=tuple(omissions))


def _root(source: str) -> Folder:
    if not source:
        # To realpath this is the current directory, to a user a variable that is not set.
        raise SourceError("the source directory's name is empty", hint="give the directory to be packed")
    try:
        path = os.path.realpath(source, strict=True)
        status = os.stat(path)  # noqa: PTH116 - paths are strings here: 12,000 Path objects cost as much as the walk
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
            raise SourceError(
                f"there is no source directory {source}", hint="give the directory to be packed"
            ) from error
        raise refusal(source, error) from error
    if not stat.S_ISDIR(status.st_mode):
        raise SourceError(f"{source} is not a directory", hint="give the directory that holds the function's code")
    base = Base(name="", path=os.path.join(path, ""), origin=os.path.join(source, ""))  # noqa: PTH118 - as above
    return Folder(base, "", identity=_identity(status), modified=status.st_mtime_ns)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _visit(
    folder: Folder, *, root_path: str, rules: Rules, symlinks: Symlinks, own_outputs: frozenset[str]
) -> Iterator[Entry | Folder | Omission]:
    beneath, origin_beneath = folder.base.path_of(folder.prefix), folder.base.origin_of(folder.prefix)
    taken: dict[str, str] = {}
    for found, found_status in listing(folder):
        status = found_status
        path, origin = beneath + found, origin_beneath + found
        if path in own_outputs:
            continue
        spelled = normalize(found)
        name = folder.prefix + spelled
        base = folder.base if spelled == found else None
        is_folder = stat.S_ISDIR(status.st_mode)
        pattern = rules.verdict(name + "/" if is_folder else name)
        if pattern is None and taken.setdefault(spelled, found) != found:
            raise twins(origin_beneath + taken[spelled], origin)
        if pattern is None and stat.S_ISLNK(status.st_mode):
            target_path, target_status = _resolve(path, origin=origin, root_path=root_path)
            if target_path in own_outputs:
                continue
            if symlinks == "keep":
                base = base or Base(name, path=path, origin=origin)
                yield _keep_link(archive_name(name, origin), base, status=status)
                continue
            path, status, base = target_path, target_status, None
            is_folder = stat.S_ISDIR(status.st_mode)
            pattern = rules.verdict(name + "/") if is_folder else None
            if is_folder and pattern is None and folder.is_below(status):
                raise loop(origin)
        if pattern is not None:
            yield Omission(name=name + "/" if is_folder else name, pattern=pattern)
        elif is_folder:
            prefix = archive_name(name, origin) + "/"
            base = base or Base(prefix, path=path + os.sep, origin=origin + os.sep)
            yield Folder(base, prefix, identity=_identity(status), modified=status.st_mtime_ns, parent=folder)
        else:
            base = base or Base(name, path=path, origin=origin)
            yield _regular_file(archive_name(name, origin), base, status=status)


def listing(folder: Folder) -> list[tuple[str, os.stat_result]]:
    """Return name and ``lstat`` of everything in ``folder``, after proving that it is the folder that was seen."""
    try:
        if os.scandir not in os.supports_fd:  # Windows
            return [(found.name, os.lstat(found.path)) for found in os.scandir(folder.path)]
        descriptor = os.open(folder.path, READ_FLAGS | os.O_DIRECTORY)
        try:
            status = os.fstat(descriptor)
            if _identity(status) != folder.identity:
                raise changed_file(folder.origin)
            with os.scandir(descriptor) as found_ones:
                return [(found.name, found.stat(follow_symlinks=False)) for found in found_ones]
        finally:
            os.close(descriptor)
    except OSError as error:
        raise refusal(folder.origin, error) from error


def _regular_file(name: ArchiveName, base: Base, *, status: os.stat_result) -> Entry:
    if not stat.S_ISREG(status.st_mode):
        origin = base.origin_of(name)
        kinds = {stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket", stat.S_IFBLK: "a device", stat.S_IFCHR: "a device"}
        raise SourceError(
            f"{origin} is {kinds.get(stat.S_IFMT(status.st_mode), 'something')}, not a file",
            hint=f"remove it, or leave it out with {exclude_option(name)}",
            path=origin,
        )
    return Entry(name=name, base=base, size=status.st_size, stamp=stamp(status))


def _resolve(path: str, *, origin: str, root_path: str) -> tuple[str, os.stat_result]:
    """Return the real path and the ``lstat`` of what a symlink leads to; raises ``SourceError`` unless in the root."""
    try:
        target = os.path.realpath(path, strict=True)
        status = os.lstat(target)
    except OSError as error:
        faults = {
            errno.ELOOP: "leads in a circle",
            errno.ENOENT: "leads to nothing",
            errno.ENOTDIR: "leads through a file",
        }
        if error.errno not in faults:
            raise refusal(origin, error) from error
        raise SourceError(
            f"the symlink {origin} {faults[error.errno]}",
            hint="repair or remove it, or leave it out with --exclude",
            path=origin,
        ) from error
    if target != root_path and not target.startswith(root_path.rstrip(os.sep) + os.sep):
        raise outside(origin)
    return target, status


def _keep_link(name: ArchiveName, base: Base, *, status: os.stat_result) -> Entry:
    """Return the entry of a symlink that is packed as one; its target must stay below the root on Lambda too."""
    origin = base.origin_of(name)
    try:
        target = normalize(os.readlink(base.path_of(name))).replace(os.sep, "/")  # noqa: PTH115 - as above
    except OSError as error:
        raise refusal(origin, error) from error
    depth = name.count("/")
    for part in target.split("/"):
        depth += -1 if part == ".." else 1 if part not in {"", "."} else 0
        if depth < 0 or target.startswith("/"):
            raise outside(origin)
    return Entry(
        name=name, base=base, size=len(archive_name(target, origin).encode()), stamp=stamp(status), link_target=target
    )


def normalize(found: str) -> str:
    """Return a file name in NFC, read as UTF-8 whatever the locale; one that is not UTF-8 is returned as it is."""
    if found.isascii():
        return found
    try:
        return unicodedata.normalize("NFC", os.fsencode(found).decode("utf-8"))
    except UnicodeDecodeError:
        return found


def archive_name(name: str, origin: str) -> ArchiveName:
    """Return ``name`` as proven fit for the archive; raises ``SourceError`` that prints it escaped."""
    unfit = why_unfit(name)
    if unfit is not None:
        raise SourceError(
            f"the name of {origin} {unfit}", hint="rename the file, or leave it out with --exclude", path=origin
        )
    return ArchiveName(name)
