"""States by hand: the emulator shows few of those that AWS has."""

from dataclasses import replace
from typing import Any

import pytest

from lambdapack.deploying.aws.api import LambdaOperation
from lambdapack.deploying.aws.deadline import Deadline
from lambdapack.deploying.aws.refusals import GarbledError
from lambdapack.deploying.function.state import find_function, function_state, read_function, wait_until_settled
from lambdapack.errors import AwsError, NotFoundError
from tests.deploying.sessions import FakeApi, session_of

ARN = "arn:aws:lambda:us-east-1:000000000000:function:hello"
ACTIVE = {
    "FunctionName": "hello",
    "FunctionArn": ARN,
    "Version": "$LATEST",
    "CodeSha256": "abc",
    "RevisionId": "r1",
    "PackageType": "Zip",
    "Architectures": ["arm64"],
    "Runtime": "python3.13",
    "Handler": "app.handler",
    "State": "Active",
    "LastUpdateStatus": "Successful",
    "Environment": {"Variables": {"KEY": "canary"}},
}
UPDATING = ACTIVE | {"LastUpdateStatus": "InProgress", "LastUpdateStatusReasonCode": "Creating"}
CREATING = ACTIVE | {"State": "Pending", "StateReason": "The function is being created.", "StateReasonCode": "Creating"}
del CREATING["LastUpdateStatus"]


class Api:
    """Answers GetFunction with one configuration after the other, the last one again and again."""

    def __init__(self, *configurations: dict[str, Any], seconds: float = 300.0) -> None:
        self.deadline = Deadline.after(seconds)
        self.configurations = iter(configurations)
        self.last: dict[str, Any] = {}
        self.asked: list[object] = []

    def __call__(self, operation: LambdaOperation, /, **members: object) -> dict[str, Any]:
        assert operation == "GetFunction"
        self.asked.append(members)
        self.last = next(self.configurations, self.last)
        return {"Configuration": self.last, "Code": {}}


def test_a_state_holds_what_identifies_the_code_and_never_the_environment() -> None:
    state = function_state(ACTIVE, asked="hello")
    assert (state.name, state.code_sha256, state.architecture, state.settled) == ("hello", "abc", "arm64", True)
    assert "canary" not in repr(state)


def test_an_old_function_runs_on_x86_64() -> None:
    old = {k: v for k, v in ACTIVE.items() if k != "Architectures"}
    assert function_state(old, asked="hello").architecture == "x86_64"


@pytest.mark.parametrize("missing", ["CodeSha256", "RevisionId", "FunctionArn", "Version", "FunctionName"])
def test_an_answer_without_identity_is_garbled(missing: str) -> None:
    with pytest.raises(GarbledError, match=missing):
        function_state({k: v for k, v in ACTIVE.items() if k != missing}, asked="hello")


def test_a_garbled_answer_is_asked_for_again_but_not_for_ever() -> None:
    api = Api({}, {}, ACTIVE)
    assert read_function(session_of(api)).code_sha256 == "abc"
    assert len(api.asked) == 3
    api = Api({})
    with pytest.raises(GarbledError):
        read_function(session_of(api))
    assert len(api.asked) == 5


def test_waiting_ends_when_nothing_is_in_progress() -> None:
    api = Api(CREATING, UPDATING, UPDATING, ACTIVE)
    assert wait_until_settled(session_of(api)).last_update_status == "Successful"
    assert len(api.asked) == 4


def test_a_version_is_waited_for_by_its_qualifier() -> None:
    api = Api(ACTIVE | {"Version": "7"})
    wait_until_settled(session_of(api), version="7")
    assert api.asked == [{"FunctionName": "hello", "Qualifier": "7"}]


def test_another_version_than_was_asked_for_is_no_answer() -> None:
    with pytest.raises(GarbledError, match="answered with version 8 of hello when asked for 7"):
        wait_until_settled(session_of(Api(*[ACTIVE | {"Version": "8"}] * 5)), version="7")


