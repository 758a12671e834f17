"""The story of ``layer push``: the newest version of a layer comes to hold a package, and is published once.

::

    check what needs no request → read the newest version → it holds this already: done (dry run: stop)
    → stage → publish → read the version → its CodeSha256 is ours

Rules for this file
- PublishLayerVersion has no token that would make it idempotent, and every one that arrives makes a version. So
  botocore never repeats it (``aws.SENT_ONCE``): whether it arrived is found out by reading, and it is sent again only
  where it cannot have arrived any more. After a 201, which says that a version was made, it never is.
- Which version was made is believed of the version itself (GetLayerVersion), not of the answer to the publish.
- A version is immutable, so there is nothing to guard by a RevisionId; whoever else publishes meanwhile gets a
  version of its own.
- Nothing is deleted. A version that holds other bytes than were sent is named in the error, and stays: that it is
  ours is said by an answer that came the same way as the bytes which changed, deleting cannot be undone, and needs a
  permission that publishing does not. It does no harm to the next run, for which it is just not ours.
"""

from dataclasses import dataclass

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.api import Answer, Aws
from lambdapack.deploying.aws.deadline import SYSTEM_CLOCK, Clock, Deadline, deadline_of, pauses
from lambdapack.deploying.aws.refusals import AbandonedError, GarbledError, ThrottledError, UnansweredError, status_of
from lambdapack.deploying.layers.names import LayerName, layer_name
from lambdapack.deploying.layers.plan import LayerRequest, check_layer_request, differences
from lambdapack.deploying.layers.versions import Layer, LayerVersion, layer_version
from lambdapack.deploying.upload.staging import S3Transport
from lambdapack.deploying.upload.transport import InlineTransport, Transport, TransportName, choose_transport
from lambdapack.errors import AwsError, LambdapackError
from lambdapack.reporting import Progress, Tell, silent

__all__ = ["LayerRequest", "LayerResult", "push_layer"]

PUBLISH_ATTEMPTS = 5
"""How often a publish is sent that was not answered and of which the list of versions shows nothing."""

CREATED = 201
"""The HTTP status of a publish that was done (API reference, PublishLayerVersion, Response Syntax)."""

UNPACKING_RATE = 5_000_000
"""Bytes of a zip that Lambda is taken to unpack in a second: our own cautious guess, for AWS documents none."""

UNPACKING_MIN = 2.0
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
class LayerRun:
    """One run of a command against one layer."""

    name: LayerName
    artifact: Artifact
    layer: Layer
    transport: Transport
    deadline: Deadline
    note: Tell


def push_layer(
    request: LayerRequest,
    artifact: Artifact,
    aws: Aws,
    *,
    progress: Progress = silent,
    note: Tell = silent,
    clock: Clock = SYSTEM_CLOCK,
) -> LayerResult:
    """Let the layer's newest version hold exactly the package, for the runtimes and so on that are asked for.

    Raises ``UsageError`` and ``CheckError`` before anything is sent, ``AwsError`` where AWS refuses, fails or is too
    slow, or publishes other bytes.
    """
    check_layer_request(request)
    run = begin_layer(request, artifact, aws, progress=progress, note=note, clock=clock)
    newest = read_newest(run.layer)
    found = differences(request, artifact.code_sha256, newest) if newest else ["code"]
    if newest and not found and not request.force:
        if request.description not in (None, newest.description):
            note(f"version {newest.number} was published before and keeps its description")
        return outcome(run, request, newest, published=False)
    if newest and found and "code" not in found:
        note(f"version {newest.number} holds this code already, but has other {' and '.join(found)}")
    if request.dry_run:
        return outcome(run, request, None, published=True)
    return outcome(run, request, publish_layer(run, request, after=newest.number if newest else 0), published=True)


def begin_layer(
    request: LayerRequest, artifact: Artifact, aws: Aws, *, progress: Progress, note: Tell, clock: Clock
) -> LayerRun:
    """Return the run, after every check that needs no request; raises what ``run.begin`` does."""
    name = layer_name(request.layer, region=aws.region)
    deadline = deadline_of(request.timeout, clock=clock)
    transport: Transport
    if choose_transport(request.route, artifact) == "s3" and request.route.s3_bucket:
        transport = S3Transport(
            artifact=artifact,
            bucket=request.route.s3_bucket,
            prefix=request.route.s3_prefix,
            function=f"layers/{name.name}",  # a function may have the same name
            s3_api=aws.s3_api(deadline),
            deadline=deadline,
            progress=progress,
            note=note,
        )
    else:
        transport = InlineTransport(artifact=artifact, progress=progress)
    layer = Layer(name=name.given, lambda_api=aws.lambda_api(deadline), deadline=deadline)
    return LayerRun(name=name, artifact=artifact, layer=layer, transport=transport, deadline=deadline, note=note)


def read_newest(layer: Layer) -> LayerVersion | None:
    """Return the newest version that can be read, None where there is none.

    One that is listed and not there is passed over. It was deleted since, and its number never comes back; or the list
    is wrong, and then its number says nothing about what is new.
    """
    return next(filter(None, map(layer.version, layer.newest_first())), None)


