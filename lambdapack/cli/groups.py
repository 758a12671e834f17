"""What each command and group has that click does not give: types, variables, whole summaries, suggestions.

An option's environment variable is ``LAMBDAPACK_``, the command, and the option's long name: ``LAMBDAPACK_EMULATOR`` is
one of the group, ``LAMBDAPACK_BUILD_EXCLUDE`` one of a command.
"""

import click

from lambdapack.cli.options import Text


class Group(click.Group):
    """A group that says which command may be meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that ``args`` name; fails with a suggestion where there is none."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            names = self.list_commands(ctx)
            if args[0] in names or args[0].startswith("-"):
                raise
            import difflib  # noqa: PLC0415 - for complaints alone: 2 ms

            near = difflib.get_close_matches(args[0], names, n=1)
            ctx.fail(f"No such command {args[0]!r}.{f' Did you mean {near[0]}?' if near else ''}")


def prepare(command: click.Command, path: str) -> click.Command:
    """Return the command at ``path``, such as ``layer push``, with what all commands have that click does not give."""
    for parameter in command.params:
        if parameter.type is click.STRING:  # it has no type of its own
            parameter.type = Text()
    options = options_of(command)
    for option in options:
        option.envvar, option.allow_from_autoenv = variable_of(path, _long_name(option)), False
    if options:
        # The first that takes a value and is the command's own.
        example = max(options, key=lambda option: (option.expose_value, not option.is_flag and not option.count))
        command.epilog = (
            f"Each option may come from the environment: {variable_of(path, '')}_ and its long name in capitals, "
            f"such as {example.envvar} for --{_long_name(example)}. A flag is stronger."
        )
    # click cuts what it takes for a summary itself, at 45 characters or more.
    command.short_help = (command.help or "").partition("\n\n")[0].replace("\n", " ")
    for name, inner in getattr(command, "commands", {}).items():
        prepare(inner, f"{path} {name}")
    return command


def variable_of(command: str, option: str) -> str:
    """Return the environment variable of a long option: ``variable_of("build", "exclude")``, and ``""`` for the group.

    A command in a group is called ``"layer push"``.
    """
    return "_".join(f"lambdapack {command} {option}".split()).replace("-", "_").upper()


def options_of(command: click.Command) -> list[click.Option]:
    """Return the options that have a variable; not --version, for LAMBDAPACK_VERSION has another meaning to people."""
    return [option for option in command.params if isinstance(option, click.Option) and not option.is_eager]


def _long_name(option: click.Option) -> str:
    return max(option.opts, key=len).lstrip("-")
