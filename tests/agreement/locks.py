"""What uv makes of a project: a lock with every wheel of the versions that it chose, and an installed tree.

uv is the oracle, so it must see the machine that Lambda has. Where glibc is 2.34, ``--python-platform`` says so. The
2.26 of Python 3.11 and older is no platform of uv's: there it asks an interpreter, which we have tell that glibc.
"""

import os
import platform
import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.interpreters import OLDEST, candidates, version

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "agreement"

LAST_ON_AMAZON_LINUX_2 = (3, 11)

TELLS_GLIBC = """\
import os
_confstr = os.confstr
os.confstr = lambda name: "glibc {glibc}" if name == "CS_GNU_LIBC_VERSION" else _confstr(name)
"""


class NotLockedError(Exception):
    """uv has no lock for a project on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A Lambda machine, and the interpreter here that stands in for its Python."""

    python: Path
    numbers: tuple[int, ...]
    """Of the interpreter: 3, 11, 7."""
    architecture: str

    @property
    def runtime(self) -> str:
        """The runtime's name."""
        return f"python{self.numbers[0]}.{self.numbers[1]}"

    @property
    def full(self) -> str:
        """The interpreter's version."""
        return ".".join(map(str, self.numbers))

    @property
    def glibc(self) -> str:
        """Of Amazon Linux 2 or 2023."""
        return "2.26" if self.numbers[:2] <= LAST_ON_AMAZON_LINUX_2 else "2.34"

    @property
    def title(self) -> str:
        """Both names, for people."""
        return f"{self.runtime}/{self.architecture}"

    def flags(self) -> list[str]:
        """Return the options that show this machine to uv; may make an environment."""
        if self.glibc == "2.26":
            if not self.architecture == platform.machine() == "x86_64":
                raise NotLockedError("uv knows glibc 2.26 only from an interpreter of this machine, made to tell it")
            return ["--python", str(pretender(self))]
        cpu = {"x86_64": "x86_64", "arm64": "aarch64"}[self.architecture]
        return ["--python", str(self.python), "--python-platform", f"{cpu}-manylinux_{self.glibc.replace('.', '_')}"]


def interpreters() -> dict[tuple[int, ...], Path]:
    """Return every CPython >= 3.11 here by its version, the oldest first."""
    found: dict[tuple[int, ...], Path] = {}
    for path in candidates():
        numbers = version(path)
        if numbers is not None and numbers >= OLDEST:
            found.setdefault(numbers, path)
    return dict(sorted(found.items()))


def machine(runtime: str, architecture: str) -> Machine | None:
    """Return the machine of a runtime, with the newest interpreter of its series; None where there is none here."""
    for numbers, python in reversed(interpreters().items()):
        here = Machine(python=python, numbers=numbers, architecture=architecture)
        if here.runtime == runtime:
            return here
    return None


def pretender(here: Machine) -> Path:
    """Return an interpreter that tells everybody who asks that it runs on the machine's glibc."""
    environment = CACHE / "pretenders" / f"{here.full}-glibc-{here.glibc}"
    told = environment / "told"
    if not told.exists():
        uv("venv", "--clear", "--python", str(here.python), str(environment))
        (site,) = environment.glob("lib/python*/site-packages")
        (site / "told_glibc.py").write_text(TELLS_GLIBC.format(glibc=here.glibc))
        (site / "told_glibc.pth").write_text("import told_glibc\n")
        told.touch()
    return environment / "bin" / "python"


