"""Words that options, the configuration and requests share, each list once: ``get_args`` gives the words."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from lambdapack.errors import UsageError

Compression: TypeAlias = Literal["fast", "default", "best", "store"]
"""How hard to compress: the keys of ``packing.archive.deflate.PROFILES``."""

Preset: TypeAlias = Literal["slim"]
"""What of wheels is left out: the keys of ``packing.dependencies.trim.PRESETS``."""

Preference: TypeAlias = Literal["source", "wheel"]
"""Whose file it is where the source tree and a wheel have different ones of one name."""

Symlinks: TypeAlias = Literal["follow", "keep"]
"""What becomes of a symlink in the source tree."""

TransportChoice: TypeAlias = Literal["auto", "inline", "s3"]
"""How a package gets to Lambda; ``auto`` is inline wherever that fits."""


def check_choice(what: str, value: object, choices: Sequence[object]) -> None:
    """Raise ``UsageError`` where ``value`` is none of the ``choices``."""
    if value not in choices:
        raise UsageError(f"there is no {what} {value!r}", hint=f"choose of {', '.join(map(str, choices))}")
