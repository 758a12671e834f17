"""The checksums that S3 verifies: CRC32, CRC32C, CRC64NVME, SHA-1 and SHA-256.

Strategy
The standard library has all but two. CRC32C and CRC64NVME are computed a byte at a time from a table: some
8 MB a second, which is enough for the clients that send them (AWS CLI 2; boto3 sends CRC32).
"""

import base64
import hashlib
import zlib
from collections.abc import Callable, Mapping
from functools import cache


@cache
def _table(polynomial: int) -> tuple[int, ...]:
    """Return the CRC of every single byte; ``polynomial`` is reflected (its lowest bit is the highest power)."""
    rows = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (polynomial if value & 1 else 0)
        rows.append(value)
    return tuple(rows)


def _crc(data: bytes, *, polynomial: int, width: int) -> bytes:
    """Return a reflected CRC that begins with all ones and is inverted at the end; ``width`` is in bytes."""
    table = _table(polynomial)
    ones = (1 << 8 * width) - 1
    value = ones
    for byte in data:
        value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
    return (value ^ ones).to_bytes(width, "big")


ALGORITHMS: Mapping[str, Callable[[bytes], bytes]] = {
    "crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "crc32c": lambda data: _crc(data, polynomial=0x82F63B78, width=4),
    "crc64nvme": lambda data: _crc(data, polynomial=0x9A6C9329AC4BC9B5, width=8),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
}
"""The polynomials: RFC 3720, appendix B.4 (Castagnoli); NVM Express NVM Command Set 1.0d, 5.2.1.3.4."""


def full_checksum(algorithm: str, data: bytes) -> str:
    """Return the checksum of ``data`` in base64, as S3 writes it."""
    return base64.b64encode(ALGORITHMS[algorithm](data)).decode("ascii")


def composite_checksum(algorithm: str, parts: list[str]) -> str:
    """Return the checksum of checksums that a multipart upload gets: base64, a hyphen, the number of parts."""
    digest = ALGORITHMS[algorithm](b"".join(base64.b64decode(part) for part in parts))
    return f"{base64.b64encode(digest).decode('ascii')}-{len(parts)}"
