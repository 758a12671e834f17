"""What goes into one package, in the order of the archive, with every name proven to be the only one.

Pure: values in, values out. The limits that Lambda sets on the whole package are ``checks``'.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lambdapack.errors import SourceError
from lambdapack.packing.entry import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The entries of one package, by the UTF-8 bytes of their names."""

    entries: tuple[Entry, ...]

    @property
    def unzipped_size(self) -> int:
        """Bytes of all contents, as Lambda counts them against its limit."""
        return sum(entry.size for entry in self.entries)


def bundle(entries: Iterable[Entry], *, source: str, case_collisions_allowed: bool = False) -> Bundle:
    """Return ``entries`` in the archive's order.

    Raises ``SourceError`` where there are none, or where two of them would be one file on a system
    that folds case or normalises names: such a package cannot be unpacked, checked out or compared there.
    """
    # Python orders text by code points, and UTF-8 keeps that order (RFC 3629, section 1).
    ordered = tuple(sorted(entries, key=lambda entry: entry.name))
    if not ordered:
        raise SourceError(
            f"nothing in {source} is left to pack",
            hint="Lambda refuses an empty package; see which patterns leave files out with lambdapack build --list -v",
        )
    spelled = str if case_collisions_allowed else str.lower
    files: dict[str, Entry] = {}
    for entry in ordered:
        other = files.setdefault(spelled(entry.name), entry)
        if other is not entry:
            raise collision(other.name, entry.name, entry)
    folders: dict[str, str] = {}
    for entry in ordered:
        folder = entry.name.rpartition("/")[0]
        while folder and folders.get(key := spelled(folder)) != folder:
            taken = files[key].name if key in files else folders.setdefault(key, folder)
            if taken != folder or key in files:
                raise collision(taken, folder, entry)
            folder = folder.rpartition("/")[0]
    return Bundle(entries=ordered)


def collision(one: str, other: str, entry: Entry) -> SourceError:
    """Return the error for two names, of files or of directories above them, that fall together at ``entry``."""
    if one == other:
        return SourceError(
            f"the name {one} would stand for two things, one of them {entry.origin}",
            hint="rename one of them",
            path=entry.origin,
        )
    return SourceError(
        f"the names {one} and {other} differ in case only",
        hint="rename one of them, or allow it: --allow-case-collisions",
        path=entry.origin,
    )
