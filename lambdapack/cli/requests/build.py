"""What is to be built: options laid over the configuration, a request for each function."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from lambdapack.choices import Compression
from lambdapack.cli.requests.wheels import WheelFlags, dependencies
from lambdapack.config.keys import FunctionConfig
from lambdapack.errors import UsageError
from lambdapack.packing.patterns.rules import Pattern, from_list
from lambdapack.packing.request import BuildRequest
from lambdapack.reporting import Tell

if TYPE_CHECKING:
    from lambdapack.config.load import Config


class BuildFlags(WheelFlags):
    """What the command line says about a build; None, False or empty where it says nothing."""

    source: str | None = None
    names: tuple[str, ...] = ()
    out: str | None = None
    runtime: str | None = None
    architecture: str | None = None
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    compression: Compression | None = None
    allow_case_collisions: bool | None = None
    listing: bool = False
    depfile: str | None = None
    manifest: str | None = None
    jobs: int | None = None


def plan(flags: BuildFlags, *, tell: Tell) -> list[BuildRequest]:
    """Return what is to be built; raises ``UsageError`` where that is nothing, or contradicts itself."""
    if flags.source is not None:
        if flags.names:
            raise UsageError(
                f"SOURCE {flags.source} and --function {flags.names[0]} exclude one another",
                hint="give SOURCE, or build what the configuration describes",
            )
        return [build_request(FunctionConfig(name=default_name(flags.source)), flags)]
    if flags.layer and flags.lock is not None and not flags.names:
        return [build_request(FunctionConfig(name="layer"), flags)]
    from lambdapack.config.load import load_config  # noqa: PLC0415 - packing a directory reads no configuration: 0.7 ms

    config = load_config(Path(), tell=tell)
    if config is None or not config.functions:
        raise UsageError(
            "there is no SOURCE, and no function is configured here",
            hint="give the directory to pack, or write [tool.lambdapack.functions.NAME] in pyproject.toml",
        )
    if unknown := [name for name in flags.names if name not in config.functions]:
        raise UsageError(
            f"{config.document.path} has no function {unknown[0]}",
            hint=f"it has {', '.join(config.functions) or 'none'}",
        )
    chosen = [config.functions[name] for name in flags.names or config.functions]
    single_files = {"--output": flags.out, "--depfile": flags.depfile, "--manifest": flags.manifest}
    for option, path in single_files.items():
        if len(chosen) > 1 and path is not None:
            raise UsageError(f"{option} is one file, but {len(chosen)} functions are built", hint="choose one: -f NAME")
    requests = [build_request(function, flags, config=config) for function in chosen]
    if len(requests) > 1:
        from lambdapack.packing.gather import check_apart  # noqa: PLC0415 - one build is checked as it gathers

        check_apart(requests)
    return requests


def build_request(configured: FunctionConfig, flags: BuildFlags, *, config: "Config | None" = None) -> BuildRequest:
    """Return the request for one function, the flags laid over what ``config`` says of it.

    Raises ``UsageError`` where nothing is to be packed.
    """
    function = flags.over(configured)

    def configured_patterns(key: str, prefix: str = "") -> tuple[Pattern, ...]:
        place = config.place(function.name, key) if config else key
        return tuple(from_list(getattr(function, key), source=f"{place}: {key}", prefix=prefix))

    if function.source is None and not (flags.layer and function.lock):
        who = config.document.path if config else "the configuration"
        raise UsageError(f"{who} does not say where the source of {function.name} is", hint='add source = "…" to it')
    return BuildRequest(
        source=function.source,
        output=function.output or f"{function.name}.zip" if flags.out is None else flags.out,
        # The weakest first.
        patterns=(
            *configured_patterns("exclude"),
            *configured_patterns("include", prefix="!"),
            *from_list(flags.excludes, source="--exclude"),
            *from_list(flags.includes, source="--include", prefix="!"),
        ),
        executable=configured_patterns("executable"),
        symlinks=function.symlinks or "follow",
        case_collisions_allowed=bool(function.allow_case_collisions),
        compression=function.compression or "default",
        runtime=function.runtime,
        architecture=function.architecture,
        handler=function.handler,
        depfile=flags.depfile,
        manifest=flags.manifest,
        depends_on=(str(config.document.path),) if config else (),
        jobs=flags.jobs or _available_cores(),
        dependencies=dependencies(function, flags),
        prefer=function.prefer,
        layer=flags.layer,
    )


def default_name(source: str) -> str:
    """Return the name of a package whose function has none: that of its directory."""
    return Path(source).resolve().name or "package"


def _available_cores() -> int:
    """Return how many cores this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
