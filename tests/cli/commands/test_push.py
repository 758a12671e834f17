"""``push`` and ``create`` as a user runs them: whole processes against the emulator, and what others then see."""

import base64
import hashlib
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

Done: TypeAlias = Any
Lambdapack: TypeAlias = Callable[..., Done]

ROLE = "arn:aws:iam::000000000000:role/emulator"
STALE = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def function(lambdapack: Lambdapack, tmp_path: Path) -> Path:
    """The function ``hello`` in the emulator, and the package ``hello.zip`` that it was created from."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("def handler(event, context): return 1\n")
    assert lambdapack("build", "src", "-o", "hello.zip", "-q").returncode == 0
    created = lambdapack("create", "hello", "--zip", "hello.zip", *settings())
    assert created.returncode == 0, created.stderr
    return tmp_path / "hello.zip"


def settings() -> tuple[str, ...]:
    """Return the options that a new function needs."""
    return ("--role", ROLE, "--handler", "app.handler", "--runtime", "python3.13")


def files(directory: Path) -> dict[str, str]:
    """Return the hash of every file in the emulator's directory: equal before and after means that nothing changed."""
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def error_of(done: Done) -> dict[str, Any]:
    """Return the JSON of a failure, after checking that stderr says the same in two lines."""
    document: dict[str, Any] = json.loads(done.stdout)["error"]
    assert done.stderr.splitlines()[-2:] == [f"error: {document['message']}", f"hint: {document['hint']}"]
    assert document["exit_code"] == done.returncode
    return document


def test_a_second_push_uploads_and_publishes_nothing(lambdapack: Lambdapack, function: Path) -> None:
    sha = base64.b64encode(hashlib.sha256(function.read_bytes()).digest()).decode()

    (function.parent / "src" / "app.py").write_text("def handler(event, context): return 2\n")
    lambdapack("build", "src", "-o", "hello.zip", "-q")
    first = json.loads(lambdapack("push", "hello", "--zip", "hello.zip", "--publish", "--json").stdout)
    second = json.loads(lambdapack("push", "hello", "--zip", "hello.zip", "--publish", "--json").stdout)

    assert list(first) == [
        *("function", "function_arn", "code_sha256", "uploaded", "transport"),
        *("published", "version", "alias", "dry_run", "revision_id"),
    ]
    assert first["code_sha256"] != sha
    assert (first["uploaded"], first["transport"], first["published"], first["version"]) == (True, "inline", True, "1")
    assert second == first | {"uploaded": False, "transport": None, "published": False}


def test_a_dry_run_answers_what_lambda_computed_and_changes_nothing(lambdapack: Lambdapack, function: Path) -> None:
    (function.parent / "src" / "app.py").write_text("def handler(event, context): return 2\n")
    before = files(function.parent / ".emulator")

    done = lambdapack("push", "hello", "--source", "src", "--publish", "--dry-run", "--json")

    answer = json.loads(done.stdout)
    assert (answer["dry_run"], answer["validated"], answer["uploaded"], answer["published"]) == (True, True, True, True)
    assert answer["code_sha256"] == "8fl89/ZHrebfZWARID7HChqVC/gYHhfjg11OTujyJcE="
    assert files(function.parent / ".emulator") == before


def test_a_stale_revision_id_is_a_conflict_even_where_nothing_would_be_uploaded(
    lambdapack: Lambdapack, function: Path
) -> None:
    before = files(function.parent / ".emulator")

    done = lambdapack("push", "hello", "--zip", "hello.zip", "--publish", "--revision-id", STALE, "--json")

    assert done.returncode == 8
    assert STALE in error_of(done)["message"]
    assert files(function.parent / ".emulator") == before


def test_a_large_package_needs_a_bucket_and_is_sent_to_it_once(
    lambdapack: Lambdapack,
    function: Path,
    other_client: Any,  # noqa: ANN401
) -> None:
    large = function.parent / "large.zip"
    with zipfile.ZipFile(large, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): return 3\n")
        archive.writestr("model.bin", os.urandom(60_000_000))
    before = files(function.parent / ".emulator")

    refused = lambdapack("push", "hello", "--zip", "large.zip", "--json")
    assert refused.returncode == 5
    assert "--s3-bucket" in error_of(refused)["hint"]
    assert files(function.parent / ".emulator") == before

    rehearsed = lambdapack("push", "hello", "--zip", "large.zip", "--s3-bucket", "emulator", "--dry-run", "--json")
    assert json.loads(rehearsed.stdout)["validated"] is False
    assert files(function.parent / ".emulator") == before

    sent = json.loads(
        lambdapack("push", "hello", "--zip", "large.zip", "--s3-bucket", "emulator", "--publish", "--json").stdout
    )
    after = files(function.parent / ".emulator")
    again = json.loads(
        lambdapack("push", "hello", "--zip", "large.zip", "--s3-bucket", "emulator", "--publish", "--json").stdout
    )
    assert (sent["transport"], sent["uploaded"], sent["version"]) == ("s3", True, "1")
    assert (again["transport"], again["uploaded"], again["version"]) == (None, False, "1")
    assert files(function.parent / ".emulator") == after
    assert (
        other_client.get_function(FunctionName="hello", Qualifier="1")["Configuration"]["CodeSha256"]
        == sent["code_sha256"]
    )


