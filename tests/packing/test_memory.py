"""What a build keeps of a deep tree: each name once, whatever is above it."""

import os
import subprocess
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from lambdapack.packing.bundle import bundle
from lambdapack.packing.patterns.rules import Rules
from lambdapack.packing.source.walk import walk
from tests.fuzz.memory import deep

MakeRules = Callable[[Iterable[str]], Rules]

DEPTH, COUNT = 300, 1_000

BYTES = 2_800
"""For each file: its name and its directory's, 600 bytes each, and what does not depend on the depth."""


def peak(work: Callable[[], object]) -> int:
    """Return the most bytes that ``work`` holds at a time."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_depth_times_directories(tmp_path: Path, rules: MakeRules) -> None:
    root = tmp_path / "src"
    deep(root, DEPTH, COUNT)
    try:
        none = rules([])
        found = walk(str(root), rules=none)
        assert len(found.folders) == DEPTH + COUNT
        assert {entry.origin for entry in found.entries} == {
            f"{root}/{'d/' * (DEPTH - 1)}p{number}/x" for number in range(COUNT)
        }
        assert peak(lambda: bundle(walk(str(root), rules=none).entries, source="src")) < BYTES * COUNT
    finally:
        subprocess.run(["rm", "-rf", root], check=True)


def test_names_paths_and_origins_part_ways_below_a_symlink_and_at_a_name_that_is_not_normal(
    tmp_path: Path, rules: MakeRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "src"
    (root / "lib/u\u0308/in").mkdir(parents=True)
    (root / "lib/u\u0308/in/a\u0308.py").touch()
    (root / "lib/b.py").touch()
    (root / "to").symlink_to("lib")
    (root / "one.py").symlink_to("lib/b.py")
    monkeypatch.chdir(tmp_path)

    found = walk("src", rules=rules([]))

    assert {entry.name: (os.path.relpath(entry.path, root), entry.origin) for entry in found.entries} == {
        "lib/b.py": ("lib/b.py", "src/lib/b.py"),
        "lib/\u00fc/in/\u00e4.py": ("lib/u\u0308/in/a\u0308.py", "src/lib/u\u0308/in/a\u0308.py"),
        "to/b.py": ("lib/b.py", "src/to/b.py"),
        "to/\u00fc/in/\u00e4.py": ("lib/u\u0308/in/a\u0308.py", "src/to/u\u0308/in/a\u0308.py"),
        "one.py": ("lib/b.py", "src/one.py"),
    }
    assert {folder.prefix: (os.path.relpath(folder.path, root), folder.origin) for folder in found.folders} == {
        "": (".", "src"),
        "lib/": ("lib", "src/lib"),
        "lib/\u00fc/": ("lib/u\u0308", "src/lib/u\u0308"),
        "lib/\u00fc/in/": ("lib/u\u0308/in", "src/lib/u\u0308/in"),
        "to/": ("lib", "src/to"),
        "to/\u00fc/": ("lib/u\u0308", "src/to/u\u0308"),
        "to/\u00fc/in/": ("lib/u\u0308/in", "src/to/u\u0308/in"),
    }
