"""``lambdapack push``: a package becomes a function's code, and a pinned version."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from lambdapack.cli import output
from lambdapack.cli.columns import words
from lambdapack.cli.commands.create import create_settings
from lambdapack.cli.connection import connected
from lambdapack.cli.options import CONNECTION_OPTIONS, OUTPUT_OPTIONS, Settings, architecture_option, with_options
from lambdapack.cli.requests.package import (
    CODE_OPTIONS,
    PACKAGE_OPTIONS,
    code_members,
    configuration_of,
    image_of,
    package_or_image,
    route_members,
)
from lambdapack.config import FunctionConfig
from lambdapack.deploying.aws.deadline import DEFAULT_TIMEOUT, Deadline, deadline_of
from lambdapack.deploying.push import PushRequest, PushResult
from lambdapack.deploying.push import push as push_package
from lambdapack.deploying.upload.package import Image, Package
from lambdapack.deploying.upload.transport import Route


@click.command()
@click.argument("function")
@with_options(*PACKAGE_OPTIONS, *CODE_OPTIONS)
@click.option("--signing-profile", metavar="NAME", help="Have AWS Signer sign the package first; needs --s3-bucket.")
@click.option("--publish", is_flag=True, help="Publish a version that is pinned to this package's CodeSha256.")
@click.option("--atomic", is_flag=True, help="Let the update itself publish; implies --publish.")
@click.option("--alias", metavar="NAME", help="Point this alias at the version; implies --publish.")
@click.option("--description", metavar="TEXT", help="Of the version.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and let Lambda validate the package.")
@click.option("--force", is_flag=True, help="Upload although the function has this code already.")
@click.option("--create", is_flag=True, help="Create a function that does not exist, from its configuration.")
@architecture_option("Change the function's architecture to this.")
@click.option("--revision-id", metavar="ID", help="Change this revision of the function and no other.")
@with_options(*CONNECTION_OPTIONS, *OUTPUT_OPTIONS)
@click.pass_obj
def push(settings: Settings, /, *, function: str, zip_path: Path | None, source: str | None, **flags: Any) -> None:  # noqa: ANN401 - click's
    """Let FUNCTION hold a package, and nothing else.

    \b
    Example:
      lambdapack push hello --zip hello.zip --publish --alias live
    """
    configured = configuration_of(function)
    image = image_of(configured.function, image_uri=flags["image_uri"], zip_path=zip_path, source=source)
    deadline = deadline_of(flags["timeout"] or DEFAULT_TIMEOUT)
    request = push_request(function, configured.function, flags, is_image=image is not None, deadline=deadline)
    with package_or_image(
        configured, image=image, zip_path=zip_path, source=source, deadline=deadline, settings=settings
    ) as found:
        result = pushed(request, found, settings)
    if settings.json:
        output.emit_json(asdict(result))
    else:
        output.emit(words({"code_sha256": result.code_sha256, "version": result.version, "alias": result.alias}))


def push_request(
    function: str, configured: FunctionConfig, flags: dict[str, Any], *, is_image: bool, deadline: Deadline
) -> PushRequest:
    """Return the request: a flag is stronger than the configuration, whose alias counts with ``--publish``."""
    publishes = flags["publish"] or flags["atomic"]
    # An image has its own handler and runtime, whatever is configured for all functions.
    new = configured._replace(handler=None, runtime=None) if is_image else configured
    return PushRequest(
        function=function,
        route=Route(**route_members(configured, flags)),
        publish=flags["publish"],
        atomic=flags["atomic"],
        alias=flags["alias"] or (configured.alias if publishes else None),
        description=flags["description"],
        dry_run=flags["dry_run"],
        force=flags["force"],
        architecture=flags["architecture"],
        revision_id=flags["revision_id"],
        wait=not flags["no_wait"],
        timeout=deadline,
        create=create_settings(new, is_image=is_image) if flags["create"] else None,
        signing_profile=flags["signing_profile"] or (None if is_image else configured.signing_profile),
        parameters=code_members(configured, flags),
    )


def pushed(request: PushRequest, package: Package, settings: Settings) -> PushResult:
    """Push, with a progress bar, and say what was done."""
    connection = connected(settings)
    size = 0 if isinstance(package, Image) else package.size
    with output.progress_bar("uploading", size, wanted=bool(size) and not settings.quiet) as progress:
        result = push_package(request, package, connection, progress=progress, tell=settings.note)
    would = "would be " if result.dry_run else ""
    if result.uploaded:
        settings.note(f"{would}uploaded to {result.function} ({result.transport})")
    else:
        settings.note(f"{result.function} holds this code already; nothing {would}uploaded")
    if request.publishes and not result.published:
        settings.note(f"version {result.version} holds this code already; nothing {would}published")
    elif result.published:
        settings.note(f"{would}published as {f'version {result.version}' if result.version else 'a new version'}")
    return result
