"""One lock for all machines, with markers and several versions of one project: is the same chosen as uv chooses?

Where uv finds nothing that fits, lambdapack must refuse too: a lock for Python 3.11 in general often holds versions
whose wheels want a newer glibc than its Lambda machine has.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from lambdapack.errors import LockError
from lambdapack.packing.locks.pylock import select_wheels
from lambdapack.target import Target
from tests.agreement.comparing import MACHINES
from tests.agreement.locks import Machine, NotLockedError, chosen, machine, universal_lock


def measure(projects: Sequence[str]) -> None:
    """Print where the choice differs, and how often both chose the same or refused alike."""
    machines = [here for names in MACHINES if (here := machine(*names)) is not None]
    verdicts: Counter[str] = Counter()
    for project in projects:
        try:
            path = universal_lock(machines[0], project)
        except NotLockedError as error:
            print(f"{project}: not locked: {error}")
            continue
        for here in machines:
            verdict, why = judge(path, here)
            verdicts[verdict] += 1
            if verdict != "the same chosen":
                print(f"{project}, {here.title}: {verdict}: {why}", flush=True)
    print(", ".join(f"{count} {verdict}" for verdict, count in verdicts.items()))


def judge(path: Path, here: Machine) -> tuple[str, str]:
    """Return the verdict on one lock and machine, and what there is to say about it."""
    target = Target(runtime=here.runtime, architecture=here.architecture)
    ours: set[str] | None
    theirs: set[str] | None
    said = ""
    try:
        theirs = chosen(here, path)
    except NotLockedError as error:
        theirs, said = None, str(error)
    try:
        selection = select_wheels(str(path), target=target, groups=None, extras=())
        ours = {f"{wheel.name}=={wheel.version}" for wheel in selection.wheels}
    except LockError as error:
        ours, said = None, error.message
    if ours == theirs:
        return ("the same chosen", "") if ours is not None else ("refused by both", said)
    if ours is None or theirs is None:
        return ("refused by lambdapack alone" if ours is None else "refused by uv alone"), said
    return "DIFFERENT", ", ".join(sorted(ours ^ theirs))
