"""The story of ``diff``: a local package beside the deployed one.

::

    read the function, settle what is in progress → equal CodeSha256: identical → else download → compare the entries
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lambdapack.artifact import Artifact, CodeSha256, unreadable
from lambdapack.deploying.aws.api import Aws
from lambdapack.deploying.aws.deadline import SYSTEM_CLOCK, Clock, Deadline
from lambdapack.deploying.download.differences import IDENTICAL, Content, Difference, compare
from lambdapack.deploying.download.fetch import download_code, read_code
from lambdapack.deploying.download.foreign_zip import ForeignZip
from lambdapack.deploying.function.session import FunctionRequest, open_session
from lambdapack.deploying.function.state import FunctionState
from lambdapack.deploying.upload.package import check_package
from lambdapack.reporting import Meter, Tell, no_meter, silent


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffRequest(FunctionRequest):
    """What the package is compared with: a function, or a version or alias of it (``hello:live``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffResult:
    """The JSON of ``diff``."""

    function: str
    function_arn: str
    version: str
    deployed_code_sha256: str
    code_sha256: CodeSha256
    """Of the local package."""
    difference: Difference


def diff(
    request: DiffRequest,
    package: Artifact,
    aws: Aws,
    *,
    meter: Meter = no_meter,
    tell: Tell = silent,
    clock: Clock = SYSTEM_CLOCK,
) -> DiffResult:
    """Return what differs between the deployed package and the local one; nothing is changed.

    Raises ``NotFoundError`` where there is no such function or version, ``AwsError`` where its package cannot be had
    whole, ``CheckError`` where one of the two cannot be read.
    """
    check_package(package, kinds=(Artifact,))
    session = open_session(request, aws, qualified=True, tell=tell, clock=clock)
    code = read_code(session)
    if code.code_sha256 == package.code_sha256:
        return _result(code.function, package, IDENTICAL)
    with download_code(session, aws, meter=meter) as (code, file):
        deployed = contents(ForeignZip(file, about=f"the package of {session.label}", deadline=session.deadline))
    return _result(code.function, package, compare(deployed, _local_contents(package, session.deadline)))


def _result(function: FunctionState, artifact: Artifact, difference: Difference) -> DiffResult:
    return DiffResult(
        function=function.name,
        function_arn=function.arn,
        version=function.version,
        deployed_code_sha256=function.code_sha256,
        code_sha256=artifact.code_sha256,
        difference=difference,
    )


def _local_contents(artifact: Artifact, deadline: Deadline) -> Mapping[str, Content]:
    try:
        with artifact.path.open("rb") as file:
            return contents(ForeignZip(file, about=str(artifact.path), deadline=deadline))
    except OSError as error:
        raise unreadable(artifact.path, error) from error


def contents(archive: ForeignZip) -> Mapping[str, Content]:
    """Return what each entry is; of directories the empty ones alone, for the others follow from what is in them."""
    names = sorted(member.name for member in archive.members)
    found: dict[str, Content] = {}
    for member in archive.members:
        if member.kind == "directory" and _holds_any(member.name, names):
            continue
        sha256 = archive.sha256(member)
        found[member.name] = Content(kind=member.kind, sha256=sha256, size=member.size, mode=member.mode)
    return found


def _holds_any(directory: str, names: Sequence[str]) -> bool:
    """Return whether one of the sorted ``names`` lies in ``directory``, whose own name ends with a slash."""
    at = bisect_right(names, directory)
    return at < len(names) and names[at].startswith(directory)
