"""Eight at once: whoever says it published did, and whoever did not says that somebody else was faster."""

from pathlib import Path

import pytest

from tests.faults.concurrency import Via, contend, violations
from tests.faults.pushers import Done, Nursery


@pytest.mark.parametrize("via", ["emulator", "server"])
def test_every_success_has_a_version_of_its_own_and_everything_else_is_a_conflict(
    pushers: Nursery, tmp_path: Path, via: Via
) -> None:
    rounds = list(contend(pushers, tmp_path, via=via, rounds=3))

    assert [played.violations for played in rounds] == [[], [], []]
    assert all(played.exit_codes[0] >= 1 for played in rounds)
    assert all(sum(played.exit_codes.values()) == 8 for played in rounds)
    assert sum(played.exit_codes[8] for played in rounds) >= 1  # or they were not at once


@pytest.mark.parametrize(
    ("exit_code", "printed", "versions", "complaint"),
    [
        (0, "1", {"$LATEST": "ours", "1": "ours"}, None),
        (8, None, {"$LATEST": "theirs", "1": "theirs"}, None),
        (0, "1", {"$LATEST": "ours", "1": "theirs"}, "exit 0, but version 1 holds theirs, not ours"),
        (0, "2", {"$LATEST": "ours", "1": "ours", "2": "ours"}, "versions ['1', '2'] hold the same package"),
        (8, None, {"$LATEST": "theirs", "1": "ours"}, "exit 8, but version ['1'] holds its package"),
        (7, None, {"$LATEST": "theirs"}, "exit 7: error: …"),
    ],
)
def test_a_lie_would_be_noticed(
    exit_code: int, printed: str | None, versions: dict[str, str], complaint: str | None
) -> None:
    stdout = f'{{"version": "{printed}"}}' if printed else ""
    done = Done(exit_code=exit_code, stdout=stdout, stderr="error: …", seconds=0)

    assert list(violations("ours", done, versions)) == ([complaint] if complaint else [])
