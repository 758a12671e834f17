from collections.abc import Callable
from typing import Any

import pytest

from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.delete import DeletePlan, DeleteRequest, DeleteResult, delete
from lambdapack.deploying.function.removal import delete_version
from lambdapack.errors import AwsError, ConflictError, NotFoundError, UsageError
from lambdapack.reporting import silent
from tests.deploying.sessions import session_of

Client = Any
Faults = dict[str, list[object]]

pytestmark = pytest.mark.usefixtures("hello")


def deleted(aws: Connection, function: str, show: Callable[[DeletePlan], object] = silent) -> DeleteResult:
    return delete(DeleteRequest(function=function), aws, show=show)


def numbers(client: Client) -> list[str]:
    return [entry["Version"] for entry in client.list_versions_by_function(FunctionName="hello")["Versions"]]


@pytest.mark.parametrize("way", [None, "applied, drop", "applied, garble", "drop", "409 ResourceConflictException"])
def test_a_function_goes_with_all_its_versions(aws: Connection, rival: Client, faults: Faults, way: str | None) -> None:
    rival.publish_version(FunctionName="hello")
    rival.create_alias(FunctionName="hello", Name="live", FunctionVersion="1")
    faults["lambda.DeleteFunction"] = [way] if way else []
    plans: list[DeletePlan] = []
    result = deleted(aws, "hello", plans.append)
    assert [(plan.versions, plan.aliases) for plan in plans] == [(("1",), ("live",))]
    assert (result.version, result.versions) == (None, ("1",))
    assert rival.list_functions()["Functions"] == []


def test_one_version_goes_alone(aws: Connection, rival: Client) -> None:
    rival.publish_version(FunctionName="hello")
    assert deleted(aws, "hello:1").version == "1"
    assert numbers(rival) == ["$LATEST"]


def test_what_is_not_there_is_not_found(aws: Connection) -> None:
    with pytest.raises(NotFoundError, match="Function not found"):
        deleted(aws, "nothing")
    with pytest.raises(NotFoundError, match="hello has no version 4"):
        deleted(aws, "hello:4")


@pytest.mark.parametrize("qualifier", ["live", "$LATEST", "$LATEST.PUBLISHED"])
def test_neither_an_alias_nor_latest_is_taken_for_the_function(
    aws: Connection, operations: list[str], qualifier: str
) -> None:
    with pytest.raises(UsageError):
        deleted(aws, f"hello:{qualifier}")
    assert operations == []


@pytest.mark.parametrize("version", ["", "$LATEST", "live", "0", "1\n"])
def test_a_deletion_of_a_version_never_becomes_one_of_the_function(
    aws: Connection, rival: Client, version: str
) -> None:
    with pytest.raises(ValueError, match="not the number of a version"):
        delete_version(session_of(aws), version)
    assert numbers(rival) == ["$LATEST"]


def test_a_version_that_an_alias_needs_stays(aws: Connection, rival: Client) -> None:
    rival.publish_version(FunctionName="hello")

    def interfere(_: DeletePlan) -> None:
        rival.create_alias(FunctionName="hello", Name="live", FunctionVersion="1")

    with pytest.raises(ConflictError, match="aliases reference it"):
        deleted(aws, "hello:1", interfere)
    with pytest.raises(ConflictError, match="live sends traffic there"):
        deleted(aws, "hello:1")
    assert numbers(rival) == ["$LATEST", "1"]


def test_a_function_that_stays_is_no_success(aws: Connection, faults: Faults) -> None:
    faults["lambda.DeleteFunction"] = ["garble"] * 4
    with pytest.raises(AwsError, match="still there"):
        deleted(aws, "hello")


def test_a_no_deletes_nothing(aws: Connection, operations: list[str]) -> None:
    def refuse(_: DeletePlan) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deleted(aws, "hello", refuse)
    assert "DeleteFunction" not in operations
