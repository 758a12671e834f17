"""The story of a build: gather what goes in, then write it.

``gather`` decides what goes in and is all that ``--list`` does; ``write`` goes on from there, so the
two cannot disagree. ``build`` is both. Nothing is written before everything has been gathered and checked, and nothing
is replaced before everything is written.

The wheels of a lock are read and hashed in threads from the first moment on. Whatever else the story
needs is imported beside that: together it takes as long as reading them.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from lambdapack.packing.outputs.apart import named_outputs, refuse_inputs
from lambdapack.packing.request import BuildRequest
from lambdapack.reporting import Meter, Progress, Tell
from lambdapack.target import python_target

if TYPE_CHECKING:
    from lambdapack.packing.dependencies.begin import Incoming
    from lambdapack.packing.gather import Gathered
    from lambdapack.packing.write import Built


def gather(
    request: BuildRequest,
    *,
    meter: Meter = lambda _: nullcontext(lambda _: None),
    tell: Tell = lambda _: None,
) -> "Gathered":
    """Return what the request would pack.

    ``meter`` is opened where wheels have to be downloaded, ``tell`` is given warnings. Raises ``UsageError`` for a
    pattern, and for an output that is an input, ``SourceError`` for the tree, ``LockError`` for what the lock brings,
    ``CheckError`` for the whole.
    """
    refuse_inputs(request, named_outputs(request))
    with begin_wheels(request, tell=tell) as wheels:
        from lambdapack.packing import gather as gathering  # noqa: PLC0415 - while the wheels are read
        from lambdapack.packing import write as writing  # noqa: F401, PLC0415 - while the wheels are read

        return gathering.gather(request, wheels, meter=meter, tell=tell)


def build(request: BuildRequest, *, progress: Progress = lambda _: None) -> "Built":
    """Gather what the request packs and write it; raises what ``gather`` and ``write`` raise."""
    return write(gather(request), request, progress=progress)


def write(gathered: "Gathered", request: BuildRequest, *, progress: Progress = lambda _: None) -> "Built":
    """Write the package, and the depfile and manifest where they are asked for.

    ``progress`` counts bytes of content. Raises ``LocalError`` where reading or writing fails, and
    ``SourceError`` where the tree changes meanwhile; then every file is as it was.
    """
    from lambdapack.packing.write import write  # noqa: PLC0415 - gather has imported it

    return write(gathered, request, progress=progress)


def begin_wheels(request: BuildRequest, *, tell: Tell) -> "AbstractContextManager[Incoming | None]":
    """Return the wheels of the request's lock, on their way while the context lasts; None where there is no lock."""
    if request.dependencies is None:
        return nullcontext()
    from lambdapack.packing.dependencies.begin import begin  # noqa: PLC0415 - a build without a lock need not wait for it

    target = python_target(runtime=request.runtime, architecture=request.architecture)
    return begin(request.dependencies, target=target, jobs=request.jobs, tell=tell)
