"""What arrives in an S3 upload: the body out of its ``aws-chunked`` coat, and the checksums that go with it.

Rules for this file
- Everything that the caller claimed about the body (checksum header or trailer, Content-MD5, the signed payload
  hash) is verified before anything is kept; a wrong claim is refused and nothing is stored.
- Where no checksum was sent there is none afterwards. (AWS computes CRC64NVME then; clients of today all send one.)
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from lambdapack.emulator.calls import Call
from lambdapack.emulator.refusals import RefusedError
from lambdapack.emulator.s3.checksums import ALGORITHMS
from lambdapack.emulator.values import Stored

_PREFIX = "x-amz-checksum-"
_NO_ALGORITHM = ("type", "mode", "algorithm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """An upload's bytes as they are to be stored, and its verified checksums (algorithm → base64)."""

    data: bytes
    checksums: dict[str, str]
    etag: str


def receive(call: Call) -> Body:
    """Return the upload of this call, verified; raises RefusedError in S3's words."""
    data, trailers = call.body, dict[str, str]()
    is_streamed = call.headers.get("x-amz-content-sha256", "").startswith("STREAMING-")
    if is_streamed or "aws-chunked" in call.headers.get("content-encoding", ""):
        data, trailers = _unchunk(call.body)
        declared = call.headers.get("x-amz-decoded-content-length")
        if declared is not None and declared != str(len(data)):
            raise _incomplete()
    claims = {
        name.removeprefix(_PREFIX): value
        for name, value in {**call.headers, **trailers}.items()
        if name.startswith(_PREFIX) and name.removeprefix(_PREFIX) not in _NO_ALGORITHM
    }
    if len(claims) > 1:
        message = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
        raise RefusedError(400, "InvalidRequest", message)
    for algorithm, claim in claims.items():
        _check(algorithm, claim, data)
    _check_older_claims(call, data)
    etag = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return Body(data=data, checksums=claims, etag=f'"{etag}"')


def keep(call: Call, body: Body, *, version_id: str, headers: dict[str, str]) -> Stored:
    """Keep the bytes, and return the version of an object, or the part, that they make."""
    return Stored(
        version_id=version_id,
        blob=call.blobs.keep(body.data),
        size=len(body.data),
        etag=body.etag,
        modified=call.now,
        checksums=body.checksums,
        headers=headers,
    )


def _check(algorithm: str, claim: str, data: bytes) -> None:
    compute = ALGORITHMS.get(algorithm)
    if compute is None:
        raise RefusedError(501, "NotImplemented", f"The emulator does not know the algorithm of {_PREFIX}{algorithm}.")
    digest = compute(data)
    try:
        claimed = base64.b64decode(claim, validate=True)
    except (binascii.Error, ValueError):
        claimed = b""
    if len(claimed) != len(digest):
        raise RefusedError(400, "InvalidRequest", f"Value for {_PREFIX}{algorithm} header is invalid.")
    if claimed != digest:
        message = f"The {algorithm.upper()} you specified did not match the calculated checksum."
        raise RefusedError(400, "BadDigest", message)


def _check_older_claims(call: Call, data: bytes) -> None:
    md5 = call.headers.get("content-md5")
    if md5 and md5 != base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode("ascii"):
        raise RefusedError(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
    payload = call.headers.get("x-amz-content-sha256", "")
    # 64 hex digits are a hash; all else ("UNSIGNED-PAYLOAD", "STREAMING-…") claims nothing about the bytes.
    if len(payload) == hashlib.sha256().digest_size * 2 and payload != hashlib.sha256(data).hexdigest():
        message = "The provided 'x-amz-content-sha256' header does not match what was computed."
        raise RefusedError(400, "XAmzContentSHA256Mismatch", message)


def _unchunk(coded: bytes) -> tuple[bytes, dict[str, str]]:
    """Return the content and the trailers of an ``aws-chunked`` body.

    chunk = size in hex [";chunk-signature=…"] CRLF bytes CRLF; the last has size 0; trailers follow, one a line.
    https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
    """
    parts = []
    position = 0
    while True:
        end = coded.find(b"\r\n", position)
        try:
            size = int(coded[position:end].partition(b";")[0], 16) if end >= 0 else -1
        except ValueError:
            size = -1
        if size < 0:
            raise _incomplete()
        position = end + 2
        if size == 0:
            break
        parts.append(coded[position : position + size])
        if coded[position + size : position + size + 2] != b"\r\n":
            raise _incomplete()
        position += size + 2
    trailers = {}
    for line in coded[position:].split(b"\r\n"):
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            trailers[name.strip().lower()] = value.strip()
    return b"".join(parts), trailers


def _incomplete() -> RefusedError:
    return RefusedError(
        400, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header"
    )
