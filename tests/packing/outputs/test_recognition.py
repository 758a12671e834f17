"""What an earlier run wrote is known again, and nothing that others wrote is taken for it."""

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from lambdapack.packing.build import build
from lambdapack.packing.outputs.recognition import is_ours
from lambdapack.packing.request import BuildRequest


@pytest.fixture
def package(tmp_path: Path) -> bytes:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.py").write_text("x = 1\n" * 20)
    (tmp_path / "src/ü.txt").write_text("ü")
    (tmp_path / "src/run.sh").write_text("#!/bin/sh\n")
    build(BuildRequest(source=str(tmp_path / "src"), output=str(tmp_path / "x.zip")))
    return (tmp_path / "x.zip").read_bytes()


def known(content: bytes) -> bool:
    return is_ours(io.BytesIO(content))


def test_a_package_is_ours(package: bytes) -> None:
    assert known(package)


CENTRAL = {"made by": 4, "version": 6, "flags": 8, "method": 10, "time": 12, "date": 14, "stored": 20, "size": 24}
CENTRAL |= {"name": 28, "extra": 30, "comment": 32, "disk": 34, "internal": 36, "low attributes": 38, "mode": 40}
CENTRAL |= {"offset": 42}
END = {"disk": 4, "disks": 6, "here": 8, "count": 10, "length": 12, "begin": 16, "comment": 20}


@pytest.mark.parametrize("field", CENTRAL)
@pytest.mark.parametrize("entry", [1, 2])
def test_a_header_with_another_value_is_not_ours(entry: int, field: str, package: bytes) -> None:
    changed = bytearray(package)
    place = [place for place in range(len(package)) if package.startswith(b"PK\x01\x02", place)][entry]
    changed[place + CENTRAL[field]] ^= 1

    assert not known(bytes(changed))


@pytest.mark.parametrize("field", END)
def test_an_end_record_with_another_value_is_not_ours(field: str, package: bytes) -> None:
    changed = bytearray(package)
    changed[len(package) - 22 + END[field]] ^= 1

    assert not known(bytes(changed))


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"PK\x03\x04", b"x" * 100, struct.pack("<I", 0)])
def test_what_is_no_package_is_not_ours(content: bytes) -> None:
    assert not known(content)


def zipped(names: list[str], *, mode: int = stat.S_IFREG | 0o644, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip as tools for reproducible archives write it: every date is 1980."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name in names:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, b"content " * 20, compress_type=method)
    return file.getvalue()


def test_zips_of_other_tools_with_the_same_date_are_not_ours(package: bytes) -> None:
    wheel = ["pkg/__init__.py", "pkg-1.0.dist-info/METADATA", "pkg-1.0.dist-info/WHEEL", "pkg-1.0.dist-info/RECORD"]

    assert not known(zipped(wheel))
    assert not known(zipped(["data.txt"], mode=0o600))
    assert not known(zipped(["data.txt"], mode=stat.S_IFREG | 0o664))
    assert not known(zipped(["b", "a"]))
    assert not known(zipped(["a/", "a/b"], mode=stat.S_IFDIR | 0o755))
    assert not known(package + b"\0")
    assert not known(b"\0" + package)
