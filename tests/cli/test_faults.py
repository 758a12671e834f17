"""A build under faults of the machine: the old file or the new one, the right exit code, nothing left behind."""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.aliases import Done, MakeTree, Run
from tests.running import COMMAND
from tests.tracing import injection, needs_strace

BUILD = (*COMMAND, "build", "src", "-o", "out.zip")

WRITING = (
    *(sys.executable, "-c"),
    "import contextlib, os, lambdapack.__main__ as it\nwith contextlib.suppress(OSError): os.write(2, b'')\nit.main()",
    *BUILD[3:],
)
"""The same, where the main thread has written once before: strace counts the calls of each thread by itself, and the
fault is for the thread that writes the package, not for the message."""

NOISE = random.Random(1).randbytes(1_500_000)  # noqa: S311 - repeatable, not secret


@pytest.fixture
def files(tree: MakeTree, tmp_path: Path) -> Path:
    """A tree of three files whose package is larger than any buffer, and an old package."""
    root = tree({"app.py": b"print()\n", "lib/data.bin": NOISE, "z.txt": b"z"})
    (tmp_path / "out.zip").write_bytes(b"old")
    return root


def assert_untouched(done: Done, directory: Path, *, words: str = "") -> None:
    """Exit code 6, an error and a hint, the old package, and no file beside it."""
    assert done.returncode == 6, done.stderr
    error, hint = done.stderr.splitlines()
    assert error.startswith("error: ")
    assert hint.startswith("hint: ")
    assert words in error
    assert (directory / "out.zip").read_bytes() == b"old"
    assert sorted(path.name for path in directory.iterdir()) == ["out.zip", "src"]


def injected(
    directory: Path, call: str, fault: str, *, path: str | None = None, command: Sequence[str] = BUILD
) -> Done:
    """Build under strace, with a fault injected into system calls."""
    # One job, and no byte code written: the calls come in one order, and all of them are ours.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [*injection(call, fault, path=path), *command, "--jobs", "1", "-q"],
        check=False,
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=30,
        env=environment,
    )


@needs_strace
@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("call", "fault", "words"),
    [
        ("fsync", "error=EIO:when=1", "cannot write out.zip: Input/output error"),
        ("fsync", "error=ENOSPC:when=1", "cannot write out.zip: No space left on device"),
        ("/rename.*", "error=EACCES", "cannot write out.zip: Permission denied"),
        ("/rename.*", "error=EROFS", "cannot write out.zip: Read-only file system"),
    ],
)
def test_a_fault_at_the_end_leaves_the_old_package(call: str, fault: str, words: str, tmp_path: Path) -> None:
    assert_untouched(injected(tmp_path, call, fault), tmp_path, words=words)


@needs_strace
@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(("fault", "words"), [("ENOSPC", "No space left on device"), ("EIO", "Input/output error")])
def test_a_disk_that_fills_up_or_breaks_leaves_the_old_package(fault: str, words: str, tmp_path: Path) -> None:
    # Python itself writes nothing before the package is written. Later writes: tests/packing/test_write.py.
    done = injected(tmp_path, "write", f"error={fault}:when=1", command=WRITING)

    assert_untouched(done, tmp_path, words=f"cannot write out.zip: {words}")


@needs_strace
@pytest.mark.parametrize(
    ("call", "fault", "words"),
    [
        ("read", "error=EIO", "cannot read src/lib/data.bin: Input/output error"),
        ("openat", "error=EMFILE", "cannot read src/lib/data.bin: Too many open files"),
        ("openat", "error=ENFILE", "cannot read src/lib/data.bin: Too many open files in system"),
        ("openat", "error=ENOMEM", "cannot read src/lib/data.bin: Cannot allocate memory"),
    ],
)
def test_a_source_that_the_machine_cannot_read_leaves_the_old_package(
    call: str, fault: str, words: str, files: Path, tmp_path: Path
) -> None:
    done = injected(tmp_path, call, fault, path=str(files / "lib/data.bin"))

    assert_untouched(done, tmp_path, words=words)


@pytest.mark.usefixtures("files")
def test_a_limit_on_the_size_of_files_leaves_the_old_package(run: Run, tmp_path: Path) -> None:
    done = run(
        "build",
        "src",
        "-o",
        "out.zip",
        "-q",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20,) * 2),
    )

    assert_untouched(done, tmp_path, words="cannot write out.zip: File too large")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("limit", "value"), [(resource.RLIMIT_NOFILE, 16), (resource.RLIMIT_NOFILE, 6), (resource.RLIMIT_AS, 150 << 20)]
)
def test_few_descriptors_and_little_memory_are_enough_or_refused(
    limit: int, value: int, run: Run, tmp_path: Path
) -> None:
    done = run("build", "src", "-o", "out.zip", "-q", preexec_fn=lambda: resource.setrlimit(limit, (value, value)))

    if done.returncode:
        assert_untouched(done, tmp_path)
    assert done.returncode in {0, 6}


