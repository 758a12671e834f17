"""Code signing as Lambda enforces it, layers beside functions, tags, and what the account has used."""

import io
import zipfile
from collections.abc import Callable

import pytest

from lambdapack.emulator.control.package import SIGNATURE
from tests.aliases import Client, Make
from tests.emulator.signatures import signature

PROFILE = "arn:aws:signer:eu-central-1:000000000000:/signing-profiles/ours/1"
ARN = "arn:aws:lambda:eu-central-1:000000000000:function:hello"


def signed(entries: dict[str, bytes], profile: str, *, content: str | None = None) -> bytes:
    """Return a package as AWS Signer would leave it: one more entry, which covers the others."""
    claim = signature(entries, profile, content=content)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in {**entries, SIGNATURE: claim.encode()}.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return stream.getvalue()


@pytest.fixture
def config(functions: Client) -> Callable[[str], str]:
    def config(policy: str) -> str:
        made = functions.create_code_signing_config(
            AllowedPublishers={"SigningProfileVersionArns": [PROFILE]},
            CodeSigningPolicies={"UntrustedArtifactOnDeployment": policy},
        )
        arn: str = made["CodeSigningConfig"]["CodeSigningConfigArn"]
        return arn

    return config


def verification_failed(signer: str) -> tuple[int, str, str]:
    text = (
        "Lambda cannot deploy the function. The function or layer might be signed using a signature that the client "
        f"is not configured to accept. Check the provided signature for {signer}."
    )
    return 400, "CodeVerificationFailedException", text


def test_enforce_refuses_unsigned_and_foreign_code_and_takes_ours(
    functions: Client, create: Make, config: Make, refused: Make, zipped: Make
) -> None:
    arn = config("Enforce")
    assert refused(create, CodeSigningConfigArn=arn) == verification_failed("unsigned")
    ours = signed({"app.py": b"1"}, PROFILE)
    made = create(CodeSigningConfigArn=arn, Code={"ZipFile": ours})
    assert made["SigningProfileVersionArn"] == PROFILE
    update = functions.update_function_code
    assert refused(update, FunctionName="hello", ZipFile=zipped()) == verification_failed("unsigned")
    assert refused(update, FunctionName="hello", ZipFile=zipped(), DryRun=True) == verification_failed("unsigned")
    foreign = PROFILE.replace("ours", "theirs")
    assert refused(update, FunctionName="hello", ZipFile=signed({"app.py": b"1"}, foreign)) == verification_failed(
        foreign
    )
    functions.delete_function_code_signing_config(FunctionName="hello")
    assert update(FunctionName="hello", ZipFile=zipped())["LastUpdateStatus"] == "InProgress"


def test_warn_lets_unsigned_code_through_but_never_a_broken_signature(
    functions: Client, create: Make, config: Make, refused: Make
) -> None:
    create()
    broken = signed({"app.py": b"1"}, PROFILE, content="0" * 64)
    assert refused(functions.update_function_code, FunctionName="hello", ZipFile=broken)[:2] == (
        400,
        "InvalidCodeSignatureException",
    )
    functions.put_function_code_signing_config(FunctionName="hello", CodeSigningConfigArn=config("Warn"))
    assert refused(functions.update_function_code, FunctionName="hello", ZipFile=broken)[:2] == (
        400,
        "InvalidCodeSignatureException",
    )
    foreign = signed({"app.py": b"1"}, "arn:aws:signer:eu-central-1:000000000000:/signing-profiles/theirs/1")
    assert functions.update_function_code(FunctionName="hello", ZipFile=foreign)["CodeSize"] == len(foreign)


def test_enforce_holds_for_layers_too(
    functions: Client, create: Make, config: Make, refused: Make, zipped: Make
) -> None:
    unsigned = functions.publish_layer_version(LayerName="plain", Content={"ZipFile": zipped()})["LayerVersionArn"]
    content = {"ZipFile": signed({"python/m.py": b"1"}, PROFILE)}
    trusted = functions.publish_layer_version(LayerName="trusted", Content=content)["LayerVersionArn"]
    create(CodeSigningConfigArn=config("Enforce"), Code={"ZipFile": signed({"app.py": b"1"}, PROFILE)})
    update = functions.update_function_configuration
    assert refused(update, FunctionName="hello", Layers=[unsigned]) == verification_failed("unsigned")
    layer = update(FunctionName="hello", Layers=[trusted])["Layers"][0]
    assert (layer["Arn"], layer["SigningProfileVersionArn"]) == (trusted, PROFILE)


def test_a_configuration_that_a_function_has_cannot_be_deleted(
    functions: Client, create: Make, config: Make, refused: Make
) -> None:
    arn = config("Warn")
    create(CodeSigningConfigArn=arn)
    assert refused(functions.delete_code_signing_config, CodeSigningConfigArn=arn)[:2] == (
        409,
        "ResourceConflictException",
    )
    functions.delete_function(FunctionName="hello")
    functions.delete_code_signing_config(CodeSigningConfigArn=arn)


