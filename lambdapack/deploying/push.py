"""The story of ``push``: a function comes to hold a package, and a version to hold nothing else.

::

    check what needs no request → read the function, settle what is in progress → plan (→ sign → plan again)
    → (dry run: let Lambda compute its CodeSha256, and stop)
    → update → wait → read again, compare → publish, pinned to our CodeSha256 → wait → move the alias

A push may be repeated, interrupted and raced: it begins by reading, so it does what is left to do.
"""

from dataclasses import dataclass, replace

from lambdapack.artifact import CodeSha256
from lambdapack.deploying.aws.api import Aws
from lambdapack.deploying.aws.deadline import SYSTEM_CLOCK, Clock
from lambdapack.deploying.function.aliases import move_alias
from lambdapack.deploying.function.names import LATEST
from lambdapack.deploying.function.state import FunctionState, read_function, settle
from lambdapack.deploying.function.versions import Versions, confirmed, other_code, publish_version, read_versions
from lambdapack.deploying.upload.creation import (
    CreateSettings,
    await_active,
    check_new_name,
    check_settings,
    chosen_architecture,
    create_new,
)
from lambdapack.deploying.upload.package import Image, Package, label
from lambdapack.deploying.upload.plan import Plan, PushRequest, check_request, check_signable, plan_push
from lambdapack.deploying.upload.signing import Signing
from lambdapack.deploying.upload.transport import StagedTransport, TransportName
from lambdapack.deploying.upload.update import other_bytes, update_code, update_members
from lambdapack.deploying.upload.upload import Run, begin
from lambdapack.errors import AwsError, CheckError, NotFoundError
from lambdapack.reporting import Progress, Tell, silent

