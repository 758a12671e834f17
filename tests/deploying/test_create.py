from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.aws.refusals import RoleNotReadyError
from lambdapack.deploying.create import CreateRequest, CreateResult, CreateSettings
from lambdapack.deploying.create import create as create_function
from lambdapack.deploying.push import PushRequest, push
from lambdapack.deploying.upload.transport import Route
from lambdapack.environment import Environment
from lambdapack.errors import AwsError, CheckError, ConflictError, UsageError

Client = Any
Faults = dict[str, list[object]]
State = Callable[[], dict[str, bytes]]
Create = Callable[..., CreateResult]

ROLE = "arn:aws:iam::000000000000:role/emulator"
REST = "us-east-1:000000000000:access-point/fsap-0123456789abcdef0"


@pytest.fixture
def create(aws: Connection, second: Artifact, settings: CreateSettings) -> Create:
    """Create ``hello`` from ``second``, with what is given in place of the defaults."""

    def create(*, function: str = "hello", route: Route | None = None, **changes: Any) -> CreateResult:  # noqa: ANN401
        artifact = changes.pop("artifact", second)
        request = CreateRequest(
            function=function, settings=replace(settings, **changes), route=route or Route(), timeout=120
        )
        return create_function(request, artifact, aws)

    return create


def found(client: Client) -> dict[str, Any]:
    configuration: dict[str, Any] = client.get_function(FunctionName="hello")["Configuration"]
    return configuration


def test_a_function_is_created_and_active(create: Create, rival: Client, second: Artifact) -> None:
    result = create(memory=512, function_timeout=20, description="says hello")
    configuration = found(rival)
    assert result == CreateResult(
        function="hello",
        function_arn="arn:aws:lambda:us-east-1:000000000000:function:hello",
        code_sha256=second.code_sha256,
        transport="inline",
        version="$LATEST",
        state="Active",
        revision_id=configuration["RevisionId"],
    )
    assert {key: configuration[key] for key in ("MemorySize", "Timeout", "Description", "Handler", "Role")} == {
        "MemorySize": 512,
        "Timeout": 20,
        "Description": "says hello",
        "Handler": "app.handler",
        "Role": ROLE,
    }
    assert configuration["CodeSha256"] == second.code_sha256


def test_a_large_package_goes_through_s3(
    create: Create, package: Callable[..., Artifact], operations: list[str]
) -> None:
    large = package("large = 1", size=60_000_000)
    with pytest.raises(CheckError):
        create(artifact=large)
    assert operations == []
    assert create(artifact=large, route=Route(s3_bucket="emulator")).transport == "s3"


@pytest.mark.parametrize(
    ("built_for", "asked_for", "made"),
    [(None, None, "x86_64"), ("arm64", None, "arm64"), (None, "arm64", "arm64"), ("arm64", "arm64", "arm64")],
)
def test_the_architecture_is_the_packages_unless_asked_for(
    *,
    create: Create,
    package: Callable[..., Artifact],
    rival: Client,
    built_for: str | None,
    asked_for: str | None,
    made: str,
) -> None:
    create(artifact=package("x = 1", architecture=built_for), architecture=asked_for)
    assert found(rival)["Architectures"] == [made]


def test_another_architecture_than_the_packages_is_refused(
    create: Create, package: Callable[..., Artifact], operations: list[str]
) -> None:
    with pytest.raises(CheckError, match="the package is for arm64, but the function is to run on x86_64"):
        create(artifact=package("x = 1", architecture="arm64"), architecture="x86_64")
    assert operations == []


def test_a_function_that_exists_is_a_conflict_and_stays(create: Create, hello: str, state: State) -> None:
    before = state()
    with pytest.raises(ConflictError, match="the function hello exists already") as caught:
        create(function=hello)
    assert (caught.value.exit_code, caught.value.hint) == (8, "update its code: lambdapack push hello")
    assert state() == before


@pytest.mark.parametrize("name", ["a.b", "a/b", "a" * 65, "hello:1"])
def test_a_name_that_cannot_be_created_is_refused(create: Create, operations: list[str], name: str) -> None:
    with pytest.raises(UsageError):
        create(function=name)
    assert operations == []


@pytest.mark.parametrize(
    "way",
    ["applied, drop", "applied, 500 ServiceException", "applied, garble", "applied, foreign", "applied, cut", "drop"],
)
def test_a_lost_answer_is_settled_by_reading(create: Create, faults: Faults, second: Artifact, way: str) -> None:
    faults["lambda.CreateFunction"] = [way]
    result = create()
    assert (result.code_sha256, result.state) == (second.code_sha256, "Active")


