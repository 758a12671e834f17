"""The story of ``push``: a function comes to hold a package, and a version to hold nothing else.

::

    check what needs no request → read the function, settle what is in progress (→ none there: create it, then publish)
    → it can take the package (→ sign) → plan → (dry run: let Lambda compute its CodeSha256, and stop)
    → update → wait → read again, compare → publish, pinned to our CodeSha256 → wait → move the alias

A push may be repeated, interrupted and raced: it begins by reading, so it does what is left to do.
"""

from dataclasses import dataclass, replace

from lambdapack.artifact import CodeSha256
from lambdapack.deploying.aws.api import Aws
from lambdapack.deploying.aws.deadline import SYSTEM_CLOCK, Clock
from lambdapack.deploying.function.aliases import move_alias
from lambdapack.deploying.function.names import LATEST
from lambdapack.deploying.function.state import FunctionState, read_function, wait_until_active, wait_until_settled
from lambdapack.deploying.function.versions import Versions, confirm_version, other_code, publish_version, read_versions
from lambdapack.deploying.upload.creation import CreateSettings, check_new_name, check_settings, create_function
from lambdapack.deploying.upload.package import Image, Package, label
from lambdapack.deploying.upload.plan import Plan, PushRequest, check_function, check_request, plan_push
from lambdapack.deploying.upload.signing import Signing
from lambdapack.deploying.upload.transport import StagedTransport, TransportName
from lambdapack.deploying.upload.update import other_bytes, update_code, update_parameters
from lambdapack.deploying.upload.upload import Upload, open_upload
from lambdapack.errors import AwsError, CheckError, NotFoundError
from lambdapack.reporting import Progress, Tell, silent

