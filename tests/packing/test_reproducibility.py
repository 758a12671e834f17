"""One SHA: whatever varies between two machines, the package of a tree has the same bytes.

Each variation has a control: a builder as people write it, made of ``zipfile``, which gives other bytes
under that variation and, to prove that it is the variation, the same bytes without it. That every
CPython gives this SHA too is shown by running these tests on each.
"""

import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

GOLDEN = "512e1ecdac9d6cae5dc3c775f534f4dbbd0a757ddd8161f25eaad1735b9057b3"
"""SHA-256 of the package of the tree below in format 1; a change of it is a new format number."""

NOISE = hashlib.shake_256(b"golden").digest(5_000)

FILES = {
    "app.py": b"def handler(event, context):\n    return event\n",
    "lib/__init__.py": b"",
    "lib/data.bin": NOISE,
    "lib/Zebra.txt": b"zebra\n" * 50,
    "lib/apple.txt": b"apple\n" * 50,
    "lib/\u00fcber/\u65e5\u672c.txt": "Grüße\n".encode() * 20,
    "bin/run": b"#!/bin/sh\nexec true\n",
    "bin/native": b"\x7fELF\x02\x01\x01" + bytes(200),
    "large.txt": b"".join(b"%d %s\n" % (n, NOISE[n % 4_000 : n % 4_000 + 8].hex().encode()) for n in range(13_000)),
    "-dash": b"dash",
    "a b & c.txt": b"shell\n",
}

LAUNCH = """
import contextlib, os, random, sys
order, zlib_name, program, arguments = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
if zlib_name == "zlib-ng":
    from zlib_ng import zlib_ng
    sys.modules["zlib"] = zlib_ng
scandir = os.scandir
def changed(path):
    with scandir(path) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    if order == "shuffled":
        random.Random(7).shuffle(entries)
    elif order == "reversed":
        entries.reverse()
    return contextlib.nullcontext(entries)
os.scandir = changed
os.supports_fd.add(changed)
sys.argv = ["program", *arguments]
if program == "lambdapack":
    from lambdapack.cli.main import main
    main(arguments)
exec(program)
"""

NAIVE = """
import concurrent.futures, os, sys, time, zipfile
flavour, source, output, jobs = sys.argv[1:]
def files(directory):
    with os.scandir(directory) as found:
        for entry in list(found):
            if entry.is_dir():
                yield from files(entry.path)
            else:
                yield entry.path
found = list(files(source))
if flavour == "set":
    found = list(set(os.path.relpath(path, source) for path in found))
    found = [os.path.join(source, path) for path in found]
if flavour == "completed":
    def late(path):
        time.sleep(0.2 if path == found[0] else 0)
        return path
    with concurrent.futures.ThreadPoolExecutor(int(jobs)) as executor:
        found = [one.result() for one in concurrent.futures.as_completed([executor.submit(late, p) for p in found])]
with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
    for path in found:
        name = path if flavour == "absolute" else os.path.relpath(path, source)
        if flavour == "epoch":
            date = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", 1_000_000_000)))[:6]
            archive.writestr(zipfile.ZipInfo(name, date), open(path, "rb").read())
        else:
            archive.write(path, name)
"""


@dataclass(frozen=True, kw_only=True)
class Variation:
    """What is different, and which of the naive builders falls for it."""

    flavour: str = "zip"
    order: str = "sorted"
    zlib: str = "zlib"
    environment: Mapping[str, str] = field(default_factory=dict)
    umask: int = 0o022
    mode: int | None = None
    times: int | None = None
    """The seed of random times; None for one and the same."""
    directory: str = "src"
    jobs: int = 2


BASE = Variation()

