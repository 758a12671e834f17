"""The compressor: libdeflate, pinned, in named profiles that never change.

A profile's name stands in every answer of ``build`` and fixes the bytes. Changing what one does, or
the release of libdeflate, is a new format number with profiles of its own; old ones stay.

``verify`` proves, before the first byte, that the library at hand gives the bytes that the profile
promises: the contents of ``canary`` are compressed and the hash of all payloads compared with the one
written here. The same libdeflate gives the same bytes on every CPU (its NEWS, 0.8), but a distributor
may build the binding against another release; then the answer is an error, never other bytes.
"""

import functools
from typing import NamedTuple

import deflate

from lambdapack.errors import CompressorError
from lambdapack.packing.archive.canary import Compressor, fingerprint
from lambdapack.zipformat import DEFLATED, STORED


class Profile(NamedTuple):
    """A way of compressing whose output is fixed for ever."""

    name: str
    level: int
    """libdeflate's level, 1 to 12; 0 stores everything."""
    canary: str
    """The canary's fingerprint of libdeflate at this level, in hexadecimal digits."""


PROFILES = {
    "fast": Profile("format-1/libdeflate-1", 1, "6005d0aa0969ad1082dd7dec464ec68779ce270c81f7eda6a6e68d70ec4a4d94"),
    "default": Profile("format-1/libdeflate-6", 6, "601336df2df0c4b09f919c4eb1a25e8fbbfbd5f62a9cf8f9ee92afddbae29ecb"),
    "best": Profile("format-1/libdeflate-12", 12, "2f9fc16a827cdaf62f51c725e3f34f6690185aa55c2d1cadfadffe3c8c281864"),
    "store": Profile("format-1/store", 0, ""),
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


@functools.cache
def verify(profile: Profile, compressor: Compressor = deflate.deflate_compress) -> Profile:
    """Return ``profile`` once it is proven that ``compressor`` gives its bytes; raises ``CompressorError``."""
    if profile.level:
        try:
            found = fingerprint(compressor, profile.level)
        except deflate.DeflateError:
            found = ""
        if found != profile.canary:
            raise CompressorError(
                f"the compressor gives other bytes than {profile.name}; it is deflate {deflate.__version__}",
                hint="install the published wheel: pip install --force-reinstall --only-binary :all: deflate==0.9.0 "
                "(where this machine has none, build it without LIBDEFLATE_PREFIX)",
            )
    return profile
