"""Aliases: pointing a name at a version, under the alias's own RevisionId."""

from collections.abc import Mapping
from dataclasses import dataclass

from lambdapack.deploying.api import Answer, LambdaApi, Note
from lambdapack.deploying.deadline import Deadline
from lambdapack.deploying.reading import patiently
from lambdapack.deploying.refusals import AlreadyExistsError, BusyError, GarbledError, StaleError, UnansweredError
from lambdapack.errors import AwsError, ConflictError, LambdapackError, NotFoundError

MOVE_ATTEMPTS = 3
"""How often a move is sent that met a change of the alias's description or another write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """An alias as AWS has it."""

    name: str
    version: str
    weights: Mapping[str, float]
    """The share of the traffic that goes to another version than ``version``."""
    revision_id: str

    def points_at(self, version: str) -> bool:
        """Return whether all of the traffic goes to ``version``."""
        return self.version == version and not self.weights


def read_alias(lambda_api: LambdaApi, function: str, alias: str, *, deadline: Deadline) -> Alias | None:
    """Return the alias, or None where there is none of that name."""
    try:
        return patiently(
            lambda: alias_in(lambda_api("GetAlias", FunctionName=function, Name=alias)), about=alias, deadline=deadline
        )
    except NotFoundError:
        return None


def alias_in(answer: Answer) -> Alias:
    """Return the alias in an AliasConfiguration; raises ``GarbledError`` where it is none."""
    try:
        return Alias(
            name=answer["Name"],
            version=answer["FunctionVersion"],
            weights=(answer.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {},
            revision_id=answer["RevisionId"],
        )
    except KeyError as missing:
        raise GarbledError(
            f"AWS answered for an alias without its {missing.args[0]}", hint="run the command again"
        ) from missing


def move_alias(
    lambda_api: LambdaApi, function: str, *, alias: str, version: str, deadline: Deadline, note: Note
) -> None:
    """Let the alias point at ``version`` alone, creating it where there is none.

    Raises ``ConflictError`` where somebody else moved it meanwhile.
    """
    current = read_alias(lambda_api, function, alias, deadline=deadline)
    for _ in range(MOVE_ATTEMPTS):
        if current and current.points_at(version):
            return
        trouble: LambdapackError | None = None
        try:
            write_alias(lambda_api, function, alias=alias, version=version, current=current)
        except (AlreadyExistsError, BusyError, StaleError, UnansweredError) as error:
            trouble = error
        # Whatever was answered, what the alias says now decides.
        now = read_alias(lambda_api, function, alias, deadline=deadline)
        if now and now.points_at(version):
            if current and current.weights:
                note(f"alias {alias}: the weights of {weights_text(current)} were cleared")
            return
        if target_of(now) != target_of(current):
            raise moved_by_others(function, alias, now)
        if isinstance(trouble, UnansweredError):
            raise trouble
        current = now
    raise trouble or AwsError(f"the alias {alias} of {function} does not move", hint="run the command again")


def write_alias(lambda_api: LambdaApi, function: str, *, alias: str, version: str, current: Alias | None) -> None:
    """Send the one request that creates or moves the alias."""
    if current is None:
        lambda_api("CreateAlias", FunctionName=function, Name=alias, FunctionVersion=version)
        return
    # An empty map removes the routing configuration (recorded for UpdateAlias); left out, it would stay.
    cleared: dict[str, object] = {"RoutingConfig": {"AdditionalVersionWeights": {}}} if current.weights else {}
    lambda_api(
        "UpdateAlias",
        FunctionName=function,
        Name=alias,
        FunctionVersion=version,
        RevisionId=current.revision_id,
        **cleared,
    )


def target_of(alias: Alias | None) -> tuple[str, Mapping[str, float]] | None:
    """Return where the traffic goes."""
    return (alias.version, alias.weights) if alias else None


def weights_text(alias: Alias) -> str:
    """Return an alias's weights for people."""
    return ", ".join(f"version {version} ({share:.0%})" for version, share in alias.weights.items())


def moved_by_others(function: str, alias: str, now: Alias | None) -> ConflictError:
    """Return the error for an alias that is not where it was, nor where we wanted it."""
    where = f"points at version {now.version}" if now else "was deleted"
    return ConflictError(
        f"the alias {alias} of {function} {where}: another client moved it",
        hint="look at it, then push again: the version is published, so nothing is published twice",
    )
