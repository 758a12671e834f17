"""``lambdapack diff``: a local package beside the deployed one."""

from dataclasses import asdict
from functools import partial

import click

from lambdapack.cli import output
from lambdapack.cli.connection import TALKING_OPTIONS, open_connection
from lambdapack.cli.flags import function_argument, taking
from lambdapack.cli.options import PATH, WORDS, Settings, with_options
from lambdapack.cli.requests.package import PackageFlags, configuration_of, package
from lambdapack.deploying import diff as comparison
from lambdapack.deploying.aws.deadline import deadline_of
from lambdapack.deploying.diff import DiffRequest
from lambdapack.deploying.download.differences import Difference
from lambdapack.deploying.function.names import bare_name
from lambdapack.text import printable

SAID = {"identical": "identical", "repackaged": "same content, other packaging"}
"""What stdout says where no entry differs."""


class _DiffFlags(PackageFlags):
    exit_code: bool


@click.command()
@function_argument("FUNCTION[:QUALIFIER]")
@click.option("--zip", "zip_path", metavar="FILE", type=PATH, help="Compare this package.")
@click.option("--source", metavar="DIR", type=WORDS, help="Build this directory and compare that.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 where the packages are not identical.")
@with_options(*TALKING_OPTIONS)
@taking(_DiffFlags)
def diff(settings: Settings, flags: _DiffFlags) -> None:
    """Compare a package, or what the configuration builds, with what FUNCTION holds, entry by entry.

    \b
    Example:
      lambdapack diff hello:live --source src --exit-code
    """
    meter = partial(output.progress_bar, "downloading", wanted=not settings.quiet)
    configured = configuration_of(bare_name(flags.function), settings)
    deadline = deadline_of(flags.timeout)
    with package(configured, flags, deadline=deadline, settings=settings) as artifact:
        request = DiffRequest(function=flags.function, timeout=deadline)
        result = comparison.diff(request, artifact, open_connection(settings), meter=meter, tell=settings.note)
    document = asdict(result)
    document |= document.pop("difference")
    settings.emit(document, SAID.get(result.difference.verdict) or "\n".join(_lines(result.difference)))
    if flags.exit_code and result.difference.verdict != "identical":
        click.get_current_context().exit(1)


def _lines(difference: Difference) -> list[str]:
    """Return one line an entry: what a push would do to it, and its name last."""
    kinds = {"added": difference.added, "removed": difference.removed, "changed": difference.changed}
    found = [(kind, change) for kind, changes in kinds.items() for change in changes]
    found += [(f"mode {change.deployed_mode or '-'} {change.mode or '-'}", change) for change in difference.mode]
    return [f"{what:<14} {printable(change.name)}" for what, change in found]
