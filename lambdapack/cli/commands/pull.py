"""``lambdapack pull``: the deployed package, back on disk."""

import os
from functools import partial

import click

from lambdapack.cli import output
from lambdapack.cli.building import refuse_in_emulator
from lambdapack.cli.connection import TALKING_OPTIONS, FunctionFlags, open_connection
from lambdapack.cli.flags import function_argument, taking
from lambdapack.cli.options import WORDS, Settings, with_options
from lambdapack.config import FILES
from lambdapack.deploying import pull as puller
from lambdapack.deploying.pull import PullRequest
from lambdapack.inputs import Named, of_environment, refuse_overwriting


class _PullFlags(FunctionFlags):
    out: str | None
    directory: str | None


@click.command()
@function_argument("FUNCTION[:QUALIFIER]")
@click.option("-o", "--output", "out", metavar="OUT.zip", type=WORDS, help="Where the package goes.")
@click.option(
    "--unzip", "directory", metavar="DIR", type=WORDS, help="Unpack it there: a new directory, or an empty one."
)
@with_options(*TALKING_OPTIONS)
@taking(_PullFlags)
def pull(settings: Settings, flags: _PullFlags) -> None:
    """Download the package that FUNCTION, or a version or alias of it, runs.

    \b
    Example:
      lambdapack pull hello:live -o deployed.zip --unzip deployed
    """
    _check_places(flags, settings)
    request = PullRequest(function=flags.function, output=flags.out, directory=flags.directory, timeout=flags.timeout)
    meter = partial(output.progress_bar, "downloading", wanted=not settings.quiet)
    result = puller.pull(request, open_connection(settings), meter=meter, tell=settings.note)
    unpacked = f", {result.entries:,} entries unpacked" if result.entries is not None else ""
    settings.note(f"{result.function_arn}: {result.size:,} bytes{unpacked}")
    settings.emit(result, f"{result.code_sha256}  {result.path or result.directory}")


def _check_places(flags: _PullFlags, settings: Settings) -> None:
    """Raise ``UsageError`` where a place is one that is read, or the one lies in the other."""
    zips = [Named("the output", flags.out)] if flags.out is not None else []
    directories = [Named("the directory", flags.directory)] if flags.directory is not None else []
    refuse_overwriting(zips, directories=directories)
    files = (*(Named("the configuration", name) for name in FILES), *of_environment(os.environ))
    refuse_overwriting([*zips, *directories], files=files)
    refuse_in_emulator([*zips, *directories], settings)
