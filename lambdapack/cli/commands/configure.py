"""``lambdapack configure``: a function's configuration becomes what options and the configuration file say."""

import click

from lambdapack.cli import output
from lambdapack.cli.connection import TALKING_OPTIONS, FunctionFlags, open_connection
from lambdapack.cli.flags import function_argument, taking
from lambdapack.cli.options import Settings, with_options
from lambdapack.cli.requests.members import MEMBER_OPTIONS, MemberFlags, describe
from lambdapack.cli.requests.package import configuration_of
from lambdapack.deploying.configure import ConfigureRequest, ConfigureResult
from lambdapack.deploying.configure import configure as configure_function
from lambdapack.deploying.function.configuration import ParameterChange
from lambdapack.environment import Environment
from lambdapack.text import printable


class _ConfigureFlags(FunctionFlags, MemberFlags):
    unset: tuple[str, ...]
    dry_run: bool
    revision_id: str | None


@click.command()
@function_argument()
@with_options(*MEMBER_OPTIONS)
@click.option("--unset-env", "unset", multiple=True, metavar="KEY", help="Remove an environment variable.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--revision-id", metavar="ID", help="Change this revision of the function and no other.")
@with_options(*TALKING_OPTIONS)
@taking(_ConfigureFlags)
def configure(settings: Settings, flags: _ConfigureFlags) -> None:
    """Configure FUNCTION as options and the configuration file say; what neither mentions stays.

    Shows what differs, one line a member, and sends that alone. Of environment variables it shows the names.

    \b
    Example:
      lambdapack configure hello --memory 512 --env LOG_LEVEL=debug --unset-env DEBUG
    """
    request = _configure_request(flags, settings)

    def show(changes: tuple[ParameterChange, ...]) -> None:
        if changes and not settings.json:
            output.emit("\n".join(printable(str(change)) for change in changes))

    result = configure_function(request, open_connection(settings), show=show, tell=settings.note)
    if not result.updated:
        settings.note(f"{result.function} is configured so already; nothing {'would be ' * result.dry_run}changed")
    else:
        settings.note(f"{'would be ' * result.dry_run}configured: {result.function_arn}")
    settings.emit(_document(result), "")


def _configure_request(flags: _ConfigureFlags, settings: Settings) -> ConfigureRequest:
    """Return the request: what the configuration file says, with the flags laid over it."""
    own = describe(configuration_of(flags.function, settings).function, flags)
    return ConfigureRequest(
        function=flags.function,
        role=own.role,
        handler=own.handler,
        runtime=own.runtime,
        description=own.description,
        memory=own.memory,
        function_timeout=own.function_timeout,
        parameters=own.aws,
        environment=(own.environment or Environment({})).merge(Environment({}), without=flags.unset),
        unset=flags.unset,
        revision_id=flags.revision_id,
        dry_run=flags.dry_run,
        timeout=flags.timeout,
    )


def _document(result: ConfigureResult) -> dict[str, object]:
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
