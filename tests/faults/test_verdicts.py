"""Every row of the table: the exit code says what the server really holds."""

import contextlib
import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.account import shown_sha, zipped
from tests.faults.faultserver import FaultServer, Script
from tests.faults.pushers import KILLED, Done, Kind, Nursery
from tests.faults.table import ALIAS, ATOMIC, PUT, ROWS, S3, UPDATE, Row, State

PATIENCE = 1.5
"""Seconds after --timeout in which a run must have ended, most of them for starting."""

NAIVE_TIME = 3.0
"""Seconds after which the naive pusher counts as hanging."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one row."""

    row: Row
    done: Done
    state: State
    printed: str | None
    """Whose package the version holds that was printed."""
    requests: dict[str, int]

    @property
    def reached(self) -> bool:
        """Whether the server holds what the push was for."""
        if "--dry-run" in self.row.arguments:
            return self.row.exit_code == 0
        return "ours" in self.state.versions and ("--alias" not in self.row.arguments or self.state.alias == "ours")

    @property
    def truthful(self) -> bool:
        """Whether the exit code says what the server holds, and the printed version is what it claims to be."""
        succeeded = self.done.exit_code == 0
        printed = self.printed == "ours" or "--dry-run" in self.row.arguments
        return succeeded == self.reached and (printed or not succeeded)

    @property
    def right(self) -> bool:
        """Whether it ended as the row demands, besides."""
        return self.truthful and (self.done.exit_code, self.state) == (self.row.exit_code, self.row.state)

    @property
    def duplicates(self) -> int:
        """How many versions hold our package beyond one."""
        return max(0, self.state.versions.count("ours") - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Laboratory:
    """Where rows are tried: each with a server, a port and a directory of its own."""

    pushers: Nursery
    packages: Mapping[str, bytes]
    environment: Mapping[str, str]

    def try_row(self, row: Row, directory: Path, kind: Kind = "lambdapack") -> Outcome:
        """Let one pusher go through one row."""
        packages = dict(self.packages)
        if row.padding:
            packages["ours"] = zipped("PARTY = 'ours'\n", padding=bytes(row.padding))
        (directory / "ours.zip").write_bytes(packages["ours"])
        # lambdapack reads the function before it changes anything; the naive pusher reads nothing before.
        script = Script(row.operation, row.fault, row.times, row.after if kind == "lambdapack" else 0)
        server = FaultServer(directory / "aws", script, packages=packages)
        server.create()
        if row.before:
            row.before(server)
        server.settle = row.settle
        more = {name: value.format(url=server.url) for name, value in row.environment.items()}
        with server.serving():
            done = self.pushers.start(
                *(arguments(row, server) if kind == "lambdapack" else naive_arguments(row, server)),
                directory=directory,
                environment={**self.environment, **more},
                kind=kind,
                seconds=60 if kind == "lambdapack" else NAIVE_TIME,
            )
        holders, state = final_state(server)
        return Outcome(
            row=row,
            done=done,
            state=state,
            printed=holders.get(done.version or ""),
            requests={operation: server.count(operation) for operation in row.requests},
        )


def arguments(row: Row, server: FaultServer) -> list[str]:
    """Return the command line of a row."""
    given = ["push", "hello", "--zip", "ours.zip", "--publish", "--json"]
    if "{url}" not in row.environment.values():
        given += ["--endpoint-url", server.url]
    if row.limit:
        given += ["--timeout", str(row.limit)]
    revision = server.ask("hello")["Configuration"]["RevisionId"] if "{revision}" in row.arguments else ""
    return given + row.arguments.format(revision=revision).split()


def naive_arguments(row: Row, server: FaultServer) -> list[str]:
    """Return the same for the naive pusher."""
    given = [server.url, "ours.zip"]
    if "--s3-bucket" in row.arguments:
        given += [f"bucket={row.arguments.split()[-1]}", f"key={server.key}"]
    return given


def final_state(server: FaultServer) -> tuple[dict[str, str], State]:
    """Return whose package each version holds, and the state as a whole, as the model itself answers."""
    parties = {shown_sha(data): party for party, data in server.packages.items()}
    try:
        entries = server.ask("hello/versions")["Versions"]
    except ValueError:
        return {}, State("nothing")
    holders = {entry["Version"]: parties.get(entry["CodeSha256"], "other") for entry in entries}
    latest, *versions = holders.values()
    targets = [alias["FunctionVersion"] for alias in server.ask("hello/aliases")["Aliases"]]
    alias = {**holders, "$LATEST": "latest"}[targets[0]] if targets else None
    return holders, State(latest, tuple(versions), alias)


@pytest.fixture(scope="session")
def laboratory(
    pushers: Nursery,
    packages: Mapping[str, bytes],
    credentials: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Laboratory:
    environment = {**credentials, "HOME": str(tmp_path_factory.mktemp("home"))}
    return Laboratory(pushers=pushers, packages=packages, environment=environment)


@pytest.fixture(scope="session")
def outcomes() -> Iterator[list[Outcome]]:
    """Collect what came of all rows, and say it at the end (``-s``, without ``-n``)."""
    tried: list[Outcome] = []
    yield tried
    right = sum(outcome.right for outcome in tried)
    duplicates = sum(outcome.duplicates for outcome in tried)
    print(f"\n{right} of {len(tried)} verdicts right, {duplicates} duplicate versions")  # noqa: T201 - for -s


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_verdict_is_the_servers_final_state(
    row: Row, laboratory: Laboratory, outcomes: list[Outcome], tmp_path: Path
) -> None:
    outcome = laboratory.try_row(row, tmp_path)
    outcomes.append(outcome)

    assert (outcome.done.exit_code, outcome.state) == (row.exit_code, row.state), outcome.done
    assert outcome.truthful
    assert outcome.duplicates == 0
    assert outcome.requests == row.requests
    assert row.says in outcome.done.stderr
    errors = [line for line in outcome.done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == (row.exit_code != 0)
    assert "Traceback" not in outcome.done.stderr
    if row.limit:
        assert outcome.done.seconds < row.limit + PATIENCE


def test_the_table_has_all_remote_faults_that_concern_a_push() -> None:
    """G23 is in ``test_concurrency``, G27 in ``test_secrets``."""
    assert sorted({row.id for row in ROWS if row.id.startswith("G")}) == [
        *("G01", "G02", "G03", "G05", "G06", "G07", "G08", "G09", "G11", "G12", "G13"),
        *("G14", "G15", "G17", "G18", "G19", "G20", "G21", "G22", "G24", "G26"),
    ]
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_plain_boto3_is_wrong_where_lambdapack_is_right(
    laboratory: Laboratory, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The control: the same rows, the same server, the same patience."""
    rows = [row for row in ROWS if row.id.startswith("G") and row.arguments not in (ALIAS, ATOMIC)]
    directories = [tmp_path_factory.mktemp("naive") for _ in rows]
    with ThreadPoolExecutor(6) as pool:
        tried = list(pool.map(lambda row, directory: laboratory.try_row(row, directory, "naive"), rows, directories))

    ends = [outcome.done.exit_code for outcome in tried]
    wrong_failures = sum(outcome.reached and outcome.done.exit_code != 0 for outcome in tried)
    wrong_successes = sum(outcome.done.exit_code == 0 and not outcome.truthful for outcome in tried)
    given_up = sum(outcome.row.exit_code == 0 and outcome.done.exit_code > 0 for outcome in tried)
    overwritten = sum(outcome.done.exit_code == 0 and outcome.row.exit_code == 8 for outcome in tried)
    duplicates = sum(outcome.duplicates for outcome in tried)
    print(  # noqa: T201 - for -s
        f"\ncontrol, plain boto3: {sum(outcome.truthful for outcome in tried)} of {len(tried)} verdicts right,"
        f" {wrong_failures} wrong failures, {wrong_successes} wrong successes; {ends.count(KILLED)} never ended,"
        f" {given_up} gave up where lambdapack got through, {overwritten} went over somebody else's change,"
        f" {duplicates} duplicate versions"
    )
    assert wrong_failures >= 5
    assert wrong_successes >= 8
    assert ends.count(KILLED) >= 3
    assert duplicates >= 2


@pytest.mark.parametrize("backlog", [0, 8], ids=["nobody answers the SYN", "nobody accepts"])
def test_a_half_open_connection_ends_at_the_timeout(laboratory: Laboratory, tmp_path: Path, backlog: int) -> None:
    (tmp_path / "ours.zip").write_bytes(laboratory.packages["ours"])
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=backlog))
        for _ in range(2 if backlog == 0 else 0):  # then the queue is full, and the kernel drops what comes
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(listener.getsockname())
        done = laboratory.pushers.start(
            *("push", "hello", "--zip", "ours.zip", "--publish", "--timeout", "1"),
            *("--endpoint-url", f"http://127.0.0.1:{listener.getsockname()[1]}"),
            directory=tmp_path,
            environment=laboratory.environment,
        )

    assert done.exit_code == 7
    assert "no answer to GetFunction for hello" in done.stderr
    assert done.seconds < 1 + PATIENCE


def test_a_run_after_a_failed_one_takes_up_where_that_stopped(
    serve: Callable[..., FaultServer], laboratory: Laboratory, tmp_path: Path
) -> None:
    """G19: the object was stored, the update failed; the next run sends no object, and publishes."""
    server = serve(Script(UPDATE, "Unreasonable"))
    command = ("push", "hello", "--zip", "ours.zip", "--publish", "--json", "--endpoint-url", server.url, *S3.split())

    failed, again, and_again = (
        laboratory.pushers.start(*command, directory=tmp_path, environment=laboratory.environment) for _ in range(3)
    )

    assert (failed.exit_code, again.exit_code, and_again.exit_code) == (7, 0, 0)
    assert (again.version, and_again.version) == ("1", "1")
    assert (again.document["published"], and_again.document["published"]) == (True, False)
    assert (server.count(PUT), server.count(UPDATE)) == (1, 2)
    assert final_state(server)[1] == State("ours", ("ours",))
