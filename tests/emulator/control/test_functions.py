"""Creating, reading, updating and publishing functions, as a real boto3 client sees it."""

import base64
import hashlib
import os
import time
from pathlib import Path

import pytest

from lambdapack.emulator import hook
from lambdapack.emulator.control import package
from lambdapack.errors import NotFoundError
from tests.aliases import Client, Make

ARN = "arn:aws:lambda:eu-central-1:000000000000:function:hello"
STALE_TEXT = (
    "The Revision Id provided does not match the latest Revision Id. "
    "Call the GetFunction/GetAlias API to retrieve the latest Revision Id"
)
STALE = (412, "PreconditionFailedException", STALE_TEXT)


def code_sha256(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def test_create_answers_pending_and_the_next_read_active_under_another_revision(
    functions: Client, create: Make
) -> None:
    created = create()
    assert created["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert (created["State"], created["StateReasonCode"], created.get("LastUpdateStatus")) == (
        "Pending",
        "Creating",
        None,
    )
    read = functions.get_function(FunctionName="hello")["Configuration"]
    assert (read["State"], read.get("StateReason"), read["LastUpdateStatus"]) == ("Active", None, "Successful")
    assert read["RevisionId"] != created["RevisionId"]
    assert functions.get_function_configuration(FunctionName="hello")["RevisionId"] == read["RevisionId"]


def test_an_update_brings_a_revision_when_it_starts_and_another_when_it_is_done(
    functions: Client, create: Make, zipped: Make
) -> None:
    create()
    before = functions.get_function_configuration(FunctionName="hello")["RevisionId"]
    during = functions.update_function_code(FunctionName="hello", ZipFile=zipped())
    after = functions.get_function_configuration(FunctionName="hello")["RevisionId"]
    assert during["LastUpdateStatus"] == "InProgress"
    assert during["LastUpdateStatusReason"] == "The function is being created."
    assert len({before, during["RevisionId"], after}) == 3


def test_the_hash_is_the_sha256_of_the_zip_and_location_gives_its_bytes(
    functions: Client, create: Make, zipped: Make, directory: Path
) -> None:
    data = zipped("x = 1\n")
    answer = create(Code={"ZipFile": data})
    assert answer["CodeSha256"] == code_sha256(data)
    assert answer["CodeSize"] == len(data)
    location = functions.get_function(FunctionName="hello")["Code"]["Location"]
    assert hook.download(location, directory) == data


@pytest.mark.parametrize("url", ["https://example.com/x.zip", "https://emulator.invalid/_emulator/packages/../lock"])
def test_download_follows_no_foreign_address(url: str, directory: Path) -> None:
    with pytest.raises(NotFoundError):
        hook.download(url, directory)


def test_settle_keeps_creation_and_update_in_progress_and_both_answer_409(
    connect: Make, zipped: Make, refused: Make
) -> None:
    slow = connect("lambda", settle=0.3)
    slow.create_function(
        FunctionName="hello",
        Runtime="python3.13",
        Handler="app.handler",
        Role="arn:aws:iam::000000000000:role/emulator",
        Code={"ZipFile": zipped()},
    )
    assert slow.get_function(FunctionName="hello")["Configuration"]["State"] == "Pending"
    pending = (
        "The operation cannot be performed at this time. The function is currently in the following state: Pending"
    )
    assert refused(slow.publish_version, FunctionName="hello") == (409, "ResourceConflictException", pending)
    time.sleep(0.35)
    slow.update_function_code(FunctionName="hello", ZipFile=zipped("2"))
    assert slow.get_function(FunctionName="hello")["Configuration"]["LastUpdateStatus"] == "InProgress"
    busy = f"The operation cannot be performed at this time. An update is in progress for resource: {ARN}"
    for call in (slow.update_function_configuration, slow.publish_version):
        assert refused(call, FunctionName="hello") == (409, "ResourceConflictException", busy)
    time.sleep(0.35)
    assert slow.publish_version(FunctionName="hello")["Version"] == "1"


def test_the_clients_own_waiters_end(functions: Client, create: Make, zipped: Make) -> None:
    create()
    functions.get_waiter("function_active_v2").wait(FunctionName="hello")
    version = functions.update_function_code(FunctionName="hello", ZipFile=zipped("2"), Publish=True)["Version"]
    functions.get_waiter("function_updated_v2").wait(FunctionName="hello")
    functions.get_waiter("published_version_active").wait(FunctionName="hello", Qualifier=version)


def test_a_dry_run_answers_the_new_hash_and_changes_nothing(functions: Client, create: Make, zipped: Make) -> None:
    create()
    before = functions.get_function(FunctionName="hello")
    answer = functions.update_function_code(
        FunctionName="hello", ZipFile=zipped("2"), DryRun=True, Publish=True, Architectures=["arm64"]
    )
    assert (answer["CodeSha256"], answer["Architectures"]) == (code_sha256(zipped("2")), ["arm64"])
    assert answer["Version"] == "$LATEST"
    after = functions.get_function(FunctionName="hello")
    assert (after["Configuration"], after["Code"]) == (before["Configuration"], before["Code"])
    assert len(functions.list_versions_by_function(FunctionName="hello")["Versions"]) == 1


@pytest.mark.parametrize("dry", [False, True])
def test_a_dry_run_refuses_what_a_real_one_refuses(
    functions: Client, create: Make, refused: Make, zipped: Make, *, dry: bool
) -> None:
    create()
    not_a_zip = "Could not unzip uploaded file. Please check your file, then try to upload again."
    empty = "Uploaded file must be a non-empty zip"
    image = "Please don't provide ImageUri when updating a function with packageType Zip."
    uri = "000000000000.dkr.ecr.eu-central-1.amazonaws.com/hello:latest"
    bucket = (
        "Error occurred while GetObject. S3 Error Code: NoSuchBucket. "
        "S3 Error Message: The specified bucket does not exist"
    )
    invalid = 400, "InvalidParameterValueException"
    update = functions.update_function_code
    assert refused(update, FunctionName="hello", DryRun=dry, ZipFile=b"x") == (*invalid, not_a_zip)
    assert refused(update, FunctionName="hello", DryRun=dry, ZipFile=b"PK\5\6" + bytes(18)) == (*invalid, empty)
    assert refused(update, FunctionName="hello", DryRun=dry, ImageUri=uri) == (*invalid, image)
    assert refused(update, FunctionName="hello", DryRun=dry, S3Bucket="no-bucket", S3Key="k") == (*invalid, bucket)
    assert refused(update, FunctionName="hello", DryRun=dry, ZipFile=zipped(), RevisionId="stale") == STALE
    missing = (404, "ResourceNotFoundException", f"Function not found: {ARN}-not")
    assert refused(update, FunctionName="hello-not", DryRun=dry, ZipFile=zipped()) == missing
    nothing = (*invalid, "Please provide a source for function code.")
    assert refused(update, FunctionName="hello", DryRun=dry) == nothing


def test_a_zip_whose_content_is_corrupt_cannot_be_unzipped(create: Make, refused: Make, zipped: Make) -> None:
    broken = bytearray(zipped("content"))
    broken[40] ^= 1
    answer = refused(create, Code={"ZipFile": bytes(broken)})
    assert answer[2] == "Could not unzip uploaded file. Please check your file, then try to upload again."


def test_an_unzipped_size_of_the_limit_is_too_large_and_one_byte_less_is_not(
    create: Make, refused: Make, zipped: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The limit itself, 262144000, is played from the recordings; here its edge.
    monkeypatch.setattr(package, "LARGEST_UNZIPPED", 1000)
    too_large = (400, "InvalidParameterValueException", "Unzipped size must be smaller than 1000 bytes")
    assert refused(create, Code={"ZipFile": zipped("x" * 990, second="y" * 10)}) == too_large
    assert create(Code={"ZipFile": zipped("x" * 990, second="y" * 9)})["State"] == "Pending"


def test_an_inline_zip_at_the_limit_and_a_request_at_its_limit_answer_413(
    create: Make, refused: Make, zipped: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The limits themselves are played from the recordings; here their edges.
    data = zipped("x" * 1000)
    monkeypatch.setattr(package, "LARGEST_ZIP", len(data))
    zip_limit = (413, "RequestEntityTooLargeException", f"Zipped size must be smaller than {len(data)} bytes")
    assert refused(create, Code={"ZipFile": data}) == zip_limit
    monkeypatch.setattr(package, "LARGEST_REQUEST", 1000)
    request_limit = "Request must be smaller than 1000 bytes for the CreateFunction operation"
    assert refused(create, Code={"ZipFile": data}) == (413, "RequestEntityTooLargeException", request_limit)
    monkeypatch.setattr(package, "LARGEST_ZIP", len(data) + 1)
    monkeypatch.setattr(package, "LARGEST_REQUEST", 70_167_211)
    assert create(Code={"ZipFile": data})["CodeSize"] == len(data)


def test_a_stale_revision_is_refused_by_every_write_and_a_fresh_one_is_not(
    functions: Client, create: Make, refused: Make, zipped: Make
) -> None:
    stale = create()["RevisionId"]
    fresh = functions.get_function_configuration(FunctionName="hello")["RevisionId"]
    assert refused(functions.update_function_code, FunctionName="hello", ZipFile=zipped(), RevisionId=stale) == STALE
    assert refused(functions.update_function_configuration, FunctionName="hello", RevisionId=stale) == STALE
    assert refused(functions.publish_version, FunctionName="hello", RevisionId=stale) == STALE
    assert functions.publish_version(FunctionName="hello", RevisionId=fresh)["Version"] == "1"


def test_publishing_pins_the_hash_reuses_an_unchanged_version_and_moves_latest(
    functions: Client, create: Make, refused: Make, zipped: Make
) -> None:
    sha256 = create()["CodeSha256"]
    before = functions.get_function_configuration(FunctionName="hello")["RevisionId"]
    different = (
        f"CodeSHA256 (wrong) is different from current CodeSHA256 in $LATEST ({sha256}). "
        "Please try again with the CodeSHA256 in $LATEST."
    )
    assert refused(functions.publish_version, FunctionName="hello", CodeSha256="wrong") == (
        400,
        "InvalidParameterValueException",
        different,
    )
    first = functions.publish_version(FunctionName="hello", CodeSha256=sha256, Description="one")
    assert (first["Version"], first["FunctionArn"], first["State"]) == ("1", f"{ARN}:1", "Active")
    after = functions.get_function_configuration(FunctionName="hello")["RevisionId"]
    assert after != before
    again = functions.publish_version(FunctionName="hello", Description="ignored")
    assert again["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert (again["Version"], again["RevisionId"], again["Description"]) == ("1", first["RevisionId"], "one")
    functions.update_function_code(FunctionName="hello", ZipFile=zipped())
    assert functions.publish_version(FunctionName="hello")["Version"] == "2"


def test_update_with_publish_answers_the_pending_version(functions: Client, create: Make, zipped: Make) -> None:
    create()
    answer = functions.update_function_code(FunctionName="hello", ZipFile=zipped("2"), Publish=True)
    assert (answer["Version"], answer["FunctionArn"], answer["State"]) == ("1", f"{ARN}:1", "Pending")
    assert "LastUpdateStatus" not in answer
    read = functions.get_function(FunctionName="hello", Qualifier="1")["Configuration"]
    assert (read["State"], read["CodeSha256"]) == ("Active", code_sha256(zipped("2")))


def test_code_from_s3_is_that_of_the_version_named_and_survives_its_deletion(
    functions: Client, create: Make, objects: Client, zipped: Make, refused: Make
) -> None:
    first = objects.put_object(Bucket="emulator", Key="k.zip", Body=zipped("1"))["VersionId"]
    objects.put_object(Bucket="emulator", Key="k.zip", Body=zipped("2"))
    source = {"S3Bucket": "emulator", "S3Key": "k.zip"}
    assert create(Code=source)["CodeSha256"] == code_sha256(zipped("2"))
    update = functions.update_function_code
    assert update(FunctionName="hello", **source, S3ObjectVersion=first)["CodeSha256"] == code_sha256(zipped("1"))
    objects.delete_object(Bucket="emulator", Key="k.zip")
    gone = (
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."
    )
    assert refused(update, FunctionName="hello", **source) == (400, "InvalidParameterValueException", gone)
    assert functions.publish_version(FunctionName="hello")["CodeSha256"] == code_sha256(zipped("1"))


def test_an_image_function_has_the_digest_as_its_hash_and_takes_no_zip(
    functions: Client, create: Make, refused: Make, zipped: Make
) -> None:
    repository = "000000000000.dkr.ecr.eu-central-1.amazonaws.com/hello"
    digest = "ab" * 32
    image = create(Runtime=None, Handler=None, PackageType="Image", Code={"ImageUri": f"{repository}@sha256:{digest}"})
    assert (image["CodeSha256"], image["CodeSize"], image["PackageType"]) == (digest, 0, "Image")
    assert functions.get_function(FunctionName="hello")["Code"] == {
        "RepositoryType": "ECR",
        "ImageUri": f"{repository}@sha256:{digest}",
        "ResolvedImageUri": f"{repository}@sha256:{digest}",
    }
    text = "Please provide ImageUri when updating a function with packageType Image."
    update = functions.update_function_code
    assert refused(update, FunctionName="hello", ZipFile=zipped()) == (400, "InvalidParameterValueException", text)
    assert len(update(FunctionName="hello", ImageUri=f"{repository}:next")["CodeSha256"]) == 64
    assert functions.publish_version(FunctionName="hello")["Version"] == "1"


def test_a_role_that_nobody_made_cannot_be_assumed(create: Make, refused: Make) -> None:
    answer = refused(create, Role="arn:aws:iam::000000000000:role/nobody")
    text = "The role defined for the function cannot be assumed by Lambda."
    assert answer == (400, "InvalidParameterValueException", text)


def test_regions_are_separate(create: Make, connect: Make) -> None:
    create()
    assert connect("lambda", region="us-east-1").list_functions()["Functions"] == []


def test_environment_is_limited_to_4096_bytes_of_compact_json(create: Make, refused: Make) -> None:
    reserved = refused(create, Environment={"Variables": {"AWS_REGION": "x"}})[2]
    assert reserved is not None
    assert reserved.endswith("Reserved keys used in this request: AWS_REGION")
    over = refused(create, Environment={"Variables": {"KEY": "x" * 4087}})[2]
    assert over == (
        "Lambda was unable to configure your environment variables because the environment variables you have provided "
        'exceeded the 4KB limit. String measured: {"KEY":"' + "x" * 4087 + '"}'
    )
    assert create(Environment={"Variables": {"KEY": "x" * 4086}})["State"] == "Pending"


def test_nothing_of_an_environment_is_readable_by_others(create: Make, directory: Path) -> None:
    create(Environment={"Variables": {"SECRET": "canary"}})
    holders = [path for path in directory.rglob("*") if path.is_file() and b"canary" in path.read_bytes()]
    assert [path.name for path in holders] == ["state.json"]
    assert os.stat(holders[0]).st_mode & 0o077 == 0  # noqa: PTH116 - the mode is what is tested
    assert directory.stat().st_mode & 0o077 == 0


def test_listings_give_50_a_page_and_no_states(functions: Client, create: Make, zipped: Make) -> None:
    create()
    for number in range(51):
        functions.update_function_code(FunctionName="hello", ZipFile=zipped(str(number)), Publish=True)
    first = functions.list_versions_by_function(FunctionName="hello", MaxItems=10000)
    assert len(first["Versions"]) == 50
    assert not {"State", "LastUpdateStatus", "RuntimeVersionConfig"} & first["Versions"][0].keys()
    pages = functions.get_paginator("list_versions_by_function").paginate(FunctionName="hello")
    numbers = [version["Version"] for page in pages for version in page["Versions"]]
    assert numbers == ["$LATEST", *(str(number) for number in range(1, 52))]
    assert functions.list_functions()["Functions"][0]["FunctionArn"] == ARN
    everything = functions.list_functions(FunctionVersion="ALL")["Functions"]
    assert [each["FunctionArn"] for each in everything[:2]] == [f"{ARN}:$LATEST", f"{ARN}:1"]


def test_an_alias_has_its_own_revision_and_leads_to_its_version(functions: Client, create: Make, refused: Make) -> None:
    create()
    functions.publish_version(FunctionName="hello")
    alias = functions.create_alias(FunctionName="hello", Name="live", FunctionVersion="1")
    read = functions.get_function(FunctionName="hello", Qualifier="live")["Configuration"]
    assert (read["Version"], read["FunctionArn"]) == ("1", f"{ARN}:live")
    moved = functions.update_alias(
        FunctionName="hello", Name="live", FunctionVersion="$LATEST", RevisionId=alias["RevisionId"]
    )
    assert moved["RevisionId"] != alias["RevisionId"]
    again = refused(functions.update_alias, FunctionName="hello", Name="live", RevisionId=alias["RevisionId"])
    assert again == STALE
    functions.delete_alias(FunctionName="hello", Name="live")
    missing = (404, "ResourceNotFoundException", f"Cannot find alias arn: {ARN}:live")
    assert refused(functions.get_alias, FunctionName="hello", Name="live") == missing


def test_a_configuration_request_of_5120_bytes_is_too_large(functions: Client, create: Make, refused: Make) -> None:
    create()
    text = "Request must be smaller than 5120 bytes for the UpdateFunctionConfiguration operation"
    answer = refused(
        functions.update_function_configuration, FunctionName="hello", Environment={"Variables": {"KEY": "x" * 5200}}
    )
    assert answer == (413, "RequestEntityTooLargeException", text)
