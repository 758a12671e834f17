"""The SHA-256 of what is being written, computed beside the writing: each releases the interpreter's lock."""

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

UNDER_WAY = 16
"""Blocks that may be written and not yet hashed; hashing is the faster of the two."""


class Digest:
    """A SHA-256 that one thread computes, in the order of the calls."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._digest = hashlib.sha256()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="digest")
        self._under_way: deque[Future[None]] = deque()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Drop what is not yet hashed."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def update(self, block: bytes | bytearray | memoryview) -> None:
        """Hash ``block``, which nobody may change any more; where the system gives no thread, now."""
        try:
            self._under_way.append(self._executor.submit(self._digest.update, block))
        except RuntimeError:
            self._wait(0)
            self._digest.update(block)
        self._wait(UNDER_WAY)

    def finished(self) -> "hashlib._Hash":
        """Return the digest of all blocks."""
        self._wait(0)
        return self._digest

    def _wait(self, left: int) -> None:
        while len(self._under_way) > left:
            self._under_way.popleft().result()
