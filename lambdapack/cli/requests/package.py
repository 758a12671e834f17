"""Which package a command that talks to AWS is about: a zip, a source directory, or what the configuration builds."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import click

from lambdapack.artifact import Artifact, contents, open_artifact
from lambdapack.cli.building import build_and_tell
from lambdapack.cli.options import JSON_OPTION, PATH, TIMEOUT_OPTION, Settings
from lambdapack.cli.requests.build import Flags, build_request, default_name
from lambdapack.config import TRANSPORTS, Config, FunctionConfig, load_config
from lambdapack.deploying.aws.deadline import Deadline
from lambdapack.deploying.upload.package import Image, Package
from lambdapack.errors import UsageError
from lambdapack.packing.checks import check_unzipped_size

PACKAGE_OPTIONS = (
    click.option("--zip", "zip_path", metavar="FILE", type=PATH, help="Push this package."),
    click.option("--source", metavar="DIR", type=click.UNPROCESSED, help="Build this directory and push that."),
    click.option("--transport", type=click.Choice(TRANSPORTS), help="How the package travels; default: auto."),
    click.option("--s3-bucket", metavar="NAME", help="Where a package goes that is too large for a request."),
    click.option("--s3-prefix", metavar="PREFIX", help="What its key begins with; default: lambdapack."),
    click.option("--no-wait", is_flag=True, help="Do not wait until the change is in effect."),
    TIMEOUT_OPTION,
    JSON_OPTION,
)

CODE_OPTIONS = (
    click.option("--image-uri", metavar="URI", help="Push this image, for a function of the package type Image."),
    click.option("--source-kms-key", metavar="ARN", help="The key that encrypts the package; '' for Lambda's own."),
    click.option(
        "--s3-object-storage-mode",
        "storage_mode",
        type=click.Choice(("COPY", "REFERENCE")),
        help="Whether Lambda copies the package from S3 or reads it there; default: as it is.",
    ),
)
"""What further kinds of code there are, and how they are kept."""


class Configured(NamedTuple):
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
    configured: Configured, *, zip_path: Path | None, source: str | None, deadline: Deadline, settings: Settings
) -> Iterator[Artifact]:
    """Yield the package, hashed; one that ``--source`` built is gone afterwards.

    Raises ``UsageError`` where it is not clear which package is meant, what building one raises, and ``AwsError`` where
    that takes longer than the whole run may.
    """
    function = configured.function

    def check() -> None:
        deadline.check("building the package")

    if zip_path is not None and source is not None:
        raise UsageError("--zip and --source exclude one another", hint="give the one or the other")
    if zip_path is not None:
        artifact = open_artifact(zip_path, runtime=function.runtime, architecture=function.architecture)
        check_unzipped_size(contents(artifact))
        yield artifact
    elif source is not None:
        function = function._replace(source=source)
        with tempfile.TemporaryDirectory(prefix="lambdapack-") as directory:
            flags = Flags(out=os.path.join(directory, f"{default_name(source)}.zip"))  # noqa: PTH118 - words, as an option gives
            yield build_and_tell(
                build_request(function, flags, config=configured.config), settings, check=check
            ).artifact
    elif configured.config is not None:
        yield build_and_tell(build_request(function, Flags(), config=configured.config), settings, check=check).artifact
    else:
        raise UsageError(
            f"there is no package for {function.name}: no --zip, no --source, and no configuration of it here",
            hint=f"add --zip FILE, or --source DIR, or write [tool.lambdapack.functions.{function.name}]",
        )


def image_of(
    function: FunctionConfig, *, image_uri: str | None, zip_path: Path | None, source: str | None
) -> Image | None:
    """Return the image that is meant, or None where it is a zip.

    Raises ``UsageError`` where it is not clear which of the two.
    """
    if image_uri and (zip_path is not None or source is not None):
        raise UsageError("--image-uri excludes --zip and --source", hint="give the one or the other")
    if image_uri is None and zip_path is None and source is None:
        image_uri = function.image_uri
        if image_uri and function.source is not None:
            raise UsageError(
                f"{function.name} is configured with a source and with an image-uri",
                hint="remove the one or the other, or choose: --source DIR, --zip FILE, --image-uri URI",
            )
    return Image(uri=image_uri, architecture=function.architecture) if image_uri else None


@contextmanager
def package_or_image(
    configured: Configured,
    *,
    image: Image | None,
    zip_path: Path | None,
    source: str | None,
    deadline: Deadline,
    settings: Settings,
) -> Iterator[Package]:
    """Yield what is to be pushed: the image, or the package as ``package`` does."""
    if image is not None:
        yield image
        return
    with package(configured, zip_path=zip_path, source=source, deadline=deadline, settings=settings) as artifact:
        yield artifact


def code_members(function: FunctionConfig, flags: dict[str, Any]) -> dict[str, object]:
    """Return the configuration's further members of AWS's requests, with the flags of ``CODE_OPTIONS`` laid over."""
    given = {"SourceKMSKeyArn": flags["source_kms_key"], "S3ObjectStorageMode": flags["storage_mode"]}
    return {**function.aws, **{name: value for name, value in given.items() if value is not None}}


def route_members(function: FunctionConfig, flags: dict[str, Any]) -> dict[str, Any]:
    """Return how the package travels: what the flags say, else the configuration, else the default."""
    chosen = {
        "transport": flags["transport"] or function.transport,
        "s3_bucket": flags["s3_bucket"] or function.s3_bucket,
        "s3_prefix": flags["s3_prefix"] or function.s3_prefix,
    }
    return {name: value for name, value in chosen.items() if value is not None}
