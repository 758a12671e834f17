"""Names and ARNs of functions, versions, aliases and layers: from what a caller wrote to what is meant.

Rules for this file (recorded: name_qualifier_validation and TestLambdaFunction)
- The form is checked first (ValidationException, qualifier before name), then the Region of an ARN (404), its
  account (403 with a null message), then the name's length, then whether the two qualifiers agree.
- CreateFunction and the calls on a function as a whole take the narrower pattern; calls that take a
  qualifier, and the listings, take the "namespaced" one, which bounds no length at 140.
"""

import re
from dataclasses import dataclass

from lambdapack.emulator.calls import Call
from lambdapack.emulator.control import constraints
from lambdapack.emulator.refusals import RefusedError, invalid_parameter, not_found
from lambdapack.emulator.values import ACCOUNT

_LONGEST_NAME = 64

_PARTS = re.compile(
    rf"(arn:(?:aws[a-zA-Z-]*)?:lambda:)?(?:(?P<region>{constraints.REGION_PATTERN}):)?(?:(?P<account>\d{{12}}):)?(?:function:)?"
    r"(?P<name>[a-zA-Z0-9-_.]+)(?::(?P<qualifier>\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A function as a caller named it: its bare name, and the version or alias, if any was named."""

    name: str
    qualifier: str | None
    arn: str

    @property
    def qualified_arn(self) -> str:
        """The ARN with the qualifier, where one was named."""
        return self.arn if self.qualifier is None else f"{self.arn}:{self.qualifier}"


def partition(region: str) -> str:
    """Return the partition that a Region lies in."""
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"


def function_arn(region: str, name: str) -> str:
    """Return the unqualified ARN of a function."""
    return f"arn:{partition(region)}:lambda:{region}:{ACCOUNT}:function:{name}"


def layer_arn(region: str, name: str) -> str:
    """Return the ARN of a layer, without version."""
    return f"arn:{partition(region)}:lambda:{region}:{ACCOUNT}:layer:{name}"


def new_function(call: Call) -> Reference:
    """Return the name that CreateFunction gives; 64 characters at most, and never a qualifier."""
    reference = _reference(call, constraints.FUNCTION_NAME)
    if len(reference.name) > _LONGEST_NAME:
        limit = f"Member must have length less than or equal to {_LONGEST_NAME}"
        sentence = constraints.violation(call.text("FunctionName"), "functionName", limit)
        raise invalid_parameter(f"1 validation error detected: {sentence}")
    return reference


def whole_function(call: Call) -> Reference:
    """Return the function that an operation on the function as a whole names."""
    return _reference(call, constraints.FUNCTION_NAME)


def namespaced_function(call: Call) -> Reference:
    """Return the function that a listing names (the wider pattern, no qualifier parameter)."""
    return _reference(call, constraints.NAMESPACED_FUNCTION_NAME)


def qualified_function(call: Call) -> Reference:
    """Return the function and the version or alias that an operation with a Qualifier names."""
    return _reference(call, constraints.NAMESPACED_FUNCTION_NAME, qualifier=call.text("Qualifier"))


def _reference(call: Call, demanded: constraints.Constraint, *, qualifier: str | None = None) -> Reference:
    written = call.text("FunctionName") or ""
    # 1. The form of both.
    found = constraints.violations(qualifier, "qualifier", constraints.QUALIFIER)
    constraints.demand([*found, *constraints.violations(written, "functionName", demanded)])
    parts = _PARTS.fullmatch(written)
    assert parts is not None, "both patterns are narrower than this one"  # noqa: S101 - an invariant of this file
    # 2. The Region, then the account of an ARN.
    if parts["region"] is not None and parts["region"] != call.region:
        raise not_found(f"Functions from '{parts['region']}' are not reachable in this region ('{call.region}')")
    if parts["account"] is not None and parts["account"] != ACCOUNT:
        raise RefusedError(403, "AccessDeniedException", None)
    # 3. The two qualifiers.
    named = parts["qualifier"]
    if named is not None and qualifier is not None and named != qualifier:
        raise invalid_parameter("The derived qualifier from the function name does not match the specified qualifier.")
    return Reference(name=parts["name"], qualifier=qualifier or named, arn=function_arn(call.region, parts["name"]))
