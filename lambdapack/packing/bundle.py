"""What goes into one package, in the order of the archive, each name once and with one owner.

A source file and a wheel's file of one name are one file where their bytes are the same. Where they differ, the build
is refused and both owners are named, unless the user prefers one. Names that some systems take for one are refused too.
"""

import hashlib
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from lambdapack.choices import Preference
from lambdapack.errors import SourceError, WheelError
from lambdapack.folding import fold
from lambdapack.packing.archive.segment import Listed, Segment
from lambdapack.packing.entries import Entry, Single, WrittenEntry
from lambdapack.packing.names import folders_of
from lambdapack.packing.patterns.rules import exclude_option
from lambdapack.packing.source.read import read

if TYPE_CHECKING:
    from lambdapack.packing.archive.stretch import Members, Stretch
    from lambdapack.packing.dependencies.prepared import Prepared


class Bundle(NamedTuple):
    """What goes into one package, by the UTF-8 bytes of the names."""

    parts: tuple[Single | Segment, ...]
    entry_count: int
    """How many names there are."""
    unzipped_size: int
    """Bytes of all contents, as Lambda counts them against its limit."""

    def names(self) -> Iterator[str]:
        """Yield the name of every entry."""
        for part in self.parts:
            if isinstance(part, Single):
                yield part.name
            else:
                yield from part.names

    def listing(self) -> Iterator[Listed]:
        """Yield every entry as a listing shows it."""
        return chain.from_iterable(part.listing() for part in self.parts)


def merge(
    sources: Iterable[Entry],
    wheels: "Prepared",
    *,
    prefer: Preference | None = None,
    reader: Callable[[Entry], bytes] = read,
) -> "tuple[list[Entry], list[WrittenEntry], list[Stretch]]":
    """Return what stays of the source tree, of the scripts that were made anew, and of what is copied from wheels.

    ``reader`` returns a source file's content. Raises ``WheelError`` where both have different files of one name and
    neither is to be preferred, and what ``reader`` raises.
    """
    members = wheels.members
    scripts: dict[str, WrittenEntry] = {script.name: script for script in wheels.scripts}
    kept: list[Entry] = []
    lost: list[int] = []
    for source in sources:
        name = members.prefix + source.name
        number, script = members.find(name), scripts.get(name)
        owner = _owner(members, number, script)
        if owner is None:
            kept.append(source)
        elif prefer == "source":
            kept.append(source)
            scripts.pop(name, None)
            lost += [] if number is None else [number]
        elif prefer is None:
            _check_same(source, owner, reader)
    return kept, list(scripts.values()), members.without(sorted(lost))


def _owner(members: "Members", number: int | None, script: WrittenEntry | None) -> tuple[str, int, str] | None:
    """Return the wheel, the size and the SHA-256 of the script, or else of the member, or None."""
    if script is not None:
        return script.wheel, script.size, hashlib.sha256(script.content).hexdigest()
    if number is None:
        return None
    wheel = members.contents[members.wheels[number]].filename
    return wheel, members.sizes[number], members.sha256(number)


def _check_same(source: Entry, owner: tuple[str, int, str], reader: Callable[[Entry], bytes]) -> None:
    """Raise ``WheelError`` where a source file is another one than the file of a wheel."""
    wheel, size, sha256 = owner
    same = source.link_target is None and source.size == size
    if not same or hashlib.sha256(reader(source)).hexdigest() != sha256:
        raise WheelError(
            f"{source.name} is in {wheel} and is {source.origin}, with different bytes",
            hint="say whose it is: --prefer source, or --prefer wheel; or leave one out",
            name=source.name,
        )


