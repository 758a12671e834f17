"""Environment variables of options: ``LAMBDAPACK_``, the command, and the long option's name.

``LAMBDAPACK_EMULATOR`` is an option of the group, ``LAMBDAPACK_BUILD_EXCLUDE`` one of a command. One that nothing reads
is a slip of the pen, and is told.
"""

import os

import click

from lambdapack.reporting import Tell

PREFIX = "LAMBDAPACK_"

OTHERS = frozenset({"LAMBDAPACK_CACHE_DIR"})
"""What is read, and is no option's."""


def variable_of(command: str, option: str) -> str:
    """Return the environment variable of a long option: ``variable_of("build", "exclude")``, and ``""`` for the group.

    A command in a group is called ``"layer push"``.
    """
    words = f"lambdapack {command} {option}".split()
    return "_".join(words).replace("-", "_").upper()


def name_variables(command: click.Command, path: str) -> None:
    """Give each option of the command at ``path``, such as ``layer push``, the variable of its long name."""
    for option in _options(command):
        option.envvar, option.allow_from_autoenv = variable_of(path, _long_name(option)), False


def variables_help(command: click.Command, path: str) -> str | None:
    """Return the sentence of ``--help`` about the variables of a command's options; None where it has no option."""
    options = _options(command)
    if not options:
        return None
    # The first that takes a value and is the command's own.
    example = max(options, key=lambda option: (option.expose_value, not option.is_flag and not option.count))
    return (
        f"Each option may come from the environment: {variable_of(path, '')}_ and its long name in capitals, such as "
        f"{example.envvar} for --{_long_name(example)}. A flag is stronger."
    )


def tell_unread(context: click.Context, tell: Tell) -> None:
    """Name each variable of ours that neither the command at hand reads nor another one; its value is not told."""
    unread = {name for name, value in os.environ.items() if value and name.startswith(PREFIX)} - OTHERS
    if not unread:
        return
    root = context.find_root()
    known = _variables(root.command, "") | _variables(context.command, context.command_path.partition(" ")[2])
    for name in sorted(unread - set(known.values())):
        known |= _variables_of_bearers(name, root)
        if name not in known.values():
            tell(f"warning: nothing reads the environment variable {name}{_suggestion(name, known)}")


def _variables(command: click.Command, path: str) -> dict[str, str]:
    """Return the variables of a command, and of those in it, by what they were called before.

    That was the name of click's parameter, as in ``LAMBDAPACK_BUILD_EXCLUDES``.
    """
    found = {variable_of(path, str(option.name)): str(option.envvar) for option in _options(command)}
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

    tails = [variable.removeprefix(PREFIX) for variable in known.values()]
    near = difflib.get_close_matches(name.removeprefix(PREFIX), tails, n=1, cutoff=0.75)
    return f"; did you mean {PREFIX}{near[0]}?" if near else ""


def _options(command: click.Command) -> list[click.Option]:
    """Return the options that have a variable; not --version, for LAMBDAPACK_VERSION has another meaning to people."""
    return [option for option in command.params if isinstance(option, click.Option) and not option.is_eager]


def _long_name(option: click.Option) -> str:
    return max(option.opts, key=len).lstrip("-")
