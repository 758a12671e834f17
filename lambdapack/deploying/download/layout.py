"""Where the members of a zip that somebody else made may be unpacked to: names in, places out, or a refusal.

Pure: what is written is decided before anything is, and without the file system. A name has one place below the
directory that is unpacked into, or none; a symlink may lead where the package itself is, nowhere else.

Rules for this file
- What members imply is bounded like the members: directories, bytes of links, steps along links.
- A directory is kept once, in the one that it lies in: a path for each would be memory for depth times directories.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from lambdapack.deploying.aws.deadline import FOREVER, Deadline
from lambdapack.deploying.download.foreign_zip import Member
from lambdapack.errors import CheckError
from lambdapack.folding import fold
from lambdapack.text import clip

_DEEPEST = 256
"""Directories below one another: more do not fit into a path of 4,096 bytes with names that mean something."""

_LONGEST_PART = 255
"""Bytes between two slashes: NAME_MAX of Linux, which Lambda runs on (limits.h)."""

_TOO_LONG = f"has a part of more than {_LONGEST_PART} bytes"

_MOST_DIRECTORIES = 32_768
"""One for each two members that there may be; large layers have six files a directory."""

_MOST_LINKS = 40
"""Symlinks that one path may lead through, as for Linux (path_resolution(7))."""

MOST_STEPS = 1_000_000
"""Parts of paths that all symlinks may lead along: fifteen for each of as many symlinks as there may be members."""

_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(slots=True)
class Directory:
    """A directory to be made."""

    member: str
    """The name of the member that it is, or else of the first in it."""
    held: "dict[str, Place]" = field(default_factory=dict)
    """What lies in it, by name."""
    folded: "dict[str, Place]" = field(default_factory=dict)
    """The same, by the names that a file system sees for which case and Unicode form make no difference."""


class Link(NamedTuple):
    """A symlink to be made."""

    name: str
    target: str


Place: TypeAlias = "Directory | Link | Member"
"""What has a name in a directory."""


class Layout(NamedTuple):
    """What goes where, proven to stay inside."""

    root: Directory
    files: tuple[Member, ...]
    links: tuple[Link, ...]

    def directories(self) -> Iterator[str]:
        """Yield the path of each directory, after the one that it lies in."""
        pending = [("", iter(self.root.held.items()))]
        while pending:
            above, rest = pending[-1]
            below = next(((part, place) for part, place in rest if isinstance(place, Directory)), None)
            if below is None:
                pending.pop()
                continue
            yield above + below[0]
            pending.append((f"{above}{below[0]}/", iter(below[1].held.items())))


def layout(members: Iterable[Member], targets: Mapping[str, str], *, deadline: Deadline = FOREVER) -> Layout:
    """Return where ``members`` go; ``targets`` says where each symlink, by its member's name, leads.

    Raises ``CheckError`` for a name, a link or a kind of member that has no safe place, and where more is implied than
    a package may, ``AwsError`` where the deadline passes.
    """
    root = Directory("")
    files: list[Member] = []
    links: list[Link] = []
    directories_left = _MOST_DIRECTORIES
    for member in members:
        deadline.check("laying out the package")
        parts = _safe_parts(member)
        above = root
        for part in parts if member.kind == "directory" else parts[:-1]:
            if part not in above.held:
                if not directories_left:
                    raise unsafe(member.name, f"makes it more than {_MOST_DIRECTORIES:,} directories")
                directories_left -= 1
                above.held[part] = Directory(member.name)
            above = _enter(above.held[part], member)
        if member.kind == "symlink":
            links.append(Link(member.name, targets[member.name]))
            _put(above, parts[-1], links[-1])
        elif member.kind == "file":
            files.append(member)
            _put(above, parts[-1], member)
    if links:
        _fold(root)
        _check_links(root, links, deadline=deadline)
    return Layout(root, tuple(files), tuple(links))


def _enter(place: Place, member: Member) -> Directory:
    """Return the directory that ``place`` is; raises ``CheckError`` where it is none, and ``member`` lies in it."""
    if not isinstance(place, Directory):
        raise unsafe(member.name, f"lies in {clip(place.name)}, which is no directory")
    return place


def _put(above: Directory, part: str, place: Link | Member) -> None:
    """Put a file or a link in its directory; raises ``CheckError`` where something else has its name."""
    other = above.held.setdefault(part, place)
    if isinstance(other, Directory):
        raise unsafe(other.member, f"lies in {clip(place.name)}, which is no directory")
    if other is not place:
        raise unsafe(place.name, "is there twice")


def _safe_parts(member: Member) -> tuple[str, ...]:
    """Return the parts of a member's name; raises ``CheckError`` where it could lead outside, or mean two things."""
    name = member.name
    parts = tuple(name.removesuffix("/").split("/"))
    faults = (
        (member.kind == "special", "is neither a file nor a directory nor a symlink"),
        (member.kind == "directory" and member.size > 0, "is a directory with content"),
        (name.startswith("/"), "is an absolute name"),
        ("\\" in name, "holds a backslash, which separates directories on one system and not on another"),
        (_holds_control(name), "holds a control character"),
        (".." in parts, "leads out of its directory with .."),
        ("" in parts or "." in parts, "has an empty part, or one that is a dot alone"),
        (":" in name and any(map(_DRIVE.match, parts)), "has a drive letter"),
        (len(parts) > _DEEPEST, f"lies deeper than {_DEEPEST} directories"),
        (max(map(len, name.encode("utf-8", "replace").split(b"/"))) > _LONGEST_PART, _TOO_LONG),
    )
    for is_fault, what in faults:
        if is_fault:
            raise unsafe(name, what)
    return parts


