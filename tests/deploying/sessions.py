"""Sessions by hand, for steps that are tested without their story."""

from collections.abc import Callable
from typing import Any

from lambdapack.deploying.aws.api import Answer, LambdaApi
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.aws.deadline import Deadline
from lambdapack.deploying.function.names import FunctionName
from lambdapack.deploying.function.session import Session
from lambdapack.reporting import Tell, silent


class FakeApi:
    """Answers every operation as ``answer`` does, until ``seconds`` have passed."""

    def __init__(self, answer: Callable[..., Any], *, seconds: float = 300.0) -> None:
        self._answer = answer
        self.deadline = Deadline.after(seconds)

    def __call__(self, operation: str, /, **parameters: object) -> Answer:
        answer: Answer = self._answer(operation, **parameters)
        return answer


def session_of(
    api: Connection | LambdaApi, function: str = "hello", *, given: str | None = None, tell: Tell = silent
) -> Session:
    """Return a session of ``function``, which requests call ``given``, with an account or a client."""
    lambda_api = api.lambda_api(Deadline.after(300)) if isinstance(api, Connection) else api
    return Session(name=FunctionName(given=given or function, name=function), lambda_api=lambda_api, tell=tell)
