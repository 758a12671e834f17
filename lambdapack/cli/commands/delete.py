"""``lambdapack prune`` and ``delete``: what is gone for good, so both ask."""

from dataclasses import asdict

import click

from lambdapack.cli import consent, output
from lambdapack.cli.columns import aligned, words
from lambdapack.cli.connection import TALKING_OPTIONS, connected
from lambdapack.cli.consent import YES_OPTION
from lambdapack.cli.options import Settings, with_options
from lambdapack.deploying import delete as remover
from lambdapack.deploying import prune as pruner
from lambdapack.deploying.aws.deadline import DEFAULT_TIMEOUT
from lambdapack.deploying.delete import DeletePlan, DeleteRequest
from lambdapack.deploying.prune import PrunePlan, PruneRequest


@click.command()
@click.argument("function")
@click.option("--keep", type=click.IntRange(min=0), required=True, metavar="N", help="Keep the N newest versions.")
@click.option("--dry-run", is_flag=True, help="List what would be deleted, and delete nothing.")
@with_options(YES_OPTION, *TALKING_OPTIONS)
@click.pass_obj
def prune(settings: Settings, /, *, function: str, keep: int, dry_run: bool, yes: bool, timeout: float | None) -> None:
    """Delete old versions of FUNCTION that no alias needs, for its traffic or for a rollback.

    \b
    Example:
      lambdapack prune hello --keep 5 --dry-run
    """
    if not dry_run:
        consent.check_answerable(yes=yes, what=f"deleting versions of {function}")
    codes: dict[str, str] = {}

    def show(plan: PrunePlan) -> None:
        codes.update(plan.victims)
        for version, reason in plan.kept.items():
            settings.detail(f"version {version} stays: {reason}")
        if not plan.victims:
            settings.note("there is nothing to delete")
        elif not dry_run:
            if not yes:
                output.tell("\n".join(f"version {version} ({code})" for version, code in plan.victims.items()))
            consent.ask(f"Delete {counted(len(plan.victims), 'version')} of {plan.name.name}?", yes=yes)

    request = PruneRequest(function=function, keep=keep, dry_run=dry_run, timeout=timeout or DEFAULT_TIMEOUT)
    result = pruner.prune(request, connected(settings), show=show, tell=settings.note)
    if settings.json:
        output.emit_json(asdict(result))
    elif result.deleted:
        output.emit(aligned((version, codes[version]) for version in result.deleted))


@click.command()
@click.argument("function", metavar="FUNCTION[:VERSION]")
@with_options(YES_OPTION, *TALKING_OPTIONS)
@click.pass_obj
def delete(settings: Settings, /, *, function: str, yes: bool, timeout: float | None) -> None:
    """Delete FUNCTION with all its versions and aliases, or one version of it.

    \b
    Example:
      lambdapack delete hello:3
    """
    consent.check_answerable(yes=yes, what=f"deleting {function}")

    def ask(plan: DeletePlan) -> None:
        consent.ask(f"Delete {described(plan)}?", yes=yes)

    request = DeleteRequest(function=function, timeout=timeout or DEFAULT_TIMEOUT)
    result = remover.delete(request, connected(settings), show=ask, tell=settings.note)
    if settings.json:
        output.emit_json(asdict(result))
    else:
        output.emit(words({"function": result.function, "version": result.version}))


def described(plan: DeletePlan) -> str:
    """Return what would be gone, for the question."""
    if plan.name.qualifier is not None:
        return f"version {plan.name.qualifier} of {plan.name.name}"
    with_it = [counted(len(plan.versions), "version"), counted(len(plan.aliases), "alias")]
    return f"the function {plan.arn} with {' and '.join(with_it)}"


def counted(number: int, what: str) -> str:
    """Return a number of things."""
    return f"{number} {what}{'' if number == 1 else 'es' if what.endswith('s') else 's'}"
