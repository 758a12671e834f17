"""Wheels that lie, and honest ones that look as if they did: ``python -m tests.packing.wheels.crafted DIRECTORY``.

The rows A (container), B (names and modes) and C (metadata) are one lie each in a wheel that is good
otherwise, so that it is that lie that is refused. Run as a program, this writes each into a directory
of its own, and ``--compare`` lets pip and uv install those to be refused.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from tests.packing.wheels.crafted_container import container, sizes
from tests.packing.wheels.crafted_metadata import metadata
from tests.packing.wheels.crafted_names import names
from tests.packing.wheels.verdicts import Crafted


@cache
def small() -> Mapping[str, Crafted]:
    """Return every crafted wheel but the large ones by its row, such as ``A08`` or its neighbour ``A08-method``."""
    return unique(container(), names(), metadata())


@cache
def wheels() -> Mapping[str, Crafted]:
    """Return every crafted wheel by its row."""
    return unique(small().items(), sizes())


def unique(*tables: Iterable[tuple[str, Crafted]]) -> dict[str, Crafted]:
    found: dict[str, Crafted] = {}
    for table in tables:
        for row, crafted in table:
            assert row not in found, row
            found[row] = crafted
    return found


def write(directory: Path) -> dict[str, Path]:
    """Write every crafted wheel below ``directory``, each into a directory called after its row."""
    paths = {}
    for row, crafted in wheels().items():
        paths[row] = directory / row / crafted.filename
        paths[row].parent.mkdir(parents=True, exist_ok=True)
        paths[row].write_bytes(crafted.content)
    return paths


def installs(command: Sequence[str], wheel: Path) -> bool:
    """Return whether an installer accepts a wheel: whether it exits with 0."""
    with tempfile.TemporaryDirectory() as target:
        words = [*command, "install", "--quiet", "--no-deps", "--target", target, str(wheel)]
        return subprocess.run(words, check=False, capture_output=True, timeout=120).returncode == 0


def compare(paths: Mapping[str, Path]) -> None:
    """Print what pip and uv do with each wheel, and how many of those to be refused they refuse."""
    uv = [str(Path(sys.executable).with_name("uv")), "pip"]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-cache-dir"]
    refusals = {"pip": 0, "uv": 0}
    for row, path in paths.items():
        crafted = wheels()[row]
        if crafted.expected == "accept":
            continue
        accepts = {"pip": installs(pip, path), "uv": installs(uv, path)}
        for name, accepted in accepts.items():
            refusals[name] += not accepted
        print(row, crafted.expected, *(f"{name}={'a' if ok else 'R'}" for name, ok in accepts.items()))  # noqa: T201 - the table
    refused = sum(crafted.expected != "accept" for crafted in wheels().values())
    print(f"of {refused} to be refused: pip {refusals['pip']}, uv {refusals['uv']}")  # noqa: T201 - the table's last line


if __name__ == "__main__":
    written = write(Path(sys.argv[1]))
    if "--compare" in sys.argv:
        compare(written)
