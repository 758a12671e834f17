"""A function as AWS describes it: reading it, and waiting until nothing is in progress.

States are AWS's own strings, compared with the few that we know: AWS adds new ones, and sends some that
its model does not list. What we do not know is taken as settled, for AWS itself refuses what it cannot do.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from lambdapack.deploying.aws.api import Answer
from lambdapack.deploying.aws.refusals import CHECK_ENDPOINT, GarbledError
from lambdapack.deploying.function.names import LATEST, VERSION_NUMBER, is_about, is_version
from lambdapack.deploying.function.session import Session
from lambdapack.errors import AwsError, ConflictError, NotFoundError

T = TypeVar("T")

_UNSETTLED_STATES = frozenset({"Pending", "Deactivating", "Deleting"})
"""States that end by themselves (API reference, FunctionConfiguration, State)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionState:
    """What a push has to know of ``$LATEST``, or of a version; never the environment."""

    name: str
    arn: str
    version: str
    """``$LATEST``, or a number."""
    code_sha256: str
    """Base64 for a zip, 64 hexadecimal digits for an image."""
    revision_id: str
    """Changes with every write, and again when the write is completed: only a settled one is worth anything."""
    package_type: str
    architecture: str
    runtime: str | None
    handler: str | None
    state: str
    state_reason: str
    last_update_status: str
    """Empty while a new function or version is ``Pending``."""
    last_update_reason: str
    code: Answer = field(default_factory=dict, repr=False, compare=False)
    """GetFunction's ``Code``, which holds a signed URL; empty in what other requests answer."""

    @property
    def settled(self) -> bool:
        """Whether nothing is in progress, be the outcome good or bad."""
        return self.state not in _UNSETTLED_STATES and self.last_update_status != "InProgress"

    @property
    def image_uri(self) -> str | None:
        """The URI that the image was pushed under."""
        return self.code.get("ImageUri")

    @property
    def source_kms_key(self) -> str | None:
        """The ARN of the key that the package is encrypted with, where it is the user's own."""
        return self.code.get("SourceKMSKeyArn")

    @property
    def by_reference(self) -> bool:
        """Whether Lambda reads the package from its place on S3, and has no copy (S3ObjectStorageMode REFERENCE)."""
        return bool(self.code.get("ResolvedS3Object"))

    @property
    def failure(self) -> AwsError | None:
        """The error, where the function could not be set up or its last update failed."""
        if self.state == "Failed":
            return AwsError(
                f"{self.arn} failed: {self.state_reason}",
                hint="remove the reason that AWS names, then push again",
                state=self.state,
            )
        if self.last_update_status == "Failed":
            return AwsError(
                f"the update of {self.name} failed: {self.last_update_reason}",
                hint="remove the reason that AWS names, then push again",
                last_update_status=self.last_update_status,
            )
        return None


def function_state(configuration: Answer, *, asked: str | None, code: Answer | None = None) -> FunctionState:
    """Return the state in a FunctionConfiguration, with GetFunction's ``Code`` where that came with it.

    ``asked`` is what the request called the function, None where it named none. Raises ``GarbledError`` where what
    identifies the code is missing, names no version, or is about another function: a 200 with an empty or foreign body
    reaches us as an answer without parameters.
    """
    try:
        state = FunctionState(
            name=configuration["FunctionName"],
            arn=configuration["FunctionArn"],
            version=configuration["Version"],
            code_sha256=configuration["CodeSha256"],
            revision_id=configuration["RevisionId"],
            package_type=configuration.get("PackageType", "Zip"),
            architecture=(configuration.get("Architectures") or ["x86_64"])[0],
            runtime=configuration.get("Runtime"),
            handler=configuration.get("Handler"),
            state=configuration.get("State", ""),
            state_reason=_reason(configuration, "StateReason"),
            last_update_status=configuration.get("LastUpdateStatus", ""),
            last_update_reason=_reason(configuration, "LastUpdateStatusReason"),
            code=code or {},
        )
    except KeyError as missing:
        raise GarbledError(f"AWS answered without a {missing.args[0]}", hint=CHECK_ENDPOINT) from missing
    if not is_version(state.version):
        raise GarbledError("AWS answered with a Version that is none", hint=CHECK_ENDPOINT)
    check_about(configuration, asked=asked)
    return state


