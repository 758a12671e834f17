"""The wheels of a lock, from the request to the moment at which they are all on their way.

``placing`` goes on from there: from wheels in hand to entries.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from lambdapack.packing.locks.lock import selected
from lambdapack.packing.locks.locked import Selection
from lambdapack.packing.request import Tell
from lambdapack.packing.wheelhouse.cache import open_cache
from lambdapack.packing.wheelhouse.obtaining import Obtaining, Wheelhouse
from lambdapack.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """Which wheels go in, whence, and what of them."""

    lock: str
    folders: tuple[Path, ...] = ()
    groups: tuple[str, ...] | None = None
    """None for the lock's own default."""
    extras: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    """Projects that the runtime has."""
    preset: str | None = None
    """A key of ``trimming.PRESETS``."""
    scripts: bool = False
    """Whether the scripts of wheels go into ``bin/``."""
    cache: Path | None = None
    """The cache's directory; None for none."""
    offline: bool = False
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The environment, for what downloads need of it: proxies, certificates, netrc, pip's cache."""


class Begun(NamedTuple):
    """Wheels on their way."""

    wanted: Dependencies
    target: Target
    selection: Selection
    obtaining: Obtaining


@contextmanager
def begin(wanted: Dependencies, *, target: Target, jobs: int, tell: Tell) -> Iterator[Begun]:
    """Select the wheels, and have ``jobs`` threads look for them, read them and hash them while the context lasts.

    Raises ``LockError`` where the lock is refused, ``UsageError`` where it or a folder is not there.
    """
    cache = open_cache(wanted.cache, tell=tell) if wanted.cache is not None else None
    selection = selected(wanted.lock, target=target, groups=wanted.groups, extras=wanted.extras, cache=cache, warn=tell)
    house = Wheelhouse(cache=cache, folders=wanted.folders, offline=wanted.offline, environ=wanted.environ)
    with Obtaining(selection.wheels, house=house, jobs=jobs) as obtaining:
        yield Begun(wanted=wanted, target=target, selection=selection, obtaining=obtaining)
