"""Which package a command that talks to AWS is about: a zip, a source directory, or what the configuration builds."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from lambdapack.artifact import Artifact, contents, open_artifact
from lambdapack.cli.build import PATH, Flags, build_request, built_and_told, default_name
from lambdapack.cli.options import JSON_OPTION, Settings
from lambdapack.config import TRANSPORTS, Config, FunctionConfig, load_config
from lambdapack.deploying.aws import ConnectionSettings
from lambdapack.errors import UsageError
from lambdapack.packing.checks import check_unzipped_size

PACKAGE_OPTIONS = (
    click.option("--zip", "zip_path", metavar="FILE", type=PATH, help="Push this package."),
    click.option("--source", metavar="DIR", help="Build this directory and push that."),
    click.option("--transport", type=click.Choice(TRANSPORTS), help="How the package travels; default: auto."),
    click.option("--s3-bucket", metavar="NAME", help="Where a package goes that is too large for a request."),
    click.option("--s3-prefix", metavar="PREFIX", help="What its key begins with; default: lambdapack."),
    click.option("--no-wait", is_flag=True, help="Do not wait until the change is in effect."),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        help="For the whole run; default: 300.",
    ),
    JSON_OPTION,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """What the configuration in the current directory says about a function; empty where it does not know it."""

    function: FunctionConfig
    config: Config | None


def configuration_of(function: str) -> Configured:
    """Return the configuration of ``function``: a name, an ARN, or a partial ARN of one."""
    config = load_config(Path())
    name = function.removesuffix(":$LATEST").rpartition(":")[2]
    if config is None or name not in config.functions:
        return Configured(function=FunctionConfig(name=name), config=None)
    return Configured(function=config.functions[name], config=config)


@contextmanager
def package(
    configured: Configured, *, zip_path: Path | None, source: str | None, settings: Settings
) -> Iterator[Artifact]:
    """Yield the package, hashed; one that ``--source`` built is gone afterwards.

    Raises ``UsageError`` where it is not clear which package is meant, and what building one raises.
    """
    function = configured.function
    if zip_path is not None and source is not None:
        raise UsageError("--zip and --source exclude one another", hint="give the one or the other")
    if zip_path is not None:
        artifact = open_artifact(zip_path, runtime=function.runtime, architecture=function.architecture)
        check_unzipped_size(contents(artifact))
        yield artifact
    elif source is not None:
        function = replace(function, source=source)
        with tempfile.TemporaryDirectory(prefix="lambdapack-") as directory:
            flags = Flags(out=Path(directory, f"{default_name(source)}.zip"))
            yield built_and_told(build_request(function, flags, config=configured.config), settings).artifact
    elif configured.config is not None:
        yield built_and_told(build_request(function, Flags(), config=configured.config), settings).artifact
    else:
        raise UsageError(
            f"there is no package for {function.name}: no --zip, no --source, and no configuration of it here",
            hint=f"add --zip FILE, or --source DIR, or write [tool.lambdapack.functions.{function.name}]",
        )


def route_members(function: FunctionConfig, flags: dict[str, Any]) -> dict[str, Any]:
    """Return how the package travels: what the flags say, else the configuration, else the default."""
    chosen = {
        "transport": flags["transport"] or function.transport,
        "s3_bucket": flags["s3_bucket"] or function.s3_bucket,
        "s3_prefix": flags["s3_prefix"] or function.s3_prefix,
    }
    return {name: value for name, value in chosen.items() if value is not None}


def connection_settings(settings: Settings) -> ConnectionSettings:
    """Return where AWS is, as the user said."""
    return ConnectionSettings(
        profile=settings.profile,
        region=settings.region,
        endpoint_url=settings.endpoint_url,
        emulator=settings.emulator,
    )