def check_about(configuration: Answer, *, asked: str | None) -> None:
    """Raise ``GarbledError`` where a FunctionConfiguration is not of the function that the request called ``asked``."""
    name, arn = configuration.get("FunctionName", ""), configuration.get("FunctionArn", "")
    version = configuration.get("Version", "")
    if not is_about(asked, name=name, arn=arn, version=version):
        raise GarbledError(
            f"AWS answered about {name or 'no function'} ({arn or 'no ARN'}, version {version or 'none'})"
            + (f" when asked for {asked}" if asked else ", which contradicts itself"),
            hint=CHECK_ENDPOINT,
        )


def _reason(configuration: Answer, key: str) -> str:
    """Return AWS's reason with its code, as far as there are any."""
    text, code = configuration.get(key, "no reason given"), configuration.get(f"{key}Code")
    return f"{text} ({code})" if code else str(text)


def state_in(answer: Answer, *, asked: str) -> FunctionState:
    """Return the state in an answer of GetFunction about the function that was ``asked`` for."""
    return function_state(answer.get("Configuration") or {}, asked=asked, code=answer.get("Code"))


def read_function(session: Session, *, qualifier: str | None = None) -> FunctionState:
    """Return the function as it is now, or one version of it; raises ``NotFoundError`` where it is not there."""
    version = qualifier or LATEST

    def read(answer: Answer, *, asked: str) -> FunctionState:
        state = state_in(answer, asked=asked)
        # An alias leads to any version.
        if (version == LATEST or VERSION_NUMBER.fullmatch(version)) and state.version != version:
            raise GarbledError(
                f"AWS answered with version {state.version} of {asked} when asked for {version}",
                hint="run the command again",
            )
        return state

    return session.get_function(read, qualifier=qualifier)


def find_function(session: Session) -> FunctionState | None:
    """Return the function as it is now, or None where there is none."""
    try:
        return read_function(session)
    except NotFoundError:
        return None


def poll(session: Session, read: Callable[[], T], *, state: Callable[[T], FunctionState]) -> T:
    """Return what ``read`` returns once nothing is in progress in its ``state``; whether it failed is for the caller.

    Raises ``AwsError`` where the deadline passes first.
    """
    pause = session.deadline.pauses()
    while True:
        found = read()
        function = state(found)
        if function.settled:
            return found
        doing = "being set up" if function.state in _UNSETTLED_STATES else "being updated"
        pause(f"{function.arn}, which is still {doing}")


def poll_function(session: Session, *, qualifier: str | None = None) -> FunctionState:
    """Return the function, or one version of it, once nothing is in progress, as ``poll`` does."""
    return poll(session, partial(read_function, session, qualifier=qualifier), state=lambda function: function)


def wait_until_settled(session: Session, *, version: str | None = None) -> FunctionState:
    """Return the function, or the version or alias that is meant, once nothing is in progress, as ``poll`` does.

    ``version`` is meant in place of the session's own. Raises ``NotFoundError`` that says whether it is the function
    that is missing.
    """
    qualifier = version or session.name.qualifier
    with naming_the_missing(session, qualifier):
        return poll_function(session, qualifier=qualifier)


def wait_until_active(session: Session) -> FunctionState:
    """Return the function once nothing is in progress; raises ``AwsError`` where what was in progress failed."""
    function = wait_until_settled(session)
    if function.failure:
        raise function.failure
    return function


def check_revision(function: FunctionState, revision_id: str | None, *, then: str) -> None:
    """Raise ``ConflictError`` where the function is not the revision that was agreed on; None agrees to any.

    ``then`` is what the user may do next with the present one, such as ``push``.
    """
    if revision_id not in (None, function.revision_id):
        raise ConflictError(
            f"{function.name} is at revision {function.revision_id}, not at {revision_id}",
            hint=f"somebody changed it since; look at it, then {then} with its present RevisionId",
            revision_id=function.revision_id,
        )


@contextmanager
def naming_the_missing(session: Session, qualifier: str | None) -> Iterator[None]:
    """Let a ``NotFoundError`` say whether it is the function that is missing, or its version or alias ``qualifier``."""
    try:
        yield
    except NotFoundError as error:
        if qualifier is None:
            raise
        raise missing(session, qualifier) from error


def missing(session: Session, qualifier: str) -> NotFoundError:
    """Return the error for a version or alias that is not there; raises ``NotFoundError`` where the function is not."""
    read_function(session)
    kind = "version" if qualifier.isdecimal() else "alias"
    return NotFoundError(
        f"{session.name.name} has no {kind} {qualifier}",
        hint=f"lambdapack versions {session.name.name} lists its versions and aliases",
        function=session.name.name,
        qualifier=qualifier,
    )
