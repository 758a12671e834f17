import pytest

from lambdapack.deploying.function.names import FunctionName, check_alias_name, function_name
from lambdapack.errors import UsageError

ARN = "arn:aws:lambda:us-east-1:000000000000:function:hello"


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("hello", "hello"),
        (ARN, ARN),
        (f"{ARN}:$LATEST", ARN),
        ("hello:$LATEST", "hello"),
        ("000000000000:function:hello", "000000000000:function:hello"),
        ("000000000000:hello", "000000000000:hello"),
        ("function:hello", "function:hello"),
        ("us-east-1:000000000000:function:hello", "us-east-1:000000000000:function:hello"),
    ],
)
def test_names_arns_and_partial_arns_name_a_function(given: str, sent: str) -> None:
    assert function_name(given, region="us-east-1") == FunctionName(given=sent, name="hello")


@pytest.mark.parametrize(
    ("given", "region"),
    [
        ("arn:aws-cn:lambda:cn-north-1:000000000000:function:hello", "cn-north-1"),
        ("arn:aws-us-gov:lambda:us-gov-west-1:000000000000:function:hello", "us-gov-west-1"),
        ("arn:aws-iso-b:lambda:us-isob-east-1:000000000000:function:hello", "us-isob-east-1"),
        ("arn:aws-eusc:lambda:eusc-de-east-1:000000000000:function:hello", "eusc-de-east-1"),
    ],
)
def test_every_partition_is_known(given: str, region: str) -> None:
    assert function_name(given, region=region).name == "hello"


@pytest.mark.parametrize("name", ["with.dot", "_", "-", "a" * 64, "arn", "function"])
def test_nothing_is_refused_that_the_service_takes(name: str) -> None:
    assert function_name(name, region="us-east-1").name == name


def test_an_incomplete_arn_is_a_name_as_it_is_for_the_service() -> None:
    given = "arn:aws:lambda:us-east-1:000000000000:function"
    assert function_name(given, region="us-east-1").name == "function"


@pytest.mark.parametrize(
    "given",
    [
        "",
        "*",
        "a/b",
        "my-function!",
        "héllo",
        "hello\n",
        "a" * 65,
        "a" * 200,
        "invalid-account:function:hello",
        "arn:aws:lambda:invalid-region:000000000000:function:hello",
        "arn:aws:ec2:us-east-1:000000000000:instance:i-1234567890abcdef0",
        "arn:aws:lambda::000000000000:function:hello",
        "arn:aws:lambda:us-east-1::function:hello",
        f"{ARN}:1:2",
        f"{ARN}:$LATES",
        "function:hello:$LATEST:extra",
    ],
)
def test_what_no_function_is_called_is_refused(given: str) -> None:
    with pytest.raises(UsageError) as caught:
        function_name(given, region="us-east-1")
    assert len(caught.value.message) < 200


def test_another_region_is_refused_with_the_way_there() -> None:
    with pytest.raises(UsageError, match="is in us-east-1, but requests would go to eu-west-1") as caught:
        function_name(ARN, region="eu-west-1")
    assert caught.value.hint.startswith("add --region us-east-1")


@pytest.mark.parametrize("qualifier", ["1", "live", "$LATEST.PUBLISHED"])
def test_versions_and_aliases_cannot_be_changed(qualifier: str) -> None:
    with pytest.raises(UsageError, match="cannot be changed"):
        function_name(f"hello:{qualifier}", region="us-east-1")


@pytest.mark.parametrize("alias", ["live", "v1", "1a", "a" * 128, "-", "_"])
def test_aliases_are_named_as_the_service_allows(alias: str) -> None:
    check_alias_name(alias)


@pytest.mark.parametrize("alias", ["", "7", "2024", "a b", "$LATEST", "live\n", "a" * 129])
def test_other_names_of_aliases_are_refused(alias: str) -> None:
    with pytest.raises(UsageError, match="not an alias's name"):
        check_alias_name(alias)
