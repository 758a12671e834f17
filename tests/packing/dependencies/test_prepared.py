"""What wheels become is the same whether it is worked out now, or comes out of the cache."""

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

from lambdapack.errors import LambdapackError, LockError, SourceError, WheelError
from lambdapack.packing.build import build, gather
from lambdapack.packing.dependencies import place as placing
from lambdapack.packing.dependencies import prepared
from lambdapack.packing.dependencies.begin import begin
from lambdapack.packing.entries import Single
from lambdapack.packing.patterns.rules import Pattern, from_list
from lambdapack.packing.request import BuildRequest, Dependencies
from lambdapack.target import python_target
from tests.wheelmaker import write_lock, write_wheel

NOISE = hashlib.shake_256(b"noise").digest(1_500_000)

BEE = {
    "bee/__init__.py": b"B = 1\n" * 50,
    "bee/tests/test_b.py": b"",
    "bee/tool.sh": b"#!/bin/sh\n",
    "bee/x.bin": NOISE,
    "shared/same.py": b"S = 1\n",
}
SEA = {
    "sea/é.py": b"C = 1\n",
    "sea.pth": b"import sys\n",
    "sea/lib.so": b"\x7fELF" + bytes(60),
    "shared/same.py": b"S = 1\n",
    "sea-1.0.data/scripts/sea-tool": b"#!python\nimport sea\n",
    "sea-1.0.data/scripts/sea.sh": b"#!/bin/sh\n",
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A source tree, a lock of two wheels, one of them large enough to be mapped, and a cache that has seen both."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src/app.py").write_bytes(b"import bee, sea\n")
    wheels = [
        write_wheel(tmp_path / "wheels", BEE, name="bee", requires=["sea"]),
        write_wheel(tmp_path / "wheels", SEA, name="sea"),
    ]
    write_lock(tmp_path / "pylock.toml", *wheels)
    build(request_for(tmp_path))
    assert len(list((tmp_path / "cache/prepared").iterdir())) == 1
    return tmp_path


def request_for(house: Path, *, wanted: dict[str, Any] | None = None, **more: Any) -> BuildRequest:  # noqa: ANN401 - any
    dependencies = Dependencies(
        **{"lock": str(house / "pylock.toml"), "cache": house / "cache", "offline": True, **(wanted or {})}
    )
    members = {"source": str(house / "src"), "output": house / "out.zip", "runtime": "python3.13", **more}
    return BuildRequest(dependencies=dependencies, **members)


def outcome(request: BuildRequest) -> tuple[object, ...]:
    """What a build gives and says, or how it is refused."""
    told: list[str] = []
    request = request.replace(manifest=Path(request.output).with_name("manifest.json"))
    try:
        gathered = gather(request, tell=told.append)
        built = build(request)
    except LambdapackError as error:
        return type(error), str(error)
    content, manifest = (Path(str(path)).read_bytes() for path in (request.output, request.manifest))
    Path(request.output).unlink()
    bundle = gathered.bundle
    return (
        *(content, json.loads(manifest), built.artifact, told),
        *(gathered.omissions, gathered.left_out, gathered.depends_on),
        *(bundle.entry_count, bundle.unzipped_size, list(bundle.names()), list(bundle.listing())),
    )


def without_cache(request: BuildRequest) -> BuildRequest:
    assert request.dependencies is not None
    return request.replace(dependencies=request.dependencies.replace(cache=None))


