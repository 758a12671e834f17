"""The story of ``create``: a function that does not exist yet is made from a package."""

from dataclasses import dataclass, field

from lambdapack.deploying.aws.api import Aws
from lambdapack.deploying.aws.deadline import DEFAULT_TIMEOUT, SYSTEM_CLOCK, Clock, Deadline
from lambdapack.deploying.function.names import LATEST
from lambdapack.deploying.function.state import find_function
from lambdapack.deploying.function.versions import confirmed
from lambdapack.deploying.upload.creation import (
    CreateSettings,
    await_active,
    check_new_name,
    check_settings,
    chosen_architecture,
    create_new,
    exists,
    published_with,
)
from lambdapack.deploying.upload.package import Package
from lambdapack.deploying.upload.transport import Route, TransportName
from lambdapack.deploying.upload.upload import begin
from lambdapack.reporting import Progress, Tell, silent

__all__ = ["CreateRequest", "CreateResult", "CreateSettings", "create"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRequest:
    """What the user asked for."""

    function: str
    """A name, an ARN or a partial ARN."""
    settings: CreateSettings
    route: Route = field(default_factory=Route)
    publish: bool = False
    """Let the creation publish version 1."""
    wait: bool = True
    """Wait until the function, or its version, is active."""
    timeout: float | Deadline = DEFAULT_TIMEOUT
    """Seconds for the whole run, or the deadline of one that has begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateResult:
    """What was done: the JSON of ``create``."""

    function: str
    function_arn: str
    code_sha256: str
    transport: TransportName
    version: str
    state: str
    revision_id: str


def create(
    request: CreateRequest,
    package: Package,
    aws: Aws,
    *,
    progress: Progress = silent,
    note: Tell = silent,
    clock: Clock = SYSTEM_CLOCK,
) -> CreateResult:
    """Create the function with exactly the package's bytes.

    Raises ``ConflictError`` where it exists, ``CheckError`` where the package does not fit, ``AwsError``
    where AWS refuses or does not get ready in time.
    """
    architecture = chosen_architecture(request.settings, package)
    check_settings(request.settings, package)
    run = begin(
        request.function,
        route=request.route,
        package=package,
        members=request.settings.members,
        aws=aws,
        timeout=request.timeout,
        progress=progress,
        note=note,
        clock=clock,
    )
    check_new_name(run.name)
    existing = find_function(run.lambda_api, run.name.given, deadline=run.deadline)
    if existing:
        raise exists(existing)
    function = create_new(run, request.settings, architecture=architecture, publish=request.publish)
    version = published_with(run, function) if request.publish else LATEST
    if version != LATEST:
        function = confirmed(run.lambda_api, run.name.given, version, wait=request.wait, deadline=run.deadline)
    elif request.wait:
        function = await_active(run)
    return CreateResult(
        function=function.name,
        function_arn=function.arn,
        code_sha256=function.code_sha256,
        transport=run.transport.name,
        version=version,
        state=function.state,
        revision_id=function.revision_id,
    )
