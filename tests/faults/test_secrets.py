"""No secret is printed or kept, at ``-vvv``, whatever goes wrong and whatever AWS's own messages repeat.

Canaries are the function's environment, the credentials and the package's content; each is looked for as it is, and as
base64, hex and percent-encoding would show it.
"""

import base64
import json
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.faults.account import ROLE
from tests.faults.faultserver import FOR_EVER, FaultServer, Script
from tests.faults.pushers import Done, Nursery
from tests.faults.steps import Failure
from tests.faults.table import PUBLISH, PUT, S3, UPDATE

CANARIES = {
    "environment value": "canary-Environment+Value/3Wq9",
    "access key": "AKIACANARYACCESSKEY7",
    "secret key": "canarySecret/Key+8Zt2mLpQx",
    "session token": "canarySession/Token+5Rk1vNbYc==",
    "package content": "canary-Package+Content/6Hd4",
}
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": CANARIES["access key"],
    "AWS_SECRET_ACCESS_KEY": CANARIES["secret key"],
    "AWS_SESSION_TOKEN": CANARIES["session token"],
}
VARIABLES = json.dumps({"PASSWORD": CANARIES["environment value"]})
CANONICAL = (
    f"The Canonical String for this request should have been 'PUT /2015-03-31/functions/hello/code "
    f"x-amz-security-token:{CANARIES['session token']} x-amz-content-sha256;x-amz-date;x-amz-security-token'"
)
AUTHORIZATION = (
    f"Authorization=AWS4-HMAC-SHA256 Credential={CANARIES['access key']}/20261122/us-east-1/lambda/aws4_request, "
    f"X-Amz-Security-Token={CANARIES['session token']}"
)
ECHOES = {
    "Measured": Failure(
        400,
        "InvalidParameterValueException",
        "Lambda was unable to configure your environment variables because the environment variables you have"
        f" provided exceeded the 4KB limit. String measured: {VARIABLES}",
    ),
    "Constraint": Failure(
        400,
        "ValidationException",
        f"1 validation error detected: Value '{{PASSWORD={CANARIES['environment value']}}}' at"
        " 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint",
    ),
    "Miscalculated": Failure(403, "InvalidSignatureException", CANONICAL),
    "Mismatch": Failure(403, "SignatureDoesNotMatch", CANONICAL),
    "Incomplete": Failure(
        403, "IncompleteSignatureException", f"Authorization header requires existence of a date. {AUTHORIZATION}"
    ),
}
"""Refusals of AWS's that repeat what they were sent."""


def forms(secret: str) -> list[str]:
    """Return what a secret looks like in a log, base64 at each of the three offsets."""
    data = secret.encode()
    coded = [base64.b64encode(bytes(shift) + data)[4 if shift else 0 : -4].decode() for shift in range(3)]
    return [secret, quote(secret, safe=""), data.hex(), *coded]


def leaks(text: str) -> set[str]:
    """Return the canaries that are in ``text``."""
    return {name for name, secret in CANARIES.items() if any(form in text for form in forms(secret))}


def files_with_leaks(directory: Path) -> dict[str, set[str]]:
    """Return the files that hold canaries, and which."""
    found = {
        str(path.relative_to(directory)): leaks(path.read_bytes().decode("latin-1"))
        for path in directory.rglob("*")
        if path.is_file()
    }
    return {name: names for name, names in found.items() if names}


