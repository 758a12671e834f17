import errno
import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from lambdapack.disk.temporary import SUFFIX, create_file
from lambdapack.packing.wheelhouse import cache as module
from lambdapack.packing.wheelhouse.cache import Cache, default_directory, open_cache

KEY = "ab" * 32
HASHES = {"sha256": "7ff2c34f0e1bb3c4b79b9f2d1d5c5fd8ee8ecd6bf9d0b5ae8b0a0a4a7b1b7d5b"}

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and owners are POSIX's")


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def cache(tmp_path: Path, told: list[str]) -> Cache:
    opened = open_cache(tmp_path / "cache", tell=told.append)
    assert opened is not None
    return opened


def entries(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if not path.is_dir())


def test_what_was_put_is_got_in_this_run_and_the_next(cache: Cache, tmp_path: Path) -> None:
    cache.put("contents", KEY, b"document")
    again = open_cache(tmp_path / "cache", tell=lambda _: None)

    assert again is not None
    assert (cache.get("contents", KEY), again.get("contents", KEY)) == (b"document", b"document")
    assert cache.get("contents", "cd" * 32) is None
    assert cache.get("selection", KEY) is None
    assert entries(tmp_path / "cache") == ["CACHEDIR.TAG", f"contents/{KEY}"]


def test_an_empty_document_is_a_document(cache: Cache) -> None:
    cache.put("contents", KEY, b"")

    assert cache.get("contents", KEY) == b""


@pytest.mark.parametrize("place", [0, 1_500_000, 2_999_999])
def test_a_large_wheel_with_a_flipped_bit_is_told_and_removed(place: int, cache: Cache, tmp_path: Path) -> None:
    content = bytearray(random.Random(place).randbytes(3_000_000))  # noqa: S311 - repeatable, not secret
    hashes = {"sha256": hashlib.sha256(content).hexdigest()}
    cache.put_wheel(hashes, bytes(content))
    assert cache.get_wheel(hashes, size=3_000_000) is not None
    content[place] ^= 1
    (entry,) = (tmp_path / "cache/wheels").iterdir()
    entry.write_bytes(content)

    assert cache.get_wheel(hashes, size=3_000_000) is None
    assert not entry.exists()


def test_a_wheel_lies_whole_under_its_hash(cache: Cache, tmp_path: Path) -> None:
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-4's example, "abc"
    cache.put_wheel({"sha256": digest}, b"abc")

    assert (tmp_path / f"cache/wheels/sha256-{digest}").read_bytes() == b"abc"
    for hashes, size in (({"sha256": digest, "sha512": "unread"}, 3), ({"sha256": digest}, None)):
        found = cache.get_wheel(hashes, size=size)
        assert found == b"abc"
    assert cache.get_wheel({"sha512": digest}, size=3) is None


@posix
def test_the_directory_is_the_users_alone(cache: Cache, tmp_path: Path) -> None:
    cache.put("contents", KEY, b"document")

    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700


@posix
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o720, 0o702, 0o777])
def test_a_directory_that_others_may_write_is_not_used(tmp_path: Path, told: list[str], mode: int) -> None:
    directory = tmp_path / "cache"
    directory.mkdir()
    directory.chmod(mode)

    assert open_cache(directory, tell=told.append) is None
    assert told == [
        f"the cache {directory} is not used: others may write into it; chmod 700 makes it yours alone",
    ]


@posix
@pytest.mark.parametrize("mode", [0o700, 0o750, 0o755, 0o500])
def test_a_directory_that_others_may_only_read_is_used(tmp_path: Path, told: list[str], mode: int) -> None:
    directory = tmp_path / "cache"
    directory.mkdir()
    directory.chmod(mode)

    assert open_cache(directory, tell=told.append) is not None
    assert told == []


@posix
def test_a_directory_of_another_user_is_not_used(
    tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)

    assert open_cache(tmp_path / "cache", tell=told.append) is None
    assert told == [f"the cache {tmp_path / 'cache'} is not used: it belongs to another user"]


