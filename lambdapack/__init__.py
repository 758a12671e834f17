"""From a source tree to a pinned AWS Lambda version: the same bytes on every machine, and nothing else published.

The rooms, in the order in which they may import one another, and what passes between them::

    version ◄ reporting ◄ addresses ◄ masking ◄ text ◄ folding ◄ errors ◄ document ◄ target ◄ shortage ◄ waiting
            ◄ threads ◄ inputs ◄ quotas ◄ disk ◄ artifact ◄ environment ◄ config ◄ packing ◄ deploying ◄ cli
    waiting ◄ emulator

    packing     source tree ─► Entry… ───┐
                lock ─► wheels ─► Entry… ┴► Bundle ─► Member… ─► zip bytes ─► Artifact
    deploying   Artifact ─► CodeLocation ─► FunctionState ─► Version ─► Alias
                            (transport)     (update, wait)   (publish)

``version``      the version, below everything that writes it down
``reporting``    whom we tell what happens
``addresses``    which addresses may be trusted
``masking``      what may be shown of a text that holds addresses and secrets
``text``         what may be shown and sent: printable, not too long, UTF-8
``folding``      when two names are one on a system that folds case and Unicode forms
``errors``       the tree of errors; each knows its exit code
``document``     a file of TOML in its author's words: where its keys stand, and keys that no honest one has
``target``       what Lambda runs: runtimes, architectures, and the machines that wheels are for
``shortage``     what a machine that is too small does to Python, and the words for it
``waiting``      waiting for others, never longer than was said
``threads``      work in threads that nobody has to wait for
``inputs``       nothing that a run reads is ever what it writes
``quotas``       how much one package may hold
``disk``         reading with the blame where it belongs; files that are replaced wholly, together, or not at all
``artifact``     the deployment package on disk: path, size, CodeSha256
``environment``  a function's environment: values that nobody may see
``config``       [tool.lambdapack] in pyproject.toml, or lambdapack.toml
``packing``      the half that never hears of AWS
``deploying``    the half that never looks at a source tree; boto3 is imported in its ``aws`` alone
``emulator``     a small faithful Lambda control plane, in a directory
``cli``          options, output (the only user of click and tqdm), one file for each group of commands

The names below are the library; they are imported when they are first used, because ``lambdapack
--version`` must not wait for any of them.
"""

from lambdapack.version import __version__

TYPE_CHECKING = False  # as in typing, whose import the console script would have to wait for
if TYPE_CHECKING:
    from lambdapack.artifact import Artifact, open_artifact
    from lambdapack.deploying.layers.push import LayerRequest, LayerResult, push_layer
    from lambdapack.deploying.push import PushRequest, PushResult, push
    from lambdapack.errors import LambdapackError
    from lambdapack.packing.build import build
    from lambdapack.packing.request import BuildRequest, Dependencies
    from lambdapack.packing.write import Built


__all__ = [
    "Artifact",
    "BuildRequest",
    "Built",
    "Dependencies",
    "LambdapackError",
    "LayerRequest",
    "LayerResult",
    "PushRequest",
    "PushResult",
    "__version__",
    "build",
    "open_artifact",
    "push",
    "push_layer",
]

HOMES = {
    "Artifact": "lambdapack.artifact",
    "open_artifact": "lambdapack.artifact",
    "LambdapackError": "lambdapack.errors",
    "BuildRequest": "lambdapack.packing.request",
    "Built": "lambdapack.packing.write",
    "build": "lambdapack.packing.build",
    "Dependencies": "lambdapack.packing.request",
    "PushRequest": "lambdapack.deploying.push",
    "PushResult": "lambdapack.deploying.push",
    "push": "lambdapack.deploying.push",
    "LayerRequest": "lambdapack.deploying.layers.push",
    "LayerResult": "lambdapack.deploying.layers.push",
    "push_layer": "lambdapack.deploying.layers.push",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for (PEP 562)."""
    if name not in HOMES:
        message = f"module 'lambdapack' has no attribute {name!r}"
        raise AttributeError(message)
    import importlib  # noqa: PLC0415 - only the library needs it, the console script does not

    return getattr(importlib.import_module(HOMES[name]), name)
