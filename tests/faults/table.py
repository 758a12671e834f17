"""The table of faults: what goes wrong, and what has to come of it.

A row reads: in a push with ``--publish`` of the package ``ours`` to a function that holds ``first``, this happens
to this operation so many times; then lambdapack ends with this exit code, and this is what the server holds.
Its id names the row of the list of bad inputs: G are remote faults, E the user's settings; beside them A are aliases,
D dry runs, N new functions. The steps of a fault are explained in ``faultserver``.
"""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field

from tests.faults.account import BUCKET, LAMBDA, ROLE, Account
from tests.faults.faultserver import FOR_EVER

GET = "GetFunction"
UPDATE = "UpdateFunctionCode"
LIST = "ListVersionsByFunction"
PUBLISH = "PublishVersion"
CREATE = "CreateFunction"
HEAD = "HeadObject"
PUT = "PutObject"
LARGE = 6_000_000  # bytes: more than the sockets' buffers, so that a reset meets a client that still sends


@dataclass(frozen=True, slots=True)
class State:
    """Whose package is where: ``$LATEST``, the versions from the oldest on, and what the alias points at."""

    latest: str
    versions: tuple[str, ...] = ()
    alias: str | None = None


UNTOUCHED = State("first")
UPDATED = State("ours")
PUBLISHED = State("ours", ("ours",))
ALIASED = State("ours", ("ours",), "ours")
THEIRS = State("theirs")
OTHER = State("other")
GONE = State("nothing")


@dataclass(frozen=True, slots=True)
class Row:
    """One row; what stands after ``state`` is rarely needed."""

    id: str
    operation: str
    fault: str
    times: float
    exit_code: int
    state: State
    _: KW_ONLY
    arguments: str = ""
    """More of them, ``{revision}`` being the function's RevisionId."""
    after: int = 0
    """How many requests of the operation go well before."""
    says: str = ""
    """What stderr must hold."""
    requests: Mapping[str, int] = field(default_factory=dict)
    """How often an operation is asked for."""
    before: Callable[[Account], object] | None = None
    """What others did before the push."""
    settle: float = 0.0
    """Seconds that an update stays in progress."""
    limit: float = 0.0
    """``--timeout``: the run must have ended soon after it."""
    padding: int = 0
    """Bytes by which our package is larger than a few hundred."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """More variables, ``{url}`` being the server's; with a value of it, there is no ``--endpoint-url``."""

    @property
    def name(self) -> str:
        """What the tests are called."""
        times = "for ever" if self.times == FOR_EVER else f"x{self.times:.0f}" if self.times else ""
        before = self.before.__name__ if self.before else ""
        return " ".join(
            filter(None, [self.id, self.operation, self.fault, times, self.arguments, before, *self.environment])
        )


# What others did before the push.


def published(account: Account) -> None:
    account.push("ours")
    account.ask("hello")
    account.call("POST", f"{LAMBDA}/hello/versions", {})


def stored(account: Account) -> None:
    account.put(account.packages["ours"])


def stored_without_checksum(account: Account) -> None:
    account.put(account.packages["ours"], checksum=False)


def poisoned(account: Account) -> None:
    account.put(account.packages["theirs"])


def poisoned_without_checksum(account: Account) -> None:
    account.put(account.packages["theirs"], checksum=False)


def unversioned(account: Account) -> None:
    account.call("PUT", "/plain")


def aliased(account: Account) -> None:
    """Let the alias ``live`` point at ``$LATEST``, that is at ``first``."""
    account.call("POST", f"{LAMBDA}/hello/aliases", {"Name": "live", "FunctionVersion": "$LATEST"})


def image(account: Account) -> None:
    account.call("DELETE", f"{LAMBDA}/hello")
    code = {"ImageUri": "000000000000.dkr.ecr.us-east-1.amazonaws.com/image:latest"}
    account.call("POST", LAMBDA, {"FunctionName": "hello", "Role": ROLE, "PackageType": "Image", "Code": code})


def for_arm(account: Account) -> None:
    """Configure our package for another architecture than the function's."""
    account.directory.with_name("lambdapack.toml").write_text('[functions.hello]\narchitecture = "arm64"\n')


def layered(account: Account) -> None:
    """Publish our package as a version of the layer ``base``."""
    account.publish_layer("ours")


def gone(account: Account) -> None:
    """Delete the function; the configuration says how to create it."""
    account.call("DELETE", f"{LAMBDA}/hello")
    account.directory.with_name("lambdapack.toml").write_text(
        f'[functions.hello]\nrole = "{ROLE}"\nhandler = "app.handler"\nruntime = "python3.13"\n'
    )


