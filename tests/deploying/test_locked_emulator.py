"""An emulator whose lock another process keeps: the fault is on this machine, and is said within the run's time."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.push import PushRequest, push
from lambdapack.errors import LocalError
from tests.holding import kept_locked

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it locks with flock")


@pytest.fixture
def _kept(hello: str, emulator: Path) -> Iterator[None]:
    """Keep the account of ``hello`` locked."""
    assert hello
    with kept_locked(emulator / "lock"):
        yield


@pytest.mark.usefixtures("_kept")
def test_the_lock_that_is_kept_is_named(aws: Connection, second: Artifact, emulator: Path) -> None:
    with pytest.raises(LocalError) as caught:
        push(PushRequest(function="hello", timeout=1), second, aws)
    assert caught.value.exit_code == 6
    assert caught.value.message.startswith(f"{emulator / 'lock'}: was kept locked for ")
    assert "fuser names it" in caught.value.hint
