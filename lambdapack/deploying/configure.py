"""The story of ``configure``: a function comes to be configured as is wanted, and nobody's change is lost.

::

    check what needs no request → read the configuration, settle what is in progress → difference → show it
    → (nothing, or a dry run: stop) → update what differs, under the RevisionId that was read → wait → compare

What became of a lost answer, a 409 or a 412 is found out by reading, as in ``upload.update``::

    nothing is left of the difference     done, and it was the answer that got lost
    all of it is left                     nothing happened yet: send it again, or report why not
    something else                        another client configured the function: conflict
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lambdapack.deploying.aws.api import Aws
from lambdapack.deploying.aws.deadline import ROLE_TIME, SYSTEM_CLOCK, Clock, Deadline
from lambdapack.deploying.aws.parameters import sort_parameters
from lambdapack.deploying.aws.refusals import (
    CHECK_ENDPOINT,
    BusyError,
    GarbledError,
    RoleNotReadyError,
    StaleError,
    UnansweredError,
)
from lambdapack.deploying.function.configuration import (
    Configuration,
    ParameterChange,
    Wanted,
    changed_parameters,
    configuration_in,
    difference,
    tell_environment,
    wait_for_configuration,
)
from lambdapack.deploying.function.session import FunctionRequest, Session, open_session
from lambdapack.deploying.function.state import check_revision
from lambdapack.environment import Environment, check_environment
from lambdapack.errors import AwsError, ConflictError, LambdapackError
from lambdapack.reporting import Tell, silent

_FIELDS = {
    "Role": "role",
    "Handler": "handler",
    "Runtime": "runtime",
    "Description": "description",
    "MemorySize": "memory",
    "Timeout": "function_timeout",
}
"""Parameters that have fields of their own."""

_OF_ZIPS = ("Handler", "Runtime")
"""Parameters that a function of an image does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigureRequest(FunctionRequest):
    """What the function is to be configured as; what is not mentioned stays."""

    role: str | None = None
    """The ARN of the execution role; here and below, None leaves what is there."""
    handler: str | None = None
    """Left alone where the function is an image, which has its own; so is the runtime."""
    runtime: str | None = None
    description: str | None = None
    memory: int | None = None
    """MiB."""
    function_timeout: int | None = None
    """Seconds that one invocation may take."""
    parameters: Mapping[str, object] = field(default_factory=dict, repr=False)
    """Every other parameter, under AWS's own name; those that a configuration does not have are left alone."""
    environment: Environment = field(default_factory=lambda: Environment({}))
    """Variables to set; the others stay."""
    unset: tuple[str, ...] = ()
    """Variables to remove."""
    revision_id: str | None = None
    """The only revision of the function that may be changed."""
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigureResult:
    """What was done, or in a dry run would be: the JSON of ``configure``."""

    function: str
    function_arn: str
    changes: tuple[ParameterChange, ...]
    updated: bool
    """Whether this run changed the function, or in a dry run would."""
    dry_run: bool
    revision_id: str


def configure(
    request: ConfigureRequest,
    aws: Aws,
    *,
    show: Callable[[tuple[ParameterChange, ...]], object] = silent,
    tell: Tell = silent,
    clock: Clock = SYSTEM_CLOCK,
) -> ConfigureResult:
    """Let the function be configured as is wanted, after showing what differs.

    Raises ``UsageError`` and ``CheckError`` before anything is sent that changes something, ``ConflictError`` where
    somebody else configures the function, ``AwsError`` where AWS refuses, fails or is too slow.
    """
    session = open_session(request, aws, tell=tell, clock=clock)
    check_environment(request.environment)
    parameters = sort_parameters(request.parameters, aws).configuration
    elsewhere = sorted(request.parameters.keys() - parameters.keys())
    if elsewhere:
        tell(f"left alone, for they are no part of a configuration: {', '.join(elsewhere)}")
    found = wait_for_configuration(session)
    check_revision(found.state, request.revision_id, then="configure it")
    wanted = Wanted(
        parameters={**_own_parameters(session, request, found), **parameters},
        environment=request.environment,
        unset=request.unset,
    )
    changes = difference(found, wanted)
    show(changes)
    if changes and not request.dry_run:
        found = _update(session, request, wanted, found, changes)
    elif found.state.failure:
        raise found.state.failure
    tell_environment(session, found)
    return ConfigureResult(
        function=found.state.name,
        function_arn=found.state.arn,
        changes=changes,
        updated=bool(changes),
        dry_run=request.dry_run,
        revision_id=found.state.revision_id,
    )


def _update(
    session: Session,
    request: ConfigureRequest,
    wanted: Wanted,
    found: Configuration,
    changes: Sequence[ParameterChange],
) -> Configuration:
    """Bring about ``changes``, which were computed from ``found``, and return the configuration then."""
    patience = Deadline.after(ROLE_TIME, clock=session.deadline.clock)
    pause = session.deadline.pauses()
    while True:
        trouble: LambdapackError | None = None
        expected: tuple[ParameterChange, ...] = ()
        try:
            expected = difference(_send(session, found, changed_parameters(found, wanted, changes)), wanted)
        except RoleNotReadyError as error:
            if not patience.remaining:
                raise
            trouble = error
        except (BusyError, StaleError, UnansweredError) as error:
            trouble = error
        now = wait_for_configuration(session)
        left = difference(now, wanted)
        names = [change.parameter for change in left]
        if now.state.failure and (trouble is None or left != changes):
            raise now.state.failure
        if left == expected:
            if left:
                # AWS took it, and answered at once with what it made of it: not somebody else's doing.
                raise AwsError(
                    f"AWS keeps other values for {now.state.name} than it was sent: {', '.join(names)}",
                    hint="look at them with --dry-run; if AWS writes such a value otherwise, write it as AWS does,"
                    " else run the command again",
                    members=names,
                )
            return now
        if left != changes or trouble is None:
            raise ConflictError(
                f"another client configured {now.state.name} meanwhile; still different: {', '.join(names)}",
                hint="look at it with --dry-run, then configure it again",
            ) from trouble
        if isinstance(trouble, UnansweredError):
            raise trouble
        check_revision(now.state, request.revision_id, then="configure it")
        found = now
        pause(f"{found.state.name} to accept an update")


def _send(session: Session, found: Configuration, parameters: Mapping[str, object]) -> Configuration:
    """Send the update, and return what it answered; raises ``GarbledError`` where that is no configuration."""
    answer = session.lambda_api(
        "UpdateFunctionConfiguration", FunctionName=session.function, RevisionId=found.state.revision_id, **parameters
    )
    answered = configuration_in({"Configuration": answer}, asked=session.function)
    if answered.state.arn != found.state.arn:
        raise GarbledError(f"AWS answered about {answered.state.arn}", hint=CHECK_ENDPOINT)
    return answered


def _own_parameters(session: Session, request: ConfigureRequest, found: Configuration) -> dict[str, object]:
    """Return the parameters of ``_FIELDS`` that are given, and tell which of them the function does not have."""
    given = {parameter: getattr(request, name) for parameter, name in _FIELDS.items()}
    parameters = {parameter: value for parameter, value in given.items() if value is not None}
    if found.state.package_type == "Image":
        left_out = [parameter for parameter in _OF_ZIPS if parameters.pop(parameter, None) is not None]
        if left_out:
            session.tell(f"{found.state.name} is an image, which has its own {' and '.join(left_out)}: left alone")
    return parameters
