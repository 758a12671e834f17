import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from lambdapack.artifact import Artifact, open_artifact
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.diff import DiffRequest, diff
from lambdapack.deploying.download.differences import Content, EntryChange, compare
from lambdapack.errors import CheckError, NotFoundError

Client = Any
Zipped: TypeAlias = Callable[..., Artifact]

FILE = 0o100644
RUN = 0o100755


def content(sha256: str, *, mode: int | None = 0o644, kind: str = "file") -> Content:
    return Content(kind=kind, sha256=sha256, size=len(sha256), mode=mode)


class TestCompare:
    def test_each_kind_of_difference_is_told(self) -> None:
        deployed = {"same": content("s"), "gone": content("g"), "app": content("1"), "run": content("r", mode=0o755)}
        local = {"same": content("s"), "new": content("nn"), "app": content("22"), "run": content("r")}
        found = compare(deployed, local)
        assert found.verdict == "different"
        assert found.added == (EntryChange(name="new", deployed_size=None, size=2, deployed_mode=None, mode="0644"),)
        assert found.removed == (EntryChange(name="gone", deployed_size=1, size=None, deployed_mode="0644", mode=None),)
        assert found.changed == (EntryChange(name="app", deployed_size=1, size=2, deployed_mode="0644", mode="0644"),)
        assert found.mode == (EntryChange(name="run", deployed_size=1, size=1, deployed_mode="0755", mode="0644"),)

    def test_a_changed_entry_whose_mode_changed_too_is_told_once(self) -> None:
        found = compare({"a": content("1", mode=0o755)}, {"a": content("2")})
        assert ([change.name for change in found.changed], found.mode) == (["a"], ())

    def test_a_file_that_became_a_symlink_is_changed(self) -> None:
        assert compare({"a": content("1")}, {"a": content("1", kind="symlink")}).changed

    def test_equal_entries_are_other_packaging(self) -> None:
        assert compare({"a": content("1"), "b": content("2")}, {"b": content("2"), "a": content("1")}).verdict == (
            "repackaged"
        )

    def test_a_zip_without_modes_differs_in_mode_alone(self) -> None:
        assert compare({"a": content("1", mode=None)}, {"a": content("1")}).mode[0].deployed_mode is None


@pytest.fixture
def zipped(tmp_path: Path) -> Zipped:
    """Make a zip of names and texts, in their order."""

    def zipped(name: str, *entries: tuple[str, str, int], method: int = zipfile.ZIP_DEFLATED) -> Artifact:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", method) as archive:
            for entry, text, mode in entries:
                info = zipfile.ZipInfo(entry)
                info.external_attr = mode << 16
                info.compress_type = method
                archive.writestr(info, text)
        return open_artifact(path)

    return zipped


@pytest.fixture
def deployed(rival: Client, hello: str, zipped: Zipped) -> Artifact:
    artifact = zipped("deployed.zip", ("app.py", "one", FILE), ("bin/run", "#!", RUN), ("old.py", "", FILE))
    rival.update_function_code(FunctionName=hello, ZipFile=artifact.read())
    rival.publish_version(FunctionName=hello)
    return artifact


def test_the_same_bytes_are_identical_and_need_no_download(
    aws: Connection, deployed: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "download", None)
    assert diff(DiffRequest(function="hello:1"), deployed, aws).difference.verdict == "identical"


def test_the_same_content_in_another_zip_is_other_packaging(
    aws: Connection, deployed: Artifact, zipped: Zipped
) -> None:
    local = zipped(
        "local.zip",
        ("old.py", "", FILE),
        ("bin/", "", 0o40755),
        ("bin/run", "#!", RUN),
        ("app.py", "one", FILE),
        method=zipfile.ZIP_STORED,
    )
    result = diff(DiffRequest(function="hello"), local, aws)
    assert result.difference.verdict == "repackaged"
    assert (result.deployed_code_sha256, result.code_sha256) == (deployed.code_sha256, local.code_sha256)
    assert deployed.code_sha256 != local.code_sha256  # what a comparison of hashes alone says


@pytest.mark.usefixtures("deployed")
def test_entries_are_compared(aws: Connection, zipped: Zipped) -> None:
    local = zipped(
        "local.zip", ("app.py", "two", FILE), ("bin/run", "#!", FILE), ("new.py", "", FILE), ("e/", "", FILE)
    )
    found = diff(DiffRequest(function="hello:1"), local, aws).difference
    names = [[change.name for change in part] for part in (found.added, found.removed, found.changed, found.mode)]
    assert names == [["e/", "new.py"], ["old.py"], ["app.py"], ["bin/run"]]


@pytest.mark.usefixtures("deployed")
def test_what_cannot_be_compared_is_refused(aws: Connection, zipped: Zipped, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no zip")
    with pytest.raises(CheckError, match="not a zip"):
        diff(DiffRequest(function="hello"), open_artifact(tmp_path / "text"), aws)
    with pytest.raises(NotFoundError, match="has no alias live"):
        diff(DiffRequest(function="hello:live"), zipped("local.zip", ("a", "", FILE)), aws)
