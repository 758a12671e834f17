from typing import Any

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.alias import (
    AliasRequest,
    AliasResult,
    RollbackRequest,
    alias,
    check_serving,
    delete_alias,
    rollback,
    version_before,
)
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.function.aliases import Alias
from lambdapack.errors import AwsError, CheckError, ConflictError, NotFoundError, UsageError
from tests.deploying.sessions import FakeApi, session_of

Client = Any
Faults = dict[str, list[object]]


@pytest.fixture(autouse=True)
def _three_versions(rival: Client, hello: str, second: Artifact, third: Artifact) -> None:
    rival.publish_version(FunctionName=hello)
    for artifact in (second, third):
        rival.update_function_code(FunctionName=hello, ZipFile=artifact.read(), Publish=True)
        rival.get_function(FunctionName=hello)
        rival.get_function(FunctionName=hello, Qualifier="3" if artifact is third else "2")


def point(aws: Connection, version: str | None, **weights: float) -> AliasResult:
    shares = {name.removeprefix("v"): share for name, share in weights.items()}
    return alias(AliasRequest(function="hello", alias="live", version=version, weights=shares), aws)


def target(client: Client) -> tuple[str, dict[str, float]]:
    alias = client.get_alias(FunctionName="hello", Name="live")
    return alias["FunctionVersion"], alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})


class TestAlias:
    def test_it_is_made_moved_weighed_and_shown(self, aws: Connection, rival: Client) -> None:
        made = point(aws, "1")
        assert (made.changed, made.previous_version, target(rival)) == (True, None, ("1", {}))
        moved = point(aws, "2", v3=0.1)
        assert (moved.changed, moved.previous_version, target(rival)) == (True, "1", ("2", {"3": 0.1}))
        shown = point(aws, None)
        assert (shown.changed, shown.version, shown.weights) == (False, "2", {"3": 0.1})
        assert not point(aws, "2", v3=0.1).changed
        assert point(aws, "2").changed
        assert target(rival) == ("2", {})

    def test_showing_and_pointing_where_it_points_write_nothing(self, aws: Connection, operations: list[str]) -> None:
        point(aws, "1")
        operations.clear()
        point(aws, None)
        point(aws, "1")
        assert "UpdateAlias" not in operations

    @pytest.mark.parametrize(("version", "weights"), [("9", {}), ("1", {"v9": 0.5})])
    def test_a_version_that_is_not_there_is_not_found(
        self, aws: Connection, rival: Client, version: str, weights: dict[str, float]
    ) -> None:
        point(aws, "1")
        with pytest.raises(NotFoundError, match="hello has no version 9"):
            point(aws, version, **weights)
        assert target(rival) == ("1", {})

    def test_a_missing_alias_and_a_missing_function_are_told_apart(self, aws: Connection) -> None:
        with pytest.raises(NotFoundError, match="hello has no alias live"):
            point(aws, None)
        with pytest.raises(NotFoundError, match="Function not found"):
            alias(AliasRequest(function="nothing", alias="live"), aws)

    @pytest.mark.parametrize(
        ("version", "weights"),
        [
            ("1", {"2": 0.0}),
            ("1", {"2": 1.0}),
            ("1", {"2": -0.5}),
            ("1", {"2": float("nan")}),
            ("1", {"1": 0.5}),
            ("1", {"2": 0.1, "3": 0.1}),
            ("$LATEST", {"2": 0.1}),
            ("1", {"$LATEST": 0.1}),
            (None, {"2": 0.1}),
            ("live", {}),
            ("0", {}),
        ],
    )
    def test_what_aws_would_not_take_is_refused_before_any_request(
        self, aws: Connection, operations: list[str], version: str | None, weights: dict[str, float]
    ) -> None:
        with pytest.raises(UsageError):
            alias(AliasRequest(function="hello", alias="live", version=version, weights=weights), aws)
        assert operations == []

    @pytest.mark.parametrize("way", ["applied, drop", "applied, garble", "409 ResourceConflictException", "drop"])
    def test_an_answer_that_is_lost_is_settled_by_reading(
        self, aws: Connection, rival: Client, faults: Faults, way: str
    ) -> None:
        point(aws, "1")
        faults["lambda.UpdateAlias"] = [way]
        point(aws, "2", v3=0.25)
        assert target(rival) == ("2", {"3": 0.25})

    def test_a_move_of_somebody_else_is_not_undone(self, aws: Connection, rival: Client, faults: Faults) -> None:
        point(aws, "1")
        faults["lambda.UpdateAlias"] = [
            lambda: rival.update_alias(FunctionName="hello", Name="live", FunctionVersion="3")
        ]
        with pytest.raises(ConflictError, match="another client moved it"):
            point(aws, "2")
        assert target(rival) == ("3", {})

    @pytest.mark.parametrize("way", [None, "applied, drop", "drop", "garble", "409 ResourceConflictException"])
    def test_it_is_deleted_for_certain(self, aws: Connection, rival: Client, faults: Faults, way: str | None) -> None:
        point(aws, "1")
        faults["lambda.DeleteAlias"] = [way] if way else []
        removal = delete_alias(AliasRequest(function="hello", alias="live"), aws)
        assert (removal.deleted, removal.previous_version) == (True, "1")
        assert rival.list_aliases(FunctionName="hello")["Aliases"] == []
        with pytest.raises(NotFoundError, match="hello has no alias live"):
            delete_alias(AliasRequest(function="hello", alias="live"), aws)

    def test_an_alias_that_stays_is_no_success(self, aws: Connection, faults: Faults) -> None:
        point(aws, "1")
        faults["lambda.DeleteAlias"] = ["garble"] * 3
        with pytest.raises(AwsError, match="stays"):
            delete_alias(AliasRequest(function="hello", alias="live"), aws)


