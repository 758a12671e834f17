"""One lock, one CodeSha256: wherever the wheels come from, whatever is in the cache, on every Python that runs this."""

import functools
import http.server
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.aliases import Run

GOLDEN = "eHeZCAClsvCqDpemMomJWXw4yP5USn4MT25shmySUoc="
"""CodeSha256 of ``fixtures/locked``: format 1, libdeflate 6, and the streams of the wheel that is committed there."""

FIXTURE = Path(__file__).parent.parent.parent / "fixtures/locked"
WHEEL = "columns-1.2.0-py3-none-any.whl"
SHA256 = "ea4c987ed3f163b8056132b3fdf2760af061216f083f2103d15bfcfe039cd971"


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = shutil.copytree(FIXTURE, tmp_path / "project", ignore=shutil.ignore_patterns("dist"))
    (root / "dist").mkdir()
    return root


@pytest.fixture
def build(run: Run, project: Path, tmp_path: Path) -> Callable[..., str]:
    """Build the project and return the CodeSha256 of what lies there."""

    def start(*arguments: str, env: dict[str, str] | None = None) -> str:
        environment = {"LAMBDAPACK_CACHE_DIR": str(tmp_path / "cache"), **(env or {})}
        done = run("build", "--quiet", *arguments, cwd=project, env=environment)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.split()[0]

    return start


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """An index on this machine, and its URL."""
    shutil.copytree(FIXTURE / "wheels", tmp_path / "index")
    handler = functools.partial(QuietHandler, directory=str(tmp_path / "index"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as index:
        thread = threading.Thread(target=index.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{index.server_address[1]}/{WHEEL}"
        index.shutdown()
        thread.join()


def lock(project: Path, source: str) -> None:
    (project / "pylock.toml").write_text(
        'lock-version = "1.0"\ncreated-by = "test"\n[[packages]]\nname = "columns"\nversion = "1.2.0"\n'
        f'wheels = [{{ name = "{WHEEL}", {source}, hashes = {{ sha256 = "{SHA256}" }} }}]\n'
    )


def test_with_a_cold_cache_a_warm_one_and_none(build: Callable[..., str]) -> None:
    assert [build(), build(), build("--no-cache")] == [GOLDEN] * 3


@pytest.mark.parametrize("jobs", ["1", "2", "7"])
def test_with_any_number_of_threads(build: Callable[..., str], jobs: str) -> None:
    assert build("--jobs", jobs) == GOLDEN


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "2", "TZ": "Pacific/Kiritimati"},
        {"LC_ALL": "C", "PYTHONUTF8": "0"},
        {"SOURCE_DATE_EPOCH": "1000000000"},
        {"PYTHONOPTIMIZE": "2"},
    ],
)
def test_in_any_environment(build: Callable[..., str], env: dict[str, str]) -> None:
    assert build(env=env) == GOLDEN


def test_from_a_folder_of_wheels(build: Callable[..., str], project: Path) -> None:
    lock(project, 'url = "https://files.invalid/columns-1.2.0-py3-none-any.whl"')
    (project / "wheels").rename(project / "elsewhere")

    assert build("--wheels", "elsewhere", "--offline") == GOLDEN


def test_from_an_index_and_then_from_the_cache(build: Callable[..., str], project: Path, server: str) -> None:
    lock(project, f'url = "{server}"')
    shutil.rmtree(project / "wheels")

    assert build() == GOLDEN
    assert build("--offline") == GOLDEN
    assert build("--no-cache") == GOLDEN


def test_with_a_cache_that_cannot_be_used(run: Run, project: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").touch()

    done = run("build", cwd=project, env={"LAMBDAPACK_CACHE_DIR": str(tmp_path / "cache")})

    assert done.returncode == 0
    assert done.stdout.split()[0] == GOLDEN
    assert "cache" in done.stderr


def test_whatever_the_times_modes_and_order_of_the_wheels(build: Callable[..., str], project: Path) -> None:
    wheel = project / "wheels" / WHEEL
    wheel.chmod(0o600)
    os.utime(wheel, (0, 0))
    os.utime(project / "pylock.toml", (0, 0))
    before = os.umask(0o077)
    try:
        assert build() == GOLDEN
    finally:
        os.umask(before)


def test_another_stream_of_the_same_content_is_another_package(run: Run, project: Path) -> None:
    """The control: the bytes are the wheel's, so a wheel that was packed again has another hash, and is refused."""
    wheel = project / "wheels" / WHEEL
    subprocess.run(["unzip", "-q", wheel, "-d", project / "unpacked"], check=True)
    wheel.unlink()
    subprocess.run(["zip", "-q", "-0", "-X", "-r", wheel, "."], cwd=project / "unpacked", check=True)

    refused = run("build", "--no-cache", cwd=project)

    assert refused.returncode == 4
    assert SHA256 in refused.stderr
