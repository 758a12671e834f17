"""Where the code of a function or layer comes from: the request itself, an S3 object, or a container image.

Rules for this file
- The bytes are examined here and nowhere else, so that a create, an update and a dry run refuse the same
  packages with the same words.
- A dry run examines and hashes, but keeps nothing.
"""

import base64
import binascii
import hashlib
import re

from lambdapack.emulator.calls import Call
from lambdapack.emulator.control import package
from lambdapack.emulator.control.package import Package
from lambdapack.emulator.refusals import RefusedError, invalid_parameter
from lambdapack.emulator.values import Code, Members, SigningConfig, Stored, World

_IMAGE = re.compile(
    r"(?P<repository>\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/[a-z0-9._/-]+)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@sha256:(?P<digest>[0-9a-f]{64}))?"
)
S3_MEMBERS = ("S3Bucket", "S3Key", "S3ObjectVersion")


def load_zip(world: World, call: Call, members: Members) -> tuple[bytes, Package]:
    """Return the package that ``ZipFile`` or the ``S3…`` members name: its bytes, and what Lambda makes of them.

    Raises RefusedError with AWS's words for what is missing, too large or no zip. Those for no source and for two
    sources are from public reports, as is NoSuchVersion below (LocalStack's guess); the others are recorded.
    """
    if members.get("ZipFile") is not None:
        if any(members.get(member) for member in S3_MEMBERS):
            raise invalid_parameter("Please do not provide other FunctionCode parameters when providing a ZipFile.")
        try:
            data = base64.b64decode(members["ZipFile"], validate=True)
        except (binascii.Error, ValueError):
            raise RefusedError(400, "SerializationException", "ZipFile is no base64") from None
        package.check_inline(data)
    elif members.get("S3Bucket") and members.get("S3Key"):
        data = call.blobs.read(_find_object(world, call, members).blob or "")
    else:
        raise invalid_parameter("Please provide a source for function code.")
    return data, package.examine(data)


def function_zip(world: World, call: Call, members: Members, config: SigningConfig | None, *, keep: bool) -> Code:
    """Return the code of a Zip function; ``config`` is the code signing configuration that it must satisfy."""
    data, examined = load_zip(world, call, members)
    check_signature(examined.profile, config)
    return Code(
        sha256=examined.sha256,
        size=examined.size,
        unzipped_size=examined.unzipped_size,
        blob=call.blobs.keep(data) if keep else None,
        kms_key_arn=members.get("SourceKMSKeyArn") or None,
        s3_reference=_reference(members),
        signing=signature_members(examined),
    )


def signature_members(examined: Package) -> Members:
    """Return the members that a signature adds to an answer."""
    return {} if examined.profile is None else {"SigningProfileVersionArn": examined.profile}


def function_image(members: Members) -> Code:
    """Return the code of an Image function.

    There is no registry here: a URI without digest resolves to the SHA-256 of the URI, the same each time.
    """
    uri = members.get("ImageUri")
    found = _IMAGE.fullmatch(uri) if isinstance(uri, str) else None
    if found is None:
        raise invalid_parameter(f"Source image {uri} is not valid. Provide a valid source image.")
    digest = found["digest"] or hashlib.sha256(found[0].encode("utf-8")).hexdigest()
    return Code(sha256=digest, size=0, image_uri=uri)


def resolve_image(code: Code) -> str:
    """Return the URI of an image by its digest."""
    found = _IMAGE.fullmatch(code.image_uri or "")
    return f"{found['repository'] if found else ''}@sha256:{code.sha256}"


def check_signature(profile: str | None, config: SigningConfig | None) -> None:
    """Refuse code that a configuration with the policy Enforce does not let through.

    ``profile`` is the ARN of the signing profile version that signed it, None for unsigned code. The text is from
    public reports.
    """
    if config is not None and config.policy == "Enforce" and profile not in config.publishers:
        raise RefusedError(
            400,
            "CodeVerificationFailedException",
            "Lambda cannot deploy the function. The function or layer might be signed using a signature that the "
            f"client is not configured to accept. Check the provided signature for {profile or 'unsigned'}.",
        )


def _reference(members: Members) -> Members | None:
    """Return the object that stays the source, for a function whose package Lambda does not copy."""
    if members.get("S3ObjectStorageMode") != "REFERENCE":
        return None
    if not members.get("S3ObjectVersion"):
        raise invalid_parameter("S3ObjectVersion is required when S3ObjectStorageMode is REFERENCE.")
    return {member: members[member] for member in S3_MEMBERS}


def _find_object(world: World, call: Call, members: Members) -> Stored:
    """Return the S3 object that the members name, or refuse as Lambda does when its GetObject fails."""
    bucket = world.buckets.get(members["S3Bucket"])
    if bucket is None:
        raise _unreadable("NoSuchBucket", "The specified bucket does not exist")
    if bucket.region not in (None, call.region):
        message = f"The bucket is in this region: {bucket.region}. Please use this region to retry the request"
        raise _unreadable("PermanentRedirect", message)
    versions = bucket.objects.get(members["S3Key"], [])
    wanted = members.get("S3ObjectVersion")
    if wanted is not None:
        versions = [each for each in versions if each.version_id == wanted]
        if not versions:
            raise _unreadable("NoSuchVersion", "The specified version does not exist.")
    if not versions or versions[-1].blob is None:
        raise _unreadable("NoSuchKey", "The specified key does not exist.")
    return versions[-1]


def _unreadable(code: str, message: str) -> RefusedError:
    return invalid_parameter(f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}")
