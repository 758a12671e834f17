"""``lambdapack emulator serve`` and ``reset``: the emulator for every other client."""

import signal
from pathlib import Path

import click

from lambdapack.cli import output
from lambdapack.cli.flags import Flags, taking
from lambdapack.cli.groups import Group
from lambdapack.cli.options import JSON_OPTION, OUTPUT_OPTIONS, PATH, Seconds, Settings, with_options
from lambdapack.errors import Interruption, UsageError

STATE_OPTION = click.option("--state", metavar="DIR", type=PATH, help="Where its state is kept; default: --emulator.")


class _StateFlags(Flags):
    state: Path | None


class _ServeFlags(_StateFlags):
    port: int
    settle: float


@click.group(cls=Group)
def emulator() -> None:
    """Serve the built-in emulator of Lambda, S3 and IAM to other clients, or start it anew.

    \b
    Example:
      lambdapack emulator serve --port 4566 --state .emulator
    """


@emulator.command()
@click.option("--port", type=click.IntRange(0, 65535), required=True, metavar="N", help="0 takes any free one.")
@click.option(
    "--settle",
    type=Seconds(min=0),
    default=0.0,
    metavar="SECONDS",
    help="How long an update stays in progress; default: until the next request.",
)
@with_options(STATE_OPTION, JSON_OPTION, *OUTPUT_OPTIONS)
@taking(_ServeFlags)
def serve(settings: Settings, flags: _ServeFlags) -> None:
    """Answer on 127.0.0.1 until a signal ends it.

    \b
    Example:
      lambdapack emulator serve --port 4566 --state .emulator
      aws --endpoint-url http://127.0.0.1:4566 lambda list-functions
    """
    from lambdapack.emulator.server import Server  # noqa: PLC0415 - no other command loads a server

    try:
        with Server(_state_of(settings, flags), port=flags.port, settle=flags.settle) as server:
            settings.emit({"endpoint_url": server.origin}, f"listening on {server.origin}")
            server.serve_forever()
    except Interruption as interruption:
        # Being told to stop is how a server ends well; whoever hangs up has lost it.
        if interruption.signal_number not in (signal.SIGINT, signal.SIGTERM):
            raise
        if interruption.signal_number == signal.SIGINT:
            output.end_line()


@emulator.command()
@with_options(STATE_OPTION, JSON_OPTION, *OUTPUT_OPTIONS)
@taking(_StateFlags)
def reset(settings: Settings, flags: _StateFlags) -> None:
    """Forget everything that the emulator knows; other files in its directory stay.

    \b
    Example:
      lambdapack emulator reset --state .emulator
    """
    from lambdapack.emulator.store import Store  # noqa: PLC0415 - no other command loads it

    directory = _state_of(settings, flags)
    if directory.exists():
        Store(directory).reset()
    settings.note(f"the emulator in {directory} knows nothing any more")
    settings.emit({"state": str(directory)}, "")


def _state_of(settings: Settings, flags: _StateFlags) -> Path:
    """Return the emulator's directory; raises ``UsageError`` where none is named."""
    chosen = flags.state or settings.emulator
    if chosen is None:
        raise UsageError("there is no directory for the emulator's state", hint="add --state DIR")
    return chosen
