"""The flags of each command: fields that are click's parameters, with the types that click gives them."""

import types
import typing
from collections.abc import Iterator
from typing import Any

import click
import pytest

from lambdapack.cli.flags import Flags
from lambdapack.cli.main import cli
from lambdapack.config.keys import FunctionConfig
from lambdapack.environment import Environment


def commands(group: click.Group, context: click.Context) -> Iterator[click.Command]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, context)
        else:
            yield command


COMMANDS = list(commands(cli, click.Context(cli)))


def kind_of(command: click.Command) -> type[Flags]:
    """Return the class of flags that a command takes, as its own signature says."""
    callback: Any = command.callback
    kind: type[Flags] = typing.get_type_hints(callback.__wrapped__)["flags"]
    return kind


def one_of(parameter: click.Parameter) -> Any:  # noqa: ANN401 - a type
    """Return the type of one value that click hands over."""
    if isinstance(parameter.type, click.Choice):
        return str
    if isinstance(parameter.type, click.Path):
        return parameter.type.type
    return {"boolean": bool, "integer range": int, "float range": float}.get(parameter.type.name, str)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: f"{command.callback.__module__}.{command.name}")
def test_fields_are_the_parameters_of_their_command(command: click.Command) -> None:
    parameters = {str(one.name): one for one in command.params if getattr(one, "expose_value", True)}
    fields = typing.get_type_hints(kind_of(command))
    absent = command.make_context("x", [], resilient_parsing=True).params

    assert fields.keys() == parameters.keys()
    for name, parameter in parameters.items():
        accepted = [fields[name], *typing.get_args(fields[name])]
        words = [part for part in accepted if typing.get_origin(part) is typing.Literal]
        if words:
            assert isinstance(parameter.type, click.Choice)
            assert tuple(parameter.type.choices) == typing.get_args(words[0]), name
        elif getattr(parameter, "multiple", False):
            assert typing.get_args(fields[name]) == (one_of(parameter), ...), name
        else:
            assert one_of(parameter) in accepted, name
        is_optional = absent[name] is None and not parameter.required
        assert (types.NoneType in accepted) == is_optional, name


def test_a_flag_is_the_stronger_configuration() -> None:
    class Given(Flags):
        runtime: str | None
        extras: tuple[str, ...]
        lock: str | None
        scripts: bool | None
        other: str

    configured = FunctionConfig(name="f", runtime="python3.12", extras=("a",), lock="old", memory=1)
    given = Given(runtime=None, extras=(), lock="new", scripts=False, other="x")

    assert given.over(configured) == configured._replace(lock="new", scripts=False)
    assert Given(runtime="python3.13", extras=("b",), lock="", scripts=None, other="").over(configured) == (
        configured._replace(runtime="python3.13", extras=("b",), lock="")
    )
    assert given.over(FunctionConfig(name="g", environment=Environment({"A": "b"}))).environment is not None
