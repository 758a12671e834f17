"""What is kept of a lock comes back exactly, or not at all."""

import json
from pathlib import Path
from typing import Any

import pytest

from lambdapack.packing.locks import cache as lockcache
from lambdapack.packing.locks.pylock import select_wheels
from lambdapack.packing.locks.selection import LockedWheel, Selection
from lambdapack.packing.wheelhouse.cache import open_cache
from tests.packing.locks.locks import ARM, digest, package, pylock

SELECTION = Selection(
    lock="pylock.toml",
    wheels=(
        LockedWheel(
            name="six",
            version="1.17.0",
            filename="six-1.17.0-py2.py3-none-any.whl",
            hashes={"sha256": digest("six"), "sha512": digest("a") + digest("b")},
            size=11_050,
            url="https://example.com/six-1.17.0-py2.py3-none-any.whl",
        ),
        LockedWheel(
            name="demo",
            version="1!2.0+local.1",
            filename="demo-1!2.0+local.1-cp313-abi3-manylinux_2_17_aarch64.whl",
            hashes={"blake2b": digest("a") + digest("b")},
            path="wheels/demo.whl",
        ),
    ),
)


class One:
    """A cache of one entry, whatever it is asked for."""

    def __init__(self, content: bytes | None = None) -> None:
        self.content = content

    def get(self, kind: str, key: str) -> bytes | None:
        del kind, key
        return self.content

    def put(self, kind: str, key: str, content: bytes) -> None:
        del kind, key
        self.content = content


def test_a_selection_comes_back_as_it_was() -> None:
    cache = One()

    lockcache.store(cache, "key", SELECTION)

    assert lockcache.load(cache, "key", lock="pylock.toml") == SELECTION
    assert lockcache.load(One(), "key", lock="pylock.toml") is None


def changed(at: int, value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    document = lockcache.to_document(SELECTION)
    document[0][at] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{}", b"[[]]", b"[1]", b"null", b"\xff", b"[" * 100_000, b'[["six"]]'),
        *(changed(0, ""), changed(0, 1), changed(0, None), changed(1, None), changed(1, 1.17)),
        *(changed(2, "six.zip"), changed(2, "../six-1-py3-none-any.whl"), changed(2, 1)),
        *(changed(3, {}), changed(3, {"md5": "0" * 32}), changed(3, {"sha256": "0" * 63}), changed(3, [])),
        *(changed(3, {"sha256": "A" * 64}), changed(3, {"sha256": "0" * 64, "md5": "0" * 32}), changed(3, None)),
        *(changed(4, 0), changed(4, -1), changed(4, 1.5), changed(4, "1")),
        *(changed(5, "http://example.com/"), changed(5, "https://u:p@example.com/x.whl"), changed(5, 1)),
        *(changed(5, "https://example.com/x.whl?key=1"), changed(5, "file:///x.whl"), changed(6, 1)),
        changed(4, 77).replace(b"77", b"true"),
        json.dumps([[*fields, None] for fields in lockcache.to_document(SELECTION)]).encode(),
    ],
)
def test_an_entry_that_is_not_ours_counts_as_missing(content: bytes) -> None:
    assert lockcache.load(One(content), "key", lock="pylock.toml") is None


def test_a_flipped_bit_in_the_cache_changes_nothing(tmp_path: Path) -> None:
    told: list[str] = []
    cache = open_cache(tmp_path / "cache", tell=told.append)
    assert cache is not None
    path = pylock(tmp_path, package("six", "1.17.0", "six-1.17.0-py2.py3-none-any.whl"))
    expected = select_wheels(path, target=ARM, cache=cache)
    (entry,) = (tmp_path / "cache" / lockcache.KIND).iterdir()
    whole = entry.read_bytes()

    for bit in range(0, len(whole) * 8, 61):
        broken = bytearray(whole)
        broken[bit // 8] ^= 1 << bit % 8
        entry.write_bytes(broken)
        assert select_wheels(path, target=ARM, cache=cache) == expected
        assert entry.read_bytes() == whole
