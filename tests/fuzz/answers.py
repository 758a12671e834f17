"""Answers of AWS and headers of an index with one thing wrong in each, against every command that reads them.

Whatever comes: it is called no bug of ours, no secret is shown, ``--json`` gives one document, and an exit of 0 with
``--publish`` means that the printed version holds our bytes. ``run`` has 2,000 of each; the tests take some of them.
"""

import contextlib
import io
import json
import os
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from tests.faults.account import ROLE, Account, shown_sha, zipped
from tests.faults.test_secrets import CREDENTIALS, VARIABLES, leaks
from tests.fuzz.mutations import Reply, mutated

COMMANDS = (
    "push hello --zip ours.zip --publish --alias live",
    "push hello --zip ours.zip --publish --atomic",
    "push hello --zip ours.zip --publish --s3-bucket emulator --transport s3",
    "push hello --zip ours.zip --dry-run --publish",
    "push new --zip ours.zip --create --publish",
    f"create new --zip ours.zip --role {ROLE} --handler app.handler --runtime python3.13",
    "configure hello --memory 256 --env KEY=value --unset-env PASSWORD --role " + ROLE,
    "configure hello --dry-run --env KEY=value",
    "publish hello --description words",
    "alias hello live",
    "alias hello live 1 --weight 2=0.1",
    "alias hello fresh 2",
    "alias hello live --delete --yes",
    "rollback hello --alias live",
    "prune hello --keep 0 --yes",
    "versions hello",
    "list",
    "show hello",
    "show hello:live",
    "pull hello -o out.zip --unzip out",
    "diff hello --zip ours.zip",
    "delete hello --yes",
    "delete hello:1 --yes",
    "layer push base --zip ours.zip --runtime python3.13",
    "layer push base --zip ours.zip --s3-bucket emulator --transport s3",
)
"""Every command that talks to AWS; what an option is not there for yet is exit 2, which the tests do not allow."""


CONFIGURATION = f"""\
[functions.new]
role = "{ROLE}"
handler = "app.handler"
runtime = "python3.13"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of one run."""

    what: str
    """The command and the mutation."""
    exit_code: int
    stdout: str
    stderr: str
    complaints: tuple[str, ...]
    """What must not be."""


class Bench:
    """Accounts to be mistreated, all alike, and commands in this very process."""

    def __init__(self, directory: Path) -> None:
        """Make the first account, which all others are copies of."""
        self.directory = directory
        self.packages = {party: zipped(f"PARTY = {party!r}\n") for party in ("first", "ours", "theirs")}
        self.template = directory / "template"
        account = Account(self.template, packages=self.packages)
        account.create(Environment={"Variables": json.loads(VARIABLES)})
        for party in ("first", "theirs"):
            account.push(party)
            account.ask("hello")
            account.call("POST", "/2015-03-31/functions/hello/versions", {})
        account.call("POST", "/2015-03-31/functions/hello/aliases", {"Name": "live", "FunctionVersion": "2"})
        account.publish_layer("first")
        (directory / "ours.zip").write_bytes(self.packages["ours"])
        (directory / "lambdapack.toml").write_text(CONFIGURATION)

    def run(self, command: str, mutate: Callable[[int, Reply], Reply], *, what: str) -> Verdict:
        """Run a command in a copy of the account, whose answers pass through ``mutate`` with their numbers."""
        place = self.directory / "account"
        for name in ("account", "out"):
            shutil.rmtree(self.directory / name, ignore_errors=True)
        (self.directory / "out.zip").unlink(missing_ok=True)
        shutil.copytree(self.template, place)
        with answered_by(place, mutate):
            exit_code, stdout, stderr = in_process([*command.split(), "--json", "--region", "us-east-1"])
        complaints = [*complaints_of(stdout, stderr), *self.false_success(command, exit_code, stdout, place)]
        return Verdict(
            what=f"{command}: {what}", exit_code=exit_code, stdout=stdout, stderr=stderr, complaints=tuple(complaints)
        )

    def false_success(self, command: str, exit_code: int, stdout: str, place: Path) -> Iterator[str]:
        """Yield a complaint where a version is said to hold our package, and the account says otherwise."""
        if exit_code or "--publish" not in command or "--dry-run" in command:
            return
        version = json.loads(stdout).get("version")
        name = command.split()[1]
        listed = json.loads(
            Account(place, packages=self.packages).call("GET", f"/2015-03-31/functions/{name}/versions")
        )["Versions"]
        held = {entry["Version"]: entry["CodeSha256"] for entry in listed}
        if held.get(version) != shown_sha(self.packages["ours"]):
            yield f"version {version} was printed, which does not hold our bytes"


def complaints_of(stdout: str, stderr: str) -> Iterator[str]:
    """Yield what no run may do, whatever the other side answers."""
    if "this is a bug in lambdapack" in stderr or "Traceback" in stderr:
        yield "it is called a bug"
    for name in sorted(leaks(stdout + stderr)):
        yield f"the {name} is shown"
    try:
        json.loads(stdout, parse_constant=not_json)
    except ValueError as error:
        yield f"stdout is not one JSON document: {error}"


def not_json(constant: str) -> None:
    """Refuse NaN and Infinity, which JSON does not have (RFC 8259, section 6)."""
    raise ValueError(constant)


def in_process(arguments: list[str]) -> tuple[int, str, str]:
    """Run the command line without a process of its own; return exit code, stdout and stderr."""
    from lambdapack.cli import main  # noqa: PLC0415 - the environment is chosen before
    from lambdapack.cli.options import Settings  # noqa: PLC0415 - as above

    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(main, "install_signal_handlers"),
    ):
        exit_code = main.run(arguments, Settings(json=True))
    return exit_code, out.getvalue(), err.getvalue()


