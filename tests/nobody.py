"""The program as a user who may not read everything: tests that run as root see what others do."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

# Whatever is imported later than this may lie where nobody may read: an interpreter in root's home.
_AS_NOBODY = """
import difflib, os, shutil
import lambdapack.cli.commands.build, lambdapack.disk.commit, lambdapack.packing.gather, lambdapack.packing.write
from lambdapack.packing.outputs import dating, depfile, manifest
from lambdapack.cli.main import main
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
main()
"""


@contextmanager
def directory_of_nobody() -> Iterator[Path]:
    """Yield a directory that the process of ``as_nobody`` may write to, in a place that it may reach."""
    with TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o777)
        yield directory


def as_nobody(directory: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run lambdapack there, words as text, without root's rights."""
    command = [sys.executable, "-c", _AS_NOBODY, *arguments]
    return subprocess.run(command, check=False, cwd=directory, capture_output=True, text=True, timeout=30)
