"""What make is told is right in both directions: what is stale is built, and what is up to date is left alone.

GNU make itself decides; a recipe that runs says so.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.running import COMMAND

Make: TypeAlias = Callable[[], int]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="this is about make")

RULE = """\
{target}:
\t@echo BUILT
\t@$(LAMBDAPACK) build {source} -q -o $@ --depfile {depfile} {more} >/dev/null

-include {depfile}
"""

LAYOUTS = {
    "output in the source's root": (".", "x.zip", "x.d", ""),
    "output in a directory of the source": (".", "dist/x.zip", "dist/x.d", ""),
    "all three in a directory of the source": (".", "dist/x.zip", "dist/x.d", "--manifest dist/x.json"),
    "each in a directory of its own": (".", "dist/x.zip", "lib/x.d", "--manifest x.json"),
    "beside the source": ("src", "dist/x.zip", "dist/x.d", "--manifest dist/x.json"),
    "in a source of another directory": ("src/../src", "./src//lib/x.zip", "src/lib/x.d", ""),
    "through a symlink into the source": (".", "link/x.zip", "link/x.d", ""),
}
"""Source, output, depfile and further options."""

THOROUGH = ("output in the source's root", "each in a directory of its own")
"""Where every kind of change is made; elsewhere those that differ."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name in ("src/lib", "lib", "dist"):
        (root / name).mkdir(parents=True)
    for name in ("app.py", "lib/util.py", "src/app.py", "src/lib/util.py"):
        (root / name).write_text("x = 1\n")
    (root / ".lambdaignore").write_text("Makefile\n*.log\n/link\n")
    (root / "link").symlink_to("dist")
    minute_ago = time.time() - 60
    for path in (*root.rglob("*"), root):
        os.utime(path, (minute_ago, minute_ago), follow_symlinks=False)
    return root