@pytest.fixture
def lambdapack(pushers: Nursery, environment: Mapping[str, str], tmp_path: Path) -> Callable[..., Done]:
    """Run a command at its most talkative, with credentials that are canaries, beside a source tree that has one."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(f"PASSWORD = {CANARIES['package content']!r}\n")

    def lambdapack(command: str, *arguments: str) -> Done:
        return pushers.start(
            *("-vvv", command, *arguments), directory=tmp_path, environment={**environment, **CREDENTIALS}
        )

    return lambdapack


@pytest.fixture
def hello(serve: Callable[..., FaultServer], lambdapack: Callable[..., Done]) -> Callable[..., FaultServer]:
    """Start a server whose function has a secret in its environment; our package holds another, uncompressed."""
    built = lambdapack("build", "src", "-o", "ours.zip", "--compression", "store")
    assert built.exit_code == 0, built.stderr

    def hello(*scripts: Script) -> FaultServer:
        server = serve(*scripts)
        server.failures |= ECHOES
        server.configure(Environment={"Variables": json.loads(VARIABLES)})
        return server

    return hello


def test_a_build_tells_no_content(lambdapack: Callable[..., Done], tmp_path: Path) -> None:
    side_files = ("--depfile", "ours.d", "--manifest", "ours.json")
    done = lambdapack("build", "src", "-o", "ours.zip", "--compression", "store", *side_files, "--json")

    assert done.exit_code == 0
    assert leaks(done.stdout + done.stderr) == set()
    assert files_with_leaks(tmp_path) == {"src/app.py": {"package content"}, "ours.zip": {"package content"}}
    assert (tmp_path / "ours.d").exists()
    assert (tmp_path / "ours.json").exists()


@pytest.mark.parametrize(
    ("script", "arguments", "exit_code"),
    [
        (Script("", ""), "", 0),
        (Script("", ""), S3, 0),
        (Script("", ""), "--dry-run", 0),
        (Script(UPDATE, "apply, drop"), "", 0),
        (Script(UPDATE, "apply, cut"), "", 0),
        (Script(PUBLISH, "apply, Internal", FOR_EVER), "", 0),
        (Script("any", "cut", FOR_EVER), "", 7),
        (Script(UPDATE, "they push, apply"), "", 8),
        (Script(UPDATE, "Denied"), "", 7),
        (Script("any", "Expired"), "", 7),
        (Script(UPDATE, "Measured"), "", 5),
        (Script(UPDATE, "Constraint"), "", 7),
        (Script(UPDATE, "Miscalculated"), "", 7),
        (Script(UPDATE, "Incomplete"), "", 7),
        (Script(PUT, "Mismatch"), S3, 7),
        (Script(PUT, "Incomplete"), S3, 7),
    ],
    ids=lambda value: f"{value.operation} {value.fault}" if isinstance(value, Script) else None,
)
def test_a_push_tells_no_secret(
    *,
    hello: Callable[..., FaultServer],
    lambdapack: Callable[..., Done],
    script: Script,
    arguments: str,
    exit_code: int,
) -> None:
    server = hello(script)

    done = lambdapack(
        *("push", "hello", "--zip", "ours.zip", "--publish", "--endpoint-url", server.url, "--json", *arguments.split())
    )

    assert done.exit_code == exit_code, done.stderr
    assert leaks(done.stdout + done.stderr) == set()
    assert set(files_with_leaks(server.directory.parent)) == {
        "src/app.py",
        "ours.zip",
        *(str(path.relative_to(server.directory.parent)) for path in server_files(server)),
    }


@pytest.mark.parametrize(
    ("fault", "exit_code"),
    [("apply", 0), ("apply, drop", 0), ("Measured", 5), ("Constraint", 7), ("Incomplete", 7), ("Denied", 7)],
)
def test_a_create_tells_no_secret(
    hello: Callable[..., FaultServer], lambdapack: Callable[..., Done], fault: str, exit_code: int
) -> None:
    server = hello(Script("CreateFunction", fault))
    settings = ("--role", ROLE, "--handler", "app.handler", "--runtime", "python3.13")

    done = lambdapack("create", "new", "--zip", "ours.zip", *settings, "--endpoint-url", server.url)

    assert done.exit_code == exit_code, done.stderr
    assert leaks(done.stdout + done.stderr) == set()


def test_the_emulator_keeps_the_environment_in_its_state_alone_which_nobody_else_may_read(
    hello: Callable[..., FaultServer], lambdapack: Callable[..., Done]
) -> None:
    """The state holds the environment by its nature, and the packages are what they are."""
    server = hello()

    done = lambdapack("push", "hello", "--zip", "ours.zip", "--publish", "--emulator", str(server.directory))

    assert done.exit_code == 0, done.stderr
    assert leaks(done.stdout + done.stderr) == set()
    package = server_files(server)[-1]
    assert files_with_leaks(server.directory) == {
        "state.json": {"environment value"},
        str(package.relative_to(server.directory)): {"package content"},
    }
    assert stat.S_IMODE(server.directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in server.directory.rglob("*") if path.is_file()} == {0o600}


def test_botocores_own_log_would_give_nearly_everything_away(
    hello: Callable[..., FaultServer], pushers: Nursery, environment: Mapping[str, str]
) -> None:
    """The control: the same push with plain boto3 and its debug log, as people enable it when something fails."""
    server = hello()

    done = pushers.start(
        *(server.url, "ours.zip", "debug"),
        kind="naive",
        directory=server.directory.parent,
        environment={**environment, **CREDENTIALS},
    )

    assert done.exit_code == 0, done.stderr
    assert leaks(done.stdout + done.stderr) == {"environment value", "access key", "session token", "package content"}


def test_each_canary_would_be_found_in_every_form() -> None:
    for name, secret in CANARIES.items():
        for form in forms(secret):
            assert leaks(f"before{form}after") == {name}
        assert leaks(base64.b64encode(f"[{secret}]".encode()).decode()) == {name}


def server_files(server: FaultServer) -> list[Path]:
    """Return the files in which the model itself keeps canaries: its state, and the packages that arrived."""
    kept = [path for path in (server.directory / "blobs").iterdir() if leaks(path.read_bytes().decode("latin-1"))]
    return [server.directory / "state.json", *kept]
