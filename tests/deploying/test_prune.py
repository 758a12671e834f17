from typing import Any

import pytest

from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.function.aliases import Alias
from lambdapack.deploying.prune import PrunePlan, PruneRequest, PruneResult, find_needed, prune
from lambdapack.errors import AwsError, NotFoundError, UsageError

Client = Any
Faults = dict[str, list[object]]


@pytest.fixture(autouse=True)
def _seven_versions(rival: Client, hello: str) -> None:
    for number in range(7):
        rival.update_function_configuration(FunctionName=hello, Description=str(number))
        rival.get_function(FunctionName=hello)
        rival.publish_version(FunctionName=hello)


def numbers(client: Client) -> list[str]:
    return [entry["Version"] for entry in client.list_versions_by_function(FunctionName="hello")["Versions"]][1:]


def pruned(aws: Connection, keep: int, notes: list[str] | None = None) -> PruneResult:
    request = PruneRequest(function="hello", keep=keep)
    return prune(request, aws, tell=(notes if notes is not None else []).append)


def planned(aws: Connection, *, keep: int) -> PrunePlan:
    plans: list[PrunePlan] = []
    prune(PruneRequest(function="hello", keep=keep, dry_run=True), aws, show=plans.append)
    (plan,) = plans
    return plan


class TestNeeded:
    ALL = ("1", "2", "3", "4", "5", "8", "9", "10")

    @pytest.mark.parametrize(
        ("keep", "aliases", "kept"),
        [
            (2, [], {"9", "10"}),
            (0, [], set()),
            (99, [], set(ALL)),
            (1, [("3", {})], {"2", "3", "10"}),
            (1, [("8", {})], {"5", "8", "10"}),
            (1, [("1", {})], {"1", "10"}),
            (1, [("10", {"4": 0.1})], {"3", "4", "9", "10"}),
            (0, [("$LATEST", {})], set()),
            (1, [("3", {}), ("2", {})], {"1", "2", "3", "10"}),
            (1, [("7", {})], {"10"}),
        ],
    )
    def test_the_newest_the_aliases_and_the_one_below_each(
        self, keep: int, aliases: list[tuple[str, dict[str, float]]], kept: set[str]
    ) -> None:
        there = [
            Alias(name=f"a{place}", version=version, weights=weights, revision_id="r")
            for place, (version, weights) in enumerate(aliases)
        ]
        assert set(find_needed(self.ALL, there, keep=keep)) == kept


def test_old_versions_go_and_needed_ones_stay(aws: Connection, rival: Client) -> None:
    rival.create_alias(FunctionName="hello", Name="live", FunctionVersion="4")
    weights = {"AdditionalVersionWeights": {"2": 0.5}}
    rival.create_alias(FunctionName="hello", Name="canary", FunctionVersion="7", RoutingConfig=weights)
    assert list(planned(aws, keep=1).victims) == ["5"]
    rival.delete_alias(FunctionName="hello", Name="canary")
    result = pruned(aws, 1)
    assert (result.deleted, result.kept, result.refused) == (("1", "2", "5", "6"), ("3", "4", "7"), ())
    assert numbers(rival) == ["3", "4", "7"]


def test_a_plan_changes_nothing(aws: Connection, rival: Client, operations: list[str]) -> None:
    result = prune(PruneRequest(function="hello", keep=1, dry_run=True), aws)
    assert (result.deleted, result.dry_run) == (("1", "2", "3", "4", "5", "6"), True)
    assert set(operations) == {"ListVersionsByFunction", "ListAliases"}
    assert len(numbers(rival)) == 7


def test_an_alias_that_is_made_after_the_plan_is_respected(aws: Connection, rival: Client) -> None:
    def interfere(_: PrunePlan) -> None:
        rival.create_alias(FunctionName="hello", Name="live", FunctionVersion="3")

    notes: list[str] = []
    result = prune(PruneRequest(function="hello", keep=1), aws, show=interfere, tell=notes.append)
    assert result.kept == ("2", "3", "7")
    assert "version 3 stays: the alias live sends traffic there" in notes


def test_an_alias_that_is_made_in_the_last_moment_is_reported_and_the_rest_goes_on(
    aws: Connection, rival: Client, faults: Faults
) -> None:
    faults["lambda.DeleteFunction"] = [
        lambda: rival.create_alias(FunctionName="hello", Name="live", FunctionVersion="1")
    ]
    notes: list[str] = []
    result = pruned(aws, 2, notes)
    assert (result.deleted, result.refused) == (("2", "3", "4", "5"), ("1",))
    assert "1" in result.kept
    assert "aliases reference it: [live]" in notes[0]
    assert numbers(rival) == ["1", "6", "7"]


@pytest.mark.parametrize(
    "ways",
    [
        ["applied, drop"],
        ["applied, garble"],
        ["applied, 500 ServiceException"] * 8,
        ["drop"],
        ["409 ResourceConflictException: An update is in progress"] * 2,
    ],
)
def test_a_lost_answer_deletes_no_other_version(
    aws: Connection, rival: Client, faults: Faults, ways: list[str]
) -> None:
    faults["lambda.DeleteFunction"] = list(ways)
    assert pruned(aws, 5).deleted == ("1", "2")
    assert numbers(rival) == ["3", "4", "5", "6", "7"]


def test_a_version_that_aws_does_not_delete_is_no_success(aws: Connection, rival: Client, faults: Faults) -> None:
    faults["lambda.DeleteFunction"] = ["garble"] * 4
    with pytest.raises(AwsError, match="still there"):
        pruned(aws, 5)
    assert len(numbers(rival)) == 7


def test_a_replicated_version_stays_and_the_rest_goes_on(aws: Connection, faults: Faults) -> None:
    text = (
        "Lambda was unable to delete arn:aws:lambda:us-east-1:1:function:hello:1 because it is a replicated function."
    )
    faults["lambda.DeleteFunction"] = [f"400 InvalidParameterValueException: {text}"]
    assert pruned(aws, 4).deleted == ("2", "3")


def test_a_naive_prune_would_end_at_the_first_version_that_an_alias_names(rival: Client) -> None:
    rival.create_alias(FunctionName="hello", Name="live", FunctionVersion="2")
    rival.delete_function(FunctionName="hello", Qualifier="1")  # the rollback window of 2
    with pytest.raises(rival.exceptions.ResourceConflictException):
        rival.delete_function(FunctionName="hello", Qualifier="2")


def test_what_cannot_be_pruned_is_refused(aws: Connection) -> None:
    with pytest.raises(NotFoundError):
        prune(PruneRequest(function="nothing", keep=1), aws)
    with pytest.raises(UsageError):
        prune(PruneRequest(function="hello:live", keep=1), aws)
    with pytest.raises(UsageError):
        prune(PruneRequest(function="hello", keep=-1), aws)
