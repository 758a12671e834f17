import hashlib
import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import ANY

import pytest

from lambdapack.disk.temporary import SUFFIX
from lambdapack.errors import LocalError, LockError, UsageError, WheelError
from lambdapack.packing.wheelhouse import cache as cache_module
from lambdapack.packing.wheelhouse import index as index_module
from lambdapack.packing.wheelhouse.obtaining import HeldWheel, Wheelhouse
from lambdapack.packing.wheels.contents import WheelBytes, WheelContents
from tests.packing.wheelhouse.indexserver import Index, hanging, serving
from tests.packing.wheelhouse.stock import Believer, Ledger, cache_in, locked, obtain, obtained, wheel_bytes
from tests.packing.wheels.handmade import FILENAME, archive, demo

ROOT = Path(__file__).parents[3]


def names(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if not path.is_dir())


def test_wheels_are_downloaded_once_and_proven_once(tmp_path: Path) -> None:
    contents = [wheel_bytes(seed, 1000 * seed) for seed in range(1, 8)]
    believer = Believer()
    with serving() as index:
        wheels = [locked(c, f"demo{i}", url=index.add(f"{i}.whl", c)) for i, c in enumerate(contents)]
        first, second = Ledger(), Ledger()

        cold = obtained(wheels, Wheelhouse(cache=cache_in(tmp_path / "c")), ledger=first, believer=believer)
        asked = len(index.seen)
        warm = obtained(wheels, Wheelhouse(cache=cache_in(tmp_path / "c")), ledger=second, believer=believer)

        assert [held.content.whole() for held in cold] == contents
        assert warm == cold
        assert [held.locked for held in warm] == wheels
        assert (asked, len(index.seen), believer.calls) == (7, 7, 7)
    assert (first.totals, first.arrived) == ([28_000], 28_000)
    assert second.totals == []
    assert first.told == second.told == []


def test_without_a_cache_every_run_downloads_and_proves(tmp_path: Path) -> None:
    content, believer = wheel_bytes(1), Believer()
    with serving() as index:
        wheels = [locked(content, url=index.add("demo.whl", content))]
        for _ in range(2):
            assert obtained(wheels, Wheelhouse(), believer=believer)[0].content.whole() == content

        assert (len(index.seen), believer.calls) == (2, 2)
    assert names(tmp_path) == []


def test_nothing_to_obtain_is_nothing_obtained() -> None:
    assert obtained([], Wheelhouse(offline=True)) == []


def test_a_wheel_in_a_folder_is_used_in_place(tmp_path: Path) -> None:
    content, believer = wheel_bytes(1), Believer()
    wheel = locked(content)
    (tmp_path / "empty").mkdir()
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / wheel.filename).write_bytes(content)
    for _ in range(2):
        house = Wheelhouse(
            cache=cache_in(tmp_path / "cache"), folders=(tmp_path / "empty", tmp_path / "wheels"), offline=True
        )

        assert obtained([wheel], house, believer=believer)[0].content.whole() == content

    assert believer.calls == 1
    assert names(tmp_path / "cache") == ["CACHEDIR.TAG", f"contents/{index_module.key(wheel)}"]


@pytest.mark.parametrize("size_known", [True, False])
def test_a_wheel_under_another_name_is_found_by_its_hash(tmp_path: Path, *, size_known: bool) -> None:
    content = wheel_bytes(1)
    wheel = locked(content, size=len(content) if size_known else None)
    (tmp_path / "Demo-1.0-1-py3-none-any.whl").write_bytes(content)
    (tmp_path / "demo-1.0-2-py3-none-any.whl").write_bytes(wheel_bytes(2))
    (tmp_path / "demo-1.0.zip").write_bytes(content)
    (tmp_path / "demo-1.0-3-py3-none-any.whl").mkdir()

    assert obtained([wheel], Wheelhouse(folders=(tmp_path,), offline=True))[0].content.whole() == content


