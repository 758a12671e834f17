"""The first half of a build: what goes into a package, of the source tree and of wheels. Nothing is written."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from lambdapack.disk.reading import mode_of, read_whole, reading
from lambdapack.errors import SourceError, UsageError
from lambdapack.inputs import Named, refuse_overwriting
from lambdapack.packing import checks
from lambdapack.packing.bundle import Bundle, bundle, merge
from lambdapack.packing.entries import Entry, Single
from lambdapack.packing.layer import layer_prefix, place_in
from lambdapack.packing.outputs.apart import named_outputs, outputs_of, refuse_inputs, refuse_sources, without_outputs
from lambdapack.packing.patterns.rules import IGNORE_FILE, TEXT, Pattern, Rules, compile_source_rules, parse_ignore_file
from lambdapack.packing.request import BuildRequest
from lambdapack.packing.source.walk import Omission, Tree, walk
from lambdapack.packing.wheels.contents import WheelBytes
from lambdapack.reporting import Meter, Tell

if TYPE_CHECKING:
    from lambdapack.packing.archive.stretch import Stretch
    from lambdapack.packing.dependencies.begin import Incoming
    from lambdapack.packing.dependencies.prepared import Prepared


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
    tree: Tree | None
    """The source tree, whatever of it goes in; for a depfile alone."""
    depends_on: tuple[str, ...]
    """Every file and directory whose change can change the package, in the user's words; for a depfile alone."""


def gather(request: BuildRequest, incoming: "Incoming | None", *, meter: Meter, tell: Tell) -> Gathered:
    """Return what the request packs, with the wheels that are ``incoming``; raises what ``build.gather`` raises."""
    outputs = named_outputs(request)
    paths = incoming.paths if incoming else ()
    refuse_overwriting(outputs, files=(Named("the wheel", path) for path in paths))
    ignore_file, tree = _walk_source(request, outputs)
    prefix = layer_prefix(request.runtime, (entry.name for entry in tree.entries)) if request.layer else ""
    wheels = _prepare(incoming, request, prefix=prefix, meter=meter, tell=tell) if incoming else None
    found = _bundle(tree.entries, wheels, request, prefix=prefix)
    for warning in wheels.warnings if wheels else ():
        tell(warning)
    checks.check_limits(found)
    if request.handler is not None and request.runtime is not None and not request.layer:
        checks.check_handler(found, handler=request.handler, runtime=request.runtime)
    if incoming is not None:
        incoming.fetch.finish(meter=meter, tell=tell)
    depends_on: tuple[str, ...] = ()
    if request.depfile is not None:
        depends_on = (
            *(entry.origin for entry in tree.entries),
            *(folder.origin for folder in tree.folders),
            *ignore_file,
            *((os.fspath(request.dependencies.lock),) if request.dependencies else ()),
            *paths,
            *(os.fspath(path) for path in request.depends_on),
        )
    return Gathered(
        bundle=found,
        omissions=tree.omissions + (wheels.omissions if wheels else ()),
        left_out=wheels.left_out if wheels else (),
        prefix=prefix,
        architecture=incoming.target.architecture if incoming else request.architecture,
        wheels=tuple(incoming.fetch.content) if incoming else (),
        tree=tree if request.depfile is not None else None,
        depends_on=depends_on,
    )


def _prepare(incoming: "Incoming", request: BuildRequest, *, prefix: str, meter: Meter, tell: Tell) -> "Prepared":
    """Return the wheels' part of the package: what the cache has, or what is worked out now, and kept there."""
    from lambdapack.packing.dependencies import prepared  # noqa: PLC0415 - 2 ms that a build without a lock saves

    fetch, cache = incoming.fetch, incoming.fetch.cache
    key = prepared.key(incoming, request, prefix=prefix)
    document = cache.get(prepared.KIND, key) if cache else None
    found = prepared.load(document, fetch.content, prefix=prefix) if document else None
    if found is None:
        from lambdapack.packing.dependencies.place import place  # noqa: PLC0415 - 1 ms that a cache saves

        held = fetch.inspect(meter=meter, tell=tell)
        if incoming.wanted.scripts:  # which are read, and perhaps changed
            fetch.finish(meter=meter, tell=tell)
        found = place(held, incoming, request, prefix=prefix)
        if cache:
            cache.put(prepared.KIND, key, prepared.dump(found))
    return found


def _bundle(sources: Sequence[Entry], wheels: "Prepared | None", request: BuildRequest, *, prefix: str) -> Bundle:
    entries: list[Single] = []
    stretches: list[Stretch] = []
    if wheels is not None:
        sources, scripts, stretches = merge(sources, wheels, prefer=request.prefer)
        entries += scripts
    entries += place_in(sources, prefix) if prefix else sources
    return bundle(
        entries,
        stretches,
        source=os.fspath(request.source or "the lock"),
        prefix=prefix,
        case_collisions_allowed=request.case_collisions_allowed,
    )


def _walk_source(request: BuildRequest, outputs: Sequence[Named]) -> tuple[tuple[str, ...], Tree]:
    """Return the path of the source's ignore file, where there is one, and what the source tree holds."""
    if request.source is None:
        return (), Tree(entries=(), folders=(), omissions=())
    source = os.fspath(request.source)
    ignore_file, rules = _source_rules(request, source)
    refuse_sources(source, outputs, rules=rules)
    tree = walk(source, rules=rules, symlinks=request.symlinks, own_outputs=outputs_of(request))
    return ignore_file, without_outputs(tree, outputs)


def _source_rules(request: BuildRequest, source: str) -> tuple[tuple[str, ...], Rules]:
    """Return the path of the source's ignore file, where there is one, and all rules for the source."""
    ignore_file, patterns = read_ignore_file(source)
    return ignore_file, compile_source_rules([*patterns, *request.patterns])


def check_apart(requests: Sequence[BuildRequest]) -> None:
    """Raise ``UsageError`` where builds of one run write one file twice, or one writes what another reads."""
    outputs = [output for request in requests for output in named_outputs(request)]
    for request in requests:
        refuse_inputs(request, outputs)
        if request.source is not None and os.path.isdir(request.source):  # noqa: PTH112 - the user's words
            source = os.fspath(request.source)
            refuse_sources(source, outputs, rules=_source_rules(request, source)[1])


def read_ignore_file(source: str) -> tuple[tuple[str, ...], list[Pattern]]:
    """Return the path of the source's ignore file, where there is one, and its patterns."""
    path = os.path.join(source, IGNORE_FILE)  # noqa: PTH118 - the user's words, which Path would tidy up
    if not mode_of(path, follow_symlinks=False):
        return (), []
    try:
        with reading(path):
            content = read_whole(path)
    except IsADirectoryError:
        content = None
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}", hint="make it a readable file") from error
    if content is None:
        raise SourceError(f"{path} is not a regular file", hint="make it one, or remove it")
    if len(content) > TEXT:
        raise UsageError(f"{path} is larger than {TEXT:,} bytes", hint="leave out directories, not single files")
    return (path,), parse_ignore_file(content, path)
