"""What goes into a package: the source tree and the wheels, merged, placed and checked; nothing is written."""

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lambdapack.errors import SourceError, UsageError
from lambdapack.packing import checks
from lambdapack.packing.bundle import Bundle, bundle
from lambdapack.packing.ignore import BUILT_IN, IGNORE_FILE, OWN, Pattern, compile_rules, from_list, parse_ignore_file
from lambdapack.packing.layer import layer_prefix, placed_in
from lambdapack.packing.merge import merge
from lambdapack.packing.request import BuildRequest, Meter, Tell
from lambdapack.packing.tree import Omission, Tree, walk
from lambdapack.packing.wheels.contents import WheelBytes

if TYPE_CHECKING:
    from lambdapack.packing.dependencies import Begun
    from lambdapack.packing.placing import Collected
    from lambdapack.packing.stock import Prepared

IGNORE_FILE_LIMIT = 256 << 10
"""Bytes; a larger ignore file lists files, and would cost seconds."""


class Gathered(NamedTuple):
    """What would go into the package."""

    bundle: Bundle
    omissions: tuple[Omission, ...]
    """What patterns leave out, of the tree and of the wheels."""
    left_out: tuple[str, ...]
    """The projects of the lock that are left out because the runtime has them."""
    prefix: str
    """What all names begin with: the directory of a layer, or nothing."""
    architecture: str | None
    wheels: tuple[WheelBytes, ...]
    """The wheels whose bytes go in."""
    depends_on: tuple[str, ...]
    """Every file and directory whose change can change the package, in the user's words; for a depfile alone."""


def gathered(
    request: BuildRequest, begun: "Begun | None", *, meter: Meter, tell: Tell, detailed: bool = False
) -> Gathered:
    """Return what the request packs, with the wheels that have ``begun`` to come.

    ``detailed`` asks for every entry by itself. Raises what ``builder.gather`` raises.
    """
    ignore_file, tree = walked(request)
    prefix = layer_prefix(request.runtime, (entry.name for entry in tree.entries)) if request.layer else ""
    found, part = bundled(request, tree, begun, prefix=prefix, meter=meter, tell=tell, detailed=detailed)
    for warning in part.warnings if part else ():
        tell(warning)
    checks.check_limits(found)
    if request.handler is not None and request.runtime is not None and not request.layer:
        checks.check_handler(found, handler=request.handler, runtime=request.runtime)
    if begun is not None:
        begun.obtaining.finish(meter=meter, tell=tell)
    depends_on: tuple[str, ...] = ()
    if request.depfile:
        depends_on = (
            *(entry.origin for entry in tree.entries),
            *(folder.origin for folder in tree.folders),
            *ignore_file,
            *(begun.depends_on if begun else ()),
            *request.depends_on,
        )
    return Gathered(
        bundle=found,
        omissions=tree.omissions + (part.omissions if part else ()),
        left_out=part.left_out if part else (),
        prefix=prefix,
        architecture=begun.target.architecture if begun else request.architecture,
        wheels=tuple(begun.obtaining.content) if begun else (),
        depends_on=depends_on,
    )


def bundled(
    request: BuildRequest, tree: Tree, begun: "Begun | None", *, prefix: str, meter: Meter, tell: Tell, detailed: bool
) -> "tuple[Bundle, Collected | Prepared | None]":
    """Return what goes in, and the wheels' part of it: the short way where there is a stock, else the long one."""
    collected = key = None
    if begun is not None:
        from lambdapack.packing import stock  # noqa: PLC0415 - a build without a lock need not wait for it

        key = None if detailed else stock.key(begun, request)
        prepared = stock.find(begun, key) if key else None
        found = stock.laid(prepared, tree.entries, begun.obtaining.content, request) if prepared else None
        if prepared is not None and found is not None:
            begun.obtaining.trust()
            return found, prepared
        from lambdapack.packing.placing import collect  # noqa: PLC0415 - as above

        collected = collect(begun, patterns=request.patterns, meter=meter, tell=tell)
        key = None if prepared else key
    entries = merge(tree.entries, collected.entries if collected else (), prefer=request.prefer)
    found = bundle(
        placed_in(entries, prefix) if prefix else entries,
        source=request.source or "the lock",
        case_collisions_allowed=request.case_collisions_allowed,
    )
    if begun is not None and collected is not None and key is not None:
        begun.obtaining.finish(meter=meter, tell=tell)
        stock.keep(begun, key, collected, request)
    return found, collected


def walked(request: BuildRequest) -> tuple[tuple[str, ...], Tree]:
    """Return the path of the source's ignore file, where there is one, and what the source tree holds."""
    outputs = own_outputs(request)
    if request.source is None:
        return (), Tree(entries=(), folders=(), omissions=())
    ignore_file, patterns = read_ignore_file(request.source)
    built_in, own = from_list(BUILT_IN, source="built-in"), from_list(OWN, source="lambdapack's own")
    rules = compile_rules([*built_in, *patterns, *request.patterns, *own])
    return ignore_file, walk(request.source, rules=rules, symlinks=request.symlinks, own_outputs=outputs)


def read_ignore_file(source: str) -> tuple[tuple[str, ...], list[Pattern]]:
    """Return the path of the source's ignore file, where there is one, and its patterns."""
    path = os.path.join(source, IGNORE_FILE)  # noqa: PTH118 - the user's words, which Path would tidy up
    if not os.path.lexists(path):
        return (), []
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - as above
            raise SourceError(f"{path} is not a regular file", hint="make it one, or remove it")
        content = Path(path).read_bytes()
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}", hint="make it a readable file") from error
    if len(content) > IGNORE_FILE_LIMIT:
        raise UsageError(
            f"{path} is larger than {IGNORE_FILE_LIMIT:,} bytes", hint="leave out directories, not single files"
        )
    return (path,), parse_ignore_file(content, path)


def own_outputs(request: BuildRequest) -> frozenset[str]:
    """Return the paths of what this run writes, which never packs itself: each by itself and, for a symlink, its end.

    Raises ``UsageError`` where two of them are one file.
    """
    paths = [path for path in (request.output, request.depfile, request.manifest) if path is not None]
    ends = {os.path.realpath(path) for path in paths}
    if len(ends) < len(paths):
        raise UsageError(
            f"two of the outputs {', '.join(map(str, paths))} are one file", hint="give each a name of its own"
        )
    return frozenset(ends | {os.path.join(os.path.realpath(path.parent), path.name) for path in paths})  # noqa: PTH118 - as in tree.root()
