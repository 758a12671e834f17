"""``lambdapack prune``: old versions that nothing needs are deleted, so it asks."""

import click

from lambdapack.cli import output
from lambdapack.cli.connection import TALKING_OPTIONS, FunctionFlags, open_connection
from lambdapack.cli.flags import function_argument, taking
from lambdapack.cli.options import YES_OPTION, Settings, with_options
from lambdapack.cli.output import align, count
from lambdapack.deploying import prune as pruner
from lambdapack.deploying.prune import PrunePlan, PruneRequest


class _PruneFlags(FunctionFlags):
    keep: int
    dry_run: bool
    yes: bool


@click.command()
@function_argument()
@click.option("--keep", type=click.IntRange(min=0), required=True, metavar="N", help="Keep the N newest versions.")
@click.option("--dry-run", is_flag=True, help="List what would be deleted, and delete nothing.")
@with_options(YES_OPTION, *TALKING_OPTIONS)
@taking(_PruneFlags)
def prune(settings: Settings, flags: _PruneFlags) -> None:
    """Delete old versions of FUNCTION that no alias needs, for its traffic or for a rollback.

    \b
    Example:
      lambdapack prune hello --keep 5 --dry-run
    """
    if not flags.dry_run:
        output.check_answerable(yes=flags.yes, what=f"deleting versions of {flags.function}")
    codes: dict[str, str] = {}

    def show(plan: PrunePlan) -> None:
        codes.update(plan.victims)
        for version, reason in plan.kept.items():
            settings.detail(f"version {version} stays: {reason}")
        if not plan.victims:
            settings.note("there is nothing to delete")
        elif not flags.dry_run:
            if not flags.yes:
                output.tell("\n".join(f"version {version} ({code})" for version, code in plan.victims.items()))
            output.ask(f"Delete {count(len(plan.victims), 'version')} of {plan.name.name}?", yes=flags.yes)

    request = PruneRequest(function=flags.function, keep=flags.keep, dry_run=flags.dry_run, timeout=flags.timeout)
    result = pruner.prune(request, open_connection(settings), show=show, tell=settings.note)
    settings.emit(result, align((version, codes[version]) for version in result.deleted))
