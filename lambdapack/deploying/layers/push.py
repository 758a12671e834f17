"""The story of ``layer push``: the newest version of a layer comes to hold a package, and is published once.

::

    check what needs no request → read the newest version → it holds this already: done (dry run: stop)
    → stage → publish → read the version → its CodeSha256 is ours

Rules for this file
- PublishLayerVersion has no token that would make it idempotent: every one that arrives makes a version. So botocore
  never repeats it (``aws.connection``). Whether it arrived is found out by reading, and it is sent again only where it
  cannot have arrived any more; never after a 201, which says that a version was made.
- Which version was made is believed of the version itself (GetLayerVersion), not of the answer to the publish.
- A version never changes, so there is nothing to guard by a RevisionId: whoever else publishes meanwhile gets a version
  of its own.
- Nothing is deleted. A version that holds other bytes than were sent is named in the error and stays: that it is ours
  was said by an answer that came the same way as the changed bytes, and deleting cannot be undone. It does no harm to
  the next run, for which it is just another version.
"""

from dataclasses import dataclass

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.api import Answer, Aws
from lambdapack.deploying.aws.deadline import SYSTEM_CLOCK, Clock, Deadline, deadline_of, pauses
from lambdapack.deploying.aws.refusals import AbandonedError, GarbledError, ThrottledError, UnansweredError, status_of
from lambdapack.deploying.layers.names import layer_name
from lambdapack.deploying.layers.plan import LayerRequest, check_layer_request, differences
from lambdapack.deploying.layers.versions import (
    LayerSession,
    LayerVersion,
    layer_version,
    read_newest,
    read_numbers,
    read_version,
)
from lambdapack.deploying.upload.package import check_package
from lambdapack.deploying.upload.staging import open_transport
from lambdapack.deploying.upload.transport import Transport, TransportName
from lambdapack.errors import AwsError, LambdapackError
from lambdapack.reporting import Progress, Tell, silent

__all__ = ["LayerRequest", "LayerResult", "push_layer"]

_PUBLISH_ATTEMPTS = 5
"""How often a publish is sent that was not answered and of which the list of versions shows nothing."""

_CREATED = 201
"""The HTTP status of a publish that was done (API reference, PublishLayerVersion, Response Syntax)."""

_UNPACKING_RATE = 5_000_000
"""Bytes of a zip that Lambda is taken to unpack in a second: our own cautious guess, for AWS documents none."""

