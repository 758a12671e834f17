"""What is asked of a build."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from lambdapack.choices import Compression, Preference, Preset, Symlinks

if TYPE_CHECKING:
    from lambdapack.packing.patterns.rules import Pattern

Place: TypeAlias = str | PathLike[str]
"""Where a file goes, in the user's words: what ``Path`` would tidy up is to make another file."""


class Dependencies(NamedTuple):
    """Which wheels go in, whence, and what of them."""

    lock: str
    folders: tuple[Path, ...] = ()
    groups: tuple[str, ...] | None = None
    """None for the lock's own default."""
    extras: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    """Projects that the runtime has."""
    preset: Preset | None = None
    scripts: bool = False
    """Whether the scripts of wheels go into ``bin/``."""
    cache: Path | None = None
    """The cache's directory; None for none."""
    offline: bool = False
    environ: Mapping[str, str] = MappingProxyType({})
    """The environment, for what downloads need of it: proxies, certificates, netrc, pip's cache."""

    def __repr__(self) -> str:
        """Return which lock it is about: the environment may hold credentials."""
        return f"Dependencies({self.lock!r})"


class BuildRequest(NamedTuple):
    """All that decides what a package is and where it goes."""

    source: str | None
    """The directory that is packed; None for a package of wheels alone."""
    output: Place
    dependencies: Dependencies | None = None
    """The wheels that go in as well."""
    prefer: Preference | None = None
    """Whose file it is where the source and a wheel have different ones of one name; None refuses."""
    layer: bool = False
    """Whether the package is a layer, whose files lie in the runtime's own directory."""
    patterns: "tuple[Pattern, ...]" = ()
    """From the configuration and the command line, weakest first; all stronger than the ignore file."""
    executable: "tuple[Pattern, ...]" = ()
    """For files that are executable whatever they hold."""
    symlinks: Symlinks = "follow"
    case_collisions_allowed: bool = False
    compression: Compression = "default"
    runtime: str | None = None
    architecture: str | None = None
    handler: str | None = None
    depfile: Place | None = None
    manifest: Place | None = None
    depends_on: tuple[str, ...] = ()
    """Further files that the depfile names, such as the configuration."""
    jobs: int = 1
