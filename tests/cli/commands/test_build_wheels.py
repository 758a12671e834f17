"""``lambdapack build --lock``: what a package of source and wheels holds, and what is refused with exit 4."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.wheelmaker import write_lock, write_wheel

Run = Callable[..., "subprocess.CompletedProcess[str]"]
MakeTree = Callable[..., Path]

TARGET = ("--runtime", "python3.13", "--architecture", "arm64")

ELF_X86_64 = b"\x7fELF\x02\x01\x01" + bytes(9) + (3).to_bytes(2, "little") + (62).to_bytes(2, "little") + bytes(44)


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


@pytest.fixture
def locked(tmp_path: Path, tree: MakeTree) -> Callable[..., Path]:
    """A source tree and the lock of some wheels."""

    def make(*wheels: Path, header: str = "") -> Path:
        tree({"app.py": b"import demo\n"})
        return write_lock(tmp_path / "pylock.toml", *wheels, header=header)

    return make


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    return write_wheel(
        tmp_path / "wheels",
        {
            "demo/__init__.py": b"NAME = 'demo'\n" * 20,
            "demo/tests/test_demo.py": b"",
            "demo/stubs.pyi": b"",
            "demo-1.0.data/scripts/tool": b"#!python\nprint('tool')\n",
            "demo-1.0.data/data/share/demo.txt": b"data",
            "demo-1.0.data/headers/demo.h": b"",
        },
    )


def test_source_and_wheels_go_into_one_package_that_runs(
    run: Run, locked: Callable[..., Path], demo: Path, tmp_path: Path
) -> None:
    locked(demo)

    done = run("build", "src", "-o", "out.zip", "--lock", "pylock.toml", *TARGET)

    assert done.returncode == 0, done.stderr
    assert "src: 8 entries, 1,073 bytes, packed in " in done.stderr
    assert names(tmp_path / "out.zip") == [
        "app.py",
        "demo-1.0.dist-info/METADATA",
        "demo-1.0.dist-info/RECORD",
        "demo-1.0.dist-info/WHEEL",
        "demo/__init__.py",
        "demo/stubs.pyi",
        "demo/tests/test_demo.py",
        "share/demo.txt",
    ]
    subprocess.run(["unzip", "-q", "out.zip", "-d", "task"], cwd=tmp_path, check=True)
    code = (
        "import sys; sys.path.insert(0, 'task'); import app, importlib.metadata\n"
        "print(app.demo.NAME, importlib.metadata.version('demo'))"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert ran.stdout == "demo 1.0\n"


def test_compressed_bytes_are_the_wheels_own(run: Run, locked: Callable[..., Path], demo: Path, tmp_path: Path) -> None:
    locked(demo)
    run("build", "src", "-o", "out.zip", "--lock", "pylock.toml", *TARGET)

    def stream(path: Path, name: str) -> bytes:
        with zipfile.ZipFile(path) as archive:
            found = archive.getinfo(name)
            begin = found.header_offset + 30 + len(found.filename.encode())
            return path.read_bytes()[begin : begin + found.compress_size]

    # zlib's stream, not libdeflate's.
    assert stream(tmp_path / "out.zip", "demo/__init__.py") == stream(demo, "demo/__init__.py")


def test_the_architecture_is_stated_where_it_was_not_given(run: Run, locked: Callable[..., Path], demo: Path) -> None:
    locked(demo)

    done = run("build", "src", "-o", "out.zip", "--lock", "pylock.toml", "--runtime", "python3.13", "--json")

    found = json.loads(done.stdout)
    assert (found["runtime"], found["architecture"]) == ("python3.13", "x86_64")


def test_configured_functions_have_their_locks(run: Run, tree: MakeTree, tmp_path: Path) -> None:
    tree({"src/hello/__init__.py": b"", "pyproject.toml": b""}, name="project")
    project = tmp_path / "project"
    write_lock(project / "pylock.toml", write_wheel(project / "wheels", {"demo/__init__.py": b"", "demo/x.md": b""}))
    (project / "pyproject.toml").write_text(
        '[tool.lambdapack]\nruntime = "python3.12"\narchitecture = "arm64"\nlock = "pylock.toml"\nexclude = ["*.md"]\n'
        '[tool.lambdapack.functions.hello]\nsource = "src"\nhandler = "hello.handler"\noutput = "hello.zip"\n'
    )

    done = run("build", cwd=project)

    assert done.returncode == 0, done.stderr
    assert names(project / "hello.zip") == [
        "demo-1.0.dist-info/METADATA",
        "demo-1.0.dist-info/RECORD",
        "demo-1.0.dist-info/WHEEL",
        "demo/__init__.py",
        "hello/__init__.py",
    ]


def test_push_builds_with_the_lock_of_the_configuration_and_the_users_cache(
    run: Run, locked: Callable[..., Path], demo: Path, tmp_path: Path
) -> None:
    locked(demo)
    (tmp_path / "lambdapack.toml").write_text(
        'runtime = "python3.12"\narchitecture = "arm64"\nlock = "pylock.toml"\n'
        '[functions.hello]\nsource = "src"\nhandler = "app.handler"\nrole = "arn:aws:iam::000000000000:role/emulator"\n'
    )
    environment = {"LAMBDAPACK_EMULATOR": "emulator", "LAMBDAPACK_CACHE_DIR": str(tmp_path / "mine")}

    done = run("push", "hello", "--create", "--publish", "--json", env=environment)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["version"] == "1"
    assert "demo/__init__.py" in names(tmp_path / "hello.zip")
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == [
        "CACHEDIR.TAG",
        "contents",
        "prepared",
        "selection",
    ]


def test_it_is_told_whether_wheels_were_here(run: Run, locked: Callable[..., Path], demo: Path) -> None:
    locked(demo)

    done = run("build", "src", "--list", "--lock", "pylock.toml", *TARGET, "-v")

    assert "pylock.toml: 1 wheel, nothing to download\n" in done.stderr


def test_trimming(run: Run, locked: Callable[..., Path], demo: Path, tmp_path: Path) -> None:
    locked(demo)

    done = run(
        "build", "src", "--lock", "pylock.toml", *TARGET, "--preset", "slim", "--exclude", "share/", "--list", "-v"
    )

    assert [line.split()[1] for line in done.stdout.splitlines()] == [
        "app.py",
        "demo-1.0.dist-info/METADATA",
        "demo-1.0.dist-info/RECORD",
        "demo-1.0.dist-info/WHEEL",
        "demo/__init__.py",
    ]
    assert "left out: demo/stubs.pyi (preset slim: *.pyi)" in done.stderr
    assert "left out: share/demo.txt (--exclude: share/)" in done.stderr
    assert list(tmp_path.glob("*.zip")) == []


def test_scripts_go_into_bin_where_they_are_asked_for(
    run: Run, locked: Callable[..., Path], demo: Path, tmp_path: Path
) -> None:
    locked(demo)

    run("build", "src", "-o", "out.zip", "--lock", "pylock.toml", *TARGET, "--scripts")

    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.read("bin/tool") == b"#!/usr/bin/env python3\nprint('tool')\n"
        assert archive.getinfo("bin/tool").external_attr >> 16 == 0o100755


def test_without_leaves_out_what_only_that_needs(run: Run, locked: Callable[..., Path], tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    locked(
        write_wheel(wheels, {"boto3.py": b""}, name="boto3", requires=["botocore", "six"]),
        write_wheel(wheels, {"botocore.py": b""}, name="botocore"),
        write_wheel(wheels, {"six.py": b""}, name="six"),
        write_wheel(wheels, {"demo.py": b""}, requires=["six"]),
    )

    done = run("build", "src", "-o", "out.zip", "--lock", "pylock.toml", *TARGET, "--without", "boto3")

    assert [name for name in names(tmp_path / "out.zip") if name.endswith(".py")] == ["app.py", "demo.py", "six.py"]
    assert "left out by --without, with what only that needs: boto3, botocore" in done.stderr


def test_namespace_packages_share_their_directory(run: Run, locked: Callable[..., Path], tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    shared = {"ns/__init__.py": b"__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"}
    locked(
        write_wheel(wheels, {"google/one/__init__.py": b"", **shared}, name="one"),
        write_wheel(wheels, {"google/two/__init__.py": b"", **shared}, name="two"),
    )

    done = run("build", "src", "-o", "out.zip", "--lock", "pylock.toml", *TARGET)

    assert done.returncode == 0, done.stderr
    assert [name for name in names(tmp_path / "out.zip") if name.endswith("__init__.py")] == [
        "google/one/__init__.py",
        "google/two/__init__.py",
        "ns/__init__.py",
    ]


def test_a_layer_of_wheels_alone(run: Run, demo: Path, tmp_path: Path) -> None:
    write_lock(tmp_path / "pylock.toml", demo)

    done = run("build", "--layer", "-o", "layer.zip", "--lock", "pylock.toml", *TARGET)

    assert done.returncode == 0, done.stderr
    assert {name.split("/")[0] for name in names(tmp_path / "layer.zip")} == {"python"}
    assert "python/demo/__init__.py" in names(tmp_path / "layer.zip")


def test_a_layer_of_node_packages(run: Run, tree: MakeTree, tmp_path: Path) -> None:
    tree({"lodash/index.js": b""}, name="node_modules")

    done = run("build", "node_modules", "--layer", "-o", "layer.zip", "--runtime", "nodejs22.x")

    assert done.returncode == 0, done.stderr
    assert names(tmp_path / "layer.zip") == ["nodejs/node_modules/lodash/index.js"]


def test_the_depfile_names_the_lock_and_its_wheels(
    run: Run, locked: Callable[..., Path], demo: Path, tmp_path: Path
) -> None:
    locked(demo)

    run(
        "build",
        "src",
        "-o",
        "out.zip",
        "--lock",
        "pylock.toml",
        *TARGET,
        "--depfile",
        "out.d",
        "--manifest",
        "out.json",
    )

    rule = (tmp_path / "out.d").read_text().split("\n\n")[0]
    assert "pylock.toml" in rule
    assert f"wheels/{demo.name}" in rule
    entries = json.loads((tmp_path / "out.json").read_text())["entries"]
    assert {entry["name"]: entry["origin"] for entry in entries}["demo/__init__.py"] == f"{demo.name}/demo/__init__.py"


@pytest.mark.parametrize("prefer", ["source", "wheel"])
def test_two_owners_of_one_name_are_refused_unless_one_is_preferred(
    prefer: str, run: Run, locked: Callable[..., Path], tmp_path: Path
) -> None:
    locked(write_wheel(tmp_path / "wheels", {"app.py": b"wheel\n"}))
    arguments = ("build", "src", "-o", "out.zip", "--lock", "pylock.toml", *TARGET)

    refused = run(*arguments)

    assert refused.returncode == 4
    assert refused.stderr.splitlines() == [
        "error: app.py is in demo-1.0-py3-none-any.whl and is src/app.py, with different bytes",
        "hint: say whose it is: --prefer source, or --prefer wheel; or leave one out",
    ]
    assert not (tmp_path / "out.zip").exists()
    assert run(*arguments, "--prefer", prefer).returncode == 0
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.read("app.py") == {"source": b"import demo\n", "wheel": b"wheel\n"}[prefer]


def test_names_that_differ_in_case_only_are_refused_with_both_wheels(
    run: Run, locked: Callable[..., Path], tmp_path: Path
) -> None:
    locked(
        write_wheel(tmp_path / "wheels", {"Demo/x.py": b""}, name="one"),
        write_wheel(tmp_path / "wheels", {"demo/y.py": b""}, name="two"),
    )
    arguments = ("build", "src", "-o", "out.zip", "--lock", "pylock.toml", *TARGET)

    refused = run(*arguments)

    assert refused.returncode == 4
    assert refused.stderr.splitlines()[-2] == (
        "error: the names Demo and demo differ in case only (in one-1.0-py3-none-any.whl and two-1.0-py3-none-any.whl)"
    )
    assert run(*arguments, "--allow-case-collisions").returncode == 0


def test_a_binary_for_another_cpu_is_refused_and_in_a_wheel_for_any_a_warning(
    run: Run, locked: Callable[..., Path], tmp_path: Path
) -> None:
    wheels = tmp_path / "wheels"
    locked(write_wheel(wheels, {"demo.so": ELF_X86_64}, tag="cp313-cp313-manylinux_2_17_aarch64"))
    arguments = ("build", "src", "-o", "out.zip", "--lock", "pylock.toml", *TARGET)

    refused = run(*arguments)

    words = "holds demo.so, which is a binary for another CPU than arm64"
    assert (refused.returncode, refused.stderr.splitlines()[0]) == (
        5,
        f"error: demo-1.0-cp313-cp313-manylinux_2_17_aarch64.whl {words}",
    )
    locked(write_wheel(wheels, {"demo.so": ELF_X86_64}))
    warned = run(*arguments)
    assert (warned.returncode, warned.stderr.splitlines()[0]) == (0, f"demo-1.0-py3-none-any.whl {words}")


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (("--lock", "absent.toml", *TARGET), (2, "usage", "absent.toml")),
        (("--lock", "pylock.toml"), (2, "usage", "a lock needs a runtime")),
        (("--lock", "pylock.toml", "--runtime", "nodejs22.x"), (2, "usage", "nodejs22.x")),
        (("--lock", "broken.toml", *TARGET), (4, "lock", "broken.toml")),
        (("--lock", "pylock.toml", *TARGET, "--group", "absent"), (2, "usage", "absent")),
        (("--lock", "pylock.toml", "--runtime", "python3.9"), (4, "lock", "3.9")),
        (("--offline",), (2, "usage", "--offline is about the wheels of a lock")),
        (("--layer",), (2, "usage", "a layer needs a runtime")),
    ],
)
def test_what_cannot_be_built_leaves_the_old_package(
    arguments: tuple[str, ...], refusal: tuple[int, str, str], run: Run, locked: Callable[..., Path], tmp_path: Path
) -> None:
    locked(write_wheel(tmp_path / "wheels", {"demo.py": b""}), header='requires-python = ">=3.11"\n')
    (tmp_path / "broken.toml").write_text("lock-version = \n")
    (tmp_path / "out.zip").write_bytes(b"old")

    done = run("build", "src", "-o", "out.zip", "--json", *arguments)

    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["kind"]) == refusal[:2]
    assert refusal[2] in error["message"]
    assert (tmp_path / "out.zip").read_bytes() == b"old"
    assert list(tmp_path.glob(".*")) == []


def test_a_wheel_that_is_not_the_locked_one_is_refused(
    run: Run, locked: Callable[..., Path], demo: Path, tmp_path: Path
) -> None:
    locked(demo)
    content = bytearray(demo.read_bytes())
    content[100] ^= 1
    demo.write_bytes(content)

    done = run("build", "src", "-o", "out.zip", "--lock", "pylock.toml", *TARGET)

    assert done.returncode == 4
    assert demo.name in done.stderr
    assert not (tmp_path / "out.zip").exists()
