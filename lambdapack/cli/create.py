"""``lambdapack create``: a function that does not exist is made from a package."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from lambdapack.cli import output
from lambdapack.cli.options import (
    CONNECTION_OPTIONS,
    OUTPUT_OPTIONS,
    RUNTIME_OPTION,
    Settings,
    architecture_option,
    with_options,
)
from lambdapack.cli.package import (
    PACKAGE_OPTIONS,
    Configured,
    configuration_of,
    connection_settings,
    package,
    route_members,
)
from lambdapack.config import FunctionConfig
from lambdapack.deploying.aws import connect
from lambdapack.deploying.creator import CreateRequest, CreateSettings, create_function
from lambdapack.deploying.run import DEFAULT_TIMEOUT
from lambdapack.deploying.transport import Route
from lambdapack.errors import UsageError

REQUIRED = ("role", "handler", "runtime")
"""What CreateFunction cannot do without for a zip (API reference, CreateFunction)."""


@click.command()
@click.argument("function")
@with_options(*PACKAGE_OPTIONS, RUNTIME_OPTION, architecture_option("What the function runs on; default: x86_64."))
@click.option("--role", metavar="ARN", help="The role that the function runs with.")
@click.option("--handler", metavar="MODULE.FUNCTION", help="Where Lambda enters the code.")
@click.option("--description", metavar="TEXT", help="Of the function.")
@click.option("--memory", type=click.IntRange(min=128), metavar="MIB", help="Memory of the function.")
@click.option("--function-timeout", type=click.IntRange(min=1), metavar="SECONDS", help="What one invocation may take.")
@with_options(*CONNECTION_OPTIONS, *OUTPUT_OPTIONS)
@click.pass_obj
def create(settings: Settings, /, *, function: str, zip_path: Path | None, source: str | None, **flags: Any) -> None:  # noqa: ANN401 - click's
    r"""Create FUNCTION, which does not exist, from a package.

    \b
    Example:
      lambdapack create hello --zip hello.zip --runtime python3.13 --handler app.handler \
        --role arn:aws:iam::123456789012:role/hello
    """
    configured = configuration_of(function)
    names = (*REQUIRED, "architecture", "description", "memory", "function_timeout")
    own = replace(configured.function, **{name: flags[name] for name in names if flags[name] is not None})
    request = CreateRequest(
        function=function,
        settings=create_settings(own),
        route=Route(**route_members(own, flags)),
        wait=not flags["no_wait"],
        timeout=flags["timeout"] or DEFAULT_TIMEOUT,
    )
    own_configured = Configured(function=own, config=configured.config)
    with package(own_configured, zip_path=zip_path, source=source, settings=settings) as artifact:
        connection = connect(connection_settings(settings))
        with output.progress_bar("uploading", artifact.size, wanted=not settings.quiet) as progress:
            result = create_function(request, artifact, connection, progress=progress, note=settings.note)
    settings.note(f"created {result.function_arn}")
    if settings.json:
        output.emit_json(asdict(result))
    else:
        output.emit(f"code_sha256 {result.code_sha256}")


def create_settings(function: FunctionConfig) -> CreateSettings:
    """Return what CreateFunction needs; raises ``UsageError`` that names what is missing."""
    if function.role is None or function.handler is None or function.runtime is None:
        missing = [name for name in REQUIRED if getattr(function, name) is None]
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
    )
