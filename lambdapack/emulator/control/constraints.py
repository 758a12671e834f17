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
ENVIRONMENT_KEY = r"[a-zA-Z]([a-zA-Z0-9_])+"
ARCHITECTURES = ("x86_64", "arm64")


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """What one member must satisfy; ``low``/``high`` bound a number, or the length of a text or list."""

    low: float | None = None
    high: float | None = None
    pattern: str | None = None
    choices: Sequence[str] = ()


_FUNCTION_ARN = rf"(arn:(aws[a-zA-Z-]*)?:lambda:)?({REGION_PATTERN}:)?(\d{{12}}:)?(function:)?"
FUNCTION_NAME = Constraint(high=140, pattern=rf"{_FUNCTION_ARN}([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?")
NAMESPACED_FUNCTION_NAME = Constraint(
    high=256, pattern=rf"{_FUNCTION_ARN}([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)
QUALIFIER = Constraint(low=1, high=128, pattern=r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+")
ALIAS_NAME = Constraint(low=1, high=128, pattern=r"(?!^[0-9]+$)([a-zA-Z0-9-_]+)")
VERSION_NUMBER = Constraint(low=1, high=1024, pattern=r"(\$LATEST|[0-9]+)")
_LAYER_ARN = rf"(arn:(aws[a-zA-Z-]*)?:lambda:{REGION_PATTERN}:\d{{12}}:layer:[a-zA-Z0-9-_]+"
LAYER_NAME = Constraint(low=1, high=140, pattern=rf"{_LAYER_ARN})|[a-zA-Z0-9-_]+")
LAYER_VERSION_ARN = Constraint(
    low=1, high=2048, pattern=rf"{_LAYER_ARN}:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)"
)
SIGNING_CONFIG_ARN = Constraint(
    high=200, pattern=rf"arn:(aws[a-zA-Z-]*)?:lambda:{REGION_PATTERN}:\d{{12}}:code-signing-config:csc-[a-z0-9]{{17}}"
)
DESCRIPTION = Constraint(high=256)
"""Of functions, versions, aliases, layers and code signing configurations."""

_FUNCTION_MEMBERS: Mapping[str, Constraint] = {
    "Description": DESCRIPTION,
    "Role": Constraint(pattern=r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"),
    "Handler": Constraint(high=128, pattern=r"[^\s]+"),
    "Timeout": Constraint(low=1, high=900),
    "MemorySize": Constraint(low=128, high=10240),
    "KMSKeyArn": Constraint(pattern=r"(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()"),
    "PackageType": Constraint(choices=("Zip", "Image")),
}
"""Member → constraint: botocore model 1.44.5; Timeout ends at 900 and MemorySize at 10240 for functions without a
capacity provider (the model has 5400 and 32768 for those that have one).
"""

_FUNCTION_PARTS: Mapping[tuple[str, str], Constraint] = {
    ("SnapStart", "ApplyOn"): Constraint(choices=("PublishedVersions", "None")),
    ("EphemeralStorage", "Size"): Constraint(low=512, high=10240),
    ("TracingConfig", "Mode"): Constraint(choices=("Active", "PassThrough")),
}
"""The same for parts of members."""


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
    """Return the sentences for everything in ``constraint`` that ``value`` (None: absent) breaks, lengths first."""
    found: list[str] = []
    if value is None:
        return found
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


def architectures(value: Sequence[str] | None, member: str = "architectures", *, most: int = 1) -> list[str]:
    """Return the violations of a list of architectures (``most`` at most, and in lower case)."""
    found = violations(value, member, Constraint(high=most))
    if any(each not in ARCHITECTURES for each in value or ()):
        demand = f"Member must satisfy constraint: [{enumeration(ARCHITECTURES)}, Member must not be null]"
        found.append(violation(value, member, demand))
    return found


def _texts(value: Sequence[str | None] | None, member: str, constraint: Constraint, *, null: bool) -> list[str]:
    """Return the violation of a list of texts, which AWS reports with every demand on its members."""
    if not any(text is None or violations(text, member, constraint) for text in value or ()):
        return []
    demands = [
        f"Member must have length less than or equal to {constraint.high}",
        f"Member must have length greater than or equal to {constraint.low}",
        f"Member must satisfy regular expression pattern: {constraint.pattern}",
        *(["Member must not be null"] if null else []),
    ]
    return [violation(value, member, f"Member must satisfy constraint: [{', '.join(demands)}]")]


def function_members(parameters: Members) -> list[str]:
    """Return the violations among the members that CreateFunction and UpdateFunctionConfiguration share."""
    found: list[str] = []
    for member, constraint in _FUNCTION_MEMBERS.items():
        found += violations(parameters.get(member), _lower(member), constraint)
    found += architectures(parameters.get("Architectures"))
    for (member, part), constraint in _FUNCTION_PARTS.items():
        value = (parameters.get(member) or {}).get(part)
        found += violations(value, f"{_lower(member)}.{_lower(part)}", constraint)
    found += _texts(parameters.get("Layers"), "layers", LAYER_VERSION_ARN, null=True)
    network = parameters.get("VpcConfig") or {}
    for part, pattern in (("SubnetIds", r"subnet-[0-9a-z]*"), ("SecurityGroupIds", r"sg-[0-9a-zA-Z]*")):
        constraint = Constraint(low=0, high=1024, pattern=pattern)
        found += _texts(network.get(part), f"vpcConfig.{_lower(part)}", constraint, null=False)
    return found


def _lower(member: str) -> str:
    """Return a member's name as AWS's messages spell it."""
    return member[0].lower() + member[1:]


def demand(found: Sequence[str]) -> None:
    """Refuse the request with ValidationException if any constraint was violated."""
    if found:
        raise invalid_request(found)
