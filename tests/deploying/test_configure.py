from collections.abc import Callable
from typing import Any

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.aws.refusals import RoleNotReadyError
from lambdapack.deploying.configure import ConfigureRequest, ConfigureResult, configure
from lambdapack.deploying.function.configuration import (
    Configuration,
    ParameterChange,
    Wanted,
    changed_parameters,
    difference,
)
from lambdapack.deploying.function.state import FunctionState
from lambdapack.environment import Environment
from lambdapack.errors import AwsError, CheckError, ConflictError, NotFoundError, UsageError

Client = Any
Faults = dict[str, list[object]]
Configure = Callable[..., ConfigureResult]
State = Callable[[], dict[str, bytes]]

WRITE, READ = "lambda.UpdateFunctionConfiguration", "lambda.GetFunction"


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def shown() -> list[tuple[ParameterChange, ...]]:
    return []


@pytest.fixture
def configured(aws: Connection, hello: str, notes: list[str], shown: list[tuple[ParameterChange, ...]]) -> Configure:
    """Configure ``hello``; what is given are fields of the request."""

    def configured(**fields: Any) -> ConfigureResult:  # noqa: ANN401 - the request types them
        variables = Environment(fields.pop("environment", {}))
        request = ConfigureRequest(function=hello, environment=variables, **{"timeout": 60, **fields})
        return configure(request, aws, show=shown.append, tell=notes.append)

    return configured


def found(client: Client) -> dict[str, Any]:
    configuration: dict[str, Any] = client.get_function(FunctionName="hello")["Configuration"]
    return configuration


def variables(client: Client) -> dict[str, str]:
    environment: dict[str, str] = found(client)["Environment"]["Variables"]
    return environment


@pytest.fixture
def sent(aws: Connection) -> list[dict[str, Any]]:
    """Record what UpdateFunctionConfiguration is sent."""
    requests: list[dict[str, Any]] = []
    aws.client("lambda").meta.events.register(
        f"provide-client-params.{WRITE}", lambda params, **_: requests.append(dict(params))
    )
    return requests


