"""The options of a build that are about wheels, and what they ask for."""

import os
from pathlib import Path
from typing import NamedTuple

import click

from lambdapack.cli.options import PATH
from lambdapack.config import PREFERENCES, PRESETS, FunctionConfig
from lambdapack.errors import UsageError
from lambdapack.packing.request import Dependencies, Preference

WHEEL_OPTIONS = (
    click.option(
        "--lock",
        metavar="FILE",
        type=click.UNPROCESSED,
        help="Pack the wheels that this pylock.toml (PEP 751) locks.",
    ),
    click.option(
        "--wheels",
        "folders",
        multiple=True,
        metavar="DIR",
        type=PATH,
        help="Look for wheels here before downloading them.",
    ),
    click.option("--group", "groups", multiple=True, metavar="NAME", help="A dependency group; default: the lock's."),
    click.option("--extra", "extras", multiple=True, metavar="NAME", help="An extra of the lock."),
    click.option(
        "--without", multiple=True, metavar="NAME,…", help="Leave out what the runtime has, and what only that needs."
    ),
    click.option("--preset", type=click.Choice(PRESETS), help="slim: no tests, stubs or headers of wheels."),
    click.option(
        "--prefer", type=click.Choice(PREFERENCES), help="Whose file it is where SOURCE and a wheel have both one."
    ),
    click.option("--scripts", is_flag=True, default=None, help="Pack the scripts of wheels, into bin/."),
    click.option("--layer", is_flag=True, help="Build a layer: files go where the runtime looks for a layer's."),
    click.option("--offline", is_flag=True, help="Download nothing."),
    click.option("--no-cache", is_flag=True, help="Neither read nor fill the cache of wheels."),
    click.option(
        "--cache-dir",
        "cache_directory",
        metavar="DIR",
        type=PATH,
        help="Where the cache of wheels is; default: LAMBDAPACK_CACHE_DIR, or the user's caches.",
    ),
)


class WheelFlags(NamedTuple):
    """What the command line says about wheels; None, False or empty where it says nothing."""

    lock: str | None = None
    folders: tuple[Path, ...] = ()
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    preset: str | None = None
    prefer: Preference | None = None
    scripts: bool | None = None
    layer: bool = False
    offline: bool = False
    no_cache: bool = False
    cache_directory: Path | None = None


def dependencies(function: FunctionConfig, flags: WheelFlags) -> Dependencies | None:
    """Return which wheels go in, or None where there is no lock: a flag is stronger than the configuration.

    Raises ``UsageError`` for a flag that says something about the wheels of a lock that is not given.
    """
    lock = flags.lock or function.lock
    if lock is None:
        refuse_without_lock(flags)
        return None
    from lambdapack.packing.wheelhouse.cache import default_directory  # noqa: PLC0415 - builds without a lock need it not

    return Dependencies(
        lock=lock,
        folders=flags.folders or tuple(map(Path, function.wheels)),
        groups=flags.groups or function.groups,
        extras=flags.extras or function.extras,
        without=tuple(
            name.strip() for text in flags.without or function.without for name in text.split(",") if name.strip()
        ),
        preset=flags.preset or function.preset,
        scripts=bool(function.scripts if flags.scripts is None else flags.scripts),
        cache=None if flags.no_cache else flags.cache_directory or default_directory(os.environ),
        offline=flags.offline,
        environ=os.environ,
    )


def refuse_without_lock(flags: WheelFlags) -> None:
    """Raise ``UsageError`` where an option is about wheels, and no lock brings any."""
    given = {
        "--wheels": flags.folders,
        "--group": flags.groups,
        "--extra": flags.extras,
        "--without": flags.without,
        "--preset": flags.preset,
        "--prefer": flags.prefer,
        "--scripts": flags.scripts,
        "--offline": flags.offline,
    }
    for option, value in given.items():
        if value:
            raise UsageError(
                f"{option} is about the wheels of a lock, and there is none", hint="add --lock pylock.toml"
            )


def preference(function: FunctionConfig, flags: WheelFlags) -> Preference | None:
    """Return whose file it is where the source and a wheel have different ones of one name; None refuses."""
    if flags.prefer is not None:
        return flags.prefer
    # config.PREFERENCES has let nothing else through.
    return "source" if function.prefer == "source" else "wheel" if function.prefer == "wheel" else None
