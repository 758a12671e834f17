"""Work that ends at the run's deadline, whatever the other side does.

botocore bounds each wait for a socket, but not a server that sends one byte a second, nor its own retries, nor
the resolver. So the work runs in a thread that is left behind (``waiting``).
"""

import threading
from collections.abc import Callable
from typing import TypeVar

from lambdapack import waiting
from lambdapack.deploying.aws.deadline import Deadline
from lambdapack.deploying.aws.refusals import AbandonedError

T = TypeVar("T")

_SETTLING_TIME = 15.0
"""Seconds of a run that a single call leaves to the others, so that its outcome can still be read."""


def run_bounded(work: Callable[[], T], *, operation: str, subject: str, deadline: Deadline) -> T:
    """Do ``work`` in a thread, wait for it as long as the deadline allows, and return or raise what it did.

    Raises ``AwsError`` where the deadline has passed already, ``AbandonedError`` where it passes meanwhile.
    """
    remaining = deadline.remaining
    if not remaining:
        raise deadline.exceeded(f"{operation} for {subject}")
    limit = min(max(remaining - _SETTLING_TIME, remaining / 2), threading.TIMEOUT_MAX)
    try:
        return waiting.bounded(work, seconds=limit, name=operation)
    except waiting.TimeUpError:
        raise AbandonedError(
            f"no answer to {operation} for {subject} within {limit:.0f} of the run's {deadline.seconds:g} s",
            hint="check the network, then run the command again; --timeout allows more time",
            operation=operation,
        ) from None
