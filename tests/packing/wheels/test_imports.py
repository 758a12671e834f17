"""A package of wheels works as it is: unpacked where a function's code lies, modules import and versions answer."""

import base64
import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

Run: TypeAlias = Callable[..., Any]

ASK = """
import importlib, importlib.metadata, json, sys
task, *modules = sys.argv[1:]
sys.path.insert(0, task)
here = {module: importlib.import_module(module).HERE for module in modules}
print(json.dumps([here, {found.name: found.version for found in importlib.metadata.distributions(path=[task])}]))
"""

WHEELS: Mapping[str, Mapping[str, str]] = {
    "plain-1.0": {"plain/__init__.py": "HERE = 'a package'\n", "single.py": "HERE = 'a module'\n"},
    # Two projects share a directory that belongs to neither (packaging.python.org, "Packaging namespace packages").
    "shared_one-2.1": {"shared/one/__init__.py": "HERE = 'one half'\n"},
    "shared_two-2.2": {"shared/two/__init__.py": "from shared.one import HERE as OTHER\nHERE = 'with ' + OTHER\n"},
    # "Binary distribution format", The .data directory.
    "spread-3.0.post1": {
        "spread-3.0.post1.data/purelib/spread/__init__.py": "from spread import native\nHERE = native.WHERE\n",
        "spread-3.0.post1.data/platlib/spread/native.py": "WHERE = 'both libraries'\n",
        "spread-3.0.post1.data/data/share/spread/table.json": "[]\n",
        "spread-3.0.post1.data/scripts/spread": "#!python\nimport spread\n",
        "spread-3.0.post1.data/headers/spread.h": "int spread(void);\n",
    },
}


def wheel(directory: Path, release: str, files: Mapping[str, str]) -> Path:
    """A wheel as the specification has it."""
    name, _, version = release.partition("-")
    info = f"{release}.dist-info"
    contents = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = [f"{path},sha256={listed(text)},{len(text)}\n" for path, text in contents.items()]
    contents[f"{info}/RECORD"] = "".join([*rows, f"{info}/RECORD,,\n"])
    path = directory / f"{release}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, text in contents.items():
            archive.writestr(zipfile.ZipInfo(file), text)
    return path


def listed(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


@pytest.fixture
def task(tmp_path: Path, run: Run, tree: Callable[..., Path]) -> Path:
    """What Lambda would have in /var/task."""
    lines = ['lock-version = "1.0"', 'created-by = "test"']
    for release, files in WHEELS.items():
        path = wheel(tmp_path, release, files)
        name, _, version = release.partition("-")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines += ["[[packages]]", f'name = "{name.replace("_", "-")}"', f'version = "{version}"']
        lines += [f'wheels = [{{ path = "{path.name}", hashes = {{ sha256 = "{digest}" }} }}]']
    (tmp_path / "pylock.toml").write_text("\n".join(lines))
    runtime = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    built = run(
        *("build", tree({"app.py": b"HERE = 'the source'\n"}), "--output", "package.zip", "--no-cache"),
        *("--lock", "pylock.toml", "--runtime", runtime, "--architecture", "x86_64"),
    )
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(tmp_path / "package.zip") as archive:
        archive.extractall(tmp_path / "task")
    return tmp_path / "task"


def asked(task: Path, *modules: str) -> subprocess.CompletedProcess[str]:
    """An interpreter that has nothing but its standard library and the task."""
    command = [sys.executable, "-I", "-S", "-B", "-c", ASK, str(task), *modules]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


def test_every_module_imports_and_every_version_answers(task: Path) -> None:
    answer = asked(task, "app", "plain", "single", "shared.one", "shared.two", "spread")

    assert answer.stderr == ""
    here, versions = json.loads(answer.stdout)
    assert here == {
        "app": "the source",
        "plain": "a package",
        "single": "a module",
        "shared.one": "one half",
        "shared.two": "with one half",
        "spread": "both libraries",
    }
    assert versions == {"plain": "1.0", "shared_one": "2.1", "shared_two": "2.2", "spread": "3.0.post1"}
    assert (task / "share/spread/table.json").read_text() == "[]\n"
    assert not (task / "bin").exists()
    assert not (task / "include").exists()


def test_what_is_not_there_is_noticed(task: Path) -> None:
    (task / "spread/native.py").unlink()

    assert "ImportError" in asked(task, "spread").stderr
