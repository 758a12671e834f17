"""``lambdapack delete``: a function, or one version of it, is gone for good, so it asks."""

import click

from lambdapack.cli import output
from lambdapack.cli.connection import TALKING_OPTIONS, FunctionFlags, open_connection
from lambdapack.cli.flags import function_argument, taking
from lambdapack.cli.options import YES_OPTION, Settings, with_options
from lambdapack.cli.output import count, words_of
from lambdapack.deploying import delete as remover
from lambdapack.deploying.delete import DeletePlan, DeleteRequest


class _DeleteFlags(FunctionFlags):
    yes: bool


@click.command()
@function_argument("FUNCTION[:VERSION]")
@with_options(YES_OPTION, *TALKING_OPTIONS)
@taking(_DeleteFlags)
def delete(settings: Settings, flags: _DeleteFlags) -> None:
    """Delete FUNCTION with all its versions and aliases, or one version of it.

    \b
    Example:
      lambdapack delete hello:3
    """
    output.check_answerable(yes=flags.yes, what=f"deleting {flags.function}")
    request = DeleteRequest(function=flags.function, timeout=flags.timeout)

    def ask(plan: DeletePlan) -> None:
        output.ask(f"Delete {_victim(plan)}?", yes=flags.yes)

    result = remover.delete(request, open_connection(settings), show=ask, tell=settings.note)
    settings.emit(result, words_of(result, "function", "version"))


def _victim(plan: DeletePlan) -> str:
    """Return what would be gone, for the question."""
    if plan.name.qualifier is not None:
        return f"version {plan.name.qualifier} of {plan.name.name}"
    with_it = [count(len(plan.versions), "version"), count(len(plan.aliases), "alias")]
    return f"the function {plan.arn} with {' and '.join(with_it)}"
