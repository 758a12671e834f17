"""Why a part of the source tree is not packed, in the words of the user's paths, and whose move it is."""

import errno

from lambdapack.errors import LambdapackError, LocalError, SourceError

MACHINE_ERRNOS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO})
"""Errors that are the machine's (exit 6) and not the tree's (exit 3): open(2), read(2)."""


def refusal(origin: str, error: OSError) -> LambdapackError:
    """Return what an ``OSError`` on a part of the tree means, and whose move it is."""
    if error.errno in MACHINE_ERRNOS:
        return LocalError(
            f"cannot read {origin}: {error.strerror}",
            hint="free the resource (see ulimit -a) and run again",
            path=origin,
        )
    if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EISDIR}:
        return replaced(origin)
    return SourceError(
        f"cannot read {origin}: {error.strerror}",
        hint="make it readable, or leave it out with --exclude",
        path=origin,
    )


def replaced(origin: str) -> SourceError:
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
