"""The story of ``prune``: old versions go, and nothing that is needed does.

::

    read the versions and the aliases → plan (pure; --dry-run stops here) → the user agrees
    → read again: what has come to be needed meanwhile stays → delete one after the other

Kept are the newest versions, every version that an alias sends traffic to, and the one below each of those: the
rollback window. AWS refuses to delete what an alias names; that is reported, and the rest goes on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lambdapack.deploying.aws.api import Aws
from lambdapack.deploying.aws.deadline import DEFAULT_TIMEOUT, SYSTEM_CLOCK, Clock
from lambdapack.deploying.aws.refusals import ReferencedError
from lambdapack.deploying.function.aliases import Alias, read_aliases
from lambdapack.deploying.function.names import FunctionName, function_name
from lambdapack.deploying.function.removal import delete_version
from lambdapack.deploying.function.session import Session, open_session
from lambdapack.deploying.function.versions import read_versions
from lambdapack.errors import UsageError
from lambdapack.reporting import Tell, silent


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneRequest:
    """What the user asked for."""

    function: str
    """A name, an ARN or a partial ARN."""
    keep: int
    """How many of the newest versions stay, whatever the aliases need."""
    timeout: float = DEFAULT_TIMEOUT
    """Seconds for the planning, and again for the deleting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrunePlan:
    """What would be deleted, and why the rest stays."""

    name: FunctionName
    request: PruneRequest
    victims: Mapping[str, str]
    """The CodeSha256 of each version that would be deleted, by its number, the oldest first."""
    kept: Mapping[str, str]
    """Why each other version stays, by its number, the oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneResult:
    """What was done, or in a dry run would be: the JSON of ``prune``."""

    function: str
    deleted: tuple[str, ...]
    kept: tuple[str, ...]
    """What stays, ``refused`` included."""
    refused: tuple[str, ...]
    """Versions that AWS would not delete, because something needs them."""
    dry_run: bool


def plan_prune(request: PruneRequest, aws: Aws, *, note: Tell = silent, clock: Clock = SYSTEM_CLOCK) -> PrunePlan:
    """Return what is to be deleted; nothing is changed.

    Raises ``UsageError`` where the request makes no sense, ``NotFoundError`` where there is no such function.
    """
    if request.keep < 0:
        raise UsageError("fewer than no versions cannot be kept", hint="give --keep 0 or more")
    name = function_name(request.function, region=aws.region)
    session = open_session(name, aws, timeout=request.timeout, note=note, clock=clock)
    return read_plan(session, request)


def rehearsed(plan: PrunePlan) -> PruneResult:
    """Return what ``prune`` would do."""
    return PruneResult(
        function=plan.name.name, deleted=tuple(plan.victims), kept=tuple(plan.kept), refused=(), dry_run=True
    )


def prune(plan: PrunePlan, aws: Aws, *, note: Tell = silent, clock: Clock = SYSTEM_CLOCK) -> PruneResult:
    """Delete the plan's victims, as far as they are not needed by now.

    Raises ``AwsError`` where AWS refuses or fails; what was deleted until then stays so.
    """
    session = open_session(plan.name, aws, timeout=plan.request.timeout, note=note, clock=clock)
    now = read_plan(session, plan.request)
    deleted: list[str] = []
    refused: list[str] = []
    for version in plan.victims:
        if version not in now.victims:
            if version in now.kept:
                note(f"version {version} stays: {now.kept[version]}")
            continue
        try:
            delete_version(session.lambda_api, session.function, version, deadline=session.deadline)
        except ReferencedError as error:
            note(f"version {version} stays: {error.message}")
            refused.append(version)
            # Somebody points aliases at old versions: what lies below those is needed from now on as well.
            now = read_plan(session, plan.request)
        else:
            note(f"deleted version {version}")
            deleted.append(version)
    kept = sorted({*now.kept, *now.victims}.difference(deleted), key=int)
    return PruneResult(
        function=plan.name.name, deleted=tuple(deleted), kept=tuple(kept), refused=tuple(refused), dry_run=False
    )


def read_plan(session: Session, request: PruneRequest) -> PrunePlan:
    """Return the plan for the versions and aliases of this moment."""
    # The versions first: an alias that is made in between can only keep more of them.
    versions = read_versions(session.lambda_api, session.function, deadline=session.deadline)
    aliases = read_aliases(session.lambda_api, session.function, deadline=session.deadline)
    kept = needed(versions.codes, aliases, keep=request.keep)
    order = sorted(versions.codes, key=int)
    return PrunePlan(
        name=session.name,
        request=request,
        victims={number: versions.codes[number] for number in order if number not in kept},
        kept={number: kept[number] for number in order if number in kept},
    )


def needed(numbers: Iterable[str], aliases: Iterable[Alias], *, keep: int) -> dict[str, str]:
    """Return the versions that must stay, each with the reason."""
    newest = sorted(numbers, key=int, reverse=True)
    reasons: dict[str, str] = {}
    for alias in aliases:
        for version in sorted(alias.versions & set(newest), key=int):
            reasons[version] = f"the alias {alias.name} sends traffic there"
    for version in sorted(reasons, key=int):
        below = next((number for number in newest if int(number) < int(version)), None)
        if below is not None:
            reasons.setdefault(below, f"a rollback from version {version} leads there")
    for version in newest[:keep]:
        reasons.setdefault(version, f"it is one of the {keep} newest")
    return reasons
