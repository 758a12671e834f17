"""S3 as far as a push needs it: checksums, conditions, versions, as a real boto3 client sees them."""

import base64
import hashlib

import pytest

from lambdapack.emulator.s3.checksums import ALGORITHMS
from tests.aliases import Client, Make


def sha256(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def test_a_checksum_is_verified_stored_and_answered_on_request(objects: Client, refused: Make) -> None:
    wrong = refused(objects.put_object, Bucket="emulator", Key="k", Body=b"data", ChecksumSHA256=sha256(b"other"))
    assert wrong == (400, "BadDigest", "The SHA256 you specified did not match the calculated checksum.")
    assert refused(objects.head_object, Bucket="emulator", Key="k")[0] == 404
    put = objects.put_object(Bucket="emulator", Key="k", Body=b"data", ChecksumSHA256=sha256(b"data"))
    assert put["ChecksumSHA256"] == sha256(b"data")
    head = objects.head_object(Bucket="emulator", Key="k", ChecksumMode="ENABLED")
    assert (head["ChecksumSHA256"], head["ContentLength"]) == (sha256(b"data"), 4)
    assert head["VersionId"] == put["VersionId"]
    assert "ChecksumSHA256" not in objects.head_object(Bucket="emulator", Key="k")


def test_the_default_trailing_checksum_is_taken_out_of_the_body(objects: Client) -> None:
    put = objects.put_object(Bucket="emulator", Key="k", Body=b"123456789")
    assert put["ChecksumCRC32"] == "y/Q5Jg=="  # the check value that every catalogue of CRCs gives: 0xcbf43926
    assert objects.get_object(Bucket="emulator", Key="k")["Body"].read() == b"123456789"
    large = bytes(range(256)) * 20_000
    objects.put_object(Bucket="emulator", Key="large", Body=large)
    assert objects.get_object(Bucket="emulator", Key="large")["Body"].read() == large


def test_if_none_match_refuses_to_replace(objects: Client, refused: Make) -> None:
    objects.put_object(Bucket="emulator", Key="k", Body=b"1", IfNoneMatch="*")
    text = "At least one of the pre-conditions you specified did not hold"
    again = refused(objects.put_object, Bucket="emulator", Key="k", Body=b"2", IfNoneMatch="*")
    assert again == (412, "PreconditionFailed", text)
    assert objects.get_object(Bucket="emulator", Key="k")["Body"].read() == b"1"


def test_a_missing_bucket_or_key_is_refused_in_s3s_words(objects: Client, refused: Make) -> None:
    bucket = refused(objects.put_object, Bucket="no-bucket", Key="k", Body=b"")
    assert bucket == (404, "NoSuchBucket", "The specified bucket does not exist")
    key = refused(objects.get_object, Bucket="emulator", Key="k")
    assert key == (404, "NoSuchKey", "The specified key does not exist.")
    assert refused(objects.head_bucket, Bucket="no-bucket")[:2] == (404, "404")


def test_versions_are_kept_where_the_bucket_is_versioned(objects: Client, connect: Make) -> None:
    assert objects.get_bucket_versioning(Bucket="emulator")["Status"] == "Enabled"
    plain = connect("s3", region="us-east-1")
    plain.create_bucket(Bucket="plain")
    assert "Status" not in plain.get_bucket_versioning(Bucket="plain")
    assert "VersionId" not in plain.put_object(Bucket="plain", Key="k", Body=b"1")
    plain.put_bucket_versioning(Bucket="plain", VersioningConfiguration={"Status": "Enabled"})
    version = plain.put_object(Bucket="plain", Key="k", Body=b"2")["VersionId"]
    assert plain.get_object(Bucket="plain", Key="k", VersionId="null")["Body"].read() == b"1"
    marker = plain.delete_object(Bucket="plain", Key="k")
    assert marker["DeleteMarker"] is True
    assert plain.get_object(Bucket="plain", Key="k", VersionId=version)["Body"].read() == b"2"
    plain.delete_object(Bucket="plain", Key="k", VersionId=marker["VersionId"])
    assert plain.get_object(Bucket="plain", Key="k")["Body"].read() == b"2"


def test_a_bucket_of_another_region_is_not_read(connect: Make, create: Make, refused: Make) -> None:
    connect("s3", region="us-east-1").create_bucket(Bucket="far-away")
    text = (
        "Error occurred while GetObject. S3 Error Code: PermanentRedirect. S3 Error Message: "
        "The bucket is in this region: us-east-1. Please use this region to retry the request"
    )
    answer = refused(create, Code={"S3Bucket": "far-away", "S3Key": "k"})
    assert answer == (400, "InvalidParameterValueException", text)


@pytest.mark.parametrize(
    ("algorithm", "value"),
    [
        ("crc32", "cbf43926"),
        ("crc32c", "e3069283"),
        ("crc64nvme", "ae8b14860a799888"),
        ("sha1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
    ],
)
def test_every_algorithm_gives_the_check_value_of_the_catalogues(algorithm: str, value: str) -> None:
    assert ALGORITHMS[algorithm](b"123456789").hex() == value


def test_a_crc64_is_verified_and_kept(objects: Client, refused: Make) -> None:
    put = {"Bucket": "emulator", "Key": "k", "Body": b"123456789"}
    assert refused(objects.put_object, **put, ChecksumCRC64NVME="AAAAAAAAAAA=")[:2] == (400, "BadDigest")
    assert refused(objects.put_object, **put, ChecksumCRC64NVME="AAAA")[:2] == (400, "InvalidRequest")
    objects.put_object(**put, ChecksumCRC64NVME="rosUhgp5mIg=")
    head = objects.head_object(Bucket="emulator", Key="k", ChecksumMode="ENABLED")
    assert head["ChecksumCRC64NVME"] == "rosUhgp5mIg="


def test_an_object_that_is_known_already_is_not_sent_again(objects: Client, refused: Make) -> None:
    etag = objects.put_object(Bucket="emulator", Key="k", Body=b"1")["ETag"]
    assert refused(objects.get_object, Bucket="emulator", Key="k", IfNoneMatch=etag)[0] == 304


@pytest.mark.parametrize("key", ["plain", "with space", "a/b/c.zip", "ümlaut+&?=#%.zip", "../up"])
def test_any_key_comes_back(key: str, objects: Client) -> None:
    objects.put_object(Bucket="emulator", Key=key, Body=b"data")
    assert objects.get_object(Bucket="emulator", Key=key)["Body"].read() == b"data"
    assert [each["Key"] for each in objects.list_objects_v2(Bucket="emulator")["Contents"]] == [key]
