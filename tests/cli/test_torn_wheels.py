"""A cached wheel that somebody changes while it is packed: the right package, or none and exit 6. Never a signal.

Each build is a process of its own, for a file that is mapped and shrinks ends the process that reads it (mmap(2)).
"""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.wheelmaker import write_project_of_cached_wheel

CHANGES = {
    "truncate": "os.truncate(kept, 1_000_000)",
    "empty": "os.truncate(kept, 0)",
    "append": "open(kept, 'ab').write(b'more')",
    "rewrite": "open(kept, 'r+b').write(bytes(3_000_000))",
    "rewrite, times put back": (
        "before = os.stat(kept); open(kept, 'r+b').write(bytes(3_000_000)); "
        "os.utime(kept, ns=(before.st_atime_ns, before.st_mtime_ns))"
    ),
    "rewrite and remove": "open(kept, 'r+b').write(bytes(3_000_000)); os.unlink(kept)",
    "remove": "os.unlink(kept)",
    "replace": "open(kept + '.new', 'wb').write(bytes(3_000_000)); os.replace(kept + '.new', kept)",
}
"""What is done to the file ``kept`` at the moment."""

HARMLESS = ("remove", "replace")
"""What leaves the bytes of the file that is open as they are."""

CHILD = """
import os, sys
from lambdapack.cli.main import main
from lambdapack.disk import whole
from lambdapack.packing import write
kept, moment, change, *arguments = sys.argv[1:]
calls = 0
def read_at(*given, original=whole.read_at):
    global calls
    calls += 1
    if calls == {"first read": 1, "fifth read": 5}.get(moment):
        exec(change)
    return original(*given)
whole.read_at = read_at
def compress(*given, original=write.compress, **named):
    if moment == "gathered":
        exec(change)
    return original(*given, **named)
write.compress = compress
def check(file, original=whole.OpenFile.check_unchanged):
    if moment == "copied":
        exec(change)
    original(file)
whole.OpenFile.check_unchanged = check
main(arguments)
"""


class Project:
    """A function whose one wheel, of three megabytes, the cache has."""

    def __init__(self, directory: Path) -> None:
        noise = random.Random(1)  # noqa: S311 - repeatable, not secret
        files = {f"one/{number}.bin": noise.randbytes(750_000) for number in range(4)}
        self.directory = directory
        self.kept = write_project_of_cached_wheel(directory, files)

    def build(self, moment: str = "", change: str = "", options: tuple[str, ...] = ()) -> tuple[int, str]:
        """Build, change the wheel at that moment, and return the exit code and what was said."""
        words = "build src --lock pylock.toml --runtime python3.13 --architecture x86_64 --offline -o out.zip --quiet"
        arguments = [*words.split(), "--cache-dir", "cache", *options]
        code = [sys.executable, "-c", CHILD, str(self.kept), moment, change, *arguments]
        done = subprocess.run(code, cwd=self.directory, check=False, capture_output=True, text=True)
        return done.returncode, done.stderr

    def package(self) -> bytes:
        """Return the package, beside which nothing may lie."""
        names = sorted(path.name for path in self.directory.iterdir())
        assert names == ["cache", "index", "out.zip", "pylock.toml", "src"]
        return (self.directory / "out.zip").read_bytes()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize(
    ("moment", "options", "names"),
    [
        ("gathered", (), tuple(CHANGES)),
        ("fifth read", (), ("truncate", "append", "rewrite", "remove")),
        ("copied", (), ("rewrite, times put back", "replace")),
        ("fifth read", ("--layer",), ("truncate", "rewrite")),  # each member by itself
    ],
    ids=["gathered", "reading", "copied", "layer"],
)
def test_a_wheel_that_is_changed_while_it_is_packed_is_exit_6_or_the_right_package(
    moment: str, options: tuple[str, ...], names: tuple[str, ...], project: Project
) -> None:
    assert project.build(options=options) == (0, "")
    right, wheel = project.package(), project.kept.read_bytes()
    for name in names:
        project.kept.unlink(missing_ok=True)
        project.kept.write_bytes(wheel)
        (project.directory / "out.zip").write_bytes(b"old" if name not in HARMLESS else right)
        time.sleep(0.06)

        found = project.build(moment, CHANGES[name], options)

        said = f"error: something changed cache/wheels/{project.kept.name} while it was packed\n"
        hint = "hint: run again, or use --no-cache\n"
        assert found == ((0, "") if name in HARMLESS else (6, said + hint)), name
        assert project.package() == (right if name in HARMLESS else b"old")


def test_without_the_check_other_bytes_would_be_packed(project: Project) -> None:
    """The control."""
    assert project.build() == (0, "")
    right = project.package()
    (project.directory / "out.zip").unlink()

    # The change comes with the first read, and nothing compares the file's times.
    code = "whole.OpenFile.check_unchanged = lambda _: None; " + CHANGES["rewrite"]
    assert project.build("first read", code) == (0, "")

    assert project.package() != right
