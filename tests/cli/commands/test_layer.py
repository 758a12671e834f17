"""``layer push`` as a user runs it: whole processes against the emulator, and what others then see."""

import base64
import hashlib
import json
import os
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import boto3
import pytest

from lambdapack.emulator.hook import attach

Done: TypeAlias = "subprocess.CompletedProcess[str]"
Run: TypeAlias = Callable[..., Done]

ARN = "arn:aws:lambda:us-east-1:000000000000:layer:base"
KEYS = {"AWS_ACCESS_KEY_ID": "somebody", "AWS_SECRET_ACCESS_KEY": "something", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a module, ``lambdapack`` by default, in ``tmp_path``, where ``layer.zip`` lies, and ``.emulator``."""
    write(tmp_path / "layer.zip", **{"python/module.py": b"VALUE = 1\n"})
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "LAMBDAPACK_EMULATOR": str(tmp_path / ".emulator"),
    }

    def run(*arguments: str, module: str = "lambdapack", **more: str) -> Done:
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=tmp_path,
            env=environment | more,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[str]:
    """The address that ``emulator serve`` prints."""
    command = [sys.executable, "-m", "lambdapack", "emulator", "serve", "--port", "0", "--state", str(tmp_path / "aws")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().removeprefix("listening on ").strip()
        server.terminate()


def write(path: Path, **contents: bytes) -> str:
    """Write a zip that somebody else has made, and return its CodeSha256."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()


def layers(emulator: Path) -> list[str]:
    """Return the layers that there are, as another client sees them."""
    session = boto3.session.Session("other", "other", region_name="us-east-1")
    client = session.client("lambda")
    attach(client, directory=emulator)
    return [found["LayerName"] for found in client.list_layers()["Layers"]]


def error_of(done: Done) -> dict[str, Any]:
    """Return the JSON of a failure, after checking that stderr says the same in two lines."""
    document: dict[str, Any] = json.loads(done.stdout)["error"]
    assert done.stderr.splitlines()[-2:] == [f"error: {document['message']}", f"hint: {document['hint']}"]
    assert document["exit_code"] == done.returncode
    return document


def test_a_second_push_publishes_nothing(run: Run, tmp_path: Path) -> None:
    sha = base64.b64encode(hashlib.sha256((tmp_path / "layer.zip").read_bytes()).digest()).decode()
    command = ("layer", "push", "base", "--zip", "layer.zip", "--runtime", "python3.13", "--architecture", "arm64")

    rehearsed = run(*command, "--dry-run", "--json")
    first = run(*command)
    second = run(*command, "--json")

    assert json.loads(rehearsed.stdout) == {
        "layer": "base",
        "layer_version_arn": None,
        "version": None,
        "code_sha256": sha,
        "uploaded": True,
        "transport": "inline",
        "published": True,
        "dry_run": True,
    }
    assert first.stdout.splitlines() == [f"code_sha256 {sha}", "version 1", f"layer_version_arn {ARN}:1"]
    assert first.stderr == "published as version 1 of base (inline)\n"
    assert second.stderr == "version 1 of base holds this already; nothing published\n"
    assert list(json.loads(second.stdout).items()) == [
        ("layer", "base"),
        ("layer_version_arn", f"{ARN}:1"),
        ("version", 1),
        ("code_sha256", sha),
        ("uploaded", False),
        ("transport", None),
        ("published", False),
        ("dry_run", False),
    ]


def test_the_aws_cli_reads_what_was_published(run: Run, endpoint: str, tmp_path: Path) -> None:
    sha = write(tmp_path / "layer.zip", **{"nodejs/node_modules/m/index.js": b"exports.value = 1\n"})

    pushed = run(
        *("layer", "push", "base", "--zip", "layer.zip", "--endpoint-url", endpoint, "--quiet"),
        *("--runtime", "nodejs22.x", "--runtime", "nodejs24.x", "--architecture", "x86_64"),
        *("--license-info", "MIT", "--description", "one", "--transport", "s3", "--s3-bucket", "emulator"),
        LAMBDAPACK_EMULATOR="",
        **KEYS,
    )
    read = run(
        *("--endpoint-url", endpoint, "--output", "json", "lambda", "get-layer-version"),
        *("--layer-name", "base", "--version-number", "1"),
        module="awscli",
        **KEYS,
    )

    assert (pushed.returncode, pushed.stderr) == (0, "")
    found = json.loads(read.stdout)
    assert found["Content"]["CodeSha256"] == sha
    assert found["CompatibleRuntimes"] == ["nodejs22.x", "nodejs24.x"]
    assert found["CompatibleArchitectures"] == ["x86_64"]
    assert (found["LicenseInfo"], found["Description"]) == ("MIT", "one")


def test_two_at_once_both_print_a_version_that_holds_the_package(run: Run, endpoint: str, tmp_path: Path) -> None:
    del run  # it wrote the package
    command = [sys.executable, "-m", "lambdapack", "layer", "push", "base", "--zip", "layer.zip", "--json", "--quiet"]
    started = [
        subprocess.Popen(
            [*command, "--endpoint-url", endpoint],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **KEYS},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]

    printed = [json.loads(process.communicate(timeout=60)[0]) for process in started]

    sha = base64.b64encode(hashlib.sha256((tmp_path / "layer.zip").read_bytes()).digest()).decode()
    assert [process.returncode for process in started] == [0, 0]
    assert [document["code_sha256"] for document in printed] == [sha, sha]
    made = [document["version"] for document in printed if document["published"]]
    assert sorted(made) == list(range(1, len(made) + 1))
    assert {document["version"] for document in printed} == set(made)


def test_a_layer_that_no_runtime_would_look_into_is_warned_of(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "flat.zip", **{"module.py": b"VALUE = 1\n"})

    done = run("layer", "push", "base", "--zip", "flat.zip", "--dry-run")

    assert done.returncode == 0
    assert "warning: nothing in flat.zip lies where a runtime looks: python/" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (("base",), 2, "--zip"),
        (("base", "--zip", "missing.zip"), 2, "missing.zip"),
        (("base", "--zip", "text.zip"), 5, "text.zip"),
        (("base", "--zip", "bomb.zip"), 5, "262,144,000"),
        (("a/b", "--zip", "layer.zip"), 2, "a/b"),
        (("base", "--zip", "layer.zip", "--runtime", "python2.0"), 2, "python2.0"),
        (("base", "--zip", "layer.zip", "--transport", "s3", "--s3-bucket", "nowhere"), 7, "nowhere"),
    ],
)
def test_what_cannot_be_pushed_is_refused_by_name(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], exit_code: int, words: str
) -> None:
    (tmp_path / "text.zip").write_text("no zip")
    bomb = bytearray((tmp_path / "layer.zip").read_bytes())
    struct.pack_into("<I", bomb, bomb.index(b"PK\x01\x02") + 24, 262_144_000)  # APPNOTE 4.3.12, uncompressed size
    (tmp_path / "bomb.zip").write_bytes(bomb)

    done = run("layer", "push", *arguments, "--json")

    assert done.returncode == exit_code
    assert words in error_of(done)["message"]
    assert layers(tmp_path / ".emulator") == []


def test_the_group_names_an_example(run: Run) -> None:
    assert "lambdapack layer push my-layer" in run("layer", "--help").stdout


def test_the_configurations_defaults_say_how_a_layer_travels(run: Run, tmp_path: Path) -> None:
    (tmp_path / "lambdapack.toml").write_text('transport = "s3"\ns3-bucket = "emulator"\n')

    done = run("layer", "push", "base", "--zip", "layer.zip", "--json")
    inline = run("layer", "push", "base", "--zip", "layer.zip", "--json", "--force", "--transport", "inline")

    assert (json.loads(done.stdout)["transport"], json.loads(inline.stdout)["transport"]) == ("s3", "inline")
