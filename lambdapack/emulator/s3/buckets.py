"""The operations on S3 buckets: create, head, delete, list, versioning, and the listing of their objects.

A bucket lies in one Region and answers 301 from any other; the bucket ``emulator`` answers from all of them.
"""

import re
from dataclasses import replace

from lambdapack.emulator.calls import Answer, Call, xml_time
from lambdapack.emulator.refusals import RefusedError
from lambdapack.emulator.values import Bucket, World, with_bucket, without
from lambdapack.emulator.xmltext import Element, fields, malformed, xml_answer

_LARGEST_LISTING = 1000
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")

_CREATED = 315_532_800.0
"""What every bucket answers, 1980-01-01: the real time, which nobody asks for, is not kept."""


def find_bucket(world: World, call: Call) -> Bucket:
    """Return the bucket of this call, or refuse: missing (404), or in another Region (301)."""
    bucket = world.buckets.get(call.text("Bucket") or "")
    if bucket is None:
        raise RefusedError(404, "NoSuchBucket", "The specified bucket does not exist")
    if bucket.region not in (None, call.region):
        raise RefusedError(
            301,
            "PermanentRedirect",
            "The bucket you are attempting to access must be addressed using the specified endpoint. "
            f"Please send all future requests to this endpoint. (Region: {bucket.region})",
        )
    return bucket


def create_bucket(world: World, call: Call) -> tuple[World, Answer]:
    """Create a bucket in the Region of the request, or of its LocationConstraint."""
    name = call.text("Bucket") or ""
    if not _NAME.fullmatch(name):
        raise RefusedError(400, "InvalidBucketName", "The specified bucket is not valid.")
    if name in world.buckets:
        message = "Your previous request to create the named bucket succeeded and you already own it."
        raise RefusedError(409, "BucketAlreadyOwnedByYou", message)
    constraint = fields(call.body).get("LocationConstraint")
    if constraint is None and call.region != "us-east-1":
        raise RefusedError(
            400,
            "IllegalLocationConstraintException",
            "The unspecified location constraint is incompatible for the region specific endpoint this request "
            "was sent to.",
        )
    bucket = Bucket(name=name, region=constraint or "us-east-1")
    return with_bucket(world, bucket), Answer(headers={"Location": f"/{name}"})


def head_bucket(world: World, call: Call) -> tuple[World, Answer]:
    """Answer 200 if the bucket is there."""
    bucket = find_bucket(world, call)
    return world, Answer(headers={"x-amz-bucket-region": bucket.region or call.region})


def delete_bucket(world: World, call: Call) -> tuple[World, Answer]:
    """Delete a bucket that is empty."""
    bucket = find_bucket(world, call)
    if any(bucket.objects.values()):
        raise RefusedError(409, "BucketNotEmpty", "The bucket you tried to delete is not empty")
    return replace(world, buckets=without(world.buckets, bucket.name)), Answer(status=204)


def list_buckets(world: World, call: Call) -> tuple[World, Answer]:
    """Return every bucket by name."""
    del call
    created = xml_time(_CREATED)
    rows = [Element("Bucket", {"Name": name, "CreationDate": created}) for name in sorted(world.buckets)]
    return world, xml_answer(Element("ListAllMyBucketsResult", [Element("Buckets", rows)]))


def get_bucket_location(world: World, call: Call) -> tuple[World, Answer]:
    """Return the Region of a bucket (nothing for us-east-1, as S3 does)."""
    region = find_bucket(world, call).region or call.region
    return world, xml_answer(Element("LocationConstraint", "" if region == "us-east-1" else region))


def get_bucket_versioning(world: World, call: Call) -> tuple[World, Answer]:
    """Return Enabled or Suspended, or neither where versioning was never set."""
    status = find_bucket(world, call).versioning
    return world, xml_answer(Element("VersioningConfiguration", {"Status": status} if status else ""))


def put_bucket_versioning(world: World, call: Call) -> tuple[World, Answer]:
    """Set versioning to Enabled or Suspended."""
    bucket = find_bucket(world, call)
    status = fields(call.body).get("Status")
    if status not in ("Enabled", "Suspended"):
        raise malformed()
    return with_bucket(world, replace(bucket, versioning=status)), Answer()


def list_objects(world: World, call: Call) -> tuple[World, Answer]:
    """Return the current objects by key (ListObjectsV2): prefix, delimiter, 1000 a page."""
    bucket = find_bucket(world, call)
    prefix, delimiter = call.text("prefix") or "", call.text("delimiter") or ""
    after = call.text("continuation-token") or call.text("start-after") or ""
    limit = min(call.number("max-keys") or _LARGEST_LISTING, _LARGEST_LISTING)
    rows: dict[str, Element] = {}
    truncated = False
    last = ""
    for key in sorted(bucket.objects, key=lambda each: each.encode("utf-8")):
        current = bucket.objects[key][-1] if bucket.objects[key] else None
        if current is None or current.blob is None or not key.startswith(prefix):
            continue
        group, separator, _ = key[len(prefix) :].partition(delimiter) if delimiter else (key, "", "")
        name = prefix + group + separator if separator else key
        if name <= after or name in rows:
            continue
        if len(rows) == limit:
            truncated = True
            break
        last = name
        if separator:
            rows[name] = Element("CommonPrefixes", {"Prefix": name})
        else:
            facts = {"Key": key, "LastModified": xml_time(current.modified), "ETag": current.etag}
            facts |= {"Size": str(current.size), "StorageClass": "STANDARD"}
            rows[name] = Element("Contents", facts)
    head = {"Name": bucket.name, "Prefix": prefix, "MaxKeys": str(limit), "KeyCount": str(len(rows))}
    head |= {"IsTruncated": str(truncated).lower()}
    if truncated:
        head["NextContinuationToken"] = last
    body = [*(Element(tag, value) for tag, value in head.items()), *rows.values()]
    return world, xml_answer(Element("ListBucketResult", body))
