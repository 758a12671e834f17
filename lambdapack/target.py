"""What Lambda runs: the one table of runtimes and architectures, and of the machine that each of them is.

The runtimes are those of the API's own enumeration (botocore 1.44, ``Runtime``) that functions can
still be made with or updated to; a name that is not here is a slip of the pen far more often than a
runtime that is newer than this release.

A ``Target`` is described, never looked at: nothing here asks the machine that is running.
"""

from typing import TYPE_CHECKING, NamedTuple

from lambdapack.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.markers import Environment
    from packaging.tags import Tag

RUNTIMES = (
    *("python3.9", "python3.10", "python3.11", "python3.12", "python3.13", "python3.14", "python3.15"),
    *("nodejs18.x", "nodejs20.x", "nodejs22.x", "nodejs24.x", "nodejs26.x"),
    *("java8.al2", "java8.al2023", "java11", "java11.al2023", "java17", "java17.al2023", "java21", "java25"),
    *("dotnet6", "dotnet8", "dotnet10"),
    *("ruby3.2", "ruby3.3", "ruby3.4", "ruby4.0"),
    *("provided.al2", "provided.al2023"),
)

ARCHITECTURES = ("x86_64", "arm64")
"""API reference, UpdateFunctionCode, Architectures."""

DEFAULT_ARCHITECTURE = "x86_64"
"""What a function is made for where nobody says it (API reference, CreateFunction, Architectures)."""

_ELF_MACHINES = {"x86_64": 62, "arm64": 183}
"""``e_machine`` of what an architecture executes: EM_X86_64 and EM_AARCH64 (System V ABI supplements)."""

MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
"""Linux's own name for an architecture (``uname -m``), which wheel tags and markers use."""

PYTHON_PREFIX = "python3."

_AMAZON_LINUX_2023 = (3, 12)
"""The first Python on Amazon Linux 2023; those before it are on Amazon Linux 2 ("Supported runtimes")."""

_GLIBC = {"Amazon Linux 2": (2, 26), "Amazon Linux 2023": (2, 34)}
"""glibc of the operating systems (their release notes); on Linux it decides which manylinux wheels load (PEP 600)."""

_OLDEST_GLIBC = {"x86_64": 5, "arm64": 17}
"""The 2.x with which manylinux begins: manylinux1 (PEP 513); manylinux2014 for every other architecture (PEP 599)."""

_LEGACY_MANYLINUX = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
"""PEP 600, "Legacy manylinux tags"."""

_LATEST_PATCH = 99
"""The patch release that a lock's conditions are held against: later than any there is.

Lambda installs patch releases by itself ("Understanding how Lambda manages runtime version updates"),
and no table here can follow. What is asked of a patch release is a lower bound: ``uv pip compile``
writes that of the developer's own Python (``requires-python = ">=3.13.11"``), and markers bring a
backport where a series was young (``python_full_version < "3.11.3"``). Too low a number would refuse
the one and pack the other; a number that is too high does neither.
"""

_SEEN_PATCHES = {9: 24, 10: 19, 11: 14, 12: 12, 13: 9, 14: 0, 15: 0}
"""The patch release of each series that a new lock is made for, so that no backport for a younger one goes in.

CPython's releases of October 2025: aws/aws-lambda-base-images, issues 364 and 374, saw 3.13.9 and 3.14.0 in the
images three months later. The other series are taken to follow as fast; 3.15 is taken from its first release.
"""


class Target(NamedTuple):
    """A machine that Lambda runs Python on."""

    runtime: str
    """``python3.13``."""
    architecture: str
    """One of ``ARCHITECTURES``."""

    def __str__(self) -> str:
        """Return what people call it."""
        return f"{self.runtime} on {self.architecture}"

    @property
    def python(self) -> tuple[int, int]:
        """The series: ``(3, 13)``."""
        return (3, int(self.runtime.removeprefix(PYTHON_PREFIX)))

    @property
    def python_to_lock_for(self) -> str:
        """The oldest Python that a new lock must work with: ``3.13.9``."""
        major, minor = self.python
        return f"{major}.{minor}.{_SEEN_PATCHES[minor]}"

    @property
    def glibc(self) -> tuple[int, int]:
        """The version of the C library: ``(2, 34)``."""
        return _GLIBC["Amazon Linux 2023" if self.python >= _AMAZON_LINUX_2023 else "Amazon Linux 2"]

    @property
    def machine(self) -> str:
        """Linux's own name for the architecture."""
        return MACHINES[self.architecture]

    @property
    def elf_machine(self) -> int:
        """``e_machine`` of what can be loaded."""
        return _ELF_MACHINES[self.architecture]

    @property
    def words(self) -> str:
        """What a wheel must be for, in messages: ``python3.13 on arm64 (manylinux_2_34 or older)``."""
        return f"{self} (manylinux_{self.glibc[0]}_{self.glibc[1]} or older)"

    def platforms(self) -> "Iterator[str]":
        """Yield the platform tags of wheels that load there, the best first (PEP 600; ``packaging`` has this order)."""
        major, newest = self.glibc
        for minor in range(newest, _OLDEST_GLIBC[self.architecture] - 1, -1):
            yield f"manylinux_{major}_{minor}_{self.machine}"
            if minor in _LEGACY_MANYLINUX:
                yield f"{_LEGACY_MANYLINUX[minor]}_{self.machine}"
        # Built somewhere, promising nothing: what its owner locked, Lambda may still load.
        yield f"linux_{self.machine}"

    def tags(self) -> "tuple[Tag, ...]":
        """Return the tags of wheels that work there, the best first ("Platform compatibility tags")."""
        from packaging import tags  # noqa: PLC0415 - 18 ms, and only a lock that is read anew needs it

        platforms = list(self.platforms())
        interpreter = f"cp{self.python[0]}{self.python[1]}"
        return (
            *tags.cpython_tags(self.python, abis=[interpreter], platforms=platforms),
            *tags.compatible_tags(self.python, interpreter, platforms),
        )

    def environment(self) -> "Environment":
        """Return the values of markers there ("Dependency specifiers", Environment Markers); kernels are unknown."""
        series = f"{self.python[0]}.{self.python[1]}"
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{series}.{_LATEST_PATCH}",
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": f"{series}.{_LATEST_PATCH}",
            "python_version": series,
            "sys_platform": "linux",
        }


def python_target(*, runtime: str | None, architecture: str | None) -> Target:
    """Return the target of wheels; without an architecture it is Lambda's own default, which the package then states.

    Raises ``UsageError`` where the runtime is unknown or no Python.
    """
    architecture = architecture or DEFAULT_ARCHITECTURE
    if runtime is None:
        raise UsageError(
            "a lock needs a runtime: it decides which wheels fit",
            hint="add --runtime python3.13 --architecture arm64, or runtime and architecture to the configuration",
        )
    if runtime not in RUNTIMES or not runtime.startswith(PYTHON_PREFIX):
        pythons = [name for name in RUNTIMES if name.startswith(PYTHON_PREFIX)]
        raise UsageError(
            f"wheels are for Python, and {runtime} is none that we know", hint=f"choose one of {', '.join(pythons)}"
        )
    if architecture not in ARCHITECTURES:
        raise UsageError(f"there is no architecture {architecture}", hint=f"choose one of {', '.join(ARCHITECTURES)}")
    return Target(runtime=runtime, architecture=architecture)
