"""The figures of README, measured: ``make bench``.

Two commands are timed in turn, A B A B …, as whole processes, and what counts is the median of the ratios of
each pair: the machine's speed drifts, a ratio of neighbours hardly does. The trees are real ones, installed
from PyPI and npm into ``.cache/bench`` once. Nothing here asserts: it prints.
"""

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(".cache/bench").absolute()
BIN = Path(sys.executable).parent
LAMBDAPACK = str(BIN / "lambdapack")
ROUNDS = 7

PYTHON_PACKAGES = ("numpy", "pandas", "boto3", "requests", "pydantic")
NODE_PACKAGES = (
    *("@aws-sdk/client-s3", "@aws-sdk/client-dynamodb", "express", "lodash"),
    *("typescript", "axios", "zod", "date-fns"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run of a command."""

    seconds: float
    peak_mib: float


def run(command: Sequence[str], *, cwd: Path) -> Sample:
    """Run a command as a whole process; its output is thrown away, its failure is ours."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Sample(seconds=seconds, peak_mib=usage.ru_maxrss / 1024)


def paired(
    ours: Sequence[str], theirs: Sequence[str], *, cwd: Path, outputs: Sequence[Path] = (), rounds: int = ROUNDS
) -> None:
    """Time two commands in turn, after a warm-up of each, and print medians and the ratio theirs / ours."""
    pairs = []
    for number in range(rounds + 1):
        samples = []
        for command in (ours, theirs):
            for output in outputs:
                output.unlink(missing_ok=True)
            samples.append(run(command, cwd=cwd))
        if number:
            pairs.append(samples)
    ratios = sorted(b.seconds / a.seconds for a, b in pairs)
    for name, command, column in (("ours", ours, 0), ("theirs", theirs, 1)):
        seconds = statistics.median(pair[column].seconds for pair in pairs)
        peak = max(pair[column].peak_mib for pair in pairs)
        print(f"  {name:7} {seconds:7.3f} s  {peak:6.0f} MiB  {' '.join(command).replace(str(BIN) + '/', '')}")
    print(f"  theirs / ours: median {statistics.median(ratios):.2f}, from {ratios[0]:.2f} to {ratios[-1]:.2f}")


def python_tree() -> Path:
    """Return a tree with the Python packages as pip installs them, without bytecode."""
    tree = CACHE / "python"
    if not tree.exists():
        fresh = tree.with_name("python.new")
        shutil.rmtree(fresh, ignore_errors=True)
        uv = ["uv", "pip", "install", "--quiet", "--python", sys.executable, "--target", str(fresh)]
        subprocess.run([*uv, *PYTHON_PACKAGES], check=True)
        fresh.rename(tree)
    return tree


def node_tree() -> Path | None:
    """Return a tree with the Node packages as npm installs them; None where there is no npm."""
    tree = CACHE / "node"
    if not tree.exists():
        if shutil.which("npm") is None:
            print("npm is not installed: no Node tree\n")
            return None
        fresh = tree.with_name("node.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        (fresh / "package.json").write_text('{"name": "bench", "private": true}\n')
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", *NODE_PACKAGES], cwd=fresh, check=True)
        fresh.rename(tree)
    return tree


def against_zip(tree: Path) -> None:
    """Compare with Info-ZIP: time with its default level, size with its best."""
    files = [path for path in tree.rglob("*") if path.is_file() and not path.is_symlink()]
    print(f"{tree.name}: {len(files):,} files, {sum(path.stat().st_size for path in files):,} bytes")
    ours, theirs = CACHE / f"{tree.name}-ours.zip", CACHE / f"{tree.name}-theirs.zip"
    if shutil.which("zip") is None:
        print("  zip is not installed: nothing to compare with\n")
        return
    paired(
        [LAMBDAPACK, "build", tree.name, "--quiet", "--output", ours.name],
        ["zip", "-q", "-r", "-X", theirs.name, tree.name],
        cwd=CACHE,
        outputs=(ours, theirs),
    )
    theirs.unlink(missing_ok=True)
    run(["zip", "-9", "-q", "-r", "-X", theirs.name, tree.name], cwd=CACHE)
    run([LAMBDAPACK, "build", tree.name, "--quiet", "--output", ours.name], cwd=CACHE)
    print(f"  size: ours {ours.stat().st_size:,}, zip -9 {theirs.stat().st_size:,} bytes")
    run(["unzip", "-t", "-q", ours.name], cwd=CACHE)
    print("  unzip -t: no errors\n")


def start_up() -> None:
    """Compare what ``--version`` costs with importing click alone."""
    print("start")
    paired([LAMBDAPACK, "--version"], [sys.executable, "-c", "import click"], cwd=CACHE, rounds=15)
    print()


def main() -> None:
    """Print all figures."""
    CACHE.mkdir(parents=True, exist_ok=True)
    print(f"{len(os.sched_getaffinity(0))} cores, Python {sys.version.split()[0]}, median of {ROUNDS} pairs\n")
    trees = [python_tree(), node_tree()]
    for tree in trees:
        if tree is not None:
            against_zip(tree)
    start_up()


if __name__ == "__main__":
    main()
