"""The SHA-256 of what is being written, computed beside the writing: each releases the interpreter's lock."""

import hashlib
import threading
from functools import partial
from types import TracebackType
from typing import Self

from lambdapack.packing.crew import Crew

UNDER_WAY = 16
"""Blocks that may be written and not yet hashed; hashing is the faster of the two."""


class Digest:
    """A SHA-256 that one thread computes, in the order of the calls."""

    def __init__(self) -> None:
        """Begin with nothing; no thread is started before there is work."""
        self._digest = hashlib.sha256()
        self._crew = Crew(1, name="digest")
        self._room = threading.BoundedSemaphore(UNDER_WAY)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Drop what is not yet hashed."""
        self._crew.__exit__(kind, error, traceback)

    def update(self, block: bytes | bytearray | memoryview) -> None:
        """Hash ``block``, which nobody may change any more; raises ``LocalError`` where there is no thread."""
        self._room.acquire()
        self._crew.do(partial(self._hash, block))

    def finished(self) -> "hashlib._Hash":
        """Return the digest of all blocks, once it is computed."""
        for _ in range(UNDER_WAY):
            self._room.acquire()
        return self._digest

    def _hash(self, block: bytes | bytearray | memoryview) -> None:
        self._digest.update(block)
        self._room.release()
