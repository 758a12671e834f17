"""Entries and members from literals."""

from collections.abc import Callable, Iterable

import pytest

from lambdapack.packing.entries import ArchiveName, Base, Entry
from lambdapack.packing.patterns.rules import Rules, compile_rules, from_list


@pytest.fixture(scope="session")
def entry() -> Callable[..., Entry]:
    def make(name: str, *, size: int = 1, origin: str | None = None, link_target: str | None = None) -> Entry:
        return Entry(
            name=ArchiveName(name),
            base=Base(name, f"/real/{name}", origin or f"src/{name}"),
            size=size,
            stamp=(1, 2, 0, 3, 4),
            link_target=link_target,
        )

    return make


@pytest.fixture(scope="session")
def rules() -> Callable[[Iterable[str]], Rules]:
    def make(patterns: Iterable[str]) -> Rules:
        return compile_rules(from_list(patterns, source="test"))

    return make
