"""The commands about functions, versions and aliases as a user runs them: whole processes against the emulator."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

Done: TypeAlias = "subprocess.CompletedProcess[str]"
Run: TypeAlias = Callable[..., Done]

ROLE = "arn:aws:iam::000000000000:role/emulator"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "LAMBDAPACK_EMULATOR": str(tmp_path / ".emulator"),
    }


@pytest.fixture
def run(tmp_path: Path, environment: dict[str, str]) -> Run:
    """Run ``lambdapack`` in ``tmp_path`` against the emulator there; no terminal is attached."""

    def run(*arguments: str) -> Done:
        return subprocess.run(
            [sys.executable, "-m", "lambdapack", *arguments],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


@pytest.fixture
def hello(run: Run, tmp_path: Path) -> str:
    """The function ``hello`` with the versions 1, 2 and 3, and its source ``src``."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("x = 0\n")
    settings = ("--role", ROLE, "--handler", "app.handler", "--runtime", "python3.13")
    assert run("create", "hello", "--source", "src", *settings).returncode == 0
    for number in range(1, 4):
        (tmp_path / "src" / "app.py").write_text(f"x = {number}\n")
        assert run("push", "hello", "--source", "src", "--publish", "-q").returncode == 0
    return "hello"


def answer(done: Done) -> Any:  # noqa: ANN401 - JSON
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_release_is_published_aliased_weighed_and_rolled_back(run: Run, hello: str) -> None:
    published = answer(run("publish", hello, "--json"))
    assert (published["published"], published["version"]) == (False, "3")
    assert list(published) == ["function", "function_arn", "code_sha256", "published", "version", "revision_id"]
    assert answer(run("alias", hello, "live", "3", "--json"))["changed"] is True
    assert run("alias", hello, "live").stdout == "version 3\n"
    assert run("alias", hello, "live", "3", "--weight", "1=0.25").stdout == "version 3\nweights 1=0.25\n"
    shares = [entry["aliases"] for entry in answer(run("versions", hello, "--json"))]
    assert shares == [[], [{"name": "live", "weight": 0.25}], [], [{"name": "live", "weight": 0.75}]]
    back = answer(run("rollback", hello, "--alias", "live", "--json"))
    assert (back["version"], back["previous_version"], back["weights"]) == ("2", "3", {})


def test_the_alias_of_the_configuration_is_rolled_back(run: Run, hello: str, tmp_path: Path) -> None:
    assert run("rollback", hello).returncode == 2
    (tmp_path / "lambdapack.toml").write_text('[functions.hello]\nsource = "src"\nalias = "live"\n')
    assert run("alias", hello, "live", "3").returncode == 0
    assert run("rollback", hello, "--to", "1").stdout == "version 1\n"


REFUSED = {
    "alias hello live 9": 7,
    "alias hello live": 7,
    "alias nothing live 1": 7,
    "alias hello live 1 --weight 2=1.5": 2,
    "alias hello live 1 --weight 2": 2,
    "alias hello live 1 --delete --yes": 2,
    "alias hello 7 1": 2,
    "rollback hello --alias live": 7,
    "show hello:9": 7,
    "show hello:a:b": 2,
    "versions hello:1": 2,
    "versions nothing": 7,
    "publish hello --code-sha256 x": 2,
    "publish hello --revision-id x": 8,
    "publish nothing": 7,
    "prune hello": 2,
    "prune hello --keep 1": 2,
    "delete hello": 2,
    "delete hello:live --yes": 2,
    "delete hello:9 --yes": 7,
    "delete nothing --yes": 7,
    "pull hello": 2,
    "pull hello -o src": 6,
    "pull hello --unzip src": 6,
    "pull hello:9 -o out.zip": 7,
    "diff hello --zip nothing.zip": 2,
    "diff hello:9 --source src": 7,
    "emulator": 2,
    "emulator serve --port 70000 --state x": 2,
}
"""What cannot be done, and its exit code."""


def test_what_cannot_be_done_has_its_exit_code_and_changes_nothing(run: Run, hello: str, tmp_path: Path) -> None:
    assert hello
    before = (tmp_path / ".emulator" / "state.json").read_bytes()
    done = {command: run(*command.split()) for command in REFUSED}
    assert {command: one.returncode for command, one in done.items()} == REFUSED
    for one in done.values():
        error, hint = one.stderr.splitlines()[-2:]
        assert error.startswith("error: ")
        assert hint.startswith("hint: ")
    assert (tmp_path / ".emulator" / "state.json").read_bytes() == before


