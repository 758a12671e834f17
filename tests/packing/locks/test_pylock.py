"""Reading a lock: what is wrong with the file is said in one line, and what is no pylock.toml gets the command."""

import logging
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from lambdapack.errors import LambdapackError, LockError, UsageError
from lambdapack.packing.locks import pylock as lock
from lambdapack.packing.locks.pylock import select_wheels
from tests.packing.locks.locks import ARM, HEAD, X86, package, pylock, wheel

SIX = package("six", "1.17.0", "six-1.17.0-py2.py3-none-any.whl")


def refused(path: str, kind: type[LambdapackError] = LockError) -> tuple[str, str]:
    with pytest.raises(kind) as refusal:
        select_wheels(path, target=ARM)
    assert type(refusal.value) is kind
    return refusal.value.message.replace(path, "LOCK"), refusal.value.hint


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "LOCK: lock-version: Missing required value"),
        (b"lock-version = 1.0\n", "LOCK: lock-version: Unexpected type float (expected str)"),
        (b'lock-version = "1.0"\ncreated-by = "x"\n', "LOCK: packages: Missing required value"),
        (b'lock-version = "1.0"\npackages = []\n', "LOCK: created-by: Missing required value"),
        (b'lock-version = "2.0"\ncreated-by = "x"\npackages = []\n', "LOCK: its lock-version 2.0 is not supported"),
        (b'lock-version = "0.9"\ncreated-by = "x"\npackages = []\n', "LOCK: its lock-version 0.9 is not supported"),
        (b'lock-version = "x"\ncreated-by = "x"\npackages = []\n', "LOCK: lock-version: Invalid version: 'x'"),
        (b"version = 1\n[[package]]\nname = 'six'\n", "LOCK: lock-version: Missing required value"),
        (b"a = \n", "LOCK: it is no TOML: Invalid value (at line 1, column 5)"),
        (b"# one\n# two\n# \xff\n", "LOCK: line 3 is not UTF-8"),
        (HEAD.encode() + b"[[packages]]\n", "LOCK: package None, name: Missing required value"),
        (HEAD.encode() + b"[[packages]]\nname = 'Six'\n", "LOCK: package Six, name: Name 'Six' is not normalized"),
        (
            HEAD.encode() + b"[[packages]]\nname = 'six'\n",
            "LOCK: package six: Exactly one of vcs, directory, archive must be set if sdist and wheels are not set",
        ),
        (HEAD.encode() + b"packages = 1\n", "LOCK: packages: Unexpected type int (expected Sequence)"),
        (HEAD.encode() + b"packages = [1]\n", None),
        (b"x = " + b"[" * 100_000, None),
        (b"a." * 100_000 + b"b = 1\n", "LOCK: it has a key, or a name, of more than 64 parts"),
        (b"[" + b"'a' . " * 100 + b"b]\n", "LOCK: it has a key, or a name, of more than 64 parts"),
        (
            HEAD.encode() + package("six", "1", f"six-1-py3-none-{'.'.join(['a' * 9] * 30)}.whl").encode(),
            "LOCK: package six has a wheel whose file name has more than 255 characters",
        ),
        (b"x = " + b"9" * 10_000 + b"\n", None),
    ],
)
def test_a_file_that_is_no_lock_is_refused(content: bytes, message: str | None, tmp_path: Path) -> None:
    path = tmp_path / "pylock.toml"
    path.write_bytes(content)

    found, hint = refused(str(path))

    assert found == message if message else found.startswith("LOCK: ")
    assert hint
    assert "\n" not in found


def test_a_bad_marker_is_quoted_on_one_line(tmp_path: Path) -> None:
    path = pylock(tmp_path, SIX.replace("wheels", "marker = \"os_name = 'x'\"\nwheels", 1))

    message, _ = refused(path)

    assert message.startswith("LOCK: package six, marker: ")
    assert "\n" not in message


