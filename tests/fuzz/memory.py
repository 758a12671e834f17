"""Peak memory of builds of one-byte files: many, deep, and both."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzz.hostile import measured

MEMORY = 120 << 10
"""KiB, as ``wait4`` counts them."""


def flat(root: Path, count: int) -> None:
    """Make so many files in one directory."""
    root.mkdir()
    for number in range(count):
        (root / f"f{number}.py").write_bytes(b"a")


def deep(root: Path, depth: int, count: int) -> None:
    """Make so many directories so deep, side by side, with a file in each."""
    root.mkdir()
    here = os.open(root, os.O_RDONLY)
    for _ in range(depth - 1):
        here = entered("d", here)
    for number in range(count):
        below = entered(f"p{number}", os.dup(here))
        file = os.open("x", os.O_CREAT | os.O_WRONLY, dir_fd=below)
        os.write(file, b"a")
        os.close(file)
        os.close(below)
    os.close(here)


def entered(name: str, above: int) -> int:
    """Make a directory, and return its descriptor in the place of the one above."""
    os.mkdir(name, dir_fd=above)
    below = os.open(name, os.O_RDONLY, dir_fd=above)
    os.close(above)
    return below


def run() -> bool:
    """Print what each tree takes, and return whether all are within the limit."""
    good = True
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        cwd = Path(directory)
        try:
            flat(cwd / "flat-60000", 60_000)
            deep(cwd / "deep-100-30000", 100, 30_000)
            deep(cwd / "deep-400-20000", 400, 20_000)
            for name in ("flat-60000", "deep-100-30000", "deep-400-20000"):
                code, errors, seconds, memory = measured("build", name, "-o", "out.zip", "--quiet", cwd=cwd)
                right = code == 0 and memory <= MEMORY
                good = good and right
                (cwd / "out.zip").unlink(missing_ok=True)
                fault = "" if right else f"  WRONG: {errors}"
                print(f"{name:14}  {seconds:5.2f} s  {memory >> 10:4} MiB{fault}")
        finally:
            # Python's own rmtree ends in a recursion here.
            subprocess.run(["rm", "-rf", *cwd.iterdir()], check=True)
    return good


if __name__ == "__main__":
    sys.exit(not run())
