from typing import Any

import pytest

from lambdapack.deploying.aws.reading import read_list
from lambdapack.deploying.aws.refusals import GarbledError
from lambdapack.deploying.function.aliases import read_aliases
from lambdapack.deploying.show import ListRequest, list_functions
from tests.deploying.sessions import FakeApi, session_of

Client = Any

ROLE = "arn:aws:iam::000000000000:role/emulator"


def test_every_page_is_followed_and_further_members_are_sent_with_each() -> None:
    pages: dict[object, dict[str, Any]] = {
        None: {"Aliases": [{"Name": "a"}, {"Name": "b"}], "NextMarker": "a"},
        "a": {"Aliases": [], "NextMarker": "b"},
        "b": {"Aliases": [{"Name": "c"}]},
    }
    asked: list[dict[str, object]] = []

    def lambda_api(_: object, /, **members: object) -> dict[str, Any]:
        asked.append(members)
        return pages[members.get("Marker")]

    found = read_list(FakeApi(lambda_api), "ListAliases", "Aliases", about="hello", FunctionName="hello")
    assert [alias["Name"] for alias in found] == ["a", "b", "c"]
    assert asked == [{"FunctionName": "hello"} | ({"Marker": mark} if mark else {}) for mark in (None, "a", "b")]


def test_a_list_that_leads_back_to_itself_ends() -> None:
    def lambda_api(*_: object, **__: object) -> dict[str, Any]:
        return {"Aliases": [1], "NextMarker": "again"}

    with pytest.raises(GarbledError, match="in a circle"):
        list(read_list(FakeApi(lambda_api), "ListAliases", "Aliases", about="hello"))


def test_more_than_a_page_of_functions_versions_and_aliases_is_read(
    aws: Any,  # noqa: ANN401 - as the fixtures have it
    rival: Client,
    hello: str,
) -> None:
    code = rival.get_function(FunctionName=hello)["Configuration"]["CodeSha256"]
    rival.publish_version(FunctionName=hello)
    for number in range(60):
        rival.create_alias(FunctionName=hello, Name=f"a{number:02}", FunctionVersion="1")
    assert len(read_aliases(session_of(aws))) == 60
    naive = rival.list_aliases(FunctionName=hello)["Aliases"]
    assert len(naive) == 50
    assert [(one.function, one.code_sha256) for one in list_functions(ListRequest(), aws)] == [("hello", code)]
