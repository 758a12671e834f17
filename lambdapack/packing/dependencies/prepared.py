"""What the wheels of a build become, worked out once: next time nothing of it is asked again.

::

    wheels' contents ─► placing, trimming, merge ─► entries ─► Stock ─► cache
                                                                 │  the same wheels and wishes, next time
                                                                 ▼
                       source tree ─► (between its entries) ─► Run… ─► archive

The bytes are those of the wheels, which are read and hashed in any case; a stock says what headers they get and where
they lie. It stands for the whole way from a wheel to its members, so its key is all that decides anything on that way.

Rules for this file
- Where anything is unusual there is no stock, and the build goes the long way, which alone knows how to refuse,
  to prefer, and to list. A stock never changes what a package holds.
"""

import json
import sys
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from hashlib import sha256
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from lambdapack.folding import folded
from lambdapack.packing.archive.segment import Run, Stock
from lambdapack.packing.bundle import Bundle, bundle
from lambdapack.packing.entries import AnyEntry, CopiedEntry, Entry
from lambdapack.packing.patterns.rules import Pattern
from lambdapack.packing.request import BuildRequest
from lambdapack.packing.source.walk import Omission
from lambdapack.packing.wheelhouse.index import RULES
from lambdapack.packing.wheels.contents import WheelBytes
from lambdapack.quotas import ENTRY_LIMIT, UNZIPPED_LIMIT
from lambdapack.version import __version__
from lambdapack.zipformat import CENTRAL_SIZE, LOCAL_SIZE

if TYPE_CHECKING:
    from lambdapack.packing.dependencies.begin import Begun
    from lambdapack.packing.dependencies.place import Collected

KIND = "stock"
"""Under which the cache keeps them."""

FORMAT = 1
"""Counts the changes of the document, of the archive's headers, and of what ``placing`` makes of wheels."""

TYPES = {"name_sizes": "H", "wheels": "H", "offsets": "I", "stored": "I", "sizes": "I"}
"""The columns of a stock, and the kind of number in each."""


class Prepared(NamedTuple):
    """A stock, and what else there is to say of the wheels."""

    stock: Stock
    tops: frozenset[str]
    """The first part of every name, as a system spells it that folds case."""
    omissions: tuple[Omission, ...]
    left_out: tuple[str, ...]
    warnings: tuple[str, ...]


def key(begun: "Begun", request: BuildRequest) -> str | None:
    """Return what the stock of a build is kept under, or None where the build is one that needs the long way."""
    wanted = begun.wanted
    wheels = begun.selection.wheels
    unusual = request.layer or request.manifest or request.executable or wanted.scripts or wanted.cache is None
    if unusual or not wheels or any(wheel.size is None for wheel in wheels):
        return None
    decides = [
        *(__version__, RULES, FORMAT, sys.byteorder),
        [[wheel.filename, wheel.name, wheel.version, wheel.size, sorted(wheel.hashes.items())] for wheel in wheels],
        *(begun.target.runtime, begun.target.architecture),
        *(wanted.without, wanted.preset, request.patterns, request.case_collisions_allowed),
    ]
    return sha256(json.dumps(decides).encode()).hexdigest()


def find(begun: "Begun", key: str) -> Prepared | None:
    """Return the stock that is kept under ``key``, or None."""
    cache = begun.obtaining.cache
    document = None if cache is None else cache.get(KIND, key)
    return None if document is None else load(document)


def keep(begun: "Begun", key: str, collected: "Collected", request: BuildRequest) -> None:
    """Keep the stock of the wheels, where all of it is copied."""
    cache, contents = begun.obtaining.cache, begun.obtaining.content
    document = made(collected, contents, case_collisions_allowed=request.case_collisions_allowed)
    if cache is not None and document is not None:
        cache.put(KIND, key, document)


