"""What Lambda looks at in a deployment package: its hash, its sizes, whether it unzips, whether it is signed.

Rules for this file
- Bytes in, a value out, or AWS's refusal. The size that counts is the one that unzipping finds, not the one
  that the archive claims; unzipping stops at the limit.
- The signature model: AWS Signer adds the entry ``META_INF/aws_signer_signature_v1.0.SF`` (two public
  verifiers spell it so). Its real content is a PKCS #7 structure, which nobody but AWS can make; here it is
  JSON with the ARN of the signing profile version (``profile``) and the hash of all other entries
  (``content``, hex). A content hash that differs is a broken signature.
"""

import base64
import hashlib
import io
import json
import struct
import zipfile
import zlib
from dataclasses import dataclass

from lambdapack.emulator.calls import Call
from lambdapack.emulator.refusals import RefusedError, invalid_parameter, too_large

LARGEST_ZIP = 52_428_800
"""Bytes of a zip that is sent inline; recorded: TestLambdaSizeLimits::test_oversized_zipped_create_lambda."""

LARGEST_UNZIPPED = 262_144_000
"""Bytes of all files; recorded: TestLambdaSizeLimits::test_oversized_unzipped_lambda."""

LARGEST_REQUEST = 70_167_211
"""Bytes of a request's body; recorded: TestLambdaSizeLimits::test_oversized_request_create_lambda."""

SIGNATURE = "META_INF/aws_signer_signature_v1.0.SF"
_CHUNK = 1 << 20

_ZIP_FAULTS = (zipfile.BadZipFile, RuntimeError, ValueError, EOFError, OverflowError, struct.error, zlib.error)
"""All that zipfile raises for bytes that are no zip: ``ValueError`` for names that are not UTF-8, ``RuntimeError`` for
encryption and methods that it does not know, ``OverflowError`` for an offset beyond 63 bits. The room of the emulator
stands alone, or it would take ``artifact.zip_faults``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A deployment package that Lambda accepts: hash in base64, sizes in bytes, the signing profile if any."""

    sha256: str
    size: int
    unzipped_size: int
    profile: str | None


def check_request(call: Call, *, largest: int) -> None:
    """Refuse a request whose body has ``largest`` bytes or more (413)."""
    if len(call.body) >= largest:
        raise too_large(f"Request must be smaller than {largest} bytes for the {call.operation} operation")


def check_inline(data: bytes) -> None:
    """Refuse a zip that is too large to be sent in the request itself (413)."""
    if len(data) >= LARGEST_ZIP:
        raise too_large(f"Zipped size must be smaller than {LARGEST_ZIP} bytes")


def examine(data: bytes) -> Package:
    """Return what Lambda makes of these bytes; refuses what is no zip, is empty, broken or too large unzipped.

    The texts for an empty zip and for a broken signature are from public reports and AWS's documentation.
    """
    digest = hashlib.sha256()
    profile = None
    claimed = None
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if not entries:
                raise invalid_parameter("Uploaded file must be a non-empty zip")
            signed = any(entry.filename == SIGNATURE for entry in entries)
            for entry in sorted(entries, key=lambda each: each.filename):
                if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise zipfile.BadZipFile(entry.filename)  # Python could unpack it, Lambda's unzip cannot
                hashed = hashlib.sha256()
                with archive.open(entry) as stream:
                    while chunk := stream.read(_CHUNK):
                        total += len(chunk)
                        if total >= LARGEST_UNZIPPED:
                            raise invalid_parameter(f"Unzipped size must be smaller than {LARGEST_UNZIPPED} bytes")
                        if signed:
                            hashed.update(chunk)
                if entry.filename == SIGNATURE:
                    profile, claimed = _signature(archive.read(entry))
                else:
                    line = f"{hashed.hexdigest()} {entry.filename}\n"
                    digest.update(line.encode("utf-8", "surrogateescape"))
    except _ZIP_FAULTS as error:
        message = "Could not unzip uploaded file. Please check your file, then try to upload again."
        raise invalid_parameter(message) from error
    if claimed is not None and claimed != digest.hexdigest():
        raise RefusedError(
            400,
            "InvalidCodeSignatureException",
            "The code signature failed the integrity check. If the integrity check fails, then Lambda blocks "
            "deployment, even if the code signing policy is set to WARN.",
        )
    sha256 = base64.b64encode(hashlib.sha256(data).digest()).decode("ascii")
    return Package(sha256=sha256, size=len(data), unzipped_size=total, profile=profile)


def _signature(content: bytes) -> tuple[str, str]:
    """Return the profile and the content hash that a signature entry claims; nonsense claims what never matches."""
    try:
        document = json.loads(content)
        return str(document["profile"]), str(document["content"])
    except (ValueError, KeyError, TypeError):
        return "", ""
