"""``lambdapack publish``: what a function holds now becomes a version."""

import click

from lambdapack.cli.connection import TALKING_OPTIONS, FunctionFlags, open_connection
from lambdapack.cli.flags import function_argument, taking
from lambdapack.cli.options import Settings, with_options
from lambdapack.cli.output import words_of
from lambdapack.deploying import publish as publisher
from lambdapack.deploying.publish import PublishRequest


class _PublishFlags(FunctionFlags):
    code_sha256: str | None
    description: str | None
    revision_id: str | None


@click.command()
@function_argument()
@click.option("--code-sha256", metavar="SHA", help="Publish this code and no other.")
@click.option("--description", metavar="TEXT", help="Of the version.")
@click.option("--revision-id", metavar="ID", help="Publish this revision of the function and no other.")
@with_options(*TALKING_OPTIONS)
@taking(_PublishFlags)
def publish(settings: Settings, flags: _PublishFlags) -> None:
    """Publish what FUNCTION holds now, pinned to its CodeSha256.

    \b
    Example:
      lambdapack publish hello --description 'release 7'
    """
    request = PublishRequest(
        function=flags.function,
        code_sha256=flags.code_sha256,
        description=flags.description,
        revision_id=flags.revision_id,
        timeout=flags.timeout,
    )
    result = publisher.publish(request, open_connection(settings), tell=settings.note)
    settings.emit(result, words_of(result, "code_sha256", "version"))
