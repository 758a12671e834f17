"""What each command and group has that click does not give: types, variables, whole summaries, suggestions."""

import click

from lambdapack.cli.options import take_text
from lambdapack.cli.variables import name_variables, variables_help


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
    take_text(command)
    name_variables(command, path)
    # click cuts what it takes for a summary itself, at 45 characters or more.
    command.short_help = (command.help or "").partition("\n\n")[0].replace("\n", " ")
    command.epilog = variables_help(command, path)
    for name, inner in getattr(command, "commands", {}).items():
        prepare(inner, f"{path} {name}")
    return command
