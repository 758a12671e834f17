"""``configure``, ``create`` and ``push`` with everything that AWS's requests have, as a user runs them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

Lambdapack: TypeAlias = Callable[..., Any]

ROLE = "arn:aws:iam::000000000000:role/emulator"
IMAGE = f"000000000000.dkr.ecr.us-east-1.amazonaws.com/hello@sha256:{'ab' * 32}"
CANARY = "cAnArY-5f2e"


@pytest.fixture
def hello(lambdapack: Lambdapack, tree: Callable[..., Path], tmp_path: Path) -> Path:
    """Configure the function ``hello`` in a file and create it from that; the file is returned."""
    tree({"app.py": b"def handler(event, context): return 1\n"})
    path = tmp_path / "lambdapack.toml"
    path.write_text(
        f"""
        [functions.hello]
        source = "src"
        role = "{ROLE}"
        handler = "app.handler"
        runtime = "python3.13"
        memory = 256

        [functions.hello.environment]
        LOG_LEVEL = "info"
        TOKEN = "{CANARY}"

        [functions.hello.aws]
        Tags = {{team = "a"}}
        TracingConfig = {{Mode = "Active"}}
        """
    )
    created = lambdapack("create", "hello", "-q")
    assert created.returncode == 0, created.stderr
    return path


def described(client: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3 has no types
    found: dict[str, Any] = client.get_function(FunctionName="hello")
    return found


class TestConfigure:
    def test_create_has_made_what_the_file_says_so_there_is_nothing_to_do(
        self,
        lambdapack: Lambdapack,
        hello: Path,
        other_client: Any,  # noqa: ANN401
    ) -> None:
        del hello
        found = described(other_client)
        assert found["Tags"] == {"team": "a"}
        assert found["Configuration"]["TracingConfig"] == {"Mode": "Active"}
        assert found["Configuration"]["Environment"]["Variables"] == {"LOG_LEVEL": "info", "TOKEN": CANARY}

        done = lambdapack("configure", "hello")

        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr.splitlines() == [
            "left alone, for they are no part of a configuration: Tags",
            "hello is configured so already; nothing changed",
        ]

    def test_the_difference_is_shown_and_then_made(
        self,
        lambdapack: Lambdapack,
        hello: Path,
        other_client: Any,  # noqa: ANN401
    ) -> None:
        del hello
        options = (
            "--memory",
            "512",
            "--env",
            "LOG_LEVEL=debug",
            "--env",
            "NEW=1",
            "--unset-env",
            "TOKEN",
            "--layer",
            "",
        )
        lines = [
            "MemorySize: 256 → 512",
            "Environment.LOG_LEVEL: changed",
            "Environment.NEW: added",
            "Environment.TOKEN: removed",
        ]

        rehearsed = lambdapack("configure", "hello", *options, "--dry-run", "-q")
        assert (rehearsed.stdout.splitlines(), rehearsed.stderr) == (lines, "")
        assert described(other_client)["Configuration"]["MemorySize"] == 256

        done = lambdapack("configure", "hello", *options, "-q")
        assert (done.stdout.splitlines(), done.stderr) == (lines, "")
        configuration = described(other_client)["Configuration"]
        assert configuration["MemorySize"] == 512
        assert configuration["Environment"]["Variables"] == {"LOG_LEVEL": "debug", "NEW": "1"}

    def test_json_is_one_document_without_values_of_the_environment(self, lambdapack: Lambdapack, hello: Path) -> None:
        del hello
        done = lambdapack("configure", "hello", "--env", "TOKEN=other", "--tracing", "PassThrough", "--json")
        document = json.loads(done.stdout)
        assert list(document) == ["function", "function_arn", "changes", "updated", "dry_run", "revision_id"]
        assert document["changes"] == [
            {
                "member": "TracingConfig",
                "change": "changed",
                "before": {"Mode": "Active"},
                "after": {"Mode": "PassThrough"},
            },
            {"member": "Environment.TOKEN", "change": "changed"},
        ]
        assert (document["updated"], document["dry_run"]) == (True, False)

    def test_every_option_reaches_its_member(
        self,
        lambdapack: Lambdapack,
        hello: Path,
        other_client: Any,  # noqa: ANN401
    ) -> None:
        del hello
        done = lambdapack(
            *("configure", "hello", "-q", "--memory", "512", "--function-timeout", "9", "--role", ROLE),
            *("--handler", "app.other", "--runtime", "python3.12", "--description", "says hello"),
            *("--kms-key-arn", "arn:aws:kms:us-east-1:000000000000:key/1", "--vpc-subnet", "subnet-a"),
            *("--vpc-security-group", "sg-a", "--ephemeral-storage", "1024", "--tracing", "PassThrough"),
            *("--dead-letter", "arn:aws:sqs:us-east-1:000000000000:dead", "--env", "HOME"),
        )
        assert done.returncode == 0, done.stderr
        found = described(other_client)["Configuration"]
        assert {name: found[name] for name in ("MemorySize", "Timeout", "Handler", "Runtime", "Description")} == {
            "MemorySize": 512,
            "Timeout": 9,
            "Handler": "app.other",
            "Runtime": "python3.12",
            "Description": "says hello",
        }
        assert found["KMSKeyArn"].endswith("key/1")
        assert (found["VpcConfig"]["SubnetIds"], found["VpcConfig"]["SecurityGroupIds"]) == (["subnet-a"], ["sg-a"])
        assert found["EphemeralStorage"] == {"Size": 1024}
        assert found["DeadLetterConfig"]["TargetArn"].endswith("dead")
        assert found["Environment"]["Variables"]["HOME"] == "/nonexistent"

    def test_a_stale_revision_is_a_conflict(self, lambdapack: Lambdapack, hello: Path) -> None:
        del hello
        done = lambdapack("configure", "hello", "--memory", "512", "--revision-id", "stale", "--json")
        assert (done.returncode, json.loads(done.stdout)["error"]["kind"]) == (8, "conflict")


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (("--env", f"AWS_REGION={CANARY}"), 5, "AWS_REGION"),
        (("--env", f"BIG={CANARY * 400}"), 5, "bytes as compact JSON"),
        (("--env", f"={CANARY}"), 2, "--env without the name"),
        (("--env", "NOT_SET_ANYWHERE"), 2, "NOT_SET_ANYWHERE"),
        (("--memory", "1"), 2, "--memory"),
        (("--tracing", "Maybe"), 2, "--tracing"),
        (("--runtime", "python2"), 2, "--runtime"),
        (("--timeout", "0"), 2, "--timeout"),
        (("--layer", f"{CANARY}!"), 7, "UpdateFunctionConfiguration for hello"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    lambdapack: Lambdapack, hello: Path, arguments: tuple[str, ...], exit_code: int, words: str
) -> None:
    del hello
    done = lambdapack("configure", "hello", *arguments, "--json")
    assert done.returncode == exit_code, done.stderr
    assert words in json.loads(done.stdout)["error"]["message"]
    if arguments[0] == "--env":
        assert CANARY not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("environment = {KEY = 1}", "environment.KEY must be a string"),
        ('environment = "KEY"', "environment must be a table of strings"),
        ("aws = 1", "aws must be a table"),
        ("aws = {MemorySize = 256}", "MemorySize is nothing for the table aws"),
        ("aws = {Snapstart = {}}", "knows no member Snapstart"),
        ("aws = {SnapStart = {Apply = 1}}", "SnapStart has no member Apply"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(lambdapack: Lambdapack, tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "lambdapack.toml").write_text(f"[functions.hello]\n{text}\n")
    done = lambdapack("configure", "hello", "--json")
    assert done.returncode == 2, done.stderr
    assert words in json.loads(done.stdout)["error"]["message"]


def test_defaults_of_all_functions_are_merged_key_by_key(
    lambdapack: Lambdapack,
    hello: Path,
    other_client: Any,  # noqa: ANN401
) -> None:
    hello.write_text(f'environment = {{STAGE = "test", LOG_LEVEL = "error"}}\n{hello.read_text()}')
    done = lambdapack("configure", "hello", "-q")
    assert done.stdout.splitlines() == ["Environment.STAGE: added"]
    assert described(other_client)["Configuration"]["Environment"]["Variables"]["LOG_LEVEL"] == "info"


def test_no_value_of_the_environment_is_in_any_output(
    lambdapack: Lambdapack,
    hello: Path,
    other_client: Any,  # noqa: ANN401
) -> None:
    """Wherever it comes from: the file, an option, the environment of the process, AWS."""
    other_client.update_function_configuration(
        FunctionName="hello", Environment={"Variables": {"THEIRS": CANARY, "TOKEN": "old"}}
    )
    del hello
    runs = [
        lambdapack("configure", "hello", *options, *more, "-vvv", env_value=CANARY)
        for options in (
            ("--env", f"ONE={CANARY}", "--env", "env_value"),
            ("--unset-env", "THEIRS"),
            ("--layer", "no-arn", "--env", f"TWO={CANARY}"),
            ("--env", f"1={CANARY}"),
            ("--revision-id", "stale", "--env", f"TWO={CANARY}"),
            ("--endpoint-url", "http://127.0.0.1:9", "--timeout", "1"),
        )
        for more in (("--json",), ())
    ]
    runs += [lambdapack("push", "hello", "--publish", "-vvv"), lambdapack("create", "hello", "-vvv", "--json")]
    assert {done.returncode for done in runs} >= {0, 5, 7, 8}
    assert [done.args for done in runs if CANARY in done.stdout + done.stderr] == []


class TestImages:
    def test_an_image_is_created_pushed_and_published(
        self,
        lambdapack: Lambdapack,
        tmp_path: Path,
        other_client: Any,  # noqa: ANN401
    ) -> None:
        (tmp_path / "lambdapack.toml").write_text(
            f'runtime = "python3.13"\n[functions.hello]\nrole = "{ROLE}"\nimage-uri = "{IMAGE}"\n'
            'aws = {ImageConfig = {Command = ["app.handler"]}}\n'
        )
        created = lambdapack("create", "hello", "--publish", "--json")
        assert created.returncode == 0, created.stderr
        assert json.loads(created.stdout)["version"] == "1"
        assert described(other_client)["Configuration"]["PackageType"] == "Image"

        nothing = json.loads(lambdapack("push", "hello", "--publish", "--json").stdout)
        assert (nothing["uploaded"], nothing["published"], nothing["version"]) == (False, False, "1")

        tag = lambdapack("push", "hello", "--image-uri", IMAGE.partition("@")[0] + ":v2", "--publish")
        assert tag.returncode == 0
        assert "is no digest" in tag.stderr
        assert tag.stdout.splitlines()[1] == "version 2"

    @pytest.mark.parametrize(
        ("arguments", "exit_code", "words"),
        [
            (("push", "hello", "--image-uri", IMAGE), 5, "takes no image"),
            (("push", "hello", "--image-uri", IMAGE, "--source", "src"), 2, "--image-uri excludes"),
            (("create", "new", "--image-uri", IMAGE), 2, "needs role"),
            (("create", "new", "--image-uri", IMAGE, "--role", ROLE, "--handler", "app.handler"), 2, "has no handler"),
            (("push", "hello", "--signing-profile", "team"), 2, "needs a bucket"),
            (("push", "hello", "--image-uri", IMAGE, "--signing-profile", "team", "--s3-bucket", "b"), 2, "image"),
            (("push", "hello", "--force", "--s3-object-storage-mode", "REFERENCE"), 5, "reads its package from S3"),
        ],
    )
    def test_what_does_not_go_together_is_refused(
        self, lambdapack: Lambdapack, hello: Path, arguments: tuple[str, ...], exit_code: int, words: str
    ) -> None:
        del hello
        done = lambdapack(*arguments, "--json")
        assert done.returncode == exit_code, done.stderr
        assert words in json.loads(done.stdout)["error"]["message"]

    def test_the_way_a_package_is_kept_is_pushed(
        self,
        lambdapack: Lambdapack,
        hello: Path,
        other_client: Any,  # noqa: ANN401
    ) -> None:
        del hello
        options = (
            "--s3-object-storage-mode",
            "REFERENCE",
            "--s3-bucket",
            "emulator",
            "--source-kms-key",
            "arn:aws:kms:k",
        )
        assert json.loads(lambdapack("push", "hello", *options, "--json").stdout)["transport"] == "s3"
        assert {"ResolvedS3Object", "SourceKMSKeyArn"} <= described(other_client)["Code"].keys()
