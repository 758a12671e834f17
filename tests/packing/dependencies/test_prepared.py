"""The short way: what wheels become is known already. It must give what the long way gives, or not be taken."""

import hashlib
import io
import json
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lambdapack.errors import LambdapackError, LockError, SourceError
from lambdapack.packing.archive.segment import Run
from lambdapack.packing.build import begun, build, gather
from lambdapack.packing.dependencies import prepared
from lambdapack.packing.patterns.rules import Pattern, from_list
from lambdapack.packing.request import BuildRequest, Dependencies
from tests.wheelmaker import write_lock, write_wheel

NOISE = hashlib.shake_256(b"noise").digest(1_500_000)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A source tree, a lock of two wheels, one of them large enough to be mapped, and a cache that has seen both."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src/app.py").write_bytes(b"import bee, sea\n")
    bee = {
        "bee/__init__.py": b"B = 1\n" * 50,
        "bee/tests/test_b.py": b"",
        "bee/tool.sh": b"#!/bin/sh\n",
        "bee/x.bin": NOISE,
    }
    sea = {"sea/é.py": b"C = 1\n", "sea.pth": b"import sys\n", "sea/lib.so": b"\x7fELF" + bytes(60)}
    wheels = [
        write_wheel(tmp_path / "wheels", bee, name="bee", requires=["sea"]),
        write_wheel(tmp_path / "wheels", sea, name="sea"),
    ]
    write_lock(tmp_path / "pylock.toml", *wheels)
    build(request_for(tmp_path))
    assert len(list((tmp_path / "cache/stock").iterdir())) == 1
    return tmp_path


def request_for(house: Path, *, wanted: dict[str, Any] | None = None, **more: Any) -> BuildRequest:  # noqa: ANN401 - any
    dependencies = Dependencies(
        **{"lock": str(house / "pylock.toml"), "cache": house / "cache", "offline": True, **(wanted or {})}
    )
    members = {"source": str(house / "src"), "output": house / "out.zip", "runtime": "python3.13", **more}
    return BuildRequest(dependencies=dependencies, **members)


def takes_the_short_way(request: BuildRequest) -> bool:
    return any(isinstance(entry, Run) for entry in gather(request).bundle.entries)


def outcome(request: BuildRequest) -> tuple[object, ...]:
    """What a build gives and says, or how it is refused."""
    told: list[str] = []
    try:
        gathered = gather(request, tell=told.append)
        built = build(request)
    except LambdapackError as error:
        return type(error), str(error)
    content = Path(request.output).read_bytes()
    Path(request.output).unlink()
    return (
        *(content, built.artifact, told, gathered.omissions, gathered.left_out, gathered.depends_on),
        *(gathered.bundle.entry_count, gathered.bundle.unzipped_size, list(gathered.bundle.names())),
    )


def long_way(request: BuildRequest) -> BuildRequest:
    assert request.dependencies is not None
    return request._replace(dependencies=request.dependencies._replace(cache=None))


def test_the_second_build_takes_the_short_way_and_gives_the_same(house: Path) -> None:
    request = request_for(house)

    assert takes_the_short_way(request)
    found = outcome(request)
    assert found == outcome(long_way(request))
    assert found[2] == ["sea-1.0-py3-none-any.whl holds sea.pth, which Python does not execute in /var/task"]


NAMES = st.lists(
    st.one_of(
        st.sampled_from(["a.py", "bea", "bee.py", "bee-1.0", "beea/x", "c/d", "sea.py", "sea_/y", "z", "é/x", "seb/é"]),
        st.text("abez/é-._0", min_size=1, max_size=12),
    ),
    max_size=6,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(names=NAMES)
@example(names=["a", "bee-0", "bee-2", "c", "sea-", "zz"])
@example(names=["bee/other.py"])
@example(names=["BEE/__init__.py"])
@example(names=["bee/__init__.py"])
@example(names=["sea"])
def test_whatever_the_tree_holds_the_package_is_that_of_the_long_way(names: list[str], house: Path) -> None:
    source = house / hashlib.sha256(repr(names).encode()).hexdigest()
    source.mkdir(exist_ok=True)
    for name in names:
        parts = [part for part in name.split("/") if part.strip(".")]
        path = source.joinpath(*parts) if parts else source / "x"
        if not path.exists() and all(not parent.is_file() for parent in path.parents):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)

    request = request_for(house, source=str(source))

    assert outcome(request) == outcome(long_way(request))


@pytest.mark.parametrize("tops", [["bee"], ["bee", "app"], ["sea-1.0.dist-info"]])
def test_a_tree_that_meets_the_wheels_takes_the_long_way(tops: list[str], house: Path) -> None:
    for top in tops:
        (house / "src" / top).mkdir()
        (house / "src" / top / "mine.py").write_text("mine")

    assert not takes_the_short_way(request_for(house))


