"""Nothing that lets somebody in is in a text that was masked."""

import random
import string
import time

import pytest

from lambdapack.errors import LocalError
from lambdapack.masking import mask


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://user:pass@host/simple", "https://****@host/simple"),
        ("see `https://user:p@ss@host/a` now", "see `https://****@host/a` now"),
        ("'https://user:p/ss@host/a' and", "'https://****@host/a' and"),
        ("https://user:p#s?s@host/a.", "https://****@host/a."),
        ("https://user:p@ss/w#rd@host", "https://****@host"),
        ("https://token@host https://other@host", "https://****@host https://****@host"),
        ("git+https://user:pass@host/x.git", "git+https://****@host/x.git"),
        ("HTTPS://USER:PASS@HOST", "HTTPS://****@HOST"),
        ("https%3A%2F%2Fuser%3Apass%40host", "https%3A%2F%2F****%40host"),
        ("https://host/a?token=abc&b=c", "https://host/a?****"),
        ("(https://host/a?X-Amz-Signature=abc).", "(https://host/a?****)."),
        ("X-Amz-Security-Token=abc+/=&X-Amz-Date=1", "X-Amz-Security-Token=****&X-Amz-Date=****"),
        ("?sv=1&sig=abc%3D", "?sv=1&sig=****"),
        ("UV_INDEX_SHOP_PASSWORD=abc", "UV_INDEX_SHOP_PASSWORD=****"),
        ("PIP_INDEX_URL=https://user:p@ss@host", "PIP_INDEX_URL=https://****@host"),
        ("user:pass@proxy:8080", "****@proxy:8080"),
        ("https://user:pass@[::1", "https://****@[::1"),
        # What is none of it stays.
        ("s3://bucket/team@prod/x.zip", "s3://bucket/team@prod/x.zip"),
        ("file:///home/me@work/x.whl", "file:///home/me@work/x.whl"),
        (
            "123.dkr.ecr.eu-west-1.amazonaws.com/shop:tag@sha256:abc",
            "123.dkr.ecr.eu-west-1.amazonaws.com/shop:tag@sha256:abc",
        ),
        (
            "arn:aws:lambda:us-east-1:123456789012:function:hello",
            "arn:aws:lambda:us-east-1:123456789012:function:hello",
        ),
        ("write --env KEY=VALUE, a @ b", "write --env KEY=VALUE, a @ b"),
        ("", ""),
    ],
)
def test_what_lets_somebody_in_is_masked(text: str, expected: str) -> None:
    assert mask(text) == expected


def test_no_password_is_left_whatever_it_is_made_of() -> None:
    choice = random.Random(9)  # noqa: S311 - the same each time
    alphabet = [letter for letter in string.printable if not letter.isspace()]
    for _ in range(5_000):
        password = "".join(choice.choices(alphabet, k=choice.randrange(1, 12)))
        text = f"a https://user:<{password}>@host/simple {choice.choice(['', 'b', '`'])}"

        assert f"<{password}>" not in mask(text)
        assert mask(text).startswith("a https://****@host/simple")


@pytest.mark.parametrize(
    "part", ["://a", "a@", "?://", "x-amz-", "_token", "sig=a&", "`", "a=token", "%3a%2f%2f", ":@"]
)
def test_a_long_text_takes_no_time(part: str) -> None:
    began = time.monotonic()
    mask(part * 100_000)
    mask(part * 100_000 + "=")

    assert time.monotonic() - began < 2.0


def test_every_error_masks_its_message() -> None:
    error = LocalError("cannot reach https://user:p@ss@host/", hint="HTTPS_PROXY=http://user:password@host:port")

    assert error.message == str(error) == "cannot reach https://****@host/"
    assert error.hint == "HTTPS_PROXY=http://user:password@host:port"


@pytest.mark.parametrize(
    "text",
    [
        "User: arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Dev_1a2b/jane@corp.com is not authorized",
        "cannot read src/password=1/x.py",
    ],
)
def test_a_principal_and_a_file_are_shown(text: str) -> None:
    assert mask(text) == text
