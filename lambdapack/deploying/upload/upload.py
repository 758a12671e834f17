"""An upload: a session with a package, and the way that it takes to Lambda.

Everything in this room that sends something has an upload as its first argument.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.api import Aws
from lambdapack.deploying.aws.deadline import Clock
from lambdapack.deploying.aws.parameters import Parameters, sort_parameters
from lambdapack.deploying.function.session import FunctionRequest, Session, open_session
from lambdapack.deploying.upload.package import Package, check_package
from lambdapack.deploying.upload.staging import S3Transport, open_transport
from lambdapack.deploying.upload.transport import CodeLocation, Route, StagedTransport, Transport
from lambdapack.reporting import Progress, Tell


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRequest(FunctionRequest):
    """What every request with a package says."""

    route: Route = field(default_factory=Route)

    @property
    def all_parameters(self) -> Mapping[str, object]:
        """What the user gave under AWS's own names."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload(Session):
    """One run of a command that brings a package to a function."""

    package: Package
    transport: Transport
    s3: S3Transport | None = None
    """The way through S3, where there is a zip and a bucket for it; ``transport`` may be another one."""
    parameters: Parameters = field(default_factory=Parameters, repr=False)
    """What the user gave under AWS's own names."""


def open_upload(
    request: UploadRequest, package: Package, aws: Aws, *, progress: Progress, tell: Tell, clock: Clock
) -> Upload:
    """Return the run, after every check that needs no request.

    Raises ``UsageError`` where the name, the route, a parameter or the timeout makes no sense, ``CheckError`` where the
    package is too large for the route.
    """
    check_package(package)
    session = open_session(request, aws, tell=tell, clock=clock)
    transport: Transport
    s3: S3Transport | None = None
    if isinstance(package, Artifact):
        s3_api = aws.s3_api(session.deadline)
        transport, s3 = open_transport(
            package, request.route, folder=session.name.name, s3_api=s3_api, progress=progress, tell=tell
        )
    else:
        location = CodeLocation(transport="image", parameters={"ImageUri": package.uri})
        transport = StagedTransport(location=location)
        if package.code_sha256 is None:
            tell(f"warning: {package.uri} is no digest; what it leads to may change, so no push can tell if it is live")
    return Upload(
        name=session.name,
        lambda_api=session.lambda_api,
        tell=tell,
        package=package,
        transport=transport,
        s3=s3,
        parameters=sort_parameters(request.all_parameters, aws),
    )
