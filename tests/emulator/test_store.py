"""The directory: changes survive a kill at any point, and concurrent ones do not overwrite each other.

Each check comes with a variant of the store that is broken on purpose, which it must catch.
"""

import base64
import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import lambdapack.emulator.store
from lambdapack.emulator import codec, values
from lambdapack.emulator.routes import Request
from lambdapack.emulator.service import respond
from lambdapack.emulator.store import Store
from lambdapack.errors import LocalError
from tests.tracing import injection, needs_strace

PACKAGES = Path(lambdapack.emulator.store.__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PACKAGES), *sys.path])}
PATH = "/2015-03-31/functions"


def ask(directory: Path, method: str, path: str, body: object = None) -> dict[str, Any]:
    """Make one Lambda request, without a client."""
    data = b"" if body is None else json.dumps(body).encode()
    request = Request(method=method, url=PATH + path, body=data, service="lambda", region="eu-central-1")
    response = respond(Store(directory), request, settle=0.0, origin="https://emulator.invalid")
    assert response.status < 300, response.body
    answer: dict[str, Any] = json.loads(response.body)
    return answer


def create(directory: Path, package: bytes) -> None:
    code = {"ZipFile": base64.b64encode(package).decode()}
    role = "arn:aws:iam::000000000000:role/emulator"
    ask(
        directory,
        "POST",
        "",
        {"FunctionName": "hello", "Runtime": "python3.13", "Handler": "a.h", "Role": role, "Code": code},
    )


def version_numbers(directory: Path) -> list[str]:
    page = ask(directory, "GET", "/hello/versions")
    numbers = [version["Version"] for version in page["Versions"]]
    while "NextMarker" in page:
        page = ask(directory, "GET", f"/hello/versions?Marker={page['NextMarker']}")
        numbers += [version["Version"] for version in page["Versions"]]
    return numbers


CHILD = """
import json, os, signal
from pathlib import Path
from lambdapack.emulator import store
from lambdapack.emulator.routes import Request
from lambdapack.emulator.service import respond
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
def ask(method, url, body, service):
    request = Request(method=method, url=url, body=body, service=service, region="eu-central-1")
    respond(store.Store(Path(DIRECTORY)), request, settle=0.0, origin="https://emulator.invalid")
def publish():
    ask("POST", "/2015-03-31/functions/hello/versions", b"{}", "lambda")
"""


def start(directory: Path, code: str) -> subprocess.Popen[bytes]:
    """Run ``code`` in another interpreter, which knows ``die``, ``ask`` and ``publish``."""
    text = f"DIRECTORY = {str(directory)!r}\n{CHILD}\n{code}"
    return subprocess.Popen([sys.executable, "-c", text], env=ENVIRONMENT)


def run(directory: Path, code: str) -> int:
    """Run ``code`` to its end, and return how it ended."""
    return start(directory, code).wait(timeout=30)


def test_a_process_killed_after_a_call_leaves_what_it_did(directory: Path, zipped: Callable[..., bytes]) -> None:
    create(directory, zipped())
    ended = run(directory, "publish(); die()")
    assert ended == -signal.SIGKILL
    assert version_numbers(directory) == ["$LATEST", "1"]


@pytest.mark.parametrize("moment", ["store.os.fsync = die", "Path.replace = die"])
def test_a_process_killed_in_mid_write_leaves_the_state_before(
    moment: str, directory: Path, zipped: Callable[..., bytes]
) -> None:
    create(directory, zipped())
    before = ask(directory, "GET", "/hello")
    ended = run(directory, f"{moment}; publish()")
    assert ended == -signal.SIGKILL
    assert ask(directory, "GET", "/hello") == before
    assert ask(directory, "POST", "/hello/versions", {})["Version"] == "1"


def test_a_store_that_writes_in_place_would_be_caught(directory: Path, zipped: Callable[..., bytes]) -> None:
    create(directory, zipped())
    broken = "store.write_atomically = lambda path, data: (path.write_bytes(data[: len(data) // 2]), die())"
    assert run(directory, f"{broken}; publish()") == -signal.SIGKILL
    with pytest.raises(LocalError, match="not a state of the emulator"):
        ask(directory, "GET", "/hello")


KILLERS = {
    "fsync": "store.os.fsync = die",
    "rename": "Path.replace = die",
    "open": "store.os.fdopen = die",
    "directory": "real = store.os.open; store.os.open = lambda p, f, *m: die() if os.path.isdir(p) else real(p, f, *m)",
}
"""The moments of a write at which the process is killed."""

