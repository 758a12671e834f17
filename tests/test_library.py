"""The library: its names, its types as a user's checker sees them, and wrong values, which are refused in words."""

import ast
import importlib
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

import lambdapack
from lambdapack.errors import UsageError
from tests.test_docs import ROOT, blocks

NAMES: list[str] = vars(lambdapack)["__all__"]
PUBLIC: dict[str, str] = vars(lambdapack)["PUBLIC"]
STUB = Path(lambdapack.__file__).with_suffix(".pyi")


def test_only_the_public_names_are_shown() -> None:
    assert dir(lambdapack) == sorted(NAMES)
    assert {"build", "connect", "push", "rollback", "Route", "__version__"} <= set(dir(lambdapack))
    assert {"PUBLIC", "errors", "importlib"}.isdisjoint(dir(lambdapack))


def test_type_checkers_read_the_same_names() -> None:
    imports = [node for node in ast.parse(STUB.read_text()).body if isinstance(node, ast.ImportFrom)]
    read = {(str(node.module), alias.name, alias.asname) for node in imports for alias in node.names}
    table = {(f"lambdapack.{module}", name, name) for module, names in PUBLIC.items() for name in names.split()}
    assert read == table


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"__version__"}))
def test_every_public_name_is_there_and_described(name: str) -> None:
    found = getattr(lambdapack, name)
    assert found is getattr(importlib.import_module(found.__module__), name)
    assert found.__doc__


def test_another_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="module 'lambdapack' has no attribute 'upload'"):
        _ = lambdapack.upload  # type: ignore[attr-defined]


def release_script() -> str:
    (script,) = (block.text for block in blocks((ROOT / "docs/python.md").read_text()) if block.language == "python")
    return script


def test_the_script_of_the_documentation_is_short() -> None:
    assert len(release_script().splitlines()) <= 25


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment in which the wheel is installed, and of its directory."""
    directory = tmp_path_factory.mktemp("installed")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", directory],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    venv.create(directory / "venv", system_site_packages=True)
    python = directory / "venv/bin/python"
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()
    (wheel,) = directory.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    return python


@pytest.mark.skipif(sys.platform == "win32", reason="an environment has other directories there")
@pytest.mark.parametrize(
    ("change", "code"),
    [(lambda text: text, 0), (lambda text: text.replace('alias="live"', "alias=7"), 1)],
    ids=["as it stands", "with a wrong type"],
)
def test_the_script_passes_a_strict_type_checker(
    change: Callable[[str], str], code: int, installed: Path, tmp_path: Path
) -> None:
    """The second one is the control: types that are not found are no types."""
    (tmp_path / "release.py").write_text(change(release_script()))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-executable", installed, "release.py"],
        cwd=tmp_path, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == code, done.stdout


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src/app.py").write_text("x = 1\n")
    return tmp_path


WRONG: dict[str, Any] = {
    "source": [1, b"src", "a\0b", "\ud800"],
    "output": [None, b"o.zip", "o\0.zip", "\ud800.zip"],
    "depfile": ["\0"],
    "manifest": ["\ud800"],
    "patterns": ["*.log", [1], [b"x"], ["\ud800"], ["\0"], None, {"*.log"}],
    "executable": ["*.sh", [None]],
    "depends_on": [["\0"], "a"],
    "jobs": [0, "2", None, 1.5, float("nan")],
    "compression": ["max", None, 6],
    "symlinks": ["x"],
    "prefer": ["both"],
    "runtime": ["python9", 3],
    "architecture": ["mips"],
    "dependencies": ["pylock.toml", {}],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values])
def test_a_wrong_value_of_a_build_is_a_usage_error_and_writes_nothing(field: str, value: object, tree: Path) -> None:
    fields: dict[str, Any] = {"source": "src", "output": "o.zip", field: value}
    with pytest.raises(UsageError) as caught:
        lambdapack.build(lambdapack.BuildRequest(**fields))
    assert caught.value.hint
    assert sorted(path.name for path in tree.iterdir()) == ["src"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(
            ("lock", None),
            ("folders", "wheels"),
            ("groups", [1]),
            ("without", [None]),
            ("cache", "\0"),
            ("environ", None),
        ),
        *(("preset", "fat"), ("scripts", "no"), ("extras", "dev")),
    ],
)
def test_a_wrong_value_about_wheels_is_a_usage_error(field: str, value: object) -> None:
    fields: dict[str, Any] = {"lock": "pylock.toml", field: value}
    with pytest.raises(UsageError):
        lambdapack.Dependencies(**fields)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("source", "\0"), ("output", 1), ("runtime", "java21"), ("groups", "dev"), ("groups", ("\0",))),
        *(("timeout", -1), ("timeout", float("nan")), ("timeout", "1"), ("timeout", 10**400)),
    ],
)
def test_a_wrong_value_of_a_lock_is_a_usage_error(field: str, value: object, tree: Path) -> None:
    (tree / "requirements.txt").write_text("")
    fields: dict[str, Any] = {"source": "requirements.txt", "output": "pylock.toml", field: value}
    with pytest.raises(UsageError):
        lambdapack.lock(lambdapack.LockRequest(**fields))


@pytest.mark.parametrize(
    "call",
    [
        lambda: lambdapack.build(cast("Any", None)),
        lambda: lambdapack.open_artifact("a\0"),
        lambda: lambdapack.open_artifact(cast("Any", None)),
        lambda: lambdapack.connect(cast("Any", None)),
        lambda: lambdapack.connect(lambdapack.ConnectionSettings(emulator=cast("Any", 1))),
        lambda: lambdapack.show(lambdapack.ShowRequest(function="hello"), cast("Any", lambdapack.ConnectionSettings())),
        lambda: lambdapack.show(cast("Any", "hello"), lambdapack.connect(lambdapack.ConnectionSettings(emulator="e"))),
    ],
)
def test_what_is_no_request_is_a_usage_error(call: Callable[[], object], tree: Path) -> None:
    del tree
    with pytest.raises(UsageError):
        call()


def test_a_file_name_that_is_no_utf_8_is_a_path(tree: Path) -> None:
    """The control: what is refused above is no name of a file, or no text."""
    built = lambdapack.build(lambdapack.BuildRequest(source="src", output=b"\xff.zip".decode(errors="surrogateescape")))
    assert built.artifact.path.is_file()
    del tree
