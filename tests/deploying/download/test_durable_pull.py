"""What ``pull`` puts in place is on disk before it is there, and a run that was killed is completed by the next one."""

import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.download.unpacking import Unpacked
from lambdapack.deploying.pull import PullRequest, pull
from lambdapack.errors import LocalError
from tests.deploying.download.hostile import LINK, Item, zipped
from tests.fuzz.hostile import served
from tests.tracing import injection, needs_strace

Call: TypeAlias = tuple[str, str]
Run = Callable[..., Any]

CONTENT = zipped(
    iter(
        [Item("app.py", b"x = 1\n"), Item("lib/a/b.py", b"y = 2\n"), Item("lib/c.py"), Item("link", b"lib/c.py", LINK)]
    )
)

TREE = ["app.py", "lib/a/b.py", "lib/c.py", "link"]

RENAMES = "rename,renameat,renameat2"


@pytest.fixture
def url() -> Iterator[str]:
    with served(CONTENT) as found:
        yield found


@pytest.fixture
def pulled(url: str, run: Run, tmp_path: Path) -> Run:
    """Run ``pull`` with both places."""
    environment = {
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    arguments = ("pull", "hello", "-o", "out.zip", "--unzip", "out", "--endpoint-url", url)
    return lambda *under: run(*arguments, under=under, env=environment)


def held(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if not path.is_dir())


def assert_whole(cwd: Path) -> None:
    assert held(cwd / "out") == TREE
    assert [(cwd / "out" / name).read_bytes() for name in TREE] == [b"x = 1\n", b"y = 2\n", b"", b""]
    assert (cwd / "out.zip").read_bytes() == CONTENT


@needs_strace
def test_everything_is_on_disk_before_it_is_in_its_place(pulled: Run, tmp_path: Path) -> None:
    log = tmp_path / "log"
    calls = f"trace=fsync,{RENAMES}"
    done = pulled("strace", "-f", "-y", "-qq", "-e", "signal=none", "-o", str(log), "-e", calls)
    assert done.returncode == 0, done.stderr
    assert_whole(tmp_path)
    steps = list(shown(log.read_text(), tmp_path))
    last = steps.index(("rename", ".out.TMP"))
    synced = {path for call, path in steps[:last] if call == "fsync" and path.startswith(".out.TMP")}
    assert synced == {".out.TMP" + path for path in ("", "/app.py", "/lib", "/lib/a", "/lib/a/b.py", "/lib/c.py")}
    assert [step for step in steps if not step[1].startswith(".out.TMP/") and step != ("fsync", ".out.TMP")] == [
        ("fsync", ".out.zip.TMP"),
        ("rename", ".out.zip.TMP"),
        ("fsync", ""),
        ("rename", ".out.TMP"),
        ("fsync", ""),
    ]


def shown(log: str, cwd: Path) -> Iterator[Call]:
    """Yield each call and the path that it is about, relative to ``cwd``; the random parts of names are ``TMP``."""
    for line in log.splitlines():
        found = re.search(r'(fsync|rename)\w*\((?:AT_FDCWD\S*, )?(?:"|\d+<)([^">]*)', line)
        if found:
            path = found[2].removeprefix(str(cwd)).removeprefix("/")
            yield found[1], re.sub(r"[0-9a-f]{16}\.lambdapack-tmp", "TMP", path)


@needs_strace
@pytest.mark.parametrize("old", [None, b"old"])
@pytest.mark.parametrize("at", [1, 2])
def test_a_run_that_is_killed_at_a_rename_is_completed_by_the_next(
    pulled: Run, tmp_path: Path, at: int, old: bytes | None
) -> None:
    if old is not None:
        (tmp_path / "out.zip").write_bytes(old)
    assert pulled(*injection(RENAMES, f"signal=KILL:when={at}")).returncode == -signal.SIGKILL
    done = pulled()
    assert done.returncode == 0, done.stderr
    assert_whole(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.zip"]


@pytest.mark.parametrize("old", [None, b"old"])
def test_where_the_directory_cannot_be_put_the_old_zip_comes_back(
    aws: Connection, hello: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: bytes | None
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    if old is not None:
        (work / "out.zip").write_bytes(old)
    commit = Unpacked.commit

    def too_late(self: Unpacked) -> None:
        assert (work / "out.zip").read_bytes() not in (old, b"")  # the zip comes first
        self.target.mkdir()
        (self.target / "mine").touch()
        commit(self)

    monkeypatch.setattr(Unpacked, "commit", too_late)
    with pytest.raises(LocalError, match="cannot unpack"):
        pull(PullRequest(function=hello, output=work / "out.zip", directory=work / "out"), aws)
    assert held(work) == (["out.zip"] if old is not None else []) + ["out/mine"]
    if old is not None:
        assert (work / "out.zip").read_bytes() == old


def test_a_killed_run_s_zip_does_not_stop_the_next(aws: Connection, hello: str, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    request = PullRequest(function=hello, output=work / "out.zip", directory=work / "out")

    class KilledError(BaseException):
        pass

    def killed(_: Unpacked) -> None:
        raise KilledError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Unpacked, "commit", killed)
        patch.setattr(Path, "unlink", lambda *_, **__: None)  # who is killed undoes nothing
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)  # as above
        with pytest.raises(KilledError):
            pull(request, aws)
    assert pull(request, aws).entries == 1
    assert held(work) == ["out.zip", "out/app.py"]
