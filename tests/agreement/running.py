"""A package, unpacked as Lambda unpacks it, on every CPython here: every module imports, every version is known."""

import json
import platform
import shutil
import subprocess
import zipfile
from collections.abc import Iterable
from pathlib import Path

from tests.agreement.locks import CACHE, Machine, NotLockedError, interpreters, lock
from tests.agreement.packages import Installation, RefusedError

REQUIREMENTS = (
    *("numpy", "pandas", "boto3", "requests", "pydantic", "cryptography", "lxml", "pillow", "psycopg2-binary"),
    *("aiohttp", "google-cloud-storage[grpc]", "opentelemetry-sdk", "zope.interface", "sqlalchemy"),
)

IMPORTS = "import sys; sys.path.insert(0, {task!r}); import {module}"

ANSWERS = """
import importlib.metadata, json, sys
sys.path.insert(0, {task!r})
print(json.dumps({{name: importlib.metadata.version(name) for name in {names!r}}}))
"""


def measure() -> None:
    """Print what imports and what does not, for every CPython here."""
    if platform.machine() != "x86_64":
        print("skipped: the packages are for x86_64")
        return
    for numbers, python in interpreters().items():
        here = Machine(python=python, numbers=numbers, architecture="x86_64")
        output = CACHE / "running.zip"
        try:
            Installation().build(lock(here, "running", REQUIREMENTS), here, output, home=CACHE / "home")
        except (NotLockedError, RefusedError) as error:
            print(f"CPython {here.full}: {error}")
            continue
        task = unpacked(output, CACHE / "task")
        modules = top_level(path.relative_to(task).as_posix() for path in task.rglob("*") if path.is_file())
        failures = [failure for module in modules if (failure := failure_of(here, task, module))]
        versions = projects(task)
        answers = json.loads(child(here, ANSWERS.format(task=str(task), names=sorted(versions))).stdout or "{}")
        wrong = [name for name, expected in versions.items() if answers.get(name) != expected]
        print(
            f"CPython {here.full}: {len(modules) - len(failures)} of {len(modules)} top-level modules import, "
            f"{len(versions) - len(wrong)} of {len(versions)} versions answer"
        )
        for line in (*failures, *wrong, *unseen(here, task)):
            print(f"    {line}", flush=True)


def unpacked(path: Path, task: Path) -> Path:
    """Return the directory with what lies in a zip, with the zip's modes, and nothing else."""
    shutil.rmtree(task, ignore_errors=True)
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            Path(archive.extract(entry, task)).chmod(entry.external_attr >> 16 & 0o777)
    return task


def top_level(names: Iterable[str]) -> list[str]:
    """Return every module that no package holds; where a directory is a namespace only, what lies in it."""
    files = {name for name in names if name.endswith((".py", ".so"))}
    packages = {name.removesuffix("/__init__.py") for name in files if name.endswith("/__init__.py")}
    found = set()
    for name in files:
        folders = name.split("/")[:-1]
        parents = ["/".join(folders[: depth + 1]) for depth in range(len(folders))]
        stem = name.rpartition("/")[2].partition(".")[0]
        path = next((parent for parent in parents if parent in packages), "/".join([*folders, stem]))
        if all(part.isidentifier() for part in path.split("/")):
            found.add(path.replace("/", "."))
    return sorted(found)


def projects(task: Path) -> dict[str, str]:
    """Return name and version of every project, as its directory has them ("Recording installed projects")."""
    folders = [path.name.removesuffix(".dist-info") for path in task.glob("*.dist-info")]
    return {name: version for name, _, version in (folder.partition("-") for folder in folders)}


def failure_of(here: Machine, task: Path, module: str) -> str | None:
    """Return why a module cannot be imported, or None."""
    done = child(here, IMPORTS.format(task=str(task), module=module))
    return f"{module}: {(done.stderr.splitlines() or ['no reason'])[-1]}" if done.returncode else None


def child(here: Machine, program: str) -> subprocess.CompletedProcess[str]:
    """Run a program that sees the standard library alone: no site-packages, environment or current directory."""
    return subprocess.run(
        [str(here.python), "-I", "-S", "-B", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
    )


def unseen(here: Machine, task: Path) -> list[str]:
    """Return which failures, made on purpose, would not be seen."""
    (task / "lambdapack_broken.py").write_text("import nothing_that_is_there\n")
    broken = failure_of(here, task, "lambdapack_broken")
    outside = failure_of(here, Path("/nonexistent"), "numpy")
    return [
        what for what, seen in (("unseen: a broken module", broken), ("unseen: an empty task", outside)) if not seen
    ]
