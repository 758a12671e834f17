"""``lambdapack push``: a package becomes a function's code, and a pinned version."""

import click

from lambdapack.cli.connection import open_connection
from lambdapack.cli.flags import complete_aliases, function_argument, key_option, taking
from lambdapack.cli.options import CONNECTION_OPTIONS, OUTPUT_OPTIONS, Settings, with_options
from lambdapack.cli.output import words_of
from lambdapack.cli.requests import package as packages
from lambdapack.cli.requests.members import create_settings
from lambdapack.config.keys import FunctionConfig
from lambdapack.deploying.aws.deadline import Deadline, deadline_of
from lambdapack.deploying.push import PushRequest, PushResult
from lambdapack.deploying.push import push as push_package
from lambdapack.deploying.upload.package import Image, Package


class _PushFlags(packages.UploadFlags):
    signing_profile: str | None
    publish: bool
    atomic: bool
    alias: str | None
    version_description: str | None
    """Not the function's own, which a flag does not change here."""
    dry_run: bool
    force: bool
    create: bool
    new_architecture: str | None
    """What the function is to become, whatever is configured."""
    revision_id: str | None


@click.command()
@function_argument()
@with_options(*packages.PACKAGE_OPTIONS, key_option("signing-profile"))
@click.option("--publish", is_flag=True, help="Publish a version that is pinned to this package's CodeSha256.")
@click.option("--atomic", is_flag=True, help="Let the update itself publish; implies --publish.")
@with_options(
    key_option("alias", says="Point this alias at the version; implies --publish.", shell_complete=complete_aliases)
)
@click.option("--description", "version_description", metavar="TEXT", help="Of the version.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and let Lambda validate the package.")
@click.option("--force", is_flag=True, help="Upload although the function has this code already.")
@click.option("--create", is_flag=True, help="Create a function that does not exist, from its configuration.")
@with_options(key_option("architecture", "new_architecture", says="Change the function's architecture to this."))
@click.option("--revision-id", metavar="ID", help="Change this revision of the function and no other.")
@with_options(*CONNECTION_OPTIONS, *OUTPUT_OPTIONS)
@taking(_PushFlags)
def push(settings: Settings, flags: _PushFlags) -> None:
    """Let FUNCTION hold a package, and nothing else.

    \b
    Example:
      lambdapack push hello --zip hello.zip --publish --alias live
    """
    configured = packages.configuration_of(flags.function, settings)
    image = packages.image_of(configured.function, flags)
    deadline = deadline_of(flags.timeout)
    request = _push_request(flags, configured.function, image=image, deadline=deadline)
    with packages.package_or_image(image, configured, flags, deadline=deadline, settings=settings) as package:
        result = _push_and_tell(request, package, settings)
    settings.emit(result, words_of(result, "code_sha256", "version", "alias"))


def _push_request(
    flags: _PushFlags, configured: FunctionConfig, *, image: Image | None, deadline: Deadline
) -> PushRequest:
    """Return the request: a flag is stronger than the configuration, whose alias counts with ``--publish``."""
    own = flags.over(packages.for_image(configured, image))
    return PushRequest(
        function=flags.function,
        route=packages.route(own),
        publish=flags.publish,
        atomic=flags.atomic,
        alias=flags.alias or (own.alias if flags.publish or flags.atomic else None),
        description=flags.version_description,
        dry_run=flags.dry_run,
        force=flags.force,
        architecture=flags.new_architecture,
        revision_id=flags.revision_id,
        wait=not flags.no_wait,
        timeout=deadline,
        create=create_settings(own, is_image=image is not None) if flags.create else None,
        signing_profile=own.signing_profile,
        parameters=packages.code_members(configured, flags),
    )


def _push_and_tell(request: PushRequest, package: Package, settings: Settings) -> PushResult:
    """Push, with a progress bar, and say what was done."""
    connection = open_connection(settings)
    with packages.upload_bar(package, settings) as progress:
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
