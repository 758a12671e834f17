"""The stories of ``alias`` and ``rollback``: where the traffic of a name goes.

::

    alias      read the alias → the versions exist and are active → create or move it, under its RevisionId
    rollback   read the alias → choose the version below → it exists and is active → move it, under its RevisionId

The RevisionId is that of the alias the decision was made from, so nobody's move in between is undone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lambdapack.deploying.aws.api import Aws
from lambdapack.deploying.aws.deadline import DEFAULT_TIMEOUT, SYSTEM_CLOCK, Clock
from lambdapack.deploying.function.aliases import (
    Alias,
    Destination,
    point_alias,
    read_alias,
    remove_alias,
    weights_text,
)
from lambdapack.deploying.function.names import LATEST, VERSION_NUMBER, check_alias_name, check_version, function_name
from lambdapack.deploying.function.session import Session, await_settled, missing, open_session
from lambdapack.deploying.function.versions import read_versions
from lambdapack.errors import AwsError, CheckError, UsageError
from lambdapack.reporting import Tell, silent

SERVING_STATES = frozenset({"Active", "ActiveNonInvocable", ""})
"""States of a version that traffic may be sent to: the second is that of functions on capacity providers (they are
invoked through those), and an empty one comes from before there were states (API reference, State)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasRequest:
    """What the user asked for."""

    function: str
    """A name, an ARN or a partial ARN."""
    alias: str
    version: str | None = None
    """Where the alias is to point; None only shows it."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """The share of the traffic, between 0 and 1, that another version is to get."""
    timeout: float = DEFAULT_TIMEOUT
    """Seconds for the whole run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackRequest:
    """What the user asked for."""

    function: str
    """A name, an ARN or a partial ARN."""
    alias: str
    to: str | None = None
    """The version to go back to; None takes the one below."""
    timeout: float = DEFAULT_TIMEOUT
    """Seconds for the whole run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasResult:
    """The alias as it is now: the JSON of ``alias`` and of ``rollback``."""

    function: str
    alias: str
    version: str
    weights: Mapping[str, float]
    previous_version: str | None
    """Where it pointed before this run; None where it was made."""
    changed: bool
    description: str
    revision_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasRemoval:
    """What was done: the JSON of ``alias --delete``."""

    function: str
    alias: str
    previous_version: str
    deleted: bool = True


def set_alias(request: AliasRequest, aws: Aws, *, note: Tell = silent, clock: Clock = SYSTEM_CLOCK) -> AliasResult:
    """Let the alias send its traffic where the request says, and return it; without a version only return it.

    Raises ``UsageError`` where the request makes no sense, ``NotFoundError`` where the function, the alias or a
    version is missing, ``ConflictError`` where somebody else moves the alias.
    """
    check_request(request)
    session = begin(request.function, aws, timeout=request.timeout, note=note, clock=clock)
    current = read_alias(session.lambda_api, session.function, request.alias, deadline=session.deadline)
    if request.version is None:
        if current is None:
            raise missing(session, request.alias)
        return result(session, current, before=current)
    for version in (request.version, *request.weights):
        check_serving(session, version)
    wanted = Destination(version=request.version, weights=request.weights)
    return pointed(session, request.alias, wanted=wanted, current=current)


def delete_alias(request: AliasRequest, aws: Aws, *, note: Tell = silent, clock: Clock = SYSTEM_CLOCK) -> AliasRemoval:
    """Delete the alias; raises ``NotFoundError`` where there is none of that name."""
    check_request(request)
    session = begin(request.function, aws, timeout=request.timeout, note=note, clock=clock)
    current = read_alias(session.lambda_api, session.function, request.alias, deadline=session.deadline)
    if current is None:
        raise missing(session, request.alias)
    remove_alias(session.lambda_api, session.function, alias=request.alias, deadline=session.deadline)
    return AliasRemoval(function=session.name.name, alias=request.alias, previous_version=current.version)


def rollback(request: RollbackRequest, aws: Aws, *, note: Tell = silent, clock: Clock = SYSTEM_CLOCK) -> AliasResult:
    """Let the alias point at an older version alone, and return it.

    Raises ``NotFoundError`` where the alias or that version is missing, ``CheckError`` where there is none below,
    ``AwsError`` where that version is not active, ``ConflictError`` where somebody else moves the alias.
    """
    check_alias_name(request.alias)
    if request.to is not None:
        check_version(request.to)
    session = begin(request.function, aws, timeout=request.timeout, note=note, clock=clock)
    current = read_alias(session.lambda_api, session.function, request.alias, deadline=session.deadline)
    if current is None:
        raise missing(session, request.alias)
    target = request.to
    if target is None:
        published = read_versions(session.lambda_api, session.function, deadline=session.deadline)
        target = version_before(current, published.codes, function=session.name.name)
    check_serving(session, target)
    return pointed(session, request.alias, wanted=Destination(version=target), current=current)


def check_request(request: AliasRequest) -> None:
    """Raise ``UsageError`` where the request contradicts itself, or AWS would not take it."""
    check_alias_name(request.alias)
    for version in (request.version or LATEST, *request.weights):
        check_version(version)
    if not request.weights:
        return
    if request.version is None:
        raise UsageError(
            "weights are shared with a version, and none is given", hint="name the alias's version before --weight"
        )
    if len(request.weights) > 1:
        raise UsageError("an alias sends traffic to one additional version at most", hint="give --weight once")
    ((additional, share),) = request.weights.items()
    if LATEST in (request.version, additional):
        raise UsageError(
            f"{LATEST} takes no part in weights: an alias shares its traffic between published versions",
            hint="publish it first: lambdapack publish FUNCTION",
        )
    if additional == request.version:
        raise UsageError(
            f"version {additional} has the rest of the traffic already", hint="give --weight another version"
        )
    if not 0 < share < 1:
        raise UsageError(
            f"a share of {share:g} is not between 0 and 1",
            hint="one tenth of the traffic is 0.1; all of it goes to the version that the alias points at",
        )


def version_before(alias: Alias, published: Iterable[str], *, function: str) -> str:
    """Return the highest published version below the alias's own.

    Raises ``UsageError`` where it has no number, ``CheckError`` where there is none below.
    """
    if not VERSION_NUMBER.fullmatch(alias.version):
        raise UsageError(
            f"the alias {alias.name} of {function} points at {alias.version}, which has no version before it",
            hint="name one: --to VERSION",
        )
    below = [number for number in published if int(number) < int(alias.version)]
    if not below:
        raise CheckError(
            f"{function} has no version below {alias.version}, where the alias {alias.name} points",
            hint=f"name another one: --to VERSION; lambdapack versions {function} lists them",
        )
    return max(below, key=int)


def check_serving(session: Session, version: str) -> None:
    """Wait until the version is set up; raises ``NotFoundError`` or ``AwsError`` where no traffic may go there."""
    found = await_settled(session, version=version)
    if found.failure:
        raise found.failure
    if found.state not in SERVING_STATES:
        raise AwsError(
            f"version {version} of {session.name.name} is {found.state}, not Active: {found.state_reason}",
            hint=f"invoke {session.name.name}:{version} once, which wakes it, or choose another version",
            state=found.state,
        )


def pointed(session: Session, name: str, *, wanted: Destination, current: Alias | None) -> AliasResult:
    """Move or create the alias, say what was done, and return it."""
    alias = point_alias(
        session.lambda_api,
        session.function,
        alias=name,
        wanted=wanted,
        current=current,
        deadline=session.deadline,
        note=session.note,
    )
    done = result(session, alias, before=current)
    shares = f", and shares with {weights_text(alias.weights)}" if alias.weights else ""
    already = "" if done.changed else " as before"
    session.note(f"alias {name} points at version {alias.version}{shares}{already}")
    return done


def result(session: Session, alias: Alias, *, before: Alias | None) -> AliasResult:
    """Return the alias as the commands show it."""
    return AliasResult(
        function=session.name.name,
        alias=alias.name,
        version=alias.version,
        weights=dict(alias.weights),
        previous_version=before.version if before else None,
        changed=before is None or not alias.destination.same_as(before.destination),
        description=alias.description,
        revision_id=alias.revision_id,
    )


def begin(function: str, aws: Aws, *, timeout: float, note: Tell, clock: Clock) -> Session:
    """Return the run about an unqualified function."""
    return open_session(function_name(function, region=aws.region), aws, timeout=timeout, note=note, clock=clock)
