"""The operations on aliases: names for versions, with the share of a second version.

Rules for this file (recorded: TestLambdaAlias and TestLambdaRevisions)
- An alias has its own RevisionId; the function's does not move with it.
- UpdateAlias and GetAlias word a missing alias differently; deleting one that is missing is no error.
- An empty RoutingConfig removes the weights, and the member with them.
"""

import re
from dataclasses import replace

from lambdapack.emulator.calls import Answer, Call
from lambdapack.emulator.control import constraints
from lambdapack.emulator.control.configurations import find_function
from lambdapack.emulator.control.names import Reference, whole_function
from lambdapack.emulator.control.pages import page
from lambdapack.emulator.control.updates import check_revision
from lambdapack.emulator.refusals import RefusedError, conflict, function_not_found, invalid_parameter, not_found
from lambdapack.emulator.values import LATEST, Alias, Function, Members, World, with_function, without


def create_alias(world: World, call: Call) -> tuple[World, Answer]:
    """Create an alias for a version."""
    reference = whole_function(call)
    name, version = call.text("Name") or "", call.text("FunctionVersion") or ""
    constraints.demand([*constraints.violations(name, "name", constraints.ALIAS_NAME), *_form(call)])
    function = _with_version(world, call, reference, version)
    weights = _weights(call, reference, function, version)
    arn = f"{reference.arn}:{name}"
    if name in function.aliases:
        raise conflict(f"Alias already exists: {arn}")
    alias = Alias(
        name=name,
        version=version,
        description=call.text("Description") or "",
        revision_id=call.fresh(),
        weights=weights or {},
    )
    world = with_function(world, call.region, _with(function, alias))
    return world, Answer(status=201, document=_answer(alias, reference))


def update_alias(world: World, call: Call) -> tuple[World, Answer]:
    """Change what the request has; the alias gets a new RevisionId in any case."""
    reference = whole_function(call)
    constraints.demand(_form(call))
    function = find_function(world, call, reference)
    alias = function.aliases.get(call.text("Name") or "")
    if alias is None:
        raise not_found(f"Alias not found: {reference.arn}:{call.text('Name')}")
    check_revision(call, alias.revision_id)
    version = call.text("FunctionVersion") or alias.version
    function = _with_version(world, call, reference, version)
    weights = _weights(call, reference, function, version)
    if weights is None and alias.weights and version in alias.weights:
        raise _included(version)
    changed = Alias(
        name=alias.name,
        version=version,
        description=call.parameters.get("Description", alias.description),
        revision_id=call.fresh(),
        weights=alias.weights if weights is None else weights,
    )
    return with_function(world, call.region, _with(function, changed)), Answer(document=_answer(changed, reference))


def get_alias(world: World, call: Call) -> tuple[World, Answer]:
    """Return an alias."""
    reference = whole_function(call)
    name = call.text("Name") or ""
    function = world.region(call.region).functions.get(reference.name)
    if function is None or name not in function.aliases:
        raise not_found(f"Cannot find alias arn: {reference.arn}:{name}")
    return world, Answer(document=_answer(function.aliases[name], reference))


def list_aliases(world: World, call: Call) -> tuple[World, Answer]:
    """Return the aliases by name; with FunctionVersion those alone that point at it."""
    reference = whole_function(call)
    wanted = call.text("FunctionVersion")
    constraints.demand(constraints.violations(wanted, "functionVersion", constraints.VERSION_NUMBER))
    aliases = [alias for _, alias in sorted(find_function(world, call, reference).aliases.items())]
    rows = [_answer(alias, reference) for alias in aliases if wanted in (None, alias.version)]
    return world, Answer(document=page(call, "Aliases", rows))


def delete_alias(world: World, call: Call) -> tuple[World, Answer]:
    """Delete an alias; one that is not there is no error."""
    reference = whole_function(call)
    function = find_function(world, call, reference)
    name = call.text("Name") or ""
    if name not in function.aliases:
        return world, Answer(status=204)
    fewer = replace(function, aliases=without(function.aliases, name))
    return with_function(world, call.region, fewer), Answer(status=204)


def _answer(alias: Alias, reference: Reference) -> Members:
    answer: Members = {
        "AliasArn": f"{reference.arn}:{alias.name}",
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision_id,
    }
    if alias.weights:
        answer["RoutingConfig"] = {"AdditionalVersionWeights": alias.weights}
    return answer


def _with(function: Function, alias: Alias) -> Function:
    return replace(function, aliases={**function.aliases, alias.name: alias})


def _form(call: Call) -> list[str]:
    """Return the violations of the members that create and update share."""
    found = constraints.violations(call.text("FunctionVersion"), "functionVersion", constraints.VERSION_NUMBER)
    found += constraints.violations(call.text("Description"), "description", constraints.DESCRIPTION)
    weights = (call.parameters.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    where = "routingConfig.additionalVersionWeights"
    if any(not 0.0 <= share <= 1.0 for share in weights.values()):
        limits = "Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0"
        demanded = f"Map value must satisfy constraint: [{limits}, Member must not be null]"
        shown = {version: float(share) for version, share in weights.items()}
        found.append(constraints.violation(shown, where, demanded))
    if any(not re.fullmatch("[0-9]+", version) for version in weights):
        longest = "Member must have length less than or equal to 1024"
        shortest = "Member must have length greater than or equal to 1"
        pattern = "Member must satisfy regular expression pattern: [0-9]+"
        demanded = f"Map keys must satisfy constraint: [{longest}, {shortest}, {pattern}]"
        found.append(constraints.violation(weights, where, demanded))
    return found


def _with_version(world: World, call: Call, reference: Reference, version: str) -> Function:
    """Return the function if it has that version; else refuse, naming the version's ARN."""
    function = world.region(call.region).functions.get(reference.name)
    if function is None or (version != LATEST and version not in function.published):
        raise function_not_found(f"{reference.arn}:{version}")
    return function


def _weights(call: Call, reference: Reference, function: Function, version: str) -> dict[str, float] | None:
    """Return the weights that the request sets (empty: none any more), or None where it leaves them alone."""
    routing = call.parameters.get("RoutingConfig")
    if routing is None:
        return None
    weights: dict[str, float] = routing.get("AdditionalVersionWeights") or {}
    if len(weights) > 1:
        raise invalid_parameter("Number of items in AdditionalVersionWeights cannot be greater than 1")
    for additional in weights:
        if version == LATEST:
            text = "$LATEST is not supported for an alias pointing to more than 1 version"
            raise RefusedError(400, "InvalidParameterValueException", text, anonymous=True)
        if additional == version:
            raise _included(version)
        if additional not in function.published:
            raise function_not_found(f"{reference.arn}:{additional}")
    return weights


def _included(version: str) -> Exception:
    return invalid_parameter(
        f"Invalid function version {version}. Function version {version} is already included in routing configuration."
    )
