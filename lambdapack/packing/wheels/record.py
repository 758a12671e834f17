"""RECORD: what a wheel says its files are ("Recording installed projects", "Binary distribution format"). Pure.

Every file is listed once and has the hash and size that are listed, and what is listed is there. A
hash in RECORD proves that the wheel is what its builder made; where it came from, the lock's hash proves.
"""

import base64
import csv
import io
import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from lambdapack.packing.wheels.faults import DAMAGED, WheelFault, quote
from lambdapack.packing.wheels.stream import Measured
from lambdapack.quotas import ENTRY_LIMIT

ALGORITHMS = frozenset({"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512"})
"""SHA-256 or better ("Binary distribution format": md5 and sha1 are not permitted)."""

UNHASHED = frozenset({"RECORD", "RECORD.jws", "RECORD.p7s"})
"""Files of dist-info that cannot be listed with a hash, as they are made after RECORD or are it."""

MOST_LINES = 2 * ENTRY_LIMIT
"""Twice as many as there may be files, for lines about directories. One that is empty takes memory as well."""

COMMAS = 4
"""In a line, on average: two between its fields, and those in names."""

SIZE = re.compile(r"[0-9]{1,19}")


class Line(NamedTuple):
    """What RECORD says of one file."""

    algorithm: str
    """hashlib's name, or empty where there is no hash."""
    digest: str
    """URL-safe base64 without padding."""
    size: int | None


def parse(content: bytes, *, dist_info: str) -> dict[str, Line]:
    """Return the lines of RECORD by the path that each is about; raises ``WheelFault`` where one makes no sense."""
    path = f"{dist_info}/RECORD"
    if max(content.count(b"\n"), content.count(b"\r"), content.count(b",") // COMMAS) > MOST_LINES:
        raise WheelFault(f"its {path} has more than {MOST_LINES:,} lines, or as many commas as if it had", entry=path)
    unhashed = {f"{dist_info}/{name}" for name in UNHASHED}
    lines: dict[str, Line] = {}
    for number, row in enumerate(rows(content, path=path), start=1):
        if not row:
            continue
        if len(row) != 3:  # noqa: PLR2004 - path, hash, size
            raise WheelFault(
                f"row {number} of its {path} has {len(row)} fields instead of path, hash and size", entry=path
            )
        if row[0] in lines:
            raise WheelFault(f"its {path} lists {quote(row[0])} twice", entry=row[0])
        lines[row[0]] = line(*row, path=path, may_lack_hash=row[0] in unhashed or row[0].endswith("/"))
    return lines


def rows(content: bytes, *, path: str) -> Iterator[list[str]]:
    """Yield the fields of each row; raises ``WheelFault`` where ``content`` is not CSV in UTF-8."""
    try:
        yield from csv.reader(io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline=""), strict=True)
    except UnicodeDecodeError:
        raise WheelFault(f"its {path} is not UTF-8", entry=path) from None
    except csv.Error as error:
        raise WheelFault(f"its {path} is not CSV ({error})", entry=path) from None


def line(name: str, listed_hash: str, size: str, *, path: str, may_lack_hash: bool) -> Line:
    """Return one row of RECORD, understood; raises ``WheelFault``."""
    if size and not SIZE.fullmatch(size):
        raise WheelFault(f"its {path} lists {quote(name)} with the size {quote(size)}, which is no number", entry=name)
    algorithm, equals, digest = listed_hash.partition("=")
    if not listed_hash and may_lack_hash:
        return Line("", "", int(size) if size else None)
    if not listed_hash:
        raise WheelFault(f"its {path} lists {quote(name)} without a hash", entry=name)
    if not equals or algorithm not in ALGORITHMS:
        raise WheelFault(
            f"its {path} lists {quote(name)} with the hash {quote(listed_hash)}; it takes sha256 or better", entry=name
        )
    return Line(algorithm, digest.rstrip("="), int(size) if size else None)


def check_listing(lines: Collection[str], *, files: Collection[str], directories: Collection[str], path: str) -> None:
    """Raise ``WheelFault`` unless the ``lines`` of RECORD name exactly the ``files``, less what may be missing.

    ``directories`` end with ``/``; RECORD need not list them, and may.
    """
    dist_info = path.rpartition("/")[0]
    unlisted = set(files).difference(lines, (f"{dist_info}/{name}" for name in UNHASHED))
    if unlisted:
        raise WheelFault(
            f"its file {quote(min(unlisted))} is not listed in RECORD{others(unlisted)}", entry=min(unlisted)
        )
    lost = set(lines).difference(files, directories)
    if lost:
        raise WheelFault(f"its RECORD lists {quote(min(lost))}, which is not there{others(lost)}", entry=min(lost))


def others(names: Collection[str]) -> str:
    """Return how many more there are than the one that a message names."""
    return f" (nor are {len(names) - 1:,} more)" if len(names) > 1 else ""


def check(name: str, listed: Line, *, size: int, measured: Measured) -> None:
    """Raise ``WheelFault`` unless the file ``name`` is what RECORD lists: size, and hash by the algorithm listed."""
    if listed.size is not None and listed.size != size:
        raise WheelFault(
            f"its file {quote(name)} has {size:,} bytes, and {listed.size:,} by RECORD", hint=DAMAGED, entry=name
        )
    if not listed.algorithm:
        return
    found = base64.urlsafe_b64encode(measured.digest).rstrip(b"=").decode("ascii")
    if found != listed.digest:
        raise WheelFault(
            f"its file {quote(name)} has the {listed.algorithm} {found}, and {quote(listed.digest)} by RECORD",
            hint=DAMAGED,
            entry=name,
        )
