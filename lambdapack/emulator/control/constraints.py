"""The constraints of Lambda's API model, and the sentences in which AWS reports their violation.

Rules for this file
- Every pattern and limit is the service's own, as it quotes them in its answers (recorded) or as the
  botocore model 1.44.5 has them. Python's ``re`` reads these patterns as Java's does.
- A violation is a sentence; the callers collect them and refuse all at once (``refusals.invalid_request``).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lambdapack.emulator.refusals import invalid_request
from lambdapack.emulator.values import Members

REGION_PATTERN = r"(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}"
FUNCTION_NAME = (
    rf"(arn:(aws[a-zA-Z-]*)?:lambda:)?({REGION_PATTERN}:)?(\d{{12}}:)?(function:)?([a-zA-Z0-9-_]+)"
    r"(:(\$LATEST|[a-zA-Z0-9-_]+))?"
)
NAMESPACED_FUNCTION_NAME = (
    rf"(arn:(aws[a-zA-Z-]*)?:lambda:)?({REGION_PATTERN}:)?(\d{{12}}:)?(function:)?([a-zA-Z0-9-_\.]+)"
    r"(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)
QUALIFIER = r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
ALIAS_NAME = r"(?!^[0-9]+$)([a-zA-Z0-9-_]+)"
VERSION_NUMBER = r"(\$LATEST|[0-9]+)"
_ROLE_ARN = r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"
_HANDLER = r"[^\s]+"
LAYER_VERSION_ARN = (
    rf"(arn:(aws[a-zA-Z-]*)?:lambda:{REGION_PATTERN}:\d{{12}}:layer:[a-zA-Z0-9-_]+:[0-9]+)"
    r"|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)"
)
LAYER_NAME = rf"(arn:(aws[a-zA-Z-]*)?:lambda:{REGION_PATTERN}:\d{{12}}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+"
SIGNING_CONFIG_ARN = rf"arn:(aws[a-zA-Z-]*)?:lambda:{REGION_PATTERN}:\d{{12}}:code-signing-config:csc-[a-z0-9]{{17}}"
_KMS_KEY_ARN = r"(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()"
ENVIRONMENT_KEY = r"[a-zA-Z]([a-zA-Z0-9_])+"
_SUBNET = r"subnet-[0-9a-z]*"
_SECURITY_GROUP = r"sg-[0-9a-zA-Z]*"
ARCHITECTURES = ("x86_64", "arm64")


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """What one member must satisfy; ``low``/``high`` bound a number, or the length of a text or list."""

    low: float | None = None
    high: float | None = None
    pattern: str | None = None
    choices: Sequence[str] = ()


_FUNCTION_MEMBERS: Mapping[str, Constraint] = {
    "Description": Constraint(high=256),
    "Role": Constraint(pattern=_ROLE_ARN),
    "Handler": Constraint(high=128, pattern=_HANDLER),
    "Timeout": Constraint(low=1, high=900),
    "MemorySize": Constraint(low=128, high=10240),
    "KMSKeyArn": Constraint(pattern=_KMS_KEY_ARN),
    "PackageType": Constraint(choices=("Zip", "Image")),
}
"""Member → constraint: botocore model 1.44.5; Timeout ends at 900 and MemorySize at 10240 for functions without a
capacity provider (the model has 5400 and 32768 for those that have one).
"""


def java_text(value: object) -> str:
    """Return a value as Java prints it in AWS's messages: ``[a, b]``, ``{k=v}``."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}={java_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(java_text(item) for item in value) + "]"
    return str(value)


def violation(value: object, member: str, demand: str) -> str:
    """Return AWS's sentence for a member that breaks ``demand``."""
    return f"Value '{java_text(value)}' at '{member}' failed to satisfy constraint: {demand}"


def enumeration(choices: Sequence[str]) -> str:
    """Return AWS's demand for a value out of a set."""
    return f"Member must satisfy enum value set: [{', '.join(choices)}]"


