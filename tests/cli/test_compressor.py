"""``lambdapack build`` with another compressor in the place of the published wheel."""

import shutil
import sys
from pathlib import Path

import deflate
import pytest
from deflate import _deflate

from tests.aliases import MakeTree, Run

SHA = "crvVYoTe8E79V8zue3P/JioBIJtaZCX7obeAPgPSozA=  out.zip\n"
"""The answer for one file, ``print()`` and a line end."""

NOTE = (
    "the compressor is deflate 0.9.0, not one of the wheels of deflate 0.9.0 on PyPI; "
    "the canary found its bytes to be those of format-1/libdeflate-6"
)

OLDER = """
import zlib

import pinned
from pinned import *
from pinned import __version__

def deflate_compress(content, level):
    if len(content) >= 512:
        return pinned.deflate_compress(content, level)
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return compressor.compress(content) + compressor.flush()
"""
"""A ``deflate`` whose short contents become other bytes, as with libdeflate 1.14."""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A copy of the package ``deflate`` that is found before the installed one."""
    folder = tmp_path / "elsewhere"
    shutil.copytree(Path(deflate.__file__).parent, folder / "deflate")
    return folder


def test_the_published_wheel_is_no_news(tree: MakeTree, run: Run) -> None:
    tree({"app.py": b"print()\n"})

    done = run("build", "src", "-o", "out.zip", "-v")

    assert done.stdout == SHA
    assert "PyPI" not in done.stderr


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS loads no library that changed after it was signed")
def test_a_compressor_from_elsewhere_is_told_with_v(tree: MakeTree, run: Run, elsewhere: Path) -> None:
    tree({"app.py": b"print()\n"})
    with (elsewhere / "deflate" / Path(_deflate.__file__).name).open("ab") as extension:
        extension.write(b"built elsewhere")

    quiet = run("build", "src", "-o", "out.zip", env={"PYTHONPATH": str(elsewhere)})
    verbose = run("build", "src", "-o", "out.zip", "-v", env={"PYTHONPATH": str(elsewhere)})
    stored = run("build", "src", "-o", "stored.zip", "-v", "--compression", "store", env={"PYTHONPATH": str(elsewhere)})

    assert quiet.stdout == verbose.stdout == SHA
    assert "PyPI" not in quiet.stderr
    assert verbose.stderr.splitlines().count(NOTE) == 1
    assert stored.returncode == 0
    assert "PyPI" not in stored.stderr


@pytest.mark.skipif(sys.platform == "darwin", reason="as above")
def test_several_packages_are_one_note(tree: MakeTree, run: Run, elsewhere: Path, tmp_path: Path) -> None:
    tree({"app.py": b"print()\n"})
    functions = "".join(f'[functions.{name}]\nsource = "src"\noutput = "{name}.zip"\n' for name in ("one", "two"))
    (tmp_path / "lambdapack.toml").write_text(functions)
    with (elsewhere / "deflate" / Path(_deflate.__file__).name).open("ab") as extension:
        extension.write(b"built elsewhere")

    done = run("build", "-v", env={"PYTHONPATH": str(elsewhere)})

    assert done.returncode == 0
    assert done.stderr.splitlines().count(NOTE) == 1


def test_an_older_release_writes_nothing(tree: MakeTree, run: Run, elsewhere: Path, tmp_path: Path) -> None:
    tree({"app.py": b"print()\n"})
    (elsewhere / "deflate").rename(elsewhere / "pinned")
    (elsewhere / "deflate").mkdir()
    (elsewhere / "deflate" / "__init__.py").write_text(OLDER)
    (tmp_path / "out.zip").write_bytes(b"as it was")

    done = run("build", "src", "-o", "out.zip", env={"PYTHONPATH": str(elsewhere)})

    assert done.returncode == 6
    assert done.stdout == ""
    assert done.stderr == (
        "error: the compressor gives other bytes than format-1/libdeflate-6; it is deflate 0.9.0\n"
        "hint: install the published wheel: pip install --force-reinstall --only-binary :all: deflate==0.9.0 "
        "(where this machine has none, build it without LIBDEFLATE_PREFIX)\n"
    )
    assert (tmp_path / "out.zip").read_bytes() == b"as it was"
