"""A share of the sweep of limits (``tests/fuzz/limits.py``): the right bytes, or exit 6 in words, and nothing left."""

import os
import sys
from collections.abc import Iterator

import pytest

from tests.fuzz import limits
from tests.fuzz.limits import FULL_DISKS, Scene

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ulimit -v holds on Linux alone")


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with limits.scene() as here:
        yield here


@pytest.mark.parametrize(
    ("command", "kib"), [("build", 60_000), ("locked", 60_000), ("downloads", 260_000), ("encrypted", 200_000)]
)
def test_what_memory_may_not_be_enough_for_is_right_or_exit_6_in_words(command: str, kib: int, scene: Scene) -> None:
    """How much is enough depends on the interpreter, and on which thread comes first."""
    assert scene.outcome(command, f"ulimit -v {kib}") in ((6, "refused"), (0, "right"))


def test_too_little_memory_is_exit_6_in_words(scene: Scene) -> None:
    assert scene.outcome("push", "ulimit -v 70000") == (6, "refused")


def test_with_enough_memory_all_goes_well(scene: Scene) -> None:
    assert scene.outcome("encrypted", "ulimit -v 2000000") == (0, "right")


@pytest.mark.parametrize("command", ["locked", "pull"])
def test_too_few_open_files_are_exit_6_in_words(command: str, scene: Scene) -> None:
    """With one file beside the three that are open already nothing can be read while something is written.

    The limit is set by Python: some environments need two files to start at all.
    """
    code = 'import resource as r, runpy; r.setrlimit(r.RLIMIT_NOFILE, (4, 4)); runpy._run_module_as_main("lambdapack")'
    assert scene.outcome(command, f'exec "$0" -c \'{code}\' "${{@:3}}"') == (6, "refused")


@pytest.mark.parametrize("command", ["locked", "pull"])
def test_open_files_that_may_not_be_enough_are_right_or_exit_6_in_words(command: str, scene: Scene) -> None:
    """With two it depends on which thread comes first."""
    assert scene.outcome(command, "ulimit -n 5") in ((6, "refused"), (0, "right"))


@pytest.mark.parametrize(
    ("name", "command", "before", "wanted"), FULL_DISKS[1:5], ids=["output", "cache", "state", "temporary"]
)
def test_a_full_disk_is_exit_6_and_leaves_nothing(
    name: str, command: str, before: str, wanted: str, scene: Scene
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root mounts file systems")

    assert scene.outcome(name, before, command=command, disk=64)[1] == wanted


def test_a_command_that_would_be_wrong_is_caught(scene: Scene) -> None:
    """The control: without its own words a shortage is called a bug, and other bytes are seen."""
    broken = "import lambdapack.cli.main as m; m.shortage = lambda _: None; m.is_memory_short = lambda: False; "
    broken += "m.LazyGroup.get_command = lambda *_: [].append(bytearray(1 << 60)); m.main()"
    code = f"exec {sys.executable} -c '{broken}' build src -o out.zip"
    assert scene.outcome("build", code)[1].startswith("exit 70: error: this is a bug in lambdapack: MemoryError")
    assert scene.outcome("build", "head -c 100 in.zip > out.zip; exit 0")[1] == "other bytes"
    assert scene.outcome("build", "touch .out.zip.x.lambdapack-tmp; exit 6")[1].startswith("left")
