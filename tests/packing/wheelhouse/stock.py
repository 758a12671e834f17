"""Wheels for the wheelhouse: bytes that only a hash tells apart, and a proof that believes them."""

import contextlib
import hashlib
import random
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from lambdapack.packing.fetching.patience import Patience
from lambdapack.packing.locks.selection import LockedWheel
from lambdapack.packing.wheelhouse.cache import Cache, open_cache
from lambdapack.packing.wheelhouse.obtaining import HeldWheel, Proof, WheelFetch, Wheelhouse
from lambdapack.packing.wheels.contents import WheelContents, WheelFile

HASTY = Patience(attempts=3, attempts_in_all=8, pause=0.001, longest_pause=2.0, read_timeout=0.3)


def wheel_bytes(seed: int, size: int = 5000) -> bytes:
    return b"PK\3\4" + random.Random(seed).randbytes(size - 4)  # noqa: S311 - the same bytes every time


def locked(content: bytes, name: str = "demo", **changes: Any) -> LockedWheel:  # noqa: ANN401 - any field
    fields = {
        "name": name,
        "version": "1.0",
        "filename": f"{name}-1.0-py3-none-any.whl",
        "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
        "size": len(content),
    }
    return LockedWheel(**{**fields, **changes})


class Believer:
    """Stands for ``wheel.inspect``: believes every wheel, and counts."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, content: bytes, *, filename: str, name: str, version: str) -> WheelContents:
        self.calls += 1
        file = WheelFile(
            name=f"{name}/__init__.py",
            size=len(content),
            crc32=zlib.crc32(content),
            sha256=hashlib.sha256(content).hexdigest(),
            method=0,
            offset=0,
            compressed_size=len(content),
            executable=False,
            machine=0,
        )
        return WheelContents(filename=filename, name=name, version=version, files=(file,), requires=("other>=1",))


class Ledger:
    """What a run told and what its progress bar was given."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.totals: list[int] = []
        self.arrived = 0

    @contextlib.contextmanager
    def meter(self, total: int) -> Iterator[Callable[[int], None]]:
        self.totals.append(total)

        def advance(count: int) -> None:
            self.arrived += count

        yield advance


def cache_in(directory: Path, ledger: Ledger | None = None) -> Cache:
    cache = open_cache(directory, tell=(ledger or Ledger()).told.append)
    assert cache is not None
    return cache


def obtain(
    wheels: Sequence[LockedWheel], *, wheelhouse: Wheelhouse, ledger: Ledger | None = None, proof: Proof | None = None
) -> list[HeldWheel]:
    """Return every wheel with its bytes and contents, in the order given; raises what ``Obtaining`` raises."""
    ledger = ledger or Ledger()
    with WheelFetch(wheels, wheelhouse=wheelhouse, jobs=2, proof=proof) as obtaining:
        held = obtaining.inspect(meter=ledger.meter, tell=ledger.told.append)
        obtaining.finish(meter=ledger.meter, tell=ledger.told.append)
        return held


def obtained(
    wheels: Sequence[LockedWheel],
    house: Wheelhouse,
    *,
    ledger: Ledger | None = None,
    believer: Believer | None = None,
) -> list[HeldWheel]:
    return obtain(wheels, wheelhouse=house, ledger=ledger, proof=believer or Believer())
