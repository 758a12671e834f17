"""Whom we tell what happens: callbacks that every story takes, and the ones that tell nobody."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeAlias

Progress: TypeAlias = Callable[[int], None]
"""Told the bytes done since the last call, negative where a retry starts over (boto3's ``Callback``)."""

Meter: TypeAlias = Callable[[int], AbstractContextManager[Progress]]
"""Opens a progress bar for so many bytes."""

Tell: TypeAlias = Callable[[str], None]
"""Takes one line that the user should know although nothing failed; any thread may call it."""


def silent(_: object) -> None:
    """Tell nobody: the default for ``Progress`` and ``Tell``."""


def no_meter(_: int) -> nullcontext[Progress]:
    """Open no progress bar: the default for ``Meter``."""
    return nullcontext(silent)
