"""``lambdapack publish``: what a function holds now becomes a version."""

from dataclasses import asdict

import click

from lambdapack.cli import output
from lambdapack.cli.connection import TALKING_OPTIONS, connected
from lambdapack.cli.options import Settings, with_options
from lambdapack.cli.output import words
from lambdapack.deploying import publish as publisher
from lambdapack.deploying.publish import PublishRequest
from lambdapack.deploying.upload.upload import DEFAULT_TIMEOUT


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
    result = publisher.publish(request, connected(settings), note=settings.note)
    if settings.json:
        output.emit_json(asdict(result))
    else:
        output.emit(words({"code_sha256": result.code_sha256, "version": result.version}))
