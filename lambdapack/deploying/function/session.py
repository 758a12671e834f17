"""A session: one run of a command about one function. It knows the function, the client and whom to tell.

It is the first argument of everything in this room that asks AWS. The deadline is the client's: each call ends with it.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeVar, cast

from lambdapack.deploying.aws.api import Aws, LambdaApi
from lambdapack.deploying.aws.deadline import DEFAULT_TIMEOUT, SYSTEM_CLOCK, Clock, Deadline, deadline_of
from lambdapack.deploying.aws.reading import read_patiently
from lambdapack.deploying.function.names import FunctionName, function_name, qualified_name
from lambdapack.environment import Environment
from lambdapack.errors import UsageError
from lambdapack.reporting import Tell, silent

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionRequest:
    """What every request about a function says."""

    function: str
    """A name, an ARN or a partial ARN."""
    timeout: float | Deadline = DEFAULT_TIMEOUT
    """Seconds for the whole run, or the deadline of one that has begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One run of a command about one function."""

    name: FunctionName
    lambda_api: LambdaApi
    tell: Tell = silent

    @property
    def deadline(self) -> Deadline:
        """When the run gives up."""
        return self.lambda_api.deadline

    @property
    def function(self) -> str:
        """What requests call the function."""
        return self.name.given

    @property
    def label(self) -> str:
        """The function, and the version or alias, for people."""
        return f"{self.name.name}:{self.name.qualifier}" if self.name.qualifier else self.name.name

    def get_function(self, read: Callable[..., T], *, qualifier: str | None = None) -> T:
        """Return what ``read`` makes of GetFunction's answer about the function, or one version or alias of it.

        GetFunction, although GetFunctionConfiguration would often do: it has 100 requests a second of its own,
        while all other control-plane calls of the account share 15 (Lambda quotas, API requests).
        """
        parameters = {"FunctionName": self.function} | ({"Qualifier": qualifier} if qualifier else {})
        return read_patiently(
            self.lambda_api,
            lambda: read(self.lambda_api("GetFunction", **parameters), asked=self.function),
            about=self.label,
        )


def check_fields(request: Any) -> None:  # noqa: ANN401 - of any dataclass
    """Raise ``UsageError`` where a field that is a text, a number or an environment holds something else."""
    for field in fields(request):
        value, declared = getattr(request, field.name), cast("Any", field.type)
        for kind, words in ((str, "a text"), (int, "a whole number"), (Environment, "an Environment")):
            if declared in (kind, kind | None) and not isinstance(value, declared):
                # Its type alone: the values of an environment are not shown.
                raise UsageError(f"{field.name} is of type {type(value).__name__}, not {words}", hint=f"give {words}")


def open_session(
    request: FunctionRequest, aws: Aws, *, qualified: bool = False, tell: Tell = silent, clock: Clock = SYSTEM_CLOCK
) -> Session:
    """Return the run; ``qualified`` says whether the request may name a version or an alias.

    Raises ``UsageError`` where the name or the timeout makes no sense, or a field is of another type.
    """
    check_fields(request)
    name = (qualified_name if qualified else function_name)(request.function, region=aws.region)
    return Session(name=name, lambda_api=aws.lambda_api(deadline_of(request.timeout, clock=clock)), tell=tell)
