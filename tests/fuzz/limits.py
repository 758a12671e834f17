"""Machines that are too small: whatever is short, a run ends with the right bytes or with exit 6, and leaves nothing.

Each command runs as a process of its own under a limit of the shell (ulimit: setrlimit(2)), from one that lets nothing
begin to one that lets everything end. What is told apart: ``right``, ``refused`` (exit 6 in words), ``no start`` (the
interpreter or what it loads has failed before the command was read), and every other outcome, which is a fault.
"""

import contextlib
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import botocore

from tests.packing.wheelhouse.certificates import AUTHORITY
from tests.packing.wheelhouse.indexserver import serving
from tests.wheelmaker import write_wheel

ADDRESS_SPACE = range(60_000, 600_001, 10_000)
"""KiB of virtual memory (ulimit -v): CPython 3.11 starts at some 20,000 and a push ends well with some 200,000."""

OPEN_FILES = (*range(3, 24), 32, 64)
"""Open files (ulimit -n); three are there already."""

FILE_BLOCKS = (0, 1, 8, 64, 512, 2048)
"""Largest file (ulimit -f), in KiB."""

STACK = (64, 128, 256, 512, 1024)
"""KiB of stack (ulimit -s), of the first thread and of all others."""

LOCAL = 6
"""README, "Exit codes": local input or output failed."""

SECRET = "s3cr3t-value"  # noqa: S105 - what no output may hold

FOREIGN = ("AWS_", "CURL_", "HTTP", "LAMBDAPACK", "REQUESTS_", "SSL_", "http", "no_proxy", "NO_PROXY", "ALL_PROXY")
"""How variables begin that would make the runs depend on this machine."""

LOCKED = "build src --lock pylock.toml --runtime python3.13"

HANDLER = "def handler(event, context):\n    return 1\n"


class Scene:
    """A project with everything that the commands need; each run has a copy of its own."""

    def __init__(self, home: Path, url: str, secure_url: str, files: Mapping[str, bytes]) -> None:
        """Make the sources, locks whose wheels are to be had at two addresses, a full cache and an emulator."""
        self.home, self.mould = home, home / "mould"
        (self.mould / "src").mkdir(parents=True)
        (self.mould / "src/app.py").write_text(HANDLER)
        noise = random.Random(9)  # noqa: S311 - repeatable, not secret
        for number in range(20):
            (self.mould / f"src/data{number}.bin").write_bytes(noise.randbytes(20_000))
        (self.mould / "pylock.toml").write_text(lock(url, files))
        (self.mould / "pylock.tls.toml").write_text(lock(secure_url, files))
        # As many certificates as a system has, for they need memory.
        shipped = Path(botocore.__file__).with_name("cacert.pem").read_text()
        (self.mould / "trusted.pem").write_text(f"{shipped}\n{AUTHORITY}")
        (self.mould / "lambdapack.toml").write_text(
            'runtime = "python3.13"\narchitecture = "x86_64"\nrole = "arn:aws:iam::000000000000:role/emulator"\n'
            f'[functions.hello]\nhandler = "app.handler"\nenvironment = {{ KEY = "{SECRET}" }}\n'
        )
        (self.mould / "requirements.txt").write_text(f"three @ {url}/three-1.0-py3-none-any.whl\n")
        self.commands = {
            "build": "build src -o out.zip",
            "locked": f"{LOCKED} --offline --cache-dir cache -o out.zip",
            "downloads": f"{LOCKED} --cache-dir empty -o out.zip",
            "encrypted": f"{LOCKED} --lock pylock.tls.toml --cache-dir empty -o out.zip",
            "push": "--emulator emulator push hello --zip in.zip --create --publish",
            "pull": "--emulator emulator-full pull hello -o out.zip",
            "lock": "lock requirements.txt -o pylock.made.toml --runtime python3.13 --architecture x86_64",
        }
        for preparing in (
            "build src -o in.zip",
            f"{LOCKED} --cache-dir cache -o out.zip",
            "--emulator emulator-full push hello --zip in.zip --create --publish",
        ):
            done = lambdapack(preparing.split(), cwd=self.mould)
            assert done.returncode == 0, done.stderr
        self.locked = hashlib.sha256((self.mould / "out.zip").read_bytes()).hexdigest()
        (self.mould / "out.zip").unlink()
        shutil.rmtree(self.mould / "dist", ignore_errors=True)

    def outcome(self, name: str, limit: str, *, command: str = "", disk: int = 0) -> tuple[int, str]:
        """Return the exit code of a command under a limit, ``ulimit -v 100000``, and what has become of it.

        ``disk`` asks for a file system of so many KiB at ``full``, which only root can mount.
        """
        with tempfile.TemporaryDirectory(dir=self.home) as directory, contextlib.ExitStack() as stack:
            place = Path(directory, "project")
            shutil.copytree(self.mould, place, symlinks=True)
            if disk:
                stack.enter_context(mounted(place / "full", disk))
            before = listing(place)
            done = lambdapack((command or self.commands[name]).split(), cwd=place, limit=limit)
            return done.returncode, self.verdict(name, done, before, place)

    def verdict(self, name: str, done: "subprocess.CompletedProcess[str]", before: set[str], place: Path) -> str:
        """Return ``right``, ``refused`` or ``no start``, or the fault in words."""
        made = listing(place) - before
        lines = done.stderr.splitlines()
        left = sorted(path for path in made if path.endswith((".lambdapack-tmp", ".tmp")))
        if left or SECRET in done.stdout + done.stderr:
            return f"left {left}, or printed a secret"
        if done.returncode == 0:
            return "right" if self.is_right(name, place) else "other bytes"
        if any(path.endswith(("out.zip", "pylock.made.toml")) for path in made):
            return f"exit {done.returncode}, and an output"
        if done.returncode == LOCAL and any(line.startswith("error: ") for line in lines):
            return "refused"
        ours = any("lambdapack/" in line or line.startswith(("error: ", "note: ")) for line in lines)
        said = f"exit {done.returncode}: {' / '.join(lines[-2:])[:300]}"
        return said if ours else f"no start, {said}"

    def is_right(self, name: str, place: Path) -> bool:
        """Return whether a run that says so has done it."""
        if name == "push":
            state = json.loads((place / "emulator/state.json").read_text())
            return hashlib.sha256((place / "in.zip").read_bytes()).hexdigest() in json.dumps(state)
        if name == "lock":
            return "three-1.0-py3-none-any.whl" in (place / "pylock.made.toml").read_text()
        wanted = {"build": "in.zip", "pull": "in.zip"}.get(name)
        package = (place / "out.zip").read_bytes()
        if wanted:
            return package == (place / wanted).read_bytes()
        return hashlib.sha256(package).hexdigest() == self.locked


