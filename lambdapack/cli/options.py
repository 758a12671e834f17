"""Options that several commands share, and the settings of a run that they fill.

``-v``, ``--quiet`` and the options of the connection work before and after the command: each writes
into the one ``Settings`` of the run, and the one nearer to the command wins.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import click
from click.core import ParameterSource

from lambdapack.cli import output
from lambdapack.masking import mask
from lambdapack.text import is_text, printable

Decorator: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]

PATH = click.Path(path_type=Path, readable=False)
"""The type of options that name files. Whether one can be read or written is for whoever does it to say, not click."""

WORDS = click.Path(path_type=str, readable=False)
"""The same, in the user's own words: ``Path`` would make ``a/x`` of ``a//x``, which to make is another file."""


class Text(click.ParamType):  # type: ignore[type-arg] # click 8.2 has no types to give it
    """What becomes part of a request, of JSON or of a message; file names are not, for they may be any bytes."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - click's own signature
        """Return the value; fails where it holds bytes that are no text, without showing it."""
        if not is_text(str(value)):
            self.fail("it holds bytes that are not UTF-8.", param, ctx)
        return value


class Seconds(click.FloatRange):
    """A finite number of seconds."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - click's own signature
        """Return the number; fails where it is out of range, infinite or NaN."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{number} is no number of seconds.", param, ctx)
        return number


class Settings:
    """What the user said about the run as a whole."""

    def __init__(self, *, verbose: int = 0, json: bool = False) -> None:
        """Begin with what is known before the command line has been understood."""
        self.verbose = verbose
        self.quiet = False
        self.json = json
        self.by_flag: set[str] = set()
        """What of the following a flag has said."""
        self.emulator: Path | None = None
        self.endpoint_url: str | None = None
        self.profile: str | None = None
        self.region: str | None = None

    def note(self, text: str) -> None:
        """Say something that is good to know, unless the user wants quiet."""
        if not self.quiet:
            output.tell(for_terminal(text))

    def detail(self, text: str) -> None:
        """Say something that only ``-v`` asks for."""
        if self.verbose:
            self.note(text)

    def emit(self, found: object, text: str) -> None:
        """Write what a command found: as JSON where that was asked for, else as ``text``, if there is any."""
        if self.json:
            output.emit_json(found)
        elif text:
            output.emit(text)


def for_terminal(text: str) -> str:
    """Return what may be said on a terminal: addresses masked, and in each line what a terminal acts on escaped."""
    return "\n".join(map(printable, mask(text).split("\n")))


def remember(context: click.Context, parameter: click.Parameter, value: object) -> None:
    """Keep an option's value in the run's settings; a variable of the environment is never stronger than a flag."""
    settings = context.ensure_object(Settings)
    name = str(parameter.name)
    is_flag = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    if name == "verbose" and isinstance(value, int):
        settings.verbose += value
    elif value is not None and value is not False and (is_flag or name not in settings.by_flag):
        setattr(settings, name, value)
        settings.by_flag |= {name} if is_flag else set()


def _run_option(*names: str, **more: Any) -> Decorator:  # noqa: ANN401 - click's own
    """Return an option whose value goes into the settings of the run, and not to the command."""
    return click.option(*names, expose_value=False, callback=remember, **more)


def timeout_option(default: float, what: str) -> Decorator:
    """Return the option that says how long ``what`` may take."""
    says, kind = f"For {what}; default: {default:g}.", Seconds(min=0, min_open=True)
    return click.option("--timeout", type=kind, metavar="SECONDS", default=default, help=says)


OUTPUT_OPTIONS = (
    _run_option("-v", "--verbose", count=True, help="Say more."),
    _run_option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
)

YES_OPTION = click.option("-y", "--yes", is_flag=True, help="Do not ask.")

JSON_OPTION = _run_option("--json", is_flag=True, help="One JSON document on stdout.")

CONNECTION_OPTIONS = (
    _run_option(
        "--emulator",
        metavar="DIR",
        type=PATH,
        help="Talk to the built-in emulator, whose state is kept in DIR, and not to AWS.",
    ),
    _run_option("--endpoint-url", metavar="URL", help="Talk to this endpoint."),
    _run_option("--profile", metavar="NAME", help="AWS profile."),
    _run_option("--region", metavar="NAME", help="AWS Region."),
)


def with_options(*options: Decorator) -> Decorator:
    """Return a decorator that adds ``options`` in their order."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
