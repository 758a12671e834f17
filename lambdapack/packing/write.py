"""The second half of a build: the package, its depfile and its manifest come to stand at their places, all or none."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from lambdapack.artifact import Artifact, code_sha256
from lambdapack.disk.commit import commit_all
from lambdapack.disk.replacement import Replacement
from lambdapack.packing.archive import deflate
from lambdapack.packing.archive.format1 import archive
from lambdapack.packing.archive.segment import Record, Segment
from lambdapack.packing.compress import Recipe, compress
from lambdapack.packing.gather import Gathered
from lambdapack.packing.outputs.apart import outputs_of
from lambdapack.packing.patterns.rules import compile_rules
from lambdapack.packing.request import BuildRequest
from lambdapack.reporting import Progress
from lambdapack.threads import Background, Block
from lambdapack.values import Value

BLOCK_SIZE = 1 << 19
"""Bytes that are hashed and written at a time. With four megabytes Linux 6.18 took three times as long where its free
memory was in small pieces: it looks for large ones to cache them in."""

BUFFERS = 8
"""Blocks that are under way at a time: enough for the threads to go on when this one pauses."""


class Built(Value):
    """A package that stands at its place."""

    artifact: Artifact
    gathered: Gathered
    archive_format: str
    """The name of the profile: ``format-1/libdeflate-6``."""
    unchanged: bool
    """Whether the file had these bytes already, and was left alone."""


def write(gathered: Gathered, request: BuildRequest, *, progress: Progress) -> Built:
    """Do what ``build.write`` says; ``progress`` counts bytes of content."""
    profile = deflate.verify(deflate.PROFILES[request.compression])
    recipe = Recipe(profile=profile, executable=compile_rules(request.executable), prefix=gathered.prefix)
    dating = None
    if gathered.tree is not None:
        from lambdapack.packing.outputs.dating import Dating  # noqa: PLC0415 - with depfile and manifest: 0.7 ms

        dating = Dating(gathered.tree, outputs_of(request))
    with ExitStack() as stack:
        package = stack.enter_context(Replacement(request.output))
        depfile_out = stack.enter_context(Replacement(request.depfile)) if request.depfile is not None else None
        manifest_out = stack.enter_context(Replacement(request.manifest)) if request.manifest is not None else None
        segments = stack.enter_context(closing(compress(gathered.bundle.parts, recipe=recipe, jobs=request.jobs)))
        records: list[Record] = []
        seen = _observe(segments, progress, records if manifest_out else None)
        artifact = _write_archive(package, seen, request, architecture=gathered.architecture)
        for wheel in gathered.wheels:
            wheel.check_unchanged()
        if depfile_out:
            from lambdapack.packing.outputs.depfile import depfile  # noqa: PLC0415 - as above

            # Paths as the file system spells them, whatever the locale.
            depfile_out.write(os.fsencode(depfile(os.fspath(request.output), gathered.depends_on)))
        if manifest_out:
            from lambdapack.packing.outputs.manifest import manifest  # noqa: PLC0415 - as above

            manifest_out.write(manifest(artifact, records, archive_format=profile.name).encode("utf-8"))
        for replacement in (depfile_out, manifest_out):
            if replacement is not None:
                replacement.prepare()
        # A killed run leaves a new depfile beside an old package at worst, which make then builds again; the other way
        # round, make would not know of a file that is new in it.
        commit_all([out for out in (depfile_out, package) if out is not None], about=manifest_out)
    if dating is not None:
        dating.date(package.target, is_new=not package.unchanged)
    return Built(artifact=artifact, gathered=gathered, archive_format=profile.name, unchanged=package.unchanged)


def _write_archive(
    package: Replacement, segments: Iterable[Segment], request: BuildRequest, *, architecture: str | None
) -> Artifact:
    """Write the archive of ``segments``, durably, and return what it is: the hash falls out of the same pass."""
    digest = hashlib.sha256()
    size = 0
    with Background(digest.update, name="hash") as hashing, Background(package.write, name="write") as writing:

        def are_done(end: int) -> None:
            hashing.reach(end)
            writing.reach(end)

        for block in blocks(archive(segments), are_done=are_done):
            hashing.give(block)
            writing.give(block)
            size += len(block)
        writing.finish()
        package.prepare()
        hashing.finish()
    return Artifact(
        path=Path(request.output),
        size=size,
        code_sha256=code_sha256(digest),
        runtime=request.runtime,
        architecture=architecture,
    )


def blocks(chunks: Iterable[Block], *, are_done: Callable[[int], None]) -> Iterator[memoryview]:
    """Yield the bytes of ``chunks`` in blocks of ``BLOCK_SIZE``, the last one apart.

    Chunks that are larger are not copied. All others are, to ``BUFFERS`` pieces of memory in turn, for new memory costs
    as much as what is done with it; ``are_done`` returns when nobody needs the first so many of all bytes any more.
    """
    buffers, ends = [memoryview(bytearray(BLOCK_SIZE))], [0]
    buffer, slot, filled, given = buffers[0], 0, 0, 0
    for chunk in chunks:
        end = filled + len(chunk)
        if end <= BLOCK_SIZE:
            buffer[filled:end] = chunk
            filled = end
            continue
        rest = memoryview(chunk)
        buffer[filled:] = rest[: BLOCK_SIZE - filled]
        yield buffer
        given += BLOCK_SIZE
        ends[slot] = given
        rest = rest[BLOCK_SIZE - filled :]
        while len(rest) > BLOCK_SIZE:
            yield rest[:BLOCK_SIZE]
            given += BLOCK_SIZE
            rest = rest[BLOCK_SIZE:]
        slot = (slot + 1) % BUFFERS
        if slot == len(buffers):
            buffers.append(memoryview(bytearray(BLOCK_SIZE)))
            ends.append(0)
        are_done(ends[slot])
        buffer, filled = buffers[slot], len(rest)
        buffer[:filled] = rest
    if filled:
        yield buffer[:filled]


def _observe(segments: Iterable[Segment], progress: Progress, records: list[Record] | None) -> Iterator[Segment]:
    for segment in segments:
        if records is not None:
            records += segment.records()
        yield segment
        progress(segment.size)
