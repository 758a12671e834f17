"""From entries to segments: what is not compressed yet is, on all cores, in order, in bounded memory.

A segment passes as it is. Entries travel in batches, for handing them to a thread one by one would cost as much as
compressing them. Reading, hashing and compressing all release the interpreter's lock. The bytes under way are bounded
by ``BYTES_UNDER_WAY``; a single file that is larger goes alone. So the memory needed is that of the largest file plus a
constant, and that of wheels which do not lie in the cache.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from typing import NamedTuple, TypeAlias

from lambdapack.packing.archive import deflate
from lambdapack.packing.archive.format1 import headers
from lambdapack.packing.archive.segment import Segment
from lambdapack.packing.entries import Entry, Member, Single, WrittenEntry
from lambdapack.packing.patterns.rules import Rules
from lambdapack.packing.source.read import read
from lambdapack.threads import Pool
from lambdapack.zipformat import STORED

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


Batch: TypeAlias = list[Single | Segment]


def compress(parts: Iterable[Single | Segment], *, recipe: Recipe, jobs: int) -> Generator[Segment, None, None]:
    """Yield the member of each entry, and each segment as it is, in the order of ``parts``, using ``jobs`` threads.

    Raises what ``read.read`` raises, and ``CheckError`` for what no archive holds; closing the generator drops what is
    not yet begun.
    """
    batches = list(_batches(parts))
    if sum(1 for size, _ in batches if size) > 1:
        yield from _in_threads(batches, recipe, jobs)
    else:
        for _, batch in batches:
            yield from segments(batch, recipe)


def _in_threads(batches: Iterable[tuple[int, Batch]], recipe: Recipe, jobs: int) -> Generator[Segment, None, None]:
    under_way: deque[tuple[int, Callable[[], list[Segment]]]] = deque()
    pending = 0
    with Pool(jobs, name="compress") as pool:
        for size, batch in batches:
            while under_way and pending + size > BYTES_UNDER_WAY:
                done, result = under_way.popleft()
                yield from result()
                pending -= done
            work = partial(segments, batch, recipe)
            # What is only copied is not worth a thread.
            under_way.append((size, pool.submit(work) if size else work))
            pending += size
        while under_way:
            yield from under_way.popleft()[1]()


def _batches(parts: Iterable[Single | Segment]) -> Iterator[tuple[int, Batch]]:
    """Yield ``parts`` in batches that are worth a thread's while, each with the bytes that it has to compress."""
    batch: Batch = []
    size = count = 0
    for part in parts:
        batch.append(part)
        if isinstance(part, Single):
            size += part.size
            count += 1
        if size >= BATCH_BYTES or count >= BATCH_ENTRIES:
            yield size, batch
            batch, size, count = [], 0, 0
    if batch:
        yield size, batch


def segments(batch: Batch, recipe: Recipe, reader: Callable[[Entry], bytes] = read) -> list[Segment]:
    """Return what a batch becomes: what one thread does at a time."""
    found: list[Segment] = []
    for part in batch:
        if isinstance(part, Single):
            content = part.content if isinstance(part, WrittenEntry) else reader(part)
            found.append(member(part, content, recipe))
        else:
            found.append(part)
    return found


def member(entry: Single, content: bytes, recipe: Recipe) -> Member:
    """Return the member that ``entry`` becomes, a pure function of name, content and recipe."""
    is_link = isinstance(entry, Entry) and entry.link_target is not None
    mode = SYMLINK if is_link else _mode(entry, content, recipe)
    method, payload = (STORED, content) if is_link else deflate.compress(content, recipe.profile)
    sizes = len(content), len(payload)
    crc32 = deflate.crc32(content)
    local, central = headers(entry.name, mode=mode, method=method, crc32=crc32, sizes=sizes, origin=entry.origin)
    return Member(entry, sizes[0], len(local) + sizes[1], method, local, central, payload)


def _mode(entry: Single, content: bytes, recipe: Recipe) -> int:
    """Return type and permissions by name and content; the file system's differ between checkouts."""
    if content.startswith((b"#!", b"\x7fELF")):
        return EXECUTABLE
    rules = recipe.executable
    chosen = rules.patterns and rules.nearest(entry.name.removeprefix(recipe.prefix)) is not None
    return EXECUTABLE if chosen else REGULAR
