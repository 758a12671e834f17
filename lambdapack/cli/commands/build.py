"""``lambdapack build``: options and configuration into requests, results onto stdout."""

import functools
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import click

from lambdapack.cli import output
from lambdapack.cli.options import (
    JSON_OPTION,
    OUTPUT_OPTIONS,
    PATTERN_OPTIONS,
    RUNTIME_OPTION,
    WORDS,
    Settings,
    architecture_option,
    with_options,
)
from lambdapack.cli.requests.wheels import WHEEL_OPTIONS, WheelFlags, dependencies, preference
from lambdapack.config import COMPRESSIONS, Config, FunctionConfig, load_config
from lambdapack.errors import UsageError
from lambdapack.inputs import Named, refuse_overwriting
from lambdapack.packing.build import gather, write
from lambdapack.packing.outputs.apart import named_outputs
from lambdapack.packing.patterns.rules import IGNORE_FILE, Pattern, from_list
from lambdapack.packing.request import BuildRequest

if TYPE_CHECKING:
    from lambdapack.packing.gather import Gathered
    from lambdapack.packing.write import Built

OMISSIONS_SHOWN = 8


class Flags(NamedTuple):
    """What the command line says about a build; None or empty where it says nothing."""

    wheels: WheelFlags = WheelFlags()

    out: str | None = None
    runtime: str | None = None
    architecture: str | None = None
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    compression: str | None = None
    allow_case_collisions: bool | None = None
    depfile: str | None = None
    manifest: str | None = None
    jobs: int | None = None


@click.command()
@click.argument("source", required=False, type=click.UNPROCESSED)
@click.option("-o", "--output", "out", metavar="OUT.zip", type=WORDS, help="Where the package goes.")
@click.option("-f", "--function", "names", multiple=True, metavar="NAME", help="Build this configured function only.")
@with_options(RUNTIME_OPTION, architecture_option("What the package is built for."), *PATTERN_OPTIONS)
@click.option("--compression", type=click.Choice(COMPRESSIONS), help="How hard to compress; default: default.")
@click.option("--allow-case-collisions", is_flag=True, default=None, help="Pack names that differ in case only.")
@click.option("--list", "listing", is_flag=True, help="Print what would go in, and write nothing.")
@click.option("--depfile", metavar="FILE", type=WORDS, help="Write a make rule of all that went in.")
@click.option("--manifest", metavar="FILE", type=WORDS, help="Write a JSON document of all that went in.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Threads; default: one for each core.")
@with_options(*WHEEL_OPTIONS)
@with_options(JSON_OPTION, *OUTPUT_OPTIONS)
@click.pass_obj
def build(settings: Settings, /, *, source: str | None, names: tuple[str, ...], listing: bool, **flags: Any) -> None:  # noqa: ANN401 - click hands over what Flags types
    """Pack SOURCE, or the configured functions, into a deployment package.

    \b
    Example:
      lambdapack build src -o hello.zip --exclude 'tests/'
      lambdapack build src -o hello.zip --lock pylock.toml --runtime python3.13 --architecture arm64
    """
    wheels = WheelFlags(**{name: flags.pop(name) for name in WheelFlags._fields})
    requests = plan(source, names, Flags(wheels=wheels, **flags))
    if listing:
        show_listings([gathered_and_told(request, settings) for request in requests], settings)
        return
    documents = [document(request, built_and_told(request, settings)) for request in requests]
    if settings.json:
        output.emit_json(documents[0] if len(documents) == 1 else documents)
    else:
        for found in documents:
            output.emit(f"{found['code_sha256']}  {found['path']}")


