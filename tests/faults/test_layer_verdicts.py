"""``layer push`` against an AWS that misbehaves: the exit code says what the server holds, and one version is one."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.faults.faultserver import FOR_EVER, FaultServer, Script
from tests.faults.pushers import SILENCE, Nursery
from tests.faults.test_verdicts import PATIENCE

PUBLISH = "PublishLayerVersion"
GET = "GetLayerVersion"


@dataclass(frozen=True, slots=True)
class Row:
    """What happens how often to an operation, how the push ends, and whose packages the versions hold, newest first."""

    operation: str
    fault: str
    times: float
    exit_code: int
    versions: tuple[str, ...]
    _: KW_ONLY
    says: str = ""
    sent: int | None = None
    """How often PublishLayerVersion was sent."""
    limit: float = 0.0
    """``--timeout``."""
    before: str = ""
    """Whose package the layer holds before."""

    @property
    def name(self) -> str:
        return f"{self.operation} {self.fault} x{self.times:g} {self.before}".strip()


# fmt: off
ROWS = (
    Row("", "", 0, 0, ("ours",), sent=1),
    Row("", "", 0, 0, ("ours",), sent=0, before="ours"),
    Row("", "", 0, 0, ("ours", "theirs"), sent=1, before="theirs"),

    # Applied, and the answer is lost.
    Row(PUBLISH, "apply, drop", 1, 0, ("ours",), sent=1),
    Row(PUBLISH, "apply, reset", 1, 0, ("ours",), sent=1),
    Row(PUBLISH, "apply, silence", 1, 0, ("ours",), sent=1),
    Row(PUBLISH, "apply, Internal", FOR_EVER, 0, ("ours",), sent=1),
    Row(PUBLISH, "apply, Unavailable", 1, 0, ("ours",), sent=1),
    Row(PUBLISH, "apply, {}", 1, 0, ("ours",), sent=1),
    Row(PUBLISH, "apply, cut", 1, 0, ("ours",), sent=1),
    Row(PUBLISH, "apply, page", 1, 0, ("ours",), sent=1),
    Row(PUBLISH, "apply, foreign layer", 1, 0, ("ours",), sent=1),
    Row(PUBLISH, "apply, drop", 1, 0, ("ours", "theirs"), sent=1, before="theirs"),
    Row(PUBLISH, "apply, they publish, drop", 1, 0, ("theirs", "ours"), sent=1),

    # Not applied.
    Row(PUBLISH, "Throttled", FOR_EVER, 7, (), limit=1),
    Row(PUBLISH, "drop", 1, 0, ("ours",), sent=2),
    Row(PUBLISH, "StorageExceeded", FOR_EVER, 7, (), sent=1, says="quota of code storage"),
    Row(PUBLISH, "Denied", FOR_EVER, 7, (), sent=1, says="lambda:PublishLayerVersion"),
    Row(GET, "Denied", FOR_EVER, 7, ("theirs",), sent=0, says="lambda:GetLayerVersion", before="theirs"),

    # Somebody else.
    Row(PUBLISH, "they publish, apply", 1, 0, ("ours", "theirs"), sent=1),
    Row(PUBLISH, "they publish ours, apply", 1, 0, ("ours", "ours"), sent=1),
    Row(PUBLISH, "they publish ours, drop", 1, 0, ("ours",), sent=1),

    # Other bytes: said, and not deleted.
    Row(PUBLISH, "corrupt, apply", 1, 7, ("other",), sent=1, says="delete-layer-version --layer-name base"),

    # A server that takes its time.
    Row("any", "silence", FOR_EVER, 7, (), sent=0, limit=1),
    Row(PUBLISH, "apply, trickle", FOR_EVER, 0, ("ours",), sent=1, limit=2),
)
# fmt: on


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_verdict_is_what_the_layer_holds(
    row: Row, serve: Callable[..., FaultServer], pushers: Nursery, environment: Mapping[str, str]
) -> None:
    server = serve(Script(row.operation, row.fault, row.times))
    if row.before:
        server.publish_layer(row.before)

    done = pushers.start(
        *("layer", "push", "base", "--zip", "ours.zip", "--endpoint-url", server.url, "--json"),
        *(("--timeout", str(row.limit)) if row.limit else ()),
        directory=server.directory.parent,
        environment=environment,
    )

    versions = server.layer_versions()
    assert (done.exit_code, tuple(versions.values())) == (row.exit_code, row.versions), done
    if done.exit_code == 0:
        assert versions[done.document["version"]] == "ours"
    assert row.sent in (None, server.count(PUBLISH))
    assert row.says in done.stderr
    assert sum(line.startswith("error: ") for line in done.stderr.splitlines()) == (row.exit_code != 0)
    if row.limit:
        assert done.seconds < row.limit + PATIENCE


def test_plain_boto3_makes_a_version_for_every_answer_that_is_lost(
    serve: Callable[..., FaultServer], credentials: Mapping[str, str]
) -> None:
    """The control: the same server, botocore's own retries, and no exception means success."""
    session = boto3.session.Session(
        credentials["AWS_ACCESS_KEY_ID"], credentials["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1"
    )
    config = Config(read_timeout=SILENCE, retries={"mode": "standard", "total_max_attempts": 3})
    lost = [row for row in ROWS if row.fault.startswith("apply, ") and row.times == 1 and not row.before]
    failures = duplicates = 0
    for row in lost:
        server = serve(Script(PUBLISH, row.fault))
        client = session.client("lambda", endpoint_url=server.url, config=config)
        version = 0
        with contextlib.suppress(BotoCoreError, ClientError, KeyError, ValueError):
            version = client.publish_layer_version(LayerName="base", Content={"ZipFile": server.packages["ours"]})[
                "Version"
            ]
        versions = server.layer_versions()
        failures += versions.get(version) != "ours"
        duplicates += list(versions.values()).count("ours") > 1

    print(f"\ncontrol, plain boto3: of {len(lost)}, {failures} wrong failures, {duplicates} duplicate versions")  # noqa: T201 - for -s
    assert failures >= 4
    assert duplicates >= 4
