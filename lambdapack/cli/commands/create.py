"""``lambdapack create``: a function that does not exist is made from a package."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from lambdapack.cli import output
from lambdapack.cli.connection import connected
from lambdapack.cli.options import (
    CONNECTION_OPTIONS,
    OUTPUT_OPTIONS,
    Settings,
    architecture_option,
    with_options,
)
from lambdapack.cli.requests.members import MEMBER_OPTIONS, described
from lambdapack.cli.requests.package import (
    CODE_OPTIONS,
    PACKAGE_OPTIONS,
    Configured,
    code_members,
    configuration_of,
    image_of,
    package_or_image,
    route_members,
)
from lambdapack.config import FunctionConfig
from lambdapack.deploying.aws.deadline import DEFAULT_TIMEOUT, deadline_of
from lambdapack.deploying.create import CreateRequest, CreateSettings
from lambdapack.deploying.create import create as create_function
from lambdapack.deploying.upload.package import Image
from lambdapack.deploying.upload.transport import Route
from lambdapack.errors import UsageError

REQUIRED = ("role", "handler", "runtime")
"""What CreateFunction cannot do without for a zip (API reference, CreateFunction); an image needs a role."""


@click.command()
@click.argument("function")
@with_options(*PACKAGE_OPTIONS, *CODE_OPTIONS, architecture_option("What the function runs on; default: x86_64."))
@with_options(*MEMBER_OPTIONS)
@click.option("--publish", is_flag=True, help="Publish version 1.")
@with_options(*CONNECTION_OPTIONS, *OUTPUT_OPTIONS)
@click.pass_obj
def create(settings: Settings, /, *, function: str, zip_path: Path | None, source: str | None, **flags: Any) -> None:  # noqa: ANN401 - click's
    """Create FUNCTION, which does not exist, from a package.

    \b
    Example:
      lambdapack create hello --zip hello.zip --runtime python3.13 --handler app.handler \\
        --role arn:aws:iam::123456789012:role/hello
    """
    configured = configuration_of(function)
    own = described(configured.function, flags)
    own = own._replace(architecture=flags["architecture"] or own.architecture, aws=code_members(own, flags))
    image = image_of(own, image_uri=flags["image_uri"], zip_path=zip_path, source=source)
    # An image has its own handler and runtime: what is configured for all functions does not count, a flag is refused.
    new = own._replace(handler=flags["handler"], runtime=flags["runtime"]) if image else own
    deadline = deadline_of(flags["timeout"] or DEFAULT_TIMEOUT)
    request = CreateRequest(
        function=function,
        settings=create_settings(new, is_image=image is not None),
        route=Route(**route_members(own, flags)),
        publish=flags["publish"],
        wait=not flags["no_wait"],
        timeout=deadline,
    )
    own_configured = Configured(function=own, config=configured.config)
    with package_or_image(
        own_configured, image=image, zip_path=zip_path, source=source, deadline=deadline, settings=settings
    ) as found:
        connection = connected(settings)
        size = 0 if isinstance(found, Image) else found.size
        with output.progress_bar("uploading", size, wanted=bool(size) and not settings.quiet) as progress:
            result = create_function(request, found, connection, progress=progress, tell=settings.note)
    settings.note(f"created {result.function_arn}")
    if settings.json:
        output.emit_json(asdict(result))
    else:
        output.emit(f"code_sha256 {result.code_sha256}")


def create_settings(function: FunctionConfig, *, is_image: bool) -> CreateSettings:
    """Return what CreateFunction needs; raises ``UsageError`` that names what is missing."""
    required = REQUIRED[:1] if is_image else REQUIRED
    missing = [name for name in required if getattr(function, name) is None]
    if function.role is None or missing:
        raise UsageError(
            f"a new function {function.name} needs {' and '.join(missing)}",
            hint=f"add {', '.join(f'--{name}' for name in missing)} to lambdapack create, or to the configuration",
        )
    return CreateSettings(
        role=function.role,
        handler=function.handler,
        runtime=function.runtime,
        architecture=function.architecture,
        description=function.description,
        memory=function.memory,
        function_timeout=function.function_timeout,
        environment=function.environment,
        parameters=function.aws,
    )
