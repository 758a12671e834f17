"""The story of ``pull``: the deployed package comes back, and nothing but it appears.

::

    check the places → read the function, settle what is in progress → download → compare size and CodeSha256
    → unpack beside the place → put both in place, the zip first

A run that is killed between the two leaves the zip, and the directory's place free: the next run completes it.
"""

import contextlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lambdapack.artifact import READ_SIZE, CodeSha256
from lambdapack.deploying.api import Aws, Note, Progress, silent
from lambdapack.deploying.deadline import SYSTEM_CLOCK, Clock, Deadline
from lambdapack.deploying.download import Meter, downloaded
from lambdapack.deploying.members import ForeignZip
from lambdapack.deploying.names import qualified_name
from lambdapack.deploying.run import DEFAULT_TIMEOUT
from lambdapack.deploying.session import open_session
from lambdapack.deploying.unpacking import Unpacked
from lambdapack.errors import UsageError
from lambdapack.replacement import NAME_SHOWN, SUFFIX, Replacement, sync_directory


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """What the user asked for."""

    function: str
    """A name, an ARN or a partial ARN, perhaps with a version or alias."""
    output: Path | None = None
    """Where the zip goes."""
    directory: Path | None = None
    """Where its members go: a new directory, or an empty one."""
    timeout: float = DEFAULT_TIMEOUT
    """Seconds for the whole run."""


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


def unmetered(_: int) -> nullcontext[Progress]:
    """Draw no progress bar: the default for ``Meter``."""
    return nullcontext(silent)


def pull(
    request: PullRequest, aws: Aws, *, meter: Meter = unmetered, note: Note = silent, clock: Clock = SYSTEM_CLOCK
) -> PullResult:
    """Download the deployed package, prove it, and put it, its members, or both in their places.

    Raises ``NotFoundError`` where there is no such function or version, ``AwsError`` where its package cannot be had
    whole, ``CheckError`` where a member is not safe to unpack, ``LocalError`` where a place cannot be written. Then
    nothing has appeared, and an old file is what it was.
    """
    if request.output is None and request.directory is None:
        raise UsageError("there is no place for the package", hint="add -o OUT.zip, or --unzip DIR, or both")
    name = qualified_name(request.function, region=aws.region)
    output = Replacement(request.output) if request.output else None
    directory = Unpacked(request.directory) if request.directory else None
    session = open_session(name, aws, timeout=request.timeout, note=note, clock=clock)
    entries = None
    with downloaded(session, aws, meter=meter) as (code, file), ExitStack() as stack:
        if directory:
            stack.enter_context(directory)
            entries = directory.fill(
                ForeignZip(file, about=f"the package of {session.label}", deadline=session.deadline)
            )
        if output:
            stack.enter_context(output)
            copy(file, output, deadline=session.deadline)
            output.prepare()
            stack.enter_context(committed(output))
        if directory:
            directory.commit()
    return PullResult(
        function=code.function.name,
        function_arn=code.function.arn,
        version=code.function.version,
        code_sha256=code.code_sha256,
        size=code.size,
        path=str(request.output) if request.output else None,
        directory=str(request.directory) if request.directory else None,
        entries=entries,
    )


def copy(file: BinaryIO, output: Replacement, *, deadline: Deadline) -> None:
    """Write all of ``file`` to ``output``."""
    file.seek(0)
    while chunk := file.read(READ_SIZE):
        deadline.check(f"writing {output.path}")
        output.write(chunk)


@contextmanager
def committed(output: Replacement) -> Iterator[None]:
    """Put the new file in its place, and bring the old one back where what follows fails.

    The old one has a second name meanwhile, which the next run for the same file removes if this one is killed. Where
    the file system has no such names, the new one stays.
    """
    target = output.target
    former = target.with_name(f".{target.name[:NAME_SHOWN]}.{os.urandom(6).hex()}{SUFFIX}")
    is_new = not target.exists()
    try:
        with contextlib.suppress(OSError):
            former.hardlink_to(target)
        output.commit()
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            if former.exists():
                former.replace(target)
            elif is_new:
                target.unlink()
            sync_directory(target.parent)
        raise
    finally:
        with contextlib.suppress(OSError):
            former.unlink(missing_ok=True)
