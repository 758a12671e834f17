"""What a layer may be called, checked before any request; never stricter than the service."""

import re
from dataclasses import dataclass

from lambdapack.errors import UsageError
from lambdapack.text import clip

# PublishLayerVersion's own pattern (botocore 1.44, LayerName), and the version that a version's ARN ends with.
_LAYER_NAME = re.compile(
    r"(arn:(aws[a-zA-Z-]*)?:lambda:"
    r"(?P<region>(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}):\d{12}:layer:)?"
    r"(?P<name>[a-zA-Z0-9_-]+)"
    r"(?P<version>:[0-9]+)?",
    re.ASCII,
)

_LAYER_NAME_MAX = 140
"""Characters of a bare name (API reference, PublishLayerVersion, LayerName)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerName:
    """A layer as the user named it."""

    given: str
    """What is sent to AWS: a name or an ARN."""
    name: str
    """The bare name."""


def version_arn_is(arn: str, *, asked: str, number: int) -> bool:
    """Return whether ``arn`` is that of version ``number`` of the layer that a request called ``asked``."""
    match = _LAYER_NAME.fullmatch(arn)
    if match is None or not match["region"] or match["version"] != f":{number}":
        return False
    return asked in (match["name"], arn.removesuffix(f":{number}"))


def layer_name(given: str, *, region: str) -> LayerName:
    """Return the layer that ``given`` names: a name, or an ARN without version.

    Raises ``UsageError`` where no layer can be called so, where it is one version of a layer, or in another Region
    than ``region``.
    """
    match = _LAYER_NAME.fullmatch(given)
    if match is None:
        raise UsageError(
            f"{clip(given)!r} is not a layer's name",
            hint="letters, digits, '-' and '_', or the layer's ARN: arn:aws:lambda:REGION:ACCOUNT:layer:NAME",
        )
    name = match["name"]
    if len(name) > _LAYER_NAME_MAX:
        raise UsageError(
            f"{clip(name)} is too long for a layer's name", hint=f"names have at most {_LAYER_NAME_MAX} characters"
        )
    if match["version"]:
        raise UsageError(
            f"{given} names one version of a layer, which cannot be changed", hint=f"name the layer alone: {name}"
        )
    if match["region"] and match["region"] != region:
        raise UsageError(
            f"{given} is in {match['region']}, but requests would go to {region}",
            hint=f"add --region {match['region']}, or name the layer without its Region",
        )
    return LayerName(given=given, name=name)
