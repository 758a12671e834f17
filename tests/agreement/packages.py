"""Packages made by ``lambdapack build``, and what lies in them."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.agreement.locks import CACHE, ROOT, Machine

SOURCE = CACHE / "source"
HANDLER = "def handler(event, context):\n    return event\n"


class RefusedError(Exception):
    """lambdapack makes no package of a lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """lambdapack, as one interpreter runs it."""

    command: tuple[str, ...] = (sys.executable,)
    """What starts the interpreter."""
    path: tuple[Path, ...] = ()
    """Where it finds what lambdapack needs, if not by itself."""

    def build(self, lock: Path, here: Machine, output: Path, *more: str, home: Path) -> dict[str, Any]:
        """Make a package of the source and a lock, and return what ``--json`` says; raises ``RefusedError``.

        ``home`` stands in for the user's home, caches included.
        """
        if not (SOURCE / "app.py").exists():  # another run may be packing it
            SOURCE.mkdir(parents=True, exist_ok=True)
            (SOURCE / "app.py").write_text(HANDLER)
        target = ("--runtime", here.runtime, "--architecture", here.architecture)
        command = [*self.command, "-m", "lambdapack", "build", str(SOURCE), "--lock", str(lock), *target]
        done = subprocess.run(
            [*command, "--json", "--output", str(output), *more],
            capture_output=True,
            text=True,
            check=False,
            env=environment(os.environ, home=home, path=(*self.path, ROOT)),
        )
        if done.returncode:
            raise RefusedError(f"exit {done.returncode}: {' '.join(done.stderr.split())[-600:]}")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


def environment(environ: Mapping[str, str], *, home: Path, path: Sequence[Path]) -> dict[str, str]:
    """Return an environment whose settings and caches are in ``home``."""
    home.mkdir(parents=True, exist_ok=True)
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith(("LAMBDAPACK_", "PIP_", "UV_", "XDG_", "PYTHON"))
    }
    return kept | {
        "HOME": str(home),
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def packed_files(path: Path) -> dict[str, bytes]:
    """Return what lies in a zip, as ``zipfile`` reads it."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def tree_files(tree: Path) -> dict[str, bytes]:
    """Return what lies in a directory."""
    return {
        path.relative_to(tree).as_posix(): path.read_bytes()
        for path in tree.rglob("*")
        if path.is_file() or path.is_symlink()
    }
