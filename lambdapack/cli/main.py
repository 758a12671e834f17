"""The group of commands, and the one place where an error becomes words and an exit code.

Rules for this file
- Whatever ends a run ends here: an error of ours, of click's, of the system, a signal, or a bug.
- A command's module is imported when the command is called, so that ``--version`` and ``build`` wait
  for nothing that they do not use.
"""

import contextlib
import gc
import importlib
import os
import signal
import sys
from typing import NoReturn

import click

from lambdapack.cli import output
from lambdapack.cli.groups import Group, prepare
from lambdapack.cli.options import CONNECTION_OPTIONS, OUTPUT_OPTIONS, Settings, with_options
from lambdapack.cli.process import ignore_signals, install_signal_handlers, leave
from lambdapack.errors import Interruption, LambdapackError, LocalError, UsageError
from lambdapack.shortage import is_memory_short, no_memory, shortage
from lambdapack.version import __version__

COMMANDS = {
    "alias": "lambdapack.cli.commands.alias",
    "build": "lambdapack.cli.commands.build",
    "configure": "lambdapack.cli.commands.configure",
    "create": "lambdapack.cli.commands.create",
    "delete": "lambdapack.cli.commands.delete",
    "diff": "lambdapack.cli.commands.diff",
    "emulator": "lambdapack.cli.commands.emulator",
    "layer": "lambdapack.cli.commands.layer",
    "list": "lambdapack.cli.commands.show:list_functions",
    "lock": "lambdapack.cli.commands.lock",
    "prune": "lambdapack.cli.commands.prune",
    "publish": "lambdapack.cli.commands.publish",
    "pull": "lambdapack.cli.commands.pull",
    "push": "lambdapack.cli.commands.push",
    "rollback": "lambdapack.cli.commands.alias",
    "show": "lambdapack.cli.commands.show",
    "versions": "lambdapack.cli.commands.show",
}
"""Each command and the module that holds it, under the command's name or the one behind ``:``. Two are groups."""

GARBAGE_THRESHOLD = 100_000
"""Objects that are made before the interpreter looks for unreachable cycles; its own default is 700 to 2,000."""


class LazyGroup(Group):
    """The group of all commands, which imports a command's module when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, or None."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), name or cmd_name)
        return prepare(command, cmd_name) if isinstance(command, click.Command) else None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="lambdapack", message="%(prog)s %(version)s")
@with_options(*OUTPUT_OPTIONS, *CONNECTION_OPTIONS)
def cli() -> None:
    """Turn a source tree into an AWS Lambda deployment package, and publish exactly those bytes.

    \b
    Example:
      lambdapack build src -o hello.zip
      lambdapack push hello --zip hello.zip --publish
    """


prepare(cli, "")


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and end the process with the exit code of README, "Exit codes"."""
    given = sys.argv[1:] if arguments is None else arguments
    # A build makes thousands of values that live to its end: looking for garbage among them finds none.
    gc.set_threshold(GARBAGE_THRESHOLD)
    try:
        exit_code = run(given, Settings(json="--json" in given))
        ignore_signals()
    except Interruption as interruption:
        if interruption.signal_number == signal.SIGINT:
            output.end_line()
        exit_code = 128 + interruption.signal_number
    leave(exit_code)


def run(arguments: list[str], settings: Settings) -> int:
    """Run the command and return its exit code, having said what went wrong; raises ``Interruption`` alone."""
    install_signal_handlers()
    try:
        exit_code = cli.main(args=arguments, prog_name="lambdapack", standalone_mode=False, obj=settings)
    except Interruption:
        raise
    except SystemExit as done:
        # The answer to a shell that completes a line; whatever it was, it has been said.
        return done.code if isinstance(done.code, int) else 0
    except (output.DeclinedError, click.Abort):
        return decline(settings)
    except BaseException as error:  # noqa: BLE001 - whatever ends a run ends here
        return report(as_ours(error), settings)
    # What context.exit() was given; the commands themselves return nothing.
    return exit_code if isinstance(exit_code, int) else 0


def decline(settings: Settings) -> int:
    """Say that the user answered no, and return the exit code: nothing failed."""
    settings.note("nothing was done")
    try:
        settings.emit({"declined": True}, "")
    except LocalError as error:
        return report(error, settings)
    return 0


def as_ours(error: BaseException) -> LambdapackError | BaseException:
    """Return the error of our family that says what a foreign one means, or the foreign one where it is a bug."""
    if isinstance(error, LocalError):
        return error
    if (short := shortage(error)) is not None:
        return short
    if isinstance(error, click.ClickException):
        return _usage_error(error)
    if isinstance(error, OSError):
        return _system_error(error)
    # Under a limit nearly anything can fail where nobody expects it, and without a word of memory.
    return no_memory() if not isinstance(error, LambdapackError) and is_memory_short() else error


def _system_error(error: OSError) -> LocalError:
    """Return what it means that the system does not play along."""
    try:
        os.getcwd()  # noqa: PTH109 - the system's answer, nothing else
    except OSError:
        return LocalError("the current directory is not there any more", hint="change to one that is: cd")
    name = f": {error.filename}" if error.filename else ""
    return LocalError(f"{error.strerror or error}{name}", hint="check the file, its permissions and the limits")


def _usage_error(error: click.ClickException) -> UsageError:
    """Return click's complaint as one line, with the command whose help says more."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context else "lambdapack"
    # What click would show here is the whole help text.
    incomplete = isinstance(error, click.exceptions.NoArgsIsHelpError)
    message = f"{command} needs a command" if incomplete else " ".join(error.format_message().split())
    return UsageError(message, hint=f"see {command} --help")


def report(error: LambdapackError | BaseException, settings: Settings) -> int:
    """Say what went wrong, on stderr and as JSON where that was asked for; return the exit code."""
    if not isinstance(error, LambdapackError):
        if settings.verbose:
            import traceback  # noqa: PLC0415 - bugs alone need it

            # The frames alone: an exception's own text may hold what must not be printed.
            output.tell("".join(traceback.format_tb(error.__traceback__)).rstrip())
        words = f"this is a bug in lambdapack: {type(error).__name__}"
        error = LambdapackError(words, hint="please report it, with what -v prints")
    output.tell_error(error)
    if settings.json:
        with contextlib.suppress(LocalError):
            output.emit_json(output.error_document(error))
    return error.exit_code
