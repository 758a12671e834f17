"""The compressor is the one that the profiles were written with, or nothing is written."""

import hashlib
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import deflate
import pytest
import zopfli.zlib as zopfli
from hypothesis import given
from hypothesis import strategies as st
from isal import isal_zlib
from zlib_ng import zlib_ng

from lambdapack.errors import CompressorError
from lambdapack.packing.archive.canary import corpus, fingerprint
from lambdapack.packing.archive.deflate import PROFILES, compress, content_of, crc32, verify
from lambdapack.packing.archive.published import WHEELS, is_published_wheel
from tests.fuzz import encoders
from tests.fuzz.contents import random_contents
from tests.fuzz.encoders import Encoder

CANARIES = {
    "fast": ("format-1/libdeflate-1", 1, "6005d0aa0969ad1082dd7dec464ec68779ce270c81f7eda6a6e68d70ec4a4d94"),
    "default": ("format-1/libdeflate-6", 6, "601336df2df0c4b09f919c4eb1a25e8fbbfbd5f62a9cf8f9ee92afddbae29ecb"),
    "best": ("format-1/libdeflate-12", 12, "2f9fc16a827cdaf62f51c725e3f34f6690185aa55c2d1cadfadffe3c8c281864"),
    "store": ("format-1/store", 0, ""),
}


CORPORA = {
    1: (43, "bd6c0920adf763cd910adee348aae0d0550c82c4f7fd5855809fd9b186922d2d"),
    6: (39, "6c8e4ba5c321a58daaa66db73a2685e019cdeda7016e049275dd7f796d35fd29"),
    12: (38, "18dbd7b27bcfa74dc96dbd234e432c764335f8256ce862bab1a423ebb8726ee4"),
}
"""How many contents each level has, and the SHA-256 of all of them."""

Compressor = Callable[[bytes, int], bytes]


def test_profiles_are_frozen() -> None:
    assert {key: (found.name, found.level, found.canary) for key, found in PROFILES.items()} == CANARIES


@pytest.mark.parametrize("level", CORPORA)
def test_the_corpus_is_frozen(level: int) -> None:
    contents = list(corpus(level))

    assert (len(contents), hashlib.sha256(b"".join(contents)).hexdigest()) == CORPORA[level]
    assert len(set(contents)) == len(contents)


def test_the_corpus_is_short_and_long() -> None:
    sizes = {level: sorted(map(len, corpus(level))) for level in (1, 6, 12)}

    assert sizes[1][:2] == sizes[6][:2] == sizes[12][:2] == [0, 1]
    assert sizes[1][-1] == sizes[6][-1] == 307_200  # longer than libdeflate's longest block
    assert sizes[12][-1] == 10_400  # two blocks


@pytest.mark.parametrize("name", CANARIES)
def test_the_compressor_at_hand_is_the_pinned_one(name: str) -> None:
    assert verify(PROFILES[name]) is PROFILES[name]


def level_of(module: ModuleType, level: int) -> Compressor:
    """Return zlib's compressor, or one that has its interface, at one level whatever is asked for."""

    def compressed(content: bytes, _: int) -> bytes:
        compressor = module.compressobj(level, module.DEFLATED, -15)
        return bytes(compressor.compress(content) + compressor.flush())

    return compressed


def flipped(content: bytes, level: int) -> bytes:
    found = bytearray(deflate.deflate_compress(content, level))
    found[-1] ^= 1
    return bytes(found)


def failing(content: bytes, level: int) -> bytes:
    del content, level
    raise deflate.DeflateError("Compression failed")


def pinned(content: bytes, level: int) -> bytes:
    return bytes(deflate.deflate_compress(content, level))


def other_level(level: int) -> Compressor:
    return lambda content, _: pinned(content, level)


def zopfli_below(size: int) -> Compressor:
    """Return Zopfli for contents below ``size`` bytes, for it is slow, and the pinned compressor for all others."""
    return lambda content, level: zopfli.compress(content)[2:-4] if len(content) < size else pinned(content, level)


def old_below(size: int) -> Compressor:
    """Return the pinned compressor with an older release's habit: contents below ``size`` bytes become other ones."""
    return lambda content, level: (level_of(zlib, 9) if len(content) < size else pinned)(content, level)


STRANGERS: dict[str, Compressor] = {
    **{f"zlib {level}": level_of(zlib, level) for level in range(1, 10)},
    **{f"zlib-ng {level}": level_of(zlib_ng, level) for level in range(1, 10)},
    **{f"ISA-L {level}": level_of(isal_zlib, level) for level in range(4)},
    "Zopfli": zopfli_below(700),
    **{f"below {size}": old_below(size) for size in (300, 512, 1_000)},
    "flipped": flipped,
    "failing": failing,
}


