"""Nothing that a run reads is what it writes: exit 2 that names both, and every file is as it was."""

import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from lambdapack.errors import UsageError
from lambdapack.packing.locks import uv
from tests.running import here

Snapshot: TypeAlias = dict[str, bytes]

FIXTURE = Path(__file__).parent.parent.parent / "fixtures" / "locked"

CONFIG = """\
[functions.report]
source = "src"
lock = "pylock.toml"
runtime = "python3.13"
architecture = "arm64"
output = "dist/report.zip"
"""

LOCKED = ("build", "src", "--lock", "pylock.toml", "--runtime", "python3.13", "--architecture", "arm64", "--no-cache")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``fixtures/locked`` with an ignore file, credentials at home, and no cache but its own."""
    shutil.copytree(FIXTURE, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("dist"))
    (tmp_path / "lambdapack.toml").write_text(CONFIG)
    (tmp_path / "src/.lambdaignore").write_text("*.log\n")
    (tmp_path / "src/util.py").write_text("x = 1\n")
    (tmp_path / "src/__init__.py").touch()
    (tmp_path / "dist").mkdir()
    (tmp_path / ".aws").mkdir()
    for name in ("netrc", "certificates.pem", ".netrc", ".aws/credentials", "pyproject.toml"):
        (tmp_path / name).write_text("")
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "HOME": str(tmp_path),
        "LAMBDAPACK_CACHE_DIR": str(tmp_path / "cache"),
        "NETRC": "netrc",
        "SSL_CERT_FILE": "certificates.pem",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("LAMBDAPACK_EMULATOR", raising=False)
    return tmp_path


def files(directory: Path) -> Snapshot:
    found = {str(path.relative_to(directory)): path for path in directory.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if not name.startswith("cache/")}


def assert_refused(project: Path, arguments: tuple[str, ...], *words: str) -> None:
    before = files(project)
    with pytest.raises(UsageError) as caught:
        here(*arguments)
    assert [word for word in words if word not in caught.value.message] == []
    assert caught.value.exit_code == 2
    assert files(project) == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*LOCKED, "-o", "pylock.toml"), ("the output pylock.toml", "the lock pylock.toml")),
        ((*LOCKED, "-o", ".//pylock.toml"), ("the output .//pylock.toml", "the lock pylock.toml")),
        ((*LOCKED, "-o", "src/../pylock.toml"), ("the output src/../pylock.toml", "the lock pylock.toml")),
        ((*LOCKED, "--depfile", "pylock.toml"), ("the depfile pylock.toml", "the lock")),
        (("build", "-f", "report", "-o", "lambdapack.toml"), ("the output", "the configuration lambdapack.toml")),
        (("build", "src", "-o", "lambdapack.toml"), ("the output", "the configuration lambdapack.toml")),
        (("build", "src", "-o", "pyproject.toml"), ("the output", "the configuration pyproject.toml")),
        (("build", "-o", "src/.lambdaignore"), ("the output", "the ignore file src/.lambdaignore")),
        (("build", "src", "--depfile", "src/util.py"), ("the depfile src/util.py", "the source file src/util.py")),
        (("build", "src", "--manifest", "src/util.py"), ("the manifest src/util.py", "the source file src/util.py")),
        (
            ("build", "src", "--manifest", "src/__init__.py"),
            ("the manifest src/__init__.py", "the source file src/__init__.py"),
        ),
        (
            ("build", "src", "-o", "src/report/__init__.py"),
            ("the output src/report/__init__.py", "the source file src/report/__init__.py"),
        ),
        (
            ("build", "src", "-o", "src/report/../util.py"),
            ("the output src/report/../util.py", "the source file src/util.py"),
        ),
        (
            (*LOCKED, "--wheels", "wheels", "-o", "wheels/columns-1.2.0-py3-none-any.whl"),
            ("the output", "the wheel wheels/columns-1.2.0-py3-none-any.whl"),
        ),
        ((*LOCKED, "-o", "wheels/columns-1.2.0-py3-none-any.whl"), ("the output", "the wheel wheels/columns")),
        ((*LOCKED, "-o", "netrc"), ("the output netrc", "the credentials of netrc netrc")),
        ((*LOCKED, "-o", ".aws/credentials"), ("the output", "the credentials of AWS")),
        ((*LOCKED, "--manifest", "certificates.pem"), ("the manifest", "the certificates certificates.pem")),
        ((*LOCKED[:-1], "-o", "cache/wheels/x"), ("the output cache/wheels/x", "the cache")),
        (("--emulator", "emu", "build", "src", "-o", "emu/state.json"), ("the output", "the emulator's")),
        (("build", "src", "-o", "x", "--depfile", "./x"), ("the output x", "the depfile ./x")),
        (("--emulator", "emu", "pull", "f", "-o", "lambdapack.toml"), ("the output", "the configuration")),
        (("--emulator", "emu", "pull", "f", "-o", "emu/blobs/x"), ("the output emu/blobs/x", "the emulator's")),
        (("--emulator", "emu", "pull", "f", "--unzip", "emu/blobs"), ("the directory emu/blobs", "the emulator's")),
        (("--emulator", "emu", "pull", "f", "-o", ".aws/credentials"), ("the output", "the credentials of AWS")),
        (
            ("--emulator", "emu", "pull", "f", "-o", "new/x", "--unzip", "new"),
            ("the output new/x", "the directory new"),
        ),
    ],
)
def test_an_output_that_is_an_input_is_refused(
    arguments: tuple[str, ...], words: tuple[str, ...], project: Path
) -> None:
    assert_refused(project, arguments, *words)


@pytest.mark.parametrize("name", ["lambdapack.toml", "./pyproject.toml", "src/.lambdaignore", "src/../lambdapack.toml"])
@pytest.mark.parametrize("option", ["-o", "--depfile", "--manifest"])
def test_a_file_that_the_next_run_would_read_is_refused_before_it_is_there(
    option: str, name: str, project: Path
) -> None:
    for made in ("lambdapack.toml", "pyproject.toml", "src/.lambdaignore"):
        (project / made).unlink()

    assert_refused(project, ("build", "src", *(("-o", "out.zip") if option != "-o" else ()), option, name), name)


@pytest.mark.parametrize(
    "arguments", [("-o", "lambdapack.toml"), ("-o", "pyproject.toml"), ("--unzip", "pyproject.toml")]
)
def test_pull_writes_no_file_that_the_next_run_would_read(arguments: tuple[str, str], project: Path) -> None:
    for made in ("lambdapack.toml", "pyproject.toml"):
        (project / made).unlink()

    assert_refused(project, ("--emulator", "emu", "pull", "f", *arguments), arguments[1])


@pytest.mark.parametrize("make", [os.symlink, os.link])
@pytest.mark.parametrize("name", ["pylock.toml", "src/util.py", "lambdapack.toml", "src/.lambdaignore"])
def test_an_input_under_another_name_is_one_all_the_same(
    name: str, make: Callable[[Path, Path], None], project: Path
) -> None:
    make(project / name, project / "out.zip")

    assert_refused(project, (*LOCKED, "-o", "out.zip"), "out.zip", name)


@pytest.mark.parametrize("where", ["dist/x", "x", "src/x", "src/report/x"])
def test_outputs_of_an_earlier_run_are_no_inputs(where: str, project: Path) -> None:
    arguments = (*LOCKED, "-o", f"{where}.zip", "--depfile", f"{where}.d", "--manifest", f"{where}.json")
    here(*arguments)
    first = files(project)
    here(*arguments)
    assert files(project) == first

    (project / "src/util.py").write_text("x = 2\n")
    here(*arguments)
    second = files(project)
    assert {name for name in first if second[name] != first[name]} == {"src/util.py", f"{where}.zip", f"{where}.json"}


@pytest.mark.parametrize("option", ["-o", "--depfile", "--manifest"])
def test_a_zip_of_the_source_is_no_output_of_an_earlier_run(option: str, project: Path) -> None:
    with zipfile.ZipFile(project / "src/vendor.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("data.txt"), "precious")

    assert_refused(
        project,
        ("build", "src", *(("-o", "out.zip") if option != "-o" else ()), option, "src/vendor.zip"),
        "src/vendor.zip is the source file src/vendor.zip",
    )


def test_what_a_pattern_leaves_out_may_be_overwritten(project: Path) -> None:
    (project / "src/old.log").write_text("not ours\n")

    here("build", "src", "-o", "src/old.log")

    assert (project / "src/old.log").read_bytes()[:2] == b"PK"


def test_functions_of_one_run_do_not_write_what_the_other_reads(project: Path) -> None:
    more = '\n[functions.other]\nsource = "src"\noutput = "src/util.py"\n'
    (project / "lambdapack.toml").write_text(CONFIG + more)

    assert_refused(project, ("build",), "the output src/util.py", "the source file src/util.py")


def test_two_functions_with_one_output_are_refused(project: Path) -> None:
    (project / "lambdapack.toml").write_text(
        CONFIG + '\n[functions.other]\nsource = "src"\noutput = "dist//report.zip"\n'
    )

    assert_refused(project, ("build",), "the output dist/report.zip", "the output dist//report.zip")


@pytest.mark.parametrize("command", ["push", "create", "diff"])
def test_commands_that_build_first_obey_the_same_rule(command: str, project: Path) -> None:
    (project / "lambdapack.toml").write_text(CONFIG.replace("dist/report.zip", "src/util.py"))

    assert_refused(
        project,
        ("--emulator", "emu", command, "report", *(("--role", "r", "--handler", "h.h") if command == "create" else ())),
        "the output src/util.py",
    )


@pytest.mark.parametrize("kind", ["input", "included", "constraint of what is included", "pyproject"])
def test_lock_does_not_write_what_uv_reads(kind: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> str:
        pytest.fail("uv was looked for")

    monkeypatch.setattr(uv, "find_uv", never)
    (project / "more").mkdir()
    (project / "requirements.txt").write_text("# first\n-r more/base.in  # second\ncolumns==1.2.0\n")
    (project / "more/base.in").write_text("--constraint=limits.txt\n")
    (project / "more/limits.txt").write_text("columns<2\n")
    name = {
        "input": "requirements.txt",
        "included": "more/base.in",
        "constraint of what is included": "more/limits.txt",
        "pyproject": "pyproject.toml",
    }[kind]
    (project / "pylock.new.toml").symlink_to(name)

    assert_refused(
        project,
        ("lock", "requirements.txt", "-o", "pylock.new.toml", "--runtime", "python3.13", "--architecture", "arm64"),
        "the lock pylock.new.toml",
        name,
    )


@pytest.fixture
def folds_case(tmp_path: Path) -> Iterator[Path]:
    """A file system on which ``A`` and ``a`` are one file."""
    image, top = tmp_path / "image", tmp_path / "folds"
    top.mkdir()
    image.write_bytes(bytes(16 << 20))
    made = subprocess.run(["mkfs.ntfs", "-F", "-q", "-Q", image], check=False, capture_output=True)
    loop = subprocess.run(["losetup", "-f", "--show", image], check=False, capture_output=True, text=True)
    device = loop.stdout.strip()
    mounted = subprocess.run(["lowntfs-3g", "-o", "ignore_case", device, top], check=False, capture_output=True)
    try:
        if made.returncode or loop.returncode or mounted.returncode:
            pytest.skip("no file system that folds case can be mounted here")
        yield top
    finally:
        subprocess.run(["umount", top], check=False, capture_output=True)
        subprocess.run(["losetup", "-d", device], check=False, capture_output=True)


@pytest.mark.skipif(
    not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("lowntfs-3g") and shutil.which("losetup")),
    reason="mounts a file system, by ntfs-3g",
)
@pytest.mark.usefixtures("project")
def test_names_that_differ_in_case_are_one_file_where_the_file_system_says_so(folds_case: Path) -> None:
    source = folds_case / "src"
    source.mkdir()
    (source / "app.py").write_text("x = 1\n")
    for output in ("X.zip", "X.zip", "x.ZIP"):
        here("build", str(source), "-o", str(folds_case / "SRC" / output))
        with zipfile.ZipFile(source / "x.zip") as archive:
            assert archive.namelist() == ["app.py"]

    with pytest.raises(UsageError, match=r"the output .*/SRC/App.py is .*/src/app.py"):
        here("build", str(source), "-o", str(folds_case / "SRC/App.py"))
    assert (source / "app.py").read_text() == "x = 1\n"
