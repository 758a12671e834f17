"""One owner for each name: the source tree and the wheels become one list of entries.

Two files of one name and the same bytes are one file; of different bytes they are a refusal that
names both owners, for whichever came last would win in silence, and in another order the other one.
"""

import hashlib
from collections.abc import Callable, Iterable
from typing import TypeAlias

from lambdapack.choices import Preference
from lambdapack.errors import WheelError
from lambdapack.packing.entries import AnyEntry, CopiedEntry, Entry, WrittenEntry
from lambdapack.packing.patterns.rules import exclude_option
from lambdapack.packing.source.read import read

WheelEntry: TypeAlias = CopiedEntry | WrittenEntry


def merge(
    sources: Iterable[Entry],
    wheels: Iterable[WheelEntry],
    *,
    prefer: Preference | None = None,
    reader: Callable[[Entry], bytes] = read,
) -> list[AnyEntry]:
    """Return the entries of both, each name once.

    ``wheels`` are in an order that does not change between machines: of two equal files the first stays.
    ``reader`` returns a source file's content. Raises ``WheelError`` where two owners of one name differ,
    and what ``reader`` raises.
    """
    owners: dict[str, AnyEntry] = {}
    for entry in wheels:
        other = owners.setdefault(entry.name, entry)
        if other is not entry and sha256(other, reader) != sha256(entry, reader):
            raise WheelError(
                f"{entry.name} is in {wheel_of(other)} and in {entry.wheel}, with different bytes",
                hint=f"lock versions that agree, or leave the file out: {exclude_option(entry.name)}",
                name=entry.name,
            )
    for source in sources:
        owner = owners.get(source.name)
        if owner is None:
            owners[source.name] = source
        elif prefer is None:
            if differ(source, owner, reader):
                raise WheelError(
                    f"{source.name} is in {wheel_of(owner)} and is {source.origin}, with different bytes",
                    hint="say whose it is: --prefer source, or --prefer wheel; or leave one out",
                    name=source.name,
                )
        elif prefer == "source":
            owners[source.name] = source
    return list(owners.values())


def differ(source: Entry, owner: AnyEntry, reader: Callable[[Entry], bytes]) -> bool:
    """Return whether a source file is another one than the file of a wheel."""
    return (
        source.link_target is not None or source.size != owner.size or sha256(source, reader) != sha256(owner, reader)
    )


def sha256(entry: AnyEntry, reader: Callable[[Entry], bytes]) -> str:
    """Return the SHA-256 of an entry's content in hexadecimal digits."""
    if isinstance(entry, CopiedEntry):
        return entry.file.sha256
    content = entry.content if isinstance(entry, WrittenEntry) else reader(entry)
    return hashlib.sha256(content).hexdigest()


def wheel_of(entry: AnyEntry) -> str:
    """Return the file name of the wheel that an entry is from, or where else it is from."""
    return entry.origin if isinstance(entry, Entry) else entry.wheel
