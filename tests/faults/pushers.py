"""Whole processes that push, each forked from one that has imported everything: 0.1 s instead of 0.6.

::

    test ──Unix socket──► nursery ──fork──► attendant ──fork──► the pusher: its own environment, directory,
         ◄── pid, exit code ────────────────┘                   stdout and stderr, ended by its own exit code

Two kinds of pushers: ``lambdapack``, which is the real command line from its first argument to its exit code, and
``naive``, which is what people write with boto3 in an afternoon, and the control of the tests.

Time in a pusher is the machine's, save two patiences, so that a fault costs seconds and not minutes: botocore sleeps
``HURRY`` times shorter between retries and polls, and a connection that says nothing for ``SILENCE`` has timed out.
"""

import contextlib
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, NoReturn, TypeAlias

Kind: TypeAlias = Literal["lambdapack", "naive"]

SILENCE = 0.7
"""Seconds for an answer; 60 in real life."""

HURRY = 50
"""How many times shorter the sleeps are between botocore's retries and its waiters' polls."""

KILLED = -signal.SIGKILL


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a process ended."""

    exit_code: int
    """As the shell has it, or ``KILLED`` where it was still running when its time was up."""
    stdout: str
    stderr: str
    seconds: float

    @property
    def document(self) -> dict[str, Any]:
        """The JSON on stdout, or nothing where there is none."""
        return dict(json.loads(self.stdout)) if self.stdout.startswith("{") else {}

    @property
    def version(self) -> str | None:
        """The version that was printed."""
        printed = self.document.get("version")
        return str(printed) if printed else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Nursery:
    """A running nursery."""

    address: str

    def start(
        self,
        *arguments: str,
        directory: Path,
        environment: Mapping[str, str] | None = None,
        kind: Kind = "lambdapack",
        seconds: float = 60.0,
    ) -> Done:
        """Run one pusher in ``directory`` to its end, or kill it after ``seconds``."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, socket.socket(socket.AF_UNIX) as wire:
            began = time.monotonic()
            wire.connect(self.address)
            job = {"kind": kind, "arguments": arguments, "directory": str(directory), "environment": environment or {}}
            message = json.dumps(job).encode() + b"\n"
            socket.send_fds(wire, [message], [out.fileno(), err.fileno()])
            answers = wire.makefile("r")
            pid = int(answers.readline())
            wire.settimeout(seconds)
            try:
                exit_code = int(answers.readline())
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                exit_code = KILLED
            answers.close()
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode())
        return Done(exit_code=exit_code, stdout=texts[0], stderr=texts[1], seconds=time.monotonic() - began)


@contextlib.contextmanager
def nursery() -> Iterator[Nursery]:
    """Run a nursery while the context lasts."""
    with tempfile.TemporaryDirectory(prefix="nursery-") as directory:
        address = str(Path(directory, "socket"))
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        process = subprocess.Popen([sys.executable, __file__, address], stdout=subprocess.PIPE, env=environment)
        try:
            if process.stdout is None or not process.stdout.readline():
                raise RuntimeError(address)
            yield Nursery(address=address)
        finally:
            process.terminate()
            process.communicate()


# What follows runs in the nursery and its children.


def attend(address: str) -> NoReturn:
    """Listen, and fork an attendant for each connection."""
    warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            wire, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                attend_to(wire)
            wire.close()


def warm_up() -> None:
    """Import what every pusher needs, and let botocore read its models, once."""
    import boto3  # noqa: PLC0415 - a test that starts no pusher pays for nothing
    import botocore.loaders  # noqa: PLC0415 - as above
    import botocore.session  # noqa: PLC0415 - as above

    from lambdapack.cli.commands import create, push  # noqa: F401, PLC0415 - as above

    loader = botocore.loaders.create_loader()
    botocore.session.create_loader = lambda *_: loader
    session = boto3.session.Session("a", "b", region_name="us-east-1")
    for service in ("lambda", "s3"):
        session.client(service)
    gc.collect()
    gc.freeze()


def attend_to(wire: socket.socket) -> NoReturn:
    """Fork the pusher, wait for its end, and say how it was."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    message, (out, err), _, _ = socket.recv_fds(wire, 1 << 20, 2)
    while not message.endswith(b"\n"):
        message += wire.recv(1 << 20)
    pid = os.fork()
    if pid == 0:
        wire.close()
        os.dup2(out, 1)
        os.dup2(err, 2)
        push(json.loads(message))
    wire.sendall(b"%d\n" % pid)
    _, status = os.waitpid(pid, 0)
    with contextlib.suppress(OSError):  # the test has lost its patience
        wire.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def push(job: dict[str, Any]) -> NoReturn:
    """Be the pusher."""
    os.chdir(job["directory"])
    os.environ.clear()
    os.environ.update(job["environment"])
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    hurry()
    if job["kind"] == "lambdapack":
        from lambdapack.cli.main import main  # noqa: PLC0415 - it is imported already

        main(job["arguments"])
    try:
        naive(*job["arguments"])
    except Exception as error:  # noqa: BLE001 - what a script without a try does
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
        os._exit(1)
    sys.stdout.flush()
    os._exit(0)


def hurry() -> None:
    """Be less patient than a user has to be."""
    import botocore.endpoint  # noqa: PLC0415 - only pushers need them
    import botocore.waiter  # noqa: PLC0415 - as above

    from lambdapack.deploying.aws.connection import ConnectionSettings  # noqa: PLC0415 - as above

    hurried = SimpleNamespace(time=time.time, sleep=lambda seconds: time.sleep(seconds / HURRY))
    botocore.endpoint.time = botocore.waiter.time = hurried
    defaults: Any = ConnectionSettings.__init__.__kwdefaults__
    defaults["read_timeout"] = defaults["connect_timeout"] = SILENCE


def naive(url: str, package: str, *options: str) -> None:
    """Push and publish with plain boto3: its own retries, its own waiter, and no exception means success.

    ``options`` are ``bucket=NAME key=KEY`` and ``debug``.
    """
    import boto3  # noqa: PLC0415 - imported already
    from botocore.config import Config  # noqa: PLC0415 - as above

    chosen = dict(option.partition("=")[::2] for option in options)
    if "debug" in chosen:
        boto3.set_stream_logger("")
    config = Config(read_timeout=SILENCE, connect_timeout=SILENCE)
    client = boto3.client("lambda", endpoint_url=url, config=config)
    data = Path(package).read_bytes()
    code: dict[str, object] = {"ZipFile": data}
    if "bucket" in chosen:
        boto3.client("s3", endpoint_url=url, config=config).put_object(
            Bucket=chosen["bucket"], Key=chosen["key"], Body=data
        )
        code = {"S3Bucket": chosen["bucket"], "S3Key": chosen["key"]}
    client.update_function_code(FunctionName="hello", **code)
    client.get_waiter("function_updated_v2").wait(FunctionName="hello")
    version = client.publish_version(FunctionName="hello")["Version"]
    sys.stdout.write(json.dumps({"version": version}) + "\n")


if __name__ == "__main__":
    attend(sys.argv[1])
