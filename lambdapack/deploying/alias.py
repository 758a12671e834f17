"""The stories of ``alias`` and ``rollback``: where the traffic of a name goes.

::

    alias      read the alias → the versions exist and are active → create or move it, under its RevisionId
    delete     read the alias → delete it → read until it is gone
    rollback   read the alias → choose the version below → it exists and is active → move it, under its RevisionId

The RevisionId is that of the alias the decision was made from, so nobody's move in between is undone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lambdapack.deploying.aws.api import Aws
from lambdapack.deploying.aws.deadline import SYSTEM_CLOCK, Clock
from lambdapack.deploying.function.aliases import (
    Alias,
    Destination,
    point_alias,
    read_alias,
    remove_alias,
    weights_text,
)
from lambdapack.deploying.function.names import LATEST, VERSION_NUMBER, check_alias_name, check_version
from lambdapack.deploying.function.session import FunctionRequest, Session, open_session
from lambdapack.deploying.function.state import missing, wait_until_settled
from lambdapack.deploying.function.versions import read_versions
from lambdapack.errors import AwsError, CheckError, UsageError
from lambdapack.reporting import Tell, silent

_SERVING_STATES = frozenset({"Active", "ActiveNonInvocable", ""})
"""States of a version that traffic may be sent to: the second is that of functions on capacity providers (they are
invoked through those), and an empty one comes from before there were states (API reference, State)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasRequest(FunctionRequest):
    """Which alias, and where it is to point."""

    alias: str
    version: str | None = None
    """Where the alias is to point; None only shows it."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """The share of the traffic, between 0 and 1, that another version is to get."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackRequest(FunctionRequest):
    """Which alias is to go back, and how far."""

    alias: str
    to: str | None = None
    """The version to go back to; None takes the one below."""


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


def alias(request: AliasRequest, aws: Aws, *, tell: Tell = silent, clock: Clock = SYSTEM_CLOCK) -> AliasResult:
    """Let the alias send its traffic where the request says, and return it; without a version only return it.

    Raises ``UsageError`` where the request makes no sense, ``NotFoundError`` where the function, the alias or a
    version is missing, ``ConflictError`` where somebody else moves the alias.
    """
    session = open_session(request, aws, tell=tell, clock=clock)
    _check_request(request)
    current = read_alias(session, request.alias)
    if request.version is None:
        if current is None:
            raise missing(session, request.alias)
        return _result(session, current, before=current)
    for version in (request.version, *request.weights):
        check_serving(session, version)
    wanted = Destination(version=request.version, weights=request.weights)
    return _point(session, request.alias, wanted=wanted, current=current)


def delete_alias(request: AliasRequest, aws: Aws, *, tell: Tell = silent, clock: Clock = SYSTEM_CLOCK) -> AliasRemoval:
    """Delete the alias; raises ``NotFoundError`` where there is none of that name."""
    session = open_session(request, aws, tell=tell, clock=clock)
    _check_request(request)
    current = read_alias(session, request.alias)
    if current is None:
        raise missing(session, request.alias)
    remove_alias(session, request.alias)
    return AliasRemoval(function=session.name.name, alias=request.alias, previous_version=current.version)


def rollback(request: RollbackRequest, aws: Aws, *, tell: Tell = silent, clock: Clock = SYSTEM_CLOCK) -> AliasResult:
    """Point the alias at an older version, with all of its traffic, and return it.

    Raises ``NotFoundError`` where the alias or that version is missing, ``CheckError`` where there is none below,
    ``AwsError`` where that version is not active, ``ConflictError`` where somebody else moves the alias.
    """
    session = open_session(request, aws, tell=tell, clock=clock)
    check_alias_name(request.alias)
    if request.to is not None:
        check_version(request.to)
    current = read_alias(session, request.alias)
    if current is None:
        raise missing(session, request.alias)
    target = request.to
    if target is None:
        published = read_versions(session)
        target = version_before(current, published.codes, function=session.name.name)
    check_serving(session, target)
    return _point(session, request.alias, wanted=Destination(version=target), current=current)


def _check_request(request: AliasRequest) -> None:
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
    if not isinstance(share, float | int):
        raise UsageError(f"a share of type {type(share).__name__} is no number", hint="one tenth of the traffic is 0.1")
    if not 0 < share < 1:
        raise UsageError(
            f"a share of {share:g} is not between 0 and 1",
            hint="one tenth of the traffic is 0.1; all of it goes to the version that the alias points at",
        )


def version_before(current: Alias, published: Iterable[str], *, function: str) -> str:
    """Return the highest published version below the alias's own.

    Raises ``UsageError`` where it has no number, ``CheckError`` where there is none below.
    """
    if not VERSION_NUMBER.fullmatch(current.version):
        raise UsageError(
            f"the alias {current.name} of {function} points at {current.version}, which has no version before it",
            hint="name one: --to VERSION",
        )
    below = [number for number in published if int(number) < int(current.version)]
    if not below:
        raise CheckError(
            f"{function} has no version below {current.version}, where the alias {current.name} points",
            hint=f"name another one: --to VERSION; lambdapack versions {function} lists them",
        )
    return max(below, key=int)


def check_serving(session: Session, version: str) -> None:
    """Wait until the version is set up; raises ``NotFoundError`` or ``AwsError`` where no traffic may go there."""
    found = wait_until_settled(session, version=version)
    if found.failure:
        raise found.failure
    if found.state not in _SERVING_STATES:
        raise AwsError(
            f"version {version} of {session.name.name} is {found.state}, not Active: {found.state_reason}",
            hint=f"invoke {session.name.name}:{version} once, which wakes it, or choose another version",
            state=found.state,
        )


def _point(session: Session, name: str, *, wanted: Destination, current: Alias | None) -> AliasResult:
    now = point_alias(session, name, wanted=wanted, current=current)
    done = _result(session, now, before=current)
    shares = f", and shares with {weights_text(now.weights)}" if now.weights else ""
    already = "" if done.changed else " as before"
    session.tell(f"alias {name} points at version {now.version}{shares}{already}")
    return done


def _result(session: Session, now: Alias, *, before: Alias | None) -> AliasResult:
    return AliasResult(
        function=session.name.name,
        alias=now.name,
        version=now.version,
        weights=dict(now.weights),
        previous_version=before.version if before else None,
        changed=before is None or not now.same_as(before),
        description=now.description,
        revision_id=now.revision_id,
    )
