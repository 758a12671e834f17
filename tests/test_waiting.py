"""Every wait of ours, by where it stands and why it ends; and what the room of waits promises."""

import ast
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import lambdapack
from lambdapack import waiting
from lambdapack.disk.replacement import Replacement
from lambdapack.emulator.server import Handler
from lambdapack.emulator.store import Store
from lambdapack.errors import LocalError
from lambdapack.packing.wheelhouse.cache import open_cache
from tests.emulator.serving import serving
from tests.holding import kept_locked

ROOT = Path(lambdapack.__file__).parent

METHODS = {
    *("wait", "wait_for", "join", "get", "acquire", "communicate", "accept", "recv", "recv_into", "recvfrom"),
    *("poll", "sleep", "flock", "lockf", "locking", "serve_forever", "handle_request", "waitpid", "wait4", "sendall"),
    *("urlopen", "request", "getresponse", "getaddrinfo", "gethostbyname", "create_connection", "create_server"),
    *("prompt", "confirm", "shutdown", "collect", "mkfifo", "read1", "drain_conn", "Popen"),
}
"""Calls that may wait for somebody else. ``get``, ``join`` and ``put`` are those of dictionaries and texts, too: they
count where they are given what a queue or a thread takes."""

FUNCTIONS = {"sleep", "urlopen", "flock", "lockf", "create_connection", "create_server", "getaddrinfo", "Popen"}
"""Those that are functions as well; another name alone is a function of ours, which is looked at where it stands."""

LIBRARIES = {
    *("subprocess", "socket", "select", "selectors", "asyncio", "multiprocessing", "concurrent.futures"),
    *("http.client", "http.server", "urllib.request", "urllib3", "botocore", "boto3", "fcntl", "msvcrt", "queue"),
    *("socketserver", "ssl", "ftplib", "smtplib", "pty", "netrc", "signal", "sched"),
}
"""What can wait by itself: whoever imports one of them is listed."""

WAITS = {
    # The room of waits.
    "waiting.py: call: get": "seconds, and again as long as goes_on says",
    "waiting.py: lock: sleep": "LOCK_TIME",
    "waiting.py: work: Popen": "within call",
    "waiting.py: work: wait": "within call",
    "waiting.py: run: wait": "what was killed ends",
    "waiting.py: import queue": "call",
    "waiting.py: import fcntl": "try_lock, which never blocks (LOCK_NB)",
    "waiting.py: import msvcrt": "try_lock, which never blocks (LK_NBLCK)",
    "waiting.py: import signal": "_kill",
    "waiting.py: import subprocess": "run",
    "waiting.py: try_lock: flock": "LOCK_NB",
    "waiting.py: try_lock: locking": "LK_NBLCK",
    # AWS: every call is within deploying.aws.attempt, which is within waiting.call.
    "deploying/aws/deadline.py: sleep: sleep": "pause's seconds, never past the run's deadline",
    "deploying/aws/deadline.py: pause: sleep": "the run's deadline",
    "deploying/aws/connection.py: import botocore": "waiting.call, or read from this machine's own files",
    "deploying/aws/attempt.py: import botocore": "its exceptions alone",
    "deploying/aws/bodies.py: import botocore": "waiting.call",
    "deploying/aws/settings.py: import botocore": "read from this machine's own files",
    "deploying/aws/settings.py: import boto3": "waiting.call",
    # The index: every attempt is within waiting.call, with Patience.window.
    "packing/fetching/connections.py: import ssl": "trust is within SETTINGS_TIME, the rest within an attempt",
    "packing/fetching/connections.py: import urllib3": "within an attempt",
    "packing/fetching/connections.py: read: read1": "within an attempt",
    "packing/fetching/connections.py: leave: drain_conn": "within an attempt",
    "packing/fetching/connections.py: _answer: request": "within an attempt",
    "packing/fetching/credentials.py: import netrc": "SETTINGS_TIME",
    "packing/fetching/download.py: _rest: wait": "Patience.longest_pause",
    "cli/process.py: send_again: sleep": "SECOND_TRY, until the signal has been taken",
    # Threads of our own, which wait for each other and compute.
    "threads.py: import queue": "as below",
    "threads.py: each: get": "HEARTBEAT, until what was given out ends, which is work of ours or a bounded wait",
    "threads.py: _serve: get": "a thread that nobody waits for: ends with its pool",
    "threads.py: __exit__: join": "the block at hand: hashing, or writing to a disk",
    "threads.py: _wait: wait": "HEARTBEAT, until the block at hand is done",
    "packing/source/read.py: read: sleep": "REST, milliseconds",
    "packing/outputs/dating.py: _outlast: sleep": "TICK_LIMIT, milliseconds",
    "packing/locks/location.py: import urllib.request": "url2pathname, which asks nobody",
    # The emulator's server waits for its clients as long as it runs; each of them has REQUEST_TIME.
    "emulator/hook.py: import botocore": "values alone",
    "emulator/server.py: import http.server": "REQUEST_TIME",
    "emulator/server.py: import socket": "types",
    "emulator/server.py: readinto: recv_into": "REQUEST_TIME, which no byte puts off",
    "cli/commands/emulator.py: serve: serve_forever": "a signal: it is what the command is for",
    "cli/commands/emulator.py: import signal": "names",
    # The user's own wait.
    "cli/output.py: ask: confirm": "the user, who is asked",
    "cli/main.py: import signal": "names",
    "cli/process.py: import signal": "handlers",
    "__main__.py: import signal": "handlers",
}
"""Where something waits for what may not come: what makes it end."""


