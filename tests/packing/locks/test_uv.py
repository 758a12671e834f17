"""Making a lock with uv: offline, from wheels in a folder, and whatever can go wrong on the way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lambdapack.disk.temporary import SUFFIX, create_file
from lambdapack.errors import LambdapackError, LocalError, LockError, UsageError
from lambdapack.packing.locks.complaint import complaint
from lambdapack.packing.locks.pylock import select_wheels
from lambdapack.packing.locks.uv import (
    LockRequest,
    arguments,
    default_source,
    find_uv,
    lock,
    uv_platform,
)
from lambdapack.target import Target
from tests.packing.locks.locks import ARM, OLD, X86, installable

FakeUv = Callable[[str], None]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory to work in, and a uv that keeps and reads nothing outside it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UV_NO_CACHE", "1")
    monkeypatch.setenv("UV_OFFLINE", "1")
    for name in ("UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_FIND_LINKS", "VIRTUAL_ENV"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "wheels").mkdir()
    (tmp_path / "requirements.txt").write_text("--no-index\n--find-links wheels\ndemo\n")
    return tmp_path


@pytest.fixture
def fake_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeUv:
    """A program of the name uv, from the lines of a shell script; ``$out`` is where it is to write."""

    def write(script: str) -> None:
        path = tmp_path / "bin/uv"
        path.parent.mkdir(exist_ok=True)
        take = "for word; do case $word in --output-file=*) out=${word#*=};; esac; done\n"
        path.write_text(f"#!/bin/sh\n{take}{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{path.parent}:/usr/bin:/bin")

    return write


def request(
    source: str = "requirements.txt",
    target: Target = X86,
    output: str = "pylock.toml",
    **more: Any,  # noqa: ANN401 - any field
) -> LockRequest:
    more |= {"runtime": target.runtime, "architecture": target.architecture}
    return LockRequest(source=source, output=Path(output), **more)


def refused(wanted: LockRequest, kind: type[LambdapackError]) -> tuple[str, str]:
    """Return the refusal's words, having seen that nothing else is left of it."""
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    with pytest.raises(kind) as refusal:
        lock(wanted)
    assert type(refusal.value) is kind
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before
    return refusal.value.message, refusal.value.hint


def test_a_lock_is_made_for_its_target(project: Path) -> None:
    for tag in ("cp313-cp313-manylinux_2_28_x86_64", "cp313-cp313-manylinux_2_28_aarch64", "cp311-cp311-win_amd64"):
        installable(project / "wheels", tag)

    made = lock(request(target=ARM))

    assert [wheel.filename for wheel in made.selection.wheels] == ["demo-1.0-cp313-cp313-manylinux_2_28_aarch64.whl"]
    assert select_wheels("pylock.toml", target=ARM) == made.selection
    assert (
        (project / "pylock.toml")
        .read_text()
        .startswith(
            "# For python3.13 on arm64 (manylinux_2_34 or older); made with uv by:\n"
            "#    lambdapack lock requirements.txt -o pylock.toml --runtime python3.13 --architecture arm64\n"
            'lock-version = "1.0"\ncreated-by = "uv"\nrequires-python = ">=3.13.9"\n'
        )
    )
    assert sorted(path.name for path in project.iterdir()) == ["pylock.toml", "requirements.txt", "wheels"]


def test_the_same_again_leaves_the_file_alone(project: Path) -> None:
    installable(project / "wheels", "py3-none-any")

    assert not lock(request()).unchanged
    os.utime("pylock.toml", (1, 1))
    assert lock(request()).unchanged
    assert (project / "pylock.toml").stat().st_mtime == 1


def test_an_old_lock_keeps_its_versions_until_they_are_upgraded(project: Path) -> None:
    installable(project / "wheels", "py3-none-any", version="1.0")
    lock(request())
    installable(project / "wheels", "py3-none-any", version="2.0")

    assert lock(request()).selection.wheels[0].version == "1.0"
    assert lock(request(upgrade=True)).selection.wheels[0].version == "2.0"


def test_a_lock_that_cannot_be_understood_is_replaced(project: Path) -> None:
    installable(project / "wheels", "py3-none-any")
    (project / "pylock.toml").write_text("<<<<<<< HEAD\n")

    assert len(lock(request()).selection.wheels) == 1


