"""The old file or the new one, and nothing between; under every fault that can be made."""

import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lambdapack.disk.former import Former
from lambdapack.disk.replacement import Replacement
from lambdapack.errors import LocalError
from tests.tracing import needs_strace


def replaced(path: Path, content: bytes) -> Replacement:
    with Replacement(path) as replacement:
        replacement.write(content)
        replacement.prepare()
        replacement.commit()
    return replacement


def listing(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """Have a function of ``os`` fail."""

    def patch(name: str, number: int) -> None:
        def failing(*_: object, **__: object) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, name, failing)

    return patch


def test_new_content_stands_in_the_old_ones_place(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"old")

    assert replaced(tmp_path / "out", b"new").unchanged is False
    assert (tmp_path / "out").read_bytes() == b"new"
    assert listing(tmp_path) == ["out"]


def test_equal_content_keeps_inode_and_time(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"same")
    os.utime(path, (1_000, 1_000))
    before = path.stat()

    assert replaced(path, b"same").unchanged is True
    assert (path.stat().st_ino, path.stat().st_mtime) == (before.st_ino, 1_000)
    assert listing(tmp_path) == ["out"]


def test_nothing_is_replaced_before_everything_is_prepared(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"old")

    def both() -> None:
        with Replacement(tmp_path / "one") as one, Replacement(tmp_path / "two") as two:
            one.write(b"new")
            one.prepare()
            (tmp_path / "two").mkdir()
            two.prepare()
            two.commit()
            one.commit()

    with pytest.raises(LocalError, match="Is a directory"):
        both()
    assert (tmp_path / "one").read_bytes() == b"old"
    assert listing(tmp_path) == ["one", "two"]


def test_equal_content_does_not_touch_the_directory(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"same")
    os.utime(tmp_path, (1_000, 1_000))

    replaced(tmp_path / "out", b"same")

    assert tmp_path.stat().st_mtime == 1_000


@pytest.mark.parametrize("moment", ["entered", "written", "prepared"])
def test_leaving_without_commit_leaves_nothing(moment: str, tmp_path: Path) -> None:
    def interrupted() -> None:
        with Replacement(tmp_path / "out") as replacement:
            assert len(listing(tmp_path)) == 1
            if moment != "entered":
                replacement.write(b"new" * 1_000_000)
            if moment == "prepared":
                replacement.prepare()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert listing(tmp_path) == []


def test_a_symlinks_end_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/out").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real/out")
    (tmp_path / "dangling").symlink_to("real/new")

    replaced(tmp_path / "link", b"new")
    replaced(tmp_path / "dangling", b"new")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real/out").read_bytes() == b"new"
    assert (tmp_path / "real/new").read_bytes() == b"new"
    assert listing(tmp_path / "real") == ["new", "out"]


