"""Where the files of a layer lie: Lambda unpacks it to /opt, and each runtime looks into a directory of its own. Pure.

Source: AWS Lambda developer guide, "Packaging your layer content", "Layer paths for each Lambda runtime".
"""

import functools
from collections.abc import Iterable, Iterator

from lambdapack.errors import UsageError
from lambdapack.packing.entries import ArchiveName, Base, Entry

PYTHON = "python/"
NODE = "nodejs/"
NODE_MODULES = "node_modules/"


def layer_prefix(runtime: str | None, names: Iterable[str]) -> str:
    """Return the directory in which ``names`` go, with its ``/``.

    Node's packages lie in ``nodejs/node_modules``; a source tree that has a ``node_modules`` of its own brings
    that part along. Raises ``UsageError`` where the runtime is not known or has no such directory, or where the
    names are in it already.
    """
    if runtime is None:
        raise UsageError(
            "a layer needs a runtime: it decides where the files lie", hint="add --runtime python3.13, or nodejs22.x"
        )
    if runtime.startswith("python"):
        prefix = PYTHON
    elif runtime.startswith("nodejs"):
        prefix = NODE
    else:
        raise UsageError(
            f"--layer knows where packages for Python and Node.js lie, and not for {runtime}",
            hint="lay the files out as Lambda wants them below /opt, and build without --layer",
        )
    found = list(names)
    if found and all(name.startswith(prefix) for name in found):
        raise UsageError(
            f"all files are below {prefix} already", hint=f"give that directory as SOURCE: --layer puts {prefix} before"
        )
    if prefix == NODE and not any(name.startswith(NODE_MODULES) for name in found):
        return NODE + NODE_MODULES
    return prefix


def place_in(entries: Iterable[Entry], prefix: str) -> Iterator[Entry]:
    """Yield ``entries`` under names that begin with ``prefix``."""

    @functools.cache
    def move(base: Base) -> Base:
        return base._replace(name=prefix + base.name)

    for entry in entries:
        yield entry._replace(name=ArchiveName(prefix + entry.name), base=move(entry.base))
