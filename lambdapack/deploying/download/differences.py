"""What differs between two packages, entry by entry. Pure.

The order of the entries, dates, compression and whatever else only a zip knows is packaging: it changes the
CodeSha256, and nothing of what the function runs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["identical", "repackaged", "different"]
"""``repackaged``: same content, other packaging."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What an entry is once it is unpacked."""

    kind: str
    """``file``, ``directory``, ``symlink`` or ``special``."""
    sha256: str
    """Of the bytes, in hexadecimal; of a symlink's target."""
    size: int
    """Bytes."""
    mode: int | None
    """The permissions; None where the zip holds none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChange:
    """One entry that differs; what is None is not there."""

    name: str
    deployed_size: int | None
    """Bytes."""
    size: int | None
    """Bytes of the local entry."""
    deployed_mode: str | None
    """As ``"0644"``."""
    mode: str | None
    """Of the local entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a push of the local package would change."""

    verdict: Verdict
    added: tuple[EntryChange, ...] = ()
    removed: tuple[EntryChange, ...] = ()
    changed: tuple[EntryChange, ...] = ()
    mode: tuple[EntryChange, ...] = ()
    """Entries of which the permissions alone differ."""


IDENTICAL = Difference(verdict="identical")


def compare(deployed: Mapping[str, Content], local: Mapping[str, Content]) -> Difference:
    """Return the difference between the entries of two packages whose bytes differ."""
    added = [name for name in local if name not in deployed]
    removed = [name for name in deployed if name not in local]
    both = [name for name in local if name in deployed]
    changed = {name for name in both if _substance(deployed[name]) != _substance(local[name])}
    mode = [name for name in both if name not in changed and deployed[name].mode != local[name].mode]
    return Difference(
        verdict="different" if added or removed or changed or mode else "repackaged",
        added=_changes(added, deployed, local),
        removed=_changes(removed, deployed, local),
        changed=_changes(changed, deployed, local),
        mode=_changes(mode, deployed, local),
    )


def _substance(content: Content) -> tuple[str, str]:
    """Return what an entry is, whatever its permissions."""
    return content.kind, content.sha256


def _changes(
    names: Iterable[str], deployed: Mapping[str, Content], local: Mapping[str, Content]
) -> tuple[EntryChange, ...]:
    """Return what ``names`` were and are, in the order of the names."""
    return tuple(
        EntryChange(
            name=name,
            deployed_size=deployed[name].size if name in deployed else None,
            size=local[name].size if name in local else None,
            deployed_mode=_octal(deployed.get(name)),
            mode=_octal(local.get(name)),
        )
        for name in sorted(names)
    )


def _octal(content: Content | None) -> str | None:
    """Return the permissions of an entry the way ``chmod`` takes them."""
    return None if content is None or content.mode is None else f"{content.mode:04o}"