def _holds_control(text: str) -> bool:
    """Return whether there is a control character or half a surrogate pair in ``text``."""
    return not text.isprintable() and any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def _fold(root: Directory) -> None:
    """Let every directory be asked for folded names.

    Raises ``CheckError`` where two names are one then: which of them a symlink leads through, each file system would
    say. No symlink leads through a file.
    """
    pending = [root]
    while pending:
        directory = pending.pop()
        for part, place in directory.held.items():
            other = directory.folded.setdefault(fold(part), place)
            name = place.member if isinstance(place, Directory) else place.name
            if other is not place and not (isinstance(place, Member) and isinstance(other, Member)):
                raise unsafe(name, "differs from another name in case or Unicode form alone, and there are symlinks")
            if isinstance(place, Directory):
                pending.append(place)


def _check_links(root: Directory, links: Iterable[Link], *, deadline: Deadline) -> None:
    """Raise ``CheckError`` where a symlink, followed through all others as the system would, leads outside.

    A target that is not there is allowed: it leads nowhere, which is inside.
    """
    ways = {link.name: _way(link) for link in links}
    steps_left = MOST_STEPS
    for link in links:
        deadline.check("following the package's symlinks")
        for _ in _steps(root, link, ways):
            steps_left -= 1
            if not steps_left:
                raise unsafe(link.name, f"makes it more than {MOST_STEPS:,} steps along symlinks")


def _way(link: Link) -> tuple[str, ...]:
    """Return the parts of a link's target, folded, the last one first; raises ``CheckError`` for what is no path."""
    target = link.target
    if not target or target.startswith("/") or "\\" in target or _DRIVE.match(target):
        raise unsafe(link.name, "is a symlink whose target is no relative path")
    if _holds_control(target):
        raise unsafe(link.name, "is a symlink whose target holds a control character")
    parts = (part for part in reversed(target.split("/")) if part not in ("", "."))
    # Nothing that is there has a longer name, and folding one can take the square of its length.
    return tuple(part if len(part) > _LONGEST_PART else fold(part) for part in parts)


def _steps(root: Directory, link: Link, ways: Mapping[str, tuple[str, ...]]) -> Iterator[None]:
    """Go where a link leads, and yield at each step; raises ``CheckError`` where that is outside."""
    # None stands for what is not there, or is no directory.
    here: list[Directory | None] = [root]
    left = list(ways[link.name])
    left += [fold(part) for part in reversed(link.name.split("/")[:-1])]
    followed = 0
    while left:
        yield
        part = left.pop()
        if part == "..":
            here.pop()
            if not here:
                raise unsafe(link.name, "is a symlink that leads out of the directory")
            continue
        above = here[-1]
        place = above.folded.get(part) if above else None
        if isinstance(place, Link):
            followed += 1
            if followed > _MOST_LINKS:
                raise unsafe(link.name, "is a symlink that leads in a circle, or out of the directory")
            left += ways[place.name]
        else:
            here.append(place if isinstance(place, Directory) else None)


def unsafe(name: str, what: str) -> CheckError:
    """Return the error for a member that is not unpacked, and neither is the rest."""
    return CheckError(
        f"{clip(name)!r} {what}: the package is not unpacked",
        hint="download it without --unzip, and look into it with a program that you trust",
        member=clip(name),
    )
