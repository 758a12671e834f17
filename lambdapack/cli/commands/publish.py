"""``lambdapack publish``, ``alias`` and ``rollback``: versions, and the names that lead to them."""

from dataclasses import asdict

import click

from lambdapack.cli import consent, output
from lambdapack.cli.columns import words
from lambdapack.cli.connection import TALKING_OPTIONS, connected
from lambdapack.cli.consent import YES_OPTION
from lambdapack.cli.options import Settings, with_options
from lambdapack.cli.requests.package import configuration_of
from lambdapack.deploying import alias as routing
from lambdapack.deploying import publish as publisher
from lambdapack.deploying.alias import AliasRequest, AliasResult, RollbackRequest
from lambdapack.deploying.aws.deadline import DEFAULT_TIMEOUT
from lambdapack.deploying.publish import PublishRequest
from lambdapack.errors import UsageError


@click.command()
@click.argument("function")
@click.option("--code-sha256", metavar="SHA", help="Publish this code and no other.")
@click.option("--description", metavar="TEXT", help="Of the version.")
@click.option("--revision-id", metavar="ID", help="Publish this revision of the function and no other.")
@with_options(*TALKING_OPTIONS)
@click.pass_obj
def publish(
    settings: Settings,
    /,
    *,
    function: str,
    code_sha256: str | None,
    description: str | None,
    revision_id: str | None,
    timeout: float | None,
) -> None:
    """Publish what FUNCTION holds now, pinned to its CodeSha256.

    \b
    Example:
      lambdapack publish hello --description 'release 7'
    """
    request = PublishRequest(
        function=function,
        code_sha256=code_sha256,
        description=description,
        revision_id=revision_id,
        timeout=timeout or DEFAULT_TIMEOUT,
    )
    result = publisher.publish(request, connected(settings), tell=settings.note)
    if settings.json:
        output.emit_json(asdict(result))
    else:
        output.emit(words({"code_sha256": result.code_sha256, "version": result.version}))


@click.command()
@click.argument("function")
@click.argument("name")
@click.argument("version", required=False)
@click.option("--weight", "weights", multiple=True, metavar="VERSION=SHARE", help="Send this share there, such as 0.1.")
@click.option("--delete", "deleting", is_flag=True, help="Delete the alias; asks.")
@with_options(YES_OPTION, *TALKING_OPTIONS)
@click.pass_obj
def alias(
    settings: Settings,
    /,
    *,
    function: str,
    name: str,
    version: str | None,
    weights: tuple[str, ...],
    deleting: bool,
    yes: bool,
    timeout: float | None,
) -> None:
    """Show the alias NAME of FUNCTION, or point it at VERSION.

    \b
    Example:
      lambdapack alias hello live 7 --weight 8=0.1
    """
    request = AliasRequest(
        function=function,
        alias=name,
        version=version,
        weights=parsed_weights(weights),
        timeout=timeout or DEFAULT_TIMEOUT,
    )
    if not deleting:
        emit_alias(routing.alias(request, connected(settings), tell=settings.note), settings)
        return
    if version is not None or weights:
        raise UsageError(
            "--delete takes neither a version nor a weight", hint=f"lambdapack alias {function} {name} --delete"
        )
    consent.check_answerable(yes=yes, what=f"deleting the alias {name} of {function}")
    shown = routing.alias(request, connected(settings))
    consent.ask(f"Delete the alias {name} of {shown.function}, which points at version {shown.version}?", yes=yes)
    removal = routing.delete_alias(request, connected(settings), tell=settings.note)
    settings.note(f"deleted the alias {name}, which pointed at version {removal.previous_version}")
    if settings.json:
        output.emit_json(asdict(removal))
    else:
        output.emit(words({"alias": removal.alias}))


@click.command()
@click.argument("function")
@click.option("--alias", "name", metavar="NAME", help="Default: the alias of the configuration.")
@click.option("--to", metavar="VERSION", help="Default: the highest version below the present one.")
@with_options(*TALKING_OPTIONS)
@click.pass_obj
def rollback(settings: Settings, /, *, function: str, name: str | None, to: str | None, timeout: float | None) -> None:
    """Point an alias of FUNCTION at an older version.

    \b
    Example:
      lambdapack rollback hello --alias live
    """
    chosen = name or configuration_of(function).function.alias
    if chosen is None:
        raise UsageError(
            f"there is no alias to roll back: no --alias, and none is configured for {function}",
            hint="add --alias NAME",
        )
    request = RollbackRequest(function=function, alias=chosen, to=to, timeout=timeout or DEFAULT_TIMEOUT)
    emit_alias(routing.rollback(request, connected(settings), tell=settings.note), settings)


def parsed_weights(given: tuple[str, ...]) -> dict[str, float]:
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


def emit_alias(result: AliasResult, settings: Settings) -> None:
    """Print where the alias points."""
    if settings.json:
        output.emit_json(asdict(result))
    else:
        weights = tuple(f"{version}={share:g}" for version, share in result.weights.items())
        output.emit(words({"version": result.version, "weights": weights}))
