"""What a push has to do, decided from three values: no clock, no file, no request."""

from dataclasses import dataclass, field

from lambdapack.artifact import Artifact
from lambdapack.deploying.creator import CreateSettings
from lambdapack.deploying.functions import FunctionState
from lambdapack.deploying.names import check_alias_name
from lambdapack.deploying.run import DEFAULT_TIMEOUT
from lambdapack.deploying.transport import Route
from lambdapack.errors import CheckError, ConflictError, UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class PushRequest:
    """What the user asked for."""

    function: str
    """A name, an ARN or a partial ARN."""
    route: Route = field(default_factory=Route)
    publish: bool = False
    atomic: bool = False
    """Let the update itself publish; implies ``publish``."""
    alias: str | None = None
    """Points at the version afterwards; implies ``publish``, for there must be one."""
    description: str | None = None
    """Of the version that is published."""
    dry_run: bool = False
    force: bool = False
    """Upload although the function holds the same code; overrides no conflict."""
    architecture: str | None = None
    """``x86_64`` or ``arm64`` where the function is to become that; None leaves it what it is."""
    revision_id: str | None = None
    """The only revision of the function that may be changed."""
    wait: bool = True
    """Wait until the update, or the version, is in effect."""
    timeout: float = DEFAULT_TIMEOUT
    """Seconds for the whole run."""
    create: CreateSettings | None = None
    """How to create the function where it does not exist."""

    @property
    def publishes(self) -> bool:
        """Whether a version is asked for."""
        return self.publish or self.atomic or self.alias is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What has to be done to the function's code."""

    upload: bool
    architecture: str | None
    """What the update must change the architecture to; None where it stays."""


def check_request(request: PushRequest) -> None:
    """Raise ``UsageError`` where the request contradicts itself."""
    if request.alias is not None:
        check_alias_name(request.alias)
    if request.description is not None and request.atomic:
        raise UsageError(
            "an atomic publish cannot describe its version: UpdateFunctionCode has no description",
            hint="use --publish instead of --atomic, or leave --description out",
        )
    if request.description is not None and not request.publishes:
        raise UsageError("only a published version has a description", hint="add --publish, or leave --description out")


def plan_push(request: PushRequest, artifact: Artifact, function: FunctionState) -> Plan:
    """Return what has to be done to ``function``, which is settled.

    Raises ``ConflictError`` where it is not the revision that was agreed on, ``CheckError`` where it cannot
    take the package.
    """
    if request.revision_id not in (None, function.revision_id):
        raise ConflictError(
            f"{function.name} is at revision {function.revision_id}, not at {request.revision_id}",
            hint="somebody changed it since; look at it, then push with its present RevisionId",
            revision_id=function.revision_id,
        )
    if function.package_type != "Zip":
        raise CheckError(
            f"{function.name} has the package type {function.package_type} and takes no zip",
            hint="push an image with --image-uri, or create another function for the zip",
        )
    if request.architecture is None and artifact.architecture not in (None, function.architecture):
        raise CheckError(
            f"the package is for {artifact.architecture}, but {function.name} runs on {function.architecture}",
            hint=f"build it for {function.architecture},"
            f" or change the function with --architecture {artifact.architecture}",
        )
    changes_architecture = request.architecture not in (None, function.architecture)
    return Plan(
        upload=(
            request.force
            or function.code_sha256 != artifact.code_sha256
            or changes_architecture
            # After a failed update AWS may report the new code although the old one runs.
            or function.last_update_status == "Failed"
        ),
        architecture=request.architecture if changes_architecture else None,
    )
