"""Names of a wheel's entries: which ones no package may hold, and which ones only some systems can. Pure.

Names are judged by their components, never by how they begin: ``demo/../../x`` begins harmlessly. Names that differ in
case only are not judged here: they may be allowed, and ``packing.bundle`` sees the whole package.
"""

import re
import unicodedata
from collections.abc import Iterable

from lambdapack.packing.names import folders_of, why_unfit
from lambdapack.packing.wheels.faults import WheelFault, quote
from lambdapack.quotas import ENTRY_LIMIT

COMPONENT_LIMIT = 255
"""Bytes of one component that Linux can store (limits.h, NAME_MAX)."""

PATH_LIMIT = 4096 - len("/var/task/") - 1
"""Bytes of a path that Linux can open below the function's directory (limits.h, PATH_MAX, which counts a NUL)."""

DRIVE = re.compile(r"[A-Za-z]:")

WINDOWS_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?|.*[. ]|.*[<>:\"|?*].*")
"""Components that Windows cannot store ("Naming Files, Paths, and Namespaces")."""


def why_unpackable(name: str) -> str | None:
    """Return what makes a file's ``name`` unfit, as the end of a sentence, or None where nothing does."""
    components = name.split("/")
    found = why_unfit(name)
    if found is not None:
        return found
    if name.startswith("/"):
        return "is absolute"
    if DRIVE.match(name):
        return "begins with a drive letter"
    if not {"", ".", ".."}.isdisjoint(components):
        return "leads out of the directory (..)" if ".." in components else "has a component that is empty, or a dot"
    return _too_long(components) if len(name) * 4 > COMPONENT_LIMIT else None


def _too_long(components: list[str]) -> str | None:
    if max(len(component.encode()) for component in components) > COMPONENT_LIMIT:
        return f"has a component of more than {COMPONENT_LIMIT} bytes, which Linux cannot store"
    if len("/".join(components).encode()) > PATH_LIMIT:
        return f"has more than {PATH_LIMIT:,} bytes, which Linux cannot open"
    return None


def check_names(names: Iterable[str]) -> None:
    """Raise ``WheelFault`` for an entry's name that is unfit; a directory's may end with ``/``."""
    for name in names:
        found = why_unpackable(name[:-1] if name.endswith("/") and name != "/" else name)
        if found is not None:
            raise WheelFault(f"the name of its entry {quote(name)} {found}", entry=name)


def check_clashes(files: Iterable[str], *, directories: Iterable[str] = ()) -> None:
    """Raise ``WheelFault`` where two names are one to a reader, or where a file is a directory to another name.

    So it does for more directories than a package may have entries; of those that there are, hashes are kept.
    ``files`` are proven unfit for nothing else, and none comes twice.
    """
    spelled: dict[str, str] = {}
    for name in files:
        other = spelled.setdefault(normalize(name), name)
        if other != name:
            raise _clash("entries", name, other)
    names = sorted((*spelled.values(), *(directory + "." for directory in directories)))
    seen: set[int] = set()
    for folder, number in folders_of(names):
        key = normalize(folder)
        if key in spelled:
            raise WheelFault(
                f"its entry {quote(folder)} is a file, and a directory to {quote(names[number])}", entry=folder
            )
        if hash(key) in seen:
            for other, _ in folders_of(names):
                if other != folder and normalize(other) == key:
                    raise _clash("directories", folder, other)
        seen.add(hash(key))
        if len(seen) > ENTRY_LIMIT:
            raise WheelFault(f"its entries lie in more than {ENTRY_LIMIT:,} directories", entry=names[number])


def _clash(what: str, one: str, other: str) -> WheelFault:
    """Return the fault for two names that look the same; escaped, as nobody would see the difference."""
    return WheelFault(
        f"its {what} {quote(ascii(one))} and {quote(ascii(other))} are spelled alike (Unicode NFC)", entry=one
    )


def normalize(name: str) -> str:
    """Return ``name`` in NFC."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def warnings(names: Iterable[str]) -> list[str]:
    """Return what a user should hear about the names of a wheel's files, as ends of sentences."""
    found = []
    reserved = [name for name in names if any(map(WINDOWS_RESERVED.fullmatch, name.split("/")))]
    if reserved:
        more = f" and {len(reserved) - 1:,} more" if len(reserved) > 1 else ""
        found.append(f"holds {quote(reserved[0])}{more}, which Windows cannot store")
    found.extend(
        f"holds {quote(name)}, which Python does not execute in /var/task"
        for name in names
        if name.endswith(".pth") and "/" not in name
    )
    return found
