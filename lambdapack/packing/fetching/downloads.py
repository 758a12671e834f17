"""The downloads of one run: their connections, their end, and what they have brought together.

Rules for this file
- urllib3 is imported by the threads that download. A signal reaches the main thread alone, and where it comes while
  that one imports ``ssl``, CPython makes an ImportError of it (``PyCapsule_Import`` keeps no exception).
"""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Self

from lambdapack.packing.fetching.patience import Patience
from lambdapack.packing.locks.selection import LockedWheel

if TYPE_CHECKING:
    from lambdapack.packing.fetching.connections import Connections


class Downloads:
    """Fetches wheels from any thread, counts for the one that reports; leaving the context ends all that is open."""

    def __init__(
        self, *, environ: Mapping[str, str], patience: Patience | None, connections: int, tell: Callable[[str], None]
    ) -> None:
        self._environ = environ
        self._patience = patience or Patience()
        self._size = connections
        self._tell = tell
        self._stop = threading.Event()
        self._opening = threading.Lock()
        self._connections: Connections | None = None
        self._counting = threading.Lock()
        self._arrived = 0

    def __enter__(self) -> Self:
        """Nothing is connected yet."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Have every download end at its next chunk; nobody waits for them."""
        self._stop.set()
        if self._connections is not None:
            self._connections.close()

    def fetch(self, locked: LockedWheel) -> bytes:
        """Return a wheel, its leading hash proven; raises what ``Connections`` and ``Download.run`` raise."""
        from lambdapack.packing.fetching.download import Download  # noqa: PLC0415 - see the rules above

        return Download(
            locked, connections=self._open(), patience=self._patience, stop=self._stop, arrived=self._count
        ).run()

    def report(self, progress: Callable[[int], None]) -> None:
        """Tell ``progress`` what arrived since the last report; negative where an answer had to be dropped."""
        with self._counting:
            arrived, self._arrived = self._arrived, 0
        if arrived:
            progress(arrived)

    def _open(self) -> "Connections":
        from lambdapack.packing.fetching.connections import Connections  # noqa: PLC0415 - see the rules above

        with self._opening:
            if self._connections is None:
                self._connections = Connections(
                    self._environ, connections=self._size, read_timeout=self._patience.read_timeout, tell=self._tell
                )
            return self._connections

    def _count(self, size: int) -> None:
        with self._counting:
            self._arrived += size
