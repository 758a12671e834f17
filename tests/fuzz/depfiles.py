"""Depfiles with names of every printable character, several in one, read by GNU make itself."""

import os
import random
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from lambdapack.errors import UsageError
from lambdapack.packing.outputs.depfile import as_prerequisite, as_target, depfile

PRINTABLE = [chr(code) for code in range(0x20, 0x7F) if chr(code) not in "/\\;"]
"""What a name can be made of; a backslash and a semicolon are refused."""

SPECIAL = [*"()~$#%:=&|<>*?[]'\"`!,@^{}+- ", "$(", "${", ":=", "%.", "../(", ") "]

WORDS = [
    *(
        "include",
        "else",
        "endif",
        "define",
        "undefine",
        "export",
        "vpath",
        "override",
        "private",
        "ifeq",
        "a",
        "b.c",
        "ü",
    )
]
"""Directives of make, and what is harmless."""

MAKEFILE = """\
.DEFAULT_GOAL := default
include x.d
default: {prerequisite}
{target}:
\t@:$(info [$@] [$^] [$?])
"""


class Case(NamedTuple):
    """A target, what it depends on, and which of that is newer."""

    target: str
    prerequisites: list[str]
    newer: set[str]


def cases(count: int, *, seed: int) -> Iterator[Case]:
    """Yield cases whose names begin in this directory or below it; those that a depfile refuses are left out."""
    random_ = random.Random(seed)  # noqa: S311 - a seeded test

    def name() -> str:
        pool = random_.choice([PRINTABLE, SPECIAL, SPECIAL, WORDS])
        text = "".join(random_.choice(pool) for _ in range(random_.randint(1, 5)))
        return (
            random_.choice(["", "", "src/"]) + text.replace("/", "").replace("..", ".") + random_.choice(["", "", "x"])
        )

    def speakable(path: str) -> bool:
        try:
            depfile(path, [path])
        except UsageError:
            return False
        return not path.startswith((".", "src/.")) and path not in {"x.d", "Makefile", "src"}

    found = 0
    while found < count:
        target, *rest = (name() for _ in range(random_.randint(2, 6)))
        names = sorted({path for path in rest if speakable(path)} - {target})
        if speakable(target) and names:
            found += 1
            yield Case(target, names, {path for path in names if random_.random() < 0.5} or {names[0]})


def misread(case: Case, *, write: Callable[[str, Sequence[str]], str] = depfile) -> str | None:
    """Return how make reads a case otherwise than it was meant, or None."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "src").mkdir()
        for path in (case.target, *case.prerequisites):
            (directory / path).touch()
            moment = 2_000 if path == case.target else 3_000 if path in case.newer else 1_000
            os.utime(directory / path, (moment, moment))
        (directory / "x.d").write_text(write(case.target, case.prerequisites))
        (directory / "Makefile").write_text(
            MAKEFILE.format(prerequisite=as_prerequisite(case.target), target=as_target(case.target))
        )
        os.utime(directory / "x.d", (1_000, 1_000))
        outcomes = [made(directory)]
        for path in case.prerequisites:
            (directory / path).unlink()
        outcomes.append(made(directory))
    # A name with a parenthesis has a rule of its own, after that of the others.
    listed = sorted(case.prerequisites, key=lambda path: "(" in path)
    # A name with a parenthesis has a rule of its own, after that of the others.
    listed = sorted(case.prerequisites, key=lambda path: "(" in path)
    newer = [path for path in listed if path in case.newer]
    meant = [(f"[{case.target}] [{' '.join(listed)}] [{' '.join(changed)}]\n", "", 0) for changed in (newer, listed)]
    return None if outcomes == meant else f"{case}: {outcomes}"


def made(directory: Path) -> tuple[str, str, int]:
    """Return what make says and its exit code."""
    done = subprocess.run(
        ["make", "-rR"],
        check=False,
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
    )
    # Of what is gone make shows the escapes of *?[ as well, left and right of the colon alike.
    return done.stdout.replace("\\", ""), done.stderr, done.returncode


def run() -> bool:
    """Try thousands of cases."""
    wrong = [text for case in cases(6_000, seed=1) if (text := misread(case)) is not None]
    print(f"   6,000 depfiles, {len(wrong)} read otherwise than they were meant")
    for text in wrong[:10]:
        print(f"   {text}")
    return not wrong
