"""What is to be built: options laid over the configuration, a request for each function."""

import os
from pathlib import Path
from typing import Literal, NamedTuple

from lambdapack.cli.requests.wheels import WheelFlags, dependencies, preference
from lambdapack.config import Config, FunctionConfig, load_config
from lambdapack.errors import UsageError
from lambdapack.packing.patterns.rules import Pattern, from_list
from lambdapack.packing.request import BuildRequest


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


def default_name(source: str) -> str:
    """Return the name of a package whose function has none: that of its directory."""
    return Path(source).resolve().name or "package"


def available_cores() -> int:
    """Return how many cores this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
