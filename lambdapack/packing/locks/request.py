"""What is wanted of a lock, and how it is said that the lock does not give it."""

from typing import NamedTuple

from lambdapack.errors import LockError
from lambdapack.target import Target

TYPE_CHECKING = False  # packaging is what a build from a known lock must not wait for
if TYPE_CHECKING:
    from packaging.pylock import Package

LENGTH_SHOWN = 300
"""Characters of what another program says."""


class Request(NamedTuple):
    """What is wanted of a lock."""

    lock: str
    """The lock's path in the user's words."""
    target: Target
    groups: tuple[str, ...] | None
    """None for the lock's default groups."""
    extras: tuple[str, ...]

    @property
    def anew(self) -> str:
        """The command that makes a lock for this target."""
        return f"lambdapack lock --runtime {self.target.runtime} --architecture {self.target.architecture}"

    @property
    def way_out(self) -> str:
        """What helps where the lock is not for this target, or is spoilt."""
        return f"make a lock for {self.target}: {self.anew}"

    def refusal(self, message: str, *, hint: str, package: "Package | None" = None) -> LockError:
        """Return the error about this lock, or about a package in it."""
        if package is None:
            return LockError(f"{self.lock}: {message}", hint=hint, path=self.lock)
        return LockError(
            f"{self.lock}: {title(package)} {message}", hint=hint, path=self.lock, package=str(package.name)
        )


def title(package: "Package") -> str:
    """Return a package's name and version, where it has one."""
    return f"{package.name} {package.version}" if package.version else str(package.name)


def one_line(text: str) -> str:
    """Return ``text`` without line breaks and of bearable length."""
    return " ".join(text.split())[:LENGTH_SHOWN]