@pytest.mark.parametrize("other", [wheel_bytes(2), b"short", b""])
def test_another_file_under_the_wheels_name_is_refused_before_it_is_opened(tmp_path: Path, other: bytes) -> None:
    content, believer = wheel_bytes(1), Believer()
    wheel = locked(content, url="https://packages.example/demo.whl")
    path = tmp_path / wheel.filename
    path.write_bytes(other)
    found, wanted = hashlib.sha256(other).hexdigest(), wheel.hashes["sha256"]

    with pytest.raises(WheelError) as caught:
        obtained([wheel], Wheelhouse(folders=(tmp_path,)), believer=believer)

    assert caught.value.exit_code == 4
    assert (
        caught.value.message == f"{path} is not the locked wheel: it has sha256:{found}, the lock says sha256:{wanted}"
    )
    assert believer.calls == 0


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such directory") as caught:
        obtained([], Wheelhouse(folders=(tmp_path / "missing",)))

    assert caught.value.exit_code == 2


def test_the_locks_path_is_used_in_place(tmp_path: Path) -> None:
    content = wheel_bytes(1)
    (tmp_path / "demo.whl").write_bytes(content)
    wheel = locked(content, path=str(tmp_path / "demo.whl"))

    assert obtained([wheel], Wheelhouse(cache=cache_in(tmp_path / "c"), offline=True))[0].content.whole() == content
    assert [name for name in names(tmp_path / "c") if name.startswith("wheels")] == []


def test_a_path_that_holds_nothing_is_named(tmp_path: Path) -> None:
    wheel = locked(wheel_bytes(1), path=str(tmp_path / "missing.whl"))

    with pytest.raises(LockError) as caught:
        obtained([wheel], Wheelhouse())

    assert caught.value.message == (
        f"the lock takes demo-1.0-py3-none-any.whl from {tmp_path / 'missing.whl'}, and there is no such file"
    )


def test_a_path_that_holds_another_wheel_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo.whl").write_bytes(wheel_bytes(2))

    with pytest.raises(WheelError, match="is not the locked wheel"):
        obtained([locked(wheel_bytes(1), path=str(tmp_path / "demo.whl"))], Wheelhouse())


def test_where_the_path_holds_nothing_the_url_serves() -> None:
    content = wheel_bytes(1)
    with serving() as index:
        wheel = locked(content, path="missing/demo.whl", url=index.add("demo.whl", content))

        assert obtained([wheel], Wheelhouse())[0].content.whole() == content


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFOs in folders")
def test_a_fifo_in_a_folder_is_no_wheel(tmp_path: Path) -> None:
    wheel = locked(wheel_bytes(1))
    os.mkfifo(tmp_path / wheel.filename)

    with pytest.raises(LockError, match="offline"):
        obtained([wheel], Wheelhouse(folders=(tmp_path,), offline=True))


