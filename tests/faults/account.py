"""An emulated account without a socket: what others do in it, and what it holds in the end.

Everything goes through the emulator's model itself, so no fault hits it, and nothing is known but what AWS would tell.
"""

import base64
import io
import json
import threading
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from lambdapack.emulator.routes import Request
from lambdapack.emulator.service import respond
from lambdapack.emulator.store import Store

LAMBDA = "/2015-03-31/functions"
LAYERS = "/2018-10-31/layers"
ROLE = "arn:aws:iam::000000000000:role/emulator"

BUCKET = "emulator"
"""It has versions."""

ORIGIN = "http://127.0.0.1"

ERROR = 300
"""The HTTP status from which on the model has refused."""


class Account:
    """The account in ``directory``, in which the function ``hello`` is fought over."""

    def __init__(self, directory: Path, *, packages: Mapping[str, bytes]) -> None:
        """Begin with nothing; ``packages`` has the bytes of each party: ``first``, ``ours``, ``theirs``, ``other``."""
        self.directory = directory
        self.packages = packages
        self.store = Store(directory)
        self.settle = 0.0  # seconds that an update stays in progress
        self.ended = threading.Event()  # set when the test is over: nobody waits any longer

    def call(self, method: str, path: str, body: bytes | Mapping[str, object] = b"", **headers: str) -> bytes:
        """Ask the model itself, as somebody else whom no fault hits; raises ValueError where it refuses."""
        service = "lambda" if path.startswith("/20") else "s3"
        request = Request(
            method=method,
            url=path,
            headers={"host": "127.0.0.1", **{name.replace("_", "-"): value for name, value in headers.items()}},
            body=body if isinstance(body, bytes) else json.dumps(body).encode(),
            service=service,
            region="us-east-1",
        )
        response = respond(self.store, request, settle=self.settle, origin=ORIGIN)
        if response.status >= ERROR:
            raise ValueError(response.body)
        return response.body

    def insist(self, method: str, path: str, body: Mapping[str, object]) -> None:
        """Do the same as soon as no other update is in progress."""
        while True:
            try:
                self.call(method, path, body)
            except ValueError as refused:
                if b"cannot be performed at this time" not in refused.args[0] or self.ended.wait(0.02):
                    raise
            else:
                return

    def ask(self, path: str) -> dict[str, Any]:
        """Read a document of Lambda's."""
        answer: dict[str, Any] = json.loads(self.call("GET", f"{LAMBDA}/{path}"))
        return answer

    def create(self, name: str = "hello", **members: object) -> None:
        """Create a function that holds the package ``first`` and is active."""
        settings = {"FunctionName": name, "Role": ROLE, "Runtime": "python3.13", "Handler": "app.handler"}
        code = {"ZipFile": base64.b64encode(self.packages["first"]).decode()}
        self.call("POST", LAMBDA, {**settings, "Code": code, **members})
        self.ask(name)

    def push(self, party: str) -> None:
        """Let somebody else push a package."""
        self.insist("PUT", f"{LAMBDA}/hello/code", {"ZipFile": base64.b64encode(self.packages[party]).decode()})

    def configure(self, **members: object) -> None:
        """Let somebody else change the configuration."""
        self.insist("PUT", f"{LAMBDA}/hello/configuration", members)
        self.ask("hello")

    def publish_layer(self, party: str) -> None:
        """Let somebody else publish a package as a version of the layer ``base``."""
        content = {"ZipFile": base64.b64encode(self.packages[party]).decode()}
        self.call("POST", f"{LAYERS}/base/versions", {"Content": content})

    def layer_versions(self) -> dict[int, str]:
        """Return whose package each version of the layer ``base`` holds, the newest first."""
        parties = {shown_sha(data): party for party, data in self.packages.items()}
        entries = json.loads(self.call("GET", f"{LAYERS}/base/versions"))["LayerVersions"]
        found = {}
        for number in (entry["Version"] for entry in entries):
            content = json.loads(self.call("GET", f"{LAYERS}/base/versions/{number}"))["Content"]
            found[number] = parties.get(content["CodeSha256"], "other")
        return found

    def put(self, data: bytes, *, bucket: str = BUCKET, checksum: bool = True) -> None:
        """Let somebody else put ``data`` where our package belongs."""
        digest = base64.b64encode(sha256(data).digest()).decode()
        headers = {"x_amz_checksum_sha256": digest} if checksum else {}
        self.call("PUT", f"/{bucket}/{self.key}", data, **headers)

    @property
    def key(self) -> str:
        """The key of our package."""
        return f"lambdapack/hello/{sha256(self.packages['ours']).hexdigest()}.zip"


def zipped(text: str, *, padding: bytes = b"") -> bytes:
    """Return a small package."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("app.py"), text)
        if padding:
            archive.writestr(zipfile.ZipInfo("padding"), padding)
    return buffer.getvalue()


def shown_sha(data: bytes) -> str:
    """Return the CodeSha256 of a package."""
    return base64.b64encode(sha256(data).digest()).decode()
