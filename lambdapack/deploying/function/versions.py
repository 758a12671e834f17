"""Published versions: publishing one that is pinned to a CodeSha256, and telling a new one from an old one.

"Lambda doesn't publish a version if the function's configuration and code haven't changed since the last
version" (API reference, PublishVersion): then it answers with the last one. So a publish may be repeated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lambdapack.artifact import CodeSha256
from lambdapack.deploying.aws.api import Answer
from lambdapack.deploying.aws.reading import read_list
from lambdapack.deploying.aws.refusals import BusyError, GarbledError, StaleError, UnansweredError
from lambdapack.deploying.function.names import LATEST, VERSION_NUMBER
from lambdapack.deploying.function.session import Session
from lambdapack.deploying.function.state import FunctionState, check_about, function_state, poll_function, read_function
from lambdapack.errors import AwsError, ConflictError, NotFoundError

_PUBLISH_ATTEMPTS = 3
"""How often a publish is sent whose answer was lost and of which the list of versions shows nothing."""

_IDENTITY = frozenset(
    {"ConfigSha256", "Description", "FunctionArn", "LastModified", "MasterArn", "RevisionId", "SnapStart", "Version"}
)
"""Parameters of a FunctionConfiguration in which a version may differ from the ``$LATEST`` that it was made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What is published at some moment."""

    codes: Mapping[str, str]
    """The CodeSha256 of each version, by its number; deleted versions leave holes."""
    unchanged: str | None
    """The newest version, where ``$LATEST`` did not change since: publishing would give it again."""


def read_versions(session: Session) -> Versions:
    """Return the function's versions, from every page of the list."""
    entries = {entry.get("Version", ""): entry for entry in read_version_list(session)}
    latest = entries.get(LATEST)
    numbered = {number: entry for number, entry in entries.items() if VERSION_NUMBER.fullmatch(number)}
    newest = max(numbered, key=int, default=None)
    unchanged = newest is not None and latest is not None and _content_of(numbered[newest]) == _content_of(latest)
    return Versions(
        codes={number: entry.get("CodeSha256", "") for number, entry in numbered.items()},
        unchanged=newest if unchanged else None,
    )


def read_version_list(session: Session) -> Iterator[Answer]:
    """Yield the entries of ListVersionsByFunction, ``$LATEST`` first; raises ``GarbledError`` for one of another."""
    name = session.function
    for entry in read_list(session.lambda_api, "ListVersionsByFunction", "Versions", about=name, FunctionName=name):
        check_about(entry, asked=name)
        yield entry


def _content_of(entry: Answer) -> dict[str, object]:
    """Return what a version is made of: code and configuration."""
    return {member: value for member, value in entry.items() if member not in _IDENTITY}


def publish_version(
    session: Session,
    function: FunctionState,
    *,
    before: Versions,
    parameters: Mapping[str, object],
    revision_pinned: bool,
) -> FunctionState:
    """Return the version that holds exactly the code of ``function``, made now or, where nothing changed, before.

    ``function`` is ``$LATEST``, settled, and ``before`` what was published until then. ``parameters`` are further ones
    of PublishVersion, those that are not None; ``revision_pinned`` says that no other revision of ``$LATEST`` will do.
    Raises ``ConflictError`` where ``$LATEST`` holds other code by now: then no version was made.
    """
    code_sha256 = CodeSha256(function.code_sha256)
    given: dict[str, object] = {"FunctionName": session.function, "CodeSha256": code_sha256}
    given |= {name: value for name, value in parameters.items() if value is not None}
    lost = 0
    pause = session.deadline.pauses()
    while True:
        if function.code_sha256 != code_sha256:
            raise other_code(function, code_sha256)
        try:
            answer = session.lambda_api("PublishVersion", RevisionId=function.revision_id, **given)
            return _version_in(answer, code_sha256, asked=session.function)
        except BusyError:
            pass
        except (StaleError, UnansweredError) as error:
            # Lost was perhaps the answer alone; a 412 may be due to our own first try, which changed the RevisionId.
            made = _made_since(before, read_versions(session), code_sha256)
            if made:
                return poll_function(session, qualifier=made)
            lost += isinstance(error, UnansweredError)
            if lost == _PUBLISH_ATTEMPTS or (revision_pinned and isinstance(error, StaleError)):
                raise
        pause(f"{session.function} to accept a publish")
        function = poll_function(session)


def confirm_version(session: Session, version: str, *, wait: bool = True) -> FunctionState:
    """Read the version that AWS says it published: neither its answer nor a list of versions proves what it holds.

    ``wait`` is whether until it is in effect. Raises ``AwsError`` where there is no such version, or it failed.
    """
    read = poll_function if wait else read_function
    name = session.name.name
    try:
        found = read(session, qualifier=version)
    except NotFoundError as error:
        raise AwsError(
            f"AWS answered that version {version} of {name} was published, but there is no such version",
            hint=f"run the command again; lambdapack versions {name} lists what there is",
        ) from error
    if found.failure:
        raise found.failure
    return found


def _version_in(answer: Answer, code_sha256: CodeSha256, *, asked: str) -> FunctionState:
    """Return the version that PublishVersion answered with; raises ``GarbledError`` where it is none of ours."""
    version = function_state(answer, asked=asked)
    if version.code_sha256 != code_sha256 or version.version == LATEST:
        raise GarbledError("AWS answered with something else than the version", hint="run the command again")
    return version


def _made_since(before: Versions, now: Versions, code_sha256: CodeSha256) -> str | None:
    """Return the newest version with our code that was not there before, or else the one that ``$LATEST`` is."""
    made = [number for number, code in now.codes.items() if code == code_sha256 and number not in before.codes]
    still = now.unchanged if now.unchanged and now.codes[now.unchanged] == code_sha256 else None
    return max(made, key=int, default=still)


def other_code(function: FunctionState, code_sha256: CodeSha256) -> ConflictError:
    """Return the error for a function whose code somebody else replaced."""
    return ConflictError(
        f"{function.name} holds other code ({function.code_sha256}) than was agreed on ({code_sha256}):"
        " another client pushed; no version was published",
        hint="find out who else deploys it, then push again",
        code_sha256=code_sha256,
        found_code_sha256=function.code_sha256,
    )
