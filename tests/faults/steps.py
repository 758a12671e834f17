"""What can go wrong with one request: AWS's refusals, and the steps that a fault is written in.

A fault is a line of steps, separated by commas, that are taken one after the other:

- ``they push, apply`` somebody else pushes just before; then the request is applied and its answer delivered
- ``apply, drop``      it is applied, but the connection is closed without an answer
- ``reset``            the connection is reset while the body is still being sent; nothing is applied
- ``Throttled``        it is refused in AWS's words for that; nothing is applied

A step leaves an answer in the exchange, or ends the connection by raising ``Closed``.
"""

import base64
import json
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from lambdapack.emulator.routes import Request, locate
from lambdapack.emulator.service import Response, respond
from tests.faults.account import ORIGIN, Account, shown_sha

TRICKLE = 0.3
"""Seconds between two bytes: quicker than any limit on silence, slower than any answer."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A refusal, in AWS's words."""

    status: int
    code: str
    message: str


FAILURES = {
    "Throttled": Failure(429, "TooManyRequestsException", "Rate exceeded"),
    "SlowDown": Failure(503, "SlowDown", "Please reduce your request rate."),
    "Internal": Failure(500, "ServiceException", "An internal error occurred."),
    "Unavailable": Failure(503, "", ""),
    "Busy": Failure(
        409,
        "ResourceConflictException",
        "The operation cannot be performed at this time. An update is in progress for resource:"
        " arn:aws:lambda:us-east-1:000000000000:function:hello",
    ),
    "Race": Failure(409, "ConditionalRequestConflict", "A conflicting operation is in progress."),
    "Denied": Failure(
        403,
        "AccessDeniedException",
        "User: arn:aws:iam::000000000000:user/ci is not authorized to perform: {action} on resource: hello",
    ),
    "NoFunction": Failure(
        404,
        "ResourceNotFoundException",
        "Function not found: arn:aws:lambda:us-east-1:000000000000:function:hello",
    ),
    "Elsewhere": Failure(
        301,
        "PermanentRedirect",
        "The bucket you are attempting to access must be addressed using the specified endpoint.",
    ),
    "BadDigest": Failure(400, "BadDigest", "The SHA256 you specified did not match the calculated checksum."),
    "StorageExceeded": Failure(400, "CodeStorageExceededException", "Code storage limit exceeded."),
    "Unassumable": Failure(
        400, "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda."
    ),
    "TooLarge": Failure(
        413,
        "RequestEntityTooLargeException",
        "Request must be smaller than 70167211 bytes for the UpdateFunctionCode operation",
    ),
    "TooManyBytes": Failure(
        400, "InvalidParameterValueException", "Unzipped size must be smaller than 262144000 bytes"
    ),
    "Unreasonable": Failure(400, "InvalidParameterValueException", "The KMS key is invalid for CreateGrant."),
    "Unsigned": Failure(
        400,
        "CodeVerificationFailedException",
        "Lambda cannot deploy the function. The function or layer might be signed using a signature that the"
        " client is not configured to accept. Check the provided signature for unsigned.",
    ),
    "BadSignature": Failure(400, "InvalidCodeSignatureException", "The code signature failed the integrity check."),
    "Expired": Failure(403, "ExpiredTokenException", "The security token included in the request is expired"),
    "Unknown": Failure(403, "UnrecognizedClientException", "The security token included in the request is invalid."),
    "WrongRegion": Failure(
        404,
        "ResourceNotFoundException",
        "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
    ),
}
"""By the names that scripts call them; the messages are those of aws-lambda.md, chapter 2."""


