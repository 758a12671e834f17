"""``fixtures/make-project``: what a user's ``make deploy`` does, and above all what it leaves undone."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

Deploy: TypeAlias = Callable[[], str]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="this is about make")

PROJECT = Path(__file__).parent.parent / "fixtures" / "make-project"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project whose sources are a minute old."""
    copy = tmp_path / "project"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns("dist"))
    minute_ago = time.time() - 60
    for path in copy.rglob("*"):
        os.utime(path, (minute_ago, minute_ago))
    return copy


@pytest.fixture
def deploy(project: Path) -> Deploy:
    """Run ``make deploy`` and return the commands that make ran."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(project),
        "LAMBDAPACK_EMULATOR": str(project.parent / "emulator"),
        "LAMBDAPACK": f"{sys.executable} -m lambdapack",
    }

    def deploy() -> str:
        done = subprocess.run(
            ["make", "-e", "deploy"],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return deploy


def ran(output: str) -> list[str]:
    """Return which of lambdapack's commands make ran, in order."""
    return [line.split("lambdapack ", 1)[1].split()[0] for line in output.splitlines() if "-m lambdapack " in line]


def test_a_second_deploy_does_nothing(deploy: Deploy) -> None:
    first, second = deploy(), deploy()

    assert ran(first) == ["build", "push"]
    assert second == "make: Nothing to be done for 'deploy'.\n"


def test_a_source_that_was_only_touched_is_packed_again_and_not_pushed(deploy: Deploy, project: Path) -> None:
    deploy()
    (project / "src" / "greeter" / "words.py").touch()

    assert ran(deploy()) == ["build"]


@pytest.mark.parametrize("change", ["edit", "add", "remove", "configure"])
def test_every_change_of_what_goes_in_is_pushed(deploy: Deploy, project: Path, change: str) -> None:
    source = project / "src" / "greeter"
    (source / "extra.py").write_text("EXTRA = 1\n")
    deploy()

    if change == "edit":
        (source / "words.py").write_text('def greeting(name): return "Hi"\n')
    elif change == "add":
        (source / "more.py").write_text("MORE = 1\n")
    elif change == "remove":
        (source / "extra.py").unlink()
    else:
        with (project / "pyproject.toml").open("a") as file:
            file.write('exclude = ["extra.py"]\n')

    assert ran(deploy()) == ["build", "push"]
    assert deploy() == "make: Nothing to be done for 'deploy'.\n"
