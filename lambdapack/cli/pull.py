"""``lambdapack pull``: the deployed package, back on disk."""

from dataclasses import asdict
from functools import partial
from pathlib import Path

import click

from lambdapack.cli import output
from lambdapack.cli.connection import TALKING_OPTIONS, connected
from lambdapack.cli.options import PATH, Settings, with_options
from lambdapack.deploying import puller
from lambdapack.deploying.puller import PullRequest
from lambdapack.deploying.run import DEFAULT_TIMEOUT


@click.command()
@click.argument("function", metavar="FUNCTION[:QUALIFIER]")
@click.option("-o", "--output", "out", metavar="OUT.zip", type=PATH, help="Where the package goes.")
@click.option(
    "--unzip", "directory", metavar="DIR", type=PATH, help="Unpack it there: a new directory, or an empty one."
)
@with_options(*TALKING_OPTIONS)
@click.pass_obj
def pull(
    settings: Settings, /, *, function: str, out: Path | None, directory: Path | None, timeout: float | None
) -> None:
    """Download the package that FUNCTION, or a version or alias of it, runs.

    \b
    Example:
      lambdapack pull hello:live -o deployed.zip --unzip deployed
    """
    request = PullRequest(function=function, output=out, directory=directory, timeout=timeout or DEFAULT_TIMEOUT)
    meter = partial(output.progress_bar, "downloading", wanted=not settings.quiet)
    result = puller.pull(request, connected(settings), meter=meter, note=settings.note)
    unpacked = f", {result.entries:,} entries unpacked" if result.entries is not None else ""
    settings.note(f"{result.function_arn}: {result.size:,} bytes{unpacked}")
    if settings.json:
        output.emit_json(asdict(result))
    else:
        output.emit(f"{result.code_sha256}  {result.path or result.directory}")