def plan(source: str | None, names: tuple[str, ...], flags: Flags) -> list[BuildRequest]:
    """Return what is to be built; raises ``UsageError`` where that is nothing, or contradicts itself."""
    if source is not None:
        if names:
            raise UsageError(
                f"SOURCE {source} and --function {names[0]} exclude one another",
                hint="give SOURCE, or build what the configuration describes",
            )
        return [build_request(FunctionConfig(name=default_name(source), source=source), flags)]
    if flags.wheels.layer and flags.wheels.lock is not None and not names:
        return [build_request(FunctionConfig(name="layer"), flags)]
    config = load_config(Path())
    if config is None or not config.functions:
        raise UsageError(
            "there is no SOURCE, and no function is configured here",
            hint="give the directory to pack, or write [tool.lambdapack.functions.NAME] in pyproject.toml",
        )
    chosen = [configured(config, name) for name in names] or list(config.functions.values())
    single_files = {"--output": flags.out, "--depfile": flags.depfile, "--manifest": flags.manifest}
    for option, path in single_files.items():
        if len(chosen) > 1 and path is not None:
            raise UsageError(f"{option} is one file, but {len(chosen)} functions are built", hint="choose one: -f NAME")
    requests = [build_request(function, flags, config=config) for function in chosen]
    if len(requests) > 1:
        from lambdapack.packing.gather import check_apart  # noqa: PLC0415 - one build is checked as it gathers

        check_apart(requests)
    return requests


def configured(config: Config, name: str) -> FunctionConfig:
    """Return the configuration of the function ``name``; raises ``UsageError`` where there is none."""
    if name not in config.functions:
        raise UsageError(
            f"{config.path} has no function {name}", hint=f"it has {', '.join(config.functions) or 'none'}"
        )
    return config.functions[name]


def build_request(function: FunctionConfig, flags: Flags, *, config: Config | None = None) -> BuildRequest:
    """Return the request for one function: a flag is stronger than the configuration."""
    if function.source is None and not (flags.wheels.layer and (flags.wheels.lock or function.lock)):
        raise UsageError(
            f"{config.path if config else 'the configuration'} does not say where the source of {function.name} is",
            hint='add source = "…" to it',
        )
    return BuildRequest(
        source=function.source,
        output=function.output or f"{function.name}.zip" if flags.out is None else flags.out,
        patterns=patterns(function, flags, config),
        executable=configured_patterns(function, "executable", config),
        symlinks="keep" if function.symlinks == "keep" else "follow",
        case_collisions_allowed=bool(flags.allow_case_collisions or function.allow_case_collisions),
        compression=flags.compression or function.compression or "default",
        runtime=flags.runtime or function.runtime,
        architecture=flags.architecture or function.architecture,
        handler=function.handler,
        depfile=flags.depfile,
        manifest=flags.manifest,
        depends_on=(str(config.path),) if config else (),
        jobs=flags.jobs or available_cores(),
        dependencies=dependencies(function, flags.wheels),
        prefer=preference(function, flags.wheels),
        layer=flags.wheels.layer,
    )


def patterns(function: FunctionConfig, flags: Flags, config: Config | None) -> tuple[Pattern, ...]:
    """Return the patterns of the configuration and of the command line, the weakest first."""
    return (
        *configured_patterns(function, "exclude", config),
        *configured_patterns(function, "include", config, prefix="!"),
        *from_list(flags.excludes, source="--exclude"),
        *from_list(flags.includes, source="--include", prefix="!"),
    )


def configured_patterns(
    function: FunctionConfig,
    key: Literal["exclude", "include", "executable"],
    config: Config | None,
    *,
    prefix: str = "",
) -> tuple[Pattern, ...]:
    """Return one list of the configuration, with the line that a complaint must name."""
    place = config.place(function.name, key) if config else key
    return tuple(from_list(getattr(function, key), source=f"{place}: {key}", prefix=prefix))


