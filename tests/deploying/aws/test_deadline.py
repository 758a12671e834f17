from itertools import islice

import pytest

from lambdapack.deploying.aws.deadline import Deadline, pauses
from lambdapack.errors import AwsError


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def test_pauses_grow_to_a_second() -> None:
    assert [round(pause, 3) for pause in islice(pauses(), 6)] == [0.2, 0.3, 0.45, 0.675, 1.0, 1.0]


def test_a_deadline_is_kept_to_the_moment() -> None:
    clock = Clock()
    deadline = Deadline.after(10, clock=clock)
    deadline.pause(8, waiting_for="the function")
    assert deadline.remaining == 2
    with pytest.raises(AwsError, match="gave up after 10 s, waiting for the function") as caught:
        deadline.pause(8, waiting_for="the function")
    assert clock.time == 110
    assert deadline.remaining == 0
    assert "--timeout" in caught.value.hint