def test_old_versions_are_listed_then_pruned(run: Run, hello: str) -> None:
    rehearsed = run("prune", hello, "--keep", "1", "--dry-run")
    assert [line.split()[0] for line in rehearsed.stdout.splitlines()] == ["1", "2"]
    assert answer(run("prune", hello, "--keep", "1", "--dry-run", "--json"))["dry_run"] is True
    assert answer(run("prune", hello, "--keep", "1", "--yes", "--json")) == {
        "function": "hello",
        "deleted": ["1", "2"],
        "kept": ["3"],
        "refused": [],
        "dry_run": False,
    }


def test_everything_is_shown_and_gone(run: Run, hello: str) -> None:
    shown = answer(run("show", f"{hello}:2", "--json"))
    assert (shown["version"], shown["environment"], shown["function_timeout"]) == ("2", [], 3)
    assert "version 2\n" in run("show", f"{hello}:2").stdout
    assert [entry["function"] for entry in answer(run("list", "--json"))] == ["hello"]
    assert run("list").stdout.startswith("hello  python3.13  x86_64  ")
    assert answer(run("delete", f"{hello}:2", "--yes", "--json"))["version"] == "2"
    assert answer(run("delete", hello, "--yes", "--json"))["versions"] == ["1", "3"]
    assert answer(run("list", "--json")) == []


def test_a_package_comes_back_and_is_compared(run: Run, hello: str, tmp_path: Path) -> None:
    pulled = answer(run("pull", f"{hello}:1", "-o", "out.zip", "--unzip", "out", "--json"))
    assert (pulled["version"], pulled["path"], pulled["entries"]) == ("1", "out.zip", 1)
    assert (tmp_path / "out" / "app.py").read_text() == "x = 1\n"
    same = run("diff", f"{hello}:1", "--zip", "out.zip", "--exit-code")
    assert (same.returncode, same.stdout) == (0, "identical\n")
    other = run("diff", f"{hello}:1", "--source", "src", "--exit-code")
    assert (other.returncode, other.stdout.split()) == (1, ["changed", "app.py"])
    assert run("diff", f"{hello}:1", "--source", "src").returncode == 0
    document = answer(run("diff", f"{hello}:1", "--source", "src", "--json"))
    assert (document["verdict"], [change["name"] for change in document["changed"]]) == ("different", ["app.py"])


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("reply", "exit_code"), [("n", 2), ("y", 0)])
def test_on_a_terminal_it_asks(
    hello: str, tmp_path: Path, environment: dict[str, str], reply: str, exit_code: int
) -> None:
    import pty  # noqa: PLC0415 - not on Windows

    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "lambdapack", "delete", f"{hello}:1"],
        cwd=tmp_path,
        env=environment,
        stdin=theirs,
        stderr=theirs,
        stdout=subprocess.DEVNULL,
    ) as process:
        os.close(theirs)
        asked = b""
        while b"?" not in asked:
            asked += os.read(ours, 1024)
        os.write(ours, f"{reply}\n".encode())
        assert process.wait(timeout=30) == exit_code
    os.close(ours)
    assert b"Delete version 1 of hello?" in asked


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_the_emulator_serves_until_a_signal_ends_it(
    tmp_path: Path, run: Run, environment: dict[str, str], name: str
) -> None:
    command = [sys.executable, "-m", "lambdapack", "emulator", "serve", "--port", "0", "--state", "served"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        address = line.removeprefix("listening on ").strip()
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{address}/2015-03-31/functions/") as answered:  # noqa: S310 - loopback
            assert json.load(answered) == {"Functions": []}
        begin = time.monotonic()
        server.send_signal(getattr(signal, name))
        assert server.wait(timeout=10) == 0
        assert time.monotonic() - begin < 2
    assert run("list", "--emulator", "served").returncode == 0


def test_a_reset_removes_what_is_the_emulators_own(run: Run, hello: str, tmp_path: Path) -> None:
    assert hello
    (tmp_path / ".emulator" / "mine").touch()
    assert run("emulator", "reset", "--state", ".emulator").returncode == 0
    left = {path.name for path in (tmp_path / ".emulator").rglob("*") if path.is_file()}
    assert left - {"lock"} == {"mine"}
    assert answer(run("list", "--json")) == []


def test_the_timeout_counts_while_the_package_is_built(run: Run, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("x = 0\n")
    (tmp_path / "lambdapack.toml").write_text('[functions.hello]\nsource = "src"\noutput = "hello.zip"\n')
    for command in ("push", "diff"):
        done = run(command, "hello", "--timeout", "0.0001")
        assert done.returncode == 7
        assert "gave up after 0.0001 s, building the package" in done.stderr
    assert not (tmp_path / "hello.zip").exists()
