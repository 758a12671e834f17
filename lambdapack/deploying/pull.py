"""The story of ``pull``: the deployed package comes back, and nothing but it appears.

::

    check the places → read the function, settle what is in progress → download → compare size and CodeSha256
    → unpack beside the place → put both in place, the zip first

A run that is killed between the two leaves the zip, and the directory's place free: the next run completes it.
"""

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lambdapack.artifact import READ_SIZE, CodeSha256
from lambdapack.deploying.aws.api import Aws
from lambdapack.deploying.aws.deadline import SYSTEM_CLOCK, Clock, Deadline
from lambdapack.deploying.download.fetch import download_code
from lambdapack.deploying.download.foreign_zip import ForeignZip
from lambdapack.deploying.download.unpacking import Unpacked
from lambdapack.deploying.function.session import FunctionRequest, open_session
from lambdapack.disk.commit import commit_all
from lambdapack.disk.replacement import Replacement
from lambdapack.errors import UsageError
from lambdapack.reporting import Meter, Tell, silent, unmetered


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest(FunctionRequest):
    """What is to be downloaded, a function, or a version or alias of it (``hello:live``), and where it goes."""

    output: str | os.PathLike[str] | None = None
    """Where the zip goes."""
    directory: str | os.PathLike[str] | None = None
    """Where its members go: a new directory, or an empty one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullResult:
    """What was done: the JSON of ``pull``."""

    function: str
    function_arn: str
    version: str
    code_sha256: CodeSha256
    size: int
    """Bytes of the zip."""
    path: str | None
    directory: str | None
    entries: int | None
    """Files and symlinks that were unpacked."""


def pull(
    request: PullRequest, aws: Aws, *, meter: Meter = unmetered, tell: Tell = silent, clock: Clock = SYSTEM_CLOCK
) -> PullResult:
    """Download the deployed package, prove it, and put it, its members, or both in their places.

    Raises ``NotFoundError`` where there is no such function or version, ``AwsError`` where its package cannot be had
    whole, ``CheckError`` where a member is not safe to unpack, ``LocalError`` where a place cannot be written. Then
    nothing has appeared, and an old file is what it was.
    """
    if request.output is None and request.directory is None:
        raise UsageError("there is no place for the package", hint="add -o OUT.zip, or --unzip DIR, or both")
    session = open_session(request, aws, qualified=True, tell=tell, clock=clock)
    output = Replacement(request.output) if request.output is not None else None
    directory = Unpacked(Path(request.directory)) if request.directory is not None else None
    entries = None
    with download_code(session, aws, meter=meter) as (code, file), ExitStack() as stack:
        if directory:
            stack.enter_context(directory)
            archive = ForeignZip(file, about=f"the package of {session.label}", deadline=session.deadline)
            entries = directory.fill(archive)
        if output:
            stack.enter_context(output)
            _copy(file, output, deadline=session.deadline)
            output.prepare()
        # The directory last: it must be new, or empty, so a run that is killed between the two can be repeated.
        commit_all([output] if output else [], last=directory.commit if directory else None)
    return PullResult(
        function=code.function.name,
        function_arn=code.function.arn,
        version=code.function.version,
        code_sha256=code.code_sha256,
        size=code.size,
        path=os.fspath(request.output) if request.output is not None else None,
        directory=os.fspath(request.directory) if request.directory is not None else None,
        entries=entries,
    )


def _copy(file: BinaryIO, output: Replacement, *, deadline: Deadline) -> None:
    file.seek(0)
    while chunk := file.read(READ_SIZE):
        deadline.check(f"writing {output.path}")
        output.write(chunk)
