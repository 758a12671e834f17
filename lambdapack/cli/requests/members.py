"""What ``create`` and ``configure`` may say about a function: their options, laid over the configuration file."""

import os
from collections.abc import Mapping
from typing import Any

import click

from lambdapack.cli.options import RUNTIME_OPTION
from lambdapack.config import FunctionConfig
from lambdapack.environment import Environment
from lambdapack.errors import UsageError
from lambdapack.text import is_text

MEMBER_OPTIONS = (
    RUNTIME_OPTION,
    click.option("--role", metavar="ARN", help="The role that the function runs with."),
    click.option("--handler", metavar="MODULE.FUNCTION", help="Where Lambda enters the code."),
    click.option("--description", metavar="TEXT", help="Of the function."),
    click.option("--memory", type=click.IntRange(min=128), metavar="MIB", help="Memory of the function."),
    click.option(
        "--function-timeout", type=click.IntRange(min=1), metavar="SECONDS", help="What one invocation may take."
    ),
    click.option(
        "--env",
        "variables",
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

KEYED = {
    "role": "Role",
    "handler": "Handler",
    "runtime": "Runtime",
    "description": "Description",
    "memory": "MemorySize",
    "function_timeout": "Timeout",
}
"""Fields of the configuration that are members of AWS's requests, and what AWS calls them."""


def described(function: FunctionConfig, flags: Mapping[str, Any]) -> FunctionConfig:
    """Return the configuration of a function with the flags of ``MEMBER_OPTIONS`` laid over it."""
    given = {name: flags[name] for name in KEYED if flags[name] is not None}
    variables = environment(flags["variables"])
    return function._replace(
        **given,
        environment=function.environment.merged(variables) if function.environment else variables,
        aws={**function.aws, **flag_members(function, flags)},
    )


def flag_members(function: FunctionConfig, flags: Mapping[str, Any]) -> dict[str, object]:
    """Return the other members that flags give; those of a VPC are laid over the configuration's one by one."""
    members: dict[str, object] = {}
    if flags["kms_key_arn"] is not None:
        members["KMSKeyArn"] = flags["kms_key_arn"]
    if flags["layers"]:
        members["Layers"] = listed(flags["layers"])
    network = {
        name: listed(values)
        for name, values in (("SubnetIds", flags["subnets"]), ("SecurityGroupIds", flags["security_groups"]))
        if values
    }
    if network:
        configured = function.aws.get("VpcConfig")
        members["VpcConfig"] = {**(configured if isinstance(configured, Mapping) else {}), **network}
    if flags["ephemeral_storage"] is not None:
        members["EphemeralStorage"] = {"Size": flags["ephemeral_storage"]}
    if flags["tracing"] is not None:
        members["TracingConfig"] = {"Mode": flags["tracing"]}
    if flags["dead_letter"] is not None:
        members["DeadLetterConfig"] = {"TargetArn": flags["dead_letter"]}
    return members


def listed(values: tuple[str, ...]) -> list[str]:
    """Return what a repeatable option gives: the empty value stands for none."""
    return [value for value in values if value]


def environment(given: tuple[str, ...]) -> Environment:
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
