"""``lambdapack lock``: a pylock.toml for one Lambda machine, made with uv."""

import os
from pathlib import Path

import click

from lambdapack.cli.flags import Flags, key_option, taking
from lambdapack.cli.options import JSON_OPTION, OUTPUT_OPTIONS, WORDS, Settings, timeout_option, with_options
from lambdapack.cli.output import count
from lambdapack.config.load import load_config
from lambdapack.errors import UsageError
from lambdapack.packing.locks.location import holds_credentials
from lambdapack.packing.locks.uv import UV_TIME, LockRequest, LockResult, default_source
from lambdapack.packing.locks.uv import lock as make_lock
from lambdapack.target import DEFAULT_ARCHITECTURE, PYTHON_PREFIX


class _LockFlags(Flags):
    source: str | None
    out: str
    runtime: str | None
    architecture: str | None
    groups: tuple[str, ...]
    extras: tuple[str, ...]
    upgrade: bool
    timeout: float


@click.command()
@click.argument("source", metavar="[INPUT]", required=False, type=WORDS)
@click.option(
    "-o", "--output", "out", metavar="pylock.toml", type=WORDS, default="pylock.toml", help="Where the lock goes."
)
@with_options(
    key_option("runtime"),
    key_option("architecture", says="What the wheels must run on; default: x86_64."),
    key_option("groups", says="Lock this dependency group too."),
    key_option("extras", says="Lock this extra of the project too."),
)
@click.option("--upgrade", is_flag=True, help="Take the newest versions, whatever the old lock has.")
@with_options(timeout_option(UV_TIME, "uv"), JSON_OPTION, *OUTPUT_OPTIONS)
@taking(_LockFlags)
def lock(settings: Settings, flags: _LockFlags) -> None:
    """Lock the wheels that INPUT needs on Lambda, with their hashes; uv must be installed.

    INPUT is a requirements.txt, a pyproject.toml or a uv.lock; default: the one that is here.

    \b
    Example:
      lambdapack lock requirements.txt --runtime python3.13 --architecture arm64
    """
    runtime, architecture = _machine(flags, settings)
    request = LockRequest(
        source=flags.source or default_source(Path()),
        output=flags.out,
        runtime=runtime,
        architecture=architecture,
        groups=flags.groups,
        extras=flags.extras,
        upgrade=flags.upgrade,
        timeout=flags.timeout,
    )
    settings.detail(f"asking uv to lock {request.source} for {request.target.words}")
    _tell(request, make_lock(request), settings)


def _machine(flags: _LockFlags, settings: Settings) -> tuple[str | None, str | None]:
    """Return the runtime and architecture of the lock: flags, else what the configured Python functions agree on.

    None leaves one to its default. Raises ``UsageError`` where they do not agree.
    """
    runtime, architecture = flags.runtime, flags.architecture
    config = load_config(Path(), tell=settings.note) if runtime is None or architecture is None else None
    functions = [
        function
        for function in (config.functions.values() or [config.defaults] if config else ())
        if (function.runtime or "").startswith(PYTHON_PREFIX) and runtime in (None, function.runtime)
    ]
    runtimes = {function.runtime or "" for function in functions}
    architectures = {function.architecture or DEFAULT_ARCHITECTURE for function in functions}
    return runtime or _agreed(runtimes, "runtime"), architecture or _agreed(architectures, "architecture")


def _agreed(found: set[str], kind: str) -> str | None:
    """Return the one value that the functions have, or None where there are none."""
    if len(found) > 1:
        raise UsageError(
            f"the configured functions differ in {kind}: {', '.join(sorted(found))}", hint=f"say which: --{kind}"
        )
    return next(iter(found), None)


def _tell(request: LockRequest, locked: LockResult, settings: Settings) -> None:
    """Print the lock's path, or its JSON; say what it holds."""
    wheels = locked.selection.wheels
    held = f"{count(len(wheels), 'wheel')} for {request.target.words}"
    settings.note(f"{request.source}: {held}{', as before' if locked.unchanged else ''}")
    if any(wheel.url and holds_credentials(wheel.url) for wheel in wheels):
        settings.note(f"{request.output} holds URLs with credentials: show it to nobody who may not have them")
    document = {
        "path": os.fspath(request.output),
        "runtime": request.target.runtime,
        "architecture": request.target.architecture,
        "wheels": [{"name": wheel.name, "version": wheel.version} for wheel in wheels],
        "unchanged": locked.unchanged,
    }
    settings.emit(document, os.fspath(request.output))
