"""The first step with wheels: the lock is read, its wheels are selected, and threads go to get them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from lambdapack.packing.locks.pylock import select_wheels
from lambdapack.packing.locks.selection import Selection
from lambdapack.packing.request import Dependencies
from lambdapack.packing.wheelhouse.cache import open_cache
from lambdapack.packing.wheelhouse.obtaining import WheelFetch, Wheelhouse
from lambdapack.reporting import Tell
from lambdapack.target import Target


class Incoming(NamedTuple):
    """Wheels on their way."""

    wanted: Dependencies
    target: Target
    selection: Selection
    fetch: WheelFetch

    @property
    def paths(self) -> tuple[str, ...]:
        """The wheels that the lock names by path."""
        return tuple(wheel.path for wheel in self.selection.wheels if wheel.path is not None)


@contextmanager
def begin(wanted: Dependencies, *, target: Target, jobs: int, tell: Tell) -> Iterator[Incoming]:
    """Select the wheels, and have ``jobs`` threads look for them, read them and hash them while the context lasts.

    Raises ``LockError`` where the lock is refused, ``UsageError`` where it or a folder is not there.
    """
    cache = open_cache(Path(wanted.cache), tell=tell) if wanted.cache is not None else None
    selection = select_wheels(
        os.fspath(wanted.lock),
        target=target,
        groups=None if wanted.groups is None else tuple(wanted.groups),
        extras=tuple(wanted.extras),
        cache=cache,
        warn=tell,
    )
    wheelhouse = Wheelhouse(
        cache=cache, folders=tuple(map(Path, wanted.folders)), offline=wanted.offline, environ=wanted.environ
    )
    with WheelFetch(selection.wheels, wheelhouse=wheelhouse, jobs=jobs) as fetch:
        yield Incoming(wanted=wanted, target=target, selection=selection, fetch=fetch)
