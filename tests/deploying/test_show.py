import json
from dataclasses import asdict
from typing import Any

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.show import (
    AliasShare,
    ListRequest,
    ShowRequest,
    VersionsRequest,
    function_view,
    list_functions,
    show,
    versions,
)
from lambdapack.errors import NotFoundError, UsageError

Client = Any

pytestmark = pytest.mark.usefixtures("hello")

CANARY = "c4n4ry-value"


def test_a_function_is_shown_without_the_values_of_its_environment(
    aws: Connection, rival: Client, first: Artifact
) -> None:
    variables = {"TOKEN": CANARY, "DEBUG": CANARY}
    rival.update_function_configuration(FunctionName="hello", Environment={"Variables": variables}, MemorySize=512)
    rival.get_function(FunctionName="hello")
    found = show(ShowRequest(function="hello"), aws)
    assert (found.version, found.code_sha256, found.memory) == ("$LATEST", first.code_sha256, 512)
    assert found.environment == ("DEBUG", "TOKEN")
    assert found.aws["EphemeralStorage"] == {"Size": 512}
    everything = json.dumps(asdict(found))
    assert CANARY not in everything
    assert "Location" not in everything
    naive = json.dumps(rival.get_function(FunctionName="hello")["Configuration"])
    assert CANARY in naive


def test_a_version_and_an_alias_are_function_view(aws: Connection, rival: Client) -> None:
    rival.publish_version(FunctionName="hello", Description="one")
    rival.create_alias(FunctionName="hello", Name="live", FunctionVersion="1")
    assert (
        show(ShowRequest(function="hello:1"), aws).version,
        show(ShowRequest(function="hello:live"), aws).version,
    ) == ("1", "1")
    assert show(ShowRequest(function="hello:live"), aws).description == "one"


@pytest.mark.parametrize(("function", "message"), [("hello:9", "has no version 9"), ("hello:x", "has no alias x")])
def test_a_qualifier_that_is_missing_is_named(aws: Connection, function: str, message: str) -> None:
    with pytest.raises(NotFoundError, match=message):
        show(ShowRequest(function=function), aws)
    with pytest.raises(NotFoundError, match="Function not found"):
        show(ShowRequest(function=f"nothing:{function[-1]}"), aws)


def test_an_error_of_the_environment_is_reported_and_unknown_members_are_not() -> None:
    configuration = {
        "FunctionName": "hello",
        "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:hello",
        "Version": "$LATEST",
        "CodeSha256": "x",
        "RevisionId": "r",
        "Environment": {"Error": {"ErrorCode": "AccessDeniedException", "Message": "no key"}},
        "NextYears": {"Secret": CANARY},
    }
    found = function_view(
        {"Configuration": configuration, "Code": {"Location": f"https://s3/?{CANARY}"}}, asked="hello"
    )
    assert (found.environment, found.environment_error) == ((), "no key (AccessDeniedException)")
    assert CANARY not in json.dumps(asdict(found))


def test_versions_are_listed_with_the_traffic_that_aliases_send_there(
    aws: Connection, rival: Client, second: Artifact
) -> None:
    rival.publish_version(FunctionName="hello", Description="one")
    rival.update_function_code(FunctionName="hello", ZipFile=second.read(), Publish=True)
    rival.get_function(FunctionName="hello")
    weights = {"AdditionalVersionWeights": {"2": 0.25}}
    rival.create_alias(FunctionName="hello", Name="live", FunctionVersion="1", RoutingConfig=weights)
    rival.create_alias(FunctionName="hello", Name="dev", FunctionVersion="$LATEST")
    found = versions(VersionsRequest(function="hello"), aws)
    assert [version.version for version in found] == ["$LATEST", "1", "2"]
    assert [version.aliases for version in found] == [
        (AliasShare(name="dev", weight=1.0),),
        (AliasShare(name="live", weight=0.75),),
        (AliasShare(name="live", weight=0.25),),
    ]
    assert (found[1].description, found[2].code_sha256) == ("one", second.code_sha256)


def test_functions_are_listed(aws: Connection) -> None:
    (found,) = list_functions(ListRequest(), aws)
    assert (found.function, found.runtime, found.package_type) == ("hello", "python3.13", "Zip")


def test_a_qualifier_where_there_can_be_none_is_refused(aws: Connection) -> None:
    with pytest.raises(UsageError):
        versions(VersionsRequest(function="hello:1"), aws)