@pytest.mark.parametrize(
    "member",
    [
        {"FunctionName": "other"},
        {"FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:other"},
        {"FunctionArn": "hello"},
        {"FunctionArn": f"{ARN}:3"},
        {"FunctionArn": "arn:aws:lambda:us-east-1:111111111111:function:hello"},
        {"Version": "3"},
    ],
)
def test_an_answer_about_another_function_is_garbled(member: dict[str, str]) -> None:
    with pytest.raises(GarbledError, match="AWS answered") as caught:
        read_function(session_of(Api(*[ACTIVE | member] * 5), given=ARN))
    assert caught.value.exit_code == 7


@pytest.mark.parametrize("asked", ["hello", ARN, "function:hello", "000000000000:hello", "000000000000:function:hello"])
@pytest.mark.parametrize(
    ("qualifier", "member"),
    [
        (None, {}),
        (None, {"FunctionArn": f"{ARN}:$LATEST"}),
        ("$LATEST", {"FunctionArn": f"{ARN}:$LATEST"}),
        ("7", {"FunctionArn": f"{ARN}:7", "Version": "7"}),
        ("live", {"FunctionArn": f"{ARN}:live", "Version": "7"}),
    ],
)
def test_a_function_may_be_asked_for_by_every_name_it_has(
    asked: str, qualifier: str | None, member: dict[str, str]
) -> None:
    api = Api(ACTIVE | member)
    assert read_function(session_of(api, given=asked), qualifier=qualifier).name == "hello"
    assert len(api.asked) == 1


@pytest.mark.parametrize("version", ["", "0", "x", "-1", "1.0", "9" * 5_000, "\u0661"])
def test_what_is_no_version_is_no_answer(version: str) -> None:
    with pytest.raises(GarbledError, match="a Version that is none"):
        wait_until_settled(session_of(Api(*[ACTIVE | {"Version": version}] * 5)))


@pytest.mark.parametrize("state", ["ActiveNonInvocable", "Inactive", "Deactivated", "Somewhat"])
def test_other_and_unknown_states_are_settled(state: str) -> None:
    settled = wait_until_settled(session_of(Api(ACTIVE | {"State": state})))
    assert (settled.state, settled.failure) == (state, None)


def test_an_unknown_update_status_is_settled() -> None:
    assert wait_until_settled(session_of(Api(ACTIVE | {"LastUpdateStatus": "Curious"}))).failure is None


def test_a_failed_update_ends_the_wait_with_its_reason() -> None:
    failed = ACTIVE | {
        "LastUpdateStatus": "Failed",
        "LastUpdateStatusReason": "The subnet is full.",
        "LastUpdateStatusReasonCode": "SubnetOutOfIPAddresses",
    }
    failure = wait_until_settled(session_of(Api(failed))).failure
    assert failure is not None
    assert failure.message == "the update of hello failed: The subnet is full. (SubnetOutOfIPAddresses)"


def test_a_failed_creation_ends_the_wait_with_its_reason() -> None:
    failure = wait_until_settled(session_of(Api(CREATING | {"State": "Failed"}))).failure
    assert failure is not None
    assert failure.message == f"{ARN} failed: The function is being created. (Creating)"


@pytest.mark.parametrize(("configuration", "doing"), [(UPDATING, "updated"), (CREATING, "set up")])
def test_the_deadline_ends_the_wait_and_names_it(configuration: dict[str, Any], doing: str) -> None:
    with pytest.raises(AwsError, match=f"gave up after 20 s, waiting for {ARN}, which is still being {doing}"):
        wait_until_settled(session_of(Api(configuration, seconds=20)))


def test_a_missing_function_is_not_found() -> None:
    def api(operation: LambdaOperation, /, **_: object) -> dict[str, Any]:
        raise NotFoundError(operation, hint="")

    assert find_function(session_of(FakeApi(api))) is None


def test_reasons_are_quoted_as_far_as_there_are_any() -> None:
    state = function_state(ACTIVE | {"State": "Failed"}, asked="hello")
    assert str(state.failure) == f"{ARN} failed: no reason given"
    assert replace(state, state="Active").failure is None