CREATE = """
import base64
body = {"FunctionName": "secret", "Runtime": "python3.13", "Handler": "a.h", "Code": {"ZipFile": PACKAGE},
        "Role": "arn:aws:iam::000000000000:role/emulator", "Environment": {"Variables": {"KEY": "s3cr3t-value"}}}
ask("POST", "/2015-03-31/functions", json.dumps(body).encode(), "lambda")
"""


def files(directory: Path) -> list[str]:
    """Return every file, without the packages."""
    found = [path for path in directory.rglob("*") if path.is_file() and len(path.name) != 64]
    return sorted(path.name for path in found)


def killed(directory: Path, moment: str, package: bytes) -> None:
    """Kill a process that creates a function whose environment is secret."""
    encoded = base64.b64encode(package).decode()
    code = f"PACKAGE = {encoded!r}\n{KILLERS[moment]}\n{CREATE}"
    assert run(directory, code) == -signal.SIGKILL


@pytest.mark.parametrize("moment", KILLERS)
def test_the_next_change_sweeps_what_a_killed_one_left(
    moment: str, directory: Path, zipped: Callable[..., bytes]
) -> None:
    create(directory, zipped())
    killed(directory, moment, zipped())

    ask(directory, "POST", "/hello/versions", {})

    assert files(directory) == ["lock", "state.json"]
    assert version_numbers(directory) == ["$LATEST", "1"]


@pytest.mark.parametrize("moment", KILLERS)
def test_a_reset_leaves_nothing_of_a_killed_change(moment: str, directory: Path, zipped: Callable[..., bytes]) -> None:
    create(directory, zipped())
    killed(directory, moment, zipped("other"))
    (directory / "state.json.x1y2z3.tmp").write_text("s3cr3t-value")  # as the release before called them
    (directory / "blobs/0123456789abcdef.x1y2z3.tmp").write_text("s3cr3t-value")

    Store(directory).reset()

    assert sorted(path.name for path in directory.rglob("*")) == ["blobs", "lock"]
    assert b"s3cr3t-value" not in b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())


