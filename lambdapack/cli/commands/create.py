"""``lambdapack create``: a function that does not exist is made from a package."""

import click

from lambdapack.cli.connection import open_connection
from lambdapack.cli.flags import function_argument, key_option, taking
from lambdapack.cli.options import CONNECTION_OPTIONS, OUTPUT_OPTIONS, Settings, with_options
from lambdapack.cli.output import words_of
from lambdapack.cli.requests import package as packages
from lambdapack.cli.requests.members import MEMBER_OPTIONS, MemberFlags, create_settings, describe
from lambdapack.deploying.aws.deadline import deadline_of
from lambdapack.deploying.create import CreateRequest
from lambdapack.deploying.create import create as create_function


class _CreateFlags(packages.UploadFlags, MemberFlags):
    architecture: str | None
    publish: bool


@click.command()
@function_argument()
@with_options(*packages.PACKAGE_OPTIONS, key_option("architecture", says="What the function runs on; default: x86_64."))
@with_options(*MEMBER_OPTIONS)
@click.option("--publish", is_flag=True, help="Publish version 1.")
@with_options(*CONNECTION_OPTIONS, *OUTPUT_OPTIONS)
@taking(_CreateFlags)
def create(settings: Settings, flags: _CreateFlags) -> None:
    """Create FUNCTION, which does not exist, from a package.

    \b
    Example:
      lambdapack create hello --zip hello.zip --runtime python3.13 --handler app.handler \\
        --role arn:aws:iam::123456789012:role/hello
    """
    configured = packages.configuration_of(flags.function, settings)
    image = packages.image_of(configured.function, flags)
    own = describe(packages.for_image(configured.function, image), flags)
    own = own._replace(aws=packages.code_members(own, flags))
    deadline = deadline_of(flags.timeout)
    request = CreateRequest(
        function=flags.function,
        settings=create_settings(own, is_image=image is not None),
        route=packages.route(own),
        publish=flags.publish,
        wait=not flags.no_wait,
        timeout=deadline,
    )
    described = configured._replace(function=own)
    with packages.package_or_image(image, described, flags, deadline=deadline, settings=settings) as package:
        connection = open_connection(settings)
        with packages.upload_bar(package, settings) as progress:
            result = create_function(request, package, connection, progress=progress, tell=settings.note)
    settings.note(f"created {result.function_arn}")
    settings.emit(result, words_of(result, "code_sha256"))