def built_and_told(request: BuildRequest, settings: Settings, *, check: Callable[[], None] = lambda: None) -> "Built":
    """Build one package, with a progress bar, and say what became of it.

    ``check`` is called between two pieces of work; what it raises ends the build, and leaves every file as it was.
    """
    gathered = gathered_and_told(request, settings)
    bundle = gathered.bundle
    check()
    with output.progress_bar("packing", bundle.unzipped_size, wanted=not settings.quiet) as progress:

        def packed(size: int) -> None:
            check()
            progress(size)

        built = write(gathered, request, progress=packed)
    tell_omissions(gathered, settings)
    tell_compressor(settings, built.archive_format)
    what = request.source or (request.dependencies.lock if request.dependencies else "")
    settings.note(
        f"{what}: {bundle.entry_count:,} entries, {bundle.unzipped_size:,} bytes, packed in "
        f"{built.artifact.size:,} ({built.archive_format}){', as before' if built.unchanged else ''}"
    )
    return built


def gathered_and_told(request: BuildRequest, settings: Settings) -> "Gathered":
    """Gather what one package holds, with a progress bar for downloads, and say what should be known about it."""
    refuse_in_emulator(named_outputs(request), settings)
    return gather(
        request,
        meter=lambda size: output.progress_bar("downloading", size, wanted=not settings.quiet),
        tell=settings.note,
    )


def refuse_in_emulator(outputs: Iterable[Named], settings: Settings) -> None:
    """Raise ``UsageError`` where an output would lie among the files of the emulator that is used."""
    if settings.emulator is not None:
        from lambdapack.emulator.store import Store  # noqa: PLC0415 - real AWS needs no emulator

        own = [Named("the emulator's own", path) for path in Store(settings.emulator).paths]
        refuse_overwriting(outputs, directories=own)


def tell_omissions(gathered: "Gathered", settings: Settings) -> None:
    """Name what the built-in list left out, for nobody wrote that down; with ``-v`` everything."""
    for omission in gathered.omissions:
        settings.detail(f"left out: {omission.name} ({omission.pattern.source}: {omission.pattern.text.strip()})")
    names = [
        omission.name
        for omission in gathered.omissions
        if omission.pattern.source == "built-in" and omission.name != IGNORE_FILE
    ]
    if gathered.left_out:
        settings.note(f"left out, as the runtime has them: {', '.join(gathered.left_out)}")
    if names:
        more = f" and {len(names) - OMISSIONS_SHOWN:,} more" if len(names) > OMISSIONS_SHOWN else ""
        settings.note(f"left out by the built-in list: {', '.join(sorted(names)[:OMISSIONS_SHOWN])}{more}")


@functools.cache  # once a run for each format, however many packages are built
def tell_compressor(settings: Settings, archive_format: str) -> None:
    """Say with ``-v`` that the compressor is no published wheel, where it is none."""
    if not settings.verbose:
        return
    from lambdapack.packing.archive.deflate import PROFILES  # noqa: PLC0415 - only -v asks
    from lambdapack.packing.archive.published import PUBLISHED, VERSION, is_published_wheel  # noqa: PLC0415 - as above

    # What is stored needs no compressor.
    if archive_format != PROFILES["store"].name and not is_published_wheel():
        settings.detail(
            f"the compressor is deflate {VERSION}, not one of the wheels of deflate {PUBLISHED} on PyPI; "
            f"the canary found its bytes to be those of {archive_format}"
        )


def show_listings(listings: "list[Gathered]", settings: Settings) -> None:
    """Print one line an entry, the name last; as JSON a list of objects."""
    entries = [entry for gathered in listings for entry in gathered.bundle.listing()]
    for gathered in listings:
        tell_omissions(gathered, settings)
    if settings.json:
        output.emit_json([{"name": entry.name, "size": entry.size, "origin": entry.origin} for entry in entries])
    else:
        output.emit("\n".join(f"{entry.size:>11} {entry.name}" for entry in entries))


def document(request: BuildRequest, built: "Built") -> dict[str, str | int | None]:
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


def default_name(source: str) -> str:
    """Return the name of a package whose function has none: that of its directory."""
    return Path(source).resolve().name or "package"


def available_cores() -> int:
    """Return how many cores this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
