"""``lambdapack build``: options and configuration into requests, results onto stdout."""

import os
from typing import TYPE_CHECKING

import click

from lambdapack.cli import output
from lambdapack.cli.building import build_and_tell, gather_and_tell, tell_omissions
from lambdapack.cli.flags import complete_functions, key_option, taking
from lambdapack.cli.options import JSON_OPTION, OUTPUT_OPTIONS, WORDS, Settings, with_options
from lambdapack.cli.requests.build import BuildFlags, plan
from lambdapack.cli.requests.wheels import WHEEL_OPTIONS

if TYPE_CHECKING:
    from lambdapack.packing.gather import Gathered
    from lambdapack.packing.request import BuildRequest
    from lambdapack.packing.write import Built


@click.command()
@click.argument("source", required=False, type=WORDS)
@click.option("-o", "--output", "out", metavar="OUT.zip", type=WORDS, help="Where the package goes.")
@click.option(
    "-f",
    "--function",
    "names",
    multiple=True,
    metavar="NAME",
    help="Build this configured function only.",
    shell_complete=complete_functions,
)
@with_options(
    key_option("runtime"),
    key_option("architecture", says="What the package is built for."),
    key_option("include", "includes", type=click.UNPROCESSED),
    key_option("exclude", "excludes", type=click.UNPROCESSED),
    key_option("compression"),
    key_option("allow-case-collisions"),
)
@click.option("--list", "listing", is_flag=True, help="Print what would go in, and write nothing.")
@click.option("--depfile", metavar="FILE", type=WORDS, help="Write a make rule of all that went in.")
@click.option("--manifest", metavar="FILE", type=WORDS, help="Write a JSON document of all that went in.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Threads; default: one for each core.")
@with_options(*WHEEL_OPTIONS, JSON_OPTION, *OUTPUT_OPTIONS)
@taking(BuildFlags)
def build(settings: Settings, flags: BuildFlags) -> None:
    """Pack SOURCE, or the configured functions, into a deployment package.

    \b
    Example:
      lambdapack build src -o hello.zip --exclude 'tests/'
      lambdapack build src -o hello.zip --lock pylock.toml --runtime python3.13 --architecture arm64
    """
    requests = plan(flags, tell=settings.note)
    if flags.listing:
        _show_listings([gather_and_tell(request, settings) for request in requests], settings)
        return
    documents = [_document(request, build_and_tell(request, settings)) for request in requests]
    lines = "\n".join(f"{document['code_sha256']}  {document['path']}" for document in documents)
    settings.emit(documents[0] if len(documents) == 1 else documents, lines)


def _show_listings(listings: "list[Gathered]", settings: Settings) -> None:
    """Print one line an entry, the name last; as JSON a list of objects."""
    entries = [entry for gathered in listings for entry in gathered.bundle.listing()]
    for gathered in listings:
        tell_omissions(gathered, settings)
    if settings.json:
        output.emit_json([{"name": entry.name, "size": entry.size, "origin": entry.origin} for entry in entries])
    else:
        output.emit("\n".join(f"{entry.size:>11} {entry.name}" for entry in entries))


def _document(request: "BuildRequest", built: "Built") -> dict[str, str | int | None]:
    """Return the JSON of a package: its path in the user's words, sizes in bytes, ``entries`` a count."""
    return {
        "path": os.fspath(request.output),
        "code_sha256": built.artifact.code_sha256,
        "size": built.artifact.size,
        "unzipped_size": built.gathered.bundle.unzipped_size,
        "entries": built.gathered.bundle.entry_count,
        "format": built.archive_format,
        "runtime": built.artifact.runtime,
        "architecture": built.artifact.architecture,
    }
