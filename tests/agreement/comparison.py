"""The table of what may differ between a package and uv's installed tree, and the comparison under it.

Pure: names and contents in, findings out. A difference that no row of the table explains is a disagreement.
"""

import configparser
import csv
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Side: TypeAlias = Literal["installed only", "packed only", "bytes differ"]

DIST_INFO = r"[^/]+\.dist-info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheels:
    """What the packed ``.dist-info`` directories say about what an installer makes or puts elsewhere."""

    launchers: frozenset[str]
    """Under ``bin/``: made from entry points."""
    scripts: frozenset[str]
    """Under ``bin/``: what RECORD lists below ``.data/scripts/``."""
    headers: frozenset[str]
    """Below ``include/``: what RECORD lists below ``.data/headers/``."""


Explains: TypeAlias = Callable[[str, Wheels], bool]
"""Whether a row is about the file of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table: on which side, which files, and why."""

    name: str
    side: Side
    explains: Explains
    why: str


def named(pattern: str) -> Explains:
    """Return a predicate: the whole name matches."""
    compiled = re.compile(pattern)
    return lambda name, _: compiled.fullmatch(name) is not None


ROWS = (
    Row(
        name="RECORD",
        side="bytes differ",
        explains=named(rf"{DIST_INFO}/RECORD"),
        why="packed as it lies in the wheel; uv adds what it made itself",
    ),
    Row(
        name="INSTALLER, REQUESTED",
        side="installed only",
        explains=named(rf"{DIST_INFO}/(INSTALLER|REQUESTED)"),
        why="say who installed, and what was asked for; nobody was installed here",
    ),
    Row(
        name="direct_url.json, uv_cache.json",
        side="installed only",
        explains=named(rf"{DIST_INFO}/(direct_url|uv_cache)\.json"),
        why="say where a wheel came from, which may not change a package's bytes",
    ),
    Row(
        name="launchers of entry points",
        side="installed only",
        explains=lambda name, wheels: name in wheels.launchers,
        why="name the interpreter of one machine; Lambda starts handlers, not commands",
    ),
    Row(
        name="scripts",
        side="installed only",
        explains=lambda name, wheels: name in wheels.scripts,
        why="as launchers; packed under bin/ on request",
    ),
    Row(
        name="headers",
        side="installed only",
        explains=lambda name, wheels: name in wheels.headers,
        why="for compiling other packages, which no function does",
    ),
    Row(
        name=".lock",
        side="installed only",
        explains=named(r"\.lock"),
        why="by which uv keeps other uvs out of the directory",
    ),
    Row(
        name="__pycache__",
        side="installed only",
        explains=named(r"(.*/)?__pycache__/[^/]+\.pyc"),
        why="bytecode that the installer compiled",
    ),
    Row(
        name="the function's source",
        side="packed only",
        explains=named(r"app\.py"),
        why="what the wheels were packed with",
    ),
)


@dataclass(kw_only=True)
class Comparison:
    """One package against one tree."""

    explained: Counter[str] = field(default_factory=Counter)
    """How many differences each row of the table explains."""
    disagreements: list[str] = field(default_factory=list)
    equal: int = 0
    """Files with the same name and bytes."""
    wheels: int = 0
    """``.dist-info/WHEEL`` files that are equal: the same wheel was chosen."""


def compare(packed: Mapping[str, bytes], installed: Mapping[str, bytes]) -> Comparison:
    """Return what agrees, what differs as the table says, and what differs otherwise."""
    result = Comparison()
    wheels = described(packed)
    for name in sorted(packed.keys() | installed.keys()):
        ours, theirs = packed.get(name), installed.get(name)
        if ours == theirs:
            result.equal += 1
            result.wheels += is_wheel_file(name)
            continue
        side: Side = "installed only" if ours is None else "packed only" if theirs is None else "bytes differ"
        row = next((row for row in ROWS if row.side == side and row.explains(name, wheels)), None)
        if row is None:
            result.disagreements.append(f"{side}: {name}")
        else:
            result.explained[row.name] += 1
        if row is not None and side == "bytes differ" and ours is not None and theirs is not None:
            result.disagreements += hashes_apart(name, ours, theirs)
    return result


def is_wheel_file(name: str) -> bool:
    """Return whether a file says which wheel was installed, and not which one was vendored by it."""
    return re.fullmatch(rf"{DIST_INFO}/WHEEL", name) is not None


def hashes_apart(name: str, ours: bytes, theirs: bytes) -> list[str]:
    """Return where two RECORDs give one file different hashes."""
    mine, others = records(ours), records(theirs)
    return [f"{name}: {path}" for path in sorted(mine.keys() & others.keys()) if mine[path] != others[path]]


def described(packed: Mapping[str, bytes]) -> Wheels:
    """Return what the wheels in a package hold beside what is packed."""
    launchers, scripts, headers = set(), set(), set()
    for name, content in packed.items():
        if re.fullmatch(rf"{DIST_INFO}/entry_points\.txt", name):
            launchers |= {f"bin/{command}" for command in commands(content.decode())}
        elif re.fullmatch(rf"{DIST_INFO}/RECORD", name):
            project = name.partition("-")[0]
            for path in records(content):
                _, _, rest = path.partition(".data/")
                kind, _, rest = rest.partition("/")
                if kind == "scripts":
                    scripts.add(f"bin/{rest}")
                elif kind == "headers":
                    headers.add(f"include/{project}/{rest}")
    return Wheels(launchers=frozenset(launchers), scripts=frozenset(scripts), headers=frozenset(headers))


class EntryPoints(configparser.ConfigParser):
    """The file format of "Entry points" (packaging.python.org): names keep their case."""

    def optionxform(self, optionstr: str) -> str:
        """Return a name as it is."""
        return optionstr


def commands(text: str) -> set[str]:
    """Return the names of the commands that entry points make."""
    parser = EntryPoints(delimiters=("=",), strict=False, interpolation=None)
    parser.read_string(text)
    sections = ("console_scripts", "gui_scripts")
    return {name for section in sections if parser.has_section(section) for name in parser.options(section)}


def records(content: bytes) -> dict[str, str]:
    """Return path and hash of every row of a RECORD."""
    return {row[0]: row[1] for row in csv.reader(content.decode().splitlines()) if row}
