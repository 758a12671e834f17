"""Contents of many kinds for the compressor, random and real: always the same for one seed and one machine."""

import base64
import json
import math
import random
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

LENGTHS: tuple[int, ...] = (
    *range(10),
    *(16, 31, 32, 33, 51, 52, 55, 56, 64, 127, 128, 255, 256, 257, 258, 259, 300, 400, 511, 512, 513, 767),
    *(999, 1000, 1001, 2048, 4096, 4999, 5000, 5001, 9999, 10000, 10001, 14999, 15000, 32767, 32768, 32769, 40000),
)
"""Where an encoder changes its mind: libdeflate's thresholds (deflate_compress.c), DEFLATE's, their neighbours."""

LONG_LENGTHS = (65_535, 65_536, 70_536, 131_072, 299_999, 300_001, 305_000, 305_258, 310_000, 650_000)
"""The same for blocks that are ended because they are long."""

WORDS = (
    *(b"the", b"of", b"and", b"to", b"in", b"is", b"that", b"for", b"it", b"as", b"with", b"on", b"be", b"at", b"by"),
    *(b"def", b"class", b"return", b"import", b"self", b"if", b"else", b"None", b"True", b"event", b"context", b"body"),
)

Kind = Callable[[random.Random, int], bytes]
"""Makes content of at least some length."""


def random_contents(seed: int, count: int) -> Iterator[bytes]:
    """Yield ``count`` contents of up to 64 KiB and, for every hundred of them, one of up to 650,000 bytes."""
    choose = random.Random(seed)  # noqa: S311 - repeatable, not secret
    for number in range(count):
        is_long = number % 100 == 99
        length = choose.choice(LONG_LENGTHS) if is_long else _length(choose)
        kind = choose.choice(KINDS)
        yield kind(choose, length)[:length]


def real_contents(seed: int, count: int) -> Iterator[bytes]:
    """Yield ``count`` files of this machine below 400 KB, in turn of every kind that it has."""
    choose = random.Random(seed)  # noqa: S311 - as above
    folders = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platlib")]
    folders += [Path("/usr/lib"), Path("/usr/share")]
    kinds: dict[tuple[Path, str], list[Path]] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and 0 < path.stat().st_size < 400_000:
                kinds.setdefault((folder, path.suffix), []).append(path)
    for files in kinds.values():
        choose.shuffle(files)
    while count and any(kinds.values()):
        for files in kinds.values():
            if files and count:
                yield files.pop().read_bytes()
                count -= 1


def _length(choose: random.Random) -> int:
    if choose.random() < 0.25:
        return choose.choice(LENGTHS)
    power = choose.uniform(0, 13) if choose.random() < 0.9 else choose.uniform(12, 16)
    return int(math.pow(2, power))


def _noise(choose: random.Random, length: int) -> bytes:
    return choose.randbytes(length)


def _alphabet(choose: random.Random, length: int) -> bytes:
    return bytes(choose.choices(choose.sample(range(256), choose.choice((1, 2, 3, 5, 8, 16, 26, 64, 200))), k=length))


def _skewed(choose: random.Random, length: int) -> bytes:
    symbols = choose.sample(range(256), choose.choice((4, 16, 64, 96, 256)))
    power = choose.uniform(0.3, 2)
    return bytes(choose.choices(symbols, [(rank + 1) ** -power for rank in range(len(symbols))], k=length))


def _words(choose: random.Random, length: int) -> bytes:
    return b" ".join(choose.choices(WORDS, k=length // 2 + 1))


def _code(choose: random.Random, length: int) -> bytes:
    line = b"def handler_%d(event, context):\n    return event[%d] + %s\n"
    return b"".join(line % (number, choose.randrange(1000), choose.choice(WORDS)) for number in range(length // 48 + 1))


def _documents(choose: random.Random, length: int) -> bytes:
    return b",".join(
        json.dumps({choose.choice(WORDS).decode(): choose.random(), "id": choose.randrange(10**9)}).encode()
        for _ in _steps(length, 24)
    )


def _records(choose: random.Random, length: int) -> bytes:
    return b"".join(
        (choose.randrange(300) + number * 150).to_bytes(4, "little") + choose.choice((bytes(4), b"\1\0\0\0", b"ab\0\0"))
        for number in _steps(length, 8)
    )


def _copies(choose: random.Random, length: int) -> bytes:
    content = bytearray(b"lambda")
    alphabet = choose.choice((4, 16, 64, 256))
    while len(content) < length:
        content += bytes(choose.randrange(alphabet) for _ in range(choose.randrange(1, 12)))
        distance = choose.randrange(1, len(content) + 1 if choose.random() < 0.5 else min(len(content), 64) + 1)
        size = choose.choice((3, 4, 5, 6, 9, 12, 20, 60, 258, 300))
        content += (content[-distance:] * (size // distance + 1))[:size]
    return bytes(content)


def _runs(choose: random.Random, length: int) -> bytes:
    sizes = (1, 2, 3, 5, 10, 100, 257, 258, 259)
    content = bytearray()
    while len(content) < length:
        content += bytes([choose.randrange(choose.choice((2, 256)))]) * choose.choice(sizes)
    return bytes(content)


def _encoded(choose: random.Random, length: int) -> bytes:
    content = choose.randbytes(length)
    return choose.choice((base64.b16encode, base64.b64encode))(content)


def _mixed(choose: random.Random, length: int) -> bytes:
    parts = []
    while length > 0:
        size = min(length, int(math.pow(2, choose.uniform(2, 13))))
        parts.append(choose.choice(KINDS[:-1])(choose, size)[:size])
        length -= size
    return b"".join(parts)


def _steps(length: int, size: int) -> range:
    """Return as many steps as pieces of at least ``size`` bytes are needed."""
    return range(length // size + 1)


KINDS: tuple[Kind, ...] = (
    *(_noise, _alphabet, _skewed, _words, _code, _documents, _records, _copies, _runs, _encoded, _mixed),
)