@pytest.fixture
def make(project: Path, clean_environment: Mapping[str, str]) -> Make:
    """Run make; return how many recipes it ran."""

    def start(*targets: str) -> int:
        done = subprocess.run(
            ["make", "-rR", *targets, f"LAMBDAPACK={sys.executable} -m lambdapack"],
            check=False,
            cwd=project,
            capture_output=True,
            text=True,
            timeout=60,
            env=clean_environment,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.count("BUILT")

    return start


def laid_out(project: Path, layout: str) -> tuple[Path, Path]:
    """Write the Makefile; return the source and the directory of the output."""
    source, target, depfile, more = LAYOUTS[layout]
    (project / "Makefile").write_text(RULE.format(source=source, target=target, depfile=depfile, more=more))
    return project / source, (project / target).parent


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_second_make_has_nothing_to_do_and_every_change_is_built_once(layout: str, project: Path, make: Make) -> None:
    source, beside_output = laid_out(project, layout)
    is_inside = source.resolve() in (beside_output.resolve(), *beside_output.resolve().parents)
    changes: dict[str, Callable[[], object]] = {
        "edited": lambda: (source / "lib/util.py").write_text("x = 2\n"),
        "added": lambda: (source / "lib/new.py").write_text(""),
        "added in the root": lambda: (source / "new.py").write_text(""),
        "renamed": lambda: (source / "new.py").rename(source / "other.py"),
        "removed": (source / "lib/new.py").unlink,
        "moved over another, with an old time": lambda: (source / "other.py").replace(source / "app.py"),
    }
    if layout not in THOROUGH:
        changes = {name: changes[name] for name in ("edited", "added", "removed")}
    if is_inside:
        changes["added beside the output"] = lambda: (beside_output / "data.txt").write_text("")
        changes["removed beside the output"] = (beside_output / "data.txt").unlink

    assert (make(), make()) == (1, 0)
    for name, change in changes.items():
        change()
        assert (name, make(), make()) == (name, 1, 0)


@pytest.mark.parametrize("layout", ["output in the source's root", "all three in a directory of the source"])
def test_what_is_left_out_comes_and_goes_beside_the_output_and_it_settles(
    layout: str, project: Path, make: Make
) -> None:
    _, beside_output = laid_out(project, layout)
    make()
    package = project / LAYOUTS[layout][1]
    inode = package.stat().st_ino

    (beside_output / "some.log").write_text("")

    assert (make(), make()) == (1, 0)
    assert package.stat().st_ino == inode


def test_a_touched_file_leaves_the_package_its_time_and_what_depends_on_it_alone(project: Path, make: Make) -> None:
    laid_out(project, "all three in a directory of the source")
    make()
    package = project / "dist/x.zip"
    before = package.stat().st_mtime_ns

    (project / "app.py").touch()

    assert make() == 1
    assert package.stat().st_mtime_ns == before


def test_several_packages_of_one_source_in_one_directory_settle(project: Path, make: Make) -> None:
    """Issue 11 will keep them out of one another; here a pattern does."""
    (project / ".lambdaignore").write_text("Makefile\n*.zip\n*.d\n/src\n/link\n")
    rules = [
        RULE.format(source=".", target=f"dist/{name}.zip", depfile=f"dist/{name}.d", more="") for name in ("a", "b")
    ]
    (project / "Makefile").write_text("all: dist/a.zip dist/b.zip\n" + "\n".join(rules))

    assert make() == 2
    make()
    assert make() == 0
    (project / "dist/new.py").write_text("")
    assert make() == 2
    make()
    assert make() == 0


def test_a_deployment_that_is_noted_beside_the_package_settles(project: Path, make: Make) -> None:
    rule = RULE.format(source=".", target="dist/x.zip", depfile="dist/x.d", more="--exclude '*.done'")
    (project / "Makefile").write_text(
        f"all: dist/x.done\ndist/x.done: dist/x.zip\n\t@echo BUILT\n\t@touch $@\n\n{rule}"
    )

    assert make() == 2
    assert make() == 1, "the directory is newer, so it is packed; the bytes are the same, so it is not deployed"
    assert make() == 0


def test_the_time_as_it_was_would_have_make_build_for_ever(project: Path, make: Make) -> None:
    """The control: a package that is a little older than its directory, as a rename leaves it."""
    laid_out(project, "all three in a directory of the source")
    make()
    directory = (project / "dist").stat().st_mtime_ns
    os.utime(project / "dist/x.zip", ns=(directory - 1, directory - 1))

    assert make() == 1


@pytest.mark.parametrize("late", ["dist/late.py", "app.py", "lib/late.py"])
def test_what_changed_while_it_was_packed_is_built_by_the_next_make(late: str, project: Path, make: Make) -> None:
    """The directory's time is the run's own as well: only what lies in it tells that somebody else wrote there."""
    laid_out(project, "all three in a directory of the source")
    code = (
        "import pathlib, sys\n"
        "from lambdapack.packing import write\n"
        "original = write.commit_all\n"
        "def late(*a, **k):\n"
        f"    pathlib.Path('{late}').write_text('late = 1')\n"
        "    original(*a, **k)\n"
        "write.commit_all = late\n"
        "from lambdapack.cli.main import main\n"
        "main(['build', '.', '-q', '-o', 'dist/x.zip', '--depfile', 'dist/x.d', '--manifest', 'dist/x.json'])\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=project, capture_output=True)

    assert (make(), make()) == (1, 0)


@pytest.mark.parametrize("what", [".", "lib", "dist", "app.py"])
def test_what_is_dated_in_the_future_hides_no_change(what: str, project: Path) -> None:
    """make would build nothing until then; now it builds each time, and says that a clock is wrong."""
    laid_out(project, "all three in a directory of the source")
    in_a_year = time.time() + 365 * 24 * 3600
    command = [*COMMAND, "build", ".", "-q", "-o", "dist/x.zip", "--depfile", "dist/x.d"]
    for _ in range(2):
        os.utime(project / what, (in_a_year, in_a_year))
        subprocess.run(command, check=True, cwd=project, capture_output=True)

        assert (project / "dist/x.zip").stat().st_mtime <= time.time()


@pytest.mark.parametrize(
    "target", ["dist//x.zip", "./x.zip", "dist/../x.zip", "dist/./x.zip", ".//x.zip", "dist/x y.zip"]
)
def test_the_depfile_names_the_package_as_make_does(target: str, project: Path, make: Make) -> None:
    escaped = target.replace(" ", "\\ ")
    (project / "Makefile").write_text(
        f"{escaped}:\n\t@echo BUILT\n\t@$(LAMBDAPACK) build src -q -o '$@' --depfile x.d >/dev/null\n\n-include x.d\n"
    )

    assert (make(), make()) == (1, 0)
    (project / "src/app.py").write_text("x = 2\n")
    assert (make(), make()) == (1, 0)
