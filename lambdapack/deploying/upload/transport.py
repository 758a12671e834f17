"""How a package gets to Lambda: inside the request, as an object on S3, or as an image; the request names the last two.

The choice is pure, and made before the first request. Only S3 then has something to do (``staging``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias, get_args

from lambdapack.artifact import Artifact
from lambdapack.choices import TransportChoice, check_choice
from lambdapack.errors import CheckError, UsageError
from lambdapack.reporting import Progress

TransportName: TypeAlias = Literal["inline", "s3", "image"]

INLINE_LIMIT = 52_428_800
"""Bytes of a zip inside a request, exclusive: "Zipped size must be smaller than 52428800 bytes" (recorded)."""

DEFAULT_PREFIX = "lambdapack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The way to Lambda that the user asked for."""

    transport: TransportChoice = "auto"
    """``auto`` is inline wherever that fits."""
    s3_bucket: str | None = None
    s3_prefix: str = DEFAULT_PREFIX


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLocation:
    """Where Lambda finds the code: the parameters of UpdateFunctionCode, or of CreateFunction's ``Code``."""

    transport: TransportName
    parameters: Mapping[str, object] = field(repr=False)


class Transport(Protocol):
    """A way to bring an artifact to where Lambda finds it."""

    @property
    def name(self) -> TransportName:
        """What the result calls this way."""

    def find(self) -> CodeLocation | None:
        """Return where Lambda finds the artifact now, without sending anything; None where it cannot yet."""

    def stage(self) -> CodeLocation:
        """Bring the artifact there, and return where it is."""


def choose_transport(route: Route, artifact: Artifact) -> TransportName:
    """Return the way that the artifact takes.

    Raises ``CheckError`` where it is too large for the way that is left, ``UsageError`` where there is no such way, or
    no bucket for S3.
    """
    check_choice("transport", route.transport, get_args(TransportChoice))
    fits = artifact.size < INLINE_LIMIT
    if route.transport == "s3" or (route.transport == "auto" and not fits and route.s3_bucket):
        if not route.s3_bucket:
            raise UsageError("the transport s3 needs a bucket", hint="add --s3-bucket BUCKET")
        return "s3"
    if not fits:
        raise CheckError(
            f"{artifact.path} has {artifact.size:,} bytes; a request takes a zip of fewer than {INLINE_LIMIT:,}",
            hint="send it through S3: --s3-bucket BUCKET"
            + ("" if route.transport == "auto" else " without --transport inline"),
            size=artifact.size,
        )
    return "inline"


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineTransport:
    """The package travels inside the request, as base64."""

    artifact: Artifact
    progress: Progress
    name: TransportName = "inline"

    def find(self) -> CodeLocation:
        """Return the package's bytes, proven to be those that were hashed; raises ``LocalError`` otherwise."""
        return CodeLocation(transport="inline", parameters={"ZipFile": self.artifact.read()})

    def stage(self) -> CodeLocation:
        """Return the package's bytes: the request itself brings them."""
        location = self.find()
        self.progress(self.artifact.size)
        return location


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedTransport:
    """The package is where something else brought it: an image in its registry, a signed zip on S3."""

    location: CodeLocation

    @property
    def name(self) -> TransportName:
        """What the result calls this way."""
        return self.location.transport

    def find(self) -> CodeLocation:
        """Return where it lies."""
        return self.location

    def stage(self) -> CodeLocation:
        """Return where it lies: there is nothing to bring."""
        return self.location


def check_reference(location: CodeLocation, parameters: Mapping[str, object]) -> None:
    """Raise ``CheckError`` where Lambda is to keep no copy, but the object could change under it."""
    if parameters.get("S3ObjectStorageMode") == "REFERENCE" and "S3ObjectVersion" not in location.parameters:
        raise CheckError(
            f"S3ObjectStorageMode REFERENCE needs an object with a version; the package travels by {location.transport}"
            + (" to a bucket without versions" if location.transport == "s3" else ""),
            hint="enable versioning on the bucket and add --transport s3, or choose --s3-object-storage-mode COPY",
        )
