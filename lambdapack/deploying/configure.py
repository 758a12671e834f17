"""The story of ``configure``: a function comes to be configured as is wanted, and nobody's change is lost.

::

    check what needs no request → read the configuration, settle what is in progress → difference → show it
    → (nothing, or a dry run: stop) → update what differs, under the RevisionId that was read → wait → compare

What became of a lost answer, a 409 or a 412 is found out by reading, as in ``upload.update``::

    nothing is left of the difference     done, and it was the answer that got lost
    all of it is left                     nothing happened yet: send it again, or report why not
    something else                        another client configured the function: conflict
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from lambdapack.deploying.aws.api import Aws
from lambdapack.deploying.aws.deadline import DEFAULT_TIMEOUT, ROLE_TIME, SYSTEM_CLOCK, Clock, Deadline
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
    Change,
    Configuration,
    Wanted,
    changed_parameters,
    configuration_in,
    difference,
    tell_environment,
    wait_for_configuration,
)
from lambdapack.deploying.function.session import Session, open_session
from lambdapack.environment import Environment, check_environment
from lambdapack.errors import AwsError, ConflictError, LambdapackError
from lambdapack.reporting import Tell, silent

Show: TypeAlias = Callable[[tuple[Change, ...]], object]
"""Told the difference, before anything is changed."""

OF_ZIPS = ("Handler", "Runtime")
"""Parameters that a function of an image does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigureRequest:
    """What the user asked for."""

    function: str
    """A name, an ARN or a partial ARN."""
    settings: Mapping[str, object] = field(default_factory=dict, repr=False)
    """Parameters that have options and keys of their own, such as MemorySize, under AWS's names."""
    parameters: Mapping[str, object] = field(default_factory=dict, repr=False)
    """Every other member, under AWS's names; those that a configuration does not have are left to others."""
    environment: Environment = field(default_factory=lambda: Environment({}))
    """Variables to set; the others stay."""
    unset: tuple[str, ...] = ()
    """Variables to remove."""
    revision_id: str | None = None
    """The only revision of the function that may be changed."""
    dry_run: bool = False
    timeout: float = DEFAULT_TIMEOUT
    """Seconds for the whole run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigureResult:
    """What was done, or in a dry run would be: the JSON of ``configure``."""

    function: str
    function_arn: str
    changes: tuple[Change, ...]
    updated: bool
    """Whether this run changed the function, or in a dry run would."""
    dry_run: bool
    revision_id: str


def configure(
    request: ConfigureRequest,
    aws: Aws,
    *,
    show: Show = silent,
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
    _check_revision(request, found)
    wanted = Wanted(
        parameters={**_keep_applicable(session, request.settings, found), **parameters},
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
    session: Session, request: ConfigureRequest, wanted: Wanted, found: Configuration, changes: tuple[Change, ...]
) -> Configuration:
    """Bring about ``changes``, which were computed from ``found``, and return the configuration then.

    Raises ``ConflictError`` where the function becomes something else, ``AwsError`` where the update fails.
    """
    patience = Deadline.after(ROLE_TIME, clock=session.deadline.clock)
    pause = session.pauses()
    while True:
        trouble: LambdapackError | None = None
        expected: tuple[Change, ...] = ()
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
        if now.state.failure and (trouble is None or left != changes):
            raise now.state.failure
        if left == expected:
            if left:
                # AWS took it, and answered at once with what it made of it: not somebody else's doing.
                raise _kept_otherwise(now, left)
            return now
        if left != changes or trouble is None:
            raise _configured_by_others(now, left) from trouble
        if isinstance(trouble, UnansweredError):
            raise trouble
        _check_revision(request, now)
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


def _keep_applicable(session: Session, settings: Mapping[str, object], found: Configuration) -> dict[str, object]:
    """Return the settings that a function of this kind has, and tell which it does not have."""
    parameters = dict(settings)
    if found.state.package_type == "Image":
        left_out = [name for name in OF_ZIPS if parameters.pop(name, None) is not None]
        if left_out:
            session.tell(f"{found.state.name} is an image, which has its own {' and '.join(left_out)}: left alone")
    return parameters


def _check_revision(request: ConfigureRequest, found: Configuration) -> None:
    """Raise ``ConflictError`` where the function is not the revision that was agreed on."""
    if request.revision_id not in (None, found.state.revision_id):
        raise ConflictError(
            f"{found.state.name} is at revision {found.state.revision_id}, not at {request.revision_id}",
            hint="somebody changed it since; look at it, then configure it with its present RevisionId",
            revision_id=found.state.revision_id,
        )


def _kept_otherwise(found: Configuration, left: tuple[Change, ...]) -> AwsError:
    """Return the error for an update that AWS took, and of which it kept something else."""
    names = [change.parameter for change in left]
    return AwsError(
        f"AWS keeps other values for {found.state.name} than it was sent: {', '.join(names)}",
        hint="look at them with --dry-run; if AWS writes such a value otherwise, write it as AWS does,"
        " else run the command again",
        members=names,
    )


def _configured_by_others(found: Configuration, left: tuple[Change, ...]) -> ConflictError:
    """Return the error for a configuration that is neither what it was nor what it was to become."""
    return ConflictError(
        f"another client configured {found.state.name} meanwhile;"
        f" still different: {', '.join(change.parameter for change in left)}",
        hint="look at it with --dry-run, then configure it again",
    )
