"""The compressor: libdeflate, pinned, in named profiles that never change.

A profile's name stands in every answer of ``build`` and fixes the bytes. Changing what one does, or
the release of libdeflate, is a new format number with profiles of its own; old ones stay.

``verified`` proves, before the first byte, that the library at hand gives the bytes that the profile
promises: a built-in sample is compressed and its hash compared with the one written here. The same
libdeflate gives the same bytes on every CPU (its NEWS, 1.0 and v0.8), but a distributor may build the
binding against another release; then the answer is an error, never other bytes.
"""

import hashlib
from collections.abc import Callable
from typing import NamedTuple

import deflate

from lambdapack.errors import CompressorError

STORED = 0
DEFLATED = 8
"""Compression methods (APPNOTE 4.4.5)."""


class Profile(NamedTuple):
    """A way of compressing whose output is fixed for ever."""

    name: str
    level: int
    """libdeflate's level, 1 to 12; 0 stores everything."""
    canary: str
    """SHA-256 of the sample compressed at this level, in hexadecimal digits."""


PROFILES = {
    "fast": Profile(
        name="format-1/libdeflate-1",
        level=1,
        canary="582f0d58cfa536f9a21232b262f0cb617a6d240db11912b817d2923b6696a875",
    ),
    "default": Profile(
        name="format-1/libdeflate-6",
        level=6,
        canary="f15d49da3b64a560604dd61a387eb5898fea0165475a4faf330c84d1800db5b7",
    ),
    "best": Profile(
        name="format-1/libdeflate-12",
        level=12,
        canary="e1e2edabfb1fc6c0ff75b7002900c6cefc3711d0a06d25dd75cef9cc606e2090",
    ),
    "store": Profile(name="format-1/store", level=0, canary=""),
}
"""What ``--compression`` chooses from."""


def compress(content: bytes, profile: Profile) -> tuple[int, bytes | bytearray]:
    """Return the method and the payload of ``content``: deflated, or stored where that is not larger."""
    if profile.level and content:
        payload = deflate.deflate_compress(content, profile.level)
        if len(payload) < len(content):
            return DEFLATED, payload
    return STORED, content


def content_of(method: int, payload: bytes | bytearray | memoryview, size: int) -> bytes | bytearray | memoryview:
    """Return the ``size`` bytes that ``compress`` made ``payload`` of."""
    return deflate.deflate_decompress(payload, size) if method == DEFLATED else payload


def crc32(content: bytes) -> int:
    """Return the CRC-32 of ``content`` (APPNOTE 4.4.7); libdeflate's is six times as fast as zlib's."""
    return deflate.crc32(content)


def sample() -> bytes:
    """Return 64 KiB in which a compressor meets everything: text, repeats near and far, noise, zeros."""
    noise = hashlib.shake_256(b"lambdapack format 1").digest(16_384)
    text = noise.translate(bytes(b"etaoinshrdlu \n()"[i % 16] for i in range(256)))
    lines = b"".join(b"def handler_%d(event, context):\n    return event[%d]\n" % (i, i * i) for i in range(256))
    return text + lines[:8_192] + noise[:8_192] + bytes(8_192) + text[::-1] + lines[:4_096] + noise[4_096:8_192]


def verified(
    profile: Profile, compressor: Callable[[bytes, int], bytes | bytearray] = deflate.deflate_compress
) -> Profile:
    """Return ``profile`` after proving that ``compressor`` gives its bytes.

    Raises ``CompressorError`` where the compressed sample is another one than the profile promises.
    """
    if profile.level and hashlib.sha256(compressor(sample(), profile.level)).hexdigest() != profile.canary:
        raise CompressorError(
            f"the compressor gives other bytes than {profile.name}; it is deflate {deflate.__version__}",
            hint="install the published wheel: pip install --force-reinstall --only-binary :all: deflate==0.9.0",
        )
    return profile
