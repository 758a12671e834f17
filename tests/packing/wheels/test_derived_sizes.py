"""Wheels of a few kilobytes that imply far more than they hold: lines, fields, directories."""

import base64
import hashlib
import io
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest

from lambdapack.errors import WheelError
from lambdapack.packing.wheels import metadata, paths
from lambdapack.packing.wheels.faults import WheelFault
from lambdapack.packing.wheels.wheel import inspect

METADATA = b"Metadata-Version: 2.1\nName: demo\nVersion: 1\n"


def wheel(*, described: bytes = METADATA, record: bytes | None = None) -> bytes:
    """Return a wheel of one file."""
    files = {
        "demo/__init__.py": b"",
        "demo-1.dist-info/METADATA": described,
        "demo-1.dist-info/WHEEL": b"Wheel-Version: 1.0\n",
    }
    lines = [f"{name},sha256={digest(content)},{len(content)}\n" for name, content in files.items()]
    files["demo-1.dist-info/RECORD"] = record or "".join([*lines, "demo-1.dist-info/RECORD,,\n"]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def looked_into(content: bytes) -> tuple[str, int]:
    """Return why a wheel is refused, or nothing, and the most bytes that looking into it took."""
    tracemalloc.start()
    try:
        inspect(content, filename="demo-1-py3-none-any.whl", name="demo", version="1")
    except WheelError as error:
        return error.message, tracemalloc.get_traced_memory()[1]
    else:
        return "", tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lambda: wheel(record=b"\n" * (16 << 20)), "RECORD has more than 131,070 lines"),
        (lambda: wheel(record=b"\r" * (16 << 20)), "RECORD has more than 131,070 lines"),
        (lambda: wheel(record=b"," * (16 << 20)), "as many commas as if it had"),
        (lambda: wheel(described=METADATA + b"a:\n" * 100_000), "METADATA has more than 10,000 fields"),
        (lambda: wheel(described=METADATA + b"Requires-Dist: a\n" * 60_000), "METADATA has more than 10,000 fields"),
        (
            lambda: wheel(described=METADATA + b" x\n" * 400_000),
            "has more than 1,048,576 bytes before its description",
        ),
        (lambda: wheel(described=METADATA.replace(b" 1\n", b" " + b"1" * 5_000 + b"\n")), "is that of demo 1111"),
        (lambda: wheel(described=METADATA + b"\n" + b"x: y\n" * 300_000), ""),  # a description, which nobody reads
        (wheel, ""),
    ],
    ids=["newlines", "returns", "commas", "fields", "requirements", "one field", "version", "description", "good"],
)
def test_no_wheel_takes_memory_for_what_it_implies(content: Callable[[], bytes], message: str) -> None:
    said, peak = looked_into(content())
    assert message in said if message else not said
    assert peak < 64 << 20


def test_a_field_of_many_lines_is_put_together_once() -> None:
    fields = metadata.headers(b"License: a\n" + b" b\n" * 300_000, path="METADATA")
    assert fields == [("license", "a" + " b" * 300_000)]


def test_names_may_not_imply_more_directories_than_a_package_has_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "ENTRY_LIMIT", 5_000)
    deep = [f"demo/{number}/" + "d/" * 1_600 + "x" for number in range(4)]
    paths.check_clashes(deep[:3])
    tracemalloc.start()
    try:
        with pytest.raises(WheelFault, match="in more than 5,000 directories"):
            paths.check_clashes(deep)
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()
