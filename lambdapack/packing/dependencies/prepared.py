"""What the wheels of a build become, as a value and as a document for the cache.

::

    wheels ─► place ─► Prepared ─► dump ─► cache
                          ▲                  │  the same wheels and wishes, next time
                          └───── load ◄──────┘

The bytes of wheels are read and hashed in any case. A document says which headers they get and where they lie; it
stands for the whole way from wheels to members. So its key is everything that decides anything on that way.
"""

import json
import sys
from array import array
from collections.abc import Sequence
from hashlib import sha256
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from lambdapack.packing.archive.stretch import DIGEST_SIZE, Members
from lambdapack.packing.entries import ArchiveName, WrittenEntry
from lambdapack.packing.patterns.rules import Pattern
from lambdapack.packing.request import BuildRequest
from lambdapack.packing.source.walk import Omission
from lambdapack.packing.wheelhouse.index import RULES
from lambdapack.packing.wheels.contents import WheelBytes
from lambdapack.version import __version__
from lambdapack.zipformat import CENTRAL_SIZE, LOCAL_SIZE

if TYPE_CHECKING:
    from lambdapack.packing.dependencies.begin import Incoming

KIND = "prepared"
"""Under which the cache keeps them."""

FORMAT = 2
"""Counts the changes of the document, of the archive's headers, and of what ``place`` makes of wheels."""

WIDTH = array("I").itemsize
"""Bytes of a number."""

COLUMNS = ("wheels", "offsets", "stored", "sizes")
"""The columns of ``Members`` that have a number for each member."""


class Prepared(NamedTuple):
    """The wheels' part of a package."""

    members: Members
    """What is copied. No two of all names get into one another's way."""
    scripts: tuple[WrittenEntry, ...]
    """What had to be made anew."""
    omissions: tuple[Omission, ...]
    left_out: tuple[str, ...]
    """The projects that ``--without`` left out, in order."""
    warnings: tuple[str, ...]
    """Sentences about the wheels that the user should hear."""


def key(incoming: "Incoming", request: BuildRequest, *, prefix: str) -> str:
    """Return what the wheels' part of a build is kept under; all names in it begin with ``prefix``."""
    wanted = incoming.wanted
    decides = [
        *(__version__, RULES, FORMAT, sys.byteorder),
        [
            [wheel.filename, wheel.name, wheel.version, wheel.size, sorted(wheel.hashes.items())]
            for wheel in incoming.selection.wheels
        ],
        *(incoming.target.runtime, incoming.target.architecture, prefix),
        *(wanted.without, wanted.preset, wanted.scripts),
        *(request.patterns, request.executable, request.case_collisions_allowed),
    ]
    return sha256(json.dumps(decides).encode()).hexdigest()


def dump(prepared: Prepared) -> bytes:
    """Return the document of what wheels become."""
    members, (_, scripts, omissions, left_out, warnings) = prepared.members, prepared
    about = {
        "count": len(members.names),
        "scripts": [[*script[:3], script.content.decode("latin-1")] for script in scripts],
        "omissions": [[omission.name, *omission.pattern] for omission in omissions],
        "left_out": left_out,
        "warnings": warnings,
    }
    columns = [members.begins, members.wheels, members.offsets, members.stored, members.sizes]
    return b"".join([json.dumps(about).encode(), b"\n", *columns, members.digests, members.local, members.central])


def load(document: bytes, contents: Sequence[WheelBytes], *, prefix: str) -> Prepared | None:
    """Return what was dumped for wheels with these ``contents``, or None for another document; its seal is proven."""
    file = BytesIO(document)
    try:
        about = json.loads(file.readline())
        count = about["count"]
        begins = array("I", file.read((count + 1) * WIDTH))
        columns = {name: array("I", file.read(count * WIDTH)) for name in COLUMNS}
        digests, local, central = file.read(count * DIGEST_SIZE), file.read(begins[-1]), file.read()
        if len(central) != begins[-1] + count * (CENTRAL_SIZE - LOCAL_SIZE):
            return None
        names = [local[begin + LOCAL_SIZE : end].decode() for begin, end in pairwise(begins)]
        return Prepared(
            members=Members(contents, prefix, names, begins, local, central, digests, **columns),
            scripts=tuple(
                WrittenEntry(ArchiveName(name), origin, wheel, content.encode("latin-1"))
                for name, origin, wheel, content in about["scripts"]
            ),
            omissions=tuple(Omission(name, Pattern(*pattern)) for name, *pattern in about["omissions"]),
            left_out=tuple(about["left_out"]),
            warnings=tuple(about["warnings"]),
        )
    except (ValueError, TypeError, LookupError):
        return None