__all__ = ["PushRequest", "PushResult", "push"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PushResult:
    """What was done, or in a dry run would be: the JSON of ``push``, in its order."""

    function: str
    function_arn: str | None
    """None where a dry run would first create the function."""
    code_sha256: str | None
    """None where a dry run could not learn it: of an image by its tag, or of a package that is not signed yet."""
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
    package: Package,
    aws: Aws,
    *,
    progress: Progress = silent,
    note: Tell = silent,
    clock: Clock = SYSTEM_CLOCK,
) -> PushResult:
    """Let the function hold exactly the package, and publish it where that is asked for.

    Raises ``UsageError`` and ``CheckError`` before anything is sent, ``ConflictError`` where somebody else
    changes the function, ``AwsError`` where AWS refuses, fails or is too slow.
    """
    check_request(request)
    check_signable(request, package)
    run = begin(
        request.function,
        route=request.route,
        package=package,
        members=dict(request.members) | dict(request.create.members if request.create else {}),
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
        return push_new(signed(run, request, aws), request, request.create)
    plan = plan_push(request, run.package, function, run.members.code)
    if request.signing_profile is not None:
        run = signed(run, request, aws)
        plan = plan_push(request, run.package, function, run.members.code)
    if plan.upload:
        run = suited(run, plan)
    before = read_versions(run.lambda_api, run.name.given, deadline=run.deadline) if request.publishes else None
    if request.dry_run:
        return rehearse(run, request, plan, function, before)
    if plan.upload:
        function = update_code(run, request, plan, function)
        tell_digest(run, function)
    return finish(run, request, function, before, uploaded=plan.upload)


def push_new(run: Run, request: PushRequest, settings: CreateSettings) -> PushResult:
    """Create the function, which does not exist, and go on as if it had been pushed."""
    check_new_name(run.name)
    settings = replace(settings, architecture=request.architecture or settings.architecture)
    architecture = chosen_architecture(settings, run.package)
    check_settings(settings, run.package)
    if request.dry_run:
        run.note(f"{run.name.name} does not exist and would be created; Lambda was not asked about the package")
        return PushResult(
            function=run.name.name,
            function_arn=None,
            code_sha256=run.package.code_sha256,
            uploaded=True,
            transport=run.transport.name,
            published=request.publishes,
            version=None,
            alias=request.alias,
            dry_run=True,
            revision_id=None,
            validated=False,
        )
    function = create_new(run, settings, architecture=architecture)
    run.note(f"created {function.arn}")
    before = Versions(codes={}, unchanged=None) if request.publishes else None
    return finish(run, request, function, before, uploaded=True)


def signed(run: Run, request: PushRequest, aws: Aws) -> Run:
    """Return the run with the signed package, where a profile is to sign it; a dry run has nothing signed."""
    if request.signing_profile is None or run.s3 is None:
        return run
    signing = Signing(run=run, s3=run.s3, signer_api=aws.signer_api(run.deadline), profile=request.signing_profile)
    return (signing.find() or run) if request.dry_run else signing.sign()


def suited(run: Run, plan: Plan) -> Run:
    """Return the run by the way that the function demands: one that has no copy of its package reads S3.

    Raises ``CheckError`` where there is no bucket for that.
    """
    if plan.members.get("S3ObjectStorageMode") != "REFERENCE" or run.transport.name == "s3":
        return run
    if run.s3 is None:
        raise CheckError(
            f"by S3ObjectStorageMode REFERENCE {run.name.name} reads its package from S3, but no bucket is given",
            hint="add --s3-bucket BUCKET, one with versioning, or give it a copy: --s3-object-storage-mode COPY",
        )
    return replace(run, transport=run.s3)


def tell_digest(run: Run, function: FunctionState) -> None:
    """Say which image a tag led to."""
    if isinstance(run.package, Image) and run.package.code_sha256 is None:
        run.note(f"{run.package.uri} is {run.package.by_digest(function.code_sha256)}")


def rehearse(
    run: Run, request: PushRequest, plan: Plan, function: FunctionState, before: Versions | None
) -> PushResult:
    """Return what a push would do, after asking Lambda with DryRun what it makes of the package.

    Raises ``AwsError`` where Lambda computes another CodeSha256 than ours.
    """
    unsigned = request.signing_profile is not None and not isinstance(run.transport, StagedTransport)
    location = None if unsigned else run.transport.find()
    computed = None if unsigned else run.package.code_sha256
    if location is None:
        first = "signed" if unsigned else "stored on S3"
        run.note(f"Lambda could not be asked about the package: it would first have to be {first}")
    else:
        answer = run.lambda_api(
            "UpdateFunctionCode", **update_members(run.name.given, request, plan, function, location)
        )
        computed = answer.get("CodeSha256")
        if computed is None or run.package.code_sha256 not in (None, computed):
            raise AwsError(
                f"Lambda computed the CodeSha256 {computed} for {label(run.package)}, not {run.package.code_sha256}",
                hint="something between here and Lambda changes the bytes; check --endpoint-url and the proxy",
            )
    version = before.unchanged if before and not plan.upload else None
    return PushResult(
        function=function.name,
        function_arn=function.arn,
        code_sha256=computed,
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

    ``function`` is what the update answered, or where nothing had to be updated the settled function: its CodeSha256 is
    the one that was agreed on. ``before`` are the versions that this run found, or None where none is to be published.
    """
    ours = CodeSha256(function.code_sha256)
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
        function = await_code(run, ours)
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
        code_sha256=ours,
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
    """Return the version that holds the package, proven and, unless that may wait, in effect."""
    ours = CodeSha256(function.code_sha256)
    number = function.version
    if number == LATEST:  # else the update has published it
        number = publish_version(
            run.lambda_api,
            await_code(run, ours) if uploaded else function,
            name=run.name.given,
            code_sha256=ours,
            before=before,
            description=request.description,
            members=run.members.publish,
            revision_pinned=request.revision_id is not None and not uploaded,
            deadline=run.deadline,
        ).version
    # That there is such a version, and what it holds, is believed of the version itself alone: a list and the answer
    # to a publish may agree in something else. An alias sends traffic to it at once, so --no-wait does not apply then.
    wait = request.wait or request.alias is not None
    version = confirmed(run.lambda_api, run.name.given, number, wait=wait, deadline=run.deadline)
    if version.code_sha256 != ours:
        raise other_bytes(version, ours)
    return version


def await_code(run: Run, code_sha256: CodeSha256) -> FunctionState:
    """Return the function once the update is in effect and nothing but that code is there.

    Raises ``AwsError`` where the update failed, ``ConflictError`` where somebody else replaced the code.
    """
    function = await_active(run)
    if function.code_sha256 != code_sha256:
        raise other_code(function, code_sha256)
    return function
