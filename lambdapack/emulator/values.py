"""What exists in the emulated account: frozen values that every operation takes and gives back.

Rules for this file
- No clock, no file, no network: the time and fresh identifiers come in through ``calls.Call``.
- A change is a new value (``dataclasses.replace``); nothing is edited in place, so an operation that is
  refused half way has changed nothing.
- What AWS spells itself (the members of a FunctionConfiguration that a request decides) is kept in
  AWS's spelling in a ``Members`` mapping; everything that the emulator reasons about is a field.

Strategy
A transition (Pending → Active, InProgress → Successful) is decided when it starts: the moment at which it
ends and the RevisionId that it will bring are stored with the version. Reading is then a function of the
time alone (``settle_version``), and reads never have to write.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

ACCOUNT = "000000000000"
_BUCKET = "emulator"
_ROLE = "emulator"
LATEST = "$LATEST"
"""The version that changes."""

Members: TypeAlias = dict[str, Any]
"""A part of a request or an answer, in AWS's own spelling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """The deployed code: ``sha256`` as Lambda answers it (base64; 64 hex digits for images), ``size`` in bytes."""

    sha256: str
    size: int
    unzipped_size: int = 0
    blob: str | None = None
    image_uri: str | None = None
    kms_key_arn: str | None = None
    s3_reference: Members | None = None
    signing: Members = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A change in progress: it ends at ``ends`` (seconds since 1970; 0 is "by the next call")."""

    ends: float
    revision_id: str
    creating: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """``$LATEST`` or a published version; equal ``content_id`` means: nothing changed in between."""

    number: str
    settings: Members
    code: Code
    revision_id: str
    modified: str
    content_id: str
    transition: Transition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A name for a version, with the share of a second one (``weights``: version → 0.0 to 1.0)."""

    name: str
    version: str
    description: str
    revision_id: str
    weights: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function: ``$LATEST``, the published versions by number, the aliases by name."""

    name: str
    latest: Version
    published: dict[str, Version]
    next_number: int
    aliases: dict[str, Alias]
    tags: dict[str, str]
    signing_config: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerVersion:
    """One version of a layer; ``settings`` are the members of its answer that the request decided."""

    number: int
    settings: Members
    code: Code
    created: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A layer's versions by number; numbers are never used again, even after all were deleted."""

    name: str
    versions: dict[str, LayerVersion]
    next_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningConfig:
    """A code signing configuration: who may sign, and what happens to the unsigned (Warn or Enforce)."""

    arn: str
    identifier: str
    description: str
    publishers: list[str]
    policy: str
    modified: str
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Lambda's resources of one Region."""

    functions: dict[str, Function] = field(default_factory=dict)
    layers: dict[str, Layer] = field(default_factory=dict)
    signing_configs: dict[str, SigningConfig] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One version of an S3 object; a delete marker has no ``blob``. ``checksums``: algorithm → base64."""

    version_id: str
    blob: str | None
    size: int = 0
    etag: str = ""
    modified: float
    checksums: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A multipart upload: its parts by number until it is completed; ``whole``: one checksum over all bytes."""

    key: str
    headers: dict[str, str]
    parts: dict[str, Stored]
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket; ``region`` None is the bucket that exists in every Region. Versions stand oldest first."""

    name: str
    region: str | None
    versioning: str = ""
    objects: dict[str, list[Stored]] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """An IAM role; ``trust`` is its AssumeRolePolicyDocument, as JSON text."""

    name: str
    path: str
    identifier: str
    trust: str
    description: str
    created: str
    maximum_session: int


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that exists in the account."""

    regions: dict[str, Region]
    buckets: dict[str, Bucket]
    roles: dict[str, Role]

    def region(self, name: str) -> Region:
        """Return the Region of that name; one that was never written to is empty."""
        return self.regions.get(name) or Region()


_TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
    '"Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
)


def beginning() -> World:
    """Return the account as it is on the first day: one role and one versioned bucket."""
    role = Role(
        name=_ROLE,
        path="/",
        identifier="AROAEMULATOR0000000AA",
        trust=_TRUST,
        description="The role that exists from the start",
        created="1980-01-01T00:00:00Z",
        maximum_session=3600,
    )
    return World(
        regions={}, buckets={_BUCKET: Bucket(name=_BUCKET, region=None, versioning="Enabled")}, roles={_ROLE: role}
    )


def with_function(world: World, region: str, function: Function) -> World:
    """Return the world in which ``function`` is there, new or in place of its former self."""
    former = world.region(region)
    return with_region(world, region, replace(former, functions={**former.functions, function.name: function}))


def with_region(world: World, name: str, region: Region) -> World:
    """Return the world in which the Region ``name`` is ``region``."""
    return replace(world, regions={**world.regions, name: region})


def with_signing_config(world: World, region: str, config: SigningConfig) -> World:
    """Return the world in which ``config`` is there, new or in place of its former self."""
    former = world.region(region)
    return with_region(world, region, replace(former, signing_configs={**former.signing_configs, config.arn: config}))


def with_bucket(world: World, bucket: Bucket) -> World:
    """Return the world in which ``bucket`` is there, new or in place of its former self."""
    return replace(world, buckets={**world.buckets, bucket.name: bucket})


def without(mapping: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return ``mapping`` less ``key``."""
    return {name: value for name, value in mapping.items() if name != key}


def settle_version(version: Version, now: float) -> Version:
    """Return ``version`` as it is at ``now``: a transition that has ended brought a new RevisionId.

    Recorded: TestLambdaFunction::test_function_lifecycle (uuid 1 → 2, 3 → 4, 5 → 6).
    """
    transition = version.transition
    if transition is None or now < transition.ends:
        return version
    return replace(version, revision_id=transition.revision_id, transition=None)
