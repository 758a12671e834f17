"""The options of a build that are about wheels, and what they ask for."""

import os
from pathlib import Path

import click

from lambdapack.choices import Preference, Preset
from lambdapack.cli.flags import Flags, key_option
from lambdapack.cli.options import PATH
from lambdapack.config.keys import KEYS, FunctionConfig
from lambdapack.errors import UsageError
from lambdapack.packing.request import Dependencies

_KEYS = ("wheels", "groups", "extras", "without", "preset", "prefer", "scripts")
"""Keys of the configuration that are about the wheels of a lock."""

WHEEL_OPTIONS = (
    *map(key_option, ("lock", *_KEYS)),
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


class WheelFlags(Flags):
    """What the command line says about wheels; None, False or empty where it says nothing."""

    lock: str | None = None
    wheels: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    preset: Preset | None = None
    prefer: Preference | None = None
    scripts: bool | None = None
    layer: bool = False
    offline: bool = False
    no_cache: bool = False
    cache_directory: Path | None = None


def dependencies(function: FunctionConfig, flags: WheelFlags) -> Dependencies | None:
    """Return which wheels go in, or None where there is no lock; the flags are laid over ``function`` already.

    Raises ``UsageError`` for a flag that says something about the wheels of a lock that is not given.
    """
    if not function.lock:
        for name in (*_KEYS, "offline"):
            if getattr(flags, name):
                option = (name in KEYS and KEYS[name].option) or name
                raise UsageError(
                    f"--{option} is about the wheels of a lock, and there is none", hint="add --lock pylock.toml"
                )
        return None
    from lambdapack.packing.wheelhouse.cache import default_directory  # noqa: PLC0415 - a build without a lock needs it not: 4 ms

    return Dependencies(
        lock=function.lock,
        folders=tuple(map(Path, function.wheels)),
        groups=function.groups,
        extras=function.extras,
        without=tuple(name.strip() for text in function.without for name in text.split(",") if name.strip()),
        preset=function.preset,
        scripts=bool(function.scripts),
        cache=None if flags.no_cache else flags.cache_directory or default_directory(os.environ),
        offline=flags.offline,
        environ=os.environ,
    )