def test_a_newer_minor_version_is_accepted_with_a_warning_and_nothing_is_logged(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = pylock(tmp_path, SIX, head=HEAD.replace("1.0", "1.1") + "news = 1\n")
    code = (
        "import sys\nfrom lambdapack.packing.locks.pylock import select_wheels\n"
        "from lambdapack.target import python_target\n"
        "target = python_target(runtime='python3.13', architecture=None)\n"
        "print(len(select_wheels(sys.argv[1], target=target).wheels))\n"
    )
    warnings: list[str] = []

    selection = select_wheels(path, target=X86, warn=warnings.append)
    done = subprocess.run([sys.executable, "-c", code, path], check=True, capture_output=True, text=True)

    assert [found.name for found in selection.wheels] == ["six"]
    assert warnings == [f"{path} has version 1.1 of the format; what is newer than 1.0 in it is ignored"]
    assert (done.stdout, done.stderr) == ("1\n", "")
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("packaging.pylock").handlers == []


def test_a_lock_that_cannot_be_read_is_a_matter_of_usage(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pylock.fifo.toml")

    assert refused(str(tmp_path / "pylock.toml"), UsageError) == (
        "cannot read the lock LOCK: No such file or directory",
        "make one: lambdapack lock --runtime python3.13 --architecture arm64",
    )
    assert refused(str(tmp_path), UsageError)[0] == "the lock LOCK is not a regular file"
    assert refused(str(tmp_path / "pylock.fifo.toml"), UsageError)[0] == "the lock LOCK is not a regular file"
    assert refused("a\0b", UsageError)[0] == "cannot read the lock a\\x00b: it has no name that a file can have"


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "pylock.toml"
    with path.open("wb") as file:
        file.truncate(33 << 20)

    assert refused(str(path))[0] == "LOCK: it is larger than 33,554,432 bytes"


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("uv.lock", "lambdapack lock --runtime python3.13 --architecture arm64 'a b/uv.lock' -o 'a b/pylock.toml'"),
        (
            "requirements-dev.txt",
            "lambdapack lock --runtime python3.13 --architecture arm64 'a b/requirements-dev.txt' -o 'a b/pylock.toml'",
        ),
        (
            "pyproject.toml",
            "lambdapack lock --runtime python3.13 --architecture arm64 'a b/pyproject.toml' -o 'a b/pylock.toml'",
        ),
        ("poetry.lock", "poetry export -f pylock.toml -o pylock.toml (poetry-plugin-export 1.10 or newer)"),
        ("pdm.lock", "pdm export -f pylock -o pylock.toml"),
        (
            "Pipfile.lock",
            "pipenv requirements > requirements.txt && "  # noqa: ISC004 - one command
            "lambdapack lock --runtime python3.13 --architecture arm64 requirements.txt",
        ),
    ],
)
def test_another_tools_file_gets_the_exact_command(
    name: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / name).write_text("whatever")
    monkeypatch.chdir(tmp_path)

    assert refused(f"a b/{name}") == ("LOCK: it is no pylock.toml", f"make one: {command}")


def test_a_named_lock_is_a_lock(tmp_path: Path) -> None:
    for name in ("pylock.prod.toml", "my-lock.toml"):
        assert len(select_wheels(pylock(tmp_path, SIX, name=name), target=ARM).wheels) == 1


def test_no_refusal_shows_credentials(tmp_path: Path) -> None:
    entry = (
        wheel("demo-1.0-py3-none-any.whl")
        .replace("https://", "https://user:s3cret@")
        .replace(".whl", ".whl?key=s3cret")
    )
    good = f'[[packages]]\nname = "demo"\nversion = "1.0"\nwheels = [{entry}]\n'
    broken = [
        good.replace("https:", "http:"),
        good.replace("sha256", "md5"),
        good.replace('sha256 = "', 'sha256 = "x'),
        good.replace("demo-1.0", "other-1.0"),
        good.replace("demo-1.0", "demo-1.1"),
        good.replace("py3-none-any", "cp313-cp313-win_amd64"),
        good.replace(".whl", ".zip"),
        good.replace("example.com", "[example.com"),
        good.replace("wheels = [", "archive = ").replace("]\n", "\n").replace("[packages\n", "[packages]]\n"),
        good.replace("hashes", "size = -1, hashes"),
        good + good,
        good + "[packages\n",
    ]

    (found,) = select_wheels(pylock(tmp_path, good), target=ARM).wheels
    assert "s3cret" not in repr(found)
    for text in broken:
        message, hint = refused(pylock(tmp_path, text.replace("[[packages]]\n\n", "[[packages]]\n")))
        assert "s3cret" not in message + hint


def test_whatever_is_changed_in_a_lock_it_is_read_or_refused(tmp_path: Path) -> None:
    head = HEAD + 'requires-python = ">=3.11"\nenvironments = ["os_name == \'posix\'"]\nextras = ["a"]\n'
    more = "marker = \"python_version > '3' or 'a' in extras\"\n"
    text = pylock(tmp_path, SIX, package("demo", "1.0", "demo-1.0-py3-none-any.whl", more=more), head=head)
    content = Path(text).read_bytes()
    source = random.Random(751)  # noqa: S311 - the same mistakes each time
    refusals: list[str] = []

    for _ in range(200):
        changed = bytearray(content)
        for _ in range(source.randint(1, 3)):
            at = source.randrange(len(changed))
            match source.randrange(4):
                case 0:
                    changed[at] ^= 1 << source.randrange(8)
                case 1:
                    del changed[at : at + source.randint(1, 20)]
                case 2:
                    changed[at:at] = changed[source.randrange(len(changed)) :][: source.randint(1, 30)]
                case _:
                    changed[at] = source.choice(b"\"'[]{}=,.-\n\x00\xff0")
        Path(text).write_bytes(changed)
        try:
            select_wheels(text, target=X86)
        except (LockError, UsageError) as error:
            refusals.append(error.message + error.hint)

    assert not [text for text in refusals if "\n" in text]
    assert 50 < len(refusals) < 200


