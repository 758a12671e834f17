"""What a wheel was found to hold, as a document for the cache: ``WheelContents`` to bytes and back.

The document is JSON with a list for each field of ``WheelFile``, which is read twice as fast as a list for each file.
It is looked up by everything that was verified when it was made: the wheel's hashes, and the names and rules that it
was held against. So a wheel that is expected to be something else, or that new rules look at, is verified again.

Rules for this file
- A document is believed for its seal; that its numbers lie within the wheel is checked nevertheless, because they
  decide which bytes are copied.
"""

import json
import operator
from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

from lambdapack.packing.locks.selection import LockedWheel
from lambdapack.packing.wheels.contents import WheelContents, WheelFile
from lambdapack.version import __version__

KIND = "contents"
"""Under which the cache keeps these documents."""

RULES = 1
"""Counts the changes of ``wheel.inspect``: what it accepts, what it finds, and this document's form."""

COLUMNS: dict[str, type] = dict(WheelFile.__annotations__)
"""The fields of a file and their types, in order."""

DIGEST_LENGTH = 64
"""Hexadecimal digits of a SHA-256."""

T = TypeVar("T")


def key(locked: LockedWheel, *, rules: int = RULES) -> str:
    """Return what the document of a wheel is kept under: every new release of lambdapack looks into it again."""
    expected = [locked.filename, locked.name, locked.version, locked.size, sorted(locked.hashes.items())]
    return sha256(json.dumps([__version__, rules, *expected]).encode()).hexdigest()


def dump(contents: WheelContents) -> bytes:
    """Return the document of a wheel."""
    document = contents._asdict() | {"files": columns(contents.files), "scripts": columns(contents.scripts)}
    return json.dumps(document, separators=(",", ":")).encode()


def columns(files: Sequence[WheelFile]) -> list[list[object]]:
    """Return the files, field by field."""
    return [[file[position] for file in files] for position in range(len(COLUMNS))]


def load(document: bytes, *, wheel_size: int) -> WheelContents | None:
    """Return the contents of a wheel of ``wheel_size`` bytes, or None where the document is no such thing."""
    try:
        found = json.loads(document)
        return WheelContents(
            filename=_check_type(found["filename"], str),
            name=_check_type(found["name"], str),
            version=_check_type(found["version"], str),
            files=files(found["files"], wheel_size),
            scripts=files(found["scripts"], wheel_size),
            requires=tuple(_check_list(found["requires"], str)),
            warnings=tuple(_check_list(found["warnings"], str)),
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def files(found: object, wheel_size: int) -> tuple[WheelFile, ...]:
    """Return the files of the fields; raises ``ValueError`` or ``TypeError`` where they cannot be a wheel's."""
    fields = _check_type(found, list)
    if len(fields) != len(COLUMNS):
        raise ValueError("other fields")
    for column, kind in zip(fields, COLUMNS.values(), strict=True):
        _check_list(column, kind)
    names, sizes, crcs, digests, methods, offsets, compressed_sizes, _, machines = fields
    for numbers in (sizes, crcs, methods, offsets, compressed_sizes, machines):
        if numbers and min(numbers) < 0:
            raise ValueError("a negative number")
    if max(map(operator.add, offsets, compressed_sizes), default=0) > wheel_size:
        raise ValueError("bytes behind the end of the wheel")
    if not set(methods) <= {0, 8} or max(crcs, default=0) >= 1 << 32 or max(machines, default=0) >= 1 << 16:
        raise ValueError("a number that the format has no room for")
    if not set(map(len, digests)) <= {DIGEST_LENGTH} or not all(names):
        raise ValueError("no digest, or no name")
    return tuple(map(WheelFile._make, zip(*fields, strict=True)))


def _check_type(value: object, kind: type[T]) -> T:
    """Return the value; raises ``TypeError`` where it is of another type (True is no int here)."""
    if type(value) is not kind:
        raise TypeError(kind.__name__)
    return value


def _check_list(value: object, kind: type[T]) -> list[T]:
    """Return the list; raises ``TypeError`` where it is none, or holds a value of another type."""
    elements: list[T] = _check_type(value, list)
    if not set(map(type, elements)) <= {kind}:
        raise TypeError(kind.__name__)
    return elements
