"""What the emulator refuses of layers beyond what is recorded: never kinder than AWS."""

from collections.abc import Callable

import pytest

from tests.aliases import Client, Make

HERE = "arn:aws:lambda:eu-central-1:000000000000:layer:base"


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"LicenseInfo": "x" * 513}, "'licenseInfo' failed to satisfy constraint: Member must have length less than"),
        ({"Description": "x" * 257}, "'description' failed to satisfy constraint: Member must have length less than"),
        (
            {"CompatibleArchitectures": ["x86_64", "arm64", "arm64"]},
            "Member must have length less than or equal to 2",
        ),
        ({"CompatibleRuntimes": ["python3.13"] * 16}, "Member must have length less than or equal to 15"),
    ],
)
def test_a_version_with_too_much_of_something_is_refused(
    functions: Client, refused: Make, zipped: Callable[..., bytes], members: dict[str, object], words: str
) -> None:
    found = refused(functions.publish_layer_version, LayerName="base", Content={"ZipFile": zipped()}, **members)

    assert found[:2] == (400, "ValidationException")
    assert words in found[2]
    assert functions.list_layer_versions(LayerName="base")["LayerVersions"] == []


def test_an_arn_names_a_layer_of_this_region_and_account_alone(
    functions: Client, refused: Make, zipped: Callable[..., bytes]
) -> None:
    content = {"ZipFile": zipped()}
    elsewhere = HERE.replace("eu-central-1", "eu-west-1")
    theirs = HERE.replace("000000000000", "111111111111")

    assert functions.publish_layer_version(LayerName=HERE, Content=content)["LayerVersionArn"] == f"{HERE}:1"
    assert refused(functions.publish_layer_version, LayerName=elsewhere, Content=content)[:2] == (
        404,
        "ResourceNotFoundException",
    )
    assert refused(functions.publish_layer_version, LayerName=theirs, Content=content)[:2] == (
        403,
        "AccessDeniedException",
    )
    assert [version["Version"] for version in functions.list_layer_versions(LayerName="base")["LayerVersions"]] == [1]


def test_a_page_of_layer_versions_has_fifty_at_most(functions: Client, refused: Make) -> None:
    assert refused(functions.list_layer_versions, LayerName="base", MaxItems=51)[:2] == (400, "ValidationException")
    assert functions.list_layer_versions(LayerName="base", MaxItems=50)["LayerVersions"] == []