S3 = f"--transport s3 --s3-bucket {BUCKET}"
PLAIN_S3 = "--transport s3 --s3-bucket plain"
ALIAS = "--alias live"
ATOMIC = "--atomic"

# fmt: off
ROWS = (
    # Applied, and the answer is lost.
    Row("G01", UPDATE, "apply, drop", 1, 0, PUBLISHED),
    Row("G01", UPDATE, "apply, drop", FOR_EVER, 0, PUBLISHED),
    Row("G01", UPDATE, "apply, short", 1, 0, PUBLISHED),
    Row("G01", UPDATE, "apply, reset", 1, 0, PUBLISHED),
    Row("G01", UPDATE, "apply, drop", 1, 0, PUBLISHED, arguments=ATOMIC),
    Row("G02", UPDATE, "apply, Internal", 1, 0, PUBLISHED),
    Row("G02", UPDATE, "apply, Internal", FOR_EVER, 0, PUBLISHED),
    Row("G02", UPDATE, "apply, Unavailable", 1, 0, PUBLISHED),
    Row("G02", UPDATE, "apply, silence", 1, 0, PUBLISHED),
    Row("G02", UPDATE, "apply, silence", 1, 0, PUBLISHED, arguments=ATOMIC),
    Row("G02", UPDATE, "apply, silence", 1, 0, PUBLISHED, arguments="--revision-id {revision}"),

    # Not applied, and no answer.
    Row("G03", UPDATE, "drop", 1, 0, PUBLISHED),
    Row("G03", UPDATE, "drop", 3, 0, PUBLISHED),
    Row("G03", UPDATE, "drop", FOR_EVER, 7, UNTOUCHED),
    Row("G03", UPDATE, "reset", 1, 0, PUBLISHED, padding=LARGE),
    Row("G03", UPDATE, "reset", 3, 0, PUBLISHED),
    Row("G03", UPDATE, "silence", 1, 0, PUBLISHED),
    Row("G03", UPDATE, "Internal", 1, 0, PUBLISHED),
    Row("G03", UPDATE, "Unavailable", 3, 0, PUBLISHED),

    # 200, with something else.
    Row("G05", UPDATE, "corrupt, apply", 1, 7, OTHER, says="stored other bytes", requests={PUBLISH: 0}),
    Row("G05", UPDATE, "corrupt, apply", 1, 7, State("other", ("other",)), says="stored other bytes", arguments=ATOMIC),
    Row("G05", UPDATE, "foreign", FOR_EVER, 7, UNTOUCHED, requests={PUBLISH: 0}),
    Row("G05", UPDATE, "{}", FOR_EVER, 7, UNTOUCHED, requests={PUBLISH: 0}),
    Row("G05", UPDATE, "page", FOR_EVER, 7, UNTOUCHED, requests={PUBLISH: 0}),
    Row("G05", UPDATE, "apply, foreign", 1, 0, PUBLISHED),
    Row("G05", UPDATE, "apply, empty", 1, 0, PUBLISHED),
    Row("G05", UPDATE, "apply, {}", 1, 0, PUBLISHED),
    Row("G05", UPDATE, "apply, cut", 1, 0, PUBLISHED),
    Row("G05", UPDATE, "apply, page", 1, 0, PUBLISHED),
    Row("G05", GET, "page", 2, 0, PUBLISHED),
    Row("G05", GET, "cut", 2, 0, PUBLISHED, after=1),
    Row("G05", LIST, "{}", 2, 0, PUBLISHED),
    Row("G05", "any", "page", FOR_EVER, 7, UNTOUCHED),

    # Throttled.
    Row("G06", UPDATE, "Throttled", 6, 0, PUBLISHED),
    Row("G06", PUBLISH, "Throttled", 6, 0, PUBLISHED),
    Row("G06", GET, "Throttled", 6, 0, PUBLISHED),
    Row("G06", PUT, "SlowDown", 6, 0, PUBLISHED, arguments=S3),
    Row("G06", "any", "Throttled", FOR_EVER, 7, UNTOUCHED, limit=1),
    Row("G06", UPDATE, "Throttled", FOR_EVER, 7, UNTOUCHED, limit=2),
    Row("G06", PUBLISH, "Throttled", FOR_EVER, 7, UPDATED, limit=2),

    # Another update is in progress.
    Row("G07", UPDATE, "Busy", 3, 0, PUBLISHED),
    Row("G07", UPDATE, "they configure, apply", 1, 0, PUBLISHED, settle=0.4),
    Row("G07", PUBLISH, "Busy", 3, 0, PUBLISHED),
    Row("G07", PUBLISH, "they configure, apply", 1, 0, PUBLISHED, settle=0.4),
    Row("G07", UPDATE, "Busy", FOR_EVER, 7, UNTOUCHED, limit=1),
    Row("G07", PUBLISH, "Busy", FOR_EVER, 7, UPDATED, limit=1),

    # Somebody else is faster.
    Row("G08", UPDATE, "they push, apply", 1, 8, THEIRS, requests={PUBLISH: 0}),
    Row("G08", UPDATE, "they push, apply", 1, 8, THEIRS, arguments=ATOMIC),
    Row("G08", UPDATE, "they push, drop", 1, 8, THEIRS, requests={PUBLISH: 0}),
    Row("G08", UPDATE, "apply, they push, drop", 1, 8, THEIRS, requests={PUBLISH: 0}),
    Row("G08", UPDATE, "they push ours, apply", 1, 0, PUBLISHED),
    Row("G08", UPDATE, "they configure, apply", 1, 0, PUBLISHED),
    Row("G08", UPDATE, "they configure, apply", 1, 8, UNTOUCHED, arguments="--revision-id {revision}"),
    Row("G08", GET, "they push, apply", 1, 8, THEIRS, after=1, requests={PUBLISH: 0}),
    Row("G08", PUBLISH, "they push, apply", 1, 8, THEIRS),
    Row("G08", PUBLISH, "they push, drop", 1, 8, THEIRS),
    Row("G08", PUBLISH, "they configure, apply", 1, 0, PUBLISHED),
    Row("G08", PUBLISH, "apply, they push, drop", 1, 0, State("theirs", ("ours",))),

    # The update does not come into effect.
    Row("G09", GET, "apply, failed", FOR_EVER, 7, UPDATED, after=1, says="layer is broken (InvalidZipFileException)"),
    Row("G09", GET, "apply, in progress", FOR_EVER, 7, UPDATED, after=1, says="still being updated", limit=2),

    # The version is made, and the answer is lost: exactly one version.
    Row("G11", PUBLISH, "apply, drop", 1, 0, PUBLISHED),
    Row("G11", PUBLISH, "apply, drop", FOR_EVER, 0, PUBLISHED),
    Row("G11", PUBLISH, "apply, Internal", 1, 0, PUBLISHED),
    Row("G11", PUBLISH, "apply, silence", 1, 0, PUBLISHED),
    Row("G11", PUBLISH, "apply, reset", 1, 0, PUBLISHED),
    Row("G11", PUBLISH, "apply, short", 1, 0, PUBLISHED),
    Row("G11", PUBLISH, "apply, {}", 1, 0, PUBLISHED),
    Row("G11", PUBLISH, "apply, cut", 1, 0, PUBLISHED),
    Row("G11", PUBLISH, "apply, foreign", 1, 0, PUBLISHED),
    Row("G11", PUBLISH, "apply, page", 1, 0, PUBLISHED),
    Row("G11", PUBLISH, "drop", 1, 0, PUBLISHED),
    Row("G11", PUBLISH, "{}", 1, 0, PUBLISHED),
    Row("G11", PUBLISH, "foreign", 1, 0, PUBLISHED),
    Row("G11", PUBLISH, "drop", FOR_EVER, 7, UPDATED),
    Row("G11", PUBLISH, "{}", FOR_EVER, 7, UPDATED),

    # Not allowed: said once, by the action's name.
    Row("G12", GET, "Denied", FOR_EVER, 7, UNTOUCHED, says="lambda:GetFunction", requests={GET: 1}),
    Row("G12", LIST, "Denied", FOR_EVER, 7, UNTOUCHED, says=f"lambda:{LIST}", requests={LIST: 1}),
    Row("G12", UPDATE, "Denied", FOR_EVER, 7, UNTOUCHED, says=f"lambda:{UPDATE}", requests={UPDATE: 1}),
    Row("G12", PUBLISH, "Denied", FOR_EVER, 7, UPDATED, says=f"lambda:{PUBLISH}", requests={PUBLISH: 1}),
    Row("G12", "GetAlias", "Denied", FOR_EVER, 7, PUBLISHED, says="lambda:GetAlias", arguments=ALIAS),
    Row("G12", "CreateAlias", "Denied", FOR_EVER, 7, PUBLISHED, says="lambda:CreateAlias", arguments=ALIAS),
    Row("G12", PUT, "Denied", FOR_EVER, 7, UNTOUCHED, says="s3:PutObject", requests={PUT: 1}, arguments=S3),
    Row("G12", HEAD, "Denied", FOR_EVER, 7, UNTOUCHED, says="s3:GetObject", arguments=S3, before=stored),
    Row("G12", HEAD, "Denied", 1, 0, PUBLISHED, arguments=S3),

    # Not there.
    Row("G13", GET, "NoFunction", FOR_EVER, 7, UNTOUCHED, says="Function not found", requests={GET: 1}),
    Row("G13", "", "", 0, 7, UNTOUCHED, says="s3://nowhere", arguments="--transport s3 --s3-bucket nowhere"),
    Row("G13", HEAD, "Elsewhere", FOR_EVER, 7, UNTOUCHED, says="Region", arguments=S3),
    Row("G13", PUT, "Elsewhere", FOR_EVER, 7, UNTOUCHED, says="Region", arguments=S3),

    # Through S3.
    Row("G14", PUT, "BadDigest", 1, 0, PUBLISHED, arguments=S3, requests={PUT: 2}),
    Row("G14", PUT, "BadDigest", FOR_EVER, 7, UNTOUCHED, arguments=S3, requests={PUT: 2}),
    Row("G15", "", "", 0, 0, PUBLISHED, arguments=S3, requests={PUT: 1}),
    Row("G15", "", "", 0, 0, PUBLISHED, arguments=S3, requests={PUT: 0}, before=stored),
    Row("G17", "", "", 0, 0, PUBLISHED, arguments=S3, requests={PUT: 0}, before=stored_without_checksum),
    Row("G17", "", "", 0, 7, UNTOUCHED, arguments=S3, says="poisoned", before=poisoned),
    Row("G17", "", "", 0, 7, UNTOUCHED, arguments=S3, says="poisoned", before=poisoned_without_checksum),
    Row("G17", PUT, "they poison, apply", 1, 7, UNTOUCHED, arguments=S3, says="poisoned"),
    Row("G18", PUT, "they put, apply", 1, 0, PUBLISHED, arguments=S3),
    Row("G18", PUT, "apply, drop", 1, 0, PUBLISHED, arguments=S3),
    Row("G18", PUT, "apply, Internal", FOR_EVER, 0, PUBLISHED, arguments=S3),
    Row("G18", PUT, "apply, empty", 1, 0, PUBLISHED, arguments=S3),
    Row("G18", PUT, "empty", FOR_EVER, 7, UNTOUCHED, arguments=S3),
    Row("G18", PUT, "Race", 2, 0, PUBLISHED, arguments=S3),
    Row("G18", PUT, "reset", 1, 0, PUBLISHED, arguments=S3, padding=LARGE),
    Row("G18", PUT, "drop", 1, 0, PUBLISHED, arguments=PLAIN_S3, before=unversioned),
    Row("G19", UPDATE, "Unreasonable", FOR_EVER, 7, UNTOUCHED, arguments=S3, says="it stays there"),

    # A server that takes its time.
    Row("G20", "any", "silence", FOR_EVER, 7, UNTOUCHED, limit=1),
    Row("G20", "any", "trickle", FOR_EVER, 7, UNTOUCHED, limit=1),
    Row("G20", "any", "trickle the head", FOR_EVER, 7, UNTOUCHED, limit=1),
    Row("G20", UPDATE, "trickle", FOR_EVER, 7, UNTOUCHED, limit=2),
    Row("G20", UPDATE, "apply, trickle", FOR_EVER, 0, PUBLISHED, limit=3),
    Row("G20", PUBLISH, "apply, trickle", FOR_EVER, 0, PUBLISHED, limit=3),
    Row("G20", PUT, "trickle", FOR_EVER, 7, UNTOUCHED, limit=2, arguments=S3),

    # Refused for a reason.
    Row("G21", UPDATE, "StorageExceeded", FOR_EVER, 7, UNTOUCHED, says="quota of code storage", requests={UPDATE: 1}),
    Row("G21", PUBLISH, "StorageExceeded", FOR_EVER, 7, UPDATED, says="quota of code storage"),
    Row("G21", UPDATE, "TooLarge", FOR_EVER, 5, UNTOUCHED, says="70167211", requests={UPDATE: 1}),
    Row("G21", UPDATE, "TooManyBytes", FOR_EVER, 5, UNTOUCHED, says="262144000", requests={UPDATE: 1}),
    Row("G21", UPDATE, "Unreasonable", FOR_EVER, 7, UNTOUCHED, says="KMS key", requests={UPDATE: 1}),
    Row("G22", UPDATE, "Unsigned", FOR_EVER, 7, UNTOUCHED, says="Check the provided signature", requests={UPDATE: 1}),
    Row("G22", UPDATE, "BadSignature", FOR_EVER, 7, UNTOUCHED, says="failed the integrity check"),

    # Nothing to do, or nothing that may be done.
    Row("G24", "", "", 0, 0, PUBLISHED, before=published, requests={UPDATE: 0}),
    Row("G24", PUBLISH, "apply, drop", 1, 0, PUBLISHED, before=published),
    Row("G24", PUBLISH, "apply, drop", FOR_EVER, 0, PUBLISHED, before=published),
    Row("G26", "", "", 0, 5, OTHER, before=image, says="Image", requests={UPDATE: 0}),
    Row("G26", "", "", 0, 5, UNTOUCHED, before=for_arm, says="arm64", requests={UPDATE: 0}),

    # Aliases: their own RevisionIds, their own lost answers.
    Row("A01", "CreateAlias", "apply, drop", 1, 0, ALIASED, arguments=ALIAS),
    Row("A02", "CreateAlias", "apply, drop", FOR_EVER, 0, ALIASED, arguments=ALIAS),
    Row("A03", "UpdateAlias", "apply, drop", 1, 0, ALIASED, arguments=ALIAS, before=aliased),
    Row("A04", "UpdateAlias", "apply, Internal", FOR_EVER, 0, ALIASED, arguments=ALIAS, before=aliased),
    Row("A05", "UpdateAlias", "drop", 1, 0, ALIASED, arguments=ALIAS, before=aliased),
    Row("A06", "UpdateAlias", "{}", FOR_EVER, 7, State("ours", ("ours",), "latest"), arguments=ALIAS, before=aliased),
    Row("A07", "GetAlias", "page", 2, 0, ALIASED, arguments=ALIAS),

    # Dry runs change nothing, whatever happens.
    Row("D01", "", "", 0, 0, UNTOUCHED, arguments="--dry-run"),
    Row("D02", UPDATE, "apply, drop", 1, 0, UNTOUCHED, arguments="--dry-run"),
    Row("D03", UPDATE, "foreign", 1, 7, UNTOUCHED, arguments="--dry-run"),
    Row("D04", UPDATE, "corrupt, apply", 1, 7, UNTOUCHED, arguments="--dry-run"),
    Row("D05", UPDATE, "{}", FOR_EVER, 7, UNTOUCHED, arguments="--dry-run"),

    # New functions.
    Row("N01", CREATE, "apply, drop", 1, 0, PUBLISHED, before=gone, arguments="--create"),
    Row("N02", CREATE, "apply, drop", FOR_EVER, 0, PUBLISHED, before=gone, arguments="--create"),
    Row("N03", CREATE, "apply, {}", 1, 0, PUBLISHED, before=gone, arguments="--create"),
    Row("N04", CREATE, "Unassumable", 2, 0, PUBLISHED, before=gone, arguments="--create"),
    Row("N05", CREATE, "they create, apply", 1, 8, UNTOUCHED, before=gone, arguments="--create"),
    Row("N06", CREATE, "drop", FOR_EVER, 7, GONE, before=gone, arguments="--create"),
    Row("N07", CREATE, "{}", FOR_EVER, 7, GONE, before=gone, arguments="--create"),

    # Whose credentials, and which way.
    Row("E14", "", "", 0, 7, UNTOUCHED, environment={"AWS_ACCESS_KEY_ID": ""}, says="credentials", requests={GET: 0}),
    Row("E14", "any", "Expired", FOR_EVER, 7, UNTOUCHED, says="have expired", requests={GET: 1}),
    Row("E14", "any", "Unknown", FOR_EVER, 7, UNTOUCHED, says="does not know these credentials", requests={GET: 1}),
    Row("E14", "any", "WrongRegion", FOR_EVER, 7, UNTOUCHED, says="--region", requests={GET: 1}),
    Row("E15", "", "", 0, 0, PUBLISHED, environment={"AWS_ENDPOINT_URL": "{url}"}),
    Row("E15", "", "", 0, 7, UNTOUCHED, environment={"AWS_CA_BUNDLE": "/missing.pem"}, says="/missing.pem"),
    Row("E15", "", "", 0, 7, UNTOUCHED, environment={"HTTP_PROXY": "http://127.0.0.1:9"}, says="HTTPS_PROXY"),
    Row("E15", "", "", 0, 0, PUBLISHED, environment={"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}),
)
# fmt: on
