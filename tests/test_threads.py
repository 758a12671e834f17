"""Work in threads: its order, its bounds, its errors, its end."""

import threading
import time

import pytest

from lambdapack import threads
from lambdapack.errors import LocalError
from lambdapack.threads import Background, Block


def test_blocks_are_worked_on_in_their_order() -> None:
    done: list[Block] = []
    with Background(done.append, name="test") as background:
        for number in range(100):
            background.give(b"%d" % number)
        background.finish()

    assert done == [b"%d" % number for number in range(100)]


@pytest.mark.parametrize("at", ["give", "finish"])
def test_what_the_work_raises_reaches_whoever_gives(at: str) -> None:
    failed = threading.Event()

    def work(block: Block) -> None:
        if block == b"bad":
            failed.set()
            raise LocalError("the disk is full", hint="free some")

    def given() -> None:
        with Background(work, name="test") as background:
            background.give(b"good")
            background.give(b"bad")
            if at == "give":
                failed.wait(5)
                time.sleep(0.05)
                background.give(b"more")
                pytest.fail("the next block was taken")
            background.finish()

    with pytest.raises(LocalError, match="the disk is full"):
        given()


def test_what_waits_is_bounded_and_a_larger_block_goes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "BYTES_WAITING", 10)
    waiting: list[int] = []
    with Background(lambda _: time.sleep(0.002), name="test") as background:
        for size in (4, 4, 4, 4, 25, 4, 4):
            background.give(bytes(size))
            waiting.append(background._waiting)  # noqa: SLF001 - what is bounded
        background.finish()

    assert max(size for size in waiting if size != 25) <= 10
    assert 25 in waiting


def test_leaving_drops_what_is_not_begun_and_waits_for_the_rest() -> None:
    begun: list[Block] = []
    over = threading.Event()

    def work(block: Block) -> None:
        begun.append(block)
        time.sleep(0.1)
        over.set()

    def left() -> None:
        with Background(work, name="test") as background:
            for number in range(10):
                background.give(b"%d" % number)
            while not begun:
                time.sleep(0.001)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        left()

    assert over.is_set()
    assert begun == [b"0"]


def test_a_system_without_threads_to_give_is_a_local_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refusing)

    with (
        Background(lambda _: None, name="test") as background,
        pytest.raises(LocalError, match="can't start new thread"),
    ):
        background.give(b"x")


def test_what_was_given_first_is_reached_while_the_rest_still_waits() -> None:
    done: list[bytes] = []
    free = threading.Event()

    def work(block: Block) -> None:
        if done:
            assert free.wait(10)
        done.append(bytes(block))

    with Background(work, name="work") as background:
        for block in (b"abc", b"de", b"f"):
            background.give(block)
        background.reach(0)
        background.reach(3)
        assert done == [b"abc"]
        free.set()
        background.reach(5)
        assert done[:2] == [b"abc", b"de"]
        background.finish()

    assert done == [b"abc", b"de", b"f"]