VARIATIONS = {
    "shuffled": Variation(order="shuffled"),
    "reversed": Variation(order="reversed"),
    "times": Variation(times=1),
    "other times": Variation(times=2),
    "mode 0600": Variation(mode=0o600),
    "mode 0777": Variation(mode=0o777),
    "mode 0400": Variation(mode=0o400),
    "umask 000": Variation(umask=0o000),
    "umask 077": Variation(umask=0o077),
    "TZ east": Variation(environment={"TZ": "Pacific/Kiritimati"}),
    "TZ west": Variation(environment={"TZ": "XXX+11:30"}),
    "ASCII locale": Variation(
        environment={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ),
    "hash seed 1": Variation(flavour="set", environment={"PYTHONHASHSEED": "1"}),
    "hash seed 2": Variation(flavour="set", environment={"PYTHONHASHSEED": "2"}),
    "directory": Variation(flavour="absolute", directory="els\u00e8where"),
    "epoch 2001": Variation(flavour="epoch", environment={"SOURCE_DATE_EPOCH": "1000086400"}),
    "epoch 0": Variation(flavour="epoch", environment={"SOURCE_DATE_EPOCH": "0"}),
    "epoch abc": Variation(flavour="epoch", environment={"SOURCE_DATE_EPOCH": "abc"}),
    "epoch 10^12": Variation(flavour="epoch", environment={"SOURCE_DATE_EPOCH": "1000000000000"}),
    "one job": Variation(flavour="completed", jobs=1),
    "zlib-ng": Variation(zlib="zlib-ng"),
}


@pytest.fixture
def laid_out(tmp_path: Path) -> Iterator[Callable[[Variation], Path]]:
    """Write the tree as the variation has it."""
    before = os.umask(0o022)

    def lay(variation: Variation) -> Path:
        os.umask(variation.umask)
        root = tmp_path / variation.directory
        choose = random.Random(variation.times)  # noqa: S311 - repeatable, not secret
        for name, content in FILES.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).unlink(missing_ok=True)
            (root / name).write_bytes(content)
            if variation.mode is not None:
                (root / name).chmod(variation.mode)
            moment = 1_000_000_000 if variation.times is None else choose.randrange(400_000_000, 1_900_000_000)
            os.utime(root / name, (moment, moment))
        return root

    yield lay
    os.umask(before)


@pytest.fixture
def built(
    laid_out: Callable[[Variation], Path], tmp_path: Path, clean_environment: dict[str, str]
) -> Callable[..., str]:
    """Build the tree under a variation and return the SHA-256, or the failure's name."""

    def build(variation: Variation, *, program: str, flavour: str = "") -> str:
        root = laid_out(variation)
        output = tmp_path / "out.zip"
        output.unlink(missing_ok=True)
        arguments = ["build", str(root), "-o", str(output), "--jobs", str(variation.jobs), "-q"]
        if program != "lambdapack":
            arguments = [flavour, str(root), str(output), str(variation.jobs)]
        done = subprocess.run(
            [sys.executable, "-c", LAUNCH, variation.order, variation.zlib, program, *arguments],
            check=False,
            capture_output=True,
            text=True,
            umask=variation.umask,
            env={**clean_environment, "PYTHONHASHSEED": "0", **variation.environment},
        )
        if done.returncode:
            return f"failed: {done.stderr.strip().splitlines()[-1]}"
        return hashlib.sha256(output.read_bytes()).hexdigest()

    return build


def test_the_golden_hash(built: Callable[..., str]) -> None:
    assert built(BASE, program="lambdapack") == GOLDEN


@pytest.mark.parametrize("name", VARIATIONS)
def test_the_same_bytes_and_a_naive_builders_are_not(name: str, built: Callable[..., str]) -> None:
    variation = VARIATIONS[name]

    assert built(variation, program="lambdapack") == GOLDEN
    naive = built(BASE, program=NAIVE, flavour=variation.flavour)
    assert naive == built(BASE, program=NAIVE, flavour=variation.flavour)
    assert naive != built(variation, program=NAIVE, flavour=variation.flavour)


def test_info_zip_gives_other_bytes_for_other_times(laid_out: Callable[[Variation], Path], tmp_path: Path) -> None:
    def zipped(variation: Variation) -> bytes:
        output = tmp_path / "out.zip"
        output.unlink(missing_ok=True)
        subprocess.run(["zip", "-q", "-r", "-X", "-D", output, "."], check=True, cwd=laid_out(variation))
        return output.read_bytes()

    assert zipped(BASE) == zipped(BASE)
    assert zipped(BASE) != zipped(VARIATIONS["times"])
    assert zipped(BASE) != zipped(VARIATIONS["mode 0777"])
