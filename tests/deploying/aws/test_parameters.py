from typing import Any

import pytest

from lambdapack.deploying.aws.api import Shape
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.aws.parameters import APPEARED, OPERATIONS, OWN, Parameters, check_parameters, sort_parameters
from lambdapack.errors import UsageError


class Older:
    """The connection's model as it was before botocore 1.43.106."""

    def __init__(self, aws: Connection) -> None:
        self._aws = aws
        self.client_version = "1.43.11"

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the connection has
        return getattr(self._aws, name)

    def request_shape(self, operation: Any) -> Any:  # noqa: ANN401 - as above
        return Without(self._aws.request_shape(operation), "S3ObjectStorageMode")


class Without:
    """A shape that lacks a member, however deep."""

    def __init__(self, shape: Shape, missing: str) -> None:
        self.type_name = shape.type_name
        self.members = {
            name: Without(inner, missing) if name == "Code" else inner
            for name, inner in shape.members.items()
            if name != missing
        }


def test_every_member_of_every_request_is_reachable(aws: Connection) -> None:
    """Each has a key or an option of its own, or is taken from the table ``aws``."""
    for operation in OPERATIONS:
        for name, shape in aws.request_shape(operation).members.items():
            if name not in OWN:
                check_parameters({name: example(shape)}, aws)


def example(shape: Shape) -> object:
    """Return a value of the form that a shape wants."""
    values: dict[str, object] = {"string": "x", "integer": 1, "boolean": True, "list": [], "map": {}}
    return values.get(shape.type_name, {})


def test_members_go_to_the_requests_that_take_them(aws: Connection) -> None:
    given = {
        "Tags": {"team": "a"},
        "VpcConfig": {"SubnetIds": ["subnet-1"]},
        "SourceKMSKeyArn": "arn",
        "PublishTo": "LATEST_PUBLISHED",
    }
    assert sort_parameters(given, aws) == Parameters(
        create={"Tags": given["Tags"], "VpcConfig": given["VpcConfig"], "PublishTo": given["PublishTo"]},
        create_code={"SourceKMSKeyArn": "arn"},
        configuration={"VpcConfig": given["VpcConfig"]},
        code={"SourceKMSKeyArn": "arn", "PublishTo": given["PublishTo"]},
        publish={"PublishTo": given["PublishTo"]},
    )


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        ({"VpcConfg": {}}, "knows no member VpcConfg of CreateFunction, Update", "did you mean VpcConfig"),
        ({"Qualifier": "1"}, "knows no member Qualifier", "correct its name"),
        ({"MemorySize": 128}, "MemorySize is nothing for the table aws", "write memory"),
        ({"Environment": {"Variables": {"A": "canary"}}}, "Environment is nothing for", "write environment"),
        ({"VpcConfig": {"SubnetIDs": []}}, "VpcConfig has no member SubnetIDs", "did you mean SubnetIds"),
        ({"VpcConfig": "canary"}, "VpcConfig must be a table", "API reference"),
        ({"VpcConfig": {"SubnetIds": "canary"}}, "VpcConfig.SubnetIds must be a list", "API reference"),
        ({"VpcConfig": {"SubnetIds": ["a", 1]}}, r"VpcConfig.SubnetIds\[1\] must be a string", "API reference"),
        ({"EphemeralStorage": {"Size": True}}, "EphemeralStorage.Size must be a whole number", "API reference"),
        ({"Tags": {"a": 1}}, "Tags.a must be a string", "API reference"),
    ],
)
def test_what_no_request_takes_is_refused_without_its_value(
    aws: Connection, given: dict[str, object], message: str, hint: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        sort_parameters(given, aws)
    assert hint in caught.value.hint
    assert caught.value.exit_code == 2
    assert "canary" not in caught.value.message + caught.value.hint


def test_a_member_that_is_too_new_names_the_version_that_has_it(aws: Connection) -> None:
    older: Any = Older(aws)
    with pytest.raises(
        UsageError, match=r"botocore 1\.43\.11 does not know S3ObjectStorageMode; botocore 1\.43\.106 do"
    ):
        sort_parameters({"S3ObjectStorageMode": "REFERENCE"}, older)


def test_every_younger_member_is_known_to_the_botocore_of_the_tests(aws: Connection) -> None:
    known = {
        name
        for operation in OPERATIONS
        for shape in [aws.request_shape(operation)]
        for name in [*shape.members, *(shape.members["Code"].members if "Code" in shape.members else ())]
    }
    assert APPEARED.keys() - known == set()
