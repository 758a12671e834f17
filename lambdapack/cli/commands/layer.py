"""``lambdapack layer push``: a package becomes the newest version of a layer."""

from pathlib import Path

import click

from lambdapack.artifact import Artifact, list_entries, open_artifact
from lambdapack.choices import TransportChoice
from lambdapack.cli.connection import TALKING_OPTIONS, TalkingFlags, open_connection
from lambdapack.cli.flags import taking
from lambdapack.cli.groups import Group
from lambdapack.cli.options import PATH, Settings, with_options
from lambdapack.cli.output import words_of
from lambdapack.cli.requests.package import ROUTE_OPTIONS, route, upload_bar
from lambdapack.config.keys import FunctionConfig
from lambdapack.config.load import load_config
from lambdapack.deploying.layers.plan import LayerRequest, out_of_sight
from lambdapack.deploying.layers.push import push_layer
from lambdapack.quotas import check_unzipped_size
from lambdapack.target import ARCHITECTURES, RUNTIMES


class _LayerFlags(TalkingFlags):
    name: str
    zip_path: Path
    runtimes: tuple[str, ...]
    architectures: tuple[str, ...]
    license_info: str | None
    version_description: str | None
    dry_run: bool
    force: bool
    transport: TransportChoice | None
    s3_bucket: str | None
    s3_prefix: str | None


@click.group(cls=Group)
def layer() -> None:
    """Publish layers.

    \b
    Example:
      lambdapack layer push my-layer --zip layer.zip --runtime python3.13
    """


@layer.command()
@click.argument("name")
@click.option("--zip", "zip_path", metavar="FILE", type=PATH, required=True, help="Push this package.")
@click.option(
    "--runtime",
    "runtimes",
    multiple=True,
    type=click.Choice(RUNTIMES),
    metavar="NAME",
    help="A compatible runtime, such as python3.13; up to 15.",
)
@click.option(
    "--architecture", "architectures", multiple=True, type=click.Choice(ARCHITECTURES), help="A compatible one."
)
@click.option("--license-info", metavar="TEXT", help="The licence: an SPDX identifier, a URL, or its text.")
@click.option("--description", "version_description", metavar="TEXT", help="Of the version.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@click.option("--force", is_flag=True, help="Publish although the newest version holds this already.")
@with_options(*ROUTE_OPTIONS, *TALKING_OPTIONS)
@taking(_LayerFlags)
def push(settings: Settings, flags: _LayerFlags) -> None:
    """Let the newest version of the layer NAME hold a package, and nothing else.

    Nothing is done where the newest version holds these bytes already, and has the runtimes, architectures and the
    licence that are given; each that is not given may be anything. A description alone makes no new version.

    \b
    Example:
      lambdapack layer push my-layer --zip layer.zip --runtime python3.13 --architecture arm64
    """
    config = load_config(Path(), tell=settings.note)
    request = LayerRequest(
        layer=flags.name,
        route=route(flags.over(config.defaults if config else FunctionConfig(name=""))),
        runtimes=flags.runtimes,
        architectures=flags.architectures,
        license_info=flags.license_info,
        description=flags.version_description,
        dry_run=flags.dry_run,
        force=flags.force,
        timeout=flags.timeout,
    )
    artifact = _open(flags.zip_path, settings)
    connection = open_connection(settings)
    with upload_bar(artifact, settings) as progress:
        result = push_layer(request, artifact, connection, progress=progress, tell=settings.note)
    would = "would be " if result.dry_run else ""
    if result.published:
        version = f"version {result.version}" if result.version else "a new version"
        settings.note(f"{would}published as {version} of {result.layer} ({result.transport})")
    else:
        settings.note(f"version {result.version} of {result.layer} holds this already; nothing {would}published")
    settings.emit(result, words_of(result, "code_sha256", "version", "layer_version_arn"))


def _open(path: Path, settings: Settings) -> Artifact:
    """Return the package, hashed; raises ``CheckError`` where Lambda would not take it."""
    artifact = open_artifact(path)
    found = list_entries(artifact)
    check_unzipped_size(found)
    if out_of_sight(name for name, _ in found):
        settings.note(
            f"warning: nothing in {path} lies where a runtime looks: python/, nodejs/node_modules/, java/lib/, ruby/,"
            " bin/ or lib/; lambdapack build --layer puts it there"
        )
    return artifact
