"""``lambdapack configure``: a function's configuration becomes what options and the configuration file say."""

from typing import Any

import click

from lambdapack.cli import output
from lambdapack.cli.connection import connected
from lambdapack.cli.options import (
    CONNECTION_OPTIONS,
    JSON_OPTION,
    OUTPUT_OPTIONS,
    TIMEOUT_OPTION,
    Settings,
    with_options,
)
from lambdapack.cli.requests.members import MEMBER_OPTIONS, described, keyed_members
from lambdapack.cli.requests.package import configuration_of
from lambdapack.deploying.aws.deadline import DEFAULT_TIMEOUT
from lambdapack.deploying.configure import ConfigureRequest, ConfigureResult
from lambdapack.deploying.configure import configure as configure_function
from lambdapack.deploying.function.configuration import Change
from lambdapack.environment import Environment
from lambdapack.text import printable


@click.command()
@click.argument("function")
@with_options(*MEMBER_OPTIONS)
@click.option("--unset-env", "unset", multiple=True, metavar="KEY", help="Remove an environment variable.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--revision-id", metavar="ID", help="Change this revision of the function and no other.")
@with_options(TIMEOUT_OPTION, JSON_OPTION, *CONNECTION_OPTIONS, *OUTPUT_OPTIONS)
@click.pass_obj
def configure(settings: Settings, /, *, function: str, **flags: Any) -> None:  # noqa: ANN401 - click's
    """Configure FUNCTION as options and the configuration file say; what neither mentions stays.

    Shows what differs, one line a member, and sends that alone. Of environment variables it shows the names.

    \b
    Example:
      lambdapack configure hello --memory 512 --env LOG_LEVEL=debug --unset-env DEBUG
    """
    request = configure_request(function, flags)

    def show(changes: tuple[Change, ...]) -> None:
        if changes and not settings.json:
            output.emit("\n".join(printable(str(change)) for change in changes))

    result = configure_function(request, connected(settings), show=show, tell=settings.note)
    if not result.updated:
        settings.note(f"{result.function} is configured so already; nothing {'would be ' * result.dry_run}changed")
    else:
        settings.note(f"{'would be ' * result.dry_run}configured: {result.function_arn}")
    if settings.json:
        output.emit_json(document(result))


def configure_request(function: str, flags: dict[str, Any]) -> ConfigureRequest:
    """Return the request: what the configuration file says, with the flags laid over it."""
    own = described(configuration_of(function).function, flags)
    unset = flags["unset"]
    return ConfigureRequest(
        function=function,
        settings=keyed_members(own),
        parameters=own.aws,
        environment=(own.environment or Environment({})).merged(Environment({}), without=unset),
        unset=unset,
        revision_id=flags["revision_id"],
        dry_run=flags["dry_run"],
        timeout=flags["timeout"] or DEFAULT_TIMEOUT,
    )


def document(result: ConfigureResult) -> dict[str, object]:
    """Return the JSON; of an environment variable it has the name and whether it changes."""
    return {
        "function": result.function,
        "function_arn": result.function_arn,
        "changes": [
            {"member": change.parameter, "change": change.change}
            | ({} if change.is_variable else {"before": change.before, "after": change.after})
            for change in result.changes
        ],
        "updated": result.updated,
        "dry_run": result.dry_run,
        "revision_id": result.revision_id,
    }