def is_cached(request: BuildRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the request is gathered without anything being worked out."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    with monkeypatch.context() as patch:
        patch.setattr(placing, "place", refuse)
        try:
            gather(request)
        except AssertionError:
            return False
    return True


def test_the_second_build_works_nothing_out_and_gives_the_same(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request = request_for(house)

    assert is_cached(request, monkeypatch)
    assert not is_cached(without_cache(request), monkeypatch)
    found = outcome(request)
    assert found == outcome(without_cache(request))
    assert found[3] == ["sea-1.0-py3-none-any.whl holds sea.pth, which Python does not execute in /var/task"]


def test_listing_and_manifest_are_those_of_the_zip(house: Path) -> None:
    content, manifest, *_, listing = outcome(request_for(house, wanted={"scripts": True}))

    with zipfile.ZipFile(io.BytesIO(content)) as archive:  # type: ignore[arg-type] # bytes
        found = [
            (info.filename, info.file_size, hashlib.sha256(archive.read(info)).hexdigest(), info.external_attr >> 16)
            for info in archive.infolist()
        ]
    entries = manifest["entries"]  # type: ignore[index] # a document
    assert [
        (entry["name"], entry["size"], entry["sha256"], int(entry["mode"], 8) | 0o100000) for entry in entries
    ] == found
    assert [(line.name, line.size) for line in listing] == [line[:2] for line in found]  # type: ignore[attr-defined] # lines
    origins = {entry["name"]: entry["origin"] for entry in entries}
    assert origins["app.py"].endswith("src/app.py")
    assert origins["bee/x.bin"] == "bee-1.0-py3-none-any.whl/bee/x.bin"
    assert origins["bin/sea-tool"] == "sea-1.0-py3-none-any.whl/bin/sea-tool"
    assert origins["shared/same.py"] == "bee-1.0-py3-none-any.whl/shared/same.py"


NAMES = st.lists(
    st.one_of(
        st.sampled_from(["a.py", "bea", "bee.py", "bee-1.0", "beea/x", "c/d", "sea.py", "sea_/y", "z", "é/x", "seb/é"]),
        st.sampled_from(["bee/__init__.py", "bee/mine.py", "BEE/x", "shared/same.py", "sea/é.py", "bin/sea-tool"]),
        st.text("abez/é-._0", min_size=1, max_size=12),
    ),
    max_size=6,
)

WANTED = st.fixed_dictionaries(
    {},
    optional={
        "scripts": st.just(value=True),
        "without": st.just(("sea",)),
        "preset": st.just("slim"),
    },
)

WHEELS = st.sets(st.sampled_from(["bee", "sea", "cow", "owl"]), min_size=1)
"""The cow has another content for one name of the bee, the owl a name that the sea spells otherwise."""

OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "prefer": st.sampled_from(["source", "wheel"]),
        "layer": st.just(value=True),
        "executable": st.just((Pattern("*.py", "here"),)),
        "patterns": st.just(tuple(from_list(("tests/", "*.bin"), source="--exclude"))),
        "case_collisions_allowed": st.just(value=True),
        "compression": st.just("store"),
    },
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(names=NAMES, wheels=WHEELS, wanted=WANTED, options=OPTIONS)
@example(names=["a", "bee-0", "bee-2", "c", "sea-", "zz"], wheels={"bee", "sea"}, wanted={}, options={})
@example(names=["bee/other.py"], wheels={"bee", "sea"}, wanted={}, options={})
@example(names=["BEE/__init__.py"], wheels={"bee", "sea"}, wanted={}, options={})
@example(names=["BEE/x"], wheels={"bee", "sea"}, wanted={}, options={"case_collisions_allowed": True})
@example(names=["bee/__init__.py"], wheels={"bee", "sea"}, wanted={}, options={})
@example(
    names=["bee/__init__.py", "sea/é.py"], wheels={"bee", "sea"}, wanted={}, options={"prefer": "source", "layer": True}
)
@example(names=["bin/sea-tool"], wheels={"bee", "sea"}, wanted={"scripts": True}, options={"prefer": "wheel"})
@example(names=["bin/sea-tool"], wheels={"bee", "sea"}, wanted={"scripts": True}, options={"prefer": "source"})
@example(names=["sea"], wheels={"bee", "sea"}, wanted={}, options={})
def test_whatever_is_packed_the_cache_changes_nothing(
    names: list[str], wheels: set[str], wanted: dict[str, Any], options: dict[str, Any], house: Path
) -> None:
    others = {"cow": {"cow/c.py": b"", "bee/x.bin": b"moo"}, "owl": {"SEA/é.py": b"owl"}}
    paths = [house / f"wheels/{name}-1.0-py3-none-any.whl" for name in sorted(wheels)]
    for path in paths:
        if not path.exists():
            write_wheel(path.parent, others[path.name[:3]], name=path.name[:3])
    lock = write_lock(house / f"pylock.{'-'.join(sorted(wheels))}.toml", *paths)
    source = house / hashlib.sha256(repr(names).encode()).hexdigest()
    source.mkdir(exist_ok=True)
    for name in names:
        parts = [part for part in name.split("/") if part.strip(".")]
        path = source.joinpath(*parts) if parts else source / "x"
        if not path.exists() and all(not parent.is_file() for parent in path.parents):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
    request = request_for(house, wanted={**wanted, "lock": str(lock)}, source=str(source), **options)

    right = outcome(without_cache(request))

    assert outcome(request) == right
    assert outcome(request) == right


@pytest.mark.parametrize(
    ("wanted", "more"),
    [
        ({"without": ("sea",)}, {}),
        ({"preset": "slim"}, {}),
        ({"scripts": True}, {}),
        ({}, {"patterns": tuple(from_list(("tests/",), source="--exclude"))}),
        ({}, {"executable": (Pattern("*.py", "here"),)}),
        ({}, {"layer": True}),
        ({}, {"architecture": "arm64"}),
        ({}, {"runtime": "python3.12"}),
        ({}, {"case_collisions_allowed": True}),
    ],
)
def test_what_decides_has_a_document_of_its_own(
    wanted: dict[str, Any], more: dict[str, Any], house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = request_for(house, wanted=wanted, **more)

    assert not is_cached(request, monkeypatch)
    gather(request)
    assert is_cached(request, monkeypatch)


@pytest.mark.parametrize(
    "more",
    [
        {"source": None},
        {"handler": "app.handler"},
        {"manifest": Path("m.json")},
        {"depfile": Path("d.mk")},
        {"prefer": "source"},
        {"compression": "best"},
    ],
)
def test_what_does_not_decide_needs_none(more: dict[str, Any], house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_cached(request_for(house, **more), monkeypatch)


@pytest.mark.parametrize("handler", ["app.handler", "bee.handler", "nowhere.handler"])
def test_a_handler_is_found_wherever_it_is(handler: str, house: Path) -> None:
    request = request_for(house, handler=handler)

    assert outcome(request) == outcome(without_cache(request))
    assert isinstance(outcome(request)[0], bytes) == (handler != "nowhere.handler")


def test_the_package_is_a_sound_zip_with_everything_in_it(house: Path) -> None:
    request = request_for(house)

    build(request)

    subprocess.run(["unzip", "-tq", str(request.output)], check=True, capture_output=True)
    with zipfile.ZipFile(io.BytesIO(Path(request.output).read_bytes())) as archive:
        assert archive.testzip() is None
        assert archive.read("bee/x.bin") == NOISE
        assert archive.read("sea/é.py") == b"C = 1\n"
        assert archive.read("app.py") == b"import bee, sea\n"
        modes = {name: archive.getinfo(name).external_attr >> 16 for name in ("bee/tool.sh", "sea/lib.so", "sea/é.py")}
    assert modes == {"bee/tool.sh": 0o100755, "sea/lib.so": 0o100755, "sea/é.py": 0o100644}


def test_executable_patterns_and_layers_reach_what_is_copied(house: Path) -> None:
    build(request_for(house, layer=True, executable=(Pattern("/bee/*.py", "here"),)))

    with zipfile.ZipFile(house / "out.zip") as archive:
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
    assert modes["python/bee/__init__.py"] == 0o100755
    assert modes["python/sea/é.py"] == 0o100644
    assert all(name.startswith("python/") for name in modes)


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


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bee/x.bin", "bee/x.bin is in bee-1.0-py3-none-any.whl and in cow-1.0-py3-none-any.whl, with different bytes"),
        (
            "Bee/y",
            "the names Bee and bee differ in case only (in cow-1.0-py3-none-any.whl and bee-1.0-py3-none-any.whl)",
        ),
        ("bee", "the name bee would stand for two things, one of them bee-1.0-py3-none-any.whl/bee/__init__.py"),
    ],
)
def test_two_wheels_that_contradict_each_other_are_refused_each_time(name: str, words: str, house: Path) -> None:
    cow = write_wheel(house / "wheels", {name: b"moo"}, name="cow")
    write_lock(house / "pylock.toml", house / "wheels/bee-1.0-py3-none-any.whl", cow)
    request = request_for(house, prefer="source")

    for _ in range(2):
        with pytest.raises(WheelError) as refused:
            gather(request)
        assert refused.value.message == words
    assert len(list((house / "cache/prepared").iterdir())) == 1


def test_entries_of_the_tree_lie_between_stretches(house: Path) -> None:
    (house / "src/bee").mkdir()
    (house / "src/bee/mine.py").write_text("")
    (house / "src/zebra.py").write_text("")

    parts = gather(request_for(house)).bundle.parts

    assert [part.name if isinstance(part, Single) else part.entry_count for part in parts] == [
        *("app.py", 4, "bee/mine.py", 10, "zebra.py")
    ]


@pytest.fixture
def document(house: Path) -> bytes:
    gather(request_for(house, wanted={"scripts": True}))
    paths = (house / "cache/prepared").iterdir()
    return max((path.read_bytes()[32:] for path in paths), key=lambda document: b"sea-tool" in document)


def test_a_document_is_what_was_kept(document: bytes) -> None:
    found = prepared.load(document, (), prefix="")

    assert found is not None
    assert found.members.names == [
        *("bee-1.0.dist-info/METADATA", "bee-1.0.dist-info/RECORD", "bee-1.0.dist-info/WHEEL", "bee/__init__.py"),
        *("bee/tests/test_b.py", "bee/tool.sh", "bee/x.bin", "bin/sea.sh"),
        *("sea-1.0.dist-info/METADATA", "sea-1.0.dist-info/RECORD", "sea-1.0.dist-info/WHEEL"),
        *("sea.pth", "sea/lib.so", "sea/é.py", "shared/same.py"),
    ]
    assert [(script.name, script.content) for script in found.scripts] == [
        ("bin/sea-tool", b"#!/usr/bin/env python3\nimport sea\n")
    ]
    assert prepared.dump(found) == document


def cuts(document: bytes) -> Iterator[bytes]:
    yield from (b"", b"\n", b"{}\n", b"[]\n", b"null\n", b"no JSON\n", b'{"count": "1"}\n', b"\xff\n")
    about, _, rest = document.partition(b"\n")
    for count in (0, 14, 16, -1, -2, 10**6):
        yield json.dumps({**json.loads(about), "count": count}).encode() + b"\n" + rest
    for size in range(0, len(document), 7):
        yield document[:size]


def test_what_is_no_document_is_none(document: bytes) -> None:
    for cut in cuts(document):
        assert prepared.load(cut, (), prefix="") is None, cut[:200]


def test_other_wheels_have_another_key(house: Path) -> None:
    def key() -> str:
        request = request_for(house)
        assert request.dependencies is not None
        target = python_target(runtime="python3.13", architecture=None)
        with begin(request.dependencies, target=target, jobs=1, tell=print) as incoming:
            return prepared.key(incoming, request, prefix="")

    before, lock = key(), house / "pylock.toml"
    head, quote, digest = lock.read_text().partition('sha256 = "')
    lock.write_text(head + quote + ("0" if digest[0] != "0" else "1") + digest[1:])

    assert before != key()
