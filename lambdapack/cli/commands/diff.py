"""``lambdapack diff``: a local package beside the deployed one."""

from dataclasses import asdict
from functools import partial
from pathlib import Path

import click

from lambdapack.cli import output
from lambdapack.cli.connection import TALKING_OPTIONS, connected
from lambdapack.cli.options import PATH, Settings, with_options
from lambdapack.cli.requests.package import configuration_of, package
from lambdapack.deploying import diff as comparison
from lambdapack.deploying.aws.deadline import DEFAULT_TIMEOUT, deadline_of
from lambdapack.deploying.diff import DiffRequest
from lambdapack.deploying.download.differences import Difference
from lambdapack.deploying.function.names import bare_name
from lambdapack.text import printable

SAID = {"identical": "identical", "repackaged": "same content, other packaging"}
"""What stdout says where no entry differs."""


@click.command()
@click.argument("function", metavar="FUNCTION[:QUALIFIER]")
@click.option("--zip", "zip_path", metavar="FILE", type=PATH, help="Compare this package.")
@click.option("--source", metavar="DIR", type=click.UNPROCESSED, help="Build this directory and compare that.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 where the packages are not identical.")
@with_options(*TALKING_OPTIONS)
@click.pass_context
def diff(
    context: click.Context,
    /,
    *,
    function: str,
    zip_path: Path | None,
    source: str | None,
    exit_code: bool,
    timeout: float | None,
) -> None:
    """Compare a package, or what the configuration builds, with what FUNCTION holds, entry by entry.

    \b
    Example:
      lambdapack diff hello:live --source src --exit-code
    """
    settings = context.ensure_object(Settings)
    meter = partial(output.progress_bar, "downloading", wanted=not settings.quiet)
    configured = configuration_of(bare_name(function))
    deadline = deadline_of(timeout or DEFAULT_TIMEOUT)
    with package(configured, zip_path=zip_path, source=source, deadline=deadline, settings=settings) as artifact:
        request = DiffRequest(function=function, timeout=deadline)
        result = comparison.diff(request, artifact, connected(settings), meter=meter, tell=settings.note)
    if settings.json:
        document = asdict(result)
        difference = document.pop("difference")
        output.emit_json(document | difference)
    else:
        output.emit(SAID.get(result.difference.verdict) or "\n".join(lines(result.difference)))
    if exit_code and result.difference.verdict != "identical":
        context.exit(1)


def lines(difference: Difference) -> list[str]:
    """Return one line an entry: what a push would do to it, and its name last."""
    found = [
        *(("added", change) for change in difference.added),
        *(("removed", change) for change in difference.removed),
        *(("changed", change) for change in difference.changed),
        *((f"mode {change.deployed_mode or '-'} {change.mode or '-'}", change) for change in difference.mode),
    ]
    return [f"{what:<14} {printable(change.name)}" for what, change in found]
