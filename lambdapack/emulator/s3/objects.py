"""The operations on S3 objects: put, get, head, delete, with versions, checksums and conditions.

Rules for this file
- An object's versions stand oldest first; without versioning, and while it is suspended, there is one version
  ``null`` that each put replaces.
- The checksum that was verified at the put is answered by get and head where ChecksumMode asks for it.
"""

from dataclasses import replace
from email.utils import formatdate

from lambdapack.emulator.calls import Answer, Call
from lambdapack.emulator.refusals import RefusedError
from lambdapack.emulator.s3.buckets import find_bucket
from lambdapack.emulator.s3.uploads import keep, receive
from lambdapack.emulator.values import Bucket, Stored, World, with_bucket, without

_NULL = "null"
_KEPT = ("content-type", "cache-control", "content-disposition", "content-language")
_LONGEST_KEY = 1024


def put_object(world: World, call: Call) -> tuple[World, Answer]:
    """Store an object, after everything that was claimed about it has been verified."""
    bucket = find_bucket(world, call)
    key = call.text("Key") or ""
    if len(key.encode("utf-8")) > _LONGEST_KEY:
        raise RefusedError(400, "KeyTooLongError", "Your key is too long")
    check_conditions(bucket, key, call)
    stored = keep(call, receive(call), version_id=new_version_id(bucket, call), headers=select_headers(call))
    headers = {"ETag": stored.etag, **_checksum_headers(stored), **_version_header(bucket, stored)}
    headers["x-amz-server-side-encryption"] = "AES256"
    return with_bucket(world, with_object(bucket, key, stored)), Answer(headers=headers)


def get_object(world: World, call: Call) -> tuple[World, Answer]:
    """Return an object's bytes, or the one range of them that was asked for."""
    stored, headers = _describe(world, call)
    data = call.blobs.read(stored.blob or "")
    asked = call.headers.get("range", "")
    if not asked.startswith("bytes="):
        return world, Answer(body=data, headers=headers)
    first, _, last = asked.removeprefix("bytes=").partition("-")
    try:
        start = int(first) if first else max(len(data) - int(last), 0)
        end = int(last) + 1 if first and last else len(data)
    except ValueError:
        return world, Answer(body=data, headers=headers)
    if start >= len(data) or end <= start:
        raise RefusedError(416, "InvalidRange", "The requested range is not satisfiable")
    piece = data[start:end]
    headers["Content-Range"] = f"bytes {start}-{start + len(piece) - 1}/{len(data)}"
    return world, Answer(status=206, body=piece, headers=headers)


def head_object(world: World, call: Call) -> tuple[World, Answer]:
    """Return what is known of an object, without its bytes."""
    stored, headers = _describe(world, call)
    return world, Answer(headers={**headers, "Content-Length": str(stored.size)})


def delete_object(world: World, call: Call) -> tuple[World, Answer]:
    """Delete an object, or one version of it; where versions are kept, a delete marker is laid on top."""
    bucket = find_bucket(world, call)
    key = call.text("Key") or ""
    versions = bucket.objects.get(key, [])
    wanted = call.text("versionId")
    if wanted is None and bucket.versioning:
        marker = Stored(version_id=new_version_id(bucket, call), blob=None, modified=call.now)
        headers = {"x-amz-delete-marker": "true", "x-amz-version-id": marker.version_id}
        return with_bucket(world, with_object(bucket, key, marker)), Answer(status=204, headers=headers)
    left = [] if wanted is None else [each for each in versions if each.version_id != wanted]
    kept = {**bucket.objects, key: left} if left else without(bucket.objects, key)
    headers = {} if wanted is None else {"x-amz-version-id": wanted}
    return with_bucket(world, replace(bucket, objects=kept)), Answer(status=204, headers=headers)


def _current(bucket: Bucket, key: str) -> Stored | None:
    """Return the newest version of an object, or None where there is none or it is a delete marker."""
    versions = bucket.objects.get(key, [])
    return versions[-1] if versions and versions[-1].blob is not None else None


def check_conditions(bucket: Bucket, key: str, call: Call) -> None:
    """Refuse a write whose condition does not hold (412; If-Match on a missing object: 404)."""
    there = _current(bucket, key)
    failed = RefusedError(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
    if call.headers.get("if-none-match") is not None and there is not None:
        raise failed
    wanted = call.headers.get("if-match")
    if wanted is not None:
        if there is None:
            raise _no_such_key()
        if wanted.strip('"') != there.etag.strip('"'):
            raise failed


def select_headers(call: Call) -> dict[str, str]:
    """Return the headers of a put that come back with the object."""
    kept = {name: value for name, value in call.headers.items() if name in _KEPT or name.startswith("x-amz-meta-")}
    return {"content-type": "binary/octet-stream", **kept}


def new_version_id(bucket: Bucket, call: Call) -> str:
    """Return the version id that a write to this bucket makes."""
    return call.fresh().replace("-", "") if bucket.versioning == "Enabled" else _NULL


def with_object(bucket: Bucket, key: str, stored: Stored) -> Bucket:
    """Return the bucket with this version on top of the object's others."""
    others = [each for each in bucket.objects.get(key, []) if each.version_id != stored.version_id]
    return replace(bucket, objects={**bucket.objects, key: [*others, stored]})


def _no_such_key() -> RefusedError:
    return RefusedError(404, "NoSuchKey", "The specified key does not exist.")


def _describe(world: World, call: Call) -> tuple[Stored, dict[str, str]]:
    """Return the version that a get or head means, and the headers that describe it."""
    bucket = find_bucket(world, call)
    versions = bucket.objects.get(call.text("Key") or "", [])
    wanted = call.text("versionId")
    if wanted is not None:
        versions = [each for each in versions if each.version_id == wanted]
        if not versions:
            raise RefusedError(404, "NoSuchVersion", "The specified version does not exist.")
    if not versions or versions[-1].blob is None:
        raise _no_such_key()
    stored = versions[-1]
    if call.headers.get("if-match", stored.etag).strip('"') != stored.etag.strip('"'):
        raise RefusedError(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
    if call.headers.get("if-none-match", "").strip('"') == stored.etag.strip('"'):
        raise RefusedError(304, "NotModified", None)
    headers = {
        "ETag": stored.etag,
        "Last-Modified": formatdate(stored.modified, usegmt=True),
        "Accept-Ranges": "bytes",
        "x-amz-server-side-encryption": "AES256",
        **stored.headers,
        **_version_header(bucket, stored),
    }
    if call.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED":
        headers |= _checksum_headers(stored)
    return stored, headers


def _checksum_headers(stored: Stored) -> dict[str, str]:
    headers = {f"x-amz-checksum-{algorithm}": value for algorithm, value in stored.checksums.items()}
    if headers:
        whole = all("-" not in value for value in stored.checksums.values())
        headers["x-amz-checksum-type"] = "FULL_OBJECT" if whole else "COMPOSITE"
    return headers


def _version_header(bucket: Bucket, stored: Stored) -> dict[str, str]:
    return {"x-amz-version-id": stored.version_id} if bucket.versioning else {}