def made(collected: "Collected", contents: Sequence[WheelBytes], *, case_collisions_allowed: bool) -> bytes | None:
    """Return the document of the stock that the wheels' entries make, or None where not all are copied."""
    from lambdapack.packing.archive.deflate import PROFILES  # noqa: PLC0415 - as above
    from lambdapack.packing.archive.format1 import headers  # noqa: PLC0415 - most builds make none
    from lambdapack.packing.compress import Recipe, copied  # noqa: PLC0415 - as above
    from lambdapack.packing.merge import merge  # noqa: PLC0415 - as above
    from lambdapack.packing.patterns.rules import compile_rules  # noqa: PLC0415 - as above

    if not collected.entries:
        return None
    found = bundle(merge((), collected.entries), source="", case_collisions_allowed=case_collisions_allowed)
    copies = [entry for entry in found.entries if isinstance(entry, CopiedEntry)]
    if len(copies) < len(found.entries):
        return None
    positions = {id(content): position for position, content in enumerate(contents)}
    recipe = Recipe(profile=PROFILES["default"], executable=compile_rules(()))
    local, central, offset = [], [], 0
    for entry in copies:
        header, in_directory = headers(copied(entry, recipe), offset)
        local.append(header)
        central.append(in_directory)
        offset += len(header) + entry.file.compressed_size
    columns = {
        "name_sizes": [len(header) - LOCAL_SIZE for header in local],
        "wheels": [positions[id(entry.content)] for entry in copies],
        "offsets": [entry.file.offset for entry in copies],
        "stored": [entry.file.compressed_size for entry in copies],
        "sizes": [entry.file.size for entry in copies],
    }
    about = {
        "count": len(copies),
        "tops": sorted({folded(entry.name.partition("/")[0]) for entry in copies}),
        "omissions": [[omission.name, *omission.pattern] for omission in collected.omissions],
        "left_out": collected.left_out,
        "warnings": collected.warnings,
    }
    numbers = [array(TYPES[name], column).tobytes() for name, column in columns.items()]
    return b"".join([json.dumps(about).encode(), b"\n", *numbers, *local, *central])


def load(document: bytes) -> Prepared | None:
    """Return what ``made`` wrote, or None where the document is no such thing; its seal is proven."""
    try:
        end = document.index(b"\n") + 1
        about = json.loads(document[:end])
        count = about["count"]
        columns = {}
        for name, kind in TYPES.items():
            columns[name] = array(kind)
            begin, end = end, end + count * columns[name].itemsize
            columns[name].frombytes(document[begin:end])
        names_size = sum(columns["name_sizes"])
        local = document[end : (begin := end + count * LOCAL_SIZE + names_size)]
        central = document[begin:]
        if len(central) != count * CENTRAL_SIZE + names_size:
            return None
        ends = accumulate(columns["name_sizes"], lambda end, size: end + LOCAL_SIZE + size, initial=0)
        names = [
            local[end + LOCAL_SIZE : end + LOCAL_SIZE + size].decode()
            for end, size in zip(ends, columns["name_sizes"], strict=False)
        ]
        return Prepared(
            stock=Stock(names=names, local=local, central=central, **columns),
            tops=frozenset(about["tops"]),
            omissions=tuple(Omission(name, Pattern(*pattern)) for name, *pattern in about["omissions"]),
            left_out=tuple(about["left_out"]),
            warnings=tuple(about["warnings"]),
        )
    except (ValueError, TypeError, KeyError):
        return None


def laid(
    prepared: Prepared, sources: Sequence[Entry], contents: Sequence[WheelBytes], request: BuildRequest
) -> Bundle | None:
    """Return the bundle of the source tree and the stock, or None where it takes the long way to tell.

    Where no name of the one begins as a name of the other does, there is nothing to merge, and nothing collides.
    Raises ``SourceError`` where two names of the tree collide.
    """
    stock = prepared.stock
    if not prepared.tops.isdisjoint(folded(source.name.partition("/")[0]) for source in sources):
        return None
    allowed = request.case_collisions_allowed
    own = bundle(sources, source="", case_collisions_allowed=allowed).single_entries() if sources else []
    unzipped_size = sum(stock.sizes) + sum(source.size for source in sources)
    if unzipped_size >= UNZIPPED_LIMIT or len(own) + len(stock.names) > ENTRY_LIMIT:
        return None
    entries: list[AnyEntry | Run] = []
    done = 0
    for source in own:
        place = bisect_left(stock.names, source.name)
        if place > done:
            entries.append(Run(stock, contents, done, place))
        entries.append(source)
        done = place
    if done < len(stock.names):
        entries.append(Run(stock, contents, done, len(stock.names)))
    return Bundle(entries=tuple(entries), unzipped_size=unzipped_size)