@pytest.mark.parametrize(("mask", "mode"), [(0o000, 0o666), (0o022, 0o644), (0o077, 0o600)])
def test_a_new_file_has_the_mode_that_the_umask_gives(mask: int, mode: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        replaced(tmp_path / "out", b"new")
    finally:
        os.umask(before)

    assert (tmp_path / "out").stat().st_mode & 0o777 == mode


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("directory", "it is a directory"),
        ("fifo", "it is no regular file"),
        ("missing parent", "does not exist"),
        ("file as parent", "does not exist"),
        ("circle", "Too many levels of symbolic links"),
        ("device", "it is no regular file"),
    ],
)
def test_what_cannot_be_a_file_is_refused_before_anything_is_made(kind: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "out"
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "circle":
        path.symlink_to("out")
    elif kind == "file as parent":
        path.touch()
        path /= "below"
    elif kind == "missing parent":
        path /= "below"
    elif kind == "device":
        path = Path("/dev/full")
    before = listing(tmp_path)

    with pytest.raises(LocalError, match=message) as caught:
        Replacement(path)

    assert caught.value.exit_code == 6
    assert listing(tmp_path) == before


@pytest.mark.parametrize("name", ["a" * 255, "ü" * 127, "日" * 85, "[x]*?", "-rf", " "])
def test_every_name_that_a_file_can_have_works_and_is_swept(name: str, tmp_path: Path) -> None:
    stale = tmp_path / f".{name[:48]}.0123456789ab.lambdapack-tmp"
    stale.touch()

    replaced(tmp_path / name, b"new")

    assert listing(tmp_path) == [name]


def test_a_killed_runs_file_is_swept_and_a_living_ones_is_not(tmp_path: Path) -> None:
    dead, alive, others = (tmp_path / f".{name}.0123456789ab.lambdapack-tmp" for name in ("out", "out", "other"))
    alive = tmp_path / ".out.ba9876543210.lambdapack-tmp"
    for path in (dead, alive, others):
        path.touch()
    with alive.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        replaced(tmp_path / "out", b"new")

        assert listing(tmp_path) == sorted([alive.name, others.name, "out"])


def test_a_temporary_file_that_was_swept_before_it_was_locked_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = fcntl.flock
    swept: list[Path] = []

    def sweeping(descriptor: int, operation: int) -> None:
        if not swept:
            (temporary,) = tmp_path.glob(".out.*")
            temporary.unlink()
            swept.append(temporary)
        original(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", sweeping)
    replaced(tmp_path / "out", b"new")

    assert len(swept) == 1
    assert (tmp_path / "out").read_bytes() == b"new"


def test_a_file_system_without_locks_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refusing)
    (tmp_path / ".out.0123456789ab.lambdapack-tmp").touch()
    replaced(tmp_path / "out", b"new")

    assert listing(tmp_path) == [".out.0123456789ab.lambdapack-tmp", "out"]


def written(path: Path, *chunks: bytes) -> Replacement:
    with Replacement(path) as replacement:
        for chunk in chunks:
            replacement.write(chunk)
        replacement.prepare()
        replacement.commit()
    return replacement


@pytest.mark.parametrize(
    ("chunks", "unchanged"),
    [
        ([b"old ", b"content"], True),
        ([b"", b"o", b"", b"ld content"], True),
        ([b"old ", b"content", b"!"], False),
        ([b"old ", b"conten"], False),
        ([b"old ", b"kontent"], False),
        ([b"new ", b"content"], False),
        ([], False),
    ],
)
def test_content_that_repeats_the_old_is_told_from_any_other(
    chunks: list[bytes],
    unchanged: bool,  # noqa: FBT001 - a column
    tmp_path: Path,
) -> None:
    (tmp_path / "out").write_bytes(b"old content")

    assert written(tmp_path / "out", *chunks).unchanged is unchanged
    assert (tmp_path / "out").read_bytes() == b"".join(chunks)
    assert listing(tmp_path) == ["out"]


def test_content_that_repeats_the_old_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"x" * 3_000_000)
    with Replacement(tmp_path / "out") as replacement:
        replacement.write(b"x" * 2_500_000)
        assert listing(tmp_path) == ["out"]
        replacement.write(b"y")
        replacement.prepare()
        replacement.commit()

    assert (tmp_path / "out").read_bytes() == b"x" * 2_500_000 + b"y"


@pytest.mark.parametrize("change", [b"z", b""])
def test_an_old_file_that_changes_while_it_is_repeated_is_never_mixed_in(change: bytes, tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"x" * 3_000_000)

    def raced() -> None:
        with Replacement(path) as replacement:
            replacement.write(b"x" * 2_000_000)
            path.write_bytes(change)  # in place: the file that is compared
            replacement.write(b"y" * 10)
            replacement.prepare()
            replacement.commit()

    with pytest.raises(LocalError, match="something else changed it meanwhile"):
        raced()
    assert path.read_bytes() == change
    assert listing(tmp_path) == ["out"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_old_file_that_cannot_be_opened_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"old")
    (tmp_path / "out").chmod(0)

    assert written(tmp_path / "out", b"new").unchanged is False
    assert (tmp_path / "out").read_bytes() == b"new"


def test_an_old_file_that_cannot_be_read_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").write_bytes(b"old")

    def failing(*_: object) -> bool:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Former, "goes_on_with", failing)

    assert written(tmp_path / "out", b"new").unchanged is False
    assert (tmp_path / "out").read_bytes() == b"new"


@pytest.mark.parametrize(
    ("function", "number", "hint"),
    [
        ("fsync", errno.EIO, "check the disk"),
        ("fsync", errno.ENOSPC, "free space"),
        ("replace", errno.EACCES, "check the directory"),
        ("replace", errno.EROFS, "read-only"),
    ],
)
def test_a_fault_at_the_end_leaves_the_old_file(
    function: str, number: int, hint: str, tmp_path: Path, fail: Callable[[str, int], None]
) -> None:
    (tmp_path / "out").write_bytes(b"old")
    fail(function, number)

    with pytest.raises(LocalError, match=f"cannot write .*out: {os.strerror(number)}") as caught:
        replaced(tmp_path / "out", b"new")

    assert hint in caught.value.hint
    assert (tmp_path / "out").read_bytes() == b"old"
    assert listing(tmp_path) == ["out"]


