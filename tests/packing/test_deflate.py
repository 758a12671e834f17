"""The compressor is the one that the profiles were written with, or nothing is written."""

import hashlib
import zlib
from collections.abc import Callable

import deflate
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdapack.errors import CompressorError
from lambdapack.packing.deflate import PROFILES, compress, content_of, crc32, sample, verified

CANARIES = {
    "fast": ("format-1/libdeflate-1", 1, "582f0d58cfa536f9a21232b262f0cb617a6d240db11912b817d2923b6696a875"),
    "default": ("format-1/libdeflate-6", 6, "f15d49da3b64a560604dd61a387eb5898fea0165475a4faf330c84d1800db5b7"),
    "best": ("format-1/libdeflate-12", 12, "e1e2edabfb1fc6c0ff75b7002900c6cefc3711d0a06d25dd75cef9cc606e2090"),
    "store": ("format-1/store", 0, ""),
}


def raw_zlib(content: bytes, level: int) -> bytes:
    compressor = zlib.compressobj(level, zlib.DEFLATED, -15)
    return compressor.compress(content) + compressor.flush()


def test_profiles_are_frozen() -> None:
    assert {key: (found.name, found.level, found.canary) for key, found in PROFILES.items()} == CANARIES


def test_the_sample_is_frozen() -> None:
    assert len(sample()) == 65_536
    assert hashlib.sha256(sample()).hexdigest() == "5b0dd10753ae104ea767b0eb9e5ace2144979f6ba5b891c40808399c247fff2a"


@pytest.mark.parametrize("name", CANARIES)
def test_the_compressor_at_hand_is_the_pinned_one(name: str) -> None:
    assert verified(PROFILES[name]) is PROFILES[name]


def flipped(content: bytes, level: int) -> bytes:
    found = bytearray(deflate.deflate_compress(content, level))
    found[-1] ^= 1
    return bytes(found)


def one_level_up(content: bytes, level: int) -> bytes:
    return bytes(deflate.deflate_compress(content, level + 1 if level < 12 else 11))


@pytest.mark.parametrize("name", ["fast", "default", "best"])
@pytest.mark.parametrize("compressor", [lambda content, level: raw_zlib(content, min(level, 9)), flipped, one_level_up])
def test_another_compressor_is_an_error(name: str, compressor: Callable[[bytes, int], bytes]) -> None:
    with pytest.raises(CompressorError) as caught:
        verified(PROFILES[name], compressor)

    assert caught.value.exit_code == 6
    assert caught.value.message == f"the compressor gives other bytes than {CANARIES[name][0]}; it is deflate 0.9.0"
    assert "deflate==0.9.0" in caught.value.hint


@given(st.binary(max_size=2_000), st.sampled_from(sorted(CANARIES)))
def test_zlib_inflates_what_we_deflate(content: bytes, name: str) -> None:
    method, payload = compress(content, PROFILES[name])

    assert (zlib.decompress(payload, -15) if method == 8 else payload) == content
    assert bytes(content_of(method, payload, len(content))) == content
    assert len(payload) <= len(content)
    assert crc32(content) == zlib.crc32(content)


def test_what_does_not_shrink_is_stored() -> None:
    noise = hashlib.shake_256(b"noise").digest(1_000)

    assert compress(noise, PROFILES["default"]) == (0, noise)
    assert compress(b"", PROFILES["default"]) == (0, b"")
    assert compress(b"ab", PROFILES["best"]) == (0, b"ab")
    assert compress(b"a" * 100, PROFILES["store"]) == (0, b"a" * 100)
    assert compress(b"a" * 100, PROFILES["default"])[0] == 8