def test_offline_asks_nobody_and_names_what_is_missing(tmp_path: Path) -> None:
    contents = [wheel_bytes(seed) for seed in range(8)]
    with serving() as index:
        wheels = [locked(c, f"demo{i}", url=index.add(f"{i}.whl", c)) for i, c in enumerate(contents)]
        cache = cache_in(tmp_path)
        obtained(wheels[:1], Wheelhouse(cache=cache))
        asked = len(index.seen)

        with pytest.raises(LockError) as caught:
            obtained(wheels, Wheelhouse(cache=cache, offline=True))

        assert len(index.seen) == asked
    shown = ", ".join(f"demo{i}-1.0-py3-none-any.whl" for i in range(1, 6))
    assert caught.value.message == f"not on this machine, and --offline forbids to download: {shown} and 2 more"
    assert caught.value.details["wheels"] == [f"demo{i}-1.0-py3-none-any.whl" for i in range(1, 8)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"size": 4999}, "has 5,000 bytes, the lock says 4,999"),
        ({"hashes": {**locked(wheel_bytes(1)).hashes, "sha512": "00"}}, "the lock says sha512:00"),
        ({"hashes": {**locked(wheel_bytes(1)).hashes, "md5": "00"}}, "the lock says md5:00"),
        ({"hashes": {**locked(wheel_bytes(1)).hashes, "rot13": "00"}}, "a hash of the kind rot13"),
        ({"hashes": {"md5": hashlib.md5(wheel_bytes(1)).hexdigest()}}, "no strong hash, only md5"),  # noqa: S324 - weak on purpose
        ({"hashes": {}}, "no strong hash, only none"),
    ],
)
def test_all_that_the_lock_says_is_proven_at_first_sight(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    content, believer = wheel_bytes(1), Believer()
    (tmp_path / "demo-1.0-py3-none-any.whl").write_bytes(content)
    cache = cache_in(tmp_path / "cache")
    house = Wheelhouse(cache=cache, folders=(tmp_path,), offline=True)
    obtained([locked(content)], house, believer=believer)  # known under what the true lock says

    with pytest.raises(LockError, match=words):
        obtained([locked(content, **changes)], house, believer=believer)

    assert believer.calls == 1


def test_other_strong_hashes_serve_as_well(tmp_path: Path) -> None:
    content = wheel_bytes(1)
    with serving() as index:
        url = index.add("demo.whl", content)
        for algorithm in ("sha512", "sha384", "blake2b", "sha3_256"):
            wheel = locked(content, url=url, hashes={algorithm: hashlib.new(algorithm, content).hexdigest()})
            for _ in range(2):
                assert obtained([wheel], Wheelhouse(cache=cache_in(tmp_path)))[0].content.whole() == content

        assert len(index.seen) == 4


def test_a_wheel_that_is_not_sound_is_refused_and_not_kept(tmp_path: Path) -> None:
    content = wheel_bytes(1)
    with serving() as index:
        wheel = locked(content, url=index.add("demo.whl", content))

        with pytest.raises(WheelError, match=r"demo-1\.0-py3-none-any\.whl"):
            obtain([wheel], wheelhouse=Wheelhouse(cache=cache_in(tmp_path)))

    assert names(tmp_path) == []


def test_a_real_wheel_is_looked_into_and_known_the_next_time(tmp_path: Path) -> None:
    content = archive(demo())
    with serving() as index:
        wheel = locked(content, url=index.add(FILENAME, content))
        house = Wheelhouse(cache=cache_in(tmp_path))
        held = [obtain([wheel], wheelhouse=house) for _ in range(2)]

        assert held[0] == held[1]
        assert len(index.seen) == 1
    assert "demo/__init__.py" in [file.name for file in held[1][0].contents.files]


def test_contents_that_the_cache_lost_are_found_again(tmp_path: Path) -> None:
    content, believer = wheel_bytes(1), Believer()
    with serving() as index:
        wheel = locked(content, url=index.add("demo.whl", content))
        cache = cache_in(tmp_path)
        first = obtained([wheel], Wheelhouse(cache=cache), believer=believer)
        (tmp_path / "contents" / index_module.key(wheel)).unlink()
        second = obtained([wheel], Wheelhouse(cache=cache), believer=believer)
        third = obtained([wheel], Wheelhouse(cache=cache), believer=believer)

        assert first == second == third
        assert (len(index.seen), believer.calls) == (1, 2)


def damage(directory: Path, chosen: random.Random) -> None:
    """Flip one bit of every entry of a kind."""
    for entry in sorted(directory.iterdir()):
        content = bytearray(entry.read_bytes())
        bit = chosen.randrange(len(content) * 8)
        content[bit // 8] ^= 1 << bit % 8
        entry.write_bytes(content)


def wrong_after_flips(index: Index, directory: Path, kind: str) -> int:
    """Flip one bit of 20 entries, eight times; return how often something else than the truth was obtained."""
    contents = [wheel_bytes(seed, 300 + seed) for seed in range(20)]
    wheels = [locked(c, f"demo{i}", url=index.add(f"{i}.whl", c)) for i, c in enumerate(contents)]
    truth = obtained(wheels, Wheelhouse(cache=cache_in(directory)))
    chosen, wrong = random.Random(2), 0  # noqa: S311 - the same flips every time
    for _ in range(8):
        damage(directory / kind, chosen)
        found = obtained(wheels, Wheelhouse(cache=cache_in(directory)))
        wrong += sum(one != other for one, other in zip(found, truth, strict=True))
    return wrong


@pytest.mark.parametrize("kind", ["wheels", "contents"])
def test_160_flipped_bits_of_each_kind_change_nothing(tmp_path: Path, kind: str) -> None:
    with serving() as index:
        assert wrong_after_flips(index, tmp_path / "cache", kind) == 0

        # And every entry was repaired: nothing more is asked for.
        asked = len(index.seen)
        contents = [wheel_bytes(seed, 300 + seed) for seed in range(20)]
        wheels = [locked(c, f"demo{i}") for i, c in enumerate(contents)]
        house = Wheelhouse(cache=cache_in(tmp_path / "cache"), offline=True)
        assert [held.content.whole() for held in obtained(wheels, house)] == contents
        assert len(index.seen) == asked


def believing(algorithm: str) -> SimpleNamespace:
    """Return a hash that is whatever is wanted."""
    return SimpleNamespace(name=algorithm, update=lambda _: None, hexdigest=lambda: ANY)


@pytest.mark.parametrize(("kind", "check"), [("wheels", "new_hash"), ("contents", "seal")])
def test_flipped_bits_are_obtained_where_hashes_are_not_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, check: str
) -> None:
    broken: dict[str, Any] = {"new_hash": believing, "seal": lambda *_: b"\0" * 32}
    monkeypatch.setattr(cache_module, check, broken[check])
    with serving() as index:
        assert wrong_after_flips(index, tmp_path / "cache", kind) > 20


def test_a_cache_that_cannot_be_used_costs_nothing_but_time(tmp_path: Path) -> None:
    content, ledger = wheel_bytes(1), Ledger()
    cache = cache_in(tmp_path / "cache", ledger)
    (tmp_path / "cache").write_text("a file where the directory should be")
    with serving() as index:
        wheel = locked(content, url=index.add("demo.whl", content))

        assert obtained([wheel], Wheelhouse(cache=cache))[0].content.whole() == content
    assert len(ledger.told) == 1
    assert "cannot be written" in ledger.told[0]


BUILD = """
import hashlib, json, sys
from pathlib import Path
from lambdapack.packing.wheelhouse.cache import open_cache
from lambdapack.packing.locks.selection import LockedWheel
from lambdapack.packing.wheelhouse.obtaining import Wheelhouse
from tests.packing.wheelhouse.stock import Ledger, obtain
wheels = [LockedWheel(**fields) for fields in json.loads(sys.argv[1])]
ledger = Ledger()
house = Wheelhouse(cache=open_cache(Path(sys.argv[2]), tell=ledger.told.append))
held = obtain(wheels, wheelhouse=house, ledger=ledger)
whole = b"".join(one.content.whole() for one in held)
print(hashlib.sha256(whole).hexdigest(), repr(held[0].contents).count("sha256"), ledger.told)
print(sorted({"urllib3", "ssl", "packaging", "lambdapack.packing.wheels.wheel"} & sys.modules.keys()))
"""


def run_build(lock: str, directory: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", BUILD, lock, directory], stdout=subprocess.PIPE, text=True, cwd=ROOT)


def test_eight_builds_share_one_cold_cache_and_warm_ones_load_little(tmp_path: Path) -> None:
    content = archive(demo())
    with serving() as index:
        wheel = locked(content, url=index.add(FILENAME, content))
        lock = json.dumps([{**wheel._asdict(), "hashes": dict(wheel.hashes)}])
        builds = [run_build(lock, tmp_path / "cache") for _ in range(8)]
        printed = [build.communicate(timeout=60)[0] for build in builds]
        asked = len(index.seen)
        warm, _ = run_build(lock, tmp_path / "cache").communicate(timeout=60)

        assert len(index.seen) == asked
    verdict = f"{hashlib.sha256(content).hexdigest()} 4 []\n"
    assert {text.splitlines(keepends=True)[0] for text in printed} == {verdict}
    assert [build.returncode for build in builds] == [0] * 8
    assert warm == verdict + "[]\n"
    assert sorted(name.split("/")[0] for name in names(tmp_path / "cache")) == ["CACHEDIR.TAG", "contents", "wheels"]


INTERRUPTED = """
import json, signal, sys, threading
from pathlib import Path
from lambdapack.errors import Interruption
from lambdapack.packing.wheelhouse.cache import open_cache
from lambdapack.packing.locks.selection import LockedWheel
from lambdapack.packing.fetching.patience import Patience
from lambdapack.packing.wheelhouse.obtaining import Wheelhouse
from tests.packing.wheelhouse.stock import Believer, obtain
def interrupt(number, frame):
    raise Interruption(number)
signal.signal(signal.SIGTERM, interrupt)
if "--control" in sys.argv:
    daemonic = threading.Thread.__init__
    threading.Thread.__init__ = lambda self, **given: daemonic(self, **{**given, "daemon": False})
wheels = [LockedWheel(**fields) for fields in json.loads(sys.argv[1])]
house = Wheelhouse(cache=open_cache(Path(sys.argv[2]), tell=print), patience=Patience(read_timeout=600.0))
try:
    obtain(wheels, wheelhouse=house, proof=Believer())
except Interruption as interruption:
    sys.exit(128 + interruption.signal_number)
"""


def interrupted_build(directory: Path, *, patience: float, control: bool) -> int | None:
    """Return the exit code of a build that was interrupted while a server was silent, or None where it hangs."""
    with serving() as index:
        contents = [wheel_bytes(seed) for seed in range(4)]
        wheels = [
            locked(c, f"demo{i}", url=index.add(f"{i}.whl", c, *([hanging] if i else [])))
            for i, c in enumerate(contents)
        ]
        lock = json.dumps([{**wheel._asdict(), "hashes": dict(wheel.hashes)} for wheel in wheels])
        command = [sys.executable, "-c", INTERRUPTED, lock, str(directory), *(["--control"] if control else [])]
        with subprocess.Popen(command, cwd=ROOT) as build:
            kept = directory / "wheels"
            while len(index.seen) < 4 or not kept.is_dir() or not any(kept.glob("sha256-*")):
                assert build.poll() is None
            build.send_signal(signal.SIGTERM)
            try:
                return build.wait(timeout=patience)
            except subprocess.TimeoutExpired:
                build.kill()
                return None


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_an_interrupted_build_ends_at_once_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    assert interrupted_build(tmp_path / "cache", patience=30, control=False) == 143

    assert [name for name in names(tmp_path / "cache") if name.endswith(SUFFIX)] == []
    assert len(list((tmp_path / "cache/wheels").iterdir())) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_an_interrupted_build_hangs_where_its_threads_are_waited_for(tmp_path: Path) -> None:
    assert interrupted_build(tmp_path / "cache", patience=1.0, control=True) is None


def test_the_first_error_ends_the_run(tmp_path: Path) -> None:
    content = wheel_bytes(1)
    with serving() as index:
        wheels = [
            locked(content, "gone", url=f"http://127.0.0.1:{index.port}/gone.whl"),
            locked(wheel_bytes(2), "slow", url=index.add("slow.whl", wheel_bytes(2), hanging)),
        ]

        with pytest.raises(LockError, match="HTTP status 404"):
            obtained(wheels, Wheelhouse(cache=cache_in(tmp_path)))

    assert names(tmp_path) == []


def test_a_machine_without_threads_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", none)

    with pytest.raises(LocalError, match="cannot work in threads"):
        obtained([locked(wheel_bytes(1))], Wheelhouse())


def test_held_wheels_show_neither_bytes_nor_credentials() -> None:
    wheel = locked(b"PK secret bytes", url="https://user:CANARY@packages.example/demo.whl?token=CANARY")
    contents = WheelContents(filename=wheel.filename, name="demo", version="1.0", files=())
    house = Wheelhouse(environ={"HTTPS_PROXY": "http://user:CANARY@proxy.example"})

    for value in (HeldWheel(locked=wheel, content=WheelBytes(b"PK secret bytes"), contents=contents), house, wheel):
        assert "CANARY" not in repr(value)
        assert "secret bytes" not in repr(value)
