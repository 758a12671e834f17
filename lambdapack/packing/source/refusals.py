"""Why a part of the source tree is not packed, in the words of the user's paths."""

import errno

from lambdapack.disk.reading import is_machines, read_error
from lambdapack.errors import LambdapackError, SourceError


def refusal(origin: str, error: OSError) -> LambdapackError:
    """Return what an ``OSError`` on a part of the tree means, and whose move it is."""
    if is_machines(error):
        return read_error(origin, error)
    if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EISDIR}:
        return changed_file(origin)
    return SourceError(
        f"cannot read {origin}: {error.strerror}", hint="make it readable, or leave it out with --exclude", path=origin
    )


def changed_file(origin: str) -> SourceError:
    """Return the error for something that is no longer what the walk saw."""
    return SourceError(
        f"{origin} was changed, replaced or removed while it was being packed",
        hint="run again when nothing else writes to the source directory",
        path=origin,
    )


def twins(one: str, other: str) -> SourceError:
    """Return the error for two names of one directory that Unicode holds for the same."""
    return SourceError(
        f"{one} and {other} have the same name in Unicode's normal form", hint="rename one of them", path=other
    )


def loop(origin: str) -> SourceError:
    """Return the error for a symlink to a directory above it."""
    return SourceError(
        f"the symlink {origin} leads back to a directory above it",
        hint='remove it, exclude it, or pack symlinks as symlinks: symlinks = "keep"',
        path=origin,
    )


def outside(origin: str) -> SourceError:
    """Return the error for a symlink that leaves the source directory."""
    return SourceError(
        f"the symlink {origin} leads out of the source directory",
        hint="copy what it points to into the source directory, or leave it out with --exclude",
        path=origin,
    )
