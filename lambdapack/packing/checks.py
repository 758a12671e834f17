"""What Lambda would refuse, or fail on later, found before anything is compressed. Pure."""

from lambdapack.errors import CheckError
from lambdapack.packing.bundle import Bundle
from lambdapack.quotas import UNZIPPED_LIMIT, check_count, check_unzipped_size

MODULE_SUFFIXES = {
    "python": (".py", "/__init__.py", ".so", ".abi3.so", ".pyc"),
    "nodejs": (".js", ".mjs", ".cjs", "/index.js"),
    "ruby": (".rb",),
}
"""Where each family of runtimes looks for a handler's module ("Define Lambda function handler in …")."""


def check_limits(bundle: Bundle) -> None:
    """Raise ``CheckError`` where the bundle is more than Lambda, or an archive of format 1, can hold."""
    check_count(bundle.entry_count)
    if bundle.unzipped_size >= UNZIPPED_LIMIT:
        check_unzipped_size((entry.name, entry.size) for entry in bundle.listing())


def check_handler(bundle: Bundle, *, handler: str, runtime: str) -> None:
    """Raise ``CheckError`` where the module of ``handler`` is not in the bundle, with the nearest name that is.

    Runtimes whose handler is no file of the package (Java, .NET, ``provided``) are not checked, nor is
    a handler with an absolute path, which lies in a layer.
    """
    suffixes = next((found for family, found in MODULE_SUFFIXES.items() if runtime.startswith(family)), None)
    if suffixes is None or handler.startswith("/"):
        return
    path = _module_path(handler, is_python=runtime.startswith("python"))
    wanted = [path + suffix for suffix in suffixes]
    names = set(bundle.names())
    if not names.isdisjoint(wanted) or any(name.startswith(path + ".cpython-") for name in names):
        return
    import difflib  # noqa: PLC0415 - for complaints alone

    modules = [name for name in names if name.endswith(suffixes)] or names
    nearest = max(modules, key=lambda name: (difflib.SequenceMatcher(None, wanted[0], name).quick_ratio(), name))
    raise CheckError(
        f"the handler {handler} needs {wanted[0]}, which is not in the package",
        hint=f"correct the handler or the source directory; the nearest name is {nearest}",
        handler=handler,
    )


def _module_path(handler: str, *, is_python: bool) -> str:
    if is_python:
        # All but the last part is the module; a path and a dotted name are the same: src/app.f, src.app.f.
        return handler.rpartition(".")[0].replace(".", "/")
    # Node.js and Ruby: the module ends at the first dot of the last part; what follows may have dots of its own.
    folder, slash, last = handler.rpartition("/")
    return folder + slash + last.partition(".")[0]