__all__ = ["DryRunResult", "PushRequest", "PushResult", "push"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PushResult:
    """What was done: the JSON of ``push``, in its order."""

    function: str
    function_arn: str | None = None
    """None where a dry run would first create the function."""
    code_sha256: str | None
    """None where a dry run could not learn it: of an image by its tag, or of a package that is not signed yet."""
    uploaded: bool
    transport: TransportName | None
    """The way the package took; None where it did not have to travel."""
    published: bool
    """Whether this run made a new version."""
    version: str | None = None
    alias: str | None
    dry_run: bool = False
    revision_id: str | None = None
    """Of ``$LATEST``, after everything that was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRunResult(PushResult):
    """What a dry run would do, and whether Lambda has seen the package: the JSON of ``push --dry-run``."""

    dry_run: bool = True
    validated: bool = False
    """Whether Lambda could be asked about the package."""


def push(
    request: PushRequest,
    package: Package,
    aws: Aws,
    *,
    progress: Progress = silent,
    tell: Tell = silent,
    clock: Clock = SYSTEM_CLOCK,
) -> PushResult:
    """Let the function hold exactly the package, and publish it where that is asked for.

    Raises ``UsageError`` and ``CheckError`` before anything is sent, ``ConflictError`` where somebody else
    changes the function, ``AwsError`` where AWS refuses, fails or is too slow. A dry run returns a ``DryRunResult``.
    """
    check_request(request, package)
    upload = open_upload(request, package, aws, progress=progress, tell=tell, clock=clock)
    try:
        function = wait_until_settled(upload)
    except NotFoundError:
        if request.create is None or request.revision_id is not None:
            raise
        return _push_new(_sign(upload, request, aws), request, request.create)
    check_function(request, upload.package, function)
    upload = _sign(upload, request, aws)
    plan = plan_push(request, upload.package, function, upload.parameters.code)
    if plan.upload:
        upload = _reroute(upload, plan)
    before = read_versions(upload) if request.publishes else None
    if request.dry_run:
        return _rehearse(upload, request, plan, function, before)
    if plan.upload:
        function = update_code(upload, request, plan, function)
        _tell_digest(upload, function)
    return _finish(upload, request, function, before, uploaded=plan.upload)


def _push_new(upload: Upload, request: PushRequest, settings: CreateSettings) -> PushResult:
    """Create the function, which does not exist, and go on as if it had been pushed."""
    check_new_name(upload.name)
    settings = replace(settings, architecture=request.architecture or settings.architecture)
    check_settings(settings, upload.package)
    if request.dry_run:
        name = upload.name.name
        upload.tell(f"{name} does not exist and would be created; Lambda was not asked about the package")
        return DryRunResult(
            function=name,
            code_sha256=upload.package.code_sha256,
            uploaded=True,
            transport=upload.transport.name,
            published=request.publishes,
            alias=request.alias,
        )
    function = create_function(upload, settings)
    upload.tell(f"created {function.arn}")
    before = Versions(codes={}, unchanged=None) if request.publishes else None
    return _finish(upload, request, function, before, uploaded=True)


def _sign(upload: Upload, request: PushRequest, aws: Aws) -> Upload:
    """Return the upload with the signed package, where a profile is to sign it; a dry run has nothing signed."""
    if request.signing_profile is None or upload.s3 is None:
        return upload
    signer_api = aws.signer_api(upload.deadline)
    signing = Signing(upload=upload, s3=upload.s3, signer_api=signer_api, profile=request.signing_profile)
    return (signing.find() or upload) if request.dry_run else signing.sign()


def _reroute(upload: Upload, plan: Plan) -> Upload:
    """Return the upload, through S3 where Lambda keeps no copy; raises ``CheckError`` where there is no bucket."""
    if plan.parameters.get("S3ObjectStorageMode") != "REFERENCE" or upload.transport.name == "s3":
        return upload
    if upload.s3 is None:
        raise CheckError(
            f"by S3ObjectStorageMode REFERENCE {upload.name.name} reads its package from S3, but no bucket is given",
            hint="add --s3-bucket BUCKET, one with versioning, or give it a copy: --s3-object-storage-mode COPY",
        )
    return replace(upload, transport=upload.s3)


def _tell_digest(upload: Upload, function: FunctionState) -> None:
    """Say which image a tag led to."""
    if isinstance(upload.package, Image) and upload.package.code_sha256 is None:
        upload.tell(f"{upload.package.uri} is {upload.package.by_digest(function.code_sha256)}")


def _rehearse(
    upload: Upload, request: PushRequest, plan: Plan, function: FunctionState, before: Versions | None
) -> DryRunResult:
    """Return what a push would do; raises ``AwsError`` where Lambda, asked by DryRun, computes another CodeSha256."""
    unsigned = request.signing_profile is not None and not isinstance(upload.transport, StagedTransport)
    location = None if unsigned else upload.transport.find()
    ours = upload.package.code_sha256
    computed = None if unsigned else ours
    if location is None:
        first = "signed" if unsigned else "stored on S3"
        upload.tell(f"Lambda could not be asked about the package: it would first have to be {first}")
    else:
        parameters = update_parameters(upload.function, request, plan, function, location)
        computed = upload.lambda_api("UpdateFunctionCode", **parameters).get("CodeSha256")
        if computed is None or ours not in (None, computed):
            raise AwsError(
                f"Lambda computed the CodeSha256 {computed} for {label(upload.package)}, not {ours}",
                hint="something between here and Lambda changes the bytes; check --endpoint-url and the proxy",
            )
    version = before.unchanged if before and not plan.upload else None
    return DryRunResult(
        function=function.name,
        function_arn=function.arn,
        code_sha256=computed,
        uploaded=plan.upload,
        transport=upload.transport.name if plan.upload else None,
        published=request.publishes and version is None,
        version=version,
        alias=request.alias,
        revision_id=function.revision_id,
        validated=location is not None,
    )


def _finish(
    upload: Upload, request: PushRequest, function: FunctionState, before: Versions | None, *, uploaded: bool
) -> PushResult:
    """Publish the code that the function now holds, point the alias at the version, and return what was done.

    ``function`` is what the update answered, or where nothing had to be updated the settled function: its CodeSha256 is
    the one that was agreed on. ``before`` are the versions that this run found, or None where none is to be published.
    """
    ours = CodeSha256(function.code_sha256)
    version = None
    if before is not None:
        version = _publish(upload, request, function, before, uploaded=uploaded)
        if request.alias is not None:
            move_alias(upload, request.alias, version=version.version)
    elif uploaded and request.wait:
        function = _wait_for_code(upload, ours)
    elif function.failure:
        raise function.failure
    published = version is not None and before is not None and version.version not in before.codes
    if version and not published and request.description is not None:
        upload.tell(f"version {version.version} was published before and keeps its description")
    if version and (published or uploaded):
        # A publish changes $LATEST's RevisionId too; an atomic update may still be in progress there.
        function = wait_until_settled(upload) if request.wait else read_function(upload)
    return PushResult(
        function=function.name,
        function_arn=function.arn,
        code_sha256=ours,
        uploaded=uploaded,
        transport=upload.transport.name if uploaded else None,
        published=published,
        version=version.version if version else None,
        alias=request.alias,
        revision_id=function.revision_id,
    )


def _publish(
    upload: Upload, request: PushRequest, function: FunctionState, before: Versions, *, uploaded: bool
) -> FunctionState:
    """Return the version that holds the package, proven and, unless that may wait, in effect."""
    ours = CodeSha256(function.code_sha256)
    number = function.version
    if number == LATEST:  # else the update has published it
        number = publish_version(
            upload,
            _wait_for_code(upload, ours) if uploaded else function,
            before=before,
            parameters={**upload.parameters.publish, "Description": request.description},
            revision_pinned=request.revision_id is not None and not uploaded,
        ).version
    # That there is such a version, and what it holds, is believed of the version itself alone: a list and the answer
    # to a publish may agree in something else. An alias sends traffic to it at once, so --no-wait does not apply then.
    version = confirm_version(upload, number, wait=request.wait or request.alias is not None)
    if version.code_sha256 != ours:
        raise other_bytes(version, ours)
    return version


def _wait_for_code(upload: Upload, code_sha256: CodeSha256) -> FunctionState:
    """Return the function once the update is in effect; raises ``ConflictError`` where it holds other code by then."""
    function = wait_until_active(upload)
    if function.code_sha256 != code_sha256:
        raise other_code(function, code_sha256)
    return function
