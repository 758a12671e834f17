"""A function's configuration: what it is, what it should be, and the difference. Pure, but for the reading.

Rules for this file
- A parameter is compared as far as it is asked for: AWS answers with more than it was sent (a VpcConfig has its VpcId,
  a Layer its size), and leaves out what is empty.
- The environment is compared and merged, never shown: a ``ParameterChange`` of a variable has its name and no value.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from lambdapack.deploying.aws.api import Answer
from lambdapack.deploying.function.session import Session
from lambdapack.deploying.function.state import FunctionState, poll, state_in
from lambdapack.environment import Environment, check_environment
from lambdapack.errors import AwsError

_VARIABLE = "Environment."
"""What the name of an environment variable follows in a ``ParameterChange``."""

_Kind: TypeAlias = Literal["added", "changed", "removed"]

_UNORDERED = frozenset({"SecurityGroupIds", "SubnetIds"})
"""Lists of which AWS keeps no order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A function's configuration, in the form in which a request would give it."""

    state: FunctionState
    parameters: Mapping[str, Any] = field(repr=False)
    environment: Environment | None
    """None where AWS itself could not read it."""
    environment_trouble: str = ""
    """Why not, in AWS's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a configuration should be; what is not mentioned stays."""

    parameters: Mapping[str, object] = field(default_factory=dict, repr=False)
    """Parameters of UpdateFunctionConfiguration, the environment excepted."""
    environment: Environment = field(default_factory=lambda: Environment({}))
    """Variables to set."""
    unset: tuple[str, ...] = ()
    """Variables to remove."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterChange:
    """One line of the difference."""

    parameter: str
    """AWS's name, such as ``MemorySize``, or ``Environment.`` and the name of a variable."""
    change: _Kind
    before: object = None
    """None where there was nothing, and always for a variable."""
    after: object = None

    @property
    def is_variable(self) -> bool:
        """Whether it is a variable of the environment."""
        return self.parameter.startswith(_VARIABLE)

    def __str__(self) -> str:
        """Return the line for people."""
        if self.is_variable:
            return f"{self.parameter}: {self.change}"
        return f"{self.parameter}: {_compact(self.before)} → {_compact(self.after)}"


def wait_for_configuration(session: Session) -> Configuration:
    """Return the function's configuration once nothing is in progress."""
    return poll(session, lambda: session.get_function(configuration_in), state=lambda found: found.state)


def configuration_in(answer: Answer, *, asked: str) -> Configuration:
    """Return the configuration in an answer of GetFunction about the function that was ``asked`` for."""
    found = dict(answer.get("Configuration") or {})
    environment = found.pop("Environment", None) or {}
    error = environment.get("Error")
    if "Layers" in found:
        found["Layers"] = [layer.get("Arn") for layer in found["Layers"]]
    if "ImageConfigResponse" in found:
        found["ImageConfig"] = found["ImageConfigResponse"].get("ImageConfig")
    return Configuration(
        state=state_in(answer, asked=asked),
        parameters=found,
        environment=None if error else Environment(environment.get("Variables") or {}),
        environment_trouble=f"{error.get('Message', 'no reason given')} ({error.get('ErrorCode')})" if error else "",
    )


def tell_environment(session: Session, configuration: Configuration) -> None:
    """Say so where AWS itself cannot read the environment, for neither will the function."""
    if configuration.environment is None:
        session.tell(
            f"AWS cannot read the environment of {configuration.state.name}: {configuration.environment_trouble}"
        )


def difference(configuration: Configuration, wanted: Wanted) -> tuple[ParameterChange, ...]:
    """Return what has to change, one ``ParameterChange`` a parameter, for the configuration to be what is wanted."""
    changes = []
    for parameter, after in _wanted_parameters(configuration, wanted).items():
        before = _comparable(configuration.parameters.get(parameter), like=after)
        if not _same(before, after):
            kind: _Kind = "added" if _is_blank(before) else "removed" if _is_blank(after) else "changed"
            changes.append(ParameterChange(parameter=parameter, change=kind, before=before, after=after))
    return (*changes, *_environment_changes(configuration, wanted))


def _environment_changes(configuration: Configuration, wanted: Wanted) -> list[ParameterChange]:
    """Return the variables that differ, by name; raises ``CheckError`` where Lambda would not take what they become."""
    if not (wanted.environment.names or wanted.unset):
        return []
    before, after = _environments(configuration, wanted)
    check_environment(after)
    changes = []
    for name in sorted({*before.names, *after.names}):
        kind: _Kind = "added" if name not in before.names else "removed" if name not in after.names else "changed"
        if kind != "changed" or not before.holds_as(name, after):
            changes.append(ParameterChange(parameter=f"{_VARIABLE}{name}", change=kind))
    return changes


def _environments(configuration: Configuration, wanted: Wanted) -> tuple[Environment, Environment]:
    """Return what the environment is, and what it is to become: the request replaces it as a whole.

    Raises ``AwsError`` where AWS cannot read it: merged, it would be lost.
    """
    before = configuration.environment
    if before is None:
        raise AwsError(
            f"AWS cannot read the environment of {configuration.state.name}: {configuration.environment_trouble}",
            hint="allow kms:Decrypt for the function's KMS key to these credentials, and see that the key is enabled",
        )
    return before, before.merge(wanted.environment, without=wanted.unset)


def changed_parameters(
    configuration: Configuration, wanted: Wanted, changes: Sequence[ParameterChange]
) -> dict[str, object]:
    """Return the parameters of UpdateFunctionConfiguration that bring about ``changes``, and no others."""
    changed = {change.parameter for change in changes}
    parameters = {name: value for name, value in _wanted_parameters(configuration, wanted).items() if name in changed}
    if any(change.is_variable for change in changes):
        parameters["Environment"] = {"Variables": _environments(configuration, wanted)[1].reveal()}
    return parameters


def _wanted_parameters(configuration: Configuration, wanted: Wanted) -> dict[str, object]:
    """Return what is wanted, a VpcConfig completed by what it is: AWS wants subnets and security groups together."""
    parameters = dict(wanted.parameters)
    network = parameters.get("VpcConfig")
    if isinstance(network, Mapping):
        now = configuration.parameters.get("VpcConfig") or {}
        leaves = "SubnetIds" in network and not network["SubnetIds"]
        rest = {"SecurityGroupIds": []} if leaves else {name: now[name] for name in sorted(_UNORDERED) if now.get(name)}
        parameters["VpcConfig"] = {**rest, **network}
    return parameters


def _comparable(found: object, *, like: object) -> object:
    """Return of what AWS has as much as ``like`` mentions."""
    if isinstance(found, Mapping) and isinstance(like, Mapping):
        return {name: _comparable(found.get(name), like=value) for name, value in like.items()}
    return found


def _same(before: object, after: object, *, parameter: str = "") -> bool:
    if _is_blank(before) and _is_blank(after):
        return True
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return all(_same(before.get(name), value, parameter=name) for name, value in after.items())
    if isinstance(before, list | tuple) and isinstance(after, list | tuple):
        if parameter in _UNORDERED:
            before, after = sorted(before), sorted(after)
        return len(before) == len(after) and all(_same(*pair) for pair in zip(before, after, strict=True))
    return before == after


def _is_blank(value: object) -> bool:
    """Return whether a value is as good as none: AWS leaves such parameters out of its answers."""
    if isinstance(value, Mapping):
        return all(_is_blank(inner) for inner in value.values())
    return value is None or value is False or value in ("", [], ())


def _compact(value: object) -> str:
    return "none" if value is None else json.dumps(value, ensure_ascii=False)