class Exchange:
    """One request on one connection, on its way through the steps of a fault."""

    def __init__(self, connection: socket.socket, request: Request, operation: str) -> None:
        self.connection = connection
        self.request = request
        self.operation = operation
        self.response: Response | None = None

    @property
    def service(self) -> str:
        return locate(self.request)[0]

    def genuine(self) -> bytes:
        """Return the body that was answered, or one that looks like it where nothing was applied."""
        return self.response.body if self.response else b'{"FunctionName": "hello", "CodeSha256": "AAAA", "Version":'

    def answer(self, body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.response = Response(status=status, headers=headers or {"Content-Type": "application/json"}, body=body)

    def refuse(self, failure: Failure) -> None:
        """Answer as Lambda or S3 does: JSON and a header, or XML, or, on a HEAD, the status alone."""
        message = failure.message.replace("{action}", f"{self.service}:{self.operation}")
        if self.service == "s3":
            code = failure.code.removesuffix("Exception")
            text = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>" if failure.code else ""
            self.answer(text.encode(), status=failure.status, headers={"Content-Type": "application/xml"})
        else:
            headers = {"x-amzn-ErrorType": failure.code} if failure.code else {}
            text = json.dumps({"message": message}) if failure.code else "<html>Service Unavailable</html>"
            self.answer(text.encode(), status=failure.status, headers=headers)

    def edit(self, **members: object) -> None:
        """Change members of the FunctionConfiguration that is answered."""
        document = json.loads(self.genuine())
        document.get("Configuration", document).update(members)
        self.answer(json.dumps(document).encode())

    def deliver(self, *, length: int | None = None, sent: int | None = None) -> None:
        """Send the answer; ``length`` is what Content-Length claims, ``sent`` how much of the body is sent."""
        response = self.response
        if response is None:
            raise ValueError(self.operation)
        headers = {"Content-Length": str(len(response.body) if length is None else length), **response.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        body = b"" if self.request.method == "HEAD" else response.body[:sent]
        self.connection.sendall(f"HTTP/1.1 {response.status} -\r\n{head}\r\n".encode("latin-1") + body)

    def reset(self) -> None:
        """Close with RST instead of FIN (SO_LINGER 0): what is still under way is lost."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


class Closed(Exception):  # noqa: N818 - not an error: the script says so
    """The connection has ended."""


Step: TypeAlias = Callable[[Account, "Exchange"], None]


def apply(account: Account, exchange: Exchange) -> None:
    exchange.response = respond(account.store, exchange.request, settle=account.settle, origin=ORIGIN)


def drop(account: Account, exchange: Exchange) -> None:
    del account, exchange
    raise Closed


def reset(account: Account, exchange: Exchange) -> None:
    """Reset the connection; where there is an answer, half of it was sent before."""
    del account
    if exchange.response:
        exchange.deliver(sent=len(exchange.response.body) // 2)
    exchange.reset()
    raise Closed


def reset_in_mid_body(account: Account, exchange: Exchange) -> None:
    """Read no more of what is being sent, and reset the connection."""
    del account
    exchange.reset()
    raise Closed


def say_nothing(account: Account, exchange: Exchange) -> None:
    del exchange
    account.ended.wait()
    raise Closed


def trickle(account: Account, exchange: Exchange) -> None:
    """Send the answer, padded so that it would take hours, a byte at a time."""
    exchange.connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not account.ended.wait(TRICKLE):
        exchange.connection.sendall(b" ")
    raise Closed


def trickle_the_head(account: Account, exchange: Exchange) -> None:
    """Send the very first line a byte at a time."""
    for byte in b"HTTP/1.1 200 OK\r\nX-Padding: " + b"x" * 10_000:
        if account.ended.wait(TRICKLE):
            break
        exchange.connection.sendall(bytes([byte]))
    raise Closed


def empty(account: Account, exchange: Exchange) -> None:
    """Answer 200 with nothing."""
    del account
    exchange.answer(b"")


def braces(account: Account, exchange: Exchange) -> None:
    """Answer 200 with an empty document."""
    del account
    exchange.answer(b"{}")


def cut(account: Account, exchange: Exchange) -> None:
    """Answer 200 with half a document, and an honest Content-Length."""
    del account
    body = exchange.genuine()
    exchange.answer(body[: len(body) // 2])


def short(account: Account, exchange: Exchange) -> None:
    """Send half of the bytes that Content-Length promises, then close."""
    del account
    body = exchange.genuine()
    exchange.answer(body)
    exchange.deliver(length=len(body), sent=len(body) // 2)
    raise Closed


def page(account: Account, exchange: Exchange) -> None:
    """Answer 200 with a proxy's HTML page."""
    del account
    exchange.answer(
        b"<html><body>Sign in to the airport's network</body></html>", headers={"Content-Type": "text/html"}
    )


def foreign(account: Account, exchange: Exchange) -> None:
    """Answer 200 with a FunctionConfiguration of somebody else's code."""
    party = shown_sha(account.packages["theirs"])
    names = ("FunctionName", "FunctionArn", "RevisionId")
    exchange.answer(json.dumps({**dict.fromkeys(names, "foreign"), "Version": "7", "CodeSha256": party}).encode())


def foreign_layer(account: Account, exchange: Exchange) -> None:
    """Answer 200 with a version of somebody else's layer."""
    content = {"CodeSha256": shown_sha(account.packages["theirs"])}
    exchange.answer(json.dumps({"LayerVersionArn": "foreign:7", "Version": 7, "Content": content}).encode())


def corrupt(account: Account, exchange: Exchange) -> None:
    """Change the package on its way in."""
    document = json.loads(exchange.request.body)
    document.get("Content", document)["ZipFile"] = base64.b64encode(account.packages["other"]).decode()
    exchange.request = replace(exchange.request, body=json.dumps(document).encode())


def failed(account: Account, exchange: Exchange) -> None:
    """Say that the last update failed."""
    del account
    exchange.edit(
        LastUpdateStatus="Failed",
        LastUpdateStatusReason="The image layer is broken",
        LastUpdateStatusReasonCode="InvalidZipFileException",
    )


def pending(account: Account, exchange: Exchange) -> None:
    """Say that the last update is still in progress."""
    del account
    exchange.edit(LastUpdateStatus="InProgress")


def they_push(account: Account, exchange: Exchange) -> None:
    del exchange
    account.push("theirs")
    account.ask("hello")


def they_push_ours(account: Account, exchange: Exchange) -> None:
    """Let somebody else push the very same package."""
    del exchange
    account.push("ours")
    account.ask("hello")


def they_publish(account: Account, exchange: Exchange) -> None:
    """Let somebody else publish another version of the layer."""
    del exchange
    account.publish_layer("theirs")


def they_publish_ours(account: Account, exchange: Exchange) -> None:
    """Let somebody else publish the very same layer."""
    del exchange
    account.publish_layer("ours")


def they_configure(account: Account, exchange: Exchange) -> None:
    del exchange
    account.configure(Description="somebody else's")


def they_create(account: Account, exchange: Exchange) -> None:
    """Let somebody else create the function with another package."""
    del exchange
    account.create()


def they_put(account: Account, exchange: Exchange) -> None:
    """Let somebody else store the same object first."""
    del exchange
    account.put(account.packages["ours"])


def they_poison(account: Account, exchange: Exchange) -> None:
    """Let somebody else store other bytes under our key first."""
    del exchange
    account.put(account.packages["theirs"])


STEPS: Mapping[str, Step] = {
    "apply": apply,
    "drop": drop,
    "reset": reset,
    "silence": say_nothing,
    "trickle": trickle,
    "trickle the head": trickle_the_head,
    "empty": empty,
    "{}": braces,
    "cut": cut,
    "short": short,
    "page": page,
    "foreign": foreign,
    "foreign layer": foreign_layer,
    "corrupt": corrupt,
    "failed": failed,
    "in progress": pending,
    "they push": they_push,
    "they push ours": they_push_ours,
    "they publish": they_publish,
    "they publish ours": they_publish_ours,
    "they configure": they_configure,
    "they create": they_create,
    "they put": they_put,
    "they poison": they_poison,
}
BEFORE_THE_BODY: Mapping[str, Step] = {"reset": reset_in_mid_body}
