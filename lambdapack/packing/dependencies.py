"""The half of a build that is about wheels: from a lock to entries, proven, placed and trimmed.

::

    lock ─► Selection ─► HeldWheel… ─► (--without, patterns, preset) ─► CopiedEntry…

Nothing is installed: what a wheel's files are called in the package follows from the wheel alone.
"""

import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from lambdapack.errors import CheckError
from lambdapack.packing.deflate import DEFLATED
from lambdapack.packing.entry import ArchiveName, CopiedEntry, WrittenEntry
from lambdapack.packing.ignore import Pattern
from lambdapack.packing.locks.lock import selected
from lambdapack.packing.locks.without import leave_out
from lambdapack.packing.merge import WheelEntry
from lambdapack.packing.tree import Omission
from lambdapack.packing.trimming import trimmed, trimming
from lambdapack.packing.wheelhouse.cache import open_cache
from lambdapack.packing.wheelhouse.obtaining import HeldWheel, Wheelhouse, obtain
from lambdapack.packing.wheels.contents import WheelFile
from lambdapack.target import Target

Meter: TypeAlias = Callable[[int], AbstractContextManager[Callable[[int], None]]]
"""Opens a progress bar for so many bytes."""

PLACEHOLDER = b"#!python"
"""How a script of a wheel spells the interpreter that an installer knows ("Binary distribution format",
"Recommended installer features")."""

INTERPRETER = b"#!/usr/bin/env python3"
"""The same on Lambda, whose runtimes have their own interpreter on PATH."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """Which wheels go in, whence, and what of them."""

    lock: str
    folders: tuple[Path, ...] = ()
    groups: tuple[str, ...] | None = None
    """None for the lock's own default."""
    extras: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    """Projects that the runtime has."""
    preset: str | None = None
    """A key of ``trimming.PRESETS``."""
    scripts: bool = False
    """Whether the scripts of wheels go into ``bin/``."""
    cache: Path | None = None
    """The cache's directory; None for none."""
    offline: bool = False
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The environment, for what downloads need of it: proxies, certificates, netrc, pip's cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The wheels' part of a package."""

    entries: tuple[WheelEntry, ...]
    """By wheel, in the order of their file names."""
    omissions: tuple[Omission, ...]
    left_out: tuple[str, ...]
    """The projects that ``without`` left out, in order."""
    depends_on: tuple[str, ...]
    """The lock, and wheels that it names by path."""
    architecture: str
    """What the wheels are for."""


def collect(
    wanted: Dependencies,
    *,
    target: Target,
    patterns: Iterable[Pattern],
    jobs: int,
    meter: Meter,
    tell: Callable[[str], None],
) -> Collected:
    """Return the entries that the lock's wheels become on ``target``.

    ``meter`` is opened for what has to be downloaded, ``tell`` is given warnings, each a sentence.
    Raises ``LockError``, ``WheelError``, ``CheckError`` for a wheel over Lambda's limits, and ``LocalError``.
    """
    cache = open_cache(wanted.cache, tell=tell) if wanted.cache is not None else None
    selection = selected(wanted.lock, target=target, groups=wanted.groups, extras=wanted.extras, cache=cache, warn=tell)
    house = Wheelhouse(cache=cache, folders=wanted.folders, offline=wanted.offline, environ=wanted.environ)
    held = obtain(selection.wheels, house=house, jobs=jobs, meter=meter, tell=tell)
    requirements = [(wheel.locked, wheel.contents.requires) for wheel in held]
    gone = leave_out(requirements, without=wanted.without, target=target)
    rules = trimming(patterns, preset=wanted.preset)
    entries: list[WheelEntry] = []
    omissions: list[Omission] = []
    for wheel in sorted(held, key=lambda wheel: wheel.locked.filename):
        if wheel.locked.name in gone:
            continue
        for warning in wheel.contents.warnings:
            tell(f"{wheel.locked.filename} {warning}")
        files = wheel.contents.files + (wheel.contents.scripts if wanted.scripts else ())
        kept, left = trimmed(files, rules)
        check_machine(wheel.locked.filename, kept, target=target, tell=tell)
        omissions += left
        entries += placed(wheel, kept)
    return Collected(
        entries=tuple(entries),
        omissions=tuple(omissions),
        left_out=tuple(sorted(gone)),
        depends_on=(wanted.lock, *(wheel.path for wheel in selection.wheels if wheel.path is not None)),
        architecture=target.architecture,
    )


def placed(wheel: HeldWheel, files: Iterable[WheelFile]) -> Iterable[WheelEntry]:
    """Yield the entries of a wheel's ``files``."""
    content = memoryview(wheel.content)
    scripts = frozenset(script.name for script in wheel.contents.scripts)
    for file in files:
        # The proof of the wheel has looked at the name.
        entry = CopiedEntry(ArchiveName(file.name), file, wheel.locked.filename, content)
        if file.name in scripts:
            yield script(entry)
        else:
            yield entry


def script(entry: CopiedEntry) -> WheelEntry:
    """Return ``entry``, with an interpreter that Lambda has in the place of the one that an installer would know."""
    payload = entry.payload
    content = zlib.decompress(payload, wbits=-zlib.MAX_WBITS) if entry.file.method == DEFLATED else bytes(payload)
    first, newline, rest = content.partition(b"\n")
    if not first.startswith(PLACEHOLDER):
        return entry
    return WrittenEntry(name=entry.name, origin=entry.origin, wheel=entry.wheel, content=INTERPRETER + newline + rest)


def check_machine(wheel: str, files: Iterable[WheelFile], *, target: Target, tell: Callable[[str], None]) -> None:
    """Raise ``CheckError`` where a binary among ``files`` is for another CPU than the target's.

    A wheel whose platform is ``any`` chooses among its binaries by itself: there that is a warning.
    """
    foreign = [file.name for file in files if file.machine not in {0, target.elf_machine}]
    if not foreign:
        return
    message = f"{wheel} holds {foreign[0]}, which is a binary for another CPU than {target.architecture}"
    if not wheel.endswith("-any.whl"):
        raise CheckError(message, hint=f"lock a wheel for {target}, or leave the file out: --exclude '/{foreign[0]}'")
    tell(message)
