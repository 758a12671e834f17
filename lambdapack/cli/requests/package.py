"""Which package a command that talks to AWS is about: a zip, a source directory, or what the configuration builds."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Literal, NamedTuple

import click

from lambdapack.artifact import Artifact, list_entries, open_artifact
from lambdapack.choices import TransportChoice
from lambdapack.cli import output
from lambdapack.cli.building import build_and_tell
from lambdapack.cli.connection import TIMEOUT_OPTION, FunctionFlags
from lambdapack.cli.flags import key_option
from lambdapack.cli.options import JSON_OPTION, PATH, WORDS, Decorator, Settings
from lambdapack.cli.requests.build import BuildFlags, build_request, default_name
from lambdapack.config.keys import FunctionConfig
from lambdapack.config.load import Config, load_config
from lambdapack.deploying.aws.deadline import Deadline
from lambdapack.deploying.upload.package import Image, Package
from lambdapack.deploying.upload.transport import DEFAULT_PREFIX, Route
from lambdapack.errors import UsageError
from lambdapack.quotas import check_unzipped_size
from lambdapack.reporting import Progress

ROUTE_OPTIONS: tuple[Decorator, ...] = tuple(map(key_option, ("transport", "s3-bucket", "s3-prefix")))

PACKAGE_OPTIONS: tuple[Decorator, ...] = (
    click.option("--zip", "zip_path", metavar="FILE", type=PATH, help="Push this package."),
    click.option("--source", metavar="DIR", type=WORDS, help="Build this directory and push that."),
    *ROUTE_OPTIONS,
    click.option("--no-wait", is_flag=True, help="Do not wait until the change is in effect."),
    TIMEOUT_OPTION,
    JSON_OPTION,
    # What further kinds of code there are, and how they are kept.
    key_option("image-uri"),
    click.option("--source-kms-key", metavar="ARN", help="The key that encrypts the package; '' for Lambda's own."),
    click.option(
        "--s3-object-storage-mode",
        "storage_mode",
        type=click.Choice(("COPY", "REFERENCE")),
        help="Whether Lambda copies the package from S3 or reads it there; default: as it is.",
    ),
)
"""The options of a command that brings a package to a function."""


class PackageFlags(FunctionFlags):
    """Which function a command is about, and which package."""

    zip_path: Path | None
    source: str | None


class UploadFlags(PackageFlags):
    """Which package or image a function is to have, and how it gets there."""

    image_uri: str | None
    transport: TransportChoice | None
    s3_bucket: str | None
    s3_prefix: str | None
    no_wait: bool
    source_kms_key: str | None
    storage_mode: Literal["COPY", "REFERENCE"] | None


class Configured(NamedTuple):
    """What the configuration in the current directory says about a function; empty where it does not know it."""

    function: FunctionConfig
    config: Config | None


def configuration_of(function: str, settings: Settings) -> Configured:
    """Return the configuration of ``function``: a name, an ARN, or a partial ARN of one."""
    config = load_config(Path(), tell=settings.note)
    name = function.removesuffix(":$LATEST").rpartition(":")[2]
    if config is None or name not in config.functions:
        return Configured(function=FunctionConfig(name=name), config=None)
    return Configured(function=config.functions[name], config=config)


@contextmanager
def package(
    configured: Configured, flags: PackageFlags, *, deadline: Deadline, settings: Settings
) -> Iterator[Artifact]:
    """Yield the package, hashed; one that ``--source`` built is gone afterwards.

    Raises ``UsageError`` where it is not clear which package is meant, what building one raises, and ``AwsError`` where
    that takes longer than the whole run may.
    """
    function = configured.function

    def build(given: BuildFlags) -> Artifact:
        request = build_request(function, given, config=configured.config)
        return build_and_tell(request, settings, check=lambda: deadline.check("building the package")).artifact

    if flags.zip_path is not None and flags.source is not None:
        raise UsageError("--zip and --source exclude one another", hint="give the one or the other")
    if flags.zip_path is not None:
        artifact = open_artifact(flags.zip_path, runtime=function.runtime, architecture=function.architecture)
        check_unzipped_size(list_entries(artifact))
        yield artifact
    elif flags.source is not None:
        with tempfile.TemporaryDirectory(prefix="lambdapack-") as directory:
            out = os.path.join(directory, f"{default_name(flags.source)}.zip")  # noqa: PTH118 - words, as an option gives
            yield build(BuildFlags(source=flags.source, out=out))
    elif configured.config is not None:
        yield build(BuildFlags())
    else:
        raise UsageError(
            f"there is no package for {function.name}: no --zip, no --source, and no configuration of it here",
            hint=f"add --zip FILE, or --source DIR, or write [tool.lambdapack.functions.{function.name}]",
        )


def image_of(function: FunctionConfig, flags: UploadFlags) -> Image | None:
    """Return the image that is meant, None for a zip; raises ``UsageError`` where it is not clear which of the two."""
    image_uri = flags.image_uri
    if image_uri and (flags.zip_path is not None or flags.source is not None):
        raise UsageError("--image-uri excludes --zip and --source", hint="give the one or the other")
    if image_uri is None and flags.zip_path is None and flags.source is None:
        image_uri = function.image_uri
        if image_uri and function.source is not None:
            raise UsageError(
                f"{function.name} is configured with a source and with an image-uri",
                hint="remove the one or the other, or choose: --source DIR, --zip FILE, --image-uri URI",
            )
    return Image(uri=image_uri, architecture=function.architecture) if image_uri else None


def for_image(function: FunctionConfig, image: Image | None) -> FunctionConfig:
    """Return what counts of a configuration: an image has its own handler and runtime, and is signed elsewhere."""
    return function._replace(handler=None, runtime=None, signing_profile=None) if image else function


def package_or_image(
    image: Image | None, configured: Configured, flags: UploadFlags, *, deadline: Deadline, settings: Settings
) -> AbstractContextManager[Package]:
    """Return the context of what is to be pushed: the image, or the package as ``package`` yields it."""
    return nullcontext(image) if image else package(configured, flags, deadline=deadline, settings=settings)


def upload_bar(package: Package, settings: Settings) -> AbstractContextManager[Progress]:
    """Return the progress bar of an upload; an image has none, for it is in its registry already."""
    size = 0 if isinstance(package, Image) else package.size
    return output.progress_bar("uploading", size, wanted=bool(size) and not settings.quiet)


def code_members(function: FunctionConfig, flags: UploadFlags) -> dict[str, object]:
    """Return the configuration's further members of AWS's requests, with the flags about the code laid over."""
    given = {"SourceKMSKeyArn": flags.source_kms_key, "S3ObjectStorageMode": flags.storage_mode}
    return {**function.aws, **{name: value for name, value in given.items() if value is not None}}


def route(function: FunctionConfig) -> Route:
    """Return how the package travels: as the configuration says, over which the flags are laid already."""
    return Route(
        transport=function.transport or "auto",
        s3_bucket=function.s3_bucket,
        s3_prefix=DEFAULT_PREFIX if function.s3_prefix is None else function.s3_prefix,
    )