def violations(value: Any, member: str, constraint: Constraint) -> list[str]:  # noqa: ANN401 - a member of any JSON type
    """Return the sentences for everything in ``constraint`` that ``value`` breaks, lengths first."""
    found = []
    measured = value if isinstance(value, int | float) else len(value)
    noun = "value" if isinstance(value, int | float) else "length"
    if constraint.high is not None and measured > constraint.high:
        found.append(violation(value, member, f"Member must have {noun} less than or equal to {constraint.high}"))
    if constraint.low is not None and measured < constraint.low:
        found.append(violation(value, member, f"Member must have {noun} greater than or equal to {constraint.low}"))
    if constraint.pattern is not None and not re.fullmatch(constraint.pattern, value):
        found.append(violation(value, member, f"Member must satisfy regular expression pattern: {constraint.pattern}"))
    if constraint.choices and value not in constraint.choices:
        found.append(violation(value, member, enumeration(constraint.choices)))
    return found


def architectures(value: Sequence[str]) -> list[str]:
    """Return the violations of a list of architectures (one, and in lower case)."""
    found = []
    if len(value) > 1:
        found.append(violation(value, "architectures", "Member must have length less than or equal to 1"))
    if any(each not in ARCHITECTURES for each in value):
        demand = f"Member must satisfy constraint: [{enumeration(ARCHITECTURES)}, Member must not be null]"
        found.append(violation(value, "architectures", demand))
    return found


def _texts(value: Sequence[str], member: str, *, high: int, low: int, pattern: str, null: bool) -> list[str]:
    """Return the violation of a list of texts, which AWS reports with every demand on its members."""
    if all(low <= len(text) <= high and re.fullmatch(pattern, text) for text in value):
        return []
    demands = [
        f"Member must have length less than or equal to {high}",
        f"Member must have length greater than or equal to {low}",
        f"Member must satisfy regular expression pattern: {pattern}",
        *(["Member must not be null"] if null else []),
    ]
    return [violation(value, member, f"Member must satisfy constraint: [{', '.join(demands)}]")]


def function_members(parameters: Members) -> list[str]:
    """Return the violations among the members that CreateFunction and UpdateFunctionConfiguration share."""
    found: list[str] = []
    for member, constraint in _FUNCTION_MEMBERS.items():
        if parameters.get(member) is not None:
            found += violations(parameters[member], member[0].lower() + member[1:], constraint)
    if "Architectures" in parameters:
        found += architectures(parameters["Architectures"])
    if "ApplyOn" in (parameters.get("SnapStart") or {}):
        choices = ("PublishedVersions", "None")
        found += violations(parameters["SnapStart"]["ApplyOn"], "snapStart.applyOn", Constraint(choices=choices))
    if "Size" in (parameters.get("EphemeralStorage") or {}):
        size = Constraint(low=512, high=10240)
        found += violations(parameters["EphemeralStorage"]["Size"], "ephemeralStorage.size", size)
    if "Mode" in (parameters.get("TracingConfig") or {}):
        choices = ("Active", "PassThrough")
        found += violations(parameters["TracingConfig"]["Mode"], "tracingConfig.mode", Constraint(choices=choices))
    if parameters.get("Layers"):
        layers = parameters["Layers"]
        found += _texts(layers, "layers", high=2048, low=1, pattern=LAYER_VERSION_ARN, null=True)
    network = parameters.get("VpcConfig") or {}
    if network.get("SubnetIds"):
        found += _texts(network["SubnetIds"], "vpcConfig.subnetIds", high=1024, low=0, pattern=_SUBNET, null=False)
    if network.get("SecurityGroupIds"):
        groups = network["SecurityGroupIds"]
        found += _texts(groups, "vpcConfig.securityGroupIds", high=1024, low=0, pattern=_SECURITY_GROUP, null=False)
    return found


def demand(found: Sequence[str]) -> None:
    """Refuse the request with ValidationException if any constraint was violated."""
    if found:
        raise invalid_request(found)
