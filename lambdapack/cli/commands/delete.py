"""``lambdapack delete``: a function, or one version of it, is gone for good, so it asks."""

from dataclasses import asdict

import click

from lambdapack.cli import output
from lambdapack.cli.connection import TALKING_OPTIONS, connected
from lambdapack.cli.options import YES_OPTION, Settings, with_options
from lambdapack.cli.output import counted, words
from lambdapack.deploying import delete as remover
from lambdapack.deploying.delete import DeletePlan, DeleteRequest
from lambdapack.deploying.upload.upload import DEFAULT_TIMEOUT


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
    output.check_answerable(yes=yes, what=f"deleting {function}")
    plan = remover.plan_delete(
        DeleteRequest(function=function, timeout=timeout or DEFAULT_TIMEOUT), connected(settings)
    )
    output.ask(f"Delete {described(plan)}?", yes=yes)
    result = remover.delete(plan, connected(settings), note=settings.note)
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
