"""From wheels in hand to entries: what they are called in the package, and what of them goes in.

::

    HeldWheel… ─► (--without, patterns, preset) ─► CopiedEntry…

Nothing is installed: where a wheel's files lie in the package follows from the wheel alone.
"""

import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lambdapack.errors import CheckError
from lambdapack.packing.dependencies.begin import Begun
from lambdapack.packing.dependencies.trim import trimmed, trimming
from lambdapack.packing.dependencies.without import leave_out
from lambdapack.packing.entries import ArchiveName, CopiedEntry, WrittenEntry
from lambdapack.packing.merge import WheelEntry
from lambdapack.packing.patterns.rules import Pattern, exclude_option
from lambdapack.packing.source.walk import Omission
from lambdapack.packing.wheelhouse.obtaining import HeldWheel
from lambdapack.packing.wheels.contents import WheelFile
from lambdapack.reporting import Meter, Tell
from lambdapack.target import Target
from lambdapack.zipformat import DEFLATED

PLACEHOLDER = b"#!python"
"""How a script of a wheel spells the interpreter that an installer knows ("Binary distribution format",
"Recommended installer features")."""

INTERPRETER = b"#!/usr/bin/env python3"
"""The same on Lambda, whose runtimes have their own interpreter on PATH."""


class Collected(NamedTuple):
    """The wheels' part of a package."""

    entries: tuple[WheelEntry, ...]
    """By wheel, in the order of their file names."""
    omissions: tuple[Omission, ...]
    warnings: tuple[str, ...]
    """Sentences about the wheels that the user should hear."""
    left_out: tuple[str, ...]
    """The projects that ``without`` left out, in order."""


def collect(begun: Begun, *, patterns: Iterable[Pattern], meter: Meter, tell: Tell) -> Collected:
    """Return the entries that the lock's wheels become.

    ``meter`` is opened for what has to be downloaded, ``tell`` is given warnings, each a sentence.
    Raises ``LockError``, ``WheelError``, ``CheckError`` for a wheel over Lambda's limits, and ``LocalError``.
    """
    wanted, target = begun.wanted, begun.target
    held = begun.obtaining.held(meter=meter, tell=tell)
    if wanted.scripts:  # which are read, and perhaps changed
        begun.obtaining.finish(meter=meter, tell=tell)
    requirements = [(wheel.locked, wheel.contents.requires) for wheel in held]
    gone = leave_out(requirements, without=wanted.without, target=target)
    rules = trimming(patterns, preset=wanted.preset)
    entries: list[WheelEntry] = []
    warnings: list[str] = []
    omissions: list[Omission] = []
    for wheel in sorted(held, key=lambda wheel: wheel.locked.filename):
        if wheel.locked.name in gone:
            continue
        warnings += [f"{wheel.locked.filename} {warning}" for warning in wheel.contents.warnings]
        files = wheel.contents.files + (wheel.contents.scripts if wanted.scripts else ())
        kept, left = trimmed(files, rules)
        check_machine(wheel.locked.filename, kept, target=target, tell=warnings.append)
        omissions += left
        entries += placed(wheel, kept)
    return Collected(
        entries=tuple(entries),
        omissions=tuple(omissions),
        warnings=tuple(warnings),
        left_out=tuple(sorted(gone)),
    )


def placed(wheel: HeldWheel, files: Iterable[WheelFile]) -> Sequence[WheelEntry]:
    """Return the entries of a wheel's ``files``."""
    scripts = frozenset(script.name for script in wheel.contents.scripts)
    filename, content = wheel.locked.filename, wheel.content
    # The proof of the wheel has looked at the names.
    entries = [CopiedEntry(ArchiveName(file.name), file, filename, content) for file in files]
    if not scripts:
        return entries
    return [script(entry) if entry.name in scripts else entry for entry in entries]


def script(entry: CopiedEntry) -> WheelEntry:
    """Return ``entry``, with an interpreter that Lambda has in the place of the one that an installer would know."""
    payload = entry.payload
    content = zlib.decompress(payload, wbits=-zlib.MAX_WBITS) if entry.file.method == DEFLATED else bytes(payload)
    first, newline, rest = content.partition(b"\n")
    if not first.startswith(PLACEHOLDER):
        return entry
    return WrittenEntry(name=entry.name, origin=entry.origin, wheel=entry.wheel, content=INTERPRETER + newline + rest)


def check_machine(wheel: str, files: Iterable[WheelFile], *, target: Target, tell: Tell) -> None:
    """Raise ``CheckError`` where a binary among ``files`` is for another CPU than the target's.

    A wheel whose platform is ``any`` chooses among its binaries by itself: there that is a warning.
    """
    foreign = [file.name for file in files if file.machine not in {0, target.elf_machine}]
    if not foreign:
        return
    message = f"{wheel} holds {foreign[0]}, which is a binary for another CPU than {target.architecture}"
    if not wheel.endswith("-any.whl"):
        raise CheckError(
            message, hint=f"lock a wheel for {target}, or leave the file out: {exclude_option(foreign[0])}"
        )
    tell(message)
