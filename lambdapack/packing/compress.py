"""From entries to members, on all cores, in order, in bounded memory.

What lies in a wheel is compressed already, and becomes a member at once. All other entries travel in
batches: one by one, handing them to a thread would cost as much as compressing them. Reading, hashing
and compressing all release the interpreter's lock. The bytes that are under way are bounded by
``BYTES_UNDER_WAY``, whatever the size of the tree; a single file that is larger goes alone. So the
memory needed is that of the largest file plus a constant, and that of wheels which do not lie in the cache.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from lambdapack import shortage
from lambdapack.packing.archive import deflate
from lambdapack.packing.archive.segment import Run
from lambdapack.packing.entries import AnyEntry, CopiedEntry, Entry, Member, WrittenEntry
from lambdapack.packing.patterns.rules import Rules
from lambdapack.packing.source.read import read
from lambdapack.zipformat import STORED

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

BATCH_BYTES = 256 << 10
BATCH_ENTRIES = 128
"""A batch ends at either. Measured on 12,000 small files: ten times more or less costs 5 %."""

BYTES_UNDER_WAY = 64 << 20
"""Bytes of content that are handed out and not yet written, the largest single file aside."""

REGULAR = 0o100644
EXECUTABLE = 0o100755
SYMLINK = 0o120777
"""Modes that Lambda's user can read ("Troubleshoot deployment issues": 644 for files, 755 for executables)."""


class Recipe(NamedTuple):
    """How a member's bytes follow from its content."""

    profile: deflate.Profile
    executable: Rules
    """Patterns for files that are executable whatever they hold."""
    prefix: str = ""
    """What the patterns do not see of the names: the directory of a layer in which all files lie."""


def compress(entries: Iterable[AnyEntry | Run], *, recipe: Recipe, jobs: int) -> Generator[Member | Run, None, None]:
    """Yield the member of each entry, and each run as it is, in the order of ``entries``, using ``jobs`` threads.

    Raises what ``content.read`` raises; closing the generator drops what is not yet begun.
    """
    runs = list(batches(entries))
    if sum(1 for size, _ in runs if size) > 1:
        yield from in_threads(runs, recipe, jobs)
    else:
        for _, batch in runs:
            yield from members(batch, recipe)


def in_threads(
    runs: Iterable[tuple[int, list[AnyEntry | Run]]], recipe: Recipe, jobs: int
) -> Generator[Member | Run, None, None]:
    """Yield the members of all ``runs`` in their order."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - what is only copied need not wait for it

    executor = ThreadPoolExecutor(jobs, thread_name_prefix="compress")
    under_way: deque[tuple[int, Callable[[], list[Member | Run]]]] = deque()
    pending = 0
    try:
        for size, batch in runs:
            while under_way and pending + size > BYTES_UNDER_WAY:
                done, result = under_way.popleft()
                yield from result()
                pending -= done
            # What is only copied is not worth a thread.
            result = submitted(executor, batch, recipe).result if size else partial(members, batch, recipe)
            under_way.append((size, result))
            pending += size
        while under_way:
            yield from under_way.popleft()[1]()
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def submitted(
    executor: "ThreadPoolExecutor", batch: list[AnyEntry | Run], recipe: Recipe
) -> "Future[list[Member | Run]]":
    """Hand ``batch`` to a thread; raises ``LocalError`` where the system gives none."""
    try:
        return executor.submit(members, batch, recipe)
    except RuntimeError as error:  # "can't start new thread", which is all that threading says
        raise shortage.no_thread() from error


def batches(entries: Iterable[AnyEntry | Run]) -> Iterator[tuple[int, list[AnyEntry | Run]]]:
    """Yield ``entries`` in runs that are worth a thread's while, each with the bytes that it has to compress."""
    batch: list[AnyEntry | Run] = []
    size = count = copied_size = 0
    for entry in entries:
        batch.append(entry)
        if isinstance(entry, CopiedEntry):
            copied_size += entry.file.compressed_size
        elif not isinstance(entry, Run):
            size += entry.size
            count += 1
        if size >= BATCH_BYTES or count >= BATCH_ENTRIES or copied_size >= BATCH_BYTES:
            yield size, batch
            batch, size, count, copied_size = [], 0, 0, 0
    if batch:
        yield size, batch


def members(batch: list[AnyEntry | Run], recipe: Recipe, reader: Callable[[Entry], bytes] = read) -> list[Member | Run]:
    """Return the members of a batch: what one thread does at a time."""
    return [ready(entry, recipe, reader) for entry in batch]


def ready(entry: AnyEntry | Run, recipe: Recipe, reader: Callable[[Entry], bytes]) -> Member | Run:
    """Return what the archive takes for ``entry``."""
    if isinstance(entry, Run):
        return entry
    if isinstance(entry, CopiedEntry):
        return copied(entry, recipe)
    return member(entry, entry.content if isinstance(entry, WrittenEntry) else reader(entry), recipe)


def copied(entry: CopiedEntry, recipe: Recipe) -> Member:
    """Return the member of a file whose compressed bytes lie in a wheel."""
    file = entry.file
    mode = EXECUTABLE if file.executable or configured(entry, recipe) else REGULAR
    return Member(entry, mode, file.method, file.crc32, file.size, entry.payload)


def member(entry: Entry | WrittenEntry, content: bytes, recipe: Recipe) -> Member:
    """Return the member that ``entry`` becomes, a pure function of name, content and recipe."""
    is_link = isinstance(entry, Entry) and entry.link_target is not None
    method, payload = (STORED, content) if is_link else deflate.compress(content, recipe.profile)
    return Member(
        entry=entry,
        mode=SYMLINK if is_link else mode(entry, content, recipe),
        method=method,
        crc32=deflate.crc32(content),
        size=len(content),
        payload=payload,
    )


def mode(entry: Entry | WrittenEntry, content: bytes, recipe: Recipe) -> int:
    """Return type and permissions by name and content; the file system's differ between checkouts."""
    executable = content.startswith((b"#!", b"\x7fELF")) or configured(entry, recipe)
    return EXECUTABLE if executable else REGULAR


def configured(entry: AnyEntry, recipe: Recipe) -> bool:
    """Return whether the user's patterns make ``entry`` executable."""
    return recipe.executable.nearest(entry.name.removeprefix(recipe.prefix)) is not None
