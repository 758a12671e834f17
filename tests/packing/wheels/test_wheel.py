"""Looking into wheels: each crafted one is refused or accepted for its one reason, and nothing else comes out."""

import hashlib
import io
import struct
import zipfile
import zlib
from collections import Counter

import pytest

from lambdapack.packing.wheels import wheel
from lambdapack.packing.wheels.contents import WheelContents
from lambdapack.packing.wheels.wheel import inspect
from tests.packing.wheels.crafted import small, wheels
from tests.packing.wheels.handmade import DIST_INFO, FILENAME, INIT, METADATA, WHEEL, Part, archive, demo
from tests.packing.wheels.judging import judged, look

LARGE = ("A36", "A37", "A37-200-MB", "A37-says-4-GiB")


@pytest.mark.parametrize("row", small())
def test_each_crafted_wheel_is_judged_for_its_one_reason(row: str) -> None:
    crafted = small()[row]
    verdict, words = judged(crafted)
    assert verdict == crafted.expected
    assert crafted.word in words
    if verdict == "refuse":
        assert words.startswith(f"{crafted.filename}: ")
    elif not crafted.word:
        assert words == ""


@pytest.mark.parametrize("row", LARGE)
def test_large_wheels_are_accepted_up_to_the_limits(row: str) -> None:
    crafted = wheels()[row]
    verdict, words = judged(crafted)
    assert verdict == crafted.expected
    assert crafted.word in words


def test_as_many_entries_as_the_limit_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    crafted = small()["A00"]
    monkeypatch.setattr(wheel, "ENTRY_LIMIT", 6)
    assert judged(crafted)[0] == "accept"
    monkeypatch.setattr(wheel, "ENTRY_LIMIT", 5)
    assert judged(crafted)[0] == "limit"


def test_no_crafted_wheel_is_left_out() -> None:
    assert set(LARGE) == set(wheels()) - set(small())


@pytest.mark.parametrize("row", [row for row, crafted in small().items() if crafted.expected == "accept"])
def test_what_is_accepted_holds_what_zipfile_reads(row: str) -> None:
    crafted = small()[row]
    contents = look(crafted)
    with zipfile.ZipFile(io.BytesIO(crafted.content)) as archived:
        expected = Counter(archived.read(info) for info in archived.infolist() if not info.is_dir())
    assert Counter(unpacked(crafted.content, contents).values()) == expected


def unpacked(content: bytes, contents: WheelContents) -> dict[str, bytes]:
    """Return what a build would copy out of the wheel, by the names where it lands."""
    found = {}
    for file in (*contents.files, *contents.scripts):
        data = content[file.offset : file.offset + file.compressed_size]
        found[file.name] = zlib.decompress(data, -15) if file.method == 8 else data
        assert (file.size, file.crc32) == (len(found[file.name]), zlib.crc32(found[file.name]))
        assert file.sha256 == hashlib.sha256(found[file.name]).hexdigest()
    return found


def test_a_good_wheel_says_what_it_holds() -> None:
    content = archive(demo(Part(name=b"demo/data.bin", content=b"abc", method=0)))
    contents = inspect(content, filename=FILENAME, name="demo", version="1.0")
    assert (contents.filename, contents.name, contents.version) == (FILENAME, "demo", "1.0")
    assert contents.requires == ("other>=1",)
    assert contents.warnings == ()
    assert contents.scripts == ()
    record = f"{DIST_INFO}/RECORD"
    assert unpacked(content, contents) == {
        f"{DIST_INFO}/METADATA": METADATA,
        record: zipfile.ZipFile(io.BytesIO(content)).read(record),
        f"{DIST_INFO}/WHEEL": WHEEL,
        "demo/__init__.py": INIT,
        "demo/data.bin": b"abc",
    }
    data = next(file for file in contents.files if file.name == "demo/data.bin")
    assert (data.method, data.size, data.compressed_size, data.crc32) == (0, 3, 3, 0x352441C2)
    assert data.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
def test_sha256_is_there_whatever_record_lists(algorithm: str) -> None:
    crafted = small()[f"C06-{algorithm}"]
    contents = inspect(crafted.content, filename=FILENAME, name="demo", version="1.0")
    found = {file.name: file.sha256 for file in contents.files}
    assert found["demo/x.py"] == hashlib.sha256(b"X = 1\n").hexdigest()


ELF_64_LITTLE = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<2H", 3, 183)
ELF_32_BIG = b"\x7fELF\1\2\1" + bytes(9) + struct.pack(">2H", 3, 22)


@pytest.mark.parametrize(
    ("content", "executable", "machine"),
    [
        (b"#!/usr/bin/python\n", True, 0),
        (b"#", False, 0),
        (b"", False, 0),
        (ELF_64_LITTLE + bytes(100), True, 183),
        (ELF_64_LITTLE, True, 183),
        (ELF_32_BIG, True, 22),
        (ELF_64_LITTLE[:19], True, 183),
        (ELF_64_LITTLE[:18], True, 0),
        (b"\x7fELF", True, 0),
        (b"\x7fEL", False, 0),
        (b"MZ", False, 0),
    ],
)
@pytest.mark.parametrize("method", [0, 8])
def test_scripts_and_binaries_are_known_by_their_first_bytes(
    content: bytes,
    executable: bool,  # noqa: FBT001 - a parameter of the test
    machine: int,
    method: int,
) -> None:
    crafted = archive(demo(Part(name=b"demo/x", content=content, method=method)))
    contents = inspect(crafted, filename=FILENAME, name="demo", version="1.0")
    file = next(file for file in contents.files if file.name == "demo/x")
    assert (file.executable, file.machine) == (executable, machine)


def test_a_wheel_that_ships_an_installers_files_loses_them() -> None:
    own = [Part(name=f"{DIST_INFO}/{name}".encode(), content=b"uv\n") for name in ("INSTALLER", "REQUESTED")]
    mapped = Part(name=f"demo-1.0.data/purelib/{DIST_INFO}/direct_url.json".encode(), content=b"{}")
    contents = inspect(archive(demo(*own, mapped)), filename=FILENAME, name="demo", version="1.0")
    assert [file.name for file in contents.files] == [
        f"{DIST_INFO}/METADATA",
        f"{DIST_INFO}/RECORD",
        f"{DIST_INFO}/WHEEL",
        "demo/__init__.py",
    ]


def test_no_file_is_made_from_entry_points() -> None:
    crafted = small()["C17"]
    contents = inspect(crafted.content, filename=FILENAME, name="demo", version="1.0")
    assert contents.scripts == ()
    assert not [file.name for file in contents.files if "evil" in file.name]


def test_scripts_land_in_bin_and_are_kept_apart() -> None:
    script = Part(name=b"demo-1.0.data/scripts/tool", content=b"#!python\n")
    contents = inspect(archive(demo(script)), filename=FILENAME, name="demo", version="1.0")
    assert [(file.name, file.executable) for file in contents.scripts] == [("bin/tool", True)]
    assert not [file.name for file in contents.files if "tool" in file.name]


def test_a_long_name_is_cut_in_the_message() -> None:
    crafted = small()["B18-too-deep"]
    _, words = judged(crafted)
    assert "(5,009 characters)" in words
    assert len(words) < 400


def test_nothing_is_inflated_of_a_wheel_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zlib, "decompressobj", None)
    assert judged(wheels()["A37"])[0] == "limit"
