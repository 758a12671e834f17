"""The story of ``create``: a function that does not exist yet is made from an artifact."""

from dataclasses import dataclass, field

from lambdapack.artifact import Artifact, CodeSha256
from lambdapack.deploying.api import Aws, Note, Progress, silent
from lambdapack.deploying.deadline import SYSTEM_CLOCK, Clock, Deadline, pauses
from lambdapack.deploying.functions import FunctionState, find_function, function_state, settle
from lambdapack.deploying.names import FunctionName
from lambdapack.deploying.refusals import AlreadyExistsError, GarbledError, RoleNotReadyError, UnansweredError
from lambdapack.deploying.run import DEFAULT_TIMEOUT, Run, begin
from lambdapack.deploying.transport import CodeLocation, Route, TransportName
from lambdapack.errors import CheckError, LambdapackError, UsageError

ROLE_TIME = 30.0
"""Seconds that a new role may take to reach Lambda, for IAM is eventually consistent (IAM user guide, "Changes
that I make are not always immediately visible"). A role that is wrong stays wrong, so this is far from the deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSettings:
    """What CreateFunction must know beside the code."""

    role: str
    """The ARN of the execution role."""
    handler: str
    runtime: str
    architecture: str | None = None
    """``x86_64`` or ``arm64``; None takes the artifact's, and where that is unknown Lambda's own, x86_64."""
    description: str | None = None
    memory: int | None = None
    """MiB."""
    function_timeout: int | None = None
    """Seconds that one invocation may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRequest:
    """What the user asked for."""

    function: str
    """A name, an ARN or a partial ARN."""
    settings: CreateSettings
    route: Route = field(default_factory=Route)
    wait: bool = True
    """Wait until the function is active."""
    timeout: float = DEFAULT_TIMEOUT
    """Seconds for the whole run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateResult:
    """What was done: the JSON of ``create``."""

    function: str
    function_arn: str
    code_sha256: CodeSha256
    transport: TransportName
    version: str
    state: str
    revision_id: str


def create_function(
    request: CreateRequest,
    artifact: Artifact,
    aws: Aws,
    *,
    progress: Progress = silent,
    note: Note = silent,
    clock: Clock = SYSTEM_CLOCK,
) -> CreateResult:
    """Create the function with exactly the artifact's bytes.

    Raises ``ConflictError`` where it exists, ``CheckError`` where the package does not fit, ``AwsError``
    where AWS refuses or does not get ready in time.
    """
    architecture = chosen_architecture(request.settings, artifact)
    run = begin(
        request.function,
        route=request.route,
        artifact=artifact,
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
    function = create(run, request.settings, architecture=architecture)
    if request.wait:
        function = await_active(run)
    return CreateResult(
        function=function.name,
        function_arn=function.arn,
        code_sha256=artifact.code_sha256,
        transport=run.transport.name,
        version=function.version,
        state=function.state,
        revision_id=function.revision_id,
    )


def create(run: Run, settings: CreateSettings, *, architecture: str) -> FunctionState:
    """Create the function, which was not there a moment ago, and return it as it is being set up."""
    members = create_members(run.name.given, settings, run.transport.stage(), architecture=architecture)
    patience = Deadline.after(ROLE_TIME, clock=run.deadline.clock)
    pause = pauses()
    while True:
        trouble: LambdapackError
        try:
            function = function_state(run.lambda_api("CreateFunction", **members))
            if function.code_sha256 == run.artifact.code_sha256:
                return function
            trouble = GarbledError(f"Lambda answered with other code for {run.name.name}", hint="look at the function")
        except RoleNotReadyError:
            if not patience.remaining:
                raise
            run.deadline.pause(next(pause), waiting_for=f"the role {settings.role} to reach Lambda")
            continue
        except (AlreadyExistsError, UnansweredError) as error:
            trouble = error
        # Created by our own first try, whose answer was lost, by somebody else, or not at all: what is there decides.
        found = find_function(run.lambda_api, run.name.given, deadline=run.deadline)
        if found is None:
            raise trouble
        if not made_from(found, run.artifact, settings):
            raise exists(found) from trouble
        return found


def create_members(
    name: str, settings: CreateSettings, location: CodeLocation, *, architecture: str
) -> dict[str, object]:
    """Return the members of CreateFunction; what is None is left to Lambda's own defaults."""
    members: dict[str, object | None] = {
        "FunctionName": name,
        "Role": settings.role,
        "Handler": settings.handler,
        "Runtime": settings.runtime,
        "Architectures": [architecture],
        "Code": dict(location.members),
        "PackageType": "Zip",
        "Description": settings.description,
        "MemorySize": settings.memory,
        "Timeout": settings.function_timeout,
    }
    return {member: value for member, value in members.items() if value is not None}


def made_from(function: FunctionState, artifact: Artifact, settings: CreateSettings) -> bool:
    """Return whether the function is what we asked for."""
    return (
        function.code_sha256 == artifact.code_sha256
        and function.handler == settings.handler
        and function.runtime == settings.runtime
    )


def await_active(run: Run) -> FunctionState:
    """Return the function once it is set up; raises ``AwsError`` where that failed."""
    function = settle(run.lambda_api, run.name.given, deadline=run.deadline)
    if function.failure:
        raise function.failure
    return function


def chosen_architecture(settings: CreateSettings, artifact: Artifact) -> str:
    """Return the architecture of the new function; raises ``CheckError`` where the package is for another."""
    chosen = settings.architecture or artifact.architecture or "x86_64"
    if artifact.architecture not in (None, chosen):
        raise CheckError(
            f"the package is for {artifact.architecture}, but the function is to run on {chosen}",
            hint=f"build it for {chosen}, or create the function for {artifact.architecture}",
        )
    return chosen


def check_new_name(name: FunctionName) -> None:
    """Raise ``UsageError`` for the one thing that names of functions may hold except new ones."""
    # CreateFunction's pattern, as recorded, has "([a-zA-Z0-9-_]+)" where the others have "([a-zA-Z0-9-_\\.]+)".
    if "." in name.name:
        raise UsageError(f"{name.name} cannot be created: it holds a dot", hint="use letters, digits, '-' and '_'")


def exists(function: FunctionState) -> AlreadyExistsError:
    """Return the error for a name that is taken."""
    return AlreadyExistsError(
        f"the function {function.name} exists already", hint=f"update its code: lambdapack push {function.name}"
    )
