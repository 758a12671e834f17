"""Where files land: as pip puts them, and by the component, never by how a name begins."""

import importlib.util
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lambdapack.packing.wheels import paths
from lambdapack.packing.wheels.faults import WheelFault
from lambdapack.packing.wheels.landing import Landing, landing
from lambdapack.packing.wheels.wheel import inspect
from tests.packing.wheels.handmade import FILENAME, Part, archive, demo

DIST_INFO = "demo-1.0.dist-info"

MAPPED = {
    "demo-1.0.data/purelib/pure/a.py": b"A = 1\n",
    "demo-1.0.data/platlib/plat/b.py": b"B = 1\n",
    "demo-1.0.data/data/share/c.txt": b"C\n",
    "demo-1.0.data/data/etc/demo/d.conf": b"D\n",
    "demo-1.0.data/scripts/e": b"#!/bin/sh\n",
    "demo-1.0.database/f.py": b"F = 1\n",
    "demo/demo-1.0.data/purelib/g.py": b"G = 1\n",
    f"{DIST_INFO}/licenses/LICENSE": b"L\n",
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.py", Landing("a.py")),
        ("demo/a.py", Landing("demo/a.py")),
        ("demo-1.0.data/purelib/a/b.py", Landing("a/b.py")),
        ("demo-1.0.data/platlib/a.so", Landing("a.so")),
        ("demo-1.0.data/data/share/x", Landing("share/x")),
        ("demo-1.0.data/scripts/tool", Landing("bin/tool", is_script=True)),
        ("demo-1.0.data/headers/demo.h", None),
        ("demo-1.0.data", Landing("demo-1.0.data")),
        ("x/demo-1.0.data/purelib/a.py", Landing("x/demo-1.0.data/purelib/a.py")),
        ("demo-1.0.dist-info/RECORD", Landing("demo-1.0.dist-info/RECORD")),
        ("demo-1.0.dist-info/INSTALLER", None),
        ("demo-1.0.dist-info/REQUESTED", None),
        ("demo-1.0.dist-info/direct_url.json", None),
        ("demo-1.0.dist-info/sboms/INSTALLER", Landing("demo-1.0.dist-info/sboms/INSTALLER")),
        ("demo/INSTALLER", Landing("demo/INSTALLER")),
        ("demo-1.0.data/purelib/demo-1.0.dist-info/INSTALLER", None),
    ],
)
def test_each_file_lands_where_the_format_says(name: str, expected: Landing | None) -> None:
    assert landing(name, dist_info=DIST_INFO) == expected


@pytest.mark.parametrize(
    "name", ["demo-1.0.data/x.py", "demo-1.0.data/lib/x.py", "demo-1.0.data/Purelib/x.py", "demo-2.0.data/purelib/x.py"]
)
def test_what_has_no_place_is_refused(name: str) -> None:
    with pytest.raises(WheelFault):
        landing(name, dist_info=DIST_INFO)


@pytest.mark.skipif(importlib.util.find_spec("pip") is None, reason="this environment has no pip to compare with")
def test_files_land_where_pip_puts_them(tmp_path: Path) -> None:
    content = archive(demo(*(Part(name=name.encode(), content=data) for name, data in MAPPED.items())))
    (tmp_path / FILENAME).write_bytes(content)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-cache-dir", "--quiet", "install"]
    target = tmp_path / "target"
    pip += ["--no-deps", "--no-index", "--no-compile", "--no-warn-script-location"]
    done = subprocess.run([*pip, "--target", target, tmp_path / FILENAME], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    installed = {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}
    contents = inspect(content, filename=FILENAME, name="demo", version="1.0")
    found = {file.name for file in (*contents.files, *contents.scripts)}
    assert found == installed - {f"{DIST_INFO}/{name}" for name in ("INSTALLER", "REQUESTED", "direct_url.json")}


def test_nothing_is_lost_but_headers() -> None:
    header = Part(name=b"demo-1.0.data/headers/demo.h", content=b"int demo;\n")
    content = archive(demo(header))
    contents = inspect(content, filename=FILENAME, name="demo", version="1.0")
    names = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    assert {file.name for file in contents.files} == names - {"demo-1.0.data/headers/demo.h"}


@pytest.mark.parametrize(
    ("name", "unfit"),
    [
        ("demo/a.py", None),
        ("demo/..a/b", None),
        ("demo/c:d", None),
        ("é/ü.py", None),
        ("", "has a component that is empty, or a dot"),
        ("demo/", "has a component that is empty, or a dot"),
        ("a/./b", "has a component that is empty, or a dot"),
        ("a/../b", "leads out of the directory (..)"),
        ("..", "leads out of the directory (..)"),
        ("/a", "is absolute"),
        ("z:a", "begins with a drive letter"),
        ("a\\b", "holds a backslash"),
        ("a\0b", "holds a control character"),
    ],
)
def test_names_are_judged_by_their_components(name: str, unfit: str | None) -> None:
    assert paths.why_unpackable(name) == unfit


def test_names_that_differ_in_case_only_are_left_to_the_bundle() -> None:
    paths.check_clashes(["demo/x.py", "Demo/x.py", "demo/X.py"])


@pytest.mark.parametrize("name", ["con", "CON.txt", "a/aux.py/b", "com1", "LPT9.x.y", "a.", "a ", "a./b", "a?b", "a:b"])
def test_names_that_windows_cannot_store_are_warned_of(name: str) -> None:
    assert paths.warnings([name]) == [f"holds {name}, which Windows cannot store"]


@pytest.mark.parametrize(
    "name", ["console.py", "auxiliary", "com10", "com", "nul_", ".hidden", "a.b/c", "x.pth/y", "d/a.pth"]
)
def test_other_names_are_not(name: str) -> None:
    assert paths.warnings([name]) == []
