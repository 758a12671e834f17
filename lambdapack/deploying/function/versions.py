"""Published versions: making one that is pinned to a CodeSha256, and telling a new one from an old one.

"Lambda doesn't publish a version if the function's configuration and code haven't changed since the last
version" (API reference, PublishVersion): then it answers with the last one. So a publish may be repeated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lambdapack.artifact import CodeSha256
from lambdapack.deploying.aws.api import Answer, LambdaApi
from lambdapack.deploying.aws.deadline import Deadline, pauses
from lambdapack.deploying.aws.reading import listed
from lambdapack.deploying.aws.refusals import BusyError, GarbledError, StaleError, UnansweredError
from lambdapack.deploying.function.names import LATEST, VERSION_NUMBER, bare_name
from lambdapack.deploying.function.state import FunctionState, check_about, function_state, read_function, settle
from lambdapack.errors import AwsError, ConflictError, NotFoundError

PUBLISH_ATTEMPTS = 3
"""How often a publish is sent whose answer was lost and of which the list of versions shows nothing."""

IDENTITY = frozenset(
    {"ConfigSha256", "Description", "FunctionArn", "LastModified", "MasterArn", "RevisionId", "SnapStart", "Version"}
)
"""Members of a FunctionConfiguration in which a version may differ from the ``$LATEST`` that it was made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What is published at some moment."""

    codes: Mapping[str, str]
    """The CodeSha256 of each version, by its number; deleted versions leave holes."""
    unchanged: str | None
    """The newest version, where ``$LATEST`` did not change since: publishing would give it again."""


def read_versions(lambda_api: LambdaApi, name: str, *, deadline: Deadline) -> Versions:
    """Return the function's versions, from every page of the list."""
    entries = {entry.get("Version", ""): entry for entry in listed_versions(lambda_api, name, deadline=deadline)}
    latest = entries.get(LATEST)
    numbered = {number: entry for number, entry in entries.items() if VERSION_NUMBER.fullmatch(number)}
    newest = max(numbered, key=int, default=None)
    unchanged = newest is not None and latest is not None and content_of(numbered[newest]) == content_of(latest)
    return Versions(
        codes={number: entry.get("CodeSha256", "") for number, entry in numbered.items()},
        unchanged=newest if unchanged else None,
    )


def listed_versions(lambda_api: LambdaApi, name: str, *, deadline: Deadline) -> Iterator[Answer]:
    """Yield the entries of ListVersionsByFunction, ``$LATEST`` first; raises ``GarbledError`` for one of another."""
    entries = listed(lambda_api, "ListVersionsByFunction", "Versions", about=name, deadline=deadline, FunctionName=name)
    for entry in entries:
        check_about(entry, asked=name)
        yield entry


def content_of(entry: Answer) -> dict[str, object]:
    """Return what a version is made of: code and configuration."""
    return {member: value for member, value in entry.items() if member not in IDENTITY}


def publish_version(
    lambda_api: LambdaApi,
    function: FunctionState,
    *,
    name: str,
    code_sha256: CodeSha256,
    before: Versions,
    description: str | None,
    revision_pinned: bool,
    deadline: Deadline,
    members: Mapping[str, object] | None = None,
) -> FunctionState:
    """Return the version that holds exactly ``code_sha256``, made now or, where nothing changed, before.

    ``function`` is ``$LATEST``, settled. ``revision_pinned`` says that no other revision will do than that one;
    ``members`` are further ones of PublishVersion.
    Raises ``ConflictError`` where ``$LATEST`` holds other code by now: then no version was made.
    """
    further = dict(members or {}) | ({} if description is None else {"Description": description})
    lost = 0
    pause = pauses()
    while True:
        if function.code_sha256 != code_sha256:
            raise other_code(function, code_sha256)
        try:
            answer = lambda_api(
                "PublishVersion",
                FunctionName=name,
                CodeSha256=code_sha256,
                RevisionId=function.revision_id,
                **further,
            )
            return version_in(answer, code_sha256, asked=name)
        except BusyError:
            pass
        except (StaleError, UnansweredError) as error:
            # Lost was perhaps the answer alone; a 412 may be due to our own first try, which changed the RevisionId.
            made = made_since(before, read_versions(lambda_api, name, deadline=deadline), code_sha256)
            if made:
                return settle(lambda_api, name, qualifier=made, deadline=deadline)
            lost += isinstance(error, UnansweredError)
            if lost == PUBLISH_ATTEMPTS or (revision_pinned and isinstance(error, StaleError)):
                raise
        deadline.pause(next(pause), waiting_for=f"{name} to accept a publish")
        function = settle(lambda_api, name, deadline=deadline)


def confirmed(
    lambda_api: LambdaApi, name: str, version: str, *, wait: bool = True, deadline: Deadline
) -> FunctionState:
    """Return the version that AWS says it published, as it reads: a list and an answer may agree in something else.

    ``wait`` is whether until it is in effect. Raises ``AwsError`` where there is no such version, or it failed.
    """
    read = settle if wait else read_function
    try:
        found = read(lambda_api, name, qualifier=version, deadline=deadline)
    except NotFoundError as error:
        raise AwsError(
            f"AWS answered that version {version} of {bare_name(name)} was published, but there is no such version",
            hint=f"run the command again; lambdapack versions {bare_name(name)} lists what there is",
        ) from error
    if found.failure:
        raise found.failure
    return found


def version_in(answer: Answer, code_sha256: CodeSha256, *, asked: str) -> FunctionState:
    """Return the version that PublishVersion answered with; raises ``GarbledError`` where it is none of ours."""
    version = function_state(answer, asked=asked)
    if version.code_sha256 != code_sha256 or version.version == LATEST:
        raise GarbledError("AWS answered with something else than the version", hint="run the command again")
    return version


def made_since(before: Versions, now: Versions, code_sha256: CodeSha256) -> str | None:
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
