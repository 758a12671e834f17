"""From wheels to the members of a package: what goes in, and what it is called there. Pure.

Nothing is installed: where a wheel's files lie in the package follows from the wheel alone.
"""

import hashlib
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from lambdapack.errors import CheckError, WheelError
from lambdapack.packing.archive.format1 import headers
from lambdapack.packing.archive.stretch import Members, Stretch
from lambdapack.packing.bundle import check_names
from lambdapack.packing.compress import EXECUTABLE, REGULAR
from lambdapack.packing.dependencies.begin import Incoming
from lambdapack.packing.dependencies.prepared import Prepared
from lambdapack.packing.dependencies.trim import trim, trimming
from lambdapack.packing.entries import ArchiveName, WrittenEntry
from lambdapack.packing.patterns.rules import Rules, compile_rules, exclude_option
from lambdapack.packing.request import BuildRequest
from lambdapack.packing.wheelhouse.obtaining import HeldWheel
from lambdapack.packing.wheels.contents import WheelBytes, WheelFile
from lambdapack.reporting import Tell
from lambdapack.target import Target
from lambdapack.zipformat import DEFLATED

if TYPE_CHECKING:
    from lambdapack.packing.source.walk import Omission

PLACEHOLDER = b"#!python"
"""How a script of a wheel spells the interpreter that an installer knows ("Binary distribution format",
"Recommended installer features")."""

INTERPRETER = b"#!/usr/bin/env python3"
"""The same on Lambda, whose runtimes have their own interpreter on PATH."""


class _Copy(NamedTuple):
    """A file of a wheel whose compressed bytes go in as they lie there. A tuple, for a build makes thousands."""

    name: ArchiveName
    file: WheelFile
    wheel: str
    """The wheel's file name."""
    position: int
    """The wheel's, in the lock's selection."""


def place(held: Sequence[HeldWheel], incoming: Incoming, request: BuildRequest, *, prefix: str) -> Prepared:
    """Return what the wheels become under names that begin with ``prefix``.

    ``held`` are all wheels of the lock's selection; their bytes are needed only where ``wanted.scripts`` are. Raises
    ``UsageError`` for a pattern, or a package that is to be left out and is not there, ``WheelError`` where two wheels
    have different files of one name, or of names that are one file on some systems, ``CheckError`` for a binary that is
    another machine's, ``LocalError`` where a wheel cannot be read.
    """
    wanted, target = incoming.wanted, incoming.target
    gone = _leave_out(held, incoming) if wanted.without else frozenset()
    rules = trimming(request.patterns, preset=wanted.preset)
    entries: dict[str, _Copy | WrittenEntry] = {}
    warnings: list[str] = []
    omissions: list[Omission] = []
    for position, wheel in sorted(enumerate(held), key=lambda found: found[1].locked.filename):
        if wheel.locked.name in gone:
            continue
        warnings += [f"{wheel.locked.filename} {warning}" for warning in wheel.contents.warnings]
        files = wheel.contents.files + (wheel.contents.scripts if wanted.scripts else ())
        kept, left = trim(files, rules)
        _check_machine(wheel.locked.filename, kept, target=target, tell=warnings.append)
        omissions += left
        for entry in _entries(wheel, kept, position):
            other = entries.setdefault(entry.name, entry)
            if other is not entry:
                _check_same(other, entry)
    ordered = sorted(entries.values(), key=attrgetter("name"))
    copies = [entry for entry in ordered if isinstance(entry, _Copy)]
    scripts = [entry for entry in ordered if isinstance(entry, WrittenEntry)]
    members = _members(copies, [wheel.content for wheel in held], compile_rules(request.executable), prefix=prefix)
    prepared = Prepared(
        members=members,
        scripts=tuple(script._replace(name=ArchiveName(prefix + script.name)) for script in scripts),
        omissions=tuple(omissions),
        left_out=tuple(sorted(gone)),
        warnings=tuple(warnings),
    )
    parts: list[Stretch | WrittenEntry] = [*members.without(()), *prepared.scripts]
    check_names(
        [prefix + entry.name for entry in ordered],
        lambda: chain.from_iterable(part.listing() for part in parts),
        case_collisions_allowed=request.case_collisions_allowed,
    )
    return prepared


