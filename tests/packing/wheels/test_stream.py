"""Streams: stopped where they lie, measured in pieces, and read to the very end."""

import hashlib
import random
import zlib
from typing import Any

import pytest

from lambdapack.packing.wheels import stream
from lambdapack.packing.wheels.faults import WheelFault
from lambdapack.packing.wheels.headers import StoredEntry


def entry(data: bytes, content: bytes, **changes: Any) -> StoredEntry:  # noqa: ANN401 - any field
    true = StoredEntry(
        name="demo/x",
        method=8,
        crc32=zlib.crc32(content),
        compressed_size=len(data),
        size=len(content),
        offset=0,
        end=len(data),
    )
    return true._replace(**changes)


def deflated(content: bytes) -> bytes:
    deflater = zlib.compressobj(1, zlib.DEFLATED, -15)
    return deflater.compress(content) + deflater.flush()


NOISE = random.Random(1).randbytes(2_500_000)  # noqa: S311 - noise that is the same each time
"""Many pieces, before compression and after it."""


@pytest.mark.parametrize(
    "content", [b"", b"x", bytes(3_000_000), bytes(1 << 17), bytes((1 << 17) + 1), bytes((1 << 17) - 1), NOISE]
)
def test_contents_of_any_size_are_measured(content: bytes) -> None:
    for method, data in ((8, deflated(content)), (0, content)):
        found = stream.measure(memoryview(data), entry(data, content, method=method), algorithm="sha512")
        assert found.head == content[:20]
        assert found.sha256 == hashlib.sha256(content).digest()
        assert found.digest == hashlib.sha512(content).digest()


def test_the_beginning_of_a_file_is_put_together_from_pieces() -> None:
    # A stream may begin with a byte, then a megabyte of empty blocks (RFC 1951, 3.2.4), and only then go on.
    first = b"\0\1\0\xfe\xff#"
    data = first + b"\0\0\0\xff\xff" * 300_000 + deflated(b"!/bin/sh")
    found = stream.measure(memoryview(data), entry(data, b"#!/bin/sh"))
    assert found.head == b"#!/bin/sh"


class Counting:
    """An inflater that counts what it gives."""

    produced = 0
    largest_input = 0

    def __init__(self, inflater: Any) -> None:  # noqa: ANN401 - zlib names no type
        self.inflater = inflater

    def decompress(self, data: bytes, limit: int) -> bytes:
        piece: bytes = self.inflater.decompress(data, limit)
        Counting.produced += len(piece)
        Counting.largest_input = max(Counting.largest_input, len(data))
        return piece

    def __getattr__(self, name: str) -> object:
        return getattr(self.inflater, name)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> type[Counting]:
    real = zlib.decompressobj
    monkeypatch.setattr(zlib, "decompressobj", lambda bits: Counting(real(bits)))
    Counting.produced = Counting.largest_input = 0
    return Counting


@pytest.mark.parametrize("claimed", [0, 10, 1 << 20, 2_999_999])
def test_a_stream_is_stopped_one_byte_after_its_declared_size(counting: type[Counting], claimed: int) -> None:
    content = bytes(3_000_000)
    data = deflated(content)
    with pytest.raises(WheelFault, match="inflates to more"):
        stream.measure(memoryview(data), entry(data, content, size=claimed))
    assert counting.produced == claimed + 1


def test_compressed_data_are_read_in_pieces(counting: type[Counting]) -> None:
    data = deflated(NOISE)
    stream.measure(memoryview(data), entry(data, NOISE))
    assert counting.largest_input == 1 << 17


@pytest.mark.parametrize("cut", [1, 2, 1_000, 2_400_000])
def test_a_stream_that_is_cut_is_refused(cut: int) -> None:
    data = deflated(NOISE)[:-cut]
    with pytest.raises(WheelFault, match="ends in the middle"):
        stream.measure(memoryview(data), entry(data, NOISE))


def test_the_wheels_own_files_are_read_up_to_a_limit() -> None:
    data = deflated(b"RECORD")
    assert stream.text(memoryview(data), entry(data, b"RECORD"), limit=6) == b"RECORD"
    with pytest.raises(WheelFault, match="more than 5 are not read"):
        stream.text(memoryview(data), entry(data, b"RECORD"), limit=5)