@posix
def test_a_symlink_to_a_directory_that_others_may_write_is_not_used(tmp_path: Path, told: list[str]) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "own").mkdir(mode=0o700)
    (tmp_path / "bad").symlink_to("open")
    (tmp_path / "good").symlink_to("own")

    assert open_cache(tmp_path / "bad", tell=told.append) is None
    assert open_cache(tmp_path / "good", tell=told.append) is not None


def test_a_file_in_the_directorys_place_is_not_used(tmp_path: Path, told: list[str]) -> None:
    (tmp_path / "cache").write_text("")

    assert open_cache(tmp_path / "cache", tell=told.append) is None
    assert open_cache(tmp_path / "cache" / "below", tell=told.append) is None
    assert told[0] == f"the cache {tmp_path / 'cache'} is not used: it is no directory"


def damaged(entry: Path, how: str) -> None:
    content = entry.read_bytes()
    entry.unlink()
    if how == "truncated":
        entry.write_bytes(content[:-1])
    elif how == "empty":
        entry.write_bytes(b"")
    elif how == "longer":
        entry.write_bytes(content + b"\0")
    elif how == "directory":
        entry.mkdir()
    elif how == "full directory":
        (entry / "below").mkdir(parents=True)
        (entry / "below" / "file").write_text("")
    elif how == "fifo":
        os.mkfifo(entry)
    elif how == "dangling symlink":
        entry.symlink_to("nowhere")
    elif how == "another's":
        entry.write_bytes(entry.with_name("ef" * 32).read_bytes())


@pytest.mark.parametrize(
    "how",
    [
        *("truncated", "empty", "longer", "directory", "full directory", "dangling symlink", "another's"),
        pytest.param("fifo", marks=posix),
    ],
)
def test_a_damaged_document_is_a_miss_and_repaired(cache: Cache, tmp_path: Path, how: str) -> None:
    cache.put("contents", KEY, b"document")
    cache.put("contents", "ef" * 32, b"another document")
    damaged(tmp_path / "cache/contents" / KEY, how)

    assert cache.get("contents", KEY) is None
    cache.put("contents", KEY, b"document")
    assert cache.get("contents", KEY) == b"document"


def test_a_damaged_entry_is_told_once_and_gone(cache: Cache, tmp_path: Path, told: list[str]) -> None:
    cache.put("contents", KEY, b"document")
    entry = tmp_path / "cache/contents" / KEY
    damaged(entry, "truncated")

    assert (cache.get("contents", KEY), cache.get("contents", KEY)) == (None, None)
    assert told == [f"the cache entry {entry} was damaged; it is not used and made again"]


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def flips_that_pass(cache: Cache, entry: Path, document: bytes) -> int:
    """Return how many of 150 flips in a document, wherever they are, are answered with other bytes."""
    passed = 0
    chosen = random.Random(1)  # noqa: S311 - the same flips every time
    for _ in range(150):
        cache.put("contents", KEY, document)
        sealed = entry.read_bytes()
        entry.write_bytes(flipped(sealed, chosen.randrange(len(sealed) * 8)))
        passed += cache.get("contents", KEY) not in (None, document)
    return passed


def test_no_flipped_bit_of_a_document_passes(cache: Cache, tmp_path: Path) -> None:
    assert flips_that_pass(cache, tmp_path / "cache/contents" / KEY, bytes(range(250))) == 0


def test_flipped_bits_pass_where_the_seal_is_not_checked(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "seal", lambda *_: b"\0" * 32)

    assert flips_that_pass(cache, tmp_path / "cache/contents" / KEY, bytes(range(250))) > 50


class Full:
    """A file on a full disk."""

    def __init__(self, path: Path, number: int) -> None:
        self.file = path.open("xb")
        self.number = number

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def write(self, _: bytes) -> int:
        raise OSError(self.number, os.strerror(self.number))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES])
