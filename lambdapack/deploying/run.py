"""What every story of deploying needs: one function, one artifact, the way there, and a deadline."""

from dataclasses import dataclass

from lambdapack.artifact import Artifact
from lambdapack.deploying.api import Aws, LambdaApi, Note, Progress
from lambdapack.deploying.deadline import Clock, Deadline
from lambdapack.deploying.names import FunctionName, function_name
from lambdapack.deploying.staging import S3Transport
from lambdapack.deploying.transport import InlineTransport, Route, Transport, choose_transport
from lambdapack.errors import UsageError

DEFAULT_TIMEOUT = 300.0
"""Seconds that a run may take: many times what Lambda needs for the largest package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a command against one function."""

    name: FunctionName
    artifact: Artifact
    lambda_api: LambdaApi
    transport: Transport
    deadline: Deadline
    note: Note


def begin(
    function: str,
    *,
    route: Route,
    artifact: Artifact,
    aws: Aws,
    timeout: float,
    progress: Progress,
    note: Note,
    clock: Clock,
) -> Run:
    """Return the run, after every check that needs no request.

    Raises ``UsageError`` where the name, the route or the timeout makes no sense, ``CheckError`` where the artifact is
    too large for it.
    """
    if not timeout > 0:
        raise UsageError(
            f"a timeout of {timeout:g} s leaves no time", hint="give --timeout a positive number of seconds"
        )
    name = function_name(function, region=aws.region)
    chosen = choose_transport(route, artifact)
    deadline = Deadline.after(timeout, clock=clock)
    transport: Transport
    if chosen == "s3":
        transport = S3Transport(
            artifact=artifact,
            bucket=route.s3_bucket or "",
            prefix=route.s3_prefix,
            function=name.name,
            s3_api=aws.s3_api(deadline),
            deadline=deadline,
            progress=progress,
            note=note,
        )
    else:
        transport = InlineTransport(artifact=artifact, progress=progress)
    return Run(
        name=name,
        artifact=artifact,
        lambda_api=aws.lambda_api(deadline),
        transport=transport,
        deadline=deadline,
        note=note,
    )