def test_paths_in_a_lock_are_relative_to_it(project: Path) -> None:
    (project / "locks").mkdir()
    wheel = installable(project / "wheels", "py3-none-any")
    (project / "requirements.txt").write_text(f"--no-index\n./wheels/{wheel.name}\n")

    lock(request(output="locks/pylock.toml"))
    (found,) = select_wheels("locks/pylock.toml", target=X86).wheels

    assert found.path is not None
    assert Path(found.path).samefile(wheel)
    assert str(project) not in (project / "locks/pylock.toml").read_text()
    assert "lambdapack lock ../requirements.txt -o pylock.toml" in (project / "locks/pylock.toml").read_text()


def test_groups_and_extras_of_a_project_are_locked_where_they_are_asked_for(project: Path) -> None:
    for name in ("demo", "fast", "linter"):
        installable(project / "wheels", "py3-none-any", name=name)
    (project / "pyproject.toml").write_text(
        '[project]\nname = "app"\nversion = "1"\ndependencies = ["demo"]\nrequires-python = ">=3.11"\n'
        '[project.optional-dependencies]\nspeed = ["fast"]\n'
        '[dependency-groups]\ndev = ["linter"]\n'
        '[tool.uv]\nno-index = true\nfind-links = ["wheels"]\n'
    )
    subprocess.run([find_uv(), "lock", "-q", f"--python={sys.executable}"], check=True)

    for source in ("pyproject.toml", "uv.lock"):
        plain = lock(request(source)).selection
        more = lock(request(source, groups=("dev",), extras=("speed",))).selection
        assert [wheel.name for wheel in plain.wheels] == ["demo"], source
        assert [wheel.name for wheel in more.wheels] == ["demo", "fast", "linter"], source
    assert refused(request("uv.lock", extras=("slow",)), LockError)[0].startswith(
        "uv could not lock uv.lock: Extra `slow`"
    )
    text = (project / "pylock.toml").read_text()
    assert (
        "lambdapack lock uv.lock -o pylock.toml --runtime python3.13 --architecture x86_64 --group dev --extra speed"
        in text
    )


def test_what_has_no_solution_is_refused_in_uvs_words(project: Path) -> None:
    installable(project / "wheels", "py3-none-any")
    lock(request())
    (project / "requirements.txt").write_text("--no-index\n--find-links wheels\ndemo==9\n")

    message, hint = refused(request(), LockError)

    assert message == (
        "uv could not lock requirements.txt: No solution found when resolving dependencies: Because there is no "
        "version of demo==9 and you require demo==9, we can conclude that your requirements are unsatisfiable."
    )
    assert hint == "correct requirements.txt; with an old uv, pip install --upgrade uv"


def test_a_wheel_that_is_too_new_for_the_runtime_is_not_locked(project: Path) -> None:
    installable(project / "wheels", "cp311-cp311-manylinux_2_28_x86_64", version="2.0")
    installable(project / "wheels", "cp311-cp311-manylinux_2_17_x86_64", version="1.0")

    assert lock(request(target=OLD)).selection.wheels[0].version == "1.0"


def test_a_lock_that_does_not_serve_the_target_replaces_nothing(project: Path, fake_uv: FakeUv) -> None:
    (project / "pylock.toml").write_text("# mine\n")
    fake_uv(
        'printf \'lock-version = "1.0"\\ncreated-by = "uv"\\nrequires-python = ">=3.14"\\npackages = []\\n\' > "$out"'
    )

    assert refused(request(), LockError)[0] == "pylock.toml: it is for Python >=3.14, not for python3.13"


def test_credentials_in_uvs_words_are_not_shown(fake_uv: FakeUv) -> None:
    fake_uv(
        "echo 'error: Failed to fetch: `https://user:s3cret@example.com/simple/?key=s3cret`' >&2\n"
        "echo '  cause: https://s3cret@example.com/ and https://example.com/x?token=s3cret&a=b (401)' >&2\n"
        "echo 'hint: see https://u:s3cret@example.com' >&2\nexit 2"
    )

    message, hint = refused(request(), LockError)

    assert message == (
        "uv could not lock requirements.txt: Failed to fetch: `https://****@example.com/simple/?****`: "
        "https://****@example.com/ and https://example.com/x?**** (401)"
    )
    assert hint == "see https://****@example.com"


