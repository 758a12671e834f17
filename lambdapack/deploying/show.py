"""The stories of ``show``, ``list`` and ``versions``: what is there, read and not changed.

An ``Answer`` goes in, and only what is named here comes out: of an environment the names, never the values.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdapack.deploying.aws.api import Answer, Aws
from lambdapack.deploying.aws.deadline import DEFAULT_TIMEOUT, SYSTEM_CLOCK, Clock, Deadline, deadline_of
from lambdapack.deploying.aws.reading import read_list
from lambdapack.deploying.aws.refusals import GarbledError
from lambdapack.deploying.function.aliases import Alias, read_aliases
from lambdapack.deploying.function.names import VERSION_NUMBER
from lambdapack.deploying.function.session import FunctionRequest, open_session
from lambdapack.deploying.function.state import function_state, naming_the_missing
from lambdapack.deploying.function.versions import read_version_list
from lambdapack.reporting import Tell, silent

_PASSED_ON = (
    *("VpcConfig", "Layers", "FileSystemConfigs", "EphemeralStorage", "KMSKeyArn", "DeadLetterConfig"),
    *("TracingConfig", "LoggingConfig", "SnapStart", "ImageConfigResponse", "RuntimeVersionConfig", "MasterArn"),
    *("SigningProfileVersionArn", "SigningJobArn", "CapacityProviderConfig", "DurableConfig", "TenancyConfig"),
    *("RuntimeConfig", "AcceleratorConfig", "ConfigSha256"),
)
"""Members of a FunctionConfiguration that are passed on as AWS has them. No other is: what a newer AWS answers may
hold anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRequest(FunctionRequest):
    """What is to be shown: a function, or a version or alias of it (``hello:live``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequest:
    """How long the list of all functions may take."""

    timeout: float | Deadline = DEFAULT_TIMEOUT
    """Seconds for the whole run, or the deadline of one that has begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsRequest(FunctionRequest):
    """The function whose versions are to be listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSummary:
    """A function among others: the JSON of ``list``, one of its items."""

    function: str
    function_arn: str
    package_type: str
    runtime: str | None
    architecture: str
    code_sha256: str
    code_size: int
    """Bytes."""
    description: str
    last_modified: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasShare:
    """An alias that sends traffic to a version."""

    name: str
    weight: float
    """Its share, at most 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSummary:
    """A version among others: the JSON of ``versions``, one of its items."""

    version: str
    """A number, or ``$LATEST``."""
    code_sha256: str
    code_size: int
    """Bytes."""
    description: str
    last_modified: str
    aliases: tuple[AliasShare, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionView:
    """A function, or a version of it: the JSON of ``show``, whose keys are those of the configuration."""

    function: str
    function_arn: str
    version: str
    code_sha256: str
    code_size: int
    """Bytes."""
    package_type: str
    image_uri: str | None
    runtime: str | None
    handler: str | None
    architecture: str
    role: str | None
    description: str
    memory: int | None
    """MiB."""
    function_timeout: int | None
    """Seconds."""
    environment: tuple[str, ...]
    """The names."""
    environment_error: str | None
    """Why Lambda could not read it."""
    state: str
    state_reason: str | None
    last_update_status: str
    last_update_reason: str | None
    last_modified: str
    revision_id: str
    reserved_concurrency: int | None
    tags: Mapping[str, str]
    aws: Mapping[str, Any] = field(default_factory=dict)
    """Further members, by AWS's own names."""


def show(request: ShowRequest, aws: Aws, *, tell: Tell = silent, clock: Clock = SYSTEM_CLOCK) -> FunctionView:
    """Return the function, or the version or alias of it, that is named; raises ``NotFoundError`` without it."""
    session = open_session(request, aws, qualified=True, tell=tell, clock=clock)
    with naming_the_missing(session, session.name.qualifier):
        return session.get_function(function_view, qualifier=session.name.qualifier)


def list_functions(
    request: ListRequest, aws: Aws, *, tell: Tell = silent, clock: Clock = SYSTEM_CLOCK
) -> tuple[FunctionSummary, ...]:
    """Return every function of the Region, by name."""
    del tell  # there is nothing to say; every story takes it
    lambda_api = aws.lambda_api(deadline_of(request.timeout, clock=clock))
    entries = read_list(lambda_api, "ListFunctions", "Functions", about=aws.region)
    return tuple(sorted(map(_function_summary, entries), key=lambda function: function.function))


def versions(
    request: VersionsRequest, aws: Aws, *, tell: Tell = silent, clock: Clock = SYSTEM_CLOCK
) -> tuple[VersionSummary, ...]:
    """Return ``$LATEST`` and every version, the oldest first, each with the aliases that send traffic there.

    Raises ``NotFoundError`` where there is no such function.
    """
    session = open_session(request, aws, tell=tell, clock=clock)
    entries = tuple(read_version_list(session))
    shares = _shares_by_version(read_aliases(session))
    found = [_version_summary(entry, shares) for entry in entries]
    return tuple(
        sorted(found, key=lambda version: int(version.version) if VERSION_NUMBER.fullmatch(version.version) else 0)
    )


def _shares_by_version(aliases: Iterable[Alias]) -> Mapping[str, tuple[AliasShare, ...]]:
    """Return the aliases that send traffic to each version; the alias's own version gets what the weights leave."""
    shares: dict[str, tuple[AliasShare, ...]] = defaultdict(tuple)
    for alias in aliases:
        rest = round(1.0 - sum(alias.weights.values()), 9)
        for version, weight in {alias.version: rest, **alias.weights}.items():
            shares[version] += (AliasShare(name=alias.name, weight=weight),)
    return shares


def _function_summary(entry: Answer) -> FunctionSummary:
    state = function_state(entry, asked=None)
    return FunctionSummary(
        function=state.name,
        function_arn=state.arn,
        package_type=state.package_type,
        runtime=state.runtime,
        architecture=state.architecture,
        code_sha256=state.code_sha256,
        code_size=entry.get("CodeSize", 0),
        description=entry.get("Description", ""),
        last_modified=entry.get("LastModified", ""),
    )


def _version_summary(entry: Answer, shares: Mapping[str, tuple[AliasShare, ...]]) -> VersionSummary:
    if "Version" not in entry or "CodeSha256" not in entry:
        raise GarbledError("AWS lists a version without its number or CodeSha256", hint="run the command again")
    return VersionSummary(
        version=entry["Version"],
        code_sha256=entry["CodeSha256"],
        code_size=entry.get("CodeSize", 0),
        description=entry.get("Description", ""),
        last_modified=entry.get("LastModified", ""),
        aliases=shares.get(entry["Version"], ()),
    )


def function_view(answer: Answer, *, asked: str) -> FunctionView:
    """Return what may be seen of an answer of GetFunction: no value of the environment, and no signed URL."""
    configuration: Answer = answer.get("Configuration") or {}
    state = function_state(configuration, asked=asked)
    environment: Answer = configuration.get("Environment") or {}
    error: Answer | None = environment.get("Error")
    return FunctionView(
        function=state.name,
        function_arn=state.arn,
        version=state.version,
        code_sha256=state.code_sha256,
        code_size=configuration.get("CodeSize", 0),
        package_type=state.package_type,
        image_uri=(answer.get("Code") or {}).get("ImageUri"),
        runtime=state.runtime,
        handler=state.handler,
        architecture=state.architecture,
        role=configuration.get("Role"),
        description=configuration.get("Description", ""),
        memory=configuration.get("MemorySize"),
        function_timeout=configuration.get("Timeout"),
        environment=tuple(sorted(environment.get("Variables") or {})),
        environment_error=f"{error.get('Message', '')} ({error.get('ErrorCode', '')})" if error else None,
        state=state.state,
        state_reason=state.state_reason if "StateReason" in configuration else None,
        last_update_status=state.last_update_status,
        last_update_reason=state.last_update_reason if "LastUpdateStatusReason" in configuration else None,
        last_modified=configuration.get("LastModified", ""),
        revision_id=state.revision_id,
        reserved_concurrency=(answer.get("Concurrency") or {}).get("ReservedConcurrentExecutions"),
        tags=dict(answer.get("Tags") or {}),
        aws={member: configuration[member] for member in _PASSED_ON if configuration.get(member)},
    )
