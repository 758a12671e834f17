"""From entries to members, on all cores, in order, in bounded memory.

Entries travel in batches: one by one, handing them to a thread would cost as much as compressing
them. Reading, hashing and compressing all release the interpreter's lock. The bytes that are under
way are bounded by ``BYTES_UNDER_WAY``, whatever the size of the tree; a single file that is larger
goes alone. So the memory needed is that of the largest file plus a constant.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from lambdapack.errors import LocalError
from lambdapack.packing import deflate
from lambdapack.packing.content import read
from lambdapack.packing.entry import Entry, Member
from lambdapack.packing.ignore import Rules

BATCH_BYTES = 256 << 10
BATCH_ENTRIES = 128
"""A batch ends at either. Measured on 12,000 small files: ten times more or less costs 5 %."""

BYTES_UNDER_WAY = 64 << 20
"""Bytes of content that are handed out and not yet written, the largest single file aside."""

REGULAR = 0o100644
EXECUTABLE = 0o100755
SYMLINK = 0o120777
"""Modes that Lambda's user can read ("Troubleshoot deployment issues": 644 for files, 755 for executables)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a member's bytes follow from its content."""

    profile: deflate.Profile
    executable: Rules
    """Patterns for files that are executable whatever they hold."""


def compress(entries: Iterable[Entry], *, recipe: Recipe, jobs: int) -> Generator[Member, None, None]:
    """Yield the member of each entry, in the order of ``entries``, using ``jobs`` threads.

    Raises what ``content.read`` raises; closing the generator drops what is not yet begun.
    """
    executor = ThreadPoolExecutor(jobs, thread_name_prefix="compress")
    under_way: deque[tuple[int, Future[list[Member]]]] = deque()
    pending = 0
    try:
        for batch in batches(entries):
            size = sum(entry.size for entry in batch)
            while under_way and pending + size > BYTES_UNDER_WAY:
                done, future = under_way.popleft()
                yield from future.result()
                pending -= done
            under_way.append((size, submitted(executor, batch, recipe)))
            pending += size
        while under_way:
            yield from under_way.popleft()[1].result()
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def submitted(executor: ThreadPoolExecutor, batch: list[Entry], recipe: Recipe) -> "Future[list[Member]]":
    """Hand ``batch`` to a thread; raises ``LocalError`` where the system gives none."""
    try:
        return executor.submit(members, batch, recipe)
    except RuntimeError as error:  # "can't start new thread", which is all that threading says
        raise LocalError(
            f"cannot compress in threads: {error}", hint="use fewer --jobs, or raise the limits (ulimit -u, ulimit -v)"
        ) from error


def batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Yield ``entries`` in runs that are worth a thread's while."""
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        batch.append(entry)
        size += entry.size
        if size >= BATCH_BYTES or len(batch) >= BATCH_ENTRIES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def members(batch: list[Entry], recipe: Recipe, reader: Callable[[Entry], bytes] = read) -> list[Member]:
    """Return the members of a batch: what one thread does at a time."""
    return [member(entry, reader(entry), recipe) for entry in batch]


def member(entry: Entry, content: bytes, recipe: Recipe) -> Member:
    """Return the member that ``entry`` becomes, a pure function of name, content and recipe."""
    method, payload = (deflate.STORED, content) if entry.link_target else deflate.compress(content, recipe.profile)
    return Member(
        entry=entry,
        mode=mode(entry, content, recipe),
        method=method,
        crc32=deflate.crc32(content),
        size=len(content),
        payload=payload,
    )


def mode(entry: Entry, content: bytes, recipe: Recipe) -> int:
    """Return type and permissions by name and content; the file system's differ between checkouts."""
    if entry.link_target is not None:
        return SYMLINK
    if content.startswith((b"#!", b"\x7fELF")) or recipe.executable.cover(entry.name):
        return EXECUTABLE
    return REGULAR
