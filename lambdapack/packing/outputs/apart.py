"""Keeping what a build writes apart from what it reads.

An output may lie in the source: it is then left out. A file that lies in its place already must be an output of an
earlier run (``recognition``), or be left out by a pattern. Anything else is a part of the source, and stays.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lambdapack.config import FILES
from lambdapack.disk.reading import reading
from lambdapack.errors import UsageError
from lambdapack.inputs import Named, identity_of, of_environment, overwrite_error, refuse_overwriting
from lambdapack.packing.patterns.rules import IGNORE_FILE, Rules, exclude_option
from lambdapack.packing.request import BuildRequest

if TYPE_CHECKING:
    from lambdapack.packing.source.walk import Tree

KINDS = ("wheels", "contents", "selection", "prepared")
"""The directories of the cache: what else lies beside them is not its own."""

PLACEHOLDERS = (".zip", ".d", ".json")
"""How an empty file may be called that ``touch`` or ``mktemp`` made for an output; an empty module is a source."""


def named_outputs(request: BuildRequest) -> list[Named]:
    """Return the files that a build writes, the package first."""
    places = (("the output", request.output), ("the depfile", request.depfile), ("the manifest", request.manifest))
    return [Named(what, place) for what, place in places if place is not None]


def outputs_of(request: BuildRequest) -> frozenset[str]:
    """Return the real paths of what a build writes, which never packs itself: of a symlink its own and its end's."""
    paths = [os.fspath(output.path) for output in named_outputs(request)]
    own = [os.path.join(os.path.realpath(parent or os.curdir), name) for parent, name in map(os.path.split, paths)]  # noqa: PTH118 - strings
    return frozenset((*own, *map(os.path.realpath, paths)))


def refuse_inputs(request: BuildRequest, outputs: Sequence[Named]) -> None:
    """Raise ``UsageError`` where two of ``outputs`` are one file, or one is what this build reads, as it is asked."""
    taken: dict[object, Named] = {}
    for output in outputs:
        for key in {os.path.realpath(output.path), identity_of(output.path)} - {None}:
            other = taken.setdefault(key, output)
            if other is not output:
                raise UsageError(f"{other.words} and {output.words} are one file", hint="give each a name of its own")
    cache = request.dependencies.cache if request.dependencies else None
    refuse_overwriting(
        outputs,
        files=_files(request),
        directories=[Named("the cache", Path(cache, kind)) for kind in KINDS] if cache else [],
    )


def _files(request: BuildRequest) -> Iterator[Named]:
    """Yield what a build reads beside its source tree; a configuration that is here is read by other commands."""
    for path in (*request.depends_on, *FILES):
        yield Named("the configuration", path)
    for path in request.depends_on:
        for name in FILES:
            yield Named("the configuration", os.path.join(os.path.dirname(path), name))  # noqa: PTH118, PTH120 - as above
    if request.source is not None:
        yield Named("the ignore file", os.path.join(request.source, IGNORE_FILE))  # noqa: PTH118 - the user's words
    wanted = request.dependencies
    if wanted is None:
        return
    yield Named("the lock", wanted.lock)
    for folder in wanted.folders:
        for wheel in Path(folder).glob("*.whl"):
            yield Named("the wheel", wheel)
    yield from of_environment(wanted.environ)


def refuse_sources(source: str, outputs: Sequence[Named], *, rules: Rules) -> None:
    """Raise ``UsageError`` where what lies in an output's place is a part of the source tree ``source``."""
    root = os.path.join(os.path.realpath(source), "")  # noqa: PTH118 - strings
    for output in outputs:
        place = os.path.realpath(output.path)
        if not place.startswith(root) or not os.path.isfile(place):  # noqa: PTH113 - strings
            continue
        name = place.removeprefix(root).replace(os.sep, "/")
        if rules.nearest(name) is None and not _is_ours(place):
            raise overwrite_error(
                output,
                Named("the source file", os.path.join(source, name)),  # noqa: PTH118 - the user's words
                hint=f"write it elsewhere; if it may be overwritten, leave it out with {exclude_option(name)}",
            )


def _is_ours(path: str) -> bool:
    """Return whether an earlier run wrote the file; one that may not be read is no input in any case."""
    from lambdapack.packing.outputs.recognition import is_ours  # noqa: PLC0415 - few outputs lie in the source

    try:
        with reading(path), Path(path).open("rb") as file:
            return is_ours(file) or (path.endswith(PLACEHOLDERS) and os.fstat(file.fileno()).st_size == 0)
    except OSError:
        return True


def without_outputs(tree: "Tree", outputs: Sequence[Named]) -> "Tree":
    """Return the tree without the outputs that the walk found under another spelling, where the file system folds case.

    Raises ``UsageError`` where it is no output of an earlier run, or has another name: it is read, and written.
    """
    there = {identity: output for output in outputs if (identity := identity_of(output.path)) is not None}
    linked = [entry for entry in tree.entries if entry.stamp[:2] in there] if there else []
    for entry in linked:
        output = there[entry.stamp[:2]]
        if os.path.realpath(output.path).casefold() != entry.path.casefold() or not _is_ours(entry.path):
            raise overwrite_error(output, Named("the source file", entry.origin))
    return tree._replace(entries=tuple(entry for entry in tree.entries if entry not in linked)) if linked else tree
