"""The story of a build: decide, write everything, then replace everything."""

import hashlib
import json
import os
import zipfile
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lambdapack.config.keys import FunctionConfig
from lambdapack.errors import CheckError, LocalError, SourceError, UsageError
from lambdapack.packing import build as builder
from lambdapack.packing.build import build, gather
from lambdapack.packing.patterns.rules import from_list
from lambdapack.packing.request import BuildRequest, Dependencies

MakeTree = Callable[..., Path]


@pytest.fixture
def request_for(tree: MakeTree, tmp_path: Path) -> Callable[..., BuildRequest]:
    def make(files: dict[str, bytes], **more: Any) -> BuildRequest:  # noqa: ANN401 - BuildRequest's own
        return BuildRequest(source=str(tree(files)), output=tmp_path / "out.zip", **more)

    return make


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def beside(request: BuildRequest) -> list[str]:
    return sorted(path.name for path in Path(request.output).parent.iterdir())


def test_an_artifact_is_what_lies_on_disk(request_for: Callable[..., BuildRequest]) -> None:
    request = request_for({"b.py": b"b", "a.py": b"a"}, runtime="python3.13", architecture="arm64")

    built = build(request)

    content = Path(request.output).read_bytes()
    assert built.artifact.size == len(content)
    assert built.artifact.code_sha256 == b64encode(hashlib.sha256(content).digest()).decode()
    assert (built.artifact.runtime, built.artifact.architecture) == ("python3.13", "arm64")
    assert built.archive_format == "format-1/libdeflate-6"
    assert names(Path(request.output)) == ["a.py", "b.py"]
    assert beside(request) == ["out.zip", "src"]


def test_progress_counts_every_byte_once(request_for: Callable[..., BuildRequest]) -> None:
    counted: list[int] = []
    build(request_for({"a": b"x" * 10, "b": b"x" * 300_000}, jobs=2), progress=counted.append)

    assert sum(counted) == 300_010


def test_equal_bytes_leave_the_old_file_and_its_time(request_for: Callable[..., BuildRequest]) -> None:
    request = request_for({"a.py": b"a"})
    assert build(request).unchanged is False
    os.utime(request.output, (1_000, 1_000))
    before = Path(request.output).stat()

    assert build(request).unchanged is True
    after = Path(request.output).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, 1_000_000_000_000)


def test_patterns_have_their_order_of_strength(request_for: Callable[..., BuildRequest]) -> None:
    files = dict.fromkeys(["a.txt", "b.txt", "c.txt", "d.txt", "e.pyc", "f.pyc"], b"")
    request = request_for(
        files | {".lambdaignore": b"*.txt\n!b.txt\n!e.pyc\n"},
        patterns=(*from_list(["b.txt"], source="x"), *from_list(["d.txt", "f.pyc"], source="y", prefix="!")),
    )

    found = gather(request)

    assert list(found.bundle.names()) == ["d.txt", "e.pyc", "f.pyc"]
    assert {omission.pattern.source for omission in found.omissions} == {
        "x",
        "lambdapack's own",
        f"{request.source}/.lambdaignore:1",
    }


def test_the_ignore_file_and_temporary_files_never_pack_themselves(request_for: Callable[..., BuildRequest]) -> None:
    files = {"a.py": b"", ".lambdaignore": b"!*\n", ".out.zip.0123.lambdapack-tmp": b"", "d/.lambdaignore": b"mine"}
    request = request_for(files, patterns=tuple(from_list(["*", ".lambdaignore"], source="x", prefix="!")))

    assert list(gather(request).bundle.names()) == ["a.py", "d/.lambdaignore"]


@pytest.mark.parametrize("through_link", [False, True])
def test_outputs_inside_the_source_do_not_pack_themselves(
    through_link: bool,  # noqa: FBT001 - a column
    request_for: Callable[..., BuildRequest],
    tmp_path: Path,
) -> None:
    request = request_for({"a.py": b"a"})
    root = Path(str(request.source))
    if through_link:
        (root / "out.zip").symlink_to(tmp_path / "elsewhere.zip")
    request = request.replace(output=root / "out.zip", manifest=root / "m.json", depfile=root / "d.mk")

    first = build(request)
    second = build(request)

    assert names(root / "out.zip") == ["a.py"]
    assert first.artifact.code_sha256 == second.artifact.code_sha256
    assert (root / "out.zip").is_symlink() is through_link


def test_two_outputs_in_one_file_are_refused(request_for: Callable[..., BuildRequest]) -> None:
    request = request_for({"a.py": b"a"})

    with pytest.raises(UsageError, match="are one file"):
        build(request.replace(manifest=Path(request.output).parent / "src/../out.zip"))
    assert beside(request) == ["src"]


