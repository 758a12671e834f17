"""One request in, one response out: the rim where the time, fresh identifiers and the directory come in.

``respond`` is what both the botocore hook and the loopback server call. It routes, runs the operation on the
store, and writes the answer or the refusal in the service's own format: JSON for Lambda, XML for S3 and IAM.
"""

import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from lambdapack.emulator.calls import Answer, Call
from lambdapack.emulator.operations import OPERATIONS, changes_nothing
from lambdapack.emulator.refusals import CAPITAL, PLAIN, RefusedError
from lambdapack.emulator.routes import Request, locate, route
from lambdapack.emulator.store import Store
from lambdapack.emulator.xmltext import Element, xml_answer

_PACKAGES = "/_emulator/packages"
"""Where packages are handed out: no bucket's name can begin with "_"."""

NOWHERE = "https://emulator.invalid"
"""The origin where no server listens: RFC 2606 has it that this name never resolves."""

_PACKAGE = re.compile(rf"{_PACKAGES}/(?P<name>[0-9a-f]{{64}})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An HTTP response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def respond(store: Store, request: Request, *, settle: float, origin: str) -> Response:
    """Answer one request from ``store``.

    ``settle`` is in seconds; ``origin`` (scheme and authority, no final slash) is where packages are handed out.
    Raises LocalError where the directory cannot be used.
    """
    package = package_name(request.url)
    if package is not None and request.method == "GET" and request.service is None:
        return Response(status=200, headers={"Content-Type": "application/zip"}, body=store.blobs.read(package))
    service, region = locate(request)
    request_id = str(uuid.uuid4())
    try:
        answer = _perform(store, request, service, region, settle=settle, origin=origin)
    except RefusedError as refusal:
        answer = _REFUSED.get(service, _json_refusal)(refusal, request_id)
    headers = {"x-amzn-RequestId" if service == "lambda" else "x-amz-request-id": request_id, **answer.headers}
    body = answer.body
    if answer.document is not None:
        body = json.dumps(answer.document).encode("ascii")
        headers = {"Content-Type": "application/json", **headers}
    return Response(status=answer.status, headers=headers, body=body)


def package_name(url: str) -> str | None:
    """Return the name of the package that a ``Code.Location`` of this emulator leads to, or None."""
    match = _PACKAGE.fullmatch(urlsplit(url).path)
    return match["name"] if match else None


def _perform(store: Store, request: Request, service: str, region: str, *, settle: float, origin: str) -> Answer:
    name, parameters = route(request, service)
    operation = OPERATIONS[service].get(name)
    if operation is None:
        message = f"The emulator does not have {service}:{name or 'this operation'}"
        raise RefusedError(501, "NotImplementedException", message)
    call = Call(
        operation=name,
        region=region,
        parameters=parameters,
        headers=request.headers,
        body=request.body,
        now=time.time(),
        settle=settle,
        fresh=lambda: str(uuid.uuid4()),
        blobs=store.blobs,
        packages=origin + _PACKAGES,
    )
    return store.look(operation, call) if changes_nothing(name) else store.change(operation, call)


def _json_refusal(refusal: RefusedError, request_id: str) -> Answer:
    del request_id
    document = {"Message" if refusal.code in CAPITAL else "message": refusal.message}
    if refusal.code not in PLAIN and not refusal.anonymous:
        document = {"Type": "User", **document}
    return Answer(status=refusal.status, document=document, headers={"x-amzn-ErrorType": refusal.code})


def _s3_refusal(refusal: RefusedError, request_id: str) -> Answer:
    if refusal.status == HTTPStatus.NOT_MODIFIED:
        return Answer(status=refusal.status)
    parts = {"Code": refusal.code, "Message": refusal.message or "", "RequestId": request_id}
    return xml_answer(Element("Error", parts), status=refusal.status, namespace=None)


def _iam_refusal(refusal: RefusedError, request_id: str) -> Answer:
    parts = {"Type": "Sender", "Code": refusal.code, "Message": refusal.message or ""}
    document = Element("ErrorResponse", [Element("Error", parts), Element("RequestId", request_id)])
    return xml_answer(document, status=refusal.status, namespace="https://iam.amazonaws.com/doc/2010-05-08/")


_REFUSED = {"s3": _s3_refusal, "iam": _iam_refusal}
