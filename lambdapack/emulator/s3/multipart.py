"""Multipart uploads to S3, as the AWS CLI and ``upload_file`` make them above 8 MB.

The parts are stored on their own until the upload is completed; the whole is then one object, whose checksum
is that of its bytes (FULL_OBJECT: asked for, or CRC64NVME) or that of the parts' checksums (COMPOSITE).
"""

import hashlib
from dataclasses import replace

from lambdapack.emulator.calls import Answer, Call
from lambdapack.emulator.refusals import RefusedError
from lambdapack.emulator.s3 import checksums as checksums_of
from lambdapack.emulator.s3.buckets import find_bucket
from lambdapack.emulator.s3.objects import check_conditions, new_version_id, select_headers, with_object
from lambdapack.emulator.s3.uploads import Body, keep, receive
from lambdapack.emulator.values import Bucket, Stored, Upload, World, with_bucket, without
from lambdapack.emulator.xmltext import Element, parse, tag, xml_answer

_SMALLEST_PART = 5 * 1024 * 1024
"""Bytes of each part but the last; Amazon S3 User Guide, "multipart upload limits"."""

_LAST_PART = 10_000
"""The highest number of a part; as above."""


def create_multipart_upload(world: World, call: Call) -> tuple[World, Answer]:
    """Begin an upload."""
    bucket = find_bucket(world, call)
    identifier = call.fresh().replace("-", "")
    key = call.text("Key") or ""
    algorithm = call.headers.get("x-amz-checksum-algorithm", "")
    whole = call.headers.get("x-amz-checksum-type") == "FULL_OBJECT" or algorithm == "CRC64NVME"
    upload = Upload(key=key, headers=select_headers(call), parts={}, whole=whole)
    world = with_bucket(world, replace(bucket, uploads={**bucket.uploads, identifier: upload}))
    members = {"Bucket": bucket.name, "Key": key, "UploadId": identifier}
    answer = xml_answer(Element("InitiateMultipartUploadResult", members))
    if algorithm:
        answer = replace(answer, headers={**answer.headers, "x-amz-checksum-algorithm": algorithm})
    return world, answer


def upload_part(world: World, call: Call) -> tuple[World, Answer]:
    """Store one part, verified like an object."""
    bucket = find_bucket(world, call)
    identifier, upload = _upload(bucket, call)
    number = call.number("partNumber") or 0
    if not 1 <= number <= _LAST_PART:
        message = f"Part number must be an integer between 1 and {_LAST_PART}, inclusive"
        raise RefusedError(400, "InvalidArgument", message)
    part = keep(call, receive(call), version_id="", headers={})
    upload = replace(upload, parts={**upload.parts, str(number): part})
    world = with_bucket(world, replace(bucket, uploads={**bucket.uploads, identifier: upload}))
    headers = {f"x-amz-checksum-{algorithm}": value for algorithm, value in part.checksums.items()}
    return world, Answer(headers={"ETag": part.etag, **headers})


def complete_multipart_upload(world: World, call: Call) -> tuple[World, Answer]:
    """Make the object of the parts that the request lists, in ascending order."""
    bucket = find_bucket(world, call)
    identifier, upload = _upload(bucket, call)
    check_conditions(bucket, upload.key, call)
    parts = _select_parts(upload, call)
    data = b"".join(call.blobs.read(part.blob or "") for part in parts)
    hashes = b"".join(bytes.fromhex(part.etag.strip('"')) for part in parts)
    etag = f'"{hashlib.md5(hashes, usedforsecurity=False).hexdigest()}-{len(parts)}"'
    algorithms = set(parts[0].checksums).intersection(*(part.checksums for part in parts))
    if upload.whole:
        checksums = {each: checksums_of.full_checksum(each, data) for each in algorithms}
    else:
        checksums = {
            each: checksums_of.composite_checksum(each, [part.checksums[each] for part in parts]) for each in algorithms
        }
    body = Body(data=data, checksums=checksums, etag=etag)
    stored = keep(call, body, version_id=new_version_id(bucket, call), headers=upload.headers)
    bucket = replace(with_object(bucket, upload.key, stored), uploads=without(bucket.uploads, identifier))
    members = {"Bucket": bucket.name, "Key": upload.key, "ETag": etag}
    members |= {f"Checksum{each.upper()}": value for each, value in stored.checksums.items()}
    answer = xml_answer(Element("CompleteMultipartUploadResult", members))
    if bucket.versioning:
        answer = replace(answer, headers={**answer.headers, "x-amz-version-id": stored.version_id})
    return with_bucket(world, bucket), answer


def abort_multipart_upload(world: World, call: Call) -> tuple[World, Answer]:
    """Forget an upload."""
    bucket = find_bucket(world, call)
    identifier, _ = _upload(bucket, call)
    return with_bucket(world, replace(bucket, uploads=without(bucket.uploads, identifier))), Answer(status=204)


def _upload(bucket: Bucket, call: Call) -> tuple[str, Upload]:
    identifier = call.text("uploadId") or ""
    upload = bucket.uploads.get(identifier)
    if upload is None or upload.key != call.text("Key"):
        raise RefusedError(
            404,
            "NoSuchUpload",
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted "
            "or completed.",
        )
    return identifier, upload


def _select_parts(upload: Upload, call: Call) -> list[Stored]:
    """Return the parts that the request lists; each must be there, under its ETag, in ascending order."""
    listed = [
        {tag(child): (child.text or "").strip() for child in part} for part in parse(call.body) if tag(part) == "Part"
    ]
    numbers = [int(each.get("PartNumber", "0")) for each in listed]
    if numbers != sorted(set(numbers)):
        raise RefusedError(400, "InvalidPartOrder", "The list of parts was not in ascending order.")
    parts = [upload.parts.get(each["PartNumber"]) for each in listed]
    there = [
        part
        for part, each in zip(parts, listed, strict=True)
        if part is not None and part.etag.strip('"') == each.get("ETag", "").strip('"')
    ]
    if len(there) != len(listed) or not there:
        raise RefusedError(400, "InvalidPart", "One or more of the specified parts could not be found.")
    if any(part.size < _SMALLEST_PART for part in there[:-1]):
        message = "Your proposed upload is smaller than the minimum allowed object size."
        raise RefusedError(400, "EntityTooSmall", message)
    return there
