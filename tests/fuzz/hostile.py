"""Hostile packages against the whole program: ``pull --unzip`` and ``diff``, each within 5 s and 150 MiB."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.deploying.download.hostile import PACKAGES, Item, zipped
from tests.running import COMMAND

SECONDS = 5.0
MEMORY = 150 << 10
"""KiB, as ``wait4`` counts them."""


BETWEEN = """
import os, subprocess, sys, time
begin = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(os.waitstatus_to_exitcode(status), time.perf_counter() - begin, usage.ru_maxrss)
"""
"""A small process between: what a new one counts as its memory begins with that of the one that it was forked from."""


@contextmanager
def served(content: bytes) -> Iterator[str]:
    """Yield the URL of a Lambda whose one function has that package."""
    sha256 = base64.b64encode(hashlib.sha256(content).digest()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = content
            if self.path != "/package":
                configuration = {
                    "FunctionName": "hello",
                    "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:hello",
                    "CodeSha256": sha256,
                    "CodeSize": len(content),
                    "Version": "$LATEST",
                    "State": "Active",
                    "LastUpdateStatus": "Successful",
                    "PackageType": "Zip",
                    "RevisionId": "00000000-0000-0000-0000-000000000000",
                    "Architectures": ["x86_64"],
                }
                location = f"http://127.0.0.1:{server.server_port}/package"
                body = json.dumps({"Configuration": configuration, "Code": {"Location": location}}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def measured(*arguments: str, cwd: Path) -> tuple[int, str, float, int]:
    """Return exit code, stderr, seconds and the most memory, in KiB, of one run of lambdapack."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
        "HOME": str(cwd),
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    done = subprocess.run(
        [sys.executable, "-c", BETWEEN, *COMMAND, *arguments],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    code, seconds, memory = done.stdout.split()[-3:]
    return int(code), done.stderr, float(seconds), int(memory)


def run(*, only: str = "") -> bool:
    """Print what each package costs, and return whether all are within their limits and have their verdicts."""
    good = True
    for package in PACKAGES:
        if only and package.name != only:
            continue
        content = package.make()
        with tempfile.TemporaryDirectory() as directory, served(content) as url:
            cwd = Path(directory)
            (cwd / "local.zip").write_bytes(zipped(iter([Item("app.py", b"x = 1\n")])))
            connection = ("--endpoint-url", url, "--timeout", "60", "--quiet")
            for command, verdict in (
                (("pull", "hello", "--unzip", "out"), package.pull),
                (("diff", "hello", "--zip", "local.zip"), package.diff),
            ):
                code, errors, seconds, memory = measured(*command, *connection, cwd=cwd)
                right = code == 0 if verdict in ("unpacked", "compared") else code == 5 and verdict in errors
                within = seconds <= SECONDS and memory <= MEMORY
                good = good and right and within
                figures = (
                    f"{len(content):>11,} bytes  {command[0]}  {seconds:5.2f} s  {memory >> 10:4} MiB  exit {code}"
                )
                faults = ("" if right else f"  WRONG: {errors}") + ("" if within else "  TOO MUCH")
                print(f"{package.name:12} {figures}{faults}")
    return good


if __name__ == "__main__":
    sys.exit(not run(only="".join(sys.argv[1:])))
