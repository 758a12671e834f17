"""The runtimes and architectures are those of Lambda's own enumeration, and a target is the machine behind them."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import botocore
import pytest
from packaging.markers import Marker, default_environment
from packaging.tags import Tag

from lambdapack.errors import UsageError
from lambdapack.packing.locks.uv import find_uv
from lambdapack.target import ARCHITECTURES, MACHINES, RUNTIMES, Target, python_target
from tests.packing.locks.locks import ARM, OLD, X86, installable


def test_botocore_knows_every_runtime_and_architecture() -> None:
    (model,) = (Path(botocore.__file__).parent / "data/lambda/2015-03-31").glob("service-2.json*")
    opened = gzip.decompress(model.read_bytes()) if model.suffix == ".gz" else model.read_bytes()
    shapes = json.loads(opened)["shapes"]

    assert set(RUNTIMES) - set(shapes["Runtime"]["enum"]) == set()
    assert set(ARCHITECTURES) == set(shapes["Architecture"]["enum"])
    assert len(set(RUNTIMES)) == len(RUNTIMES)


@pytest.mark.parametrize(
    ("runtime", "python", "locked_for", "glibc"),
    [
        ("python3.9", (3, 9), "3.9.24", (2, 26)),
        ("python3.10", (3, 10), "3.10.19", (2, 26)),
        ("python3.11", (3, 11), "3.11.14", (2, 26)),
        ("python3.12", (3, 12), "3.12.12", (2, 34)),
        ("python3.13", (3, 13), "3.13.9", (2, 34)),
        ("python3.14", (3, 14), "3.14.0", (2, 34)),
        ("python3.15", (3, 15), "3.15.0", (2, 34)),
    ],
)
def test_every_python_has_its_machine(
    runtime: str, python: tuple[int, int], locked_for: str, glibc: tuple[int, int]
) -> None:
    target = Target(runtime=runtime, architecture="arm64")

    assert (target.python, target.python_to_lock_for, target.glibc) == (python, locked_for, glibc)
    assert (target.machine, target.elf_machine) == ("aarch64", 183)


def test_the_table_of_pythons_has_no_gap() -> None:
    for runtime in RUNTIMES:
        if runtime.startswith("python"):
            target = python_target(runtime=runtime, architecture=None)
            assert target.tags()
            assert target.python_to_lock_for.startswith(runtime.removeprefix("python"))


def test_an_x86_64_function_has_its_own_machine() -> None:
    assert (X86.machine, X86.elf_machine) == ("x86_64", 62)
    assert str(X86) == "python3.13 on x86_64"
    assert OLD.words == "python3.11 on x86_64 (manylinux_2_26 or older)"


def test_the_platforms_go_down_from_the_runtimes_glibc_with_the_legacy_names_between() -> None:
    assert list(OLD.platforms()) == [
        *("manylinux_2_26_x86_64", "manylinux_2_25_x86_64", "manylinux_2_24_x86_64", "manylinux_2_23_x86_64"),
        *("manylinux_2_22_x86_64", "manylinux_2_21_x86_64", "manylinux_2_20_x86_64", "manylinux_2_19_x86_64"),
        *("manylinux_2_18_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_16_x86_64"),
        *("manylinux_2_15_x86_64", "manylinux_2_14_x86_64", "manylinux_2_13_x86_64", "manylinux_2_12_x86_64"),
        *("manylinux2010_x86_64", "manylinux_2_11_x86_64", "manylinux_2_10_x86_64", "manylinux_2_9_x86_64"),
        *("manylinux_2_8_x86_64", "manylinux_2_7_x86_64", "manylinux_2_6_x86_64", "manylinux_2_5_x86_64"),
        *("manylinux1_x86_64", "linux_x86_64"),
    ]
    arm = list(ARM.platforms())
    assert (arm[0], arm[-3:]) == (
        "manylinux_2_34_aarch64",
        ["manylinux_2_17_aarch64", "manylinux2014_aarch64", "linux_aarch64"],
    )
    assert len(arm) == 20


def test_the_ladder_goes_from_the_exact_abi_to_any() -> None:
    tags = [str(tag) for tag in X86.tags()]
    landmarks = [
        "cp313-cp313-manylinux_2_34_x86_64",
        "cp313-cp313-linux_x86_64",
        "cp313-abi3-manylinux_2_34_x86_64",
        "cp313-none-manylinux_2_17_x86_64",
        "cp312-abi3-manylinux_2_17_x86_64",
        "cp32-abi3-linux_x86_64",
        "py313-none-manylinux1_x86_64",
        "py3-none-manylinux2014_x86_64",
        "cp313-none-any",
        "py313-none-any",
        "py3-none-any",
        "py30-none-any",
    ]

    assert sorted(landmarks, key=tags.index) == landmarks
    assert (tags[0], tags[-1]) == (landmarks[0], landmarks[-1])
    assert not [tag for tag in tags if "musl" in tag or "macosx" in tag or "win" in tag or "aarch64" in tag]
    assert "cp313-cp313-manylinux_2_35_x86_64" not in tags
    assert "cp313-cp313t-manylinux_2_34_x86_64" not in tags


LADDER = (
    *("cp313-cp313-manylinux_2_34_x86_64", "cp313-cp313-manylinux_2_17_x86_64", "cp313-cp313-manylinux2014_x86_64"),
    *("cp313-cp313-linux_x86_64", "cp313-abi3-manylinux1_x86_64", "cp313-none-manylinux_2_5_x86_64"),
    *("cp39-abi3-manylinux_2_17_x86_64", "py3-none-linux_x86_64"),
    *("cp313-none-any", "py3-none-any"),
)
UNFIT = ("cp313-cp313-manylinux_2_35_x86_64", "cp313-cp313-musllinux_1_2_x86_64", "cp313-cp313t-manylinux_2_17_x86_64")


def test_uv_goes_down_the_same_ladder(tmp_path: Path) -> None:
    files = {tag: installable(tmp_path, tag) for tag in (*LADDER, *UNFIT)}
    chosen: list[str] = []
    options = ["--no-index", "--no-deps", "--no-cache", "--only-binary=:all:", "--python-version=3.13.9"]

    for number in range(len(LADDER) + 1):
        out = tmp_path / str(number)
        command = [find_uv(), "pip", "install", "-q", *options, "--python-platform=x86_64-manylinux_2_34"]
        command += ["--python", sys.executable, f"--find-links={tmp_path}", f"--target={out}", "demo"]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            assert "no wheels with a matching" in done.stderr, done.stderr
            break
        chosen.append((out / "demo.py").read_text().split("'")[1])
        files[chosen[-1]].unlink()

    assert chosen == list(LADDER)
    ours = [str(tag) for tag in X86.tags()]
    assert sorted(LADDER, key=ours.index) == list(LADDER)
    assert {Tag(*tag.split("-")) for tag in UNFIT} & set(X86.tags()) == set()


def test_markers_are_those_of_lambda_and_not_of_the_running_machine() -> None:
    environment = ARM.environment()

    assert environment == {
        "implementation_name": "cpython",
        "implementation_version": "3.13.99",
        "os_name": "posix",
        "platform_machine": "aarch64",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": "3.13.99",
        "python_version": "3.13",
        "sys_platform": "linux",
    }
    assert environment.keys() == default_environment().keys()


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        ("platform_machine == 'aarch64' and sys_platform == 'linux'", True),
        ("platform_machine == 'arm64' or os_name == 'nt'", False),
        ("python_version >= '3.13' and python_full_version > '3.13.11'", True),
        ("python_full_version < '3.13.4'", False),
        ("platform_python_implementation == 'PyPy'", False),
    ],
)
def test_markers_evaluate_for_the_target(marker: str, holds: bool) -> None:  # noqa: FBT001 - pytest passes it by name
    assert Marker(marker).evaluate({key: str(value) for key, value in ARM.environment().items()}) is holds


def test_without_an_architecture_a_function_is_what_lambda_makes_it() -> None:
    assert python_target(runtime="python3.12", architecture=None) == Target(runtime="python3.12", architecture="x86_64")


@pytest.mark.parametrize(
    ("runtime", "architecture", "message"),
    [
        (None, "arm64", "a lock needs a runtime: it decides which wheels fit"),
        ("nodejs22.x", None, "wheels are for Python, and nodejs22.x is none that we know"),
        ("python3.8", None, "wheels are for Python, and python3.8 is none that we know"),
        ("python3.13", "aarch64", "there is no architecture aarch64"),
    ],
)
def test_what_is_no_target_is_refused(runtime: str | None, architecture: str | None, message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        python_target(runtime=runtime, architecture=architecture)

    assert refusal.value.message == message
    assert refusal.value.hint


def test_describing_a_target_loads_no_library() -> None:
    code = (
        "import sys\nfrom lambdapack.target import python_target\n"
        "python_target(runtime='python3.13', architecture='arm64').words\n"
        "print(' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert {name.split(".")[0] for name in done.stdout.split()} & {"packaging", "tomllib"} == set()


def test_every_architecture_has_a_machine() -> None:
    assert MACHINES.keys() == set(ARCHITECTURES)
