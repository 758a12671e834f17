"""What ``create`` and ``configure`` may say about a function: their options, laid over the configuration file."""

import os
from collections.abc import Mapping
from typing import Any, Literal

import click

from lambdapack.cli.flags import Flags, key_option
from lambdapack.config.keys import FunctionConfig, lay_over
from lambdapack.deploying.create import CreateSettings
from lambdapack.environment import Environment
from lambdapack.errors import UsageError
from lambdapack.text import is_text


class _Lines(click.Option):
    """An option whose variable of the environment has one value a line: click would cut values at their blanks."""

    def value_from_envvar(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's
        """Return the lines of the variable, or None where it is unset or empty."""
        given = self.resolve_envvar_value(ctx)
        return given and tuple(given.splitlines())


MEMBER_OPTIONS = (
    *map(key_option, ("runtime", "role", "handler", "description", "memory", "function-timeout")),
    click.option(
        "--env",
        "variables",
        cls=_Lines,
        multiple=True,
        metavar="KEY=VALUE",
        help="Set an environment variable and keep the others; KEY alone takes the value that it has here.",
    ),
    click.option("--kms-key-arn", metavar="ARN", help="The key that encrypts the environment; '' for Lambda's own."),
    click.option("--layer", "layers", multiple=True, metavar="ARN", help="The layers, in this order; '' for none."),
    click.option("--vpc-subnet", "subnets", multiple=True, metavar="ID", help="The subnets; '' for no VPC."),
    click.option("--vpc-security-group", "security_groups", multiple=True, metavar="ID", help="The security groups."),
    click.option("--ephemeral-storage", type=click.IntRange(min=512), metavar="MIB", help="The size of /tmp."),
    click.option("--tracing", type=click.Choice(("Active", "PassThrough")), help="AWS X-Ray."),
    click.option("--dead-letter", metavar="ARN", help="The queue or topic of failed events; '' for none."),
)


class MemberFlags(Flags):
    """What the command line says about a function; None or empty where it says nothing."""

    runtime: str | None
    role: str | None
    handler: str | None
    description: str | None
    memory: int | None
    function_timeout: int | None
    variables: tuple[str, ...]
    kms_key_arn: str | None
    layers: tuple[str, ...]
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]
    ephemeral_storage: int | None
    tracing: Literal["Active", "PassThrough"] | None
    dead_letter: str | None


REQUIRED = ("role", "handler", "runtime")
"""What CreateFunction cannot do without for a zip (API reference, CreateFunction); an image needs a role."""


def describe(function: FunctionConfig, flags: MemberFlags) -> FunctionConfig:
    """Return the configuration of a function with what the flags say of it laid over it."""
    variables, members = _environment(flags.variables), _members(function, flags)
    return lay_over(flags.over(function), {"environment": variables, "aws": members})


def _members(function: FunctionConfig, flags: MemberFlags) -> dict[str, object]:
    """Return the other members that flags give; those of a VPC are laid over the configuration's one by one."""
    configured = function.aws.get("VpcConfig")
    network = _given(SubnetIds=_listed(flags.subnets), SecurityGroupIds=_listed(flags.security_groups))
    return _given(
        KMSKeyArn=flags.kms_key_arn,
        Layers=_listed(flags.layers),
        VpcConfig={**(configured if isinstance(configured, Mapping) else {}), **network} if network else None,
        EphemeralStorage=_given(Size=flags.ephemeral_storage) or None,
        TracingConfig=_given(Mode=flags.tracing) or None,
        DeadLetterConfig=_given(TargetArn=flags.dead_letter) or None,
    )


def _given(**members: object) -> dict[str, object]:
    """Return the members that are given: None is none, and empty is a value."""
    return {name: value for name, value in members.items() if value is not None}


def create_settings(function: FunctionConfig, *, is_image: bool) -> CreateSettings:
    """Return what CreateFunction needs; raises ``UsageError`` that names what is missing."""
    required = REQUIRED[:1] if is_image else REQUIRED
    missing = [name for name in required if getattr(function, name) is None]
    if function.role is None or missing:
        raise UsageError(
            f"a new function {function.name} needs {' and '.join(missing)}",
            hint=f"add {', '.join(f'--{name}' for name in missing)} to lambdapack create, or to the configuration",
        )
    return CreateSettings(
        role=function.role,
        handler=function.handler,
        runtime=function.runtime,
        architecture=function.architecture,
        description=function.description,
        memory=function.memory,
        function_timeout=function.function_timeout,
        environment=function.environment,
        parameters=function.aws,
    )


def _listed(values: tuple[str, ...]) -> list[str] | None:
    """Return what a repeatable option gives, if it is given: the empty value stands for an empty list."""
    return [value for value in values if value] if values else None


def _environment(given: tuple[str, ...]) -> Environment:
    """Return the variables of ``--env``; raises ``UsageError`` that names the variable, but never its value."""
    variables = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not name:
            raise UsageError("--env without the name of a variable", hint="write --env KEY=VALUE, or --env KEY")
        if not equals and name not in os.environ:
            raise UsageError(f"--env {name}: there is no such variable here", hint=f"write --env {name}=VALUE")
        variables[name] = value if equals else os.environ[name]
        if not is_text(variables[name]):
            raise UsageError(f"--env {name}: its value here is not UTF-8", hint=f"write --env {name}=VALUE")
    return Environment(variables)
