"""What a function or an alias may be called, checked before any request.

These rules are never stricter than the service: the patterns are those that it quotes in its own
refusals (recorded in November 2025), not those of botocore's model, which lag behind.
"""

import re
from dataclasses import dataclass

from lambdapack.errors import UsageError
from lambdapack.text import clip

# As GetFunction, DeleteFunction and Invoke quote it: "Member must satisfy regular expression pattern: …"
_FUNCTION_NAME = re.compile(
    r"(?P<prefix>arn:(aws[a-zA-Z-]*)?:lambda:)?"
    r"((?P<region>(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}):)?"
    r"((?P<account>\d{12}):)?"
    r"(function:)?"
    r"(?P<name>[a-zA-Z0-9_.-]+)"
    r"(:(?P<qualifier>\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9_-]+))?",
    re.ASCII,
)

# As CreateAlias quotes it, refusing the name 2024: "(?!^[0-9]+$)([a-zA-Z0-9-_]+)"
_ALIAS_NAME = re.compile(r"(?![0-9]+\Z)[a-zA-Z0-9_-]+", re.ASCII)

LATEST = "$LATEST"
"""What is not published yet, as AWS calls it."""

_LATEST_PUBLISHED = "$LATEST.PUBLISHED"
"""What callers of a function on Managed Instances run (API reference, CreateAlias, FunctionVersion)."""

VERSION_NUMBER = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
"""A published version: AWS counts from 1."""

_FUNCTION_NAME_MAX = 64
"""Characters of a bare name ("Member must have length less than or equal to 64", recorded for CreateFunction)."""

_FUNCTION_ARN_MAX = 140
"""Characters of a name, ARN or partial ARN as a whole (the same, recorded)."""

_ALIAS_NAME_MAX = 128
"""Characters of an alias (API reference, CreateAlias, Name)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionName:
    """A function as the user named it, taken apart."""

    given: str
    """What is sent to AWS, less the ``:$LATEST`` that some like to add."""
    name: str
    """The bare name."""
    qualifier: str | None = None
    """The version or alias, where one may be named and was; ``$LATEST`` where the user said so."""


def function_name(given: str, *, region: str) -> FunctionName:
    """Return the function that ``given`` names: a name, an ARN or a partial ARN of an unpublished function.

    Raises ``UsageError`` where no function can be called so, where it is a version or an alias, or in
    another Region than ``region``: AWS would answer a puzzling 404 ("not reachable in this region").
    """
    function = qualified_name(given, region=region)
    if function.qualifier not in (None, LATEST):
        raise UsageError(
            f"{given} names the version or alias {function.qualifier}, which cannot be changed",
            hint=f"name the function alone: {function.name}",
        )
    return FunctionName(given=function.given, name=function.name)


def qualified_name(given: str, *, region: str) -> FunctionName:
    """Return the function that ``given`` names, with the version or alias that may follow it.

    Raises ``UsageError`` as ``function_name`` does, but for the qualifier.
    """
    match = _FUNCTION_NAME.fullmatch(given)
    if match is None:
        raise UsageError(
            f"{given!r} is not a function's name",
            hint="letters, digits, '-' and '_', or the function's ARN: arn:aws:lambda:REGION:ACCOUNT:function:NAME",
        )
    name, qualifier = match["name"], match["qualifier"]
    bare = given.removesuffix(f":{qualifier}") if qualifier else given
    if len(name) > _FUNCTION_NAME_MAX or len(bare) > _FUNCTION_ARN_MAX or len(qualifier or "") > _ALIAS_NAME_MAX:
        raise UsageError(
            f"{clip(given)} is too long for a function's name",
            hint=f"names have at most {_FUNCTION_NAME_MAX} characters, ARNs {_FUNCTION_ARN_MAX}",
        )
    if match["region"] and match["region"] != region:
        raise UsageError(
            f"{given} is in {match['region']}, but requests would go to {region}",
            hint=f"add --region {match['region']}, or name the function without its Region",
        )
    return FunctionName(given=bare, name=name, qualifier=qualifier)


def bare_name(given: str) -> str:
    """Return the name in a name, ARN or partial ARN, as the configuration has it; what is none is returned as it is."""
    match = _FUNCTION_NAME.fullmatch(given)
    return match["name"] if match else given


def is_about(asked: str | None, *, name: str, arn: str, version: str = LATEST) -> bool:
    """Return whether an answer that bears ``name`` and ``arn`` is about the function that a request called ``asked``.

    ``asked`` is a name, an ARN or a partial ARN, or None where the request named no function; then name and ARN must
    agree. An ARN that ends with the number of a version must be that of ``version``.
    """
    wanted, found = _FUNCTION_NAME.fullmatch(name if asked is None else asked), _FUNCTION_NAME.fullmatch(arn)
    if wanted is None or found is None or not found["prefix"] or found["name"] != name:
        return False
    parts = ("name", "region", "account")
    number = found["qualifier"] or ""
    return all(wanted[part] in (None, found[part]) for part in parts) and (
        not VERSION_NUMBER.fullmatch(number) or number == version
    )


def is_version(text: str) -> bool:
    """Return whether AWS calls a version so: by its number, ``$LATEST`` or ``$LATEST.PUBLISHED``."""
    return text in (LATEST, _LATEST_PUBLISHED) or bool(VERSION_NUMBER.fullmatch(text))


def check_version(version: object) -> None:
    """Raise ``UsageError`` where no version of a function can be called so."""
    if version != LATEST and not (isinstance(version, str) and VERSION_NUMBER.fullmatch(version)):
        raise UsageError(
            f"{clip(str(version))!r} is not a version",
            hint="versions are numbers, and $LATEST; lambdapack versions FUNCTION lists them",
        )


def check_alias_name(alias: str) -> None:
    """Raise ``UsageError`` where no alias can be called so."""
    if len(alias) > _ALIAS_NAME_MAX or not _ALIAS_NAME.fullmatch(alias):
        raise UsageError(
            f"{clip(alias)!r} is not an alias's name",
            hint="letters, digits, '-' and '_', but not digits alone: those are versions",
        )
