"""A disk that fails while a named file is read is the machine's fault, exit 6, and no complaint about the content.

What is not there, or may not be read, keeps the code of its kind.
"""

import errno
import io
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from lambdapack.artifact import list_entries, open_artifact
from lambdapack.config.load import load_config
from lambdapack.deploying.download.foreign_zip import ForeignZip
from lambdapack.emulator.store import Store
from lambdapack.errors import LambdapackError, LocalError, UsageError
from lambdapack.packing.fetching.credentials import Credentials, netrc_path
from lambdapack.packing.gather import read_ignore_file
from lambdapack.packing.locks.pylock import select_wheels
from lambdapack.packing.locks.uv import LockRequest, check, default_source, lock
from lambdapack.packing.wheelhouse.places import Folder, read
from lambdapack.target import python_target
from tests.aliases import Run
from tests.tracing import injection, needs_strace

TARGET = python_target(runtime="python3.13", architecture="arm64")


def lock_request(output: str) -> LockRequest:
    return LockRequest(source="requirements.txt", output=output, runtime="python3.13", architecture="arm64")


FIXTURE = Path(__file__).parent.parent.parent / "fixtures" / "locked"

WHEEL = "wheels/columns-1.2.0-py3-none-any.whl"

LOCKED = ("build", "src", "--lock", "pylock.toml", "--runtime", "python3.13", "--architecture", "arm64", "--no-cache")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(FIXTURE, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("dist"))
    (tmp_path / "src/.lambdaignore").write_text("*.log\n")
    (tmp_path / "dist").mkdir()
    shutil.copy(tmp_path / WHEEL, tmp_path / "package.zip")
    (tmp_path / "requirements.txt").write_text("-r more.in\n")
    (tmp_path / "more.in").write_text("columns==1.2.0\n")
    (tmp_path / "netrc").write_text("machine example.com login me password secret\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


READERS: dict[str, Callable[[], object]] = {
    "lambdapack.toml": lambda: load_config(Path()),
    "pylock.toml": lambda: select_wheels("pylock.toml", target=TARGET),
    "src/.lambdaignore": lambda: read_ignore_file("src"),
    "package.zip": lambda: open_artifact(Path("package.zip")),
    WHEEL: lambda: read(Path(WHEEL)),
    "requirements.txt": lambda: check(lock_request("pylock.a.toml")),
    "more.in": lambda: check(lock_request("pylock.a.toml")),
    "netrc": lambda: Credentials({"NETRC": "netrc"}, tell=print),
    "emu/state.json": lambda: Store(Path("emu")).world(),
}
"""What is read, and by whom."""


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.ENOMEM, errno.EMFILE])
@pytest.mark.parametrize("path", READERS)
def test_a_machine_that_fails_is_exit_6_in_words(
    path: str, number: int, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "emu").mkdir()
    READERS[path]()
    broken(path, number, monkeypatch)

    with pytest.raises(LocalError) as caught:
        READERS[path]()
    assert caught.value.exit_code == 6
    assert path in caught.value.message
    assert os.strerror(number) in caught.value.message
    assert "reset" not in caught.value.hint