def lock(url: str, files: Mapping[str, bytes]) -> str:
    """Return a lock of wheels that an index has, by the name of each file."""
    lines = ['lock-version = "1.0"\ncreated-by = "test"\n']
    for name, content in files.items():
        sha256 = hashlib.sha256(content).hexdigest()
        lines.append(
            f'[[packages]]\nname = "{name.partition("-")[0]}"\nversion = "1.0"\nwheels = [{{ url = "{url}/{name}", '
            f'size = {len(content)}, hashes = {{ sha256 = "{sha256}" }} }}]\n'
        )
    return "".join(lines)


def wheels(directory: Path) -> dict[str, bytes]:
    """Return three wheels, one of them large enough to be read twice."""
    noise = random.Random(8)  # noqa: S311 - repeatable, not secret
    made = [
        write_wheel(directory, {"one/data.bin": noise.randbytes(6_000_000)}, name="one"),
        write_wheel(directory, {f"two/{number}.py": b"TWO = 2\n" * number for number in range(200)}, name="two"),
        write_wheel(directory, {"three.py": noise.randbytes(100_000)}, name="three"),
    ]
    return {wheel.name: wheel.read_bytes() for wheel in made}


def lambdapack(
    arguments: Sequence[str], *, cwd: Path, limit: str = "", python: str = sys.executable
) -> "subprocess.CompletedProcess[str]":
    """Run a command under a limit."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    environment |= {"HOME": str(cwd), "PIP_CACHE_DIR": str(cwd / "pip"), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["SSL_CERT_FILE"] = str(cwd / "trusted.pem")
    script = f'{limit}\nexec "$0" "$@"'
    return subprocess.run(
        ["bash", "-c", script, python, "-m", "lambdapack", *arguments],
        cwd=cwd, env=environment, check=False, capture_output=True, text=True, errors="replace", timeout=120,
    )  # fmt: skip


@contextlib.contextmanager
def mounted(place: Path, kib: int) -> Iterator[None]:
    """Have a small file system at ``place``."""
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kib}k,mode=700", "tmpfs", place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)


def listing(place: Path) -> set[str]:
    """Return the path of every file below ``place``."""
    return {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}


@contextlib.contextmanager
def scene() -> Iterator[Scene]:
    """Yield a scene whose index answers."""
    with tempfile.TemporaryDirectory() as directory, serving() as index, serving(tls=Path(directory)) as secure:
        files = wheels(Path(directory, "wheels"))
        for name, content in files.items():
            url, secure_url = (each.add(name, content).rpartition("/")[0] for each in (index, secure))
        yield Scene(Path(directory), url, secure_url, files)


def swept(here: Scene, limits: Mapping[str, Sequence[int]], commands: Sequence[str]) -> list[str]:
    """Run the commands under every limit, print what became of them, and return the faults."""
    faults: list[str] = []
    for flag, values in limits.items():
        for command in commands:
            counts: Counter[str] = Counter()
            begins = None
            for value in values:
                _, found = here.outcome(command, f"ulimit {flag} {value} || exit 99")
                if begins is None and not found.startswith("no start"):
                    begins = value
                # What has begun under a smaller limit begins under this one.
                harmless = found in ("right", "refused") or begins is None
                counts[found.partition(",")[0] if harmless else "FAULT"] += 1
                if not harmless:
                    faults.append(f"ulimit {flag} {value}, {command}: {found}")
                    print(faults[-1], flush=True)
            span = f"ulimit {flag} {values[0]:,} to {values[-1]:,}"
            print(f"{span}, {command}: {dict(counts)}, from {begins}", flush=True)
    return faults


FULL_DISKS = (
    ("build", "build src -o full/out.zip", "", "refused"),
    (
        "locked",
        "build src --lock pylock.toml --runtime python3.13 --offline --cache-dir cache -o full/out.zip",
        "",
        "refused",
    ),
    ("downloads", f"{LOCKED} --cache-dir full/cache -o out.zip", "", "right"),
    ("push", "--emulator full/emulator push hello --zip in.zip --create --publish", "", "refused"),
    ("push", "--emulator emulator push hello --source src --create --publish", "export TMPDIR=$PWD/full", "refused"),
    ("pull", "--emulator emulator-full pull hello -o full/out.zip", "", "refused"),
    ("pull", "--emulator emulator-full pull hello -o out.zip", "export TMPDIR=$PWD/full", "refused"),
)
"""What is done, what is set before, and what must come of it on a file system of 64 KiB: a cache is a convenience."""


def on_full_disks(here: Scene) -> list[str]:
    """Run commands whose output, cache, state or temporary files find no room, and return the faults."""
    if os.geteuid() != 0 or sys.platform != "linux":
        print("only root on Linux can mount small file systems: left out")
        return []
    faults = []
    for name, command, before, wanted in FULL_DISKS:
        _, found = here.outcome(name, before, command=command, disk=64)
        print(f"64 KiB: {before} {command}: {found}", flush=True)
        if found != wanted:
            faults.append(f"64 KiB, {command}: {found}")
    return faults


INJECTIONS = {"write": 24, "fsync": 4, "rename": 4, "mkdir": 3}
"""System calls that fail, and how many of each are tried, one at a time."""


def with_failing_calls(here: Scene, *, rounds: Mapping[str, int] = INJECTIONS) -> list[str]:
    """Have the Nth call of the system fail for want of room, and return the faults."""
    if shutil.which("strace") is None:
        print("there is no strace: left out")
        return []
    faults = []
    for call, count in rounds.items():
        for name in ("locked", "downloads", "push", "pull"):
            counts: Counter[str] = Counter()
            for number in range(1, count + 1):
                traced = f"exec strace -f --seccomp-bpf -qq -o /dev/null -e trace={call}"
                limit = f'{traced} -e inject={call}:error=ENOSPC:when={number} -- "$0" "$@"'
                exit_code, found = here.outcome(name, limit)
                # Where the words themselves found no room, the exit code says it.
                harmless = found in ("right", "refused") or exit_code == LOCAL
                counts[found if harmless else "FAULT"] += 1
                if not harmless:
                    faults.append(f"ENOSPC at {call} {number}, {name}: {found}")
                    print(faults[-1], flush=True)
            print(f"ENOSPC at the first {count} calls of {call}, {name}: {dict(counts)}", flush=True)
    return faults


LIMITS: Mapping[str, Sequence[int]] = {
    "-v": ADDRESS_SPACE,
    "-n": OPEN_FILES,
    "-f": FILE_BLOCKS,
    "-s": STACK,
}


def run() -> bool:
    """Sweep all limits for all commands, then full disks and failing calls; nothing may be wrong."""
    with scene() as here:
        without = {name: here.outcome(name, "")[1] for name in here.commands}
        print(f"without a limit: {without}")
        if set(without.values()) != {"right"}:
            return False
        faults = swept(here, LIMITS, list(here.commands))
        return not faults + on_full_disks(here) + with_failing_calls(here)