def test_what_is_asked_for_entry_by_entry_takes_the_long_way(house: Path) -> None:
    request = request_for(house)

    assert not any(isinstance(entry, Run) for entry in gather(request, detailed=True).bundle.entries)
    assert not takes_the_short_way(request._replace(manifest=house / "m.json"))
    assert not takes_the_short_way(request._replace(executable=(Pattern("*.py", "here"),)))
    assert not takes_the_short_way(request._replace(layer=True))
    assert not takes_the_short_way(request_for(house, wanted={"scripts": True}))


PATTERNS = tuple(from_list(("tests/", "*.bin"), source="--exclude"))


@pytest.mark.parametrize(
    ("wanted", "more"),
    [
        ({"without": ("sea",)}, {}),
        ({"preset": "slim"}, {}),
        ({}, {"patterns": PATTERNS}),
        ({}, {"architecture": "arm64"}),
        ({}, {"runtime": "python3.12"}),
        ({}, {"case_collisions_allowed": True}),
        ({}, {"handler": "app.handler"}),
        ({}, {"handler": "bee.handler"}),
        ({}, {"handler": "nowhere.handler"}),
        ({}, {"source": None}),
    ],
)
def test_every_wish_has_a_stock_of_its_own(wanted: dict[str, Any], more: dict[str, Any], house: Path) -> None:
    request = request_for(house, wanted=wanted, **more)
    right = outcome(long_way(request))

    assert outcome(request) == right
    assert outcome(request) == right
    if isinstance(right[0], bytes):
        assert takes_the_short_way(request)


def test_the_package_is_a_sound_zip_with_everything_in_it(house: Path) -> None:
    request = request_for(house)
    assert takes_the_short_way(request)

    build(request)

    subprocess.run(["unzip", "-tq", str(request.output)], check=True, capture_output=True)
    with zipfile.ZipFile(io.BytesIO(Path(request.output).read_bytes())) as archive:
        assert archive.testzip() is None
        assert archive.read("bee/x.bin") == NOISE
        assert archive.read("sea/é.py") == b"C = 1\n"
        assert archive.read("app.py") == b"import bee, sea\n"
        modes = {name: archive.getinfo(name).external_attr >> 16 for name in ("bee/tool.sh", "sea/lib.so", "sea/é.py")}
    assert modes == {"bee/tool.sh": 0o100755, "sea/lib.so": 0o100755, "sea/é.py": 0o100644}


def test_progress_counts_every_byte_once(house: Path) -> None:
    request = request_for(house)
    done: list[int] = []

    built = build(request, progress=done.append)

    assert sum(done) == built.gathered.bundle.unzipped_size


def test_a_wheel_that_is_gone_is_missed(house: Path) -> None:
    request = request_for(house)
    (house / "wheels/sea-1.0-py3-none-any.whl").unlink()
    Path(request.output).write_bytes(b"old")

    with pytest.raises(LockError, match=r"sea-1\.0"):
        build(request)

    assert Path(request.output).read_bytes() == b"old"


def test_two_names_of_the_tree_that_collide_are_refused(house: Path) -> None:
    (house / "src/App.py").write_text("")

    with pytest.raises(SourceError, match="differ in case only"):
        build(request_for(house))


@pytest.fixture
def document(house: Path) -> bytes:
    (path,) = (house / "cache/stock").iterdir()
    return path.read_bytes()[32:]


def test_a_document_is_what_was_kept(document: bytes) -> None:
    found = prepared.load(document)

    assert found is not None
    assert found.stock.names == [
        *("bee-1.0.dist-info/METADATA", "bee-1.0.dist-info/RECORD", "bee-1.0.dist-info/WHEEL", "bee/__init__.py"),
        *("bee/tests/test_b.py", "bee/tool.sh", "bee/x.bin", "sea-1.0.dist-info/METADATA", "sea-1.0.dist-info/RECORD"),
        *("sea-1.0.dist-info/WHEEL", "sea.pth", "sea/lib.so", "sea/é.py"),
    ]
    assert found.tops == {"bee", "bee-1.0.dist-info", "sea", "sea-1.0.dist-info", "sea.pth"}


def cuts(document: bytes) -> Iterator[bytes]:
    yield from (b"", b"\n", b"{}\n", b"[]\n", b"null\n", b"no JSON\n", b'{"count": "1"}\n', b"\xff\n")
    about, _, rest = document.partition(b"\n")
    for count in (0, 12, 14, -1, 10**6):
        yield json.dumps({**json.loads(about), "count": count}).encode() + b"\n" + rest
    for size in range(0, len(document), 7):
        yield document[:size]


def test_what_is_no_stock_is_none(document: bytes) -> None:
    for cut in cuts(document):
        assert prepared.load(cut) is None, cut[:200]


def test_other_wheels_have_another_key(house: Path) -> None:
    def key() -> str | None:
        request = request_for(house)
        with begun(request, tell=print) as wheels:
            assert wheels is not None
            return prepared.key(wheels, request)

    before, lock = key(), house / "pylock.toml"
    head, quote, digest = lock.read_text().partition('sha256 = "')
    lock.write_text(head + quote + ("0" if digest[0] != "0" else "1") + digest[1:])

    assert before is not None
    assert key() not in {None, before}