def test_an_image_function_and_another_architecture_are_refused_before_the_upload(
    lambdapack: Lambdapack,
    function: Path,
    other_client: Any,  # noqa: ANN401
) -> None:
    other_client.create_function(
        FunctionName="image",
        Role=ROLE,
        PackageType="Image",
        Code={"ImageUri": "000000000000.dkr.ecr.us-east-1.amazonaws.com/image:latest"},
    )
    other_client.get_function(FunctionName="image")
    (function.parent / "lambdapack.toml").write_text('[functions.hello]\narchitecture = "arm64"\nsource = "src"\n')
    before = files(function.parent / ".emulator")

    image = lambdapack("push", "image", "--zip", "hello.zip", "--json")
    architecture = lambdapack("push", "hello", "--json")

    assert (image.returncode, architecture.returncode) == (5, 5)
    assert "Image" in error_of(image)["message"]
    assert "arm64" in error_of(architecture)["message"]
    assert files(function.parent / ".emulator") == before


def test_a_function_that_does_not_exist_can_be_created(lambdapack: Lambdapack, function: Path) -> None:
    (function.parent / "lambdapack.toml").write_text(
        f'[functions.new]\nrole = "{ROLE}"\nhandler = "app.handler"\nruntime = "python3.13"\nsource = "src"\n'
    )
    pushed = lambdapack("push", "new", "--create", "--publish", "--alias", "live", "-q")

    assert pushed.returncode == 0
    assert pushed.stdout.splitlines()[1:] == ["version 1", "alias live"]
    assert pushed.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (("push", "hello", "--zip", "missing.zip"), 2, "missing.zip"),
        (("push", "hello", "--zip", "hello.zip", "--source", "src"), 2, "--source"),
        (("push", "hello"), 2, "hello"),
        (("push", "hel/lo", "--zip", "hello.zip"), 2, "hel/lo"),
        (("push", "h" * 200, "--zip", "hello.zip"), 2, "hhhh"),
        (("push", "arn:aws:lambda:eu-west-1:000000000000:function:hello", "--zip", "hello.zip"), 2, "eu-west-1"),
        (("push", "nobody", "--zip", "hello.zip"), 7, "nobody"),
        (("push", "hello", "--zip", "hello.zip", "--transport", "s3"), 2, "s3"),
        (("push", "hello", "--zip", "hello.zip", "--transport", "pigeon"), 2, "pigeon"),
        (("push", "hello", "--zip", "hello.zip", "--timeout", "0"), 2, "--timeout"),
        (("push", "hello", "--zip", "src"), 2, "src"),
        (("push", "hello", "--zip", "src/app.py"), 5, "src/app.py"),
    ],
)
def test_what_cannot_be_pushed_is_refused_by_name(
    lambdapack: Lambdapack, function: Path, arguments: tuple[str, ...], exit_code: int, words: str
) -> None:
    before = files(function.parent / ".emulator")

    done = lambdapack(*arguments, "--json")

    assert (done.returncode, error_of(done)["exit_code"]) == (exit_code, exit_code)
    assert words in error_of(done)["message"]
    assert files(function.parent / ".emulator") == before


def test_options_come_from_the_flag_then_the_environment_then_the_file(lambdapack: Lambdapack, function: Path) -> None:
    (function.parent / "lambdapack.toml").write_text('[functions.hello]\nsource = "src"\nalias = "from-file"\n')

    by_file = lambdapack("push", "hello", "--publish", "-q")
    by_environment = lambdapack("push", "hello", "--publish", "-q", LAMBDAPACK_PUSH_ALIAS="from-environment")
    by_flag = lambdapack("push", "hello", "--alias", "from-flag", "-q", LAMBDAPACK_PUSH_ALIAS="from-environment")

    aliases = [done.stdout.splitlines()[-1] for done in (by_file, by_environment, by_flag)]
    assert aliases == ["alias from-file", "alias from-environment", "alias from-flag"]


@pytest.mark.parametrize("position", ["before", "after"])
def test_the_options_of_the_connection_stand_before_or_after_the_command(lambdapack: Lambdapack, position: str) -> None:
    there = ("--emulator", "there", "-v")
    command = ("push", "hello", "--zip", "nothing.zip")

    done = lambdapack(*there, *command) if position == "before" else lambdapack(*command, *there)

    assert done.returncode == 2
    assert "nothing.zip" in done.stderr


def test_without_credentials_or_a_region_the_one_line_says_which(lambdapack: Lambdapack, function: Path) -> None:
    nothing = {"LAMBDAPACK_EMULATOR": "", "AWS_EC2_METADATA_DISABLED": "true"}

    no_region = lambdapack("push", "hello", "--zip", function.name, "--json", **nothing)
    no_credentials = lambdapack("push", "hello", "--zip", function.name, "--json", "--region", "eu-west-1", **nothing)
    no_endpoint = lambdapack(
        *("push", "hello", "--zip", function.name, "--json", "--region", "eu-west-1", "--timeout", "30"),
        *("--endpoint-url", "http://127.0.0.1:9"),
        **nothing,
        AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE",
        AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMI",  # noqa: S106 - AWS's own example
    )

    assert [done.returncode for done in (no_region, no_credentials, no_endpoint)] == [7, 7, 7]
    assert "Region" in error_of(no_region)["message"]
    assert "credentials" in error_of(no_credentials)["message"]
    assert "127.0.0.1 could not be reached" in error_of(no_endpoint)["message"]
    everything = no_endpoint.stdout + no_endpoint.stderr
    assert "AKIAIOSFODNN7EXAMPLE" not in everything
    assert "wJalrXUtnFEMI" not in everything
