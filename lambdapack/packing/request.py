"""What is asked of a build. Values are checked as they are made; what they name, by whoever uses it."""

import os
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TypeAlias

from lambdapack.choices import Compression, Preference, Preset, Symlinks, check_choice
from lambdapack.errors import UsageError
from lambdapack.fields import check_fields
from lambdapack.packing.patterns.rules import Pattern
from lambdapack.target import ARCHITECTURES, RUNTIMES
from lambdapack.values import Value

Place: TypeAlias = str | PathLike[str]
"""A file or directory in the user's words: what ``Path`` would tidy up is to make another file."""


class Dependencies(Value):
    """Which wheels go in, whence, and what of them."""

    lock: Place
    folders: Sequence[Place] = ()
    """Where wheels are looked for before they are downloaded."""
    groups: Sequence[str] | None = None
    """None for the lock's own default."""
    extras: Sequence[str] = ()
    without: Sequence[str] = ()
    """Projects that the runtime has."""
    preset: Preset | None = None
    scripts: bool = False
    """Whether the scripts of wheels go into ``bin/``."""
    cache: Place | None = None
    """The cache's directory; None for none."""
    offline: bool = False
    environ: Mapping[str, str] = os.environ
    """The environment, for what downloads need of it: proxies, certificates, netrc, pip's cache."""

    def __post_init__(self) -> None:
        """Raise ``UsageError`` for values that make no sense."""
        check_fields(self)

    def __repr__(self) -> str:
        """Return which lock it is about: the environment may hold credentials."""
        return f"Dependencies({self.lock!r})"


class BuildRequest(Value):
    """All that decides what a package is and where it goes."""

    source: Place | None
    """The directory that is packed; None for a package of wheels alone."""
    output: Place
    dependencies: Dependencies | None = None
    """The wheels that go in as well."""
    prefer: Preference | None = None
    """Whose file it is where the source and a wheel have different ones of one name; None refuses."""
    layer: bool = False
    """Whether the package is a layer, whose files lie in the runtime's own directory."""
    patterns: Sequence[str | Pattern] = ()
    """Which names are left out, as in an ignore file, the weakest first; all stronger than the ignore file."""
    executable: Sequence[str | Pattern] = ()
    """For files that are executable whatever they hold."""
    symlinks: Symlinks = "follow"
    case_collisions_allowed: bool = False
    compression: Compression = "default"
    runtime: str | None = None
    architecture: str | None = None
    handler: str | None = None
    depfile: Place | None = None
    manifest: Place | None = None
    depends_on: Sequence[Place] = ()
    """Further files that the depfile names, such as the configuration."""
    jobs: int = 1

    def __post_init__(self) -> None:
        """Raise ``UsageError`` for values that make no sense."""
        check_fields(self)
        check_choice("runtime", self.runtime, (None, *RUNTIMES))
        check_choice("architecture", self.architecture, (None, *ARCHITECTURES))
        if self.jobs < 1:
            raise UsageError(f"{self.jobs} jobs do nothing", hint="give at least one")