def publish_layer(run: LayerRun, request: LayerRequest, *, after: int) -> LayerVersion:
    """Publish the package, and return the version that holds it; ``after`` is the newest that could be read, or 0.

    Raises ``AwsError`` where AWS refuses or publishes something else.
    """
    members = publish_members(run, request)
    lost = 0
    pause = pauses()
    while True:
        try:
            answer = run.layer.lambda_api("PublishLayerVersion", **members)
            if status_of(answer) != CREATED:
                # It may be a proxy's page, which is no answer at all: then this raises, and it is sent again.
                layer_version(answer, asked=run.layer.name)
            return made_version(run, request, answer, after=after)
        except ThrottledError as error:
            # Not even begun, so there is nothing to look for; AWS lets a request through before long.
            waiting_for = f"Lambda to take the layer {run.name.name} ({error.details.get('aws_code')})"
        except UnansweredError as error:
            made = look_for(run, request, error, after=after)
            if made:
                return made
            if error.details.get("http_status") == CREATED:
                raise unproven(run, error) from error
            lost += 1
            if lost == PUBLISH_ATTEMPTS or isinstance(error, AbandonedError):
                raise
            waiting_for = f"an answer to PublishLayerVersion for {run.name.name}"
        run.deadline.pause(next(pause), waiting_for=waiting_for)


def publish_members(run: LayerRun, request: LayerRequest) -> dict[str, object]:
    """Return the members of PublishLayerVersion, after bringing the package to where they say it is."""
    members: dict[str, object] = {"LayerName": run.name.given, "Content": dict(run.transport.stage().members)}
    given = {
        "CompatibleRuntimes": list(dict.fromkeys(request.runtimes)),
        "CompatibleArchitectures": list(dict.fromkeys(request.architectures)),
    }
    members |= {name: values for name, values in given.items() if values}
    texts = {"Description": request.description, "LicenseInfo": request.license_info}
    return members | {name: text for name, text in texts.items() if text is not None}


def made_version(run: LayerRun, request: LayerRequest, answer: Answer, *, after: int) -> LayerVersion:
    """Return the version that Lambda says it made, or else the one that is there to be found.

    Raises ``AwsError``, and never ``UnansweredError``, for that would send the package again.
    """
    trouble: UnansweredError
    try:
        return proven(run, request, layer_version(answer, asked=run.layer.name), after=after)
    except UnansweredError as error:
        trouble = error
    try:
        found = look_for(run, request, trouble, after=after)
    except UnansweredError as error:
        raise unproven(run, error) from error
    if found is None:
        raise unproven(run, trouble) from trouble
    return found


def proven(run: LayerRun, request: LayerRequest, answered: LayerVersion, *, after: int) -> LayerVersion:
    """Return the version that was answered as it reads, if it holds our bytes and is new or all that is asked for.

    Raises ``AwsError`` where a new version holds other bytes, ``GarbledError`` where the answer is about anything else.
    """
    there = run.layer.version(answered.number)
    if there:
        found = differences(request, run.artifact.code_sha256, there)
        new = there.number > after
        if not found or (new and "code" not in found):
            return there
        if new and there.code_sha256 == answered.code_sha256:
            raise other_layer(run, there)
    held = there.code_sha256 if there else "nothing"
    raise GarbledError(
        f"Lambda answered PublishLayerVersion for {run.name.name} with version {answered.number}"
        f" and the CodeSha256 {answered.code_sha256}, where there is {held}",
        hint="look at the layer's versions",
    )


def look_for(run: LayerRun, request: LayerRequest, trouble: LambdapackError, *, after: int) -> LayerVersion | None:
    """Return the version that a publish made although ``trouble`` is all that came back; None where there is none.

    An error of Lambda's own was the end of it. Where there was no answer, the request may still be in work: then as
    much time is given as the package needs, and half of what is left where we ourselves gave up on it.
    """
    patience = 0.0
    if isinstance(trouble, AbandonedError):
        patience = run.deadline.remaining / 2
    elif not names_error(trouble):
        patience = UNPACKING_MIN + run.artifact.size / UNPACKING_RATE
    until = Deadline.after(min(patience, run.deadline.remaining), clock=run.deadline.clock)
    pause = pauses()
    while True:
        for number in run.layer.newest_first():
            if number <= after:
                break
            version = run.layer.version(number)
            if version and not differences(request, run.artifact.code_sha256, version):
                return version
        if not until.remaining:
            return None
        until.clock.sleep(min(next(pause), until.remaining))


def names_error(trouble: LambdapackError) -> bool:
    """Return whether Lambda itself answered with an error; where a proxy does, botocore has only the HTTP status."""
    code = trouble.details.get("aws_code")
    return isinstance(code, str) and code != "Unknown" and not code.isdecimal()


def outcome(run: LayerRun, request: LayerRequest, version: LayerVersion | None, *, published: bool) -> LayerResult:
    """Return what was done; ``version`` is the one that holds the package, None where it is still to be made."""
    return LayerResult(
        layer=run.name.name,
        layer_version_arn=version.arn if version else None,
        version=version.number if version else None,
        code_sha256=run.artifact.code_sha256,
        uploaded=published,
        transport=run.transport.name if published else None,
        published=published,
        dry_run=request.dry_run,
    )


def unproven(run: LayerRun, trouble: UnansweredError) -> AwsError:
    """Return the error for a publish that Lambda said it did, where no version can be found that holds the package."""
    return AwsError(
        f"Lambda answered that it published a version of {run.name.name}, but none can be read that holds these bytes:"
        f" {trouble.message}",
        hint=f"look for it: aws lambda list-layer-versions --layer-name {run.layer.name};"
        " a push that does not find it publishes one more",
        code_sha256=run.artifact.code_sha256,
    )


def other_layer(run: LayerRun, version: LayerVersion) -> AwsError:
    """Return the error for a version that Lambda made of something else than we sent."""
    return AwsError(
        f"{version.arn} holds other bytes ({version.code_sha256}) than were sent ({run.artifact.code_sha256})",
        hint="use it nowhere, and delete it:"
        f" aws lambda delete-layer-version --layer-name {run.name.name} --version-number {version.number};"
        " then push again; if it stays so, something between here and Lambda changes the bytes",
        layer_version_arn=version.arn,
        code_sha256=run.artifact.code_sha256,
        found_code_sha256=version.code_sha256,
    )
