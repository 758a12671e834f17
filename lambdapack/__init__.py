"""From a source tree to a pinned AWS Lambda version: the same bytes on every machine, and nothing else published.

The rooms, in the order in which they may import one another, and what passes between them::

    version ◄ values ◄ reporting ◄ addresses ◄ masking ◄ text ◄ folding ◄ errors ◄ document ◄ target ◄ shortage
            ◄ waiting ◄ threads ◄ inputs ◄ quotas ◄ zipformat ◄ zipfields ◄ disk ◄ artifact ◄ environment ◄ fields
            ◄ choices ◄ config ◄ packing ◄ deploying ◄ cli
    waiting ◄ emulator

    packing     source tree ─► Entry… ──────┐
                lock ─► wheels ─► Stretch… ─┴► Bundle ─► Segment… ─► zip bytes ─► Artifact
    deploying   Artifact ─► CodeLocation ─► FunctionState ─► Version ─► Alias
                            (upload)        (update, wait)   (publish)

``version``      the version, below everything that writes it down
``values``       the root of public values that a build makes
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
``zipformat``    the structures of a zip, for whoever writes or reads one; ``zipfields`` names their fields
``disk``         reading with the blame where it belongs; files that are replaced wholly, together, or not at all
``artifact``     the deployment package on disk: path, size, CodeSha256
``environment``  a function's environment: values that nobody may see
``fields``       requests hold what their fields are declared to hold
``choices``      words that options, the configuration and requests share
``config``       [tool.lambdapack] in pyproject.toml, or lambdapack.toml
``packing``      the half that never hears of AWS
``deploying``    the half that never looks at a source tree; boto3 is imported in its ``aws`` alone
``emulator``     a small faithful Lambda control plane, in a directory
``cli``          options, output (the only user of click and tqdm), one file for each command

The names in ``PUBLIC`` are the library: what each command does is one function here, with its request and its result.
They are imported when they are first used, because ``lambdapack --version`` must not wait for any of them.
"""

PUBLIC = {
    "artifact": "Artifact open_artifact",
    "deploying.alias": "AliasRemoval AliasRequest AliasResult RollbackRequest alias delete_alias rollback",
    "deploying.aws.connection": "Connection ConnectionSettings connect",
    "deploying.configure": "ConfigureRequest ConfigureResult configure",
    "deploying.create": "CreateRequest CreateResult create",
    "deploying.delete": "DeletePlan DeleteRequest DeleteResult delete",
    "deploying.diff": "DiffRequest DiffResult diff",
    "deploying.layers.plan": "LayerRequest",
    "deploying.layers.push": "LayerResult push_layer",
    "deploying.prune": "PrunePlan PruneRequest PruneResult prune",
    "deploying.publish": "PublishRequest PublishResult publish",
    "deploying.pull": "PullRequest PullResult pull",
    "deploying.push": "DryRunResult PushResult push",
    "deploying.show": "AliasShare FunctionSummary FunctionView ListRequest ShowRequest VersionSummary VersionsRequest "
    "list_functions show versions",
    "deploying.upload.creation": "CreateSettings",
    "deploying.upload.package": "Image",
    "deploying.upload.plan": "PushRequest",
    "deploying.upload.transport": "Route",
    "deploying.download.differences": "Difference EntryChange",
    "deploying.function.configuration": "ParameterChange",
    "environment": "Environment",
    "errors": "AwsError CheckError CompressorError ConflictError LambdapackError LocalError LockError NotFoundError "
    "SourceError UsageError WheelError",
    "packing.build": "build gather",
    "packing.gather": "Gathered",
    "packing.locks.uv": "LockRequest LockResult lock",
    "packing.request": "BuildRequest Dependencies",
    "packing.write": "Built",
    "version": "__version__",
}
"""The public names, by the module that they are in. Type checkers read ``__init__.pyi``, which a test holds to this."""

_MODULES = {name: f"lambdapack.{module}" for module, names in PUBLIC.items() for name in names.split()}

__all__ = list(_MODULES)


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for (PEP 562)."""
    if name not in _MODULES:
        message = f"module 'lambdapack' has no attribute {name!r}"
        raise AttributeError(message)
    import importlib  # noqa: PLC0415 - only the library needs it, the console script does not

    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    """Return the public names (PEP 562)."""
    return __all__
