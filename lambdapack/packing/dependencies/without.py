"""Leaving packages out of a lock's selection, with everything that only they need: ``--without boto3,botocore``.

A lock does not say which package needs which (uv and pip leave that out), but each wheel does. A need behind an extra
(``awscrt; extra == "crt"``) counts only where somebody asked for the extra, and the lock does not say what the user
asked for. So two graphs are drawn:

- *definite* edges hold without an extra, or with one that another package's requirement asks for;
- *possible* edges are these and all that hold with any extra whatever.

A package that nothing definitely needs is taken for the user's own wish. One that a remaining package may possibly need
stays: where it is unclear, a package goes in.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from lambdapack.errors import UsageError
from lambdapack.packing.locks.selection import LockedWheel
from lambdapack.target import Target

Graph: TypeAlias = Mapping[str, frozenset[str]]
"""For each package those that it needs, of those that the lock has."""

EXTRA = re.compile(r'\bextra == "([^"]*)"|"([^"]*)" == extra\b')
"""How packaging spells a marker's condition on an extra."""

NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
"""How every requirement begins, also one that packaging cannot read (PEP 508, Names)."""


def leave_out(
    wheels: Sequence[tuple[LockedWheel, tuple[str, ...]]], *, without: tuple[str, ...], target: Target
) -> frozenset[str]:
    """Return the normalised names of what is left out: those of ``without``, and what only they need.

    Each wheel comes with its ``Requires-Dist``. A package stays that a remaining one needs. Raises
    ``UsageError`` for a name that the selection does not have.
    """
    names = [wheel.name for wheel, _ in wheels]
    unwanted = _normalize_names(without, names)
    requirements = {wheel.name: [parse(text) for text in requires] for wheel, requires in wheels}
    environment = {key: str(value) for key, value in target.environment().items()}
    definite, possible = _graphs(requirements, environment)
    stays = _reach(_roots(definite) - unwanted, possible, avoiding=unwanted)
    return frozenset(names) - stays


def _normalize_names(without: Iterable[str], names: Sequence[str]) -> frozenset[str]:
    for name in without:
        if canonicalize_name(name) not in names:
            import difflib  # noqa: PLC0415 - for complaints alone

            near = difflib.get_close_matches(canonicalize_name(name), names, n=3)
            raise UsageError(
                f"--without {name}: nothing of that name is selected from the lock",
                hint=f"did you mean {' or '.join(near)}?" if near else "leave it out of --without",
            )
    return frozenset(str(canonicalize_name(name)) for name in without)


def parse(text: str) -> Requirement | str:
    """Return a requirement, or the bare name of one that no standard knows how to read."""
    try:
        return Requirement(text)
    except InvalidRequirement:
        name = NAME.match(text)
        return str(canonicalize_name(name[1])) if name else ""


def _graphs(
    requirements: Mapping[str, Sequence[Requirement | str]], environment: Mapping[str, str]
) -> tuple[Graph, Graph]:
    """Return the definite and the possible edges between the packages that ``requirements`` has."""
    definite: dict[str, set[str]] = {name: set() for name in requirements}
    possible: dict[str, set[str]] = {name: set() for name in requirements}
    asked: dict[str, set[str]] = {name: set() for name in requirements}
    waiting = list(requirements)
    while waiting:
        name = waiting.pop()
        for requirement in requirements[name]:
            if isinstance(requirement, str):
                possible[name] |= {requirement} & requirements.keys()
                continue
            other = str(canonicalize_name(requirement.name))
            if other not in requirements:
                continue
            extras = {first or second for first, second in EXTRA.findall(str(requirement.marker or ""))}
            if holds(requirement, environment, extras):
                possible[name].add(other)
            if holds(requirement, environment, asked[name]):
                definite[name].add(other)
                if new := {str(canonicalize_name(extra)) for extra in requirement.extras} - asked[other]:
                    asked[other] |= new
                    waiting.append(other)
    return (
        {name: frozenset(found - {name}) for name, found in definite.items()},
        {name: frozenset(found - {name}) for name, found in possible.items()},
    )


def holds(requirement: Requirement, environment: Mapping[str, str], extras: Iterable[str]) -> bool:
    """Return whether a requirement counts there, without an extra or with one of ``extras``."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({**environment, "extra": extra}) for extra in ("", *extras))


def _roots(graph: Graph) -> frozenset[str]:
    """Return what nothing else needs, and of packages that need each other in a circle those that only they need."""
    # These are what somebody asked for: every package of a lock is there for one of them.
    below = {name: _reach(graph[name], graph) for name in graph}
    needed = {name: {other for other in graph if name in below[other]} for name in graph}
    return frozenset(name for name in graph if needed[name] <= below[name])


def _reach(start: Iterable[str], graph: Graph, *, avoiding: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return ``start`` and everything below it, without passing through what is avoided."""
    found = set(start) - avoiding
    waiting = list(found)
    while waiting:
        new = graph[waiting.pop()] - found - avoiding
        found |= new
        waiting += new
    return frozenset(found)
