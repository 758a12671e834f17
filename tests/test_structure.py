"""The order of the rooms: who may import whom, and what a build never loads."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import lambdapack
from tests.wheelmaker import write_lock, write_wheel

ROOT = Path(lambdapack.__file__).parent

ORDER = (
    *("version", "reporting", "addresses", "masking", "text", "folding", "errors", "document", "target", "shortage"),
    *("waiting", "threads", "inputs", "quotas", "disk", "artifact", "environment", "config"),
    *("packing", "deploying", "cli"),
    *("__init__", "__main__"),
)
"""Each room may import itself and those before it."""

MODULES = sorted(ROOT.rglob("*.py"))

FOREIGN = {"boto3", "botocore", "click", "tqdm", "deflate", "pathspec", "packaging", "urllib3"}

HOMES = {
    "click": {"cli"},
    "tqdm": {"cli"},
    "deflate": {"packing"},
    "pathspec": {"packing"},
    "packaging": {"packing", "target"},
    "urllib3": {"packing"},
}
"""The rooms that may import a library; boto3 and botocore have rules of their own."""

LATE = {"boto3", "botocore"}
"""What is imported inside functions alone, for most runs need none of it."""


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield each module that a file imports, and whether inside a function."""
    parents: dict[ast.AST, ast.AST] = {}
    for node in ast.walk(ast.parse(path.read_text())):
        parents |= dict.fromkeys(ast.iter_child_nodes(node), node)
        above = parents.get(node)
        while above is not None and not isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef):
            if isinstance(above, ast.If) and ast.unparse(above.test) == "TYPE_CHECKING":
                break
            above = parents.get(above)
        if isinstance(node, ast.Import):
            yield from ((alias.name, above is not None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield str(node.module), above is not None


def ours(path: Path) -> set[str]:
    found = {name for name, _ in imports(path) if name.split(".")[0] == "lambdapack"}
    return {name.split(".")[1] for name in found if "." in name}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_import_only_what_stands_before_them(path: Path) -> None:
    if room(path) == "emulator":
        allowed = {"errors", "waiting", "emulator"}
    elif path.parent.name == "aws":
        allowed = {*ORDER[: ORDER.index("deploying") + 1], "emulator"}
    elif room(path) == "cli":
        allowed = {*ORDER[: ORDER.index("cli") + 1], "emulator"}
    else:
        allowed = set(ORDER[: ORDER.index(room(path)) + 1])

    # The halves meet in an Artifact, which is on the ground.
    if room(path) == "deploying":
        allowed -= {"packing"}

    assert ours(path) - allowed == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_libraries_stay_in_their_rooms(path: Path) -> None:
    found = {(name.split(".")[0], inside) for name, inside in imports(path)}
    foreign = {name for name, _ in found if name not in sys.stdlib_module_names and name != "lambdapack"}

    assert foreign <= FOREIGN
    assert {name for name in foreign & HOMES.keys() if room(path) not in HOMES[name]} == set()
    assert {name for name, inside in found if name in LATE and not inside} == set()
    if room(path) == "emulator":
        assert foreign <= {"botocore"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_longer_than_320_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 320


LOCKED = ["build", "src", "-o", "out.zip", "--lock", "pylock.toml", "--runtime", "python3.13", "--cache-dir", "cache"]


def loaded_by(arguments: list[str], directory: Path) -> set[str]:
    """Return the modules that a run of the command loads."""
    code = (
        "import os, sys\n"
        "os._exit = lambda code: sys.exit(code)\n"
        "from lambdapack.cli.main import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "finally:\n    sys.stderr.write('\\n' + ' '.join(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, cwd=directory, capture_output=True, text=True
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["--version"], ["build", "src", "-o", "out.zip"], ["build", "--help"], LOCKED])
def test_no_build_loads_what_it_does_not_need(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/app.py").write_text("")
    write_lock(tmp_path / "pylock.toml", write_wheel(tmp_path / "wheels", {"demo.py": b""}))
    if arguments == LOCKED:
        assert {"packaging.pylock", "lambdapack.packing.wheels.wheel"} <= loaded_by(arguments, tmp_path)

    modules = loaded_by(arguments, tmp_path)

    loaded = {name.split(".")[0] for name in modules}
    assert loaded & {"boto3", "botocore", "packaging", "tomllib", "tqdm", "urllib3"} == set()
    assert "click" in loaded
    assert not any(name.startswith("lambdapack.deploying") for name in modules)


def test_the_order_is_caught_when_it_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("import lambdapack.cli\n\ndef f():\n    import boto3\n\nimport botocore\n")

    assert ours(path) == {"cli"}
    assert list(imports(path)) == [("lambdapack.cli", False), ("botocore", False), ("boto3", True)]
