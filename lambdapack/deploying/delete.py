"""The story of ``delete``: a function with all that belongs to it, or one version.

::

    read what is to be deleted → show it → delete → read until it is gone
"""

from collections.abc import Callable
from dataclasses import dataclass

from lambdapack.deploying.aws.api import Aws
from lambdapack.deploying.aws.deadline import SYSTEM_CLOCK, Clock
from lambdapack.deploying.aws.refusals import ReferencedError
from lambdapack.deploying.function.aliases import read_aliases
from lambdapack.deploying.function.names import LATEST, FunctionName
from lambdapack.deploying.function.removal import delete_function, delete_version
from lambdapack.deploying.function.session import FunctionRequest, Session, open_session
from lambdapack.deploying.function.state import naming_the_missing, read_function
from lambdapack.deploying.function.versions import read_versions
from lambdapack.errors import UsageError
from lambdapack.reporting import Tell, silent


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRequest(FunctionRequest):
    """What is to go: a function, or a version of it (``hello:3``). The time counts twice: to look, and to delete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletePlan:
    """What would be deleted."""

    name: FunctionName
    arn: str
    versions: tuple[str, ...]
    """The one version, or all that go with the function."""
    aliases: tuple[str, ...]
    """All that go with the function."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteResult:
    """What was done: the JSON of ``delete``."""

    function: str
    function_arn: str
    version: str | None
    """The one version that was deleted; None where it was the function."""
    versions: tuple[str, ...]
    """All versions that are gone."""
    deleted: bool = True


def delete(
    request: DeleteRequest,
    aws: Aws,
    *,
    show: Callable[[DeletePlan], object] = silent,
    tell: Tell = silent,
    clock: Clock = SYSTEM_CLOCK,
) -> DeleteResult:
    """Delete the function, or the version of it, after showing what would go.

    ``show`` may ask somebody, for as long as it likes; what it raises ends the run before anything was deleted.
    Raises ``UsageError`` where that is neither a function nor a version, ``NotFoundError`` where it is not there,
    ``ConflictError`` where an alias needs the version, ``AwsError`` where it stays.
    """
    plan = _plan(open_session(request, aws, qualified=True, tell=tell, clock=clock))
    show(plan)
    session = open_session(request, aws, qualified=True, tell=tell, clock=clock)
    version = plan.name.qualifier
    if version is None:
        delete_function(session)
    else:
        delete_version(session, version)
    tell(f"deleted {plan.arn}")
    return DeleteResult(function=plan.name.name, function_arn=plan.arn, version=version, versions=plan.versions)


def _plan(session: Session) -> DeletePlan:
    name, version = session.name, session.name.qualifier
    _check_deletable(name)
    with naming_the_missing(session, version):
        found = read_function(session, qualifier=version)
    aliases = read_aliases(session)
    if version is not None:
        users = [alias.name for alias in aliases if version in alias.versions]
        if users:
            raise ReferencedError(
                f"version {version} of {name.name} cannot be deleted: {', '.join(users)} sends traffic there",
                hint=f"point the alias elsewhere first: lambdapack alias {name.name} {users[0]} VERSION",
                aliases=users,
            )
        return DeletePlan(name=name, arn=found.arn, versions=(version,), aliases=())
    return DeletePlan(
        name=name,
        arn=found.arn,
        versions=tuple(sorted(read_versions(session).codes, key=int)),
        aliases=tuple(alias.name for alias in aliases),
    )


def _check_deletable(name: FunctionName) -> None:
    """Raise ``UsageError`` where the qualifier is no version: an alias, or ``$LATEST``."""
    if name.qualifier is None or name.qualifier.isdecimal():
        return
    if name.qualifier.startswith(LATEST):
        raise UsageError(
            f"{name.qualifier} of {name.name} cannot be deleted without the function",
            hint=f"delete the function with all its versions: lambdapack delete {name.name}",
        )
    raise UsageError(
        f"{name.qualifier} is an alias of {name.name}, not a version",
        hint=f"delete the alias: lambdapack alias {name.name} {name.qualifier} --delete",
    )