def uv(*arguments: str, text: str | None = None) -> str:
    """Run uv and return what it said; raises ``NotLockedError`` with that where it fails."""
    environment = os.environ | {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_CONFIG": "1"}
    done = subprocess.run(["uv", *arguments], input=text, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise NotLockedError(" ".join(done.stderr.split())[-400:])
    return done.stderr


def lock(here: Machine, name: str, requirements: tuple[str, ...]) -> Path:
    """Return the lock that uv makes of some requirements, with all wheels of every version, for every platform.

    A lock for one platform names the wheels of that platform alone, and leaves nothing to choose. So uv chooses the
    versions for the machine first, and then locks just these for all.
    """
    wide = folder("locks", here) / f"pylock.{plain(name)}.toml"
    if not wide.exists():
        # uv writes no lock that is not named like one.
        fresh = wide.with_name("pylock.new.toml")
        pins = [f"{package}=={number}" for package, number, _ in packages(narrow_lock(here, name, requirements))]
        compile_lock(
            fresh, pins, "--universal", "--no-deps", "--python-version", here.full, "--python", str(here.python)
        )
        fresh.rename(wide)
    return wide


def narrow_lock(here: Machine, name: str, requirements: tuple[str, ...]) -> Path:
    """Return the lock that uv makes of some requirements for one machine, which names its wheels alone."""
    path = folder("narrow", here) / f"pylock.{plain(name)}.toml"
    if not path.exists():
        fresh = path.with_name("pylock.new.toml")
        compile_lock(fresh, list(requirements), *here.flags())
        fresh.rename(path)
    return path


def universal_lock(here: Machine, name: str) -> Path:
    """Return the lock that uv makes of a project for every platform and every Python from this machine's."""
    path = CACHE / "universal" / f"pylock.{plain(name)}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_name("pylock.new.toml")
        compile_lock(fresh, [name], "--universal", "--python-version", here.full, "--python", str(here.python))
        fresh.rename(path)
    return path


def compile_lock(path: Path, requirements: list[str], *flags: str) -> None:
    """Have uv write a lock of wheels."""
    command = ("pip", "compile", "-", "--format", "pylock.toml", "--only-binary", ":all:", "--no-header")
    uv(*command, *flags, "--output-file", str(path), text="\n".join(requirements))


def packages(path: Path) -> list[tuple[str, str, list[str]]]:
    """Return name, version and the URLs of the wheels of every package in a lock."""
    document = tomllib.loads(path.read_text())
    return [
        (package["name"], package["version"], [wheel["url"] for wheel in package["wheels"]])
        for package in document["packages"]
    ]


def installed(here: Machine, name: str, wide: Path) -> Path:
    """Return the tree that uv installs from a lock."""
    tree = folder("trees", here) / plain(name)
    if not tree.exists():
        fresh = tree.with_name("new")
        shutil.rmtree(fresh, ignore_errors=True)
        install = ("pip", "install", "--only-binary", ":all:", "--target", str(fresh))
        uv(*install, *here.flags(), "--requirements", str(wide))
        fresh.rename(tree)
    return tree


def chosen(here: Machine, path: Path) -> set[str]:
    """Return what uv would install from a lock: ``name==version``; raises ``NotLockedError`` where that is nothing."""
    install = ("pip", "install", "--dry-run", "--only-binary", ":all:", "--target", str(CACHE / "nowhere"))
    said = uv(*install, *here.flags(), "--requirements", str(path))
    return set(re.findall(r"^ \+ (\S+)", said, re.MULTILINE))


def site(here: Machine) -> Path:
    """Return a directory with what lambdapack itself needs on a machine."""
    path = folder("sites", here)
    told, wanted = path / "told", ROOT / "pyproject.toml"
    if not told.exists() or told.stat().st_mtime < wanted.stat().st_mtime:
        install = ("pip", "install", "--only-binary", ":all:", "--target", str(path), "--python", str(here.python))
        cpu = {"x86_64": "x86_64", "arm64": "aarch64"}[here.architecture]
        uv(*install, "--python-platform", f"{cpu}-manylinux_2_36", "--requirements", str(wanted))
        told.touch()
    return path


def folder(kind: str, here: Machine) -> Path:
    """Return the directory that holds what is kept of a kind for one machine and one interpreter."""
    path = CACHE / kind / f"{here.full}-{here.architecture}"
    path.mkdir(parents=True, exist_ok=True)
    return path


def plain(name: str) -> str:
    """Return a project's name as a part of a lock's file name, which holds no dot (PEP 751, "File Name")."""
    return "".join(c if c.isalnum() or c == "-" else "_" for c in name).strip("_")
