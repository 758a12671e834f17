"""The story of ``create``: a function that does not exist yet is made from a package.

::

    check what needs no request → no function has this name → create it, with version 1 where that is asked for
    → wait until it, or its version, is active
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lambdapack.deploying.aws.api import Aws
from lambdapack.deploying.aws.deadline import SYSTEM_CLOCK, Clock
from lambdapack.deploying.function.names import LATEST
from lambdapack.deploying.function.state import find_function, wait_until_active
from lambdapack.deploying.function.versions import confirm_version
from lambdapack.deploying.upload.creation import (
    CreateSettings,
    check_new_name,
    check_settings,
    create_function,
    exists,
    find_published_version,
)
from lambdapack.deploying.upload.package import Package
from lambdapack.deploying.upload.transport import TransportName
from lambdapack.deploying.upload.upload import UploadRequest, open_upload
from lambdapack.reporting import Progress, Tell, silent

__all__ = ["CreateRequest", "CreateResult", "CreateSettings", "create"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRequest(UploadRequest):
    """What function is to be made."""

    settings: CreateSettings
    publish: bool = False
    """Let the creation publish version 1."""
    wait: bool = True
    """Wait until the function, or its version, is active."""

    @property
    def all_parameters(self) -> Mapping[str, object]:
        """What is given under AWS's own names."""
        return self.settings.parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateResult:
    """What was done: the JSON of ``create``."""

    function: str
    function_arn: str
    code_sha256: str
    transport: TransportName
    version: str
    state: str
    revision_id: str


def create(
    request: CreateRequest,
    package: Package,
    aws: Aws,
    *,
    progress: Progress = silent,
    tell: Tell = silent,
    clock: Clock = SYSTEM_CLOCK,
) -> CreateResult:
    """Create the function with exactly the package's bytes.

    Raises ``ConflictError`` where it exists, ``CheckError`` where the package does not fit, ``AwsError``
    where AWS refuses or does not get ready in time.
    """
    upload = open_upload(request, package, aws, progress=progress, tell=tell, clock=clock)
    check_settings(request.settings, package)
    check_new_name(upload.name)
    existing = find_function(upload)
    if existing:
        raise exists(existing)
    function = create_function(upload, request.settings, publish=request.publish)
    version = find_published_version(upload, function) if request.publish else LATEST
    if version != LATEST:
        function = confirm_version(upload, version, wait=request.wait)
    elif request.wait:
        function = wait_until_active(upload)
    return CreateResult(
        function=function.name,
        function_arn=function.arn,
        code_sha256=function.code_sha256,
        transport=upload.transport.name,
        version=version,
        state=function.state,
        revision_id=function.revision_id,
    )
