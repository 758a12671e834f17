"""Reading that does not give up at the first answer that makes no sense: reads settle all that is uncertain."""

from collections.abc import Callable
from typing import TypeVar

from lambdapack.deploying.aws.deadline import Deadline, pauses
from lambdapack.deploying.aws.refusals import GarbledError

T = TypeVar("T")

READ_ATTEMPTS = 5
"""How often a read is tried: the error page of a proxy passes, a wrong endpoint stays."""


def patiently(read: Callable[[], T], *, about: str, deadline: Deadline) -> T:
    """Return what ``read`` returns, trying again where it raises ``GarbledError``, which stays the last word."""
    pause = pauses()
    for _ in range(READ_ATTEMPTS - 1):
        try:
            return read()
        except GarbledError:
            deadline.pause(next(pause), waiting_for=f"a readable answer about {about}")
    return read()
