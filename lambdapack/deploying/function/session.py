"""What a story without a package needs: a function, perhaps a version or an alias of it, the way there, a deadline."""

from dataclasses import dataclass

from lambdapack.deploying.aws.api import Aws, LambdaApi
from lambdapack.deploying.aws.deadline import SYSTEM_CLOCK, Clock, Deadline, deadline_of
from lambdapack.deploying.function.names import FunctionName
from lambdapack.deploying.function.state import FunctionState, read_function, settle
from lambdapack.errors import NotFoundError
from lambdapack.reporting import Tell, silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One run of a command about one function."""

    name: FunctionName
    lambda_api: LambdaApi
    deadline: Deadline
    note: Tell

    @property
    def function(self) -> str:
        """What requests call the function."""
        return self.name.given

    @property
    def label(self) -> str:
        """The function, and the version or alias, for people."""
        return f"{self.name.name}:{self.name.qualifier}" if self.name.qualifier else self.name.name

    @property
    def members(self) -> dict[str, str]:
        """The members of GetFunction and of its like."""
        named = {"FunctionName": self.name.given}
        return named | {"Qualifier": self.name.qualifier} if self.name.qualifier else named


def open_session(
    name: FunctionName, aws: Aws, *, timeout: float | Deadline, note: Tell = silent, clock: Clock = SYSTEM_CLOCK
) -> Session:
    """Return the run; raises ``UsageError`` where the timeout, in seconds, makes no sense."""
    deadline = deadline_of(timeout, clock=clock)
    return Session(name=name, lambda_api=aws.lambda_api(deadline), deadline=deadline, note=note)


def await_settled(session: Session, *, version: str | None = None) -> FunctionState:
    """Return the function, or the version or alias that is meant, once nothing is in progress.

    ``version`` is meant in place of the session's own. Raises ``NotFoundError`` that says whether it is the function
    that is missing.
    """
    qualifier = version or session.name.qualifier
    try:
        return settle(session.lambda_api, session.function, deadline=session.deadline, qualifier=qualifier)
    except NotFoundError as error:
        if qualifier is None:
            raise
        raise missing(session, qualifier) from error


def missing(session: Session, qualifier: str) -> NotFoundError:
    """Return the error for a version or alias that is not there; raises ``NotFoundError`` where the function is not."""
    read_function(session.lambda_api, session.function, deadline=session.deadline)
    kind = "version" if qualifier.isdecimal() else "alias"
    return NotFoundError(
        f"{session.name.name} has no {kind} {qualifier}",
        hint=f"lambdapack versions {session.name.name} lists its versions and aliases",
        function=session.name.name,
        qualifier=qualifier,
    )
