"""``lambdapack prune``: old versions that nothing needs are deleted, so it asks."""

from dataclasses import asdict

import click

from lambdapack.cli import output
from lambdapack.cli.connection import TALKING_OPTIONS, connected
from lambdapack.cli.options import YES_OPTION, Settings, with_options
from lambdapack.cli.output import aligned, counted
from lambdapack.deploying import prune as pruner
from lambdapack.deploying.prune import PruneRequest
from lambdapack.deploying.upload.upload import DEFAULT_TIMEOUT


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
        output.check_answerable(yes=yes, what=f"deleting versions of {function}")
    plan = pruner.plan_prune(
        PruneRequest(function=function, keep=keep, timeout=timeout or DEFAULT_TIMEOUT), connected(settings)
    )
    for version, reason in plan.kept.items():
        settings.detail(f"version {version} stays: {reason}")
    result = pruner.rehearsed(plan)
    if not plan.victims:
        settings.note("there is nothing to delete")
    elif not dry_run:
        if not yes:
            output.tell("\n".join(f"version {version} ({code})" for version, code in plan.victims.items()))
        output.ask(f"Delete {counted(len(plan.victims), 'version')} of {plan.name.name}?", yes=yes)
        result = pruner.prune(plan, connected(settings), note=settings.note)
    if settings.json:
        output.emit_json({**asdict(result), "dry_run": dry_run})
    elif result.deleted:
        output.emit(aligned((version, plan.victims[version]) for version in result.deleted))