@contextlib.contextmanager
def answered_by(place: Path, mutate: Callable[[int, Reply], Reply]) -> Iterator[None]:
    """Have the real clients, with their signatures and retries, be answered by the emulator in ``place``."""
    import botocore.awsrequest  # noqa: PLC0415 - only whoever talks to AWS loads it

    from lambdapack.deploying.aws import connection as aws  # noqa: PLC0415 - as above
    from lambdapack.emulator import hook  # noqa: PLC0415 - as above
    from lambdapack.emulator.store import Store  # noqa: PLC0415 - as above

    count = iter(range(1 << 30))

    def answer(respond: Callable[..., Any], request: Any) -> Any:  # noqa: ANN401 - botocore has no types
        genuine = respond(request=request)
        reply = mutate(next(count), Reply(genuine.status_code, dict(genuine.headers), genuine.raw.getvalue()))
        raw = hook._Raw(reply.body)  # noqa: SLF001 - a body as the emulator gives it
        return botocore.awsrequest.AWSResponse(request.url, reply.status, reply.headers, raw)

    new_client = aws.Connection._new_client  # noqa: SLF001 - every client that a connection makes

    def emulated(connection: aws.Connection, *key: Any) -> Any:  # noqa: ANN401 - botocore has no types
        client = new_client(connection, *key)
        service = str(client.meta.service_model.service_name)
        respond = hook._sender(Store(place), service, client.meta.region_name, 0.0)  # noqa: SLF001 - unsigned else
        client.meta.events.register("before-send.*", lambda request, **_: answer(respond, request))
        return client

    @contextlib.contextmanager
    def opened(location: str, *_: object, **__: object) -> Iterator[tuple[int, Any]]:
        reply = mutate(next(count), Reply(200, {}, hook.download(location, place)))
        yield reply.status, iter([reply.body])

    with (
        mock.patch.object(aws.Connection, "_new_client", emulated),
        mock.patch.object(aws, "open_location", opened),
    ):
        yield


@contextlib.contextmanager
def hurried(directory: Path) -> Iterator[None]:
    """Let no retry and no poll sleep, read botocore's models once, and have secrets where users have them."""

    from lambdapack.deploying.aws import connection as aws  # noqa: PLC0415 - as above
    from lambdapack.deploying.aws import settings  # noqa: PLC0415 - as above
    from lambdapack.deploying.aws.deadline import SystemClock  # noqa: PLC0415 - as above

    slept: list[float] = []
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        **CREDENTIALS,
    }
    with contextlib.chdir(directory), mock.patch.dict(os.environ, environment, clear=True):
        session = settings.users_session(None)
        with (
            mock.patch.object(aws, "users_session", return_value=session),
            mock.patch("botocore.endpoint.time", SimpleNamespace(time=time.time, sleep=lambda _: None)),
            mock.patch.object(SystemClock, "sleep", side_effect=slept.append),
            mock.patch.object(SystemClock, "now", side_effect=lambda: time.monotonic() + sum(slept)),
        ):
            yield


def mistreated(bench: Bench, seed: int, *, answers: dict[str, int]) -> Verdict:
    """Run a command with one mutation, both of which the seed decides; ``answers`` remembers how many each has."""
    choice = random.Random(seed)  # noqa: S311 - the same each time
    command = COMMANDS[seed % len(COMMANDS)]
    if command not in answers:
        seen: list[int] = []

        def watch(number: int, reply: Reply) -> Reply:
            seen.append(number)
            return reply

        bench.run(command, watch, what="as it is")
        answers[command] = len(seen)
    target, stays = choice.randrange(answers[command]), choice.random() < 0.5
    made: list[str] = []

    def mutate(number: int, reply: Reply) -> Reply:
        if number != target and not (stays and number > target):
            return reply
        found, words = mutated(reply, random.Random(seed))  # noqa: S311 - as above
        made.append(words)
        return found

    verdict = bench.run(command, mutate, what="")
    words = f"answer {target}{' and those after it' if stays else ''}: {made[0] if made else 'never asked for'}"
    return Verdict(
        what=f"seed {seed}, {verdict.what}{words}",
        exit_code=verdict.exit_code,
        stdout=verdict.stdout,
        stderr=verdict.stderr,
        complaints=verdict.complaints,
    )


def run(count: int = 2_000) -> bool:
    """Mistreat ``count`` answers of AWS and as many of an index; print what came of them, and return if all is well."""
    from tests.fuzz import headers  # noqa: PLC0415 - it imports what is here

    well = True
    for name, verdicts in (("AWS", of_aws(range(count))), ("an index", headers.verdicts(range(count)))):
        began, codes, bad = time.monotonic(), Counter[int](), 0
        for verdict in verdicts:
            codes[verdict.exit_code] += 1
            if verdict.complaints:
                bad += 1
                print(f"{verdict.what}\n  exit {verdict.exit_code}: {', '.join(verdict.complaints)}")
        shown = ", ".join(f"{number} x exit {code}" for code, number in sorted(codes.items()))
        print(f"{count} answers of {name} in {time.monotonic() - began:.0f} s: {bad} complaints; {shown}")
        well = well and not bad
    return well


def of_aws(seeds: range) -> Iterator[Verdict]:
    """Yield what came of each seed."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        answers: dict[str, int] = {}
        bench = Bench(directory)
        with hurried(directory):
            for seed in seeds:
                yield mistreated(bench, seed, answers=answers)
