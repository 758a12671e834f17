"""Aliases: reading them, and pointing one at a version, or at two with their shares.

An alias is moved under its own RevisionId, so nobody else's move is undone unseen.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from lambdapack.deploying.aws.api import Answer
from lambdapack.deploying.aws.reading import read_list, read_patiently
from lambdapack.deploying.aws.refusals import (
    CHECK_ENDPOINT,
    AlreadyExistsError,
    BusyError,
    GarbledError,
    StaleError,
    UnansweredError,
)
from lambdapack.deploying.function.names import bare_name, is_about, is_version
from lambdapack.deploying.function.session import Session
from lambdapack.errors import AwsError, ConflictError, LambdapackError, NotFoundError

_MOVE_ATTEMPTS = 3
"""How often a move is sent that met a change of the alias's description or another write."""

_SHARE_TOLERANCE = 1e-6
"""How far an answered share may be from the one that was sent: both are decimal fractions in binary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where the traffic goes, or is to go."""

    version: str
    weights: Mapping[str, float] = field(default_factory=dict)
    """The share of the traffic, between 0 and 1, that goes to another version than ``version``."""

    def same_as(self, other: "Destination | None") -> bool:
        """Return whether the traffic goes to the same versions, in the same shares."""
        if other is None or self.version != other.version or self.weights.keys() != other.weights.keys():
            return False
        pairs = ((share, other.weights[version]) for version, share in self.weights.items())
        return all(math.isclose(*pair, abs_tol=_SHARE_TOLERANCE) for pair in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias(Destination):
    """An alias as AWS has it."""

    name: str
    revision_id: str
    description: str = ""

    @property
    def versions(self) -> frozenset[str]:
        """Every version that gets some of its traffic."""
        return frozenset({self.version, *self.weights})


def read_alias(session: Session, alias: str) -> Alias | None:
    """Return the alias, or None where there is none of that name."""
    name = session.function

    def read() -> Alias:
        return _alias_in(session.lambda_api("GetAlias", FunctionName=name, Name=alias), asked=name, name=alias)

    try:
        return read_patiently(session.lambda_api, read, about=alias)
    except NotFoundError:
        return None


def read_aliases(session: Session) -> tuple[Alias, ...]:
    """Return all aliases of the function, by name; raises ``NotFoundError`` where the function is missing."""
    name = session.function
    answers = read_list(session.lambda_api, "ListAliases", "Aliases", about=name, FunctionName=name)
    return tuple(sorted((_alias_in(answer, asked=name) for answer in answers), key=lambda alias: alias.name))


def _alias_in(answer: Answer, *, asked: str, name: str | None = None) -> Alias:
    """Return the alias in an answer about the function ``asked``; raises ``GarbledError`` where it is not that one."""
    try:
        alias = Alias(
            name=answer["Name"],
            version=answer["FunctionVersion"],
            weights=(answer.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {},
            revision_id=answer["RevisionId"],
            description=answer.get("Description", ""),
        )
        arn = answer["AliasArn"]
    except KeyError as missing:
        raise GarbledError(
            f"AWS answered for an alias without its {missing.args[0]}", hint="run the command again"
        ) from missing
    if not is_version(alias.version):
        raise GarbledError("AWS answered for an alias that points at no version", hint="run the command again")
    function = arn.removesuffix(f":{alias.name}")
    if name not in (None, alias.name) or function == arn or not is_about(asked, name=bare_name(function), arn=function):
        raise GarbledError(
            f"AWS answered about the alias {alias.name} ({arn}) when asked for {name or 'those'} of {asked}",
            hint=CHECK_ENDPOINT,
        )
    return alias


def move_alias(session: Session, alias: str, *, version: str) -> None:
    """Let the alias, old or new, point at ``version`` alone; raises ``ConflictError`` where somebody else moved it."""
    point_alias(session, alias, wanted=Destination(version=version), current=read_alias(session, alias))


def point_alias(session: Session, alias: str, *, wanted: Destination, current: Alias | None) -> Alias:
    """Let the alias send its traffic to ``wanted``, and return it; ``current`` is what the decision was made from.

    Raises ``ConflictError`` where somebody else moved it since.
    """
    agreed = current
    for _ in range(_MOVE_ATTEMPTS):
        if current and wanted.same_as(current):
            return current
        trouble: LambdapackError | None = None
        try:
            _write_alias(session, alias, wanted=wanted, current=current)
        except (AlreadyExistsError, BusyError, StaleError, UnansweredError) as error:
            trouble = error
        # Whatever was answered, what the alias says now decides.
        now = read_alias(session, alias)
        if now and wanted.same_as(now):
            if agreed and agreed.weights and not wanted.weights:
                session.tell(f"alias {alias}: the weights of {weights_text(agreed.weights)} were cleared")
            return now
        if not (now.same_as(agreed) if now else agreed is None):
            where = f"points at version {now.version}" if now else "was deleted"
            raise ConflictError(
                f"the alias {alias} of {session.function} {where}: another client moved it",
                hint="look where it points, then run the command again:"
                " a version that is published is not published twice",
            )
        if isinstance(trouble, UnansweredError):
            raise trouble
        current = now
    raise trouble or AwsError(f"the alias {alias} of {session.function} does not move", hint="run the command again")


def _write_alias(session: Session, alias: str, *, wanted: Destination, current: Alias | None) -> None:
    parameters = {"FunctionName": session.function, "Name": alias, "FunctionVersion": wanted.version}
    # An empty map removes the routing configuration (recorded for UpdateAlias); left out, it would stay.
    routed = wanted.weights or (current and current.weights)
    routing: dict[str, object] = {"RoutingConfig": {"AdditionalVersionWeights": dict(wanted.weights)}} if routed else {}
    if current is None:
        session.lambda_api("CreateAlias", **parameters, **routing)
    else:
        session.lambda_api("UpdateAlias", **parameters, RevisionId=current.revision_id, **routing)


def remove_alias(session: Session, alias: str) -> None:
    """Delete the alias; one that is gone already is no error, as for AWS itself.

    Raises ``AwsError`` where it stays although AWS was asked to delete it.
    """
    trouble: LambdapackError | None = None
    pause = session.deadline.pauses()
    for _ in range(_MOVE_ATTEMPTS):
        try:
            session.lambda_api("DeleteAlias", FunctionName=session.function, Name=alias)
        except (BusyError, UnansweredError) as error:
            trouble = error
        # A 204 says nothing that a garbled answer would not say too.
        if read_alias(session, alias) is None:
            return
        pause(f"the alias {alias} of {session.function} to go")
    raise trouble or AwsError(f"the alias {alias} of {session.function} stays", hint="run the command again")


def weights_text(weights: Mapping[str, float]) -> str:
    """Return an alias's weights for people."""
    return ", ".join(f"version {version} ({share * 100:.4g}%)" for version, share in weights.items())
