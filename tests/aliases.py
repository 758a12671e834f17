"""Types that the tests of several rooms name."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, TypeAlias

Client: TypeAlias = Any
"""A boto3 client, or its session: they have no types."""

Done: TypeAlias = CompletedProcess[str]

Faults: TypeAlias = dict[str, list[Any]]
"""What each operation answers before AWS does, in this order."""

Make: TypeAlias = Callable[..., Any]
"""A fixture that makes what its arguments say."""

MakeTree: TypeAlias = Callable[..., Path]
"""The fixture ``tree``."""

Run: TypeAlias = Callable[..., Done]
"""The fixture ``run``."""