def test_depfile_and_manifest_say_what_went_in(request_for: Callable[..., BuildRequest], tmp_path: Path) -> None:
    request = request_for(
        {"a.py": b"a", "lib/ü.py": b"", ".lambdaignore": b"out/\n", "out/b": b""},
        depfile=tmp_path / "out.d",
        manifest=tmp_path / "out.json",
        depends_on=("pyproject.toml",),
    )

    built = build(request)

    document = json.loads((tmp_path / "out.json").read_text())
    assert document["code_sha256"] == built.artifact.code_sha256
    assert [entry["name"] for entry in document["entries"]] == ["a.py", "lib/ü.py"]
    rule = (tmp_path / "out.d").read_text().split("\n\n")[0]
    source = str(request.source)
    assert rule == "lambdapack_equals := =\n" + f"{request.output}: \\\n  " + " \\\n  ".join(
        sorted(
            [
                source,
                f"{source}/.lambdaignore",
                f"{source}/a.py",
                f"{source}/lib",
                f"{source}/lib/ü.py",
                "pyproject.toml",
            ]
        )
    )


@pytest.mark.parametrize("broken", ["depfile", "manifest"])
def test_a_side_file_that_cannot_be_written_leaves_everything_as_it_was(
    broken: str, request_for: Callable[..., BuildRequest], tmp_path: Path
) -> None:
    request = request_for({"a.py": b"a"}, depfile=tmp_path / "d", manifest=tmp_path / "m")
    Path(request.output).write_bytes(b"old")
    (tmp_path / "d").write_bytes(b"old")
    nowhere = tmp_path / "missing/file"
    request = request.replace(depfile=nowhere) if broken == "depfile" else request.replace(manifest=nowhere)

    with pytest.raises(LocalError, match="missing/file"):
        build(request)

    assert Path(request.output).read_bytes() == b"old"
    assert (tmp_path / "d").read_bytes() == b"old"
    assert beside(request) == ["d", "out.zip", "src"]


def test_a_depfile_that_make_could_not_read_leaves_everything_as_it_was(
    request_for: Callable[..., BuildRequest], tmp_path: Path
) -> None:
    request = request_for({"a;b": b"a"}, depfile=tmp_path / "d")

    with pytest.raises(UsageError, match="a makefile cannot hold"):
        build(request)

    assert beside(request) == ["src"]


def test_a_file_that_vanishes_after_the_walk_leaves_everything_as_it_was(
    request_for: Callable[..., BuildRequest],
) -> None:
    request = request_for({"a.py": b"a", "b.py": b"b"})
    Path(request.output).write_bytes(b"old")
    gathered = gather(request)
    Path(str(request.source), "b.py").unlink()

    with pytest.raises(SourceError, match=r"b\.py was changed, replaced or removed"):
        builder.write(gathered, request)

    assert Path(request.output).read_bytes() == b"old"
    assert beside(request) == ["out.zip", "src"]


@pytest.mark.parametrize(
    ("kind", "error", "message"),
    [
        ("directory", SourceError, "is not a regular file"),
        ("fifo", SourceError, "is not a regular file"),
        ("dangling", SourceError, "No such file or directory"),
        ("huge", UsageError, "is larger than 262,144 bytes"),
        ("broken", UsageError, ":2: the pattern '\\[' cannot be parsed"),
        ("latin-1", UsageError, ":1 is not UTF-8"),
    ],
)
def test_an_ignore_file_that_cannot_be_obeyed_is_refused(
    kind: str, error: type[Exception], message: str, request_for: Callable[..., BuildRequest]
) -> None:
    request = request_for({"a.py": b""})
    path = Path(str(request.source), ".lambdaignore")
    contents = {"huge": b"#" * 262_145, "broken": b"fine\n[\n", "latin-1": b"\xfc\n"}
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "dangling":
        path.symlink_to("nothing")
    else:
        path.write_bytes(contents[kind])

    with pytest.raises(error, match=message):
        gather(request)


def test_a_handler_is_checked_where_the_runtime_is_known(request_for: Callable[..., BuildRequest]) -> None:
    request = request_for({"a.py": b""}, handler="app.handler")

    gather(request)
    with pytest.raises(CheckError, match="the handler app"):
        gather(request.replace(runtime="python3.13"))


@pytest.mark.parametrize("compression", ["fast", "default", "best", "store"])
def test_every_profile_holds_the_same_content(compression: str, request_for: Callable[..., BuildRequest]) -> None:
    request = request_for({"a.py": b"print()\n" * 100}, compression=compression)
    build(request)

    with zipfile.ZipFile(request.output) as archive:
        assert archive.read("a.py") == b"print()\n" * 100


def test_no_secret_is_in_a_repr(tmp_path: Path) -> None:
    dependencies = Dependencies(lock="pylock.toml", environ={"TOKEN": "CANARY"})
    request = BuildRequest(source="src", output=tmp_path / "out.zip", dependencies=dependencies)

    assert "pylock.toml" in repr(request)
    assert "CANARY" not in repr(request)
    assert "CANARY" not in repr(FunctionConfig(name="hello", aws={"Environment": {"TOKEN": "CANARY"}}))
