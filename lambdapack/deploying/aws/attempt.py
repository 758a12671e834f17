"""One call: it ends at the run's deadline, whatever the other side does, and fails in our words alone.

botocore bounds each wait for a socket, but not a server that sends one byte a second, nor its own retries, nor
the resolver. So the work runs in a thread that is left behind (``waiting``).
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from lambdapack import waiting
from lambdapack.deploying.aws.deadline import Deadline
from lambdapack.deploying.aws.refusals import AbandonedError, refusal_in
from lambdapack.deploying.aws.rules import translate_refusal
from lambdapack.deploying.aws.secrets import Secrets
from lambdapack.deploying.aws.unreached import translate_breakage, translate_failure
from lambdapack.errors import AwsError, LambdapackError, LocalError
from lambdapack.shortage import shortage

T = TypeVar("T")

_SETTLING_TIME = 15.0
"""Seconds of a run that a single call leaves to the others, so that its outcome can still be read."""


def attempt(work: Callable[[], T], *, operation: str, subject: str, deadline: Deadline, secrets: Secrets) -> T:
    """Return what ``work`` returns before the deadline, and translate its failure, without what is secret in it."""
    with in_our_words(operation=operation, subject=subject, secrets=secrets):
        return run_bounded(work, operation=operation, subject=subject, deadline=deadline)


@contextmanager
def in_our_words(*, operation: str, subject: str, secrets: Secrets) -> Iterator[None]:
    """Raise one of our errors in place of one of botocore's or of the machine's, without what is secret in it."""
    try:
        yield
    except LocalError:  # it says more than a shortage alone
        raise
    except Exception as error:
        # Of any class: what botocore reads, in an answer or in the settings, breaks it in any way.
        ours = shortage(error) or _translate(error, operation=operation, subject=subject, secrets=secrets)
        if ours is error:
            raise
        raise ours from error


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


def _translate(error: Exception, *, operation: str, subject: str, secrets: Secrets) -> Exception:
    """Return one of our errors in place of one of botocore's; what is not botocore's stays what it is."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    if isinstance(error, LambdapackError):
        return error
    if isinstance(error, ClientError):
        return translate_refusal(refusal_in(error.response, operation=error.operation_name, subject=subject), secrets)
    if isinstance(error, BotoCoreError):
        return translate_failure(error, operation=operation, subject=subject, secrets=secrets)
    if isinstance(error, ValueError) and "endpoint" in str(error):  # botocore's own for a malformed URL
        return AwsError(secrets.mask(str(error)), hint="correct --endpoint-url, or AWS_ENDPOINT_URL")
    return translate_breakage(error, operation=operation, subject=subject) or error