def _leave_out(held: Sequence[HeldWheel], incoming: Incoming) -> frozenset[str]:
    from lambdapack.packing.dependencies.without import leave_out  # noqa: PLC0415 - packaging: 15 ms

    requirements = [(wheel.locked, wheel.contents.requires) for wheel in held]
    return leave_out(requirements, without=tuple(incoming.wanted.without), target=incoming.target)


def _entries(wheel: HeldWheel, files: Iterable[WheelFile], position: int) -> Iterator[_Copy | WrittenEntry]:
    scripts = frozenset(script.name for script in wheel.contents.scripts)
    filename = wheel.locked.filename
    for file in files:
        # The proof of the wheel has looked at the names.
        copy = _Copy(ArchiveName(file.name), file, filename, position)
        yield _script(copy, wheel.content) if file.name in scripts else copy


def _script(copy: _Copy, wheel: WheelBytes) -> _Copy | WrittenEntry:
    """Return a script, with an interpreter that Lambda has in the place of the one that an installer would know."""
    file = copy.file
    payload = wheel.part(file.offset, file.compressed_size)
    content = zlib.decompress(payload, wbits=-zlib.MAX_WBITS) if file.method == DEFLATED else bytes(payload)
    first, newline, rest = content.partition(b"\n")
    if not first.startswith(PLACEHOLDER):
        return copy
    origin = f"{copy.wheel}/{copy.name}"
    return WrittenEntry(name=copy.name, origin=origin, wheel=copy.wheel, content=INTERPRETER + newline + rest)


def _check_same(one: _Copy | WrittenEntry, other: _Copy | WrittenEntry) -> None:
    if _sha256(one) != _sha256(other):
        raise WheelError(
            f"{one.name} is in {one.wheel} and in {other.wheel}, with different bytes",
            hint=f"lock versions that agree, or leave the file out: {exclude_option(one.name)}",
            name=one.name,
        )


def _sha256(entry: _Copy | WrittenEntry) -> str:
    return entry.file.sha256 if isinstance(entry, _Copy) else hashlib.sha256(entry.content).hexdigest()


def _members(copies: Sequence[_Copy], contents: Sequence[WheelBytes], executable: Rules, *, prefix: str) -> Members:
    """Return the members that ``copies``, which are in order, make of the wheels' ``contents``."""
    local, central = [], []
    for name, file, wheel, _ in copies:
        mode = EXECUTABLE if file.executable or executable.nearest(name) is not None else REGULAR
        sizes, origin = (file.size, file.compressed_size), f"{wheel}/{name}"
        header, in_directory = headers(
            prefix + name, mode=mode, method=file.method, crc32=file.crc32, sizes=sizes, origin=origin
        )
        local.append(header)
        central.append(in_directory)
    return Members(
        contents=contents,
        prefix=prefix,
        names=[prefix + copy.name for copy in copies],
        begins=array("I", accumulate(map(len, local), initial=0)),
        local=b"".join(local),
        central=b"".join(central),
        digests=bytes.fromhex("".join([copy.file.sha256 for copy in copies])),
        wheels=array("I", [copy.position for copy in copies]),
        offsets=array("I", [copy.file.offset for copy in copies]),
        stored=array("I", [copy.file.compressed_size for copy in copies]),
        sizes=array("I", [copy.file.size for copy in copies]),
    )


def _check_machine(wheel: str, files: Iterable[WheelFile], *, target: Target, tell: Tell) -> None:
    """Raise ``CheckError`` where a binary among ``files`` is for another CPU than the target's."""
    # A wheel whose platform is ``any`` chooses among its binaries by itself: there that is a warning.
    foreign = [file.name for file in files if file.machine not in {0, target.elf_machine}]
    if not foreign:
        return
    message = f"{wheel} holds {foreign[0]}, which is a binary for another CPU than {target.architecture}"
    if not wheel.endswith("-any.whl"):
        raise CheckError(
            message, hint=f"lock a wheel for {target}, or leave the file out: {exclude_option(foreign[0])}"
        )
    tell(message)
