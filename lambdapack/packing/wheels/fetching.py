"""The downloads of one run: their connections, their end, and what they have brought together."""

import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from lambdapack.packing.wheels.connections import Connections
from lambdapack.packing.wheels.download import Download
from lambdapack.packing.wheels.locked import LockedWheel
from lambdapack.packing.wheels.patience import Patience


class Downloads:
    """Fetches wheels from any thread, counts for the one that reports; leaving the context ends all that is open."""

    def __init__(
        self, *, environ: Mapping[str, str], patience: Patience, connections: int, tell: Callable[[str], None]
    ) -> None:
        """Read proxies, certificates and netrc from the environment; raises what ``Connections`` raises."""
        self._connections = Connections(environ, connections=connections, read_timeout=patience.read_timeout, tell=tell)
        self._patience = patience
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._arrived = 0

    def __enter__(self) -> Self:
        """Nothing is connected yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Have every download end at its next chunk; nobody waits for them."""
        self._stop.set()
        self._connections.close()

    def fetch(self, locked: LockedWheel) -> bytes:
        """Return a wheel, its leading hash proven; raises what ``Download.run`` raises."""
        return Download(
            locked, connections=self._connections, patience=self._patience, stop=self._stop, arrived=self._count
        ).run()

    def report(self, progress: Callable[[int], None]) -> None:
        """Tell ``progress`` what arrived since the last report; negative where an answer had to be dropped."""
        with self._lock:
            arrived, self._arrived = self._arrived, 0
        if arrived:
            progress(arrived)

    def _count(self, size: int) -> None:
        with self._lock:
            self._arrived += size
