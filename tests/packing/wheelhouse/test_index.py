import json
from collections.abc import Callable
from typing import Any

import pytest

from lambdapack.packing.wheelhouse import index
from lambdapack.packing.wheels.contents import WheelContents, WheelFile
from tests.packing.wheelhouse.stock import locked

FILE = WheelFile(
    name="demo/é.py",
    size=100,
    crc32=0xFFFFFFFF,
    sha256="0f" * 32,
    method=8,
    offset=40,
    compressed_size=60,
    executable=True,
    machine=183,
)
SCRIPT = FILE._replace(name="bin/demo", executable=False, machine=0, method=0)
CONTENTS = WheelContents(
    filename="demo-1.0-py3-none-any.whl",
    name="demo",
    version="1.0",
    files=(FILE, FILE._replace(name="demo/other.py")),
    scripts=(SCRIPT,),
    requires=("other>=1; python_version < '4'",),
    warnings=("holds evil.pth",),
)


def test_contents_come_back_as_they_were() -> None:
    assert index.load(index.dump(CONTENTS), wheel_size=100) == CONTENTS


def test_a_wheel_without_files_comes_back() -> None:
    empty = WheelContents(filename="demo-1.0-py3-none-any.whl", name="demo", version="1.0", files=())

    assert index.load(index.dump(empty), wheel_size=0) == empty


def test_the_fields_come_back_with_their_types() -> None:
    loaded = index.load(index.dump(CONTENTS), wheel_size=100)

    assert loaded is not None
    assert [type(value) for value in loaded.files[0]] == [str, int, int, str, int, int, int, bool, int]
    assert type(loaded.files[0]) is WheelFile


Change = Callable[[dict[str, Any]], object]

FLAWS: dict[str, Change] = {
    "a negative offset": lambda d: d["files"][5].__setitem__(0, -1),
    "a negative size": lambda d: d["files"][1].__setitem__(0, -1),
    "a negative compressed size": lambda d: d["files"][6].__setitem__(0, -1),
    "bytes behind the end": lambda d: d["files"][5].__setitem__(1, 41),
    "bytes of a script behind the end": lambda d: d["scripts"][6].__setitem__(0, 61),
    "an offset that is a float": lambda d: d["files"][5].__setitem__(0, 40.0),
    "an offset that is text": lambda d: d["files"][5].__setitem__(0, "40"),
    "an offset that is true": lambda d: d["files"].__setitem__(5, [True, True]),
    "a flag that is a number": lambda d: d["files"][7].__setitem__(0, 1),
    "a name that is a number": lambda d: d["files"][0].__setitem__(0, 1),
    "an empty name": lambda d: d["files"][0].__setitem__(0, ""),
    "a digest that is too short": lambda d: d["files"][3].__setitem__(0, "0f" * 31),
    "a method that is not known": lambda d: d["files"][4].__setitem__(0, 9),
    "a CRC of 33 bits": lambda d: d["files"][2].__setitem__(0, 1 << 32),
    "a machine of 17 bits": lambda d: d["files"][8].__setitem__(0, 1 << 16),
    "columns of different lengths": lambda d: d["files"][0].append("demo/third.py"),
    "a column too few": lambda d: d["files"].pop(),
    "a column too many": lambda d: d["files"].append([1, 1]),
    "no files": lambda d: d.pop("files"),
    "no scripts": lambda d: d.pop("scripts"),
    "files that are a table": lambda d: d.__setitem__("files", {}),
    "a requirement that is a number": lambda d: d["requires"].append(1),
    "warnings that are text": lambda d: d.__setitem__("warnings", "holds evil.pth"),
    "a version that is a number": lambda d: d.__setitem__("version", 1.0),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_document_that_cannot_be_this_wheels_is_none(flaw: str) -> None:
    document = json.loads(index.dump(CONTENTS))
    FLAWS[flaw](document)

    assert index.load(json.dumps(document).encode(), wheel_size=100) is None


def test_a_wheel_that_is_shorter_than_its_files_is_none() -> None:
    assert index.load(index.dump(CONTENTS), wheel_size=99) is None


@pytest.mark.parametrize("document", [b"", b"{", b"[]", b"1", b"null", b"\xff", b'"files"', b"[" * 100_000])
def test_anything_else_is_none(document: bytes) -> None:
    assert index.load(document, wheel_size=100) is None


def test_the_key_covers_all_that_was_verified() -> None:
    wheel = locked(b"content")
    others = [
        locked(b"other", size=7),
        locked(b"content", filename="demo-1.0-cp313-cp313-any.whl"),
        locked(b"content", version="1.1"),
        locked(b"content", name="other", filename=wheel.filename),
        locked(b"content", size=None),
        locked(b"content", hashes={**wheel.hashes, "sha512": "00"}),
    ]
    keys = {index.key(wheel), index.key(wheel, rules=index.RULES + 1), *map(index.key, others)}

    assert len(keys) == 8


def test_the_key_does_not_depend_on_where_the_wheel_is() -> None:
    elsewhere = locked(b"content", url="https://user:secret@packages.example/demo.whl", path="demo.whl")

    assert index.key(elsewhere) == index.key(locked(b"content"))


def test_the_key_changes_with_every_release(monkeypatch: pytest.MonkeyPatch) -> None:
    before = index.key(locked(b"content"))
    monkeypatch.setattr(index, "__version__", "99.0")

    assert index.key(locked(b"content")) != before