@pytest.mark.parametrize("path", ["src/.lambdaignore", "requirements.txt", ".netrc", "wheels", "uv.lock"])
def test_a_machine_that_fails_is_not_taken_for_a_file_that_is_not_there(
    path: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its ignore file a source would be packed whole; ``os.path.exists`` says "no" to every error."""
    original = os.stat
    readers: dict[str, Callable[[], object]] = {
        **READERS,
        ".netrc": lambda: netrc_path({"HOME": str(project)}),
        "wheels": lambda: Folder(Path("wheels")),
        "uv.lock": lambda: default_source(Path()),
    }

    def failing(file: object, *arguments: Any, **more: Any) -> os.stat_result:  # noqa: ANN401 - os.stat's own
        if not isinstance(file, int) and str(file) in (path, str(project / path)):
            raise OSError(errno.EIO, "Input/output error")
        return original(file, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", failing)
    with pytest.raises(LocalError, match="Input/output error"):
        readers[path]()


def broken(path: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have whatever opens that file fail."""
    for owner, name in ((os, "open"), ("builtins", "open"), ("io", "open")):
        target = __import__(owner) if isinstance(owner, str) else owner
        original = getattr(target, name)

        def opening(
            file: object, *arguments: object, original: Callable[..., object] = original, **more: object
        ) -> object:
            if not isinstance(file, int) and str(file) == path:
                raise OSError(number, os.strerror(number), path)
            return original(file, *arguments, **more)

        monkeypatch.setattr(target, name, opening)


@pytest.mark.parametrize(
    ("path", "exit_code"),
    [("lambdapack.toml", None), ("pylock.toml", 2), ("package.zip", 2), ("requirements.txt", 2), (WHEEL, None)],
)
def test_a_file_that_is_not_there_keeps_its_code(path: str, exit_code: int | None, project: Path) -> None:
    (project / path).unlink()

    found = None
    try:
        READERS[path]()
    except LambdapackError as error:
        found = error.exit_code
    assert found == exit_code


@pytest.mark.parametrize(
    ("path", "exit_code"), [("lambdapack.toml", 2), ("pylock.toml", 2), ("src/.lambdaignore", 3), ("package.zip", 6)]
)
@pytest.mark.usefixtures("project")
def test_a_file_that_may_not_be_read_keeps_its_code(path: str, exit_code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(path, errno.EACCES, monkeypatch)

    with pytest.raises(LambdapackError, match=r"cannot read .*: Permission denied") as caught:
        READERS[path]()
    assert caught.value.exit_code == exit_code


def test_a_lock_whose_old_versions_cannot_be_read_is_not_made_without_them(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = (project / "pylock.toml").read_bytes()
    broken("pylock.toml", errno.EIO, monkeypatch)
    monkeypatch.setattr("lambdapack.packing.locks.uv.find_uv", lambda: "uv")
    monkeypatch.setattr("lambdapack.packing.locks.uv.run_uv", lambda *_: pytest.fail("uv was asked"))

    with pytest.raises(LocalError, match=r"cannot read pylock\.toml: Input/output error"):
        lock(lock_request("pylock.toml"))
    monkeypatch.undo()
    assert (project / "pylock.toml").read_bytes() == old


def test_a_zip_that_cannot_be_read_is_not_called_no_zip() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            del size
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(LocalError, match=r"cannot read it: Input/output error"):
        ForeignZip(Failing(b"PK"), about="it")


def test_a_zip_whose_end_cannot_be_read_is_not_called_no_zip(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``zipfile`` makes "File is not a zip file" of every error of the system."""
    artifact = open_artifact(project / "package.zip")
    original = "zipfile._EndRecData"

    def failing(_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(original, failing)
    with pytest.raises(LocalError, match=r"cannot read .*: Input/output error"):
        list_entries(artifact)


@needs_strace
@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("pylock.toml", LOCKED),
        ("lambdapack.toml", ("build",)),
        ("src/.lambdaignore", ("build", "src")),
        ("package.zip", ("push", "hello", "--zip", "package.zip", "--emulator", "emu")),
        (WHEEL, (*LOCKED, "--wheels", "wheels")),
        ("requirements.txt", ("lock", "requirements.txt", "--runtime", "python3.13", "-o", "pylock.a.toml")),
        ("src/report/__init__.py", ("build", "src")),
    ],
)
def test_a_read_that_fails_ends_with_6_and_changes_nothing(
    path: str, command: Sequence[str], project: Path, run: Run
) -> None:
    before = sorted(str(found) for found in project.rglob("*"))
    faults = injection("read,pread64", "error=EIO", path=str(project / path))

    done = run(*command, under=faults, env={"LAMBDAPACK_CACHE_DIR": str(project.parent / "no-cache")})

    error, hint = done.stderr.splitlines()
    assert (done.returncode, error) == (6, f"error: cannot read {path}: Input/output error")
    assert hint == "hint: check the disk that it is on and run again"
    assert sorted(str(found) for found in project.rglob("*")) == before


@pytest.mark.usefixtures("project")
def test_a_configuration_that_is_no_file_is_none(project: Path) -> None:
    (project / "lambdapack.toml").unlink()
    (project / "lambdapack.toml").mkdir()

    assert load_config(Path()) is None


def test_a_usage_error_inside_a_reading_stays_one(project: Path) -> None:
    (project / "pylock.toml").unlink()
    os.mkfifo(project / "pylock.toml")

    with pytest.raises(UsageError, match="is not a regular file"):
        select_wheels("pylock.toml", target=TARGET)
