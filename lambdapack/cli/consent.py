"""Asking before something is destroyed: on a terminal, or by ``--yes`` where there is none."""

import sys

import click

from lambdapack.cli import output
from lambdapack.errors import UsageError

YES_OPTION = click.option("-y", "--yes", is_flag=True, help="Do not ask.")


def check_answerable(*, yes: bool, what: str) -> None:
    """Raise ``UsageError`` where the question could not be answered, before anything is done for it."""
    if not yes and not (output.is_terminal(sys.stdin) and output.is_terminal(sys.stderr)):
        raise UsageError(f"{what} needs a yes, and there is no terminal to ask on", hint="add --yes")


def ask(question: str, *, yes: bool) -> None:
    """Return where the user agrees; raises ``click.Abort`` otherwise."""
    if not yes:
        click.confirm(question, abort=True, err=True)
