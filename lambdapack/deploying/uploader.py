"""The story of ``push``: a function comes to hold an artifact, and a version to hold nothing else.

::

    check what needs no request → read the function, settle what is in progress → plan
    → (dry run: let Lambda compute its CodeSha256, and stop)
    → update → wait → read again, compare → publish, pinned to our CodeSha256 → wait → move the alias

A push may be repeated, interrupted and raced: it begins by reading, so it does what is left to do.
"""

from dataclasses import dataclass, replace

from lambdapack.artifact import Artifact, CodeSha256
from lambdapack.deploying.aliases import move_alias
from lambdapack.deploying.api import Aws, Note, Progress, silent
from lambdapack.deploying.creator import CreateSettings, await_active, check_new_name, chosen_architecture, create
from lambdapack.deploying.deadline import SYSTEM_CLOCK, Clock
from lambdapack.deploying.functions import FunctionState, read_function, settle
from lambdapack.deploying.plan import Plan, PushRequest, check_request, plan_push
from lambdapack.deploying.run import Run, begin
from lambdapack.deploying.transport import TransportName
from lambdapack.deploying.updater import other_bytes, update_code, update_members
from lambdapack.deploying.versions import LATEST, Versions, other_code, publish_version, read_versions
from lambdapack.errors import AwsError, NotFoundError

