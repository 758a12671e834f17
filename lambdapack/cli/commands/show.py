"""``lambdapack show``, ``list`` and ``versions``: what is there."""

from dataclasses import asdict

import click

from lambdapack.cli import output
from lambdapack.cli.columns import aligned, words
from lambdapack.cli.connection import TALKING_OPTIONS, connected
from lambdapack.cli.options import Settings, with_options
from lambdapack.deploying import show as inventory
from lambdapack.deploying.aws.deadline import DEFAULT_TIMEOUT
from lambdapack.deploying.show import AliasShare, ListRequest, ShowRequest, VersionsRequest


@click.command()
@click.argument("function", metavar="FUNCTION[:QUALIFIER]")
@with_options(*TALKING_OPTIONS)
@click.pass_obj
def show(settings: Settings, /, *, function: str, timeout: float | None) -> None:
    """Show FUNCTION, or a version or alias of it; of its environment the names alone.

    \b
    Example:
      lambdapack show hello:live
    """
    found = inventory.show(ShowRequest(function=function, timeout=timeout or DEFAULT_TIMEOUT), connected(settings))
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
@click.pass_obj
def list_functions(settings: Settings, /, *, timeout: float | None) -> None:
    """List every function of the Region.

    \b
    Example:
      lambdapack list --region eu-west-1
    """
    found = inventory.list_functions(ListRequest(timeout=timeout or DEFAULT_TIMEOUT), connected(settings))
    if settings.json:
        output.emit_json([asdict(function) for function in found])
    elif found:
        output.emit(
            aligned(
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
@click.argument("function")
@with_options(*TALKING_OPTIONS)
@click.pass_obj
def versions(settings: Settings, /, *, function: str, timeout: float | None) -> None:
    """List the versions of FUNCTION, and the aliases that send traffic to them.

    \b
    Example:
      lambdapack versions hello
    """
    found = inventory.versions(
        VersionsRequest(function=function, timeout=timeout or DEFAULT_TIMEOUT), connected(settings)
    )
    if settings.json:
        output.emit_json([asdict(version) for version in found])
        return
    output.emit(
        aligned(
            (
                version.version,
                version.code_sha256,
                version.last_modified,
                ",".join(map(share_text, version.aliases)),
                version.description,
            )
            for version in found
        )
    )


def share_text(share: AliasShare) -> str:
    """Return an alias with its share of the traffic, where that is not all."""
    return share.name if share.weight == 1 else f"{share.name}={share.weight:g}"
