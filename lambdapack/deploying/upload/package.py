"""What can be pushed: a zip, or a container image by its URI; and how we know that a function holds it.

No URI is resolved here. A URI with a digest names its code; one with a tag names whatever the registry has under it
when Lambda looks, so only Lambda's answer says what was pushed, and that is what a version is then pinned to.
"""

import re
from dataclasses import dataclass
from typing import TypeAlias

from lambdapack.artifact import Artifact
from lambdapack.deploying.function.state import FunctionState
from lambdapack.errors import UsageError
from lambdapack.target import ARCHITECTURES

# Lambda's CodeSha256 of an image (facts: "Image functions: 64 hex digits of the image digest").
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image in a registry."""

    uri: str
    """``ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY``, then ``@sha256:DIGEST`` or ``:TAG``."""
    architecture: str | None = None
    """What the image was built for, where that is known."""

    @property
    def code_sha256(self) -> str | None:
        """The digest, which will be the function's CodeSha256; None where a tag stands for it."""
        digest = self.uri.partition("@sha256:")[2]
        return digest if _DIGEST.fullmatch(digest) else None

    def by_digest(self, digest: str) -> str:
        """Return the URI that will always name this image."""
        name = self.uri.partition("@")[0]
        repository, _, tag = name.rpartition(":")
        # A colon may also stand before the registry's port.
        return f"{name if '/' in tag or not repository else repository}@sha256:{digest}"


Package: TypeAlias = Artifact | Image
"""What can be pushed."""


def check_package(package: object, *, kinds: tuple[type, ...] = (Artifact, Image)) -> None:
    """Raise ``UsageError`` for what is no package of these kinds, such as the path of one."""
    if not isinstance(package, kinds):
        raise UsageError(
            f"{type(package).__name__} is not {' or '.join(kind.__name__ for kind in kinds)}",
            hint="open_artifact(path) opens the package at a path",
        )


def check_architecture(architecture: str | None) -> None:
    """Raise ``UsageError`` where Lambda has no architecture of that name; None stands for any."""
    if architecture is not None and architecture not in ARCHITECTURES:
        raise UsageError(f"there is no architecture {architecture!r}", hint=f"choose of {', '.join(ARCHITECTURES)}")


def package_type(package: Package) -> str:
    """Return Lambda's word for the kind of function that takes the package."""
    return "Image" if isinstance(package, Image) else "Zip"


def label(package: Package) -> str:
    """Return what people call the package."""
    return package.uri if isinstance(package, Image) else str(package.path)


def is_about_package(answered: FunctionState, package: Package) -> bool:
    """Return whether Lambda's answer to a write has the package's CodeSha256, or any digest for an image by its tag."""
    if package.code_sha256 is None:
        return _DIGEST.fullmatch(answered.code_sha256) is not None
    return answered.code_sha256 == package.code_sha256


def code_held(function: FunctionState, package: Package, *, before: str | None) -> str | None:
    """Return the package's CodeSha256 after a write whose answer was lost; None where it cannot be known.

    ``before`` is the CodeSha256 that the function had until then: where a tag's URI now leads to another one, that
    is the package's.
    """
    if not isinstance(package, Image) or package.code_sha256 is not None:
        return package.code_sha256
    moved = function.image_uri == package.uri and function.code_sha256 != before
    return function.code_sha256 if moved else None