@pytest.mark.parametrize("name", ["fast", "default", "best"])
@pytest.mark.parametrize("stranger", STRANGERS)
def test_another_compressor_is_an_error(name: str, stranger: str) -> None:
    with pytest.raises(CompressorError) as caught:
        verify(PROFILES[name], STRANGERS[stranger])

    assert caught.value.exit_code == 6
    assert caught.value.message == f"the compressor gives other bytes than {CANARIES[name][0]}; it is deflate 0.9.0"
    assert "--only-binary :all: deflate==0.9.0" in caught.value.hint
    assert "LIBDEFLATE_PREFIX" in caught.value.hint


@pytest.mark.parametrize("name", ["fast", "default", "best"])
@pytest.mark.parametrize("level", range(1, 13))
def test_every_other_level_is_an_error(name: str, level: int) -> None:
    profile = PROFILES[name]
    if profile.level == level:
        assert verify(profile, other_level(level)) is profile
    else:
        with pytest.raises(CompressorError, match="gives other bytes"):
            verify(profile, other_level(level))


@pytest.mark.parametrize("level", [1, 6, 12])
def test_one_content_of_the_corpus_is_enough(level: int) -> None:
    contents = list(corpus(level))
    whole = fingerprint(pinned, level)
    for odd in contents:

        def compressor(content: bytes, level: int, odd: bytes = odd) -> bytes:
            return pinned(content, level) + (b"\0" if content == odd else b"")

        assert fingerprint(compressor, level) != whole


def shifted(content: bytes, level: int) -> bytes:
    """Move a payload's first byte to the end of the one before: all of them together are the same bytes."""
    contents = list(corpus(level))
    payloads = [pinned(each, level) for each in contents]
    at = contents.index(content)
    return {0: payloads[0] + payloads[1][:1], 1: payloads[1][1:]}.get(at, payloads[at])


def test_where_a_payload_ends_counts() -> None:
    contents = list(corpus(6))

    assert b"".join(shifted(each, 6) for each in contents) == b"".join(pinned(each, 6) for each in contents)
    assert fingerprint(shifted, 6) != CANARIES["default"][2]


def test_control_one_sample_of_64_kib_lets_an_older_release_pass() -> None:
    noise = hashlib.shake_256(b"lambdapack format 1").digest(16_384)
    sample = (noise.translate(b"etaoinshrdlu \n()" * 16) + noise) * 2

    assert len(sample) == 65_536
    assert old_below(512)(sample, 6) == pinned(sample, 6)
    with pytest.raises(CompressorError, match="gives other bytes"):
        verify(PROFILES["default"], old_below(512))


def test_control_the_long_run_notices_what_the_canary_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "real_contents", lambda _seed, _count: [])
    monkeypatch.setattr(encoders, "RANDOM_CONTENTS", 40)
    monkeypatch.setattr(
        encoders, "_encoders", lambda: [Encoder("zlib", lambda some, _: [level_of(zlib, 6)(one, 6) for one in some])]
    )
    assert encoders.run()

    monkeypatch.setattr(encoders, "verify", lambda profile, _: profile)
    assert not encoders.run()


def test_a_process_proves_a_profile_once() -> None:
    calls = []

    def compressor(content: bytes, level: int) -> bytes:
        calls.append(content)
        return pinned(content, level)

    verify(PROFILES["fast"], compressor)
    verify(PROFILES["fast"], compressor)

    assert len(calls) == CORPORA[1][0]


def test_what_only_stores_asks_no_compressor() -> None:
    assert verify(PROFILES["store"], failing) is PROFILES["store"]


def test_the_published_wheels_are_known_by_their_bytes(tmp_path: Path) -> None:
    extension = tmp_path / "_deflate.abi3.so"
    extension.write_bytes(b"built elsewhere")

    assert len(WHEELS) == 18
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in WHEELS)
    assert is_published_wheel()  # the tests install with uv, which takes wheels
    assert not is_published_wheel(extension)
    assert not is_published_wheel(tmp_path / "absent")


@given(st.binary(max_size=2_000), st.sampled_from(sorted(CANARIES)))
def test_zlib_inflates_what_we_deflate(content: bytes, name: str) -> None:
    method, payload = compress(content, PROFILES[name])

    assert (zlib.decompress(payload, -15) if method == 8 else payload) == content
    assert bytes(content_of(method, payload, len(content))) == content
    assert len(payload) <= len(content)
    assert crc32(content) == zlib.crc32(content)


@pytest.mark.parametrize("name", CANARIES)
def test_contents_of_every_kind_come_back(name: str) -> None:
    for content in random_contents(2, 100):
        method, payload = compress(content, PROFILES[name])

        assert (zlib.decompress(payload, -15) if method == 8 else payload) == content


def test_what_does_not_shrink_is_stored() -> None:
    noise = hashlib.shake_256(b"noise").digest(1_000)

    assert compress(noise, PROFILES["default"]) == (0, noise)
    assert compress(b"", PROFILES["default"]) == (0, b"")
    assert compress(b"ab", PROFILES["best"]) == (0, b"ab")
    assert compress(b"a" * 100, PROFILES["store"]) == (0, b"a" * 100)
    assert compress(b"a" * 100, PROFILES["default"])[0] == 8