class TestDifference:
    def test_only_what_differs_is_sent_under_the_revision_that_was_read(
        self, configured: Configure, rival: Client, sent: list[dict[str, Any]]
    ) -> None:
        before = found(rival)
        result = configured(memory=512, function_timeout=before["Timeout"], handler="app.handler")
        assert sent == [{"FunctionName": "hello", "RevisionId": before["RevisionId"], "MemorySize": 512}]
        assert found(rival)["MemorySize"] == 512
        assert result == ConfigureResult(
            function="hello",
            function_arn=before["FunctionArn"],
            changes=(ParameterChange(parameter="MemorySize", change="changed", before=128, after=512),),
            updated=True,
            dry_run=False,
            revision_id=found(rival)["RevisionId"],
        )

    def test_a_second_time_there_is_nothing_to_do(self, configured: Configure, operations: list[str]) -> None:
        fields = {
            "memory": 512,
            "description": "says hello",
            "environment": {"KEY": "value"},
            "parameters": {
                "EphemeralStorage": {"Size": 1024},
                "TracingConfig": {"Mode": "Active"},
                "SnapStart": {"ApplyOn": "PublishedVersions"},
                "LoggingConfig": {"LogFormat": "JSON"},
                "VpcConfig": {"SubnetIds": ["subnet-b", "subnet-a"], "SecurityGroupIds": ["sg-a"]},
                "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:dead"},
            },
        }
        assert configured(**fields).updated
        operations.clear()
        again = configured(**fields)
        assert (again.updated, again.changes) == (False, ())
        assert operations == ["GetFunction"]

    def test_every_member_has_its_line(self, configured: Configure, shown: list[tuple[ParameterChange, ...]]) -> None:
        configured(environment={"KEEP": "1", "CHANGE": "1", "DROP": "1"})
        shown.clear()
        configured(
            memory=256,
            description="new",
            environment={"CHANGE": "canary", "ADD": "canary"},
            unset=("DROP", "MISSING"),
            dry_run=True,
        )
        lines = [str(change) for change in shown[0]]
        assert lines == [
            'Description: "" → "new"',
            "MemorySize: 128 → 256",
            "Environment.ADD: added",
            "Environment.CHANGE: changed",
            "Environment.DROP: removed",
        ]
        assert [change.change for change in shown[0]][:2] == ["added", "changed"]

    def test_a_dry_run_changes_nothing(self, configured: Configure, state: State, notes: list[str]) -> None:
        before = state()
        result = configured(memory=512, environment={"KEY": "value"}, dry_run=True)
        assert (result.updated, result.dry_run, len(result.changes)) == (True, True, 2)
        assert state() == before
        assert notes == []

    def test_variables_are_merged(self, configured: Configure, rival: Client) -> None:
        configured(environment={"AA": "1", "BB": "1"})
        configured(environment={"BB": "2", "CC": "2"}, unset=("AA",))
        assert variables(rival) == {"BB": "2", "CC": "2"}
        configured(unset=("BB", "CC"))
        assert variables(rival) == {}

    def test_a_network_is_completed_and_left_as_a_whole(
        self, configured: Configure, rival: Client, sent: list[dict[str, Any]]
    ) -> None:
        configured(parameters={"VpcConfig": {"SubnetIds": ["subnet-a"], "SecurityGroupIds": ["sg-a"]}})
        configured(parameters={"VpcConfig": {"SubnetIds": ["subnet-b"]}})
        assert sent[-1]["VpcConfig"] == {"SubnetIds": ["subnet-b"], "SecurityGroupIds": ["sg-a"]}
        configured(parameters={"VpcConfig": {"SubnetIds": []}})
        assert sent[-1]["VpcConfig"] == {"SubnetIds": [], "SecurityGroupIds": []}
        assert found(rival)["VpcConfig"]["VpcId"] == ""

    def test_members_of_other_requests_are_named_and_left_alone(
        self, configured: Configure, notes: list[str], operations: list[str]
    ) -> None:
        configured(parameters={"Tags": {"team": "a"}, "SourceKMSKeyArn": ""})
        assert notes == ["left alone, for they are no part of a configuration: SourceKMSKeyArn, Tags"]
        assert operations == ["GetFunction"]

    def test_layers_are_compared_by_their_arns(self, configured: Configure, rival: Client, first: Artifact) -> None:
        arns = [
            rival.publish_layer_version(LayerName=name, Content={"ZipFile": first.read()})["LayerVersionArn"]
            for name in ("a", "b")
        ]
        assert configured(parameters={"Layers": arns}).updated
        assert not configured(parameters={"Layers": arns}).updated
        assert configured(parameters={"Layers": arns[::-1]}).updated
        assert [change.change for change in configured(parameters={"Layers": []}).changes] == ["removed"]


class TestRefusedBeforeTheCall:
    @pytest.mark.parametrize(
        "fields",
        [
            {"environment": {"AWS_REGION": "canary"}},
            {"environment": {"KEY": "canary" * 1000}},
            {"environment": {"1": "canary"}},
        ],
    )
    def test_an_environment_that_lambda_does_not_take(
        self, configured: Configure, fields: dict[str, Any], operations: list[str]
    ) -> None:
        with pytest.raises(CheckError) as caught:
            configured(**fields)
        assert operations == []
        assert "canary" not in caught.value.message + caught.value.hint

    def test_an_environment_that_only_becomes_too_large(self, configured: Configure, operations: list[str]) -> None:
        configured(environment={"AA": "x" * 3000})
        operations.clear()
        with pytest.raises(CheckError, match="bytes as compact JSON"):
            configured(environment={"BB": "x" * 3000})
        assert operations == ["GetFunction"]

    def test_a_revision_that_is_gone(self, configured: Configure, operations: list[str]) -> None:
        with pytest.raises(ConflictError, match="is at revision"):
            configured(memory=512, revision_id="stale")
        assert operations == ["GetFunction"]

    def test_a_member_that_nobody_knows(self, configured: Configure, operations: list[str]) -> None:
        with pytest.raises(UsageError, match="MemorySizes"):
            configured(parameters={"MemorySizes": 512})
        assert operations == []

    def test_a_function_that_is_not_there(self, aws: Connection) -> None:
        with pytest.raises(NotFoundError):
            configure(ConfigureRequest(function="nobody"), aws)


