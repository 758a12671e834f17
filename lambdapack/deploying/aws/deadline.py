"""The time that a run may take: one deadline, from its first request to its last."""

import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from lambdapack.errors import AwsError, UsageError

LOG = logging.getLogger("lambdapack.aws")


class Clock(Protocol):
    """What we need of time: tests pass one that does not sleep."""

    def now(self) -> float:
        """Return the seconds since some fixed moment; never goes backwards."""

    def sleep(self, seconds: float) -> None:
        """Let that many seconds pass."""


class SystemClock:
    """The machine's monotonic clock: the wall clock may be set while we wait."""

    def now(self) -> float:
        """Return the seconds since the machine's own epoch."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let that many seconds pass."""
        time.sleep(seconds)


SYSTEM_CLOCK = SystemClock()

DEFAULT_TIMEOUT = 300.0
"""Seconds that a run may take: many times what Lambda needs for the largest package."""

ROLE_TIME = 30.0
"""Seconds that a new role may take to reach Lambda, for IAM is eventually consistent (IAM user guide, "Changes
that I make are not always immediately visible"). A role that is wrong stays wrong, so this is far from the deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The moment at which a run gives up."""

    seconds: float
    """What the user allowed, in seconds, for the message."""
    expires: float
    """The clock's reading at which time is up."""
    clock: Clock = field(default=SYSTEM_CLOCK, repr=False)

    @classmethod
    def after(cls, seconds: float, *, clock: Clock = SYSTEM_CLOCK) -> "Deadline":
        """Return the deadline that many seconds from now."""
        return cls(seconds=seconds, expires=clock.now() + seconds, clock=clock)

    @property
    def remaining(self) -> float:
        """Seconds left, at least zero."""
        return max(0.0, self.expires - self.clock.now())

    def pause(self, seconds: float, *, waiting_for: str) -> None:
        """Sleep, but never past the deadline; raise ``AwsError`` where no time is left then."""
        LOG.info("waiting %.1f s for %s", seconds, waiting_for)
        self.clock.sleep(min(seconds, self.remaining))
        if not self.remaining:
            raise self.exceeded(waiting_for)

    def pauses(self) -> Callable[[str], None]:
        """Return a function that pauses between two tries, each time longer, and is told what is waited for."""
        seconds = pauses()
        return lambda waiting_for: self.pause(next(seconds), waiting_for=waiting_for)

    def check(self, doing: str) -> None:
        """Raise ``AwsError`` where no time is left: what this machine does counts as well."""
        if self.clock.now() >= self.expires:
            raise self._given_up(doing)

    def exceeded(self, waiting_for: str) -> AwsError:
        """Return the error that says what was waited for in vain."""
        return self._given_up(f"waiting for {waiting_for}")

    def _given_up(self, doing: str) -> AwsError:
        return AwsError(
            f"gave up after {self.seconds:g} s, {doing}",
            hint="run the command again, it takes up where this run stopped; --timeout allows more time",
            timeout_seconds=int(self.seconds),
        )


FOREVER = Deadline(seconds=math.inf, expires=math.inf)
"""For work that is not part of a run."""


def deadline_of(timeout: float | Deadline, *, clock: Clock = SYSTEM_CLOCK) -> Deadline:
    """Return the deadline that is so many seconds away, or ``timeout`` itself where it is that of a run that has begun.

    Raises ``UsageError`` where the timeout, in seconds, makes no sense.
    """
    if isinstance(timeout, Deadline):
        return timeout
    hint = "give --timeout a positive number of seconds"
    if not isinstance(timeout, float | int):
        raise UsageError(f"a timeout of type {type(timeout).__name__} is no number", hint=hint)
    if not timeout > 0:
        raise UsageError(f"a timeout of {timeout:g} s leaves no time", hint=hint)
    return Deadline.after(timeout, clock=clock)


def pauses() -> Iterator[float]:
    """Yield the seconds between two polls: an update takes one to two, so 0.2 at first, and 1 before long."""
    seconds = 0.2
    while True:
        yield seconds
        seconds = min(1.0, seconds * 1.5)
