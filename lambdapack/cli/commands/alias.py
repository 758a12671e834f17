"""``lambdapack alias`` and ``rollback``: the names that lead to versions."""

import click

from lambdapack.cli import output
from lambdapack.cli.connection import TALKING_OPTIONS, FunctionFlags, open_connection
from lambdapack.cli.flags import complete_aliases, function_argument, taking
from lambdapack.cli.options import YES_OPTION, Settings, with_options
from lambdapack.cli.output import words, words_of
from lambdapack.cli.requests.package import configuration_of
from lambdapack.deploying import alias as routing
from lambdapack.deploying.alias import AliasRequest, AliasResult, RollbackRequest
from lambdapack.errors import UsageError


class _AliasFlags(FunctionFlags):
    name: str
    version: str | None
    weights: tuple[str, ...]
    deleting: bool
    yes: bool


class _RollbackFlags(FunctionFlags):
    alias: str | None
    to: str | None


@click.command()
@function_argument()
@click.argument("name", shell_complete=complete_aliases)
@click.argument("version", required=False)
@click.option("--weight", "weights", multiple=True, metavar="VERSION=SHARE", help="Send this share there, such as 0.1.")
@click.option("--delete", "deleting", is_flag=True, help="Delete the alias; asks.")
@with_options(YES_OPTION, *TALKING_OPTIONS)
@taking(_AliasFlags)
def alias(settings: Settings, flags: _AliasFlags) -> None:
    """Show the alias NAME of FUNCTION, or point it at VERSION.

    \b
    Example:
      lambdapack alias hello live 7 --weight 8=0.1
    """
    weights = _weights(flags.weights)
    request = AliasRequest(
        function=flags.function, alias=flags.name, version=flags.version, weights=weights, timeout=flags.timeout
    )
    if flags.deleting:
        _delete(request, flags, settings)
    else:
        _emit_alias(routing.alias(request, open_connection(settings), tell=settings.note), settings)


def _delete(request: AliasRequest, flags: _AliasFlags, settings: Settings) -> None:
    """Delete the alias, once the user has seen where it points."""
    name = flags.name
    if flags.version is not None or flags.weights:
        raise UsageError(
            "--delete takes neither a version nor a weight", hint=f"lambdapack alias {flags.function} {name} --delete"
        )
    output.check_answerable(yes=flags.yes, what=f"deleting the alias {name} of {flags.function}")
    shown = routing.alias(request, open_connection(settings))
    output.ask(f"Delete the alias {name} of {shown.function}, which points at version {shown.version}?", yes=flags.yes)
    removal = routing.delete_alias(request, open_connection(settings), tell=settings.note)
    settings.note(f"deleted the alias {name}, which pointed at version {removal.previous_version}")
    settings.emit(removal, words_of(removal, "alias"))


@click.command()
@function_argument()
@click.option(
    "--alias", metavar="NAME", help="Default: the alias of the configuration.", shell_complete=complete_aliases
)
@click.option("--to", metavar="VERSION", help="Default: the highest version below the present one.")
@with_options(*TALKING_OPTIONS)
@taking(_RollbackFlags)
def rollback(settings: Settings, flags: _RollbackFlags) -> None:
    """Point an alias of FUNCTION at an older version.

    \b
    Example:
      lambdapack rollback hello --alias live
    """
    chosen = flags.over(configuration_of(flags.function, settings).function).alias
    if not chosen:
        raise UsageError(
            f"there is no alias to roll back: no --alias, and none is configured for {flags.function}",
            hint="add --alias NAME",
        )
    request = RollbackRequest(function=flags.function, alias=chosen, to=flags.to, timeout=flags.timeout)
    _emit_alias(routing.rollback(request, open_connection(settings), tell=settings.note), settings)


def _weights(given: tuple[str, ...]) -> dict[str, float]:
    """Return the shares by version; raises ``UsageError`` where one is not of the form VERSION=SHARE."""
    weights: dict[str, float] = {}
    for text in given:
        version, _, share = text.partition("=")
        try:
            weights[version] = float(share)
        except ValueError as error:
            raise UsageError(f"{text!r} is not VERSION=SHARE", hint="such as --weight 8=0.1") from error
        if len(weights) < len(given) and given.count(text) > 1:
            raise UsageError(f"the weight {text} is given twice", hint="give it once")
    return weights


def _emit_alias(result: AliasResult, settings: Settings) -> None:
    """Print where the alias points."""
    weights = tuple(f"{version}={share:g}" for version, share in result.weights.items())
    settings.emit(result, words({"version": result.version, "weights": weights}))
