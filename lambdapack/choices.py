"""Words that options, the configuration and requests share, each list once: ``get_args`` gives the words."""

from typing import Literal, TypeAlias

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