@pytest.mark.parametrize(
    ("script", "kind", "message"),
    [
        ("exit 2", LockError, "uv could not lock requirements.txt: it ended with exit code 2"),
        ("kill -9 $$", LocalError, "uv was ended by signal 9"),
        ("exit 0", LocalError, "uv left no lock: No such file or directory"),
        ('echo half > "$out"; echo "error: full" >&2; exit 2', LockError, "uv could not lock requirements.txt: full"),
        (
            'echo "lock-version = 3" > "$out"',
            LockError,
            "pylock.toml: lock-version: Unexpected type int (expected str)",
        ),
        ('printf "\\377" > "$out"', LockError, "pylock.toml: line 3 is not UTF-8"),
    ],
)
def test_nothing_is_left_of_a_uv_that_fails(
    script: str, kind: type[LambdapackError], message: str, fake_uv: FakeUv
) -> None:
    fake_uv(script)

    assert refused(request(), kind)[0] == message


def test_a_uv_that_is_no_program_is_told(project: Path, fake_uv: FakeUv) -> None:
    fake_uv("")
    (project / "bin/uv").write_bytes(b"\x7fELFnot")

    message, hint = refused(request(), LocalError)

    assert message.startswith("cannot run ")
    assert hint == "install uv anew: pip install uv"


def test_without_uv_there_is_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr("sys.executable", "/nonexistent/python")

    assert refused(request(), LocalError) == (
        "making a lock needs uv, and it is not installed",
        "install it: pip install uv",
    )


def test_uv_is_found_beside_python_too(project: Path, fake_uv: FakeUv, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_uv("exit 3")
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr("sys.executable", str(project / "bin/python"))

    assert find_uv() == str(project / "bin/uv")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (request("poetry.lock"), "poetry.lock is another tool's lock"),
        (request("Pipfile.lock"), "Pipfile.lock is another tool's lock"),
        (request("setup.py"), "setup.py cannot be locked"),
        (request("nothing.txt"), "there is no file nothing.txt"),
        (request(output="my.lock"), "a lock cannot be called my.lock"),
        (request(output="pylock.a.b.toml"), "a lock cannot be called pylock.a.b.toml"),
        (request(groups=("dev",)), "requirements.txt has no groups and no extras"),
        (request(extras=("fast",)), "requirements.txt has no groups and no extras"),
    ],
)
def test_what_cannot_be_locked_is_a_matter_of_usage(wanted: LockRequest, message: str) -> None:
    assert refused(wanted, UsageError)[0] == message


def test_a_directory_that_is_not_there_is_told_before_uv_is_asked(fake_uv: FakeUv) -> None:
    fake_uv("exit 3")

    assert refused(request(output="dist/pylock.toml"), LocalError)[0].startswith("cannot write dist/pylock.toml")


def test_what_is_locked_by_default_is_the_most_exact_there_is(project: Path) -> None:
    assert default_source(project) == "requirements.txt"
    (project / "pyproject.toml").touch()
    assert default_source(project) == "pyproject.toml"
    (project / "uv.lock").touch()
    assert default_source(project) == "uv.lock"
    with pytest.raises(UsageError, match="there is nothing to lock here"):
        default_source(project / "wheels")


@pytest.mark.parametrize(
    ("target", "platform"),
    [
        (OLD, "x86_64-manylinux_2_17"),
        (Target(runtime="python3.9", architecture="arm64"), "aarch64-manylinux_2_17"),
        (X86, "x86_64-manylinux_2_34"),
        (ARM, "aarch64-manylinux_2_34"),
    ],
)
def test_uv_knows_the_platform(target: Target, platform: str) -> None:
    known = subprocess.run([find_uv(), "pip", "compile", "--help"], check=True, capture_output=True, text=True).stdout

    assert uv_platform(target) == platform
    assert f" {platform}," in " ".join(known.split())


def test_a_name_that_looks_like_an_option_is_none() -> None:
    words = arguments(request("--index-url=https://example.com/x.txt", groups=("--all",)), Path("pylock.x.toml"))

    assert words[-2:] == ["--", "--index-url=https://example.com/x.txt"]
    assert "--all" not in words


def test_long_and_drawn_complaints_are_made_short() -> None:
    drawn = (
        "warning: old\n  \u00d7 No solution found\n  \u2570\u2500\u25b6 Because a\n      and b.\n\n      hint: try c\n"
    )

    assert complaint(drawn) == ("No solution found: Because a and b.", "try c")
    said, _ = complaint("error: " + "x" * 10_000)
    assert len(said) == 603