def test_a_naive_create_fails_although_the_function_is_there(
    aws: Connection, rival: Client, faults: Faults, second: Artifact
) -> None:
    from botocore.exceptions import ClientError  # noqa: PLC0415 - only tests with a client load it

    faults["lambda.CreateFunction"] = ["applied, drop"]
    code = {"ZipFile": second.read()}
    with pytest.raises(ClientError, match="already exist"):
        aws.client("lambda").create_function(
            FunctionName="hello", Role=ROLE, Handler="app.handler", Runtime="python3.13", Code=code
        )
    assert found(rival)["CodeSha256"] == second.code_sha256


@pytest.mark.parametrize("way", ["garble", "foreign", "drop", "500 ServiceException"])
def test_a_creation_that_never_happens_fails(create: Create, faults: Faults, way: str) -> None:
    faults["lambda.CreateFunction"] = [way] * 8
    with pytest.raises(AwsError) as caught:
        create()
    assert caught.value.exit_code == 7


@pytest.mark.parametrize("difference", [{"Handler": "other.handler"}, {"Runtime": "python3.12"}, {}])
def test_a_function_that_somebody_else_creates_meanwhile_is_a_conflict(
    *, create: Create, rival: Client, faults: Faults, second: Artifact, first: Artifact, difference: dict[str, str]
) -> None:
    def theirs() -> None:
        code = (second if difference else first).read()
        members = {"FunctionName": "hello", "Role": ROLE, "Handler": "app.handler", "Runtime": "python3.13"}
        rival.create_function(Code={"ZipFile": code}, **(members | difference))

    faults["lambda.CreateFunction"] = [theirs]
    with pytest.raises(ConflictError, match="exists already"):
        create()


def test_a_role_that_is_new_is_waited_for(create: Create, faults: Faults, operations: list[str]) -> None:
    faults["lambda.CreateFunction"] = ["400 InvalidParameterValueException: cannot be assumed by Lambda"] * 3
    assert create().state == "Active"
    assert operations.count("CreateFunction") == 4


def test_a_role_that_never_comes_fails_long_before_the_deadline(create: Create, operations: list[str]) -> None:
    with pytest.raises(RoleNotReadyError, match="cannot be assumed") as caught:
        create(role="arn:aws:iam::000000000000:role/nobody-made-it")
    assert "trust lambda.amazonaws.com" in caught.value.hint
    assert 20 < operations.count("CreateFunction") < 50


def test_every_member_of_the_request_is_reachable(
    create: Create, aws: Connection, rival: Client, first: Artifact
) -> None:
    layer = rival.publish_layer_version(LayerName="a", Content={"ZipFile": first.read()})["LayerVersionArn"]
    given: dict[str, Any] = {
        "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:dead"},
        "EphemeralStorage": {"Size": 1024},
        "FileSystemConfigs": [{"Arn": f"arn:aws:elasticfilesystem:{REST}", "LocalMountPath": "/mnt/a"}],
        "KMSKeyArn": "arn:aws:kms:us-east-1:000000000000:key/1",
        "Layers": [layer],
        "LoggingConfig": {"LogFormat": "JSON"},
        "SnapStart": {"ApplyOn": "PublishedVersions"},
        "Tags": {"team": "a"},
        "TracingConfig": {"Mode": "Active"},
        "VpcConfig": {"SubnetIds": ["subnet-a"], "SecurityGroupIds": ["sg-a"]},
    }
    sent: list[dict[str, Any]] = []
    event = "provide-client-params.lambda.CreateFunction"
    aws.client("lambda").meta.events.register(event, lambda params, **_: sent.append(dict(params)))
    create(parameters=given, environment=Environment({"KEY": "value"}))
    assert {name: sent[0][name] for name in given} == given
    assert found(rival)["Environment"]["Variables"] == {"KEY": "value"}
    assert rival.get_function(FunctionName="hello")["Tags"] == {"team": "a"}


@pytest.mark.parametrize("way", ["", "applied, drop", "applied, garble"])
def test_a_creation_may_publish_version_1(
    aws: Connection, second: Artifact, settings: CreateSettings, faults: Faults, way: str
) -> None:
    faults["lambda.CreateFunction"] = [way] if way else []
    request = CreateRequest(function="hello", settings=settings, publish=True)
    result = create_function(request, second, aws)
    assert (result.version, result.state, result.code_sha256) == ("1", "Active", second.code_sha256)
    assert result.function_arn.endswith(":hello:1")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"environment": Environment({"AWS_REGION": "canary"})}, CheckError),
        ({"parameters": {"VpcConfg": {}}}, UsageError),
        ({"handler": None}, UsageError),
    ],
)
def test_what_lambda_would_refuse_is_refused_before_the_call(
    create: Create, operations: list[str], changes: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        create(**changes)
    assert operations == []


def test_a_created_function_can_be_pushed_to(create: Create, aws: Connection, second: Artifact) -> None:
    create()
    result = push(PushRequest(function="hello", publish=True), second, aws)
    assert (result.uploaded, result.published, result.version) == (False, True, "1")
