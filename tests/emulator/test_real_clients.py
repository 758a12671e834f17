"""Clients of which we wrote nothing, against ``emulator serve``: the AWS CLI, and boto3's waiters and pages."""

import base64
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import boto3
import botocore.exceptions
import pytest

from tests.running import COMMAND

Aws: TypeAlias = Callable[..., Any]

ROLE = "arn:aws:iam::000000000000:role/emulator"
FUNCTION = "arn:aws:lambda:eu-central-1:000000000000:function:hello"
KEYS = {
    "AWS_ACCESS_KEY_ID": "somebody",
    "AWS_SECRET_ACCESS_KEY": "something",
    "AWS_DEFAULT_REGION": "eu-central-1",
}


def package(text: str) -> bytes:
    """Return a zip that somebody else has made."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", text)
    return content.getvalue()


def sha(content: bytes) -> str:
    """Return the CodeSha256 of a package."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[str]:
    """The address that ``emulator serve`` prints, with updates that take 0.3 seconds."""
    server = subprocess.Popen(
        [*COMMAND, "emulator", "serve", "--port", "0", "--state", str(tmp_path / "state"), "--settle", "0.3"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    line = server.stdout.readline()
    assert line.startswith("listening on http://127.0.0.1:")
    yield line.removeprefix("listening on ").strip()
    server.terminate()
    assert server.wait(timeout=10) == 0
    server.stdout.close()


@pytest.fixture
def aws(endpoint: str, tmp_path: Path) -> Aws:
    """Run the AWS CLI; what it answers is read as JSON, and its failure is returned as text."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_PAGER": "", **KEYS}

    def run(*arguments: str, fails: str = "") -> Any:  # noqa: ANN401 - AWS's answers
        done = subprocess.run(
            [sys.executable, "-m", "awscli", "--endpoint-url", endpoint, "--output", "json", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert bool(done.returncode) is bool(fails), done.stderr
        assert fails in done.stderr
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout

    return run


def test_the_aws_cli_deploys_a_function_from_its_creation_to_its_alias(aws: Aws, tmp_path: Path) -> None:
    one, two = package("one"), package("two")
    (tmp_path / "one.zip").write_bytes(one)
    (tmp_path / "two.zip").write_bytes(two)
    hello = ("--function-name", "hello")

    created = aws(
        *("lambda", "create-function", *hello, "--runtime", "python3.13", "--role", ROLE),
        *("--handler", "app.handler", "--zip-file", "fileb://one.zip"),
    )
    assert (created["State"], created["CodeSha256"]) == ("Pending", sha(one))
    aws("lambda", "wait", "function-active-v2", *hello)

    rehearsed = aws("lambda", "update-function-code", *hello, "--zip-file", "fileb://two.zip", "--dry-run")
    assert rehearsed["CodeSha256"] == sha(two)
    assert aws("lambda", "get-function-configuration", *hello)["CodeSha256"] == sha(one)

    published = aws("lambda", "update-function-code", *hello, "--zip-file", "fileb://two.zip", "--publish")
    assert (published["Version"], published["FunctionArn"], published["CodeSha256"]) == ("1", f"{FUNCTION}:1", sha(two))
    aws("lambda", "wait", "function-updated-v2", *hello)

    wrong = sha(one)
    aws("lambda", "publish-version", *hello, "--code-sha256", wrong, fails=f"CodeSHA256 ({wrong}) is different from")
    again = aws("lambda", "publish-version", *hello, "--code-sha256", sha(two))
    assert again["Version"] == "1"

    alias = aws("lambda", "create-alias", *hello, "--name", "live", "--function-version", "1")
    assert alias["AliasArn"] == f"{FUNCTION}:live"


def test_the_aws_cli_turns_small_pages_and_copies_large_objects(aws: Aws, tmp_path: Path) -> None:
    hello = ("--function-name", "hello")
    (tmp_path / "one.zip").write_bytes(package("one"))
    aws(
        *("lambda", "create-function", *hello, "--runtime", "python3.13", "--role", ROLE, "--publish"),
        *("--handler", "app.handler", "--zip-file", "fileb://one.zip"),
    )
    aws("lambda", "wait", "function-active-v2", *hello)
    for number in ("2", "3"):
        aws("lambda", "update-function-configuration", *hello, "--description", number)
        aws("lambda", "wait", "function-updated-v2", *hello)
        assert aws("lambda", "publish-version", *hello)["Version"] == number

    listed = aws("lambda", "list-versions-by-function", *hello, "--page-size", "1")
    assert [version["Version"] for version in listed["Versions"]] == ["$LATEST", "1", "2", "3"]

    large = os.urandom(20_000_000)
    (tmp_path / "large.bin").write_bytes(large)
    aws("s3", "cp", "large.bin", "s3://emulator/large.bin", "--quiet")
    aws("s3", "cp", "s3://emulator/large.bin", "back.bin", "--quiet")
    assert (tmp_path / "back.bin").read_bytes() == large


def test_botos_waiters_and_paginators_see_the_same_function(endpoint: str) -> None:
    client = boto3.session.Session(
        aws_access_key_id="somebody",
        aws_secret_access_key="something",  # noqa: S106 - the emulator asks for none
        region_name="eu-central-1",
    ).client("lambda", endpoint_url=endpoint)
    content = package("one")
    client.create_function(
        FunctionName="hello",
        Runtime="python3.13",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": content},
        Publish=True,
    )

    client.get_waiter("function_exists").wait(FunctionName="hello")
    client.get_waiter("function_active_v2").wait(FunctionName="hello")
    client.get_waiter("published_version_active").wait(FunctionName="hello", Qualifier="1")
    client.get_waiter("function_updated_v2").wait(FunctionName="hello")
    pages = list(
        client.get_paginator("list_versions_by_function").paginate(
            FunctionName="hello", PaginationConfig={"PageSize": 1}
        )
    )

    assert [[version["Version"] for version in page["Versions"]] for page in pages] == [["$LATEST"], ["1"]]
    with pytest.raises(botocore.exceptions.ClientError, match="PreconditionFailedException"):
        client.publish_version(FunctionName="hello", RevisionId="00000000-0000-0000-0000-000000000000")