def test_what_killed_runs_left_goes_and_what_another_one_makes_stays(project: Path, fake_uv: FakeUv) -> None:
    fake_uv('echo \'lock-version = "1.0"\ncreated-by = "uv"\npackages = []\' > $out')
    for name in ("dead", "lost", "alive"):
        (project / f"pylock.lambdapack-{name}.toml").touch()
    (project / f".pylock.lambdapack-dead{SUFFIX}").touch()

    with create_file(project / f".pylock.lambdapack-alive{SUFFIX}"):
        lock(request())

        left = sorted(path.name for path in project.iterdir() if "lambdapack-" in path.name)
        assert left == [f".pylock.lambdapack-alive{SUFFIX}", "pylock.lambdapack-alive.toml"]


@pytest.mark.skipif(sys.platform == "win32", reason="there nobody knows a killed run's files")
def test_a_run_that_is_killed_while_uv_works_leaves_nothing_to_the_next(project: Path, fake_uv: FakeUv) -> None:
    command = [sys.executable, "-m", "lambdapack", "lock", "requirements.txt", "--runtime", "python3.13"]
    command += ["--architecture", "arm64"]
    fake_uv("echo half > $out; kill -9 $PPID; sleep 0.1")
    assert subprocess.run(command, check=False, stderr=subprocess.PIPE).returncode == -signal.SIGKILL
    assert len([path for path in project.iterdir() if "lambdapack-" in path.name]) > 1

    fake_uv("exit 2")
    assert subprocess.run(command, check=False, capture_output=True).returncode == 4

    assert sorted(path.name for path in project.iterdir()) == ["bin", "requirements.txt", "wheels"]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'memory allocation of 4096 bytes failed' >&2; kill -6 $$", "there is not enough memory"),
        ("echo 'error: Cannot allocate memory (os error 12)' >&2; exit 2", "there is not enough memory"),
        ("echo 'error: Too many open files (os error 24)' >&2; exit 2", "too many files are open"),
        ("echo 'error: No space left on device (os error 28)' >&2; exit 2", "No space left on device"),
    ],
)
def test_what_uv_was_short_of_is_no_fault_of_the_input(script: str, words: str, fake_uv: FakeUv) -> None:
    fake_uv(script)

    with pytest.raises(LocalError, match=words):
        lock(request())


def test_a_password_is_not_shown_whatever_it_holds(project: Path) -> None:
    """The real uv, which masks what it takes for the password and shows the rest of it as a host."""
    said = []
    for password in ("p@s5w0rd", "p/s5w0rd", "p#s5w0rd", "p?s5w0rd", "p@q/s5w0rd#r", "s5w0rd@", "s5w0rd@x/y@z"):
        url = f"https://user:{password}@127.0.0.1:9/simple/demo-1.0-py3-none-any.whl"
        for text in (f"demo @ {url} bad\n", f"--index-url {url} bad\n", f"{url} bad bad\n", f"demo=={url}\n"):
            (project / "requirements.txt").write_text(text)

            try:
                lock(request(timeout=60.0))
            except LockError as error:
                said.append(error.message + error.hint)

    assert len(said) > 20
    assert [words for words in said if "s5w0rd" in words] == []


@pytest.mark.parametrize(
    "variable", ["UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_INDEX", "UV_FIND_LINKS"]
)
def test_an_index_of_the_environment_is_not_shown(
    project: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    for password in ("p@s5w0rd", "p/s5w0rd", "p#s5w0rd", "p@q/s5w0rd#r"):
        monkeypatch.setenv(variable, f"https://user:{password}@127.0.0.1:9/simple")
        (project / "requirements.txt").write_text("nothing-is-called-so bad\n")

        with pytest.raises(LockError) as caught:
            lock(request(timeout=60.0))

        assert "s5w0rd" not in caught.value.message + caught.value.hint


def test_secrets_of_the_environment_are_not_shown(fake_uv: FakeUv, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_INDEX_SHOP_PASSWORD", "s3cr/t pw")
    fake_uv(
        'echo "error: tried [s3cr/t pw] and s3cr%2Ft%20pw, UV_INDEX_SHOP_PASSWORD=$UV_INDEX_SHOP_PASSWORD" >&2; exit 2'
    )

    message, _ = refused(request(), LockError)

    assert "s3cr" not in message


def test_a_uv_that_does_not_end_is_killed_with_all_that_it_started(project: Path, fake_uv: FakeUv) -> None:
    fake_uv("sleep 60 & wait")
    began = time.monotonic()

    message, hint = refused(request(timeout=1.0), LocalError)

    assert time.monotonic() - began < 20
    assert message == "uv did not end within 1 s; it was killed, and no lock was written"
    assert "--timeout allows more time" in hint
    assert not (project / "pylock.toml").exists()
