"""The story of ``prune``: old versions go, and nothing that is needed does.

::

    read the versions and the aliases → plan (pure) → show it (dry run: stop)
    → read again, and keep what is needed by now → delete one after the other

Kept are the newest versions, every version that an alias sends traffic to, and the one below each of those: the
rollback window. AWS refuses to delete what an alias names; that is reported, and the rest goes on.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from lambdapack.deploying.aws.api import Aws
from lambdapack.deploying.aws.deadline import SYSTEM_CLOCK, Clock
from lambdapack.deploying.aws.refusals import ReferencedError
from lambdapack.deploying.function.aliases import Alias, read_aliases
from lambdapack.deploying.function.names import FunctionName
from lambdapack.deploying.function.removal import delete_version
from lambdapack.deploying.function.session import FunctionRequest, Session, open_session
from lambdapack.deploying.function.versions import read_versions
from lambdapack.errors import UsageError
from lambdapack.reporting import Tell, silent


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneRequest(FunctionRequest):
    """Which versions are to stay. The time counts twice: to plan, and to delete."""

    keep: int
    """How many of the newest versions stay, whatever the aliases need."""
    dry_run: bool = False
    """Plan and show it, and delete nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrunePlan:
    """What would be deleted, and why the rest stays."""

    name: FunctionName
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
    refused: tuple[str, ...] = ()
    """Versions that AWS would not delete, because something needs them."""
    dry_run: bool = False


def prune(
    request: PruneRequest,
    aws: Aws,
    *,
    show: Callable[[PrunePlan], object] = silent,
    tell: Tell = silent,
    clock: Clock = SYSTEM_CLOCK,
) -> PruneResult:
    """Delete the function's old versions, after showing the plan, as far as they are not needed by then.

    ``show`` may ask somebody, for as long as it likes; what it raises ends the run before anything was deleted.
    Raises ``UsageError`` where the request makes no sense, ``NotFoundError`` where there is no such function,
    ``AwsError`` where AWS refuses or fails; what was deleted until then stays so.
    """
    session = open_session(request, aws, tell=tell, clock=clock)
    if request.keep < 0:
        raise UsageError("fewer than no versions cannot be kept", hint="give --keep 0 or more")
    plan = _read_plan(session, request)
    show(plan)
    if request.dry_run or not plan.victims:
        return PruneResult(
            function=plan.name.name, deleted=tuple(plan.victims), kept=tuple(plan.kept), dry_run=request.dry_run
        )
    return _delete_versions(open_session(request, aws, tell=tell, clock=clock), request, plan)


def _delete_versions(session: Session, request: PruneRequest, plan: PrunePlan) -> PruneResult:
    now = _read_plan(session, request)
    deleted: list[str] = []
    refused: list[str] = []
    for version in plan.victims:
        if version not in now.victims:
            if version in now.kept:
                session.tell(f"version {version} stays: {now.kept[version]}")
            continue
        try:
            delete_version(session, version)
        except ReferencedError as error:
            session.tell(f"version {version} stays: {error.message}")
            refused.append(version)
            # Somebody points aliases at old versions: what lies below those is needed from now on as well.
            now = _read_plan(session, request)
        else:
            session.tell(f"deleted version {version}")
            deleted.append(version)
    kept = sorted({*now.kept, *now.victims}.difference(deleted), key=int)
    return PruneResult(function=plan.name.name, deleted=tuple(deleted), kept=tuple(kept), refused=tuple(refused))


def _read_plan(session: Session, request: PruneRequest) -> PrunePlan:
    # The versions first: an alias that is made in between can only keep more of them.
    codes = read_versions(session).codes
    kept = find_needed(codes, read_aliases(session), keep=request.keep)
    order = sorted(codes, key=int)
    return PrunePlan(
        name=session.name,
        victims={number: codes[number] for number in order if number not in kept},
        kept={number: kept[number] for number in order if number in kept},
    )


def find_needed(numbers: Iterable[str], aliases: Iterable[Alias], *, keep: int) -> dict[str, str]:
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
