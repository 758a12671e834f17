"""Nothing that a run reads is ever what it writes.

Two names are one file where device and inode are the same: whatever the spelling, through symlinks and hard links, and
on file systems that fold case. A file that is not there yet is known by its name: the next run would read it.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from lambdapack.errors import UsageError

_IN_ENVIRONMENT = {
    "NETRC": "the credentials of netrc",
    "SSL_CERT_FILE": "the certificates",
    "REQUESTS_CA_BUNDLE": "the certificates",
    "CURL_CA_BUNDLE": "the certificates",
    "AWS_CA_BUNDLE": "the certificates",
    "AWS_CONFIG_FILE": "the configuration of AWS",
    "AWS_SHARED_CREDENTIALS_FILE": "the credentials of AWS",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "the token for AWS",
    "PIP_CONFIG_FILE": "the configuration of pip",
    "UV_CONFIG_FILE": "the configuration of uv",
}
"""Variables that name a file which a run, or a library in it, may read."""

_AT_HOME = {
    ".netrc": "the credentials of netrc",
    ".aws/config": "the configuration of AWS",
    ".aws/credentials": "the credentials of AWS",
}
"""Files that are read where no variable names another."""


class Named(NamedTuple):
    """A file or directory, in the user's words."""

    what: str
    """What a message calls it: ``the lock``."""
    path: str | os.PathLike[str]

    @property
    def words(self) -> str:
        """What it is and where."""
        return f"{self.what} {os.fspath(self.path)}"


def refuse_overwriting(
    outputs: Iterable[Named], *, files: Iterable[Named] = (), directories: Iterable[Named] = ()
) -> None:
    """Raise ``UsageError`` where one of ``outputs`` is one of ``files``, or lies in one of ``directories``."""
    there, awaited = {}, {}
    tops = [(directory, os.path.realpath(directory.path)) for directory in directories]
    for output in outputs:
        place = os.path.realpath(output.path)
        for directory, top in tops:
            if place == top or place.startswith(top.rstrip(os.sep) + os.sep):
                verb = "is" if place == top else "lies in"
                raise UsageError(
                    f"{output.words} {verb} {directory.words}, which this run fills itself",
                    hint="write it elsewhere",
                    path=os.fspath(output.path),
                )
        identity = identity_of(output.path)
        if identity is not None:
            there[identity] = output
        else:
            awaited[place] = output
    for file in files if there or awaited else ():
        overwritten = there.get(identity_of(file.path) or (0, 0)) if there else None
        if awaited and overwritten is None:
            with contextlib.suppress(OSError):  # a working directory that is gone holds nothing
                overwritten = awaited.get(os.path.realpath(file.path))
        if overwritten is not None:
            raise overwrite_error(overwritten, file)


def overwrite_error(output: Named, file: Named, *, hint: str = "give the output a name of its own") -> UsageError:
    """Return the error for an output that is an input."""
    return UsageError(f"{output.words} is {file.words}, which this run reads", hint=hint, path=os.fspath(output.path))


def identity_of(path: str | os.PathLike[str]) -> tuple[int, int] | None:
    """Return device and inode of what is there, or None where nothing is."""
    try:
        status = os.stat(path)  # noqa: PTH116 - a fifth of Path's time
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def of_environment(environ: Mapping[str, str]) -> Iterator[Named]:
    """Yield the files that the environment and the home directory have for runs that talk to others."""
    for variable, what in _IN_ENVIRONMENT.items():
        if environ.get(variable):
            yield Named(what, environ[variable])
    home = environ.get("HOME") or environ.get("USERPROFILE")
    if home:
        for name, what in _AT_HOME.items():
            yield Named(what, f"{home}/{name}")
