"""``lambdapack show``, ``list`` and ``versions``: what is there."""

from dataclasses import asdict

import click

from lambdapack.cli.connection import TALKING_OPTIONS, FunctionFlags, TalkingFlags, open_connection
from lambdapack.cli.flags import function_argument, taking
from lambdapack.cli.options import Settings, with_options
from lambdapack.cli.output import align, words
from lambdapack.deploying import show as inventory


@click.command()
@function_argument("FUNCTION[:QUALIFIER]")
@with_options(*TALKING_OPTIONS)
@taking(FunctionFlags)
def show(settings: Settings, flags: FunctionFlags) -> None:
    """Show FUNCTION, or a version or alias of it; of its environment the names alone.

    \b
    Example:
      lambdapack show hello:live
    """
    request = inventory.ShowRequest(function=flags.function, timeout=flags.timeout)
    found = inventory.show(request, open_connection(settings))
    if found.environment_error:
        settings.note(f"Lambda cannot read the environment of {found.function}: {found.environment_error}")
    document = asdict(found)
    settings.emit(document, words({name: value for name, value in document.items() if name != "aws"} | document["aws"]))


@click.command("list")
@with_options(*TALKING_OPTIONS)
@taking(TalkingFlags)
def list_functions(settings: Settings, flags: TalkingFlags) -> None:
    """List every function of the Region.

    \b
    Example:
      lambdapack list --region eu-west-1
    """
    found = inventory.list_functions(inventory.ListRequest(timeout=flags.timeout), open_connection(settings))
    if not found and not settings.json:
        settings.note("there are no functions in this Region")
    settings.emit(found, align(map(_row_of_function, found)))


@click.command()
@function_argument()
@with_options(*TALKING_OPTIONS)
@taking(FunctionFlags)
def versions(settings: Settings, flags: FunctionFlags) -> None:
    """List the versions of FUNCTION, and the aliases that send traffic to them.

    \b
    Example:
      lambdapack versions hello
    """
    request = inventory.VersionsRequest(function=flags.function, timeout=flags.timeout)
    found = inventory.versions(request, open_connection(settings))
    settings.emit(found, align(map(_row_of_version, found)))


def _row_of_function(function: inventory.FunctionSummary) -> tuple[str, ...]:
    kind, size = function.runtime or function.package_type, str(function.code_size)
    return function.function, kind, function.architecture, size, function.last_modified, function.code_sha256


def _row_of_version(version: inventory.VersionSummary) -> tuple[str, ...]:
    aliases = ",".join(map(_share, version.aliases))
    return version.version, version.code_sha256, version.last_modified, aliases, version.description


def _share(share: inventory.AliasShare) -> str:
    """Return an alias with its share of the traffic, where that is not all."""
    return share.name if share.weight == 1 else f"{share.name}={share.weight:g}"
