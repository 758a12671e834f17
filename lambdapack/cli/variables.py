"""Environment variables of ours that no option reads: a slip of the pen, which is told."""

from collections.abc import Iterable

import click

from lambdapack.cli.groups import options_of, variable_of
from lambdapack.reporting import Tell


def tell_unread(names: Iterable[str], context: click.Context, tell: Tell) -> None:
    """Tell which of the variables neither the command at hand reads nor another one; no value is told."""
    root = context.find_root()
    known = _variables(root.command, "") | _variables(context.command, context.command_path.partition(" ")[2])
    for name in sorted(set(names) - set(known.values())):
        known |= _variables_of_bearers(name, root)
        if name not in known.values():
            tell(f"warning: nothing reads the environment variable {name}{_suggestion(name, known)}")


def _variables(command: click.Command, path: str) -> dict[str, str]:
    """Return the variables of a command, and of those in it, by what they were called before.

    That was the name of click's parameter, as in ``LAMBDAPACK_BUILD_EXCLUDES``.
    """
    found = {variable_of(path, str(option.name)): str(option.envvar) for option in options_of(command)}
    for name, inner in getattr(command, "commands", {}).items():
        found |= _variables(inner, f"{path} {name}")
    return found


def _variables_of_bearers(name: str, root: click.Context) -> dict[str, str]:
    """Return the same of the command whose name the variable bears; that one alone is imported, in 10 to 30 ms."""
    found: dict[str, str] = {}
    if isinstance(root.command, click.Group):
        for path in root.command.list_commands(root):
            if name.startswith(f"{variable_of(path, '')}_") and (command := root.command.get_command(root, path)):
                found |= _variables(command, path)
    return found


def _suggestion(name: str, known: dict[str, str]) -> str:
    if name in known:
        return f"; it is called {known[name]} now"
    import difflib  # noqa: PLC0415 - for complaints alone: 2 ms

    # What all have in common would make all of them alike.
    tails = [variable.removeprefix("LAMBDAPACK_") for variable in known.values()]
    near = difflib.get_close_matches(name.removeprefix("LAMBDAPACK_"), tails, n=1, cutoff=0.75)
    return f"; did you mean LAMBDAPACK_{near[0]}?" if near else ""
