"""What goes into one package, in the order of the archive, with every name proven to be the only one.

Pure: values in, values out. The limits that Lambda sets on the whole package are ``checks``'.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from lambdapack.errors import SourceError, WheelError
from lambdapack.folding import folded
from lambdapack.packing.archive.segment import Run
from lambdapack.packing.entries import AnyEntry, Entry
from lambdapack.packing.names import folders_of
from lambdapack.packing.patterns.rules import exclude_option


class Bundle(NamedTuple):
    """The entries of one package, by the UTF-8 bytes of their names."""

    entries: tuple[AnyEntry | Run, ...]
    unzipped_size: int
    """Bytes of all contents, as Lambda counts them against its limit."""

    @property
    def entry_count(self) -> int:
        """How many names there are."""
        return sum(entry.entry_count if isinstance(entry, Run) else 1 for entry in self.entries)

    def names(self) -> Iterator[str]:
        """Yield the name of every entry."""
        for entry in self.entries:
            if isinstance(entry, Run):
                yield from entry.stock.names[entry.begin : entry.end]
            else:
                yield entry.name

    def single_entries(self) -> list[AnyEntry]:
        """Return the entries of a bundle that was gathered in detail; raises ``RuntimeError`` for any other."""
        singles = [entry for entry in self.entries if not isinstance(entry, Run)]
        if len(singles) < len(self.entries):
            raise RuntimeError("the bundle was not gathered in detail")
        return singles


def bundle(entries: Iterable[AnyEntry], *, source: str, case_collisions_allowed: bool = False) -> Bundle:
    """Return ``entries`` in the archive's order.

    ``source`` is what they come from, in the user's words. Raises ``SourceError`` where there are none, or where
    two of them would be one file on a system that folds case or normalises names: such a package cannot be
    unpacked, checked out or compared there. Where one of the two is a wheel's, that is a ``WheelError``.
    """
    # Python orders text by code points, and UTF-8 keeps that order (RFC 3629, section 1).
    ordered = tuple(sorted(entries, key=attrgetter("name")))
    if not ordered:
        raise SourceError(
            f"nothing in {source} is left to pack",
            hint="Lambda refuses an empty package; see which patterns leave files out with lambdapack build --list -v",
        )
    check_names(ordered, normal if case_collisions_allowed else folded)
    return Bundle(entries=ordered, unzipped_size=sum(entry.size for entry in ordered))


def check_names(ordered: Sequence[AnyEntry], spelled: Callable[[str], str]) -> None:
    """Raise the ``collision`` of the first two names, of files or of directories above them, that are spelled alike."""
    # Hashes, for spellings would be a second copy of all names. Where the hashes differ, so do the spellings.
    names = [entry.name for entry in ordered]
    taken = {hash(spelled(name)) for name in names}
    folders = [hash(spelled(folder)) for folder, _ in folders_of(names)]
    if len(taken) == len(ordered) and len(set(folders)) == len(folders) and taken.isdisjoint(folders):
        return
    files: dict[str, AnyEntry] = {}
    for entry in ordered:
        other = files.setdefault(spelled(entry.name), entry)
        if other is not entry:
            raise collision(other.name, entry.name, other, entry)
    spellings: dict[str, tuple[str, AnyEntry]] = {}
    for folder, number in folders_of(names):
        key, entry = spelled(folder), ordered[number]
        file = files.get(key)
        name, other = spellings.setdefault(key, (folder, entry)) if file is None else (file.name, file)
        if name != folder or file is not None:
            raise collision(name, folder, other, entry)


def normal(name: str) -> str:
    """Return ``name`` as a system spells it that normalises names; a wheel's are kept as they are."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def collision(one: str, other: str, owner: AnyEntry, entry: AnyEntry) -> SourceError | WheelError:
    """Return the error for two names, of files or of directories above them, that fall together at ``entry``."""
    owners = dict.fromkeys(found.origin if isinstance(found, Entry) else found.wheel for found in (owner, entry))
    family = SourceError if isinstance(owner, Entry) and isinstance(entry, Entry) else WheelError
    whose = "" if family is SourceError else f" (in {' and '.join(owners)})"
    if one == other:
        return family(
            f"the name {one} would stand for two things, one of them {entry.origin}",
            hint="rename one of them" if family is SourceError else f"leave one of them out: {exclude_option(one)}",
            path=entry.origin,
        )
    if normal(one) == normal(other):
        return family(
            f"the names {one} and {other} are the same in Unicode's normal form{whose}",
            hint="rename one of them, or leave it out with --exclude",
            path=entry.origin,
        )
    return family(
        f"the names {one} and {other} differ in case only{whose}",
        hint="rename one of them, or allow it: --allow-case-collisions",
        path=entry.origin,
    )