class Memory:
    """A cache that remembers, and counts."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], bytes] = {}
        self.asked: list[str] = []

    def get(self, kind: str, key: str) -> bytes | None:
        self.asked.append(kind)
        return self.kept.get((kind, key))

    def put(self, kind: str, key: str, content: bytes) -> None:
        self.kept[kind, key] = content


def test_a_lock_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pylock(tmp_path, SIX)
    cache = Memory()
    expected = select_wheels(path, target=ARM)

    assert select_wheels(path, target=ARM, cache=cache) == expected
    monkeypatch.setattr(lock, "select_from", None)
    assert select_wheels(path, target=ARM, cache=cache) == expected
    assert len(cache.kept) == 1


def test_another_question_is_answered_anew(tmp_path: Path) -> None:
    path = pylock(tmp_path, SIX, head=HEAD + 'extras = ["a"]\ndependency-groups = ["g"]\n')
    cache = Memory()

    select_wheels(path, target=ARM, cache=cache)
    select_wheels(path, target=X86, cache=cache)
    select_wheels(path, target=ARM, groups=(), cache=cache)
    select_wheels(path, target=ARM, groups=("g",), cache=cache)
    select_wheels(path, target=ARM, extras=("a",), cache=cache)
    assert len(cache.kept) == 5
    pylock(tmp_path, SIX.replace("1.17.0", "1.16.0"))
    assert select_wheels(path, target=ARM, cache=cache).wheels[0].version == "1.16.0"
    assert len(cache.kept) == 6


def test_a_kept_selection_has_the_name_of_the_lock_that_was_asked_for(tmp_path: Path) -> None:
    first, second = pylock(tmp_path, SIX), pylock(tmp_path, SIX, name="pylock.two.toml")
    cache = Memory()

    assert select_wheels(first, target=ARM, cache=cache).lock == first
    assert select_wheels(second, target=ARM, cache=cache).lock == second
    assert len(cache.kept) == 1


def test_what_may_hold_credentials_is_never_kept(tmp_path: Path) -> None:
    cache = Memory()

    for url in ("https://u:s3cret@example.com/", "https://example.com/s3cret?x=", "https://s3cret@example.com/"):
        path = pylock(tmp_path, SIX.replace("https://example.com/", url))
        if "?" in url:
            path = pylock(tmp_path, SIX.replace('.whl", hashes', '.whl?s3cret", hashes'))
        (found,) = select_wheels(path, target=ARM, cache=cache).wheels
        assert "s3cret" in (found.url or "")

    assert cache.kept == {}


def test_a_warning_is_repeated_because_it_is_not_kept(tmp_path: Path) -> None:
    path = pylock(tmp_path, SIX, head=HEAD.replace("1.0", "1.1"))
    cache, warnings = Memory(), list[str]()

    for _ in range(2):
        select_wheels(path, target=ARM, cache=cache, warn=warnings.append)

    assert len(warnings) == 2
    assert cache.kept == {}


def test_without_a_cache_every_build_reads_the_lock(tmp_path: Path) -> None:
    path = pylock(tmp_path, SIX)

    assert select_wheels(path, target=ARM, cache=None) == select_wheels(path, target=ARM)


def test_a_known_lock_loads_neither_packaging_nor_tomllib(tmp_path: Path) -> None:
    path = pylock(tmp_path, SIX)
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from lambdapack.packing.locks.pylock import select_wheels\nfrom lambdapack.target import python_target\n"
        "class Cache:\n"
        "    def get(self, kind, key):\n"
        "        return Path(key).read_bytes() if Path(key).exists() else None\n"
        "    def put(self, kind, key, content):\n        Path(key).write_bytes(content)\n"
        "select_wheels(sys.argv[1], target=python_target(runtime='python3.13', architecture=None), cache=Cache())\n"
        "print(*(name for name in ('packaging', 'tomllib', 'logging') if name in sys.modules))\n"
    )
    command = [sys.executable, "-c", code, path]

    loaded = [
        subprocess.run(command, check=True, cwd=tmp_path, capture_output=True, text=True).stdout for _ in range(2)
    ]

    assert loaded == ["packaging tomllib logging\n", "\n"]
