"""The canary: contents that show by their compressed bytes whether an encoder is the pinned one.

Two encoders may give the same bytes for nearly everything. Which contents tell them apart was searched for among
thousands: with every release of libdeflate from 0.1 to 1.26 (1.19 and later give the same bytes), their neighbouring
levels, zlib, zlib-ng, ISA-L and Zopfli, and with hundreds of copies of 1.26 in which one number, sign or comparison was
changed. Each encoder that gives other bytes for anything does so for at least eight of these contents; of the changed
copies that give other bytes for anything, the canary stops 95 of 100. ``tests/fuzz/encoders.py`` holds it against
all that PyPI and Debian hand out.
"""

import hashlib
from collections.abc import Callable, Iterator

Compressor = Callable[[bytes, int], bytes | bytearray]
"""Takes content and a level, returns a raw deflate stream (RFC 1951)."""

LENGTHS: dict[int, dict[str, tuple[int, ...]]] = {
    1: {
        "noise": (5, 56, 60),
        "text": (0, 1, 51, 56, 200, 320),
        "bits": (51, 56, 60, 64, 200),
        "skewed": (51, 900),
        "ramp": (51, 60, 100, 520),
        "records": (300, 3_000),
        "table": (51, 52, 56, 60, 64, 80, 450),
        "runs": (25, 150, 3_000),
        "lines": (51, 400),
        "words": (1_600,),
        "copies": (422,),
        "period": (56, 60, 1_500, 1_800),
    },
    6: {
        "noise": (5, 30, 34, 60),
        "text": (0, 1, 31, 258, 700),
        "bits": (30, 32, 100, 120, 320, 350, 400),
        "skewed": (120, 512, 520),
        "ramp": (30, 32),
        "records": (258, 1_100),
        "table": (32, 1_001),
        "runs": (30, 34, 1_200, 1_800),
        "lines": (256, 600),
        "words": (30,),
        "copies": (422,),
        "period": (56, 60, 1_800),
    },
    12: {
        "noise": (5, 56, 60),
        "text": (0, 1, 5, 10, 60, 259),
        "bits": (3, 7, 10, 30, 170, 235),
        "skewed": (30,),
        "ramp": (480, 520),
        "records": (100,),
        "table": (25, 30, 51, 767, 1_350),
        "runs": (10, 150, 170, 230),
        "lines": (256,),
        "words": (230, 405, 560),
        "copies": (422,),
        "period": (60, 1_200, 1_500, 2_050),
    },
}
"""How many bytes of each material are compressed, at each level. The shortest are passed through unless the level is
another one: up to 51 bytes at level 1, 31 at 6, 7 at 12 (libdeflate's deflate_compress.c, ``max_passthrough_size``)."""

SLOW = 12
"""The level that has no time for the longest contents: it takes a hundred times as long for them as level 6."""


def corpus(level: int) -> Iterator[bytes]:
    """Yield the contents for this level, always the same: short ones, then long ones."""
    materials = _materials()
    for name, lengths in LENGTHS[level].items():
        for length in lengths:
            yield materials[name][:length]
    yield materials["text"][:5_200] + materials["noise"][:5_200]  # two blocks: each has at least 5,000 bytes
    if level != SLOW:
        yield b"".join([material[:3_000] for material in materials.values()])
        yield materials["noise"][:1_024] * 300  # a block ends after 65,535 bytes at level 1, 300,000 at others


def fingerprint(compressor: Compressor, level: int) -> str:
    """Return the SHA-256, in hexadecimal digits, of what ``compressor`` makes of the corpus, each after its length."""
    digest = hashlib.sha256()
    for content in corpus(level):
        payload = compressor(content, level)
        digest.update(len(payload).to_bytes(4, "little"))
        digest.update(payload)
    return digest.hexdigest()


def _materials() -> dict[str, bytes]:
    """Return what a compressor meets: few and many symbols, even and not, literals alone, matches near and far."""
    noise = hashlib.shake_256(b"lambdapack format 1").digest(8_192)
    text = noise.translate(b"etaoinshrdlu \n( " * 16)
    records, table = bytearray(8_192), bytearray(8_192)
    records[0::8], records[1::8], records[4::8] = noise[:1_024], text[:1_024], bytes(range(256)) * 4
    table[0::4], table[1::4] = bytes(range(256)) * 8, noise[:2_048].translate(bytes(16) + b"\1" * 240)
    table[3::4] = noise[2_048:4_096].translate(bytes(128) + b"\2" * 128)
    words = b"the of and to in is that for it as with on be at by this from or an are not have".split()
    return {
        "noise": noise,
        "text": text,
        "bits": noise.translate(b"ab" * 128),
        "skewed": noise.translate(b"e" * 128 + b"t" * 64 + b"a" * 32 + bytes(range(32))),
        "ramp": bytes(range(256)) * 3,
        "records": bytes(records),
        "table": bytes(table),
        "runs": b"".join([bytes([i & 3]) * (1 + noise[i]) for i in range(64)]),
        "lines": b"".join([b"def handler_%d(event, context):\n    return event[%d]\n" % (i, i * i) for i in range(96)]),
        "words": b" ".join([words[byte % 22] for byte in noise[:600]]),
        "copies": b"".join([noise[at * 16 : at * 16 + 4 + (noise[200 + i] & 15)] for i, at in enumerate(noise[:200])]),
        "period": noise[4_096:5_120] * 6,
    }