class TestRollback:
    def test_it_goes_to_the_version_below_and_clears_weights(self, aws: Connection, rival: Client) -> None:
        point(aws, "3", v1=0.5)
        notes: list[str] = []
        result = rollback(RollbackRequest(function="hello", alias="live"), aws, tell=notes.append)
        assert (result.version, result.previous_version, result.weights) == ("2", "3", {})
        assert target(rival) == ("2", {})
        assert notes[0] == "alias live: the weights of version 1 (50%) were cleared"

    def test_holes_are_stepped_over(self, aws: Connection, rival: Client) -> None:
        point(aws, "3")
        rival.delete_function(FunctionName="hello", Qualifier="2")
        assert rollback(RollbackRequest(function="hello", alias="live"), aws).version == "1"

    def test_it_goes_where_it_is_told(self, aws: Connection, rival: Client) -> None:
        point(aws, "3")
        assert rollback(RollbackRequest(function="hello", alias="live", to="1"), aws).version == "1"
        with pytest.raises(NotFoundError, match="hello has no version 7"):
            rollback(RollbackRequest(function="hello", alias="live", to="7"), aws)
        assert target(rival) == ("1", {})

    def test_there_is_no_way_below_the_lowest(self, aws: Connection, rival: Client) -> None:
        point(aws, "1")
        with pytest.raises(CheckError, match="no version below 1"):
            rollback(RollbackRequest(function="hello", alias="live"), aws)
        assert target(rival) == ("1", {})

    def test_a_missing_alias_is_not_found(self, aws: Connection) -> None:
        with pytest.raises(NotFoundError, match="hello has no alias live"):
            rollback(RollbackRequest(function="hello", alias="live"), aws)

    def test_a_move_of_somebody_else_is_not_undone(self, aws: Connection, rival: Client, faults: Faults) -> None:
        point(aws, "3")
        faults["lambda.ListVersionsByFunction"] = [
            lambda: rival.update_alias(FunctionName="hello", Name="live", FunctionVersion="1")
        ]
        with pytest.raises(ConflictError, match="another client moved it"):
            rollback(RollbackRequest(function="hello", alias="live"), aws)
        assert target(rival) == ("1", {})

    def test_latest_has_none_before_it(self) -> None:
        alias = Alias(name="live", version="$LATEST", weights={}, revision_id="r")
        with pytest.raises(UsageError, match=r"points at \$LATEST"):
            version_before(alias, ["1", "2"], function="hello")

    def test_versions_are_ordered_as_numbers(self) -> None:
        alias = Alias(name="live", version="11", weights={}, revision_id="r")
        assert version_before(alias, ["9", "10", "11", "12"], function="hello") == "10"


@pytest.mark.parametrize("state", ["Inactive", "Failed", "Deactivated"])
def test_no_traffic_goes_to_a_version_that_is_not_active(state: str) -> None:
    configuration = {
        "FunctionName": "hello",
        "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:hello:1",
        "Version": "1",
        "CodeSha256": "x",
        "RevisionId": "r",
        "State": state,
    }
    session = session_of(FakeApi(lambda *_, **__: {"Configuration": configuration}))
    with pytest.raises(AwsError) as caught:
        check_serving(session, "1")
    assert caught.value.details["state"] == state
