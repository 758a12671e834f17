"""Several files that are replaced together: whatever fails, all are new or all are what they were."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from lambdapack import waiting
from lambdapack.disk import commit as commit_module
from lambdapack.disk.commit import commit_all
from lambdapack.disk.replacement import Replacement
from lambdapack.errors import LocalError

NAMES = ("a.d", "b.zip", "c.json")

OLD = {"a.d": b"old d", "b.zip": b"old zip", "c.json": b"old json"}
NEW = {"a.d": b"new d", "b.zip": b"new zip", "c.json": b"new json"}


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}


def replace_all(directory: Path, *, new: dict[str, bytes] = NEW, last: Callable[[], None] | None = None) -> None:
    with ExitStack() as stack:
        outs = [stack.enter_context(Replacement(directory / name)) for name in NAMES]
        for out, name in zip(outs, NAMES, strict=True):
            out.write(new[name])
            out.prepare()
        commit_all(outs[:2], about=outs[2], last=last)


def write(directory: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (directory / name).write_bytes(content)


@pytest.fixture
def fail_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[str]]:
    """Have the N-th rename fail, or a signal come just after it where N is negative; return the renames that were."""
    original = os.replace

    def patch(number: int) -> list[str]:
        done: list[str] = []

        def replace(source: Path, target: Path) -> None:
            if tmp_path not in Path(target).parents:  # a thread that another test left behind
                return original(source, target)
            done.append(Path(target).name)
            if len(done) == number:
                raise PermissionError(errno.EPERM, "Operation not permitted")
            original(source, target)
            if len(done) == -number:
                raise KeyboardInterrupt
            return None

        monkeypatch.setattr(os, "replace", replace)
        return done

    return patch


def test_the_description_is_away_while_the_others_change(tmp_path: Path, fail_at: Callable[[int], list[str]]) -> None:
    write(tmp_path, OLD)
    done = fail_at(0)

    replace_all(tmp_path)

    assert contents(tmp_path) == NEW
    assert done[0].startswith(".c.json.")
    assert done[1:] == ["a.d", "b.zip", "c.json"]


@pytest.mark.parametrize(
    ("missing", "number"),
    [
        *(((), number) for number in (1, 2, 3, 4)),
        *((NAMES, number) for number in (1, 2, 3)),
        *((("c.json",), number) for number in (1, 2, 3)),
        *((("b.zip",), number) for number in (1, 2, 3, 4)),
    ],
)
def test_a_rename_that_fails_leaves_all_as_they_were(
    missing: tuple[str, ...], number: int, tmp_path: Path, fail_at: Callable[[int], list[str]]
) -> None:
    old = {name: content for name, content in OLD.items() if name not in missing}
    write(tmp_path, old)
    before = [(path.stat().st_ino, path.stat().st_mtime_ns) for path in sorted(tmp_path.iterdir())]
    fail_at(number)

    with pytest.raises(LocalError, match="Operation not permitted") as caught:
        replace_all(tmp_path)
    assert caught.value.exit_code == 6
    assert contents(tmp_path) == old
    assert [(path.stat().st_ino, path.stat().st_mtime_ns) for path in sorted(tmp_path.iterdir())] == before


@pytest.mark.parametrize("number", [-1, -2, -3, -4])
def test_a_signal_between_the_renames_leaves_all_as_they_were(
    number: int, tmp_path: Path, fail_at: Callable[[int], list[str]]
) -> None:
    write(tmp_path, OLD)
    fail_at(number)

    with pytest.raises(KeyboardInterrupt):
        replace_all(tmp_path)
    assert contents(tmp_path) == OLD


def test_one_after_another_they_would_not(tmp_path: Path, fail_at: Callable[[int], list[str]]) -> None:
    """The control: without ``commit_all`` the same fault leaves a mixture."""
    write(tmp_path, OLD)
    fail_at(3)

    def each() -> None:
        with ExitStack() as stack:
            outs = [stack.enter_context(Replacement(tmp_path / name)) for name in NAMES]
            for out in outs:
                out.write(NEW[out.target.name])
                out.prepare()
            for out in outs:
                out.commit()

    with pytest.raises(LocalError):
        each()
    assert contents(tmp_path) == {"a.d": b"new d", "b.zip": b"new zip", "c.json": b"old json"}


def test_what_comes_last_may_fail_too(tmp_path: Path) -> None:
    write(tmp_path, OLD)

    def last() -> None:
        assert contents(tmp_path)["b.zip"] == b"new zip"
        raise LocalError("no", hint="no")

    with pytest.raises(LocalError, match="no"):
        replace_all(tmp_path, last=last)
    assert contents(tmp_path) == OLD


def test_without_hard_links_a_copy_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fail_at: Callable[[int], list[str]]
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    write(tmp_path, OLD)
    os.utime(tmp_path / "a.d", (1_000, 1_000))
    monkeypatch.setattr(os, "link", no_links)
    fail_at(3)

    with pytest.raises(LocalError):
        replace_all(tmp_path)
    assert contents(tmp_path) == OLD
    assert (tmp_path / "a.d").stat().st_mtime == 1_000


def test_where_the_package_cannot_come_back_no_description_of_the_old_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every rename fails from the description's own on: the new package stays, and nothing says what it holds."""
    write(tmp_path, OLD)
    original, done = os.replace, []

    def replace(source: Path, target: Path) -> None:
        done.append(target)
        if len(done) > 3:
            raise OSError(errno.EIO, "Input/output error")
        original(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(LocalError, match="Input/output error"):
        replace_all(tmp_path)
    assert contents(tmp_path) == {"a.d": b"new d", "b.zip": b"new zip"}


def test_what_is_unchanged_is_not_touched(tmp_path: Path) -> None:
    write(tmp_path, OLD)
    os.utime(tmp_path / "b.zip", (1_000, 1_000))
    inode = (tmp_path / "b.zip").stat().st_ino

    replace_all(tmp_path, new=NEW | {"b.zip": b"old zip"})

    assert contents(tmp_path) == NEW | {"b.zip": b"old zip"}
    assert ((tmp_path / "b.zip").stat().st_ino, (tmp_path / "b.zip").stat().st_mtime) == (inode, 1_000)


def test_another_run_does_not_sweep_what_is_kept(tmp_path: Path) -> None:
    write(tmp_path, OLD)

    def meanwhile() -> None:
        with Replacement(tmp_path / "b.zip") as other:
            other.write(b"another")
        raise LocalError("no", hint="no")

    with pytest.raises(LocalError, match="no"):
        replace_all(tmp_path, last=meanwhile)
    assert contents(tmp_path) == OLD


def test_two_runs_at_once_come_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second begins as soon as the first has put its first file in place, and has to wait for the rest."""
    other = {name: content.replace(b"new", b"other") for name, content in NEW.items()}
    write(tmp_path, OLD)
    original = Replacement.commit
    threads: list[threading.Thread] = []

    def commit(self: Replacement) -> None:
        original(self)
        if not threads:
            threads.append(threading.Thread(target=replace_all, args=(tmp_path,), kwargs={"new": other}))
            threads[0].start()
            threads[0].join(0.3)

    monkeypatch.setattr(Replacement, "commit", commit)
    seen: list[dict[str, bytes]] = []
    original_close = commit_module.Old.close

    def close(self: commit_module.Old) -> None:
        seen.append(contents(tmp_path))
        original_close(self)

    monkeypatch.setattr(commit_module.Old, "close", close)
    replace_all(tmp_path)
    threads[0].join()

    assert {name: seen[0][name] for name in NAMES} == NEW
    assert contents(tmp_path) == other


@pytest.mark.parametrize("meanwhile", ["replaced", "gone", "longer"])
@pytest.mark.parametrize("name", NAMES)
def test_what_was_unchanged_and_is_another_file_now_stops_the_run(name: str, meanwhile: str, tmp_path: Path) -> None:
    write(tmp_path, OLD)
    with ExitStack() as stack:
        outs = [stack.enter_context(Replacement(tmp_path / each)) for each in NAMES]
        for out, each in zip(outs, NAMES, strict=True):
            out.write((OLD if each == name else NEW)[each])
            out.prepare()
        if meanwhile == "replaced":
            (tmp_path / "other").write_bytes(OLD[name])
            (tmp_path / "other").replace(tmp_path / name)
        elif meanwhile == "gone":
            (tmp_path / name).unlink()
        else:
            (tmp_path / name).write_bytes(OLD[name] + b"!")
        before = {each: content for each, content in contents(tmp_path).items() if each in NAMES}
        with pytest.raises(LocalError, match=f"cannot write .*{name}: something else changed it meanwhile") as caught:
            commit_all(outs[:2], about=outs[2])
    assert (caught.value.exit_code, caught.value.hint) == (6, "run again")
    assert contents(tmp_path) == before


def test_a_file_that_only_another_run_dated_is_unchanged(tmp_path: Path) -> None:
    write(tmp_path, OLD)
    with ExitStack() as stack:
        one, two = (stack.enter_context(Replacement(tmp_path / each)) for each in NAMES[:2])
        for out, content in ((one, b"new d"), (two, b"old zip")):
            out.write(content)
            out.prepare()
        os.utime(tmp_path / "b.zip", (1_000, 1_000))
        commit_all([one, two])
    assert contents(tmp_path) == {**OLD, "a.d": b"new d"}


def test_files_in_several_directories_lock_each_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to("x")
    locked: list[tuple[int, int]] = []
    original = waiting.lock

    def lock(descriptor: int, *, name: str, seconds: float = waiting.LOCK_TIME) -> None:
        locked.append((os.fstat(descriptor).st_dev, os.fstat(descriptor).st_ino))
        original(descriptor, name=name, seconds=seconds)

    monkeypatch.setattr(waiting, "lock", lock)
    with ExitStack() as stack:
        names = ("y/a", "x/b", "link/c", "y/d")
        outs = [stack.enter_context(Replacement(tmp_path / name)) for name in names]
        for out in outs:
            out.write(b"new")
            out.prepare()
        locked.clear()  # each file that is made is locked as well
        commit_all(outs)
    directories = [(tmp_path / name).stat() for name in ("x", "y")]
    assert locked == sorted((status.st_dev, status.st_ino) for status in directories)
    files = [tmp_path / "x/b", tmp_path / "x/c", tmp_path / "y/a", tmp_path / "y/d"]
    assert [path.read_bytes() for path in files] == [b"new"] * 4


def test_a_directory_that_our_caller_keeps_locked_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As ``flock DIRECTORY lambdapack build …`` does."""
    write(tmp_path, OLD)
    monkeypatch.setattr("lambdapack.disk.commit._OTHERS_TIME", 0.1)
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        replace_all(tmp_path)
    finally:
        os.close(descriptor)
    assert contents(tmp_path) == NEW


KILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from tests.disk.test_commit import NEW, replace_all
original, done = os.replace, []
def replace(source, target):
    original(source, target)
    done.append(target)
    if len(done) == {number}:
        os.kill(os.getpid(), 9)
os.replace = replace
replace_all(Path({directory!r}))
"""


@pytest.mark.parametrize("number", [2, 3])
def test_killed_between_the_renames_no_description_lies_and_the_next_run_repairs(number: int, tmp_path: Path) -> None:
    write(tmp_path, OLD)
    code = KILLED.format(tests=str(Path(__file__).parents[2]), number=number, directory=str(tmp_path))

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGKILL

    left = {name: content for name, content in contents(tmp_path).items() if not name.startswith(".")}
    described = {None: None, b"old json": b"old zip", b"new json": b"new zip"}[left.get("c.json")]
    assert described in (None, left["b.zip"])
    replace_all(tmp_path)
    assert contents(tmp_path) == NEW