__all__ = ["PushRequest", "PushResult", "push"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PushResult:
    """What was done, or in a dry run would be: the JSON of ``push``, in its order."""

    function: str
    function_arn: str | None
    """None where a dry run would first create the function."""
    code_sha256: CodeSha256
    uploaded: bool
    transport: TransportName | None
    """The way the package took; None where it did not have to travel."""
    published: bool
    """Whether this run made a new version."""
    version: str | None
    alias: str | None
    dry_run: bool
    revision_id: str | None
    """Of ``$LATEST``, after everything that was done."""
    validated: bool | None
    """In a dry run, whether Lambda could be asked about the package; else None."""


def push(
    request: PushRequest,
    artifact: Artifact,
    aws: Aws,
    *,
    progress: Progress = silent,
    note: Note = silent,
    clock: Clock = SYSTEM_CLOCK,
) -> PushResult:
    """Let the function hold exactly the artifact's bytes, and publish them where that is asked for.

    Raises ``UsageError`` and ``CheckError`` before anything is sent, ``ConflictError`` where somebody else
    changes the function, ``AwsError`` where AWS refuses, fails or is too slow.
    """
    check_request(request)
    run = begin(
        request.function,
        route=request.route,
        artifact=artifact,
        aws=aws,
        timeout=request.timeout,
        progress=progress,
        note=note,
        clock=clock,
    )
    try:
        function = settle(run.lambda_api, run.name.given, deadline=run.deadline)
    except NotFoundError:
        if request.create is None or request.revision_id is not None:
            raise
        return push_new(run, request, request.create)
    plan = plan_push(request, artifact, function)
    before = read_versions(run.lambda_api, run.name.given, deadline=run.deadline) if request.publishes else None
    if request.dry_run:
        return rehearse(run, request, plan, function, before)
    if plan.upload:
        function = update_code(run, request, plan, function)
    return finish(run, request, function, before, uploaded=plan.upload)


def push_new(run: Run, request: PushRequest, settings: CreateSettings) -> PushResult:
    """Create the function, which does not exist, and go on as if it had been pushed."""
    check_new_name(run.name)
    settings = replace(settings, architecture=request.architecture or settings.architecture)
    architecture = chosen_architecture(settings, run.artifact)
    if request.dry_run:
        run.note(f"{run.name.name} does not exist and would be created; Lambda was not asked about the package")
        return PushResult(
            function=run.name.name,
            function_arn=None,
            code_sha256=run.artifact.code_sha256,
            uploaded=True,
            transport=run.transport.name,
            published=request.publishes,
            version=None,
            alias=request.alias,
            dry_run=True,
            revision_id=None,
            validated=False,
        )
    function = create(run, settings, architecture=architecture)
    run.note(f"created {function.arn}")
    before = Versions(codes={}, unchanged=None) if request.publishes else None
    return finish(run, request, function, before, uploaded=True)


def rehearse(
    run: Run, request: PushRequest, plan: Plan, function: FunctionState, before: Versions | None
) -> PushResult:
    """Return what a push would do, after asking Lambda with DryRun what it makes of the package.

    Raises ``AwsError`` where Lambda computes another CodeSha256 than ours.
    """
    location = run.transport.find()
    if location is None:
        run.note("Lambda could not be asked about the package: it would first have to be stored on S3")
    else:
        answer = run.lambda_api(
            "UpdateFunctionCode", **update_members(run.name.given, request, plan, function, location)
        )
        computed = answer.get("CodeSha256")
        if computed != run.artifact.code_sha256:
            raise AwsError(
                f"Lambda computed the CodeSha256 {computed} for {run.artifact.path}, not {run.artifact.code_sha256}",
                hint="something between here and Lambda changes the bytes; check --endpoint-url and the proxy",
            )
    version = before.unchanged if before and not plan.upload else None
    return PushResult(
        function=function.name,
        function_arn=function.arn,
        code_sha256=run.artifact.code_sha256,
        uploaded=plan.upload,
        transport=run.transport.name if plan.upload else None,
        published=request.publishes and version is None,
        version=version,
        alias=request.alias,
        dry_run=True,
        revision_id=function.revision_id,
        validated=location is not None,
    )


def finish(
    run: Run, request: PushRequest, function: FunctionState, before: Versions | None, *, uploaded: bool
) -> PushResult:
    """Publish the code that the function now holds, point the alias at the version, and return what was done.

    ``function`` is what the update answered, or where nothing had to be updated the settled function;
    ``before`` are the versions that this run found, or None where none is to be published.
    """
    version = None
    if before is not None:
        version = publish(run, request, function, before, uploaded=uploaded)
        if request.alias is not None:
            move_alias(
                run.lambda_api,
                run.name.given,
                alias=request.alias,
                version=version.version,
                deadline=run.deadline,
                note=run.note,
            )
    elif uploaded and request.wait:
        function = await_code(run)
    elif function.failure:
        raise function.failure
    published = version is not None and before is not None and version.version not in before.codes
    if version and not published and request.description is not None:
        run.note(f"version {version.version} was published before and keeps its description")
    if version and (published or uploaded):
        # A publish changes $LATEST's RevisionId too; an atomic update may still be in progress there.
        read = settle if request.wait else read_function
        function = read(run.lambda_api, run.name.given, deadline=run.deadline)
    return PushResult(
        function=function.name,
        function_arn=function.arn,
        code_sha256=run.artifact.code_sha256,
        uploaded=uploaded,
        transport=run.transport.name if uploaded else None,
        published=published,
        version=version.version if version else None,
        alias=request.alias,
        dry_run=False,
        revision_id=function.revision_id,
        validated=None,
    )


def publish(
    run: Run, request: PushRequest, function: FunctionState, before: Versions, *, uploaded: bool
) -> FunctionState:
    """Return the version that holds the artifact, proven and, unless that may wait, in effect."""
    atomic = function.version != LATEST
    if atomic:
        version = function
    else:
        version = publish_version(
            run.lambda_api,
            await_code(run) if uploaded else function,
            name=run.name.given,
            code_sha256=run.artifact.code_sha256,
            before=before,
            description=request.description,
            revision_pinned=request.revision_id is not None and not uploaded,
            deadline=run.deadline,
        )
    if atomic or not version.settled:
        # An alias sends traffic to the version at once, so --no-wait does not apply where there is one.
        read = settle if request.wait or request.alias else read_function
        version = read(run.lambda_api, run.name.given, qualifier=version.version, deadline=run.deadline)
    if version.failure:
        raise version.failure
    if version.code_sha256 != run.artifact.code_sha256:
        raise other_bytes(version, run.artifact.code_sha256)
    return version


def await_code(run: Run) -> FunctionState:
    """Return the function once the update is in effect and nothing but our code is there.

    Raises ``AwsError`` where the update failed, ``ConflictError`` where somebody else replaced the code.
    """
    function = await_active(run)
    if function.code_sha256 != run.artifact.code_sha256:
        raise other_code(function, run.artifact.code_sha256)
    return function
