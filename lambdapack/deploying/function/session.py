"""A session: one run of a command about one function. It knows the function, the client and whom to tell.

It is the first argument of everything in this room that asks AWS. The deadline is the client's: each call ends with it.
"""

from dataclasses import dataclass

from lambdapack.deploying.aws.api import Aws, LambdaApi
from lambdapack.deploying.aws.deadline import DEFAULT_TIMEOUT, SYSTEM_CLOCK, Clock, Deadline, deadline_of
from lambdapack.deploying.function.names import FunctionName, function_name, qualified_name
from lambdapack.reporting import Tell, silent


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

    @property
    def target(self) -> dict[str, str]:
        """The parameters of GetFunction and of its like, by which requests name the function, version or alias."""
        named = {"FunctionName": self.name.given}
        return named | {"Qualifier": self.name.qualifier} if self.name.qualifier else named


def open_session(
    request: FunctionRequest, aws: Aws, *, qualified: bool = False, tell: Tell = silent, clock: Clock = SYSTEM_CLOCK
) -> Session:
    """Return the run; ``qualified`` says whether the request may name a version or an alias.

    Raises ``UsageError`` where the name or the timeout makes no sense.
    """
    name = (qualified_name if qualified else function_name)(request.function, region=aws.region)
    return Session(name=name, lambda_api=aws.lambda_api(deadline_of(request.timeout, clock=clock)), tell=tell)
