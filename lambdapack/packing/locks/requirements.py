"""Which files uv reads to make a lock: the input, what it includes, and what lies beside it."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from lambdapack.config import FILES
from lambdapack.disk.reading import read_whole, reading
from lambdapack.inputs import Named, of_environment
from lambdapack.packing.locks.pylock import REQUIREMENTS

INCLUDE = re.compile(r"\s*(?:-r|-c|--requirements?|--constraints?)(?:\s+|=)\s*(\S.*?)\s*(?:\s#.*)?")
"""A line that includes another file (pip's manual, "Requirements File Format"; uv takes the same)."""

BESIDE = (*FILES, "uv.lock", "uv.toml")
"""What uv, and lambdapack itself, read in the directory of the input and in the current one."""


def read_by_uv(source: str) -> Iterator[Named]:
    """Yield every file that is read to lock ``source``; raises ``LocalError`` where the machine fails."""
    yield Named("the input", source)
    if source.endswith(REQUIREMENTS):
        yield from _find_included(source)
    for directory in dict.fromkeys((os.path.dirname(source), "")):  # noqa: PTH120 - the user's words
        for name in BESIDE:
            yield Named("the input", os.path.join(directory, name))  # noqa: PTH118 - as above
    yield from of_environment(os.environ)


def _find_included(source: str) -> Iterator[Named]:
    pending, seen = [source], {os.path.realpath(source)}
    while pending:
        path = pending.pop()
        for name in _includes(path):
            found = os.path.join(os.path.dirname(path), name)  # noqa: PTH118, PTH120 - the user's words
            if os.path.realpath(found) not in seen:
                seen.add(os.path.realpath(found))
                pending.append(found)
                yield Named("the input", found)


def _includes(path: str) -> list[str]:
    """Return what the lines of one file include; what cannot be read is for uv to complain about."""
    try:
        with reading(path):
            content = read_whole(Path(path))
    except (OSError, ValueError):
        return []
    lines = (content or b"").decode("utf-8", "replace").replace("\\\n", " ").splitlines()
    return [match[1] for line in lines if (match := INCLUDE.fullmatch(line))]
