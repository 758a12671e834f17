"""The story of a build: gather what goes in, then write it.

``gather`` decides what goes in, and ``--list`` stops after it; ``write`` goes on from there, so the two cannot
disagree. Nothing is written before everything is gathered and checked, and no file is replaced before all are written.

The wheels of a lock are read and hashed in threads from the first moment on. What else is needed is imported meanwhile:
so this module imports little, and the two halves stand in modules of their own.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from lambdapack.errors import UsageError
from lambdapack.packing.outputs.apart import named_outputs, refuse_inputs
from lambdapack.packing.request import BuildRequest
from lambdapack.reporting import Meter, Progress, Tell, no_meter, silent
from lambdapack.target import python_target

if TYPE_CHECKING:
    from lambdapack.packing.dependencies.begin import Incoming
    from lambdapack.packing.gather import Gathered
    from lambdapack.packing.write import Built


def build(request: BuildRequest, *, progress: Progress = silent) -> "Built":
    """Gather what the request packs and write it; raises what ``gather`` and ``write`` raise."""
    return write(gather(request), request, progress=progress)


def gather(request: BuildRequest, *, meter: Meter = no_meter, tell: Tell = silent) -> "Gathered":
    """Return what the request would pack.

    ``meter`` is opened where wheels have to be downloaded, ``tell`` is given warnings. Raises ``UsageError`` for a
    pattern, and for an output that is an input, ``SourceError`` for the tree, ``LockError`` for what the lock brings,
    ``CheckError`` for the whole.
    """
    if not isinstance(request, BuildRequest):
        raise UsageError(f"{type(request).__name__} is no request", hint="give a BuildRequest")
    refuse_inputs(request, named_outputs(request))
    with _begin(request, tell=tell) as incoming:
        from lambdapack.packing import gather as gathering  # noqa: PLC0415 - 8 ms, while the wheels are read
        from lambdapack.packing import write as writing  # noqa: F401, PLC0415 - as above

        return gathering.gather(request, incoming, meter=meter, tell=tell)


def write(gathered: "Gathered", request: BuildRequest, *, progress: Progress = silent) -> "Built":
    """Write the package, and the depfile and manifest where they are asked for.

    ``progress`` counts bytes of content. Raises ``LocalError`` where reading or writing fails, and
    ``SourceError`` where the tree changes meanwhile; then every file is as it was.
    """
    from lambdapack.packing import write as writing  # noqa: PLC0415 - gather has imported it

    return writing.write(gathered, request, progress=progress)


def _begin(request: BuildRequest, *, tell: Tell) -> "AbstractContextManager[Incoming | None]":
    if request.dependencies is None:
        return nullcontext()
    from lambdapack.packing.dependencies.begin import begin  # noqa: PLC0415 - 5 ms that a build without a lock saves

    target = python_target(runtime=request.runtime, architecture=request.architecture)
    return begin(request.dependencies, target=target, jobs=request.jobs, tell=tell)