def test_without_the_sweep_the_secret_would_stay(
    directory: Path, zipped: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    create(directory, zipped())
    killed(directory, "rename", zipped())
    monkeypatch.setattr(Store, "_sweep", lambda _: None)

    Store(directory).reset()

    (left,) = directory.glob("*.tmp")
    assert files(directory) == ["lock", left.name]
    assert b"s3cr3t-value" in left.read_bytes()


@needs_strace
@pytest.mark.parametrize("call", ["openat", "write", "fsync", "close", "rename"])
def test_a_kill_at_any_call_of_the_system_leaves_the_old_state_and_is_swept(
    call: str, directory: Path, zipped: Callable[..., bytes]
) -> None:
    create(directory, zipped())
    text = f"DIRECTORY = {str(directory)!r}\n{CHILD}\nos.urandom = bytes\npublish()"
    kill = injection(call, "signal=KILL:when=1", path=str(directory / "state.json.000000000000.tmp"))
    done = subprocess.run([*kill, sys.executable, "-c", text], env=ENVIRONMENT, check=False)
    assert done.returncode == -signal.SIGKILL

    assert version_numbers(directory) == ["$LATEST"]
    ask(directory, "PUT", "/hello/configuration", {})
    assert files(directory) == ["lock", "state.json"]


def test_what_holds_environments_is_this_users_alone(directory: Path, zipped: Callable[..., bytes]) -> None:
    directory.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        create(directory, zipped())
    finally:
        os.umask(before)

    modes = {path.name: path.stat().st_mode & 0o777 for path in directory.rglob("*") if path.is_file()}
    assert set(modes.values()) == {0o600}
    assert (directory / "blobs").stat().st_mode & 0o777 == 0o700


def publish_many(directory: Path, *, workers: int, each: int) -> None:
    """Update and publish from several threads at once."""

    def work() -> None:
        for _ in range(each):
            ask(directory, "PUT", "/hello/configuration", {})
            ask(directory, "POST", "/hello/versions", {})

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_concurrent_updates_are_all_kept(directory: Path, zipped: Callable[..., bytes]) -> None:
    create(directory, zipped())
    publish_many(directory, workers=4, each=5)
    descriptions = ask(directory, "GET", "/hello/versions")["Versions"]
    revisions = {version["RevisionId"] for version in descriptions}
    assert len(revisions) == len(descriptions)
    assert 6 <= len(descriptions) <= 21  # a publish that another one overtook finds nothing changed


def count_roles(directory: Path, *, workers: int, each: int) -> int:
    """Create as many roles from several threads at once, and return how many are there afterwards."""

    def work(worker: int) -> None:
        for number in range(each):
            body = f"Action=CreateRole&RoleName=role-{worker}-{number}&AssumeRolePolicyDocument=%7B%7D"
            request = Request(method="POST", url="/", body=body.encode(), service="iam")
            respond(Store(directory), request, settle=0.0, origin="https://emulator.invalid")

    threads = [threading.Thread(target=work, args=[worker]) for worker in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(Store(directory).world().roles) - 1


def test_threads_take_turns(directory: Path) -> None:
    assert count_roles(directory, workers=4, each=10) == 40


def winners(directory: Path, *, racers: int) -> int:
    """Let several update the function under the same RevisionId at once, and return how many were let through."""
    revision = ask(directory, "GET", "/hello")["Configuration"]["RevisionId"]
    body = json.dumps({"RevisionId": revision, "Description": "mine"}).encode()
    request = Request(
        method="PUT", url=f"{PATH}/hello/configuration", body=body, service="lambda", region="eu-central-1"
    )
    statuses: list[int] = []

    def race() -> None:
        statuses.append(respond(Store(directory), request, settle=0.0, origin="https://emulator.invalid").status)

    threads = [threading.Thread(target=race) for _ in range(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {200, 412}
    return statuses.count(200)


def test_one_of_many_with_the_same_revision_wins(directory: Path, zipped: Callable[..., bytes]) -> None:
    create(directory, zipped())
    assert [winners(directory, racers=4) for _ in range(5)] == [1, 1, 1, 1, 1]


@pytest.fixture
def no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Break the store: it takes no lock, and is slow enough for others to come between."""

    @contextlib.contextmanager
    def unlocked(store: Store) -> Iterator[None]:
        store.directory.mkdir(exist_ok=True)
        yield

    def slow(value: object) -> bytes:
        time.sleep(0.05)
        return encode(value)

    encode = codec.encode
    monkeypatch.setattr(Store, "_alone", unlocked)
    monkeypatch.setattr(lambdapack.emulator.store, "encode", slow)


@pytest.mark.usefixtures("no_lock")
def test_a_store_without_its_lock_would_be_caught(directory: Path, zipped: Callable[..., bytes]) -> None:
    assert count_roles(directory, workers=4, each=5) < 20
    create(directory, zipped())
    assert winners(directory, racers=4) > 1


def test_processes_take_turns(directory: Path) -> None:
    code = """
for number in range(15):
    body = f"Action=CreateRole&RoleName=role-{os.getpid()}-{number}&AssumeRolePolicyDocument=%7B%7D"
    ask("POST", "/", body.encode(), "iam")
"""
    children = [start(directory, code) for _ in range(3)]
    assert [child.wait(timeout=30) for child in children] == [0, 0, 0]
    assert len(Store(directory).world().roles) == 1 + 45


def test_the_state_comes_back_as_it_was_written(directory: Path, zipped: Callable[..., bytes]) -> None:
    create(directory, zipped())
    ask(directory, "POST", "/hello/versions", {"Description": "ä \U0001f600 \ud800"})
    world = Store(directory).world()
    assert codec.decode(values.World, codec.encode(world)) == world


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"regions": 1}', b"\xff"])
def test_a_foreign_state_file_is_refused_and_kept(content: bytes, directory: Path) -> None:
    directory.mkdir()
    (directory / "state.json").write_bytes(content)
    with pytest.raises(LocalError, match="not a state of the emulator"):
        Store(directory).world()
    assert (directory / "state.json").read_bytes() == content


def test_a_directory_that_cannot_be_used_is_a_local_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LocalError, match="cannot be used"):
        create(tmp_path / "file", b"PK")


def test_a_file_system_without_locks_is_a_local_error(
    directory: Path, zipped: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lock(_descriptor: int, *, name: str) -> None:
        raise OSError(errno.ENOLCK, "No locks available", name)

    monkeypatch.setattr(lambdapack.emulator.store, "lock", lock)
    with pytest.raises(LocalError) as caught:
        create(directory, zipped())
    assert str(caught.value) == f"{directory}: cannot be used by the emulator (No locks available)"
    assert caught.value.hint == "name a directory on a file system that has locks (flock)"


def test_a_reset_forgets_everything_and_touches_nothing_else(directory: Path, zipped: Callable[..., bytes]) -> None:
    create(directory, zipped())
    (directory / "mine.txt").write_text("mine")
    Store(directory).reset()
    assert Store(directory).world() == values.beginning()
    assert sorted(path.name for path in directory.rglob("*")) == ["blobs", "lock", "mine.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFOs in directories")
def test_a_fifo_in_the_place_of_the_state_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "state.json")
    with pytest.raises(LocalError, match=r"state\.json: not a file") as caught:
        Store(tmp_path).world()
    assert caught.value.exit_code == 6
