"""What every story of deploying needs: one function, one package, the way there, and a deadline."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.api import Aws, LambdaApi
from lambdapack.deploying.aws.deadline import Clock, Deadline, deadline_of
from lambdapack.deploying.aws.parameters import Members, sorted_members
from lambdapack.deploying.function.names import FunctionName, function_name
from lambdapack.deploying.upload.package import Image, Package
from lambdapack.deploying.upload.staging import S3Transport
from lambdapack.deploying.upload.transport import ImageTransport, InlineTransport, Route, Transport, choose_transport
from lambdapack.reporting import Progress, Tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a command against one function."""

    name: FunctionName
    package: Package
    lambda_api: LambdaApi
    transport: Transport
    s3: S3Transport | None = None
    """The way through S3, where there is a zip and a bucket for it; ``transport`` may be another one."""
    members: Members = field(default_factory=Members, repr=False)
    """What the user gave under AWS's own names."""
    deadline: Deadline
    note: Tell


def begin(
    function: str,
    *,
    route: Route,
    package: Package,
    members: Mapping[str, object],
    aws: Aws,
    timeout: float | Deadline,
    progress: Progress,
    note: Tell,
    clock: Clock,
) -> Run:
    """Return the run, after every check that needs no request.

    Raises ``UsageError`` where the name, the route, a member or the timeout makes no sense, ``CheckError`` where the
    package is too large for the route.
    """
    name = function_name(function, region=aws.region)
    deadline = deadline_of(timeout, clock=clock)
    s3 = None
    if isinstance(package, Artifact) and route.s3_bucket:
        s3 = S3Transport(
            artifact=package,
            bucket=route.s3_bucket,
            prefix=route.s3_prefix,
            function=name.name,
            s3_api=aws.s3_api(deadline),
            deadline=deadline,
            progress=progress,
            note=note,
        )
    transport: Transport
    if isinstance(package, Image):
        transport = ImageTransport(image=package)
        if package.code_sha256 is None:
            note(f"warning: {package.uri} is no digest; what it leads to may change, so no push can tell if it is live")
    elif choose_transport(route, package) == "s3" and s3 is not None:
        transport = s3
    else:
        transport = InlineTransport(artifact=package, progress=progress)
    return Run(
        name=name,
        package=package,
        lambda_api=aws.lambda_api(deadline),
        transport=transport,
        s3=s3,
        members=sorted_members(members, aws),
        deadline=deadline,
        note=note,
    )