def waits(path: Path, root: Path = ROOT) -> Iterator[str]:
    """Yield what may wait in a module: libraries that it imports, and calls, each with its function."""
    place = path.relative_to(root).as_posix()
    tree = ast.parse(path.read_text())
    owners: dict[ast.AST, str] = {}
    for node in ast.walk(tree):
        name = node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else owners.get(node, "")
        owners |= dict.fromkeys(ast.iter_child_nodes(node), name)
        imported = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            imported = [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
        for library in {library for name in imported for library in LIBRARIES if f"{name}.".startswith(f"{library}.")}:
            yield f"{place}: import {library}"
        if isinstance(node, ast.Call) and (called := called_by(node)):
            yield f"{place}: {owners.get(node, '')}: {called}"


def called_by(call: ast.Call) -> str | None:
    """Return the method or function that a call may wait in, or None."""
    is_method = isinstance(call.func, ast.Attribute)
    name = str(getattr(call.func, "attr", "") or getattr(call.func, "id", ""))
    if name == "get" and (call.args or not {word.arg for word in call.keywords} <= {"timeout", "block"}):
        return None  # a dictionary's
    if name in ("join", "put") and (call.args or call.keywords):
        return None  # a text's, a path's, a cache's; a queue without a limit takes everything at once
    return name if name in METHODS and (is_method or name in FUNCTIONS) else None


def test_every_wait_is_listed_with_the_reason_why_it_ends() -> None:
    found = {wait for path in ROOT.rglob("*.py") for wait in waits(path)}

    assert sorted(found - WAITS.keys()) == []
    assert sorted(WAITS.keys() - found) == []


def test_a_new_wait_is_found(tmp_path: Path) -> None:
    """The control."""
    (tmp_path / "new.py").write_text(
        "import subprocess\nfrom urllib.request import urlopen\n"
        "def f(thread, queue, texts):\n"
        "    thread.join()\n    queue.get()\n    queue.get(timeout=3)\n    ''.join(texts)\n    {}.get('a')\n"
        "    import socket\n    socket.create_connection(('h', 1)).recv(1)\n    urlopen('x')\n"
    )

    assert sorted(set(waits(tmp_path / "new.py", tmp_path))) == [
        *("new.py: f: create_connection", "new.py: f: get", "new.py: f: join", "new.py: f: recv", "new.py: f: urlopen"),
        *("new.py: import socket", "new.py: import subprocess", "new.py: import urllib.request"),
    ]


class TestBounded:
    def test_it_returns_and_raises_what_the_work_does(self) -> None:
        assert waiting.call(lambda: 7, seconds=5, name="work") == 7
        with pytest.raises(ZeroDivisionError):
            waiting.call(lambda: 1 // 0, seconds=5, name="work")

    def test_it_leaves_work_behind_that_does_not_end(self) -> None:
        released = threading.Event()
        began = time.monotonic()
        with pytest.raises(waiting.TimeUpError):
            waiting.call(released.wait, seconds=0.05, name="work")
        released.set()
        assert time.monotonic() - began < 5

    def test_it_goes_on_as_long_as_enough_is_done(self) -> None:
        released = threading.Event()
        answers = [True, True, False]
        with pytest.raises(waiting.TimeUpError):
            waiting.call(released.wait, seconds=0.02, name="work", goes_on=lambda: answers.pop(0))
        released.set()
        assert answers == []

    def test_a_timeout_of_the_work_itself_is_not_taken_for_the_end_of_its_time(self) -> None:
        def work() -> None:
            raise TimeoutError("its own")

        with pytest.raises(TimeoutError, match="its own"):
            waiting.call(work, seconds=5, name="work")


class TestRun:
    def test_exit_code_and_words_come_back(self) -> None:
        script = "import sys; sys.stderr.write('words'); sys.exit(3)"

        assert waiting.run([sys.executable, "-c", script], seconds=30) == (3, b"words")
        assert waiting.run(["sh", "-c", "kill -9 $$"], seconds=30)[0] == -9

    def test_what_does_not_end_is_killed_with_all_that_it_started(self, tmp_path: Path) -> None:
        script = f"sleep 60 & echo $! > {tmp_path}/child; wait"
        began = time.monotonic()
        with pytest.raises(waiting.TimeUpError):
            waiting.run(["sh", "-c", script], seconds=1.0)

        assert time.monotonic() - began < 10
        assert is_gone(int((tmp_path / "child").read_text()))

    def test_a_child_that_keeps_its_output_open_is_not_waited_for(self) -> None:
        began = time.monotonic()

        assert waiting.run(["sh", "-c", "sleep 60 & echo said >&2"], seconds=30) == (0, b"said\n")
        assert time.monotonic() - began < 10


def is_gone(pid: int) -> bool:
    """Return whether a process ends: one that was killed may still wait for init to take notice."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").exists() and ") Z " in Path(f"/proc/{pid}/stat").read_text():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting.lock, "__kwdefaults__", {"seconds": 0.1})


@pytest.mark.usefixtures("impatient")
def test_an_emulator_that_another_process_keeps_locked_is_told(tmp_path: Path) -> None:
    with (
        kept_locked(tmp_path / "lock"),
        pytest.raises(LocalError, match=r"another process has kept .*/lock locked for 0\.1 s") as caught,
    ):
        Store(tmp_path).reset()

    assert caught.value.exit_code == 6
    Store(tmp_path).reset()


@pytest.mark.usefixtures("impatient")
def test_an_output_whose_temporary_file_is_kept_locked_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "try_lock", lambda _: False)

    with pytest.raises(LocalError, match=r"cannot write .*/a\.zip: another process has kept \.a\.zip\..* locked"):
        Replacement(tmp_path / "a.zip").__enter__()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("impatient")
def test_a_cache_whose_temporary_file_is_kept_locked_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    cache = open_cache(tmp_path / "cache", tell=told.append)
    assert cache is not None
    monkeypatch.setattr(waiting, "try_lock", lambda _: False)

    cache.put("kind", "key", b"document")

    assert len(told) == 1
    assert "locked for 0.1 s; this build goes on without" in told[0]
    assert cache.get("kind", "key") is None


@pytest.mark.parametrize(
    ("head", "drip"),
    [
        (b"GET /", b"x"),
        (b"GET / HTTP/1.1\r\nX: ", b"x"),
        (b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n", b"x"),
        (b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
        (b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"a: b\r\n"),
    ],
)
def test_the_emulators_server_leaves_a_client_that_trickles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: bytes, drip: bytes
) -> None:
    monkeypatch.setattr(Handler, "request_time", 0.3)
    with serving(tmp_path) as server, socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(head)
        began = time.monotonic()
        with pytest.raises(OSError, match=r"reset|pipe|aborted"):  # noqa: PT012 - one of these bytes is the first too late
            while time.monotonic() - began < 10:
                client.sendall(drip)
                time.sleep(0.02)