class TestFaults:
    @pytest.mark.parametrize(
        "ways",
        [
            ["applied, drop"],
            ["applied, 500 ServiceException"],
            ["applied, time-out"],
            ["applied, garble"],
            ["applied, cut"],
            ["applied, foreign"],
            ["409 ResourceConflictException"] * 3,
            ["429 TooManyRequestsException"] * 6,
            ["drop", "drop"],
        ],
        ids=", ".join,
    )
    def test_what_is_applied_is_done(
        self, configured: Configure, rival: Client, faults: Faults, ways: list[object]
    ) -> None:
        faults[WRITE] = ways
        assert configured(memory=512, environment={"KEY": "value"}).updated
        assert found(rival)["MemorySize"] == 512
        assert variables(rival) == {"KEY": "value"}

    @pytest.mark.parametrize("way", ["garble", "foreign", "drop", "500 ServiceException"])
    def test_what_is_not_applied_fails(self, configured: Configure, rival: Client, faults: Faults, way: str) -> None:
        faults[WRITE] = [way] * 8
        with pytest.raises(AwsError) as caught:
            configured(memory=512)
        assert caught.value.exit_code == 7
        assert found(rival)["MemorySize"] == 128

    def test_another_change_under_the_same_difference_is_kept(
        self, configured: Configure, rival: Client, faults: Faults
    ) -> None:
        faults[WRITE] = [lambda: rival.update_function_configuration(FunctionName="hello", Timeout=77)]
        configured(memory=512)
        assert (found(rival)["MemorySize"], found(rival)["Timeout"]) == (512, 77)

    def test_another_variable_is_not_lost(self, configured: Configure, rival: Client, faults: Faults) -> None:
        theirs = {"Variables": {"THEIRS": "1"}}
        faults[WRITE] = [lambda: rival.update_function_configuration(FunctionName="hello", Environment=theirs)]
        configured(environment={"OURS": "1"})
        assert variables(rival) == {"THEIRS": "1", "OURS": "1"}

    def test_what_was_shown_is_done_or_nothing(self, configured: Configure, rival: Client, faults: Faults) -> None:
        faults[WRITE] = [lambda: rival.update_function_configuration(FunctionName="hello", MemorySize=256)]
        with pytest.raises(ConflictError, match="another client configured hello meanwhile") as caught:
            configured(memory=512)
        assert caught.value.exit_code == 8
        assert found(rival)["MemorySize"] == 256

    def test_a_named_revision_is_the_only_one(self, configured: Configure, rival: Client, faults: Faults) -> None:
        revision = found(rival)["RevisionId"]
        faults[WRITE] = [lambda: rival.update_function_configuration(FunctionName="hello", Timeout=77)]
        with pytest.raises(ConflictError, match="is at revision"):
            configured(memory=512, revision_id=revision)
        assert found(rival)["MemorySize"] == 128

    def test_somebody_who_undoes_it_is_a_conflict(self, configured: Configure, rival: Client, faults: Faults) -> None:
        def undo() -> None:
            rival.update_function_configuration(FunctionName="hello", MemorySize=128)

        faults[READ] = [lambda: faults.update({READ: [undo]})]
        with pytest.raises(ConflictError):
            configured(memory=512)

    def test_a_conflict_that_never_ends_ends_at_the_deadline(self, configured: Configure, faults: Faults) -> None:
        faults[WRITE] = ["409 ResourceConflictException"] * 1000
        with pytest.raises(AwsError, match="gave up after 60 s"):
            configured(memory=512)

    def test_a_role_that_is_not_there_yet_is_waited_for(self, configured: Configure, faults: Faults) -> None:
        message = "400 InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda."
        faults[WRITE] = [message] * 3
        assert configured(memory=512).updated
        faults[WRITE] = [message] * 1000
        with pytest.raises(RoleNotReadyError):
            configured(memory=256)

    def test_a_failed_update_is_an_error(self, aws: Connection, configured: Configure) -> None:
        def fail(parsed: dict[str, Any], **_: object) -> None:
            if parsed["Configuration"]["MemorySize"] == 512:
                parsed["Configuration"] |= {"LastUpdateStatus": "Failed", "LastUpdateStatusReason": "No subnet."}

        aws.client("lambda").meta.events.register(f"after-call.{READ}", fail)
        with pytest.raises(AwsError, match=r"failed: No subnet\."):
            configured(memory=512)
        with pytest.raises(AwsError, match=r"failed: No subnet\."):
            configured(memory=512)


