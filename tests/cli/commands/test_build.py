"""``lambdapack build``: what it prints, and what bad input gets."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.nobody import as_nobody, directory_of_nobody

Run = Callable[..., "subprocess.CompletedProcess[str]"]
MakeTree = Callable[..., Path]
Refusal = tuple[int, str, str]
"""Exit code, kind, and words of the message."""

CONFIG = '[tool.lambdapack.functions.one]\nsource = "src"\n'


def test_a_line_for_scripts_and_a_note_for_people(tree: MakeTree, run: Run, tmp_path: Path) -> None:
    tree({"app.py": b"print()\n", ".env": b"SECRET=1"})

    done = run("build", "src", "-o", "out.zip")

    assert done.returncode == 0
    assert done.stdout == "crvVYoTe8E79V8zue3P/JioBIJtaZCX7obeAPgPSozA=  out.zip\n"
    left_out, packed = done.stderr.splitlines()
    assert left_out == "left out by the built-in list: .env"
    assert "1 entries, 8 bytes" in packed
    assert zipfile.ZipFile(tmp_path / "out.zip").namelist() == ["app.py"]


def test_json_is_one_document(tree: MakeTree, run: Run) -> None:
    tree({"app.py": b"print()\n"})

    done = run(
        "build", "src", "-o", "out.zip", "--json", "--quiet", "--runtime", "python3.13", "--architecture", "arm64"
    )

    assert json.loads(done.stdout) == {
        "path": "out.zip",
        "code_sha256": "crvVYoTe8E79V8zue3P/JioBIJtaZCX7obeAPgPSozA=",
        "size": 118,
        "unzipped_size": 8,
        "entries": 1,
        "format": "format-1/libdeflate-6",
        "runtime": "python3.13",
        "architecture": "arm64",
    }
    assert done.stderr == ""


def test_list_names_what_would_go_in_and_writes_nothing(tree: MakeTree, run: Run, tmp_path: Path) -> None:
    tree({"app.py": b"print()\n", "lib/ü b.py": b"", "lib/a.pyc": b"", ".git/config": b""})

    done = run("build", "src", "-o", "out.zip", "--list")

    assert done.stdout == "          8 app.py\n          0 lib/ü b.py\n"
    assert [path.name for path in tmp_path.iterdir()] == ["src"]


def test_list_is_utf8_whatever_the_locale(tree: MakeTree, run: Run) -> None:
    tree({"ü.py": b""})

    done = run(
        "build", "src", "--list", env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, encoding="utf-8"
    )

    assert (done.returncode, done.stdout) == (0, "          0 ü.py\n")


def test_configured_functions_are_built(tree: MakeTree, run: Run, tmp_path: Path) -> None:
    tree({"app.py": b"print()\n", "tests/x": b""})
    (tmp_path / "pyproject.toml").write_text(
        CONFIG + 'exclude = ["tests/"]\n[tool.lambdapack.functions.two]\nsource = "src"\noutput = "second.zip"\n'
    )

    done = run("build", "--json", "-q")

    assert [(found["path"], found["entries"]) for found in json.loads(done.stdout)] == [
        ("one.zip", 1),
        ("second.zip", 2),
    ]
    assert run("build", "-f", "two", "--json", "-q", "--exclude", "tests/").stdout.count('"entries": 1') == 1


def no_directory(root: Path) -> None:
    shutil.rmtree(root)


def a_file_instead(root: Path) -> None:
    shutil.rmtree(root)
    root.write_text("")


def too_many_files(root: Path) -> None:
    (root / "lib").mkdir()
    for number in range(1_000):
        (root / f"lib/{number}").touch()
    for number in range(70):
        (root / str(number)).symlink_to("lib")


BROKEN: dict[str, Callable[[Path], object]] = {
    "empty": lambda root: (root / "app.py").unlink(),
    "missing": no_directory,
    "a file": a_file_instead,
    "all excluded": lambda root: (root / ".lambdaignore").write_text("*\n"),
    "fifo": lambda root: os.mkfifo(root / "pipe"),
    "dangling": lambda root: (root / "link").symlink_to("nothing"),
    "outside": lambda root: (root / "link").symlink_to("/etc/hostname"),
    "loop": lambda root: (root / "link").symlink_to("."),
    "not utf-8": lambda root: (root / os.fsdecode(b"\xff.py")).touch(),
    "control": lambda root: (root / "a\nb\x1b[31m").touch(),
    "backslash": lambda root: (root / "a\\b").touch(),
    "case": lambda root: (root / "App.py").touch(),
    "normal form": lambda root: [(root / name).write_bytes(b"") for name in ("\u00fc", "u\u0308")],
    "bad pattern": lambda root: (root / ".lambdaignore").write_text("fine\n[a\n"),
    "ignore file not utf-8": lambda root: (root / ".lambdaignore").write_bytes(b"\xff\n"),
    "too large": lambda root: os.truncate(root / "app.py", 262_144_000),
    "too many": too_many_files,
}


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("empty", (3, "source", "nothing in src is left to pack")),
        ("missing", (3, "source", "there is no source directory src")),
        ("a file", (3, "source", "src is not a directory")),
        ("all excluded", (3, "source", "nothing in src is left to pack")),
        ("fifo", (3, "source", "src/pipe is a FIFO, not a file")),
        ("dangling", (3, "source", "the symlink src/link leads to nothing")),
        ("outside", (3, "source", "the symlink src/link leads out of the source directory")),
        ("loop", (3, "source", "the symlink src/link leads back to a directory above it")),
        ("not utf-8", (3, "source", "the name of src/\\udcff.py is not UTF-8")),
        ("control", (3, "source", "the name of src/a\\nb\\x1b[31m holds a control character")),
        ("backslash", (3, "source", "the name of src/a\\b holds a backslash")),
        ("case", (3, "source", "the names App.py and app.py differ in case only")),
        ("normal form", (3, "source", "have the same name in Unicode's normal form")),
        ("bad pattern", (2, "usage", "src/.lambdaignore:2: the pattern '[a' cannot be parsed")),
        ("ignore file not utf-8", (2, "usage", "src/.lambdaignore:1 is not UTF-8")),
        ("too large", (5, "check", "the package has 262,144,000 bytes unzipped")),
        ("too many", (5, "check", "the package would have more than 65,535 entries")),
    ],
)
def test_a_tree_that_cannot_be_packed_is_refused_and_nothing_is_touched(
    name: str, refusal: Refusal, tree: MakeTree, run: Run, tmp_path: Path
) -> None:
    BROKEN[name](tree({"app.py": b"print()\n"}))
    (tmp_path / "out.zip").write_bytes(b"old")
    before = sorted(path.name for path in tmp_path.iterdir())

    done = run("build", "src", "-o", "out.zip", "--json", timeout=10)

    assert_refused(done, *refusal)
    assert (tmp_path / "out.zip").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def assert_refused(done: "subprocess.CompletedProcess[str]", exit_code: int, kind: str, words: str) -> None:
    error, hint = done.stderr.splitlines()
    document = json.loads(done.stdout)["error"]
    assert (done.returncode, document["exit_code"], document["kind"]) == (exit_code, exit_code, kind)
    assert error == f"error: {document['message']}"
    assert hint == f"hint: {document['hint']}"
    assert words in document["message"]


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (["build", "src", "-o", "src"], (6, "local", "cannot write src: it is a directory")),
        (["build", "src", "-o", "missing/out.zip"], (6, "local", "the directory missing does not exist")),
        (["build", "src", "-o", "/dev/full"], (6, "local", "cannot write /dev/full: it is no regular file")),
        (["build", "src", "-o", "pipe"], (6, "local", "cannot write pipe: it is no regular file")),
        (["build", "src", "-o", "out.zip", "--manifest", "missing/m"], (6, "local", "cannot write missing/m")),
        (["build", "src", "-o", "out.zip", "--depfile", "out.zip"], (2, "usage", "are one file")),
        (["build", "src", "--runtime", "python3"], (2, "usage", "python3.13")),
        (["build", "src", "--architecture", "amd64"], (2, "usage", "arm64")),
        (["build", "src", "--compression", "99"], (2, "usage", "best")),
        (["build", "src", "--jobs", "0"], (2, "usage", "--jobs")),
        (["build", "src", "--exclude", "[a"], (2, "usage", "--exclude: the pattern '[a' cannot be parsed")),
        (["build", "src", "--nonsense"], (2, "usage", "--nonsense")),
        (["build", "src", "-f", "one"], (2, "usage", "exclude one another")),
        (["build", ""], (3, "source", "the source directory's name is empty")),
        (["build"], (2, "usage", "no function is configured here")),
    ],
)
def test_a_command_that_cannot_be_obeyed_is_refused(
    arguments: list[str], refusal: Refusal, tree: MakeTree, run: Run, tmp_path: Path
) -> None:
    tree({"app.py": b"print()\n"})
    os.mkfifo(tmp_path / "pipe")

    done = run(*arguments, "--json", timeout=10)

    assert_refused(done, *refusal)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pipe", "src"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[tool.lambdapack\n", "pyproject.toml: "),
        (CONFIG + "runtme = 1\n", "pyproject.toml:3: unknown key 'runtme'"),
        (CONFIG + "memory = 'x'\n", "pyproject.toml:3: memory must be a whole number"),
        (CONFIG + "runtime = 'python3'\n", "pyproject.toml:3: runtime cannot be 'python3'"),
        ("[tool.lambdapack.functions.one]\n", "does not say where the source of one is"),
        (CONFIG + "exclude = ['[a']\n", "pyproject.toml"),
        (CONFIG + "executable = ['[a']\n", "the pattern '[a' cannot be parsed"),
    ],
)
def test_a_configuration_that_cannot_be_understood_is_refused(
    content: str, words: str, tree: MakeTree, run: Run, tmp_path: Path
) -> None:
    tree({"app.py": b"print()\n"})
    (tmp_path / "pyproject.toml").write_text(content)

    assert_refused(run("build", "--json"), 2, "usage", words)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pyproject.toml", "src"]


@pytest.mark.parametrize("name", ["app.py", "lib", ".lambdaignore"])
def test_what_cannot_be_read_is_refused_and_never_skipped(name: str) -> None:
    with directory_of_nobody() as directory:
        root = directory / "src"
        (root / "lib").mkdir(parents=True)
        (root / "app.py").touch()
        (root / ".lambdaignore").touch()
        (root / name).chmod(0)

        done = as_nobody(directory, "build", "src", "-o", "out.zip", "--json")

        (root / name).chmod(0o755)
        assert_refused(done, 3, "source", f"cannot read src/{name}: Permission denied")
        assert [path.name for path in directory.iterdir()] == ["src"]


def test_an_output_that_is_a_symlink_is_written_through_it(tree: MakeTree, run: Run, tmp_path: Path) -> None:
    tree({"app.py": b"print()\n"})
    (tmp_path / "real").mkdir()
    (tmp_path / "out.zip").symlink_to("real/out.zip")

    assert run("build", "src", "-o", "out.zip").returncode == 0
    assert (tmp_path / "out.zip").is_symlink()
    assert zipfile.is_zipfile(tmp_path / "real/out.zip")


@pytest.mark.parametrize("arguments", [["build", "src", "-o", "out.zip"], ["build", "src", "--list"]])
@pytest.mark.parametrize("stdout", ["full", "closed"])
def test_a_stdout_that_takes_nothing_is_no_success(
    stdout: str, arguments: list[str], tree: MakeTree, tmp_path: Path
) -> None:
    tree({"app.py": b"print()\n"})
    redirection = ">/dev/full" if stdout == "full" else ">&-"

    done = subprocess.run(
        ["sh", "-c", f'"$0" -m lambdapack "$@" {redirection}', sys.executable, *arguments],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 6
    assert "error: cannot write to standard output" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_working_directory_that_is_gone_does_no_harm(tree: MakeTree, tmp_path: Path) -> None:
    root = tree({"app.py": b"print()\n"})
    deleted = tmp_path / "gone"
    deleted.mkdir()
    command = f'rmdir "{deleted}"; exec "$0" -m lambdapack build "{root}" -o "{tmp_path}/out.zip"'

    done = subprocess.run(
        ["sh", "-c", command, sys.executable], check=False, cwd=deleted, capture_output=True, text=True
    )

    assert (done.returncode, done.stdout) == (0, f"crvVYoTe8E79V8zue3P/JioBIJtaZCX7obeAPgPSozA=  {tmp_path}/out.zip\n")


@pytest.mark.parametrize("kind", ["hard link", "sparse", "times", "mode"])
def test_what_a_file_system_adds_changes_nothing(kind: str, tree: MakeTree, run: Run) -> None:
    root = tree({"app.py": b"print()\n"})
    path = root / "app.py"
    if kind == "hard link":
        os.link(path, root.parent / "other")
    elif kind == "sparse":
        path.write_bytes(b"")
        os.truncate(path, 5_000_000)
    elif kind == "times":
        os.utime(path, ns=(0, -1))
    elif kind == "mode":
        path.chmod(0o777)

    assert run("build", "src", "-q").stdout.split()[0] == (
        "AYQUG5xOd2pVxtO9Za6Qarvoiw7Uu3nBpXXCgWbn/s8="
        if kind == "sparse"
        else "crvVYoTe8E79V8zue3P/JioBIJtaZCX7obeAPgPSozA="
    )