def bundle(
    entries: Iterable[Single],
    stretches: "Iterable[Stretch]" = (),
    *,
    source: str,
    prefix: str = "",
    case_collisions_allowed: bool = False,
) -> Bundle:
    """Return ``entries`` and ``stretches`` in the archive's order.

    The names of the stretches are in order, and known to get on with one another. ``source`` is what all comes from,
    in the user's words; ``prefix`` is what all names begin with. Raises ``SourceError`` where there is nothing, or
    where two of them would be one file on a system that folds case or normalises names: such a package cannot be
    unpacked, checked out or compared there. Where one of the two is a wheel's, that is a ``WheelError``.
    """
    # Python orders text by code points, and UTF-8 keeps that order (RFC 3629, section 1).
    ordered = sorted(entries, key=attrgetter("name"))
    stretches = list(stretches)
    parts = tuple(_interleave(ordered, stretches))
    if not parts:
        raise SourceError(
            f"nothing in {source} is left to pack",
            hint="Lambda refuses an empty package; see which patterns leave files out with lambdapack build --list -v",
        )
    count = len(ordered) + sum(stretch.entry_count for stretch in stretches)
    found = Bundle(parts=parts, entry_count=count, unzipped_size=sum(part.size for part in parts))
    names = [entry.name for entry in ordered]
    near = _names_near(names, stretches, skip=len(prefix))
    check_names(sorted(names + near) if near else names, found.listing, case_collisions_allowed=case_collisions_allowed)
    return found


def _interleave(entries: Iterable[Single], stretches: "Iterable[Stretch]") -> "Iterator[Single | Stretch]":
    waiting = iter(stretches)
    stretch = next(waiting, None)
    for entry in entries:
        while stretch is not None and (count := stretch.count_before(entry.name)):
            before, stretch = stretch.split(count)
            yield before
            if stretch.entry_count:
                break
            stretch = next(waiting, None)
        yield entry
    if stretch is not None:
        yield stretch
    yield from waiting


def _names_near(names: Iterable[str], stretches: "Iterable[Stretch]", *, skip: int) -> list[str]:
    """Return those names of ``stretches`` that may get into the way of ``names``."""
    # Two names are one file, or a file and a directory, only where their first parts, which begin at ``skip``, are one.
    tops = {fold(top) for top in {name[skip:].partition("/")[0] for name in names}}
    near: list[str] = []
    for stretch in stretches:
        found, begin = stretch.names, 0
        while begin < len(found):
            top, slash, _ = found[begin][skip:].partition("/")
            # What begins with a directory comes in one piece, before whatever has another sign than "/" there.
            end = bisect_left(found, found[begin][: skip + len(top)] + "0", begin) if slash else begin + 1
            if fold(top) in tops:
                near += found[begin:end]
            begin = end
    return near


def check_names(
    names: Sequence[str], listing: Callable[[], Iterable[Listed]], *, case_collisions_allowed: bool
) -> None:
    """Raise the complaint of the first two names, of files or of directories above them, that are spelled alike.

    ``names`` are in order; ``listing`` says whose they are, and may have others.
    """
    spelled = _normalize if case_collisions_allowed else fold
    # Hashes, for spellings would be a second copy of all names. Where the hashes differ, so do the spellings.
    taken = {hash(spelled(name)) for name in names}
    folders = [hash(spelled(folder)) for folder, _ in folders_of(names)]
    if len(taken) == len(names) and len(set(folders)) == len(folders) and taken.isdisjoint(folders):
        return
    ordered = sorted(listing(), key=attrgetter("name"))
    files: dict[str, Listed] = {}
    for entry in ordered:
        other = files.setdefault(spelled(entry.name), entry)
        if other is not entry:
            raise _collision(other.name, entry.name, other, entry)
    spellings: dict[str, tuple[str, Listed]] = {}
    for folder, number in folders_of([entry.name for entry in ordered]):
        key, entry = spelled(folder), ordered[number]
        file = files.get(key)
        name, other = spellings.setdefault(key, (folder, entry)) if file is None else (file.name, file)
        if name != folder or file is not None:
            raise _collision(name, folder, other, entry)


def _normalize(name: str) -> str:
    """Return ``name`` as a system spells it that normalises names; a wheel's are kept as they are."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def _collision(one: str, other: str, owner: Listed, entry: Listed) -> SourceError | WheelError:
    """Return the error for two names, of files or of directories above them, that fall together at ``entry``."""
    owners = dict.fromkeys(found.wheel or found.origin for found in (owner, entry))
    family = SourceError if owner.wheel is entry.wheel is None else WheelError
    whose = "" if family is SourceError else f" (in {' and '.join(owners)})"
    if one == other:
        return family(
            f"the name {one} would stand for two things, one of them {entry.origin}",
            hint="rename one of them" if family is SourceError else f"leave one of them out: {exclude_option(one)}",
            path=entry.origin,
        )
    if _normalize(one) == _normalize(other):
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