_UNPACKING_MIN = 2.0
"""Seconds that any package is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerResult:
    """What was done, or in a dry run would be: the JSON of ``layer push``, in its order."""

    layer: str
    """The bare name."""
    layer_version_arn: str | None
    """None where a dry run would first publish the version."""
    version: int | None
    """A number, as AWS has it for layers; None as above."""
    code_sha256: str
    uploaded: bool
    transport: TransportName | None
    """The way the package took; None where it did not have to travel."""
    published: bool
    """Whether this run made a new version."""
    dry_run: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _LayerUpload(LayerSession):
    artifact: Artifact
    transport: Transport


def push_layer(
    request: LayerRequest,
    package: Artifact,
    aws: Aws,
    *,
    progress: Progress = silent,
    tell: Tell = silent,
    clock: Clock = SYSTEM_CLOCK,
) -> LayerResult:
    """Let the layer's newest version hold exactly the package, for the runtimes and so on that are asked for.

    Raises ``UsageError`` and ``CheckError`` before anything is sent, ``AwsError`` where AWS refuses, fails or is too
    slow, or publishes other bytes.
    """
    check_layer_request(request)
    upload = _open_upload(request, package, aws, progress=progress, tell=tell, clock=clock)
    newest = read_newest(upload)
    found = differences(request, package.code_sha256, newest) if newest else ["code"]
    if newest and not found and not request.force:
        if request.description not in (None, newest.description):
            tell(f"version {newest.number} was published before and keeps its description")
        return _result(upload, request, newest, published=False)
    if newest and found and "code" not in found:
        tell(f"version {newest.number} holds this code already, but has other {' and '.join(found)}")
    if request.dry_run:
        return _result(upload, request, None, published=True)
    version = _publish_layer(upload, request, after=newest.number if newest else 0)
    return _result(upload, request, version, published=True)


def _open_upload(
    request: LayerRequest, package: Artifact, aws: Aws, *, progress: Progress, tell: Tell, clock: Clock
) -> _LayerUpload:
    check_package(package, kinds=(Artifact,))
    name = layer_name(request.layer, region=aws.region)
    deadline = deadline_of(request.timeout, clock=clock)
    folder = f"layers/{name.name}"  # a function may have the same name
    s3_api = aws.s3_api(deadline)
    transport, _ = open_transport(package, request.route, folder=folder, s3_api=s3_api, progress=progress, tell=tell)
    lambda_api = aws.lambda_api(deadline)
    return _LayerUpload(name=name, artifact=package, lambda_api=lambda_api, transport=transport, tell=tell)


def _publish_layer(upload: _LayerUpload, request: LayerRequest, *, after: int) -> LayerVersion:
    """Publish the package, and return the version that holds it; ``after`` is the newest that could be read, or 0."""
    parameters = _publish_parameters(upload, request)
    lost = 0
    pause = upload.deadline.pauses()
    while True:
        try:
            answer = upload.lambda_api("PublishLayerVersion", **parameters)
            if status_of(answer) != _CREATED:
                # It may be a proxy's page, which is no answer at all: then this raises, and it is sent again.
                layer_version(answer, asked=upload.name.given)
            return _find_made(upload, request, answer, after=after)
        except ThrottledError as error:
            # Not even begun, so there is nothing to look for; AWS lets a request through before long.
            waiting_for = f"Lambda to take the layer {upload.name.name} ({error.details.get('aws_code')})"
        except UnansweredError as error:
            made = _look_for(upload, request, error, after=after)
            if made:
                return made
            if error.details.get("http_status") == _CREATED:
                raise _unproven(upload, error) from error
            lost += 1
            if lost == _PUBLISH_ATTEMPTS or isinstance(error, AbandonedError):
                raise
            waiting_for = f"an answer to PublishLayerVersion for {upload.name.name}"
        pause(waiting_for)


def _publish_parameters(upload: _LayerUpload, request: LayerRequest) -> dict[str, object]:
    """Return the parameters of PublishLayerVersion, after bringing the package to where they say it is."""
    parameters: dict[str, object | None] = {
        "LayerName": upload.name.given,
        "Content": dict(upload.transport.stage().parameters),
        "CompatibleRuntimes": list(dict.fromkeys(request.runtimes)) or None,
        "CompatibleArchitectures": list(dict.fromkeys(request.architectures)) or None,
        "Description": request.description,
        "LicenseInfo": request.license_info,
    }
    return {name: value for name, value in parameters.items() if value is not None}


def _find_made(upload: _LayerUpload, request: LayerRequest, answer: Answer, *, after: int) -> LayerVersion:
    """Return the version that Lambda says it made, or else the one that is there to be found.

    Raises ``AwsError``, and never ``UnansweredError``, for that would send the package again.
    """
    try:
        return _prove(upload, request, layer_version(answer, asked=upload.name.given), after=after)
    except UnansweredError as error:
        trouble = error
    try:
        found = _look_for(upload, request, trouble, after=after)
    except UnansweredError as error:
        found, trouble = None, error
    if found is None:
        raise _unproven(upload, trouble) from trouble
    return found


def _prove(upload: _LayerUpload, request: LayerRequest, answered: LayerVersion, *, after: int) -> LayerVersion:
    """Read the version that was answered, and return it if it holds our bytes and is new, or all that is asked for.

    Raises ``AwsError`` where a new version holds other bytes, ``GarbledError`` where the answer is about anything else.
    """
    there = read_version(upload, answered.number)
    if there:
        found = differences(request, upload.artifact.code_sha256, there)
        new = there.number > after
        if not found or (new and "code" not in found):
            return there
        if new and there.code_sha256 == answered.code_sha256:
            raise AwsError(
                f"{there.arn} holds other bytes ({there.code_sha256}) than were sent ({upload.artifact.code_sha256})",
                hint="use it nowhere, and delete it:"
                f" aws lambda delete-layer-version --layer-name {upload.name.name} --version-number {there.number};"
                " then push again; if it stays so, something between here and Lambda changes the bytes",
                layer_version_arn=there.arn,
                code_sha256=upload.artifact.code_sha256,
                found_code_sha256=there.code_sha256,
            )
    held = there.code_sha256 if there else "nothing"
    raise GarbledError(
        f"Lambda answered PublishLayerVersion for {upload.name.name} with version {answered.number}"
        f" and the CodeSha256 {answered.code_sha256}, where there is {held}",
        hint="look at the layer's versions",
    )


def _look_for(
    upload: _LayerUpload, request: LayerRequest, trouble: LambdapackError, *, after: int
) -> LayerVersion | None:
    """Return the version that a publish made although ``trouble`` is all that came back; None where there is none.

    An error of Lambda's own was the end of it. Where there was no answer, the request may still be in work: then as
    much time is given as the package needs, and half of what is left where we ourselves gave up on it.
    """
    patience = 0.0
    if isinstance(trouble, AbandonedError):
        patience = upload.deadline.remaining / 2
    elif not _names_error(trouble):
        patience = _UNPACKING_MIN + upload.artifact.size / _UNPACKING_RATE
    until = Deadline.after(min(patience, upload.deadline.remaining), clock=upload.deadline.clock)
    seconds = pauses()
    while True:
        for number in read_numbers(upload):
            if number <= after:
                break
            version = read_version(upload, number)
            if version and not differences(request, upload.artifact.code_sha256, version):
                return version
        if not until.remaining:
            return None
        waiting_for = f"a version of {upload.name.name} that holds the package"
        upload.deadline.pause(min(next(seconds), until.remaining), waiting_for=waiting_for)


def _names_error(trouble: LambdapackError) -> bool:
    """Return whether Lambda itself answered with an error; where a proxy does, botocore has only the HTTP status."""
    code = trouble.details.get("aws_code")
    return isinstance(code, str) and code != "Unknown" and not code.isdecimal()


def _result(
    upload: _LayerUpload, request: LayerRequest, version: LayerVersion | None, *, published: bool
) -> LayerResult:
    """Return what was done; ``version`` is the one that holds the package, None where it is still to be made."""
    return LayerResult(
        layer=upload.name.name,
        layer_version_arn=version.arn if version else None,
        version=version.number if version else None,
        code_sha256=upload.artifact.code_sha256,
        uploaded=published,
        transport=upload.transport.name if published else None,
        published=published,
        dry_run=request.dry_run,
    )


def _unproven(upload: _LayerUpload, trouble: UnansweredError) -> AwsError:
    """Return the error for a publish that Lambda said it did, where no version can be found that holds the package."""
    return AwsError(
        f"Lambda answered that it published a version of {upload.name.name},"
        f" but none can be read that holds these bytes: {trouble.message}",
        hint=f"look for it: aws lambda list-layer-versions --layer-name {upload.name.given};"
        " a push that does not find it publishes one more",
        code_sha256=upload.artifact.code_sha256,
    )
