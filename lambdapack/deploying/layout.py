"""Where the members of a zip that somebody else made may be unpacked to: names in, places out, or a refusal.

Pure: what is written is decided before anything is, and without the file system. A name has one place below the
directory that is unpacked into, or none; a symlink may lead where the package itself is, nowhere else.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from lambdapack.deploying.members import Member
from lambdapack.deploying.names import shortened
from lambdapack.errors import CheckError

DEEPEST = 256
"""Directories below one another: more do not fit into a path of 4,096 bytes with names that mean something."""

MOST_LINKS = 40
"""Symlinks that one path may lead through, as for Linux (path_resolution(7))."""

DRIVE = re.compile(r"[A-Za-z]:")

Parts: TypeAlias = tuple[str, ...]
"""A name, taken apart at its slashes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What goes where, proven to stay inside."""

    directories: tuple[Parts, ...]
    """Each after the one that it lies in."""
    files: Mapping[Parts, Member]
    links: Mapping[Parts, str]
    """The target of each symlink."""


def layout(members: Iterable[Member], targets: Mapping[str, str]) -> Layout:
    """Return where ``members`` go; ``targets`` says where each symlink, by its member's name, leads.

    Raises ``CheckError`` for a name, a link or a kind of member that has no safe place.
    """
    files: dict[Parts, Member] = {}
    links: dict[Parts, str] = {}
    directories: dict[Parts, str] = {}
    for member in members:
        parts = safe_parts(member)
        if parts in files or parts in links or (parts in directories and member.kind != "directory"):
            raise unsafe(member.name, "is there twice")
        if member.kind == "directory":
            directories[parts] = member.name
        elif member.kind == "symlink":
            links[parts] = targets[member.name]
        else:
            files[parts] = member
        for depth in range(1, len(parts)):
            directories.setdefault(parts[:depth], member.name)
    for parts, name in directories.items():
        if parts in files or parts in links:
            raise unsafe(name, f"lies in {'/'.join(parts)}, which is no directory")
    folded = {folded_parts(parts): target for parts, target in links.items()}
    for parts, target in links.items():
        check_link(parts, target, folded)
    return Layout(directories=tuple(sorted(directories, key=len)), files=files, links=links)


def safe_parts(member: Member) -> Parts:
    """Return the parts of a member's name; raises ``CheckError`` where it could lead outside, or mean two things."""
    name = member.name
    parts = tuple(name.removesuffix("/").split("/"))
    if member.kind == "special":
        raise unsafe(name, "is neither a file nor a directory nor a symlink")
    if member.kind == "directory" and member.size:
        raise unsafe(name, "is a directory with content")
    if name.startswith("/"):
        raise unsafe(name, "is an absolute name")
    if "\\" in name:
        raise unsafe(name, "holds a backslash, which separates directories on one system and not on another")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        raise unsafe(name, "holds a control character")
    if ".." in parts:
        raise unsafe(name, "leads out of its directory with ..")
    if any(part in ("", ".") for part in parts):
        raise unsafe(name, "has an empty part, or one that is a dot alone")
    if any(DRIVE.match(part) for part in parts):
        raise unsafe(name, "has a drive letter")
    if len(parts) > DEEPEST:
        raise unsafe(name, f"lies deeper than {DEEPEST} directories")
    return parts


def folded_parts(parts: Iterable[str]) -> Parts:
    """Return the parts as a file system sees them for which case and Unicode form make no difference."""
    return tuple(unicodedata.normalize("NFC", part).casefold() for part in parts)


def check_link(parts: Parts, target: str, links: Mapping[Parts, str]) -> None:
    """Raise ``CheckError`` where a symlink, followed through all ``links`` as the system would, leads outside.

    ``links`` are by their folded parts. A target that is not there is allowed: it leads nowhere, which is inside.
    """
    name = "/".join(parts)
    if not target or target.startswith("/") or "\\" in target or DRIVE.match(target):
        raise unsafe(name, "is a symlink whose target is no relative path")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in target):
        raise unsafe(name, "is a symlink whose target holds a control character")
    here = list(parts[:-1])
    left = target.split("/")[::-1]
    followed = 0
    while left:
        part = left.pop()
        if part == "..":
            if not here:
                raise unsafe(name, "is a symlink that leads out of the directory")
            here.pop()
        elif part not in ("", "."):
            here.append(part)
            onward = links.get(folded_parts(here))
            if onward is not None:
                followed += 1
                if followed > MOST_LINKS or onward.startswith("/"):
                    raise unsafe(name, "is a symlink that leads in a circle, or out of the directory")
                here.pop()
                left += onward.split("/")[::-1]


def unsafe(name: str, what: str) -> CheckError:
    """Return the error for a member that is not unpacked, and neither is the rest."""
    return CheckError(
        f"{shortened(name)!r} {what}: the package is not unpacked",
        hint="download it without --unzip, and look into it with a program that you trust",
        member=shortened(name),
    )
