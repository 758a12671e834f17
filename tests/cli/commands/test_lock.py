"""``lambdapack lock`` as users start it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lambdapack.packing.locks.uv import find_uv
from tests.aliases import Run
from tests.packing.locks.locks import installable


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clean_environment: dict[str, str]) -> Path:
    """Requirements that a folder of wheels meets, and a uv that keeps nothing."""
    monkeypatch.setitem(clean_environment, "UV_NO_CACHE", "1")
    monkeypatch.setitem(clean_environment, "UV_OFFLINE", "1")
    monkeypatch.setitem(clean_environment, "PATH", f"{Path(find_uv()).parent}:{os.environ['PATH']}")
    (tmp_path / "wheels").mkdir()
    installable(tmp_path / "wheels", "cp313-cp313-manylinux_2_28_aarch64")
    installable(tmp_path / "wheels", "py3-none-any", name="pure")
    (tmp_path / "requirements.txt").write_text("--no-index\n--find-links wheels\ndemo\npure\n")
    return tmp_path


def test_a_lock_is_made_and_named(run: Run, project: Path) -> None:
    done = run("lock", "requirements.txt", "--runtime", "python3.13", "--architecture", "arm64")

    assert (done.returncode, done.stdout) == (0, "pylock.toml\n")
    assert done.stderr == "requirements.txt: 2 wheels for python3.13 on arm64 (manylinux_2_34 or older)\n"
    assert (project / "pylock.toml").exists()
    again = run("lock", "--runtime", "python3.13", "--architecture", "arm64", "-q")
    assert (again.returncode, again.stdout, again.stderr) == (0, "pylock.toml\n", "")


def test_json_says_what_was_locked(run: Run) -> None:
    done = run("lock", "--runtime", "python3.13", "--architecture", "arm64", "--json", "-o", "pylock.prod.toml")

    assert json.loads(done.stdout) == {
        "path": "pylock.prod.toml",
        "runtime": "python3.13",
        "architecture": "arm64",
        "wheels": [{"name": "demo", "version": "1.0"}, {"name": "pure", "version": "1.0"}],
        "unchanged": False,
    }


@pytest.mark.parametrize(
    "functions",
    ['[functions.one]\n[functions.two]\n[functions.web]\nruntime = "nodejs22.x"\narchitecture = "x86_64"\n', ""],
)
def test_the_configuration_says_what_for(run: Run, project: Path, functions: str) -> None:
    (project / "lambdapack.toml").write_text('runtime = "python3.13"\narchitecture = "arm64"\n' + functions)

    done = run("lock")

    assert done.returncode == 0, done.stderr
    assert done.stderr == "requirements.txt: 2 wheels for python3.13 on arm64 (manylinux_2_34 or older)\n"


def test_functions_that_differ_are_asked_about(run: Run, project: Path) -> None:
    (project / "lambdapack.toml").write_text(
        '[functions.one]\nruntime = "python3.13"\narchitecture = "arm64"\n'
        '[functions.two]\nruntime = "python3.12"\n[functions.three]\nruntime = "python3.12"\narchitecture = "arm64"\n'
    )

    runtimes = run("lock")
    architectures = run("lock", "--runtime", "python3.12")
    clear = run("lock", "--runtime", "python3.13")

    assert runtimes.returncode == 2
    assert "error: the configured functions differ in runtime: python3.12, python3.13\n" in runtimes.stderr
    assert "error: the configured functions differ in architecture: arm64, x86_64\n" in architectures.stderr
    assert clear.returncode == 0, clear.stderr


def test_without_a_runtime_nothing_is_locked(run: Run, project: Path) -> None:
    done = run("lock")

    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "error: a lock needs a runtime: it decides which wheels fit",
        "hint: add --runtime python3.13 --architecture arm64, or runtime and architecture to the configuration",
    ]
    assert not (project / "pylock.toml").exists()


def test_the_default_architecture_is_lambdas_own(run: Run, project: Path) -> None:
    installable(project / "wheels", "cp313-cp313-manylinux_2_28_x86_64")

    done = run("lock", "--runtime", "python3.13", "--json")

    assert json.loads(done.stdout)["architecture"] == "x86_64"


def test_a_failure_has_two_lines_and_leaves_nothing(run: Run, project: Path) -> None:
    done = run("lock", "--runtime", "python3.13", "--architecture", "x86_64", "--json")

    assert done.returncode == 4
    error = json.loads(done.stdout)["error"]
    assert (error["kind"], error["exit_code"]) == ("lock", 4)
    assert error["message"].startswith("uv could not lock requirements.txt: No solution found")
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["error", "hint"]
    assert sorted(path.name for path in project.iterdir()) == ["requirements.txt", "wheels"]


def test_another_tools_lock_is_told_what_to_do(run: Run) -> None:
    done = run("lock", "poetry.lock", "--runtime", "python3.13")

    assert done.returncode == 2
    assert done.stderr.splitlines()[1] == (
        "hint: make one: poetry export -f pylock.toml -o pylock.toml (poetry-plugin-export 1.10 or newer)"
    )


def test_urls_with_credentials_are_told_and_not_shown(run: Run, project: Path) -> None:
    uv = project / "bin/uv"
    uv.parent.mkdir()
    uv.write_text(
        "#!/bin/sh\nfor word; do case $word in --output-file=*) out=${word#*=};; esac; done\n"
        "cat > $out <<END\nlock-version = '1.0'\ncreated-by = 'uv'\n[[packages]]\nname = 'demo'\nversion = '1.0'\n"
        "wheels = [{ url = 'https://u:s3cret@example.com/demo-1.0-py3-none-any.whl', hashes = { sha256 = '"
        + "0" * 64
        + "' } }]\nEND\n"
    )
    uv.chmod(0o755)

    done = run("lock", "-v", "--runtime", "python3.13", env={"PATH": f"{uv.parent}:/usr/bin:/bin"})

    assert done.returncode == 0, done.stderr
    assert "pylock.toml holds URLs with credentials" in done.stderr
    assert "s3cret" not in done.stdout + done.stderr


def test_an_interrupted_run_ends_uv_and_leaves_nothing(project: Path, clean_environment: dict[str, str]) -> None:
    uv = project / "bin/uv"
    uv.parent.mkdir()
    uv.write_text("#!/bin/sh\necho $$ > bin/started.new\nmv bin/started.new bin/started\nexec sleep 60\n")
    uv.chmod(0o755)
    (project / "pylock.toml").write_text('lock-version = "1.0"\ncreated-by = "x"\npackages = []\n')
    before = sorted(path.name for path in project.iterdir())
    command = [sys.executable, "-m", "lambdapack", "lock", "--runtime", "python3.13"]
    environment = {**clean_environment, "PATH": f"{uv.parent}:/usr/bin:/bin"}

    with subprocess.Popen(command, cwd=project, env=environment, stderr=subprocess.PIPE, text=True) as process:
        while not (uv.parent / "started").exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        _, stderr = process.communicate(timeout=30)

    assert process.returncode == 143, stderr
    assert "Traceback" not in stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int((uv.parent / "started").read_text()), 0)
    assert sorted(path.name for path in project.iterdir()) == before