class TestUnreadableEnvironment:
    @pytest.fixture(autouse=True)
    def _unreadable(self, aws: Connection) -> None:
        def hide(parsed: dict[str, Any], **_: object) -> None:
            error = {"ErrorCode": "AccessDeniedException", "Message": "Lambda was unable to decrypt it."}
            parsed["Configuration"]["Environment"] = {"Error": error}

        aws.client("lambda").meta.events.register(f"after-call.{READ}", hide)

    def test_it_is_reported(self, configured: Configure, notes: list[str]) -> None:
        configured(memory=512, dry_run=True)
        assert notes == [
            "AWS cannot read the environment of hello: Lambda was unable to decrypt it. (AccessDeniedException)"
        ]

    def test_nothing_is_merged_into_it(self, configured: Configure, operations: list[str]) -> None:
        with pytest.raises(AwsError, match=r"cannot read the environment of hello: .* \(AccessDenied") as caught:
            configured(environment={"KEY": "value"})
        assert "kms:Decrypt" in caught.value.hint
        assert "UpdateFunctionConfiguration" not in operations


@pytest.mark.parametrize(
    ("fields", "members"),
    [
        ({"description": "new", "memory": 512}, ["Description", "MemorySize"]),
        ({"environment": {"KEY": "c4n4ry"}}, ["Environment.KEY"]),
    ],
)
def test_values_that_aws_does_not_keep_are_no_success(
    aws: Connection, configured: Configure, fields: dict[str, Any], members: list[str]
) -> None:
    old: dict[str, Any] = {}

    def keep(parsed: dict[str, Any], **_: object) -> None:
        configuration = parsed.get("Configuration", parsed)
        for member in ("Description", "MemorySize", "Environment"):
            found = configuration.get(member) or ({} if member == "Environment" else "")
            configuration[member] = old.setdefault(member, found)

    for operation in (READ, WRITE):
        aws.client("lambda").meta.events.register(f"after-call.{operation}", keep)
    with pytest.raises(AwsError, match="AWS keeps other values for hello than it was sent") as caught:
        configured(**fields)
    assert (caught.value.exit_code, caught.value.details["members"]) == (7, members)
    assert "c4n4ry" not in str(caught.value)


def test_an_image_keeps_its_own_handler(aws: Connection, rival: Client, notes: list[str]) -> None:
    rival.create_function(
        FunctionName="image",
        Role="arn:aws:iam::000000000000:role/emulator",
        PackageType="Image",
        Code={"ImageUri": "000000000000.dkr.ecr.us-east-1.amazonaws.com/image:latest"},
    )
    own: dict[str, Any] = {"handler": "app.handler", "runtime": "python3.13", "memory": 256}
    members = {"ImageConfig": {"Command": ["app.other"]}}
    request = ConfigureRequest(function="image", **own, parameters=members)
    assert [change.parameter for change in configure(request, aws, tell=notes.append).changes] == [
        "MemorySize",
        "ImageConfig",
    ]
    assert notes == ["image is an image, which has its own Handler and Runtime: left alone"]
    assert not configure(request, aws).updated


def test_no_value_of_the_environment_is_in_a_repr(function: FunctionState) -> None:
    configuration = Configuration(
        state=function, parameters={"KMSKeyArn": "canary"}, environment=Environment({"KEY": "canary"})
    )
    wanted = Wanted(environment=Environment({"KEY": "canary2", "NEW": "canary"}), parameters={"A": "canary"})
    request = ConfigureRequest(function="hello", environment=wanted.environment, parameters={"A": "canary"})
    changes = difference(configuration, Wanted(environment=wanted.environment))
    assert "canary" not in repr((configuration, wanted, request, changes))
    assert changed_parameters(configuration, Wanted(environment=wanted.environment), changes) == {
        "Environment": {"Variables": {"KEY": "canary2", "NEW": "canary"}}
    }


@pytest.fixture
def function() -> FunctionState:
    return FunctionState(
        name="hello",
        arn="arn",
        version="$LATEST",
        code_sha256="code",
        revision_id="revision",
        package_type="Zip",
        architecture="x86_64",
        runtime=None,
        handler=None,
        state="Active",
        state_reason="",
        last_update_status="Successful",
        last_update_reason="",
    )
