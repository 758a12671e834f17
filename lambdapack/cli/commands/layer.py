"""``lambdapack layer push``: a package becomes the newest version of a layer."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from lambdapack.artifact import Artifact, contents, open_artifact
from lambdapack.cli import output
from lambdapack.cli.columns import words
from lambdapack.cli.connection import TALKING_OPTIONS, connected
from lambdapack.cli.options import PATH, Settings, with_options
from lambdapack.cli.requests.package import route_members
from lambdapack.config import TRANSPORTS, FunctionConfig, load_config
from lambdapack.deploying.aws.deadline import DEFAULT_TIMEOUT
from lambdapack.deploying.layers.plan import LayerRequest, out_of_sight
from lambdapack.deploying.layers.push import LayerResult, push_layer
from lambdapack.deploying.upload.transport import Route
from lambdapack.packing.checks import check_unzipped_size
from lambdapack.target import ARCHITECTURES, RUNTIMES


@click.group()
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
@click.option("--description", metavar="TEXT", help="Of the version.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@click.option("--force", is_flag=True, help="Publish although the newest version holds this already.")
@click.option("--transport", type=click.Choice(TRANSPORTS), help="How the package travels; default: auto.")
@click.option("--s3-bucket", metavar="NAME", help="Where a package goes that is too large for a request.")
@click.option("--s3-prefix", metavar="PREFIX", help="What its key begins with; default: lambdapack.")
@with_options(*TALKING_OPTIONS)
@click.pass_obj
def push(settings: Settings, /, *, name: str, zip_path: Path, **flags: Any) -> None:  # noqa: ANN401 - click's
    """Let the newest version of the layer NAME hold a package, and nothing else.

    Nothing is done where the newest version holds these bytes already, and has the runtimes, architectures and the
    licence that are given; each that is not given may be anything. A description alone makes no new version.

    \b
    Example:
      lambdapack layer push my-layer --zip layer.zip --runtime python3.13 --architecture arm64
    """
    config = load_config(Path())
    request = LayerRequest(
        layer=name,
        route=Route(**route_members(config.defaults if config else FunctionConfig(name=""), flags)),
        runtimes=flags["runtimes"],
        architectures=flags["architectures"],
        license_info=flags["license_info"],
        description=flags["description"],
        dry_run=flags["dry_run"],
        force=flags["force"],
        timeout=flags["timeout"] or DEFAULT_TIMEOUT,
    )
    result = pushed(request, opened(zip_path, settings), settings)
    if settings.json:
        output.emit_json(asdict(result))
    else:
        output.emit(
            words(
                {
                    "code_sha256": result.code_sha256,
                    "version": result.version,
                    "layer_version_arn": result.layer_version_arn,
                }
            )
        )


def opened(path: Path, settings: Settings) -> Artifact:
    """Return the package, hashed; raises ``CheckError`` where Lambda would not take it."""
    artifact = open_artifact(path)
    found = contents(artifact)
    check_unzipped_size(found)
    if out_of_sight(name for name, _ in found):
        settings.note(
            f"warning: nothing in {path} lies where a runtime looks: python/, nodejs/node_modules/, java/lib/, ruby/,"
            " bin/ or lib/; lambdapack build --layer puts it there"
        )
    return artifact


def pushed(request: LayerRequest, artifact: Artifact, settings: Settings) -> LayerResult:
    """Push, with a progress bar, and say what was done."""
    connection = connected(settings)
    with output.progress_bar("uploading", artifact.size, wanted=not settings.quiet) as progress:
        result = push_layer(request, artifact, connection, progress=progress, tell=settings.note)
    would = "would be " if result.dry_run else ""
    if result.published:
        version = f"version {result.version}" if result.version else "a new version"
        settings.note(f"{would}published as {version} of {result.layer} ({result.transport})")
    else:
        settings.note(f"version {result.version} of {result.layer} holds this already; nothing {would}published")
    return result