def test_a_write_that_fails_is_told_once_and_leaves_nothing(
    cache: Cache, tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(module, "create_file", lambda path: Full(path, number))

    cache.put("contents", KEY, b"document")
    cache.put_wheel(HASHES, b"wheel")

    assert told == [
        f"the cache {tmp_path / 'cache'} cannot be written: {os.strerror(number)}; this build goes on without"
    ]
    assert entries(tmp_path / "cache") == ["CACHEDIR.TAG"]
    assert cache.get("contents", KEY) is None


def test_a_cache_whose_directory_cannot_be_made_is_told(tmp_path: Path, told: list[str]) -> None:
    cache = open_cache(tmp_path / "file" / "cache", tell=told.append)
    assert cache is not None
    (tmp_path / "file").write_text("")

    cache.put("contents", KEY, b"document")

    assert len(told) == 1
    assert "cannot be written" in told[0]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(command, check=False, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("file systems are mounted by root on Linux")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_is_really_full_costs_the_entry_alone(small_disk: Path, told: list[str]) -> None:
    cache = open_cache(small_disk / "cache", tell=told.append)
    assert cache is not None
    cache.put("contents", KEY, b"small")

    cache.put_wheel(HASHES, bytes(1 << 20))

    assert told == [
        f"the cache {small_disk / 'cache'} cannot be written: No space left on device; this build goes on without"
    ]
    assert entries(small_disk / "cache") == ["CACHEDIR.TAG", f"contents/{KEY}"]
    assert cache.get("contents", KEY) == b"small"


class Interrupted(BaseException):
    pass


def test_an_interrupted_write_leaves_nothing(cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any) -> None:  # noqa: ANN401 - whatever it is called with
        raise Interrupted

    monkeypatch.setattr(module, "put_in_place", interrupt)

    with pytest.raises(Interrupted):
        cache.put("contents", KEY, b"document")

    assert entries(tmp_path / "cache") == ["CACHEDIR.TAG"]


@posix
def test_what_a_killed_run_left_is_swept_and_what_another_writes_is_not(cache: Cache, tmp_path: Path) -> None:
    folder = tmp_path / "cache/contents"
    cache.put("contents", KEY, b"document")
    stale, busy = folder / f".stale{SUFFIX}", folder / f".busy{SUFFIX}"
    stale.write_bytes(b"half")
    with create_file(busy):
        again = open_cache(tmp_path / "cache", tell=lambda _: None)
        assert again is not None
        again.put("contents", "cd" * 32, b"another")

        assert sorted(path.name for path in folder.iterdir() if path.name.startswith(".")) == [busy.name]


@pytest.mark.skipif(sys.platform != "linux", reason="the XDG directories are Linux's")
@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"XDG_CACHE_HOME": "/caches", "HOME": "/home/me"}, Path("/caches/lambdapack")),
        ({"HOME": "/home/me"}, Path("/home/me/.cache/lambdapack")),
        ({"XDG_CACHE_HOME": "", "HOME": "/home/me"}, Path("/home/me/.cache/lambdapack")),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/home/me"}, Path("/home/me/.cache/lambdapack")),
        ({"HOME": "relative"}, None),
        ({}, None),
        ({"LAMBDAPACK_CACHE_DIR": "mine", "XDG_CACHE_HOME": "/caches"}, Path("mine")),
        ({"LAMBDAPACK_CACHE_DIR": "", "XDG_CACHE_HOME": "/caches"}, Path("/caches/lambdapack")),
    ],
)
def test_the_default_place_follows_the_xdg_directories(environ: dict[str, str], expected: Path | None) -> None:
    assert default_directory(environ) == expected


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("darwin", {"HOME": "/Users/me", "XDG_CACHE_HOME": "/x"}, Path("/Users/me/Library/Caches/lambdapack")),
        ("darwin", {}, None),
        ("win32", {"LOCALAPPDATA": "/local"}, Path("/local/lambdapack")),
        ("win32", {"HOME": "/home/me"}, None),
    ],
)
def test_the_default_place_of_other_systems(
    monkeypatch: pytest.MonkeyPatch, platform: str, environ: dict[str, str], expected: Path | None
) -> None:
    monkeypatch.setattr(sys, "platform", platform)

    assert default_directory(environ) == expected