@pytest.mark.usefixtures("files")
def test_no_temporary_directory_is_needed(run: Run) -> None:
    assert run("build", "src", "-o", "out.zip", env={"TMPDIR": "/nonexistent"}).returncode == 0


@pytest.fixture(scope="module")
def many_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some 3,000 files: a build of which takes long enough to be interrupted anywhere."""
    root = tmp_path_factory.mktemp("many") / "src"
    for folder in range(30):
        (root / str(folder)).mkdir(parents=True)
        for number in range(100):
            (root / str(folder) / f"{number}.py").write_bytes(
                NOISE[number * 50 :][: 3_000 + number * 10].hex().encode()
            )
    return root


TAKEN_OVER = """
import runpy, signal
signal.signal(signal.SIGINT, signal.SIG_DFL)
print("taken over", flush=True)
runpy.run_module("lambdapack", run_name="__main__", alter_sys=True)
"""
"""``python -m lambdapack`` from its first line on, which does the same: before it, an interrupt gets Python's words."""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_at_any_moment_ends_it_quickly_and_cleanly(name: str, many_files: Path) -> None:
    number = getattr(signal, name)
    choose = random.Random(number)  # noqa: S311 - repeatable, not secret
    directory = many_files.parent
    subprocess.run(BUILD, check=True, cwd=directory, capture_output=True)
    whole = (directory / "out.zip").read_bytes()
    outcomes = set()
    for _ in range(7):
        (directory / "out.zip").write_bytes(b"old")
        command = [sys.executable, "-c", TAKEN_OVER, *BUILD[3:]]
        with subprocess.Popen(
            command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as build:
            assert build.stdout is not None
            assert build.stdout.readline() == "taken over\n"
            time.sleep(choose.uniform(0.0, 0.5))
            build.send_signal(number)
            sent = time.monotonic()
            _, errors = build.communicate(timeout=10)
        outcomes.add(build.returncode)

        assert "Traceback" not in errors
        assert [path.name for path in directory.iterdir() if path.name.startswith(".")] == []
        assert time.monotonic() - sent < 1 or build.returncode == 0
        assert (directory / "out.zip").read_bytes() in {b"old", whole}

    # Death by the very signal: it came before the command line was read. 0: it came too late.
    assert outcomes <= {128 + number, -number, 0}
    assert outcomes & {128 + number, -number}


# Without a pause the second signal comes before the interpreter has done with the first.
@pytest.mark.parametrize("pause", ["process.SECOND_TRY", "0", "0.0", "1e-9"])
def test_a_signal_that_the_interpreter_swallows_comes_again(pause: str) -> None:
    code = (
        "import os, signal, time, weakref\n"
        "from lambdapack.cli import process\n"
        "from lambdapack.cli.process import install_signal_handlers\n"
        f"process.SECOND_TRY = {pause}\n"
        "from lambdapack.errors import Interruption\n"
        "class Thing: pass\n"
        "def callback(_):\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    for _ in range(1000): pass\n"
        "    print('not reached')\n"
        "install_signal_handlers()\n"
        "thing = Thing()\n"
        "reference = weakref.ref(thing, callback)\n"
        "try:\n"
        "    del thing\n"
        "    print('swallowed')\n"
        "    time.sleep(20)\n"
        "except Interruption as interruption:\n"
        "    print('interrupted', interruption.signal_number)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=15)

    assert done.stderr == ""
    # In a hurry it may come before the next line is printed wholly.
    assert done.stdout.removeprefix("swallowed").strip() == "interrupted 15"


@needs_strace
@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("call", ["fsync", "/rename.*", "write"])
def test_a_killed_build_leaves_the_old_package_and_the_next_one_sweeps_up(call: str, run: Run, tmp_path: Path) -> None:
    injected(tmp_path, call, "signal=KILL:when=1")
    assert (tmp_path / "out.zip").read_bytes() == b"old"
    assert len(list(tmp_path.glob(".out.zip.*.lambdapack-tmp"))) == 1

    assert run("build", "src", "-o", "out.zip").returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.zip", "src"]


def test_eight_builds_of_one_output_all_succeed_with_one_hash(many_files: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.zip"
    command = [*COMMAND, "build", str(many_files), "-o", str(output), "-q", "--jobs", "1"]
    builds = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(8)]
    answers = {build.communicate(timeout=60) for build in builds}

    assert {build.returncode for build in builds} == {0}
    assert len(answers) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["out.zip"]


@pytest.mark.parametrize("program", ["sh", "python"])
def test_these_faults_are_felt_by_a_naive_builder(program: str, files: Path, tmp_path: Path) -> None:
    """``zipfile`` straight into the output: the same limit leaves a torn package."""
    del files
    naive = "import shutil; shutil.make_archive('out', 'zip', 'src')"
    command: Mapping[str, list[str]] = {
        "sh": ["sh", "-c", "cat src/lib/data.bin > out.zip"],
        "python": [sys.executable, "-c", naive],
    }
    subprocess.run(
        command[program],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20,) * 2),
    )

    assert (tmp_path / "out.zip").read_bytes() != b"old"
