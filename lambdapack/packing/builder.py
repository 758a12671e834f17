"""The story of a build, from top to bottom: gather, compress, archive, put in place.

``gather`` decides what goes in and is all that ``--list`` does; ``write`` goes on from there, so the
two cannot disagree. ``build`` is both. Nothing is written before everything has been gathered and checked, and nothing
is replaced before everything is written. What a lock brings along is ``dependencies``', which is imported only where
there is one.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from lambdapack.artifact import Artifact, code_sha256
from lambdapack.errors import SourceError, UsageError
from lambdapack.packing import checks, deflate
from lambdapack.packing.archive import archive
from lambdapack.packing.bundle import Bundle, bundle
from lambdapack.packing.compress import Recipe, compress
from lambdapack.packing.depfile import depfile
from lambdapack.packing.digest import Digest
from lambdapack.packing.entry import Member
from lambdapack.packing.ignore import BUILT_IN, IGNORE_FILE, OWN, Pattern, compile_rules, from_list, parse_ignore_file
from lambdapack.packing.layer import layer_prefix, placed_in
from lambdapack.packing.manifest import Record, manifest, record
from lambdapack.packing.merge import Preference, merge
from lambdapack.packing.tree import Omission, Symlinks, Tree, walk
from lambdapack.replacement import Replacement
from lambdapack.target import python_target

if TYPE_CHECKING:
    from lambdapack.packing.dependencies import Collected, Dependencies

Progress = Callable[[int], None]
"""Called with the number of bytes that were done since the last call (boto3's ``Callback``)."""

Meter: TypeAlias = Callable[[int], AbstractContextManager[Progress]]
"""Opens a progress bar for so many bytes."""

BLOCK_SIZE = 1 << 20
"""Bytes that are gathered before they are written and hashed."""

LARGE_CHUNK = 1 << 16
"""Bytes from which on a chunk is written as it is: copying it would cost more than the call."""

IGNORE_FILE_LIMIT = 256 << 10
"""Bytes; a larger ignore file lists files, and would cost seconds."""


def ignored(warning: str) -> None:
    """Take a warning that nobody wants to hear."""
    del warning


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """All that decides what a package is and where it goes."""

    source: str | None
    """The directory that is packed; None for a package of wheels alone."""
    output: Path
    dependencies: "Dependencies | None" = None
    """The wheels that go in as well."""
    prefer: Preference | None = None
    """Whose file it is where the source and a wheel have different ones of one name; None refuses."""
    layer: bool = False
    """Whether the package is a layer, whose files lie in the runtime's own directory."""
    patterns: tuple[Pattern, ...] = ()
    """From the configuration and the command line, weakest first; all stronger than the ignore file."""
    executable: tuple[Pattern, ...] = ()
    """For files that are executable whatever they hold."""
    symlinks: Symlinks = "follow"
    case_collisions_allowed: bool = False
    compression: str = "default"
    """A key of ``deflate.PROFILES``."""
    runtime: str | None = None
    architecture: str | None = None
    handler: str | None = None
    depfile: Path | None = None
    manifest: Path | None = None
    depends_on: tuple[str, ...] = ()
    """Further files that the depfile names, such as the configuration."""
    jobs: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What would go into the package."""

    bundle: Bundle
    omissions: tuple[Omission, ...]
    """What patterns leave out, of the tree and of the wheels."""
    left_out: tuple[str, ...]
    """The projects of the lock that are left out because the runtime has them."""
    prefix: str
    """What all names begin with: the directory of a layer, or nothing."""
    architecture: str | None
    depends_on: tuple[str, ...]
    """Every file and directory whose change can change the package, in the user's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A package that stands at its place."""

    artifact: Artifact
    gathered: Gathered
    archive_format: str
    """The name of the profile: ``format-1/libdeflate-6``."""
    unchanged: bool
    """Whether the file had these bytes already, and was left alone."""


def gather(
    request: BuildRequest,
    *,
    meter: Meter = lambda _: nullcontext(lambda _: None),
    tell: Callable[[str], None] = ignored,
) -> Gathered:
    """Return what the request would pack.

    ``meter`` is opened where wheels have to be downloaded, ``tell`` is given warnings. Raises ``UsageError`` for a
    pattern, ``SourceError`` for the tree, ``LockError`` for what the lock brings, ``CheckError`` for the whole.
    """
    ignore_file, tree = walked(request)
    collected = None
    if request.dependencies is not None:
        collected = collect_wheels(request, request.dependencies, meter=meter, tell=tell)
    entries = merge(tree.entries, collected.entries if collected else (), prefer=request.prefer)
    prefix = layer_prefix(request.runtime, (entry.name for entry in tree.entries)) if request.layer else ""
    found = bundle(
        placed_in(entries, prefix) if prefix else entries,
        source=request.source or "the lock",
        case_collisions_allowed=request.case_collisions_allowed,
    )
    checks.check_limits(found)
    architecture = collected.architecture if collected else request.architecture
    if request.handler is not None and request.runtime is not None and not request.layer:
        checks.check_handler(found, handler=request.handler, runtime=request.runtime)
    depends_on = (
        *(entry.origin for entry in tree.entries),
        *(folder.origin for folder in tree.folders),
        *ignore_file,
        *(collected.depends_on if collected else ()),
        *request.depends_on,
    )
    return Gathered(
        bundle=found,
        omissions=tree.omissions + (collected.omissions if collected else ()),
        left_out=collected.left_out if collected else (),
        prefix=prefix,
        architecture=architecture,
        depends_on=depends_on,
    )


def walked(request: BuildRequest) -> tuple[tuple[str, ...], Tree]:
    """Return the path of the source's ignore file, where there is one, and what the source tree holds."""
    outputs = own_outputs(request)
    if request.source is None:
        return (), Tree(entries=(), folders=(), omissions=())
    ignore_file, patterns = read_ignore_file(request.source)
    built_in, own = from_list(BUILT_IN, source="built-in"), from_list(OWN, source="lambdapack's own")
    rules = compile_rules([*built_in, *patterns, *request.patterns, *own])
    return ignore_file, walk(request.source, rules=rules, symlinks=request.symlinks, own_outputs=outputs)


def collect_wheels(
    request: BuildRequest, wanted: "Dependencies", *, meter: Meter, tell: Callable[[str], None]
) -> "Collected":
    """Return the wheels' part of the package."""
    from lambdapack.packing.dependencies import collect  # noqa: PLC0415 - a build without a lock must not wait for it

    target = python_target(runtime=request.runtime, architecture=request.architecture)
    return collect(wanted, target=target, patterns=request.patterns, jobs=request.jobs, meter=meter, tell=tell)


def build(request: BuildRequest, *, progress: Progress = lambda _: None) -> Built:
    """Gather what the request packs and write it; raises what ``gather`` and ``write`` raise."""
    return write(gather(request), request, progress=progress)


def write(gathered: Gathered, request: BuildRequest, *, progress: Progress = lambda _: None) -> Built:
    """Write the package, and the depfile and manifest where they are asked for.

    ``progress`` counts bytes of content. Raises ``LocalError`` where reading or writing fails, and
    ``SourceError`` where the tree changes meanwhile; then every file is as it was.
    """
    profile = deflate.verified(deflate.PROFILES[request.compression])
    recipe = Recipe(profile=profile, executable=compile_rules(request.executable), prefix=gathered.prefix)
    with ExitStack() as stack:
        package = stack.enter_context(Replacement(request.output))
        depfile_out = stack.enter_context(Replacement(request.depfile)) if request.depfile else None
        manifest_out = stack.enter_context(Replacement(request.manifest)) if request.manifest else None
        members = stack.enter_context(closing(compress(gathered.bundle.entries, recipe=recipe, jobs=request.jobs)))
        records: list[Record] = []
        seen = observed(members, progress, records if manifest_out else None)
        artifact = write_archive(package, seen, request, architecture=gathered.architecture)
        if depfile_out:
            # Paths as the file system spells them, whatever the locale.
            depfile_out.write(os.fsencode(depfile(os.fspath(request.output), gathered.depends_on)))
        if manifest_out:
            manifest_out.write(manifest(artifact, records, archive_format=profile.name).encode("utf-8"))
        side_files = [out for out in (depfile_out, manifest_out) if out is not None]
        for replacement in side_files:
            replacement.prepare()
        for replacement in (*side_files, package):
            replacement.commit()
    return Built(artifact=artifact, gathered=gathered, archive_format=profile.name, unchanged=package.unchanged)


def write_archive(
    package: Replacement, members: Iterable[Member], request: BuildRequest, *, architecture: str | None
) -> Artifact:
    """Write the archive of ``members``, durably, and return what it is: the hash falls out of the same pass."""
    size = 0
    with Digest() as digest:
        for block in blocks(archive(members)):
            digest.update(block)
            package.write(block)
            size += len(block)
        # While the last blocks are hashed.
        package.prepare()
        sha256 = code_sha256(digest.finished())
    return Artifact(
        path=request.output,
        size=size,
        code_sha256=sha256,
        runtime=request.runtime,
        architecture=architecture,
    )


def blocks(chunks: Iterable[bytes | bytearray | memoryview]) -> Iterator[bytes | bytearray | memoryview]:
    """Yield the bytes of ``chunks``, small ones gathered until they are worth a call: most cost less than that."""
    small: list[bytes | bytearray | memoryview] = []
    size = 0
    for chunk in chunks:
        if len(chunk) < LARGE_CHUNK:
            small.append(chunk)
            size += len(chunk)
            if size < BLOCK_SIZE:
                continue
            yield b"".join(small)
        else:
            if small:
                yield b"".join(small)
            yield chunk
        small, size = [], 0
    if small:
        yield b"".join(small)


def observed(members: Iterable[Member], progress: Progress, records: list[Record] | None) -> Iterator[Member]:
    """Yield ``members`` as they are, telling ``progress`` and keeping each one's line for the manifest."""
    for member in members:
        if records is not None:
            records.append(record(member))
        yield member
        progress(member.size)


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
