"""The story of ``publish``: a version of what ``$LATEST`` holds now, and of nothing else.

::

    read the function, settle what is in progress → it is what was agreed on → publish, pinned to its CodeSha256
    → read the version, wait where it is Pending, compare
"""

import re
from dataclasses import dataclass

from lambdapack.artifact import CodeSha256
from lambdapack.deploying.aws.api import Aws
from lambdapack.deploying.aws.deadline import SYSTEM_CLOCK, Clock
from lambdapack.deploying.function.session import FunctionRequest, open_session
from lambdapack.deploying.function.state import FunctionState, check_revision, read_function, wait_until_settled
from lambdapack.deploying.function.versions import confirm_version, other_code, publish_version, read_versions
from lambdapack.errors import UsageError
from lambdapack.reporting import Tell, silent

_CODE_SHA256 = re.compile(r"[A-Za-z0-9+/]{43}=|[0-9a-f]{64}", re.ASCII)
"""Base64 of 32 bytes for a zip; 64 hexadecimal digits for an image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishRequest(FunctionRequest):
    """What is to be published: what ``$LATEST`` holds, whatever it is, or only if it is what is named here."""

    code_sha256: str | None = None
    """The only code that may be published; None takes what is found."""
    description: str | None = None
    """Of the version."""
    revision_id: str | None = None
    """The only revision of the function that may be published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishResult:
    """What was done: the JSON of ``publish``, with the words of ``push``."""

    function: str
    function_arn: str
    code_sha256: str
    published: bool
    """Whether this run made a new version."""
    version: str
    revision_id: str
    """Of ``$LATEST``, after everything that was done."""


def publish(request: PublishRequest, aws: Aws, *, tell: Tell = silent, clock: Clock = SYSTEM_CLOCK) -> PublishResult:
    """Publish what ``$LATEST`` holds, or find that it is published already.

    Raises ``ConflictError`` where it holds something else than was agreed on, ``AwsError`` where AWS refuses or fails.
    """
    session = open_session(request, aws, tell=tell, clock=clock)
    if request.code_sha256 is not None and not _CODE_SHA256.fullmatch(request.code_sha256):
        raise UsageError(
            f"{request.code_sha256[:80]!r} is not a CodeSha256",
            hint="it is base64, 44 characters, as lambdapack build and lambdapack show print it",
        )
    function = wait_until_settled(session)
    _check_agreed(request, function)
    before = read_versions(session)
    version = publish_version(
        session,
        function,
        before=before,
        parameters={"Description": request.description},
        revision_pinned=request.revision_id is not None,
    )
    version = confirm_version(session, version.version)
    if version.code_sha256 != function.code_sha256:
        raise other_code(version, CodeSha256(function.code_sha256))
    published = version.version not in before.codes
    tell(f"published as version {version.version}" if published else f"version {version.version} holds this already")
    if not published and request.description is not None:
        tell(f"version {version.version} was published before and keeps its description")
    if published:  # which changes the RevisionId of $LATEST too
        function = read_function(session)
    return PublishResult(
        function=version.name,
        function_arn=function.arn,
        code_sha256=version.code_sha256,
        published=published,
        version=version.version,
        revision_id=function.revision_id,
    )


def _check_agreed(request: PublishRequest, function: FunctionState) -> None:
    check_revision(function, request.revision_id, then="publish")
    if request.code_sha256 is not None and request.code_sha256 != function.code_sha256:
        raise other_code(function, CodeSha256(request.code_sha256))
    if function.failure:
        raise function.failure