def test_a_directory_that_takes_no_file_is_a_local_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refusing)

    with pytest.raises(LocalError, match="Permission denied"):
        replaced(tmp_path / "out", b"new")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_disk_that_fills_up_is_noticed_at_the_latest_when_prepared(tmp_path: Path) -> None:
    def filled() -> None:
        with Replacement(tmp_path / "out") as replacement:
            descriptor = os.open("/dev/full", os.O_WRONLY)
            os.dup2(descriptor, replacement._open_file.fileno())  # noqa: SLF001 - no other way to a full disk
            os.close(descriptor)
            replacement.write(b"new")
            replacement.prepare()

    with pytest.raises(LocalError, match="No space left"):
        filled()
    assert listing(tmp_path) == []


@needs_strace
def test_the_file_is_durable_before_the_rename_and_the_directory_after_it(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from lambdapack.disk.replacement import Replacement\n"
        "with Replacement(Path(sys.argv[1])) as r: r.write(b'new'); r.prepare(); r.commit()"
    )
    trace = tmp_path / "trace"
    command = ["strace", "-y", "-qq", "-o", str(trace), "-e", "trace=fsync,rename,renameat,renameat2"]
    subprocess.run([*command, sys.executable, "-c", code, str(tmp_path / "out")], check=True)

    calls = [line.split("(")[0] for line in trace.read_text().splitlines()]
    assert [call.removesuffix("at2").removesuffix("at") for call in calls] == ["fsync", "rename", "fsync"]
    assert ".lambdapack-tmp>" in trace.read_text().splitlines()[0]
    assert trace.read_text().splitlines()[2].endswith(f"<{tmp_path}>) = 0")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("none/x.zip", "make it first: mkdir -p none"),
        ("none/more/x.zip", "make it first: mkdir -p none/more"),
        ("no dir/x.zip", "make it first: mkdir -p 'no dir'"),
        ("it's/x.zip", """make it first: mkdir -p 'it'"'"'s'"""),
        ("-p/x.zip", "make it first: mkdir -p -- -p"),
        ("file/x.zip", "name a directory that exists: file is none"),
        ("file/below/x.zip", "name a directory that exists: file is none"),
        ("circle/x.zip", "name a directory that exists: circle is none"),
        ("nowhere/below/x.zip", "name a directory that exists: nowhere is none"),
    ],
)
def test_the_hint_for_a_missing_directory_can_be_followed(
    name: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("circle").symlink_to("circle")
    Path("nowhere").symlink_to("gone")

    with pytest.raises(LocalError) as caught:
        Replacement(name)

    assert caught.value.hint == hint
    if hint.startswith("make it first: "):
        subprocess.run(hint.removeprefix("make it first: "), shell=True, check=True)  # noqa: S602 - it is what we say
        Replacement(name)


@pytest.mark.parametrize(
    "place", ["/dev/stdout", "/dev/stderr", "/dev/fd/1", "/proc/self/fd/1", "//dev/stdout", "/usr/../dev/stdout"]
)
def test_the_file_that_a_stream_goes_to_is_not_replaced(place: str, tmp_path: Path) -> None:
    code = f"from lambdapack.disk.replacement import Replacement\nReplacement({place!r})"
    with (tmp_path / "log").open("w") as log:
        done = subprocess.run(
            [sys.executable, "-c", code], check=False, stdout=log, stderr=log if "err" in place else subprocess.PIPE
        )
    said = (tmp_path / "log").read_text() if "err" in place else done.stderr.decode()

    assert f"cannot write {place}: it is no regular place for a file" in said


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.EDQUOT, "free space on that disk and run again"),
        (errno.EIO, "check the disk that it is on and run again"),
    ],
)
def test_a_full_quota_and_a_failing_disk_have_their_hints(number: int, hint: str, tmp_path: Path) -> None:
    assert Replacement(tmp_path / "x").failure(OSError(number, os.strerror(number))).hint == hint
