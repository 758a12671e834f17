"""What is said to one command, as one typed value; and the options that are keys of the configuration.

::

    @click.command()
    @with_options(…)
    @taking(PushFlags)
    def push(settings: Settings, flags: PushFlags) -> None:

A field has the name of click's parameter. Where that is a key of the configuration too, the flag is the stronger one:
``flags.over(function)``.
"""

import functools
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, dataclass_transform

import click

from lambdapack.cli.options import WORDS, Decorator, Settings
from lambdapack.config.keys import KEYS, FunctionConfig, field_of, lay_over
from lambdapack.errors import LambdapackError


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Flags:
    """The root of all flags. Type checkers take each subclass for a dataclass; to make one would cost 0.5 ms a class.

    That the fields are click's parameters, with the types that click gives them, is proven by ``tests/cli/test_flags``.
    """

    def __init__(self, **given: object) -> None:
        self.__dict__.update(given)

    def over(self, function: FunctionConfig) -> FunctionConfig:
        """Return the configuration with what was said laid over it."""
        said = {field: self.__dict__.get(field) for field in map(field_of, KEYS)}
        return lay_over(function, {field: value for field, value in said.items() if value not in (None, ())})


F = TypeVar("F", bound=Flags)


def taking(kind: type[F]) -> Callable[[Callable[[Settings, F], None]], Callable[..., None]]:
    """Return a decorator that has click call a command with the settings of the run and one value of ``kind``."""

    def decorate(command: Callable[[Settings, F], None]) -> Callable[..., None]:
        @functools.wraps(command)
        def call(**given: object) -> None:
            context = click.get_current_context()
            settings = context.ensure_object(Settings)
            ours = {name for name, value in os.environ.items() if value and name.startswith("LAMBDAPACK_")}
            ours.discard("LAMBDAPACK_CACHE_DIR")  # which is read, and no option's
            if ours:
                from lambdapack.cli.variables import tell_unread  # noqa: PLC0415 - few have one: 0.2 ms

                tell_unread(ours, context, settings.note)
            command(settings, kind(**given))

        return call

    return decorate


def key_option(key: str, name: str = "", *, says: str = "", **more: Any) -> Decorator:  # noqa: ANN401 - click's own
    """Return the option that says what a key of the configuration says; type, bounds, choices and help are the key's.

    ``name`` is the parameter's, where that is not the key's field; ``says`` is the help where it says something else.
    """
    known = KEYS[key]
    if known.choices:
        more["type"] = click.Choice(known.choices)
    elif known.least is not None:
        more["type"] = click.IntRange(min=known.least)
    elif known.is_path:
        more["type"] = WORDS
    if known.kind == "strings":
        more["multiple"] = True
    elif known.kind == "boolean":
        more |= {"is_flag": True, "default": None}
    option = f"--{known.option or key}"
    return click.option(option, name or field_of(key), metavar=known.metavar, help=says or known.help, **more)


def complete_functions(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the configured functions whose names begin so, for a shell to complete; no request is made."""
    del context, parameter
    return [name for name in _configured_aliases() if name.startswith(incomplete)]


_PLAIN = re.compile(r"[\w-]+", re.ASCII)
"""What Lambda lets an alias be called; the shell gets nothing else, for it would take it as it stands."""


def complete_aliases(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the configured aliases whose names begin so."""
    del context, parameter
    found = {alias for alias in _configured_aliases().values() if alias and _PLAIN.fullmatch(alias)}
    return sorted(alias for alias in found if alias.startswith(incomplete))


def _configured_aliases() -> dict[str, str | None]:
    """Return the configured functions with their aliases; none where the configuration is broken: a run says so."""
    from lambdapack.config.load import load_config  # noqa: PLC0415 - every run loads this module: 1 ms

    try:
        config = load_config(Path())
    except (LambdapackError, OSError):
        return {}
    return {name: function.alias for name, function in config.functions.items()} if config else {}


def function_argument(metavar: str | None = None) -> Decorator:
    """Return the argument that names a function, with those of the configuration for a shell to complete."""
    return click.argument("function", metavar=metavar, shell_complete=complete_functions)
