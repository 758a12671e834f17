"""One lock, built in many ways: every package has the same CodeSha256.

Ways are: on every CPython here and on an aarch64 one (qemu-user), each with an empty cache and downloads, with the
cache that this filled, and with an empty cache, a folder of wheels and no network. For the aarch64 one, once:

    apt-get install -y --no-install-recommends qemu-user-static mmdebstrap
    mmdebstrap --variant=extract --arch=arm64 --include=python3-minimal,python3,libc6,zlib1g,dash,coreutils \\
        bookworm .cache/agreement/arm64
"""

import contextlib
import shutil
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.agreement.locks import (
    CACHE,
    Machine,
    NotLockedError,
    interpreters,
    lock,
    machine,
    narrow_lock,
    packages,
    site,
)
from tests.agreement.packages import Installation, RefusedError

REQUIREMENTS = ("numpy", "pandas", "boto3", "requests", "pydantic", "cryptography", "google-cloud-storage")

QEMU = "qemu-aarch64-static"
DEBIAN = CACHE / "arm64"
"""The files of a Debian 12, for arm64: its Python is 3.11."""

ASK = "import platform as p; print(p.machine(), p.python_implementation(), p.python_version())"

TARGETS = (("python3.13", "x86_64"), ("python3.13", "arm64"), ("python3.11", "x86_64"))


def measure() -> None:
    """Print the CodeSha256 of every target, and which ways give another one."""
    ways = dict(installations())
    for runtime, architecture in TARGETS:
        here = machine(runtime, architecture)
        if here is None:
            print(f"{runtime}/{architecture}: skipped, there is no such Python here")
            continue
        try:
            wide = lock(here, "one-sha", REQUIREMENTS)
            wheels = downloaded(narrow_lock(here, "one-sha", REQUIREMENTS), CACHE / "one-sha" / here.runtime)
        except NotLockedError as error:
            print(f"{here.title}: {error}")
            continue
        found: dict[str, list[str]] = {}
        for title, installation in ways.items():
            for way, sha in built(installation, wide, here, wheels):
                found.setdefault(sha, []).append(f"{title}, {way}")
        print(f"{here.title}: {len(found)} CodeSha256 of {sum(map(len, found.values()))} builds")
        for sha, titles in found.items():
            print(f"    {sha}", *titles, sep="\n        ", flush=True)


def installations() -> Iterator[tuple[str, Installation]]:
    """Yield lambdapack on every interpreter, under the interpreter's own words."""
    for numbers, python in interpreters().items():
        here = Machine(python=python, numbers=numbers, architecture="x86_64")
        yield asked(str(python)), Installation(command=(str(python),), path=(site(here),))
    emulated = machine("python3.11", "arm64")
    if emulated is None or shutil.which(QEMU) is None or not DEBIAN.exists():
        print(f"aarch64: skipped, for want of {QEMU}, {DEBIAN} or a CPython 3.11; how to make them is in {__file__}")
        return
    command = (QEMU, "-L", str(DEBIAN), str(DEBIAN / "usr" / "bin" / "python3.11"))
    yield asked(*command), Installation(command=command, path=(site(emulated),))


def asked(*command: str) -> str:
    """Return what an interpreter says it is: ``x86_64 CPython 3.13.0``."""
    done = subprocess.run([*command, "-c", ASK], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def built(installation: Installation, wide: Path, here: Machine, wheels: Path) -> Iterator[tuple[str, str]]:
    """Yield way and CodeSha256; a way into an error has that in its stead."""
    homes = CACHE / "one-sha" / "homes"
    shutil.rmtree(homes, ignore_errors=True)
    output = CACHE / "one-sha.zip"
    with contextlib.suppress(RefusedError):
        installation.build(wide, here, output, "--offline", home=homes / "empty")
        yield "from nothing at all", "which cannot be: a cache that is not ours was used"
    for way, home, more in (
        ("downloads", "first", ()),
        ("cache", "first", ("--offline",)),
        ("folder", "second", ("--offline", "--wheels", str(wheels))),
    ):
        output.unlink(missing_ok=True)
        try:
            answer = installation.build(wide, here, output, *more, home=homes / home)
        except RefusedError as error:
            yield way, str(error)
        else:
            yield way, answer["code_sha256"]


def downloaded(narrow: Path, directory: Path) -> Path:
    """Return a directory with every wheel that a lock names."""
    directory.mkdir(parents=True, exist_ok=True)
    for _, _, urls in packages(narrow):
        for url in urls:
            path = directory / urllib.parse.unquote(url.rpartition("/")[2])
            if not path.exists():
                with urllib.request.urlopen(url) as answer:  # noqa: S310 - uv wrote it, it is https
                    path.write_bytes(answer.read())
    return directory