def test_layers_are_listed_by_name_newest_version_first_and_by_what_they_fit(functions: Client, zipped: Make) -> None:
    for name, runtime in (("b", "python3.13"), ("a", "nodejs22.x"), ("a", "python3.13")):
        functions.publish_layer_version(LayerName=name, Content={"ZipFile": zipped()}, CompatibleRuntimes=[runtime])

    def newest(**filters: str) -> list[tuple[str, int]]:
        layers = functions.list_layers(**filters)["Layers"]
        return [(layer["LayerName"], layer["LatestMatchingVersion"]["Version"]) for layer in layers]

    assert newest() == [("a", 2), ("b", 1)]
    assert newest(CompatibleRuntime="nodejs22.x") == [("a", 1)]


def test_function_and_layers_together_must_stay_below_the_unzipped_limit(
    functions: Client, create: Make, refused: Make, zipped: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = functions.publish_layer_version(LayerName="a", Content={"ZipFile": zipped("x" * 600)})["LayerVersionArn"]
    monkeypatch.setattr("lambdapack.emulator.control.settings.LARGEST_UNZIPPED", 1000)
    limit = "Function code combined with layers exceeds the maximum allowed size of 1000 bytes."
    text = f"{limit} The actual size is 1000 bytes."
    package = {"ZipFile": zipped("x" * 400)}
    assert refused(create, Code=package, Layers=[layer]) == (400, "InvalidParameterValueException", text)
    assert create(Code={"ZipFile": zipped("x" * 399)}, Layers=[layer])["State"] == "Pending"


def test_tags_are_set_read_and_removed(functions: Client, create: Make, refused: Make) -> None:
    create(Tags={"a": "1"})
    functions.tag_resource(Resource=ARN, Tags={"b": "2", "c": "3"})
    functions.untag_resource(Resource=ARN, TagKeys=["a", "c", "never"])
    assert functions.list_tags(Resource=ARN)["Tags"] == {"b": "2"}
    assert functions.get_function(FunctionName="hello")["Tags"] == {"b": "2"}
    missing = (404, "ResourceNotFoundException", f"Function not found: {ARN}-not")
    assert refused(functions.list_tags, Resource=f"{ARN}-not") == missing
    too_many = refused(functions.tag_resource, Resource=ARN, Tags={str(number): "" for number in range(50)})
    assert too_many == (400, "InvalidParameterValueException", "Number of tags exceeds resource tag limit.")
    qualified = refused(functions.tag_resource, Resource=f"{ARN}:1", Tags={"a": "1"})
    assert qualified[:2] == (400, "InvalidParameterValueException")


def test_a_version_that_an_alias_names_or_weighs_is_not_deleted(
    functions: Client, create: Make, refused: Make, zipped: Make
) -> None:
    create()
    for number in range(3):
        functions.update_function_code(FunctionName="hello", ZipFile=zipped(str(number)), Publish=True)
    weights = {"AdditionalVersionWeights": {"2": 0.1}}
    functions.create_alias(FunctionName="hello", Name="live", FunctionVersion="1", RoutingConfig=weights)
    text = "Unable to delete version because the following aliases reference it: [live]"
    for version in ("1", "2"):
        answer = refused(functions.delete_function, FunctionName="hello", Qualifier=version)
        assert answer == (409, "ResourceConflictException", text)
    functions.delete_function(FunctionName="hello", Qualifier="3")
    numbers = [version["Version"] for version in functions.list_versions_by_function(FunctionName="hello")["Versions"]]
    assert numbers == ["$LATEST", "1", "2"]
    functions.update_function_code(FunctionName="hello", ZipFile=zipped("4"), Publish=True)
    assert functions.get_function(FunctionName="hello", Qualifier="4")["Configuration"]["Version"] == "4"


def test_a_snapshot_makes_a_published_version_pending_at_first(connect: Make, zipped: Make) -> None:
    slow = connect("lambda", settle=3600)
    fast = connect("lambda")
    fast.create_function(
        FunctionName="hello",
        Runtime="python3.13",
        Handler="app.handler",
        Role="arn:aws:iam::000000000000:role/emulator",
        Code={"ZipFile": zipped()},
        SnapStart={"ApplyOn": "PublishedVersions"},
    )
    pending = slow.publish_version(FunctionName="hello")
    assert (pending["State"], pending["SnapStart"]["OptimizationStatus"]) == ("Pending", "Off")
    fast.update_function_code(FunctionName="hello", ZipFile=zipped("2"))
    fast.publish_version(FunctionName="hello")
    ready = fast.get_function_configuration(FunctionName="hello", Qualifier="2")
    assert (ready["State"], ready["SnapStart"]["OptimizationStatus"]) == ("Active", "On")


def test_code_storage_that_is_full_takes_no_more(
    functions: Client, create: Make, refused: Make, zipped: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = (400, "CodeStorageExceededException", "Code storage limit exceeded.")
    data = zipped()
    monkeypatch.setattr("lambdapack.emulator.control.storage.CODE_STORAGE", 2 * len(data))
    create()
    functions.publish_version(FunctionName="hello")
    assert functions.update_function_code(FunctionName="hello", ZipFile=data)["CodeSize"] == len(data)
    assert refused(functions.publish_version, FunctionName="hello") == full
    assert refused(create, FunctionName="other") == full
    assert refused(functions.publish_layer_version, LayerName="layer", Content={"ZipFile": data}) == full
