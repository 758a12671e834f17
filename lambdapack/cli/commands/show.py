"""``lambdapack show``, ``list`` and ``versions``: what is there."""

from dataclasses import asdict

import click

from lambdapack.cli import output
from lambdapack.cli.connection import TALKING_OPTIONS, FunctionFlags, TalkingFlags, open_connection
from lambdapack.cli.flags import function_argument, taking
from lambdapack.cli.options import Settings, with_options
from lambdapack.cli.output import align, words
from lambdapack.deploying import show as inventory
from lambdapack.deploying.show import AliasShare, ListRequest, ShowRequest, VersionsRequest


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
    found = inventory.show(ShowRequest(function=flags.function, timeout=flags.timeout), open_connection(settings))
    if found.environment_error:
        settings.note(f"Lambda cannot read the environment of {found.function}: {found.environment_error}")
    document = asdict(found)
    if settings.json:
        output.emit_json(document)
    else:
        further = document.pop("aws")
        output.emit(words(document | further))


@click.command("list")
@with_options(*TALKING_OPTIONS)
@taking(TalkingFlags)
def list_functions(settings: Settings, flags: TalkingFlags) -> None:
    """List every function of the Region.

    \b
    Example:
      lambdapack list --region eu-west-1
    """
    found = inventory.list_functions(ListRequest(timeout=flags.timeout), open_connection(settings))
    if settings.json:
        output.emit_json([asdict(function) for function in found])
    elif found:
        output.emit(
            align(
                (
                    function.function,
                    function.runtime or function.package_type,
                    function.architecture,
                    str(function.code_size),
                    function.last_modified,
                    function.code_sha256,
                )
                for function in found
            )
        )
    else:
        settings.note("there are no functions in this Region")


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
    found = inventory.versions(
        VersionsRequest(function=flags.function, timeout=flags.timeout), open_connection(settings)
    )
    if settings.json:
        output.emit_json([asdict(version) for version in found])
        return
    output.emit(
        align(
            (
                version.version,
                version.code_sha256,
                version.last_modified,
                ",".join(map(_share, version.aliases)),
                version.description,
            )
            for version in found
        )
    )


def _share(share: AliasShare) -> str:
    """Return an alias with its share of the traffic, where that is not all."""
    return share.name if share.weight == 1 else f"{share.name}={share.weight:g}"
