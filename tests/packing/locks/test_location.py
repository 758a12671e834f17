"""Which hashes, URLs and paths of a lock are used."""

import hashlib

import pytest

from lambdapack.errors import LockError
from lambdapack.packing.locks import location
from lambdapack.packing.locks.hashes import STRONG


def test_the_hashes_are_those_of_hashlib_with_256_bits_or_more() -> None:
    assert {name: len(hashlib.new(name, b"").hexdigest()) for name in STRONG} == STRONG
    long = {
        name
        for name in hashlib.algorithms_guaranteed
        if not name.startswith("shake") and hashlib.new(name).digest_size >= 32
    }
    assert STRONG.keys() == long


@pytest.mark.parametrize("algorithm", sorted(STRONG))
def test_every_strong_hash_is_enough(algorithm: str) -> None:
    digest = hashlib.new(algorithm, b"x").hexdigest()

    assert location.check_hashes({algorithm: digest.upper(), "md5": "?"}, what="x") == {algorithm: digest}


@pytest.mark.parametrize(
    ("hashes", "message"),
    [
        ({"md5": "0" * 32, "sha1": "0" * 40}, "x has no hash that proves it, only md5, sha1"),
        ({"sha224": "0" * 56}, "x has no hash that proves it, only sha224"),
        ({"SHA256": "0" * 64}, "x has no hash that proves it, only SHA256"),
        ({}, "x has no hash that proves it, only none"),
        ({"sha256": "0" * 63}, "x has a sha256 that is not 64 hexadecimal digits"),
        ({"sha256": "0" * 63 + "g"}, "x has a sha256 that is not 64 hexadecimal digits"),
        ({"sha256": "0" * 64, "sha512": "0" * 64}, "x has a sha512 that is not 128 hexadecimal digits"),
        ({"sha256": "\N{ARABIC-INDIC DIGIT ZERO}" * 64}, "x has a sha256 that is not 64 hexadecimal digits"),
        ({"sha256": "0x" + "0" * 62}, "x has a sha256 that is not 64 hexadecimal digits"),
    ],
)
def test_weak_and_malformed_hashes_are_refused(hashes: dict[str, str], message: str) -> None:
    with pytest.raises(LockError) as refusal:
        location.check_hashes(hashes, what="x")

    assert refusal.value.message == message


@pytest.mark.parametrize(
    "url",
    [
        *("https://files.pythonhosted.org/a.whl", "https://user:pass@[2001:db8::1]:8443/a.whl?x=1#y"),
        *("http://localhost/a.whl", "http://127.0.0.1:8080/a.whl", "http://[::1]/a.whl", "http://127.8.8.8/a.whl"),
        *("HTTPS://example.com/a.whl", "file:///a.whl", "file://localhost/a.whl"),
    ],
)
def test_https_loopback_and_files_are_urls(url: str) -> None:
    assert location.check_url(url, what="x").path == ("/a.whl")


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://example.com/a.whl",
            "http://127.0.0.1.example.com/a.whl",
            "http://0.0.0.0/a.whl",
            "http://10.0.0.1/a.whl",
        ),
        *("ftp://example.com/a.whl", "file://server/share/a.whl", "https:///a.whl", "https:a.whl", "/a.whl", "a.whl"),
        *("javascript:0", "https://[::1/a.whl", "https://example.com:port/a.whl", "https://example.com:99999/a.whl"),
        *(
            "https://exa mple.com/a.whl",
            "https://example.com/a\n.whl",
            "https://example.com/\x1b",
            "http://localhost.x/",
        ),
        *("http://user:s3cret@example.com/a.whl", "http://localhost@example.com/"),
    ],
)
def test_every_other_url_is_refused_and_never_shown(url: str) -> None:
    with pytest.raises(LockError) as refusal:
        location.check_url(url, what="a.whl")

    assert refusal.value.message == "a.whl has a URL that is not https"


def test_users_and_queries_may_be_credentials() -> None:
    assert not location.holds_credentials("https://example.com/a@b.whl")
    assert location.holds_credentials("https://token@example.com/a.whl")
    assert location.holds_credentials("https://example.com/a.whl?X-Amz-Signature=0")


def test_a_path_of_another_system_is_refused() -> None:
    assert location.check_path("wheels/a.whl", directory="", what="x") == "wheels/a.whl"
    assert location.check_path("wheels/a.whl", directory="locks", what="x") == "locks/wheels/a.whl"
    assert location.check_path("/wheels/a.whl", directory="locks", what="x") == "/wheels/a.whl"
    for path in ("C:\\wheels\\a.whl", "wheels\\a.whl", "a\0.whl"):
        with pytest.raises(LockError, match="a path of another operating system"):
            location.check_path(path, directory="", what="x")


@pytest.mark.parametrize(
    "url", ["https://u:CANARY/x@host/a.whl", "https://u:CANARY?x@host/a.whl", "https://u:1CANARY#x@host/a.whl"]
)
def test_a_password_that_ends_the_host_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(LockError) as refusal:
        location.check_url(url, what="x")

    assert refusal.value.message == "x has a URL with a / ? or # in its password"
    assert "percent-encode" in refusal.value.hint


@pytest.mark.parametrize(
    "url",
    [
        *("https://host/pkg@1.0/a.whl", "https://host:8443/@scope/a.whl", "https://host/a.whl?user=me@host"),
        *("https://user:pass@host/pkg@1.0/a.whl", "https://[2001:db8::1]/pkg@1.0/a.whl", "https://host:/a@b.whl"),
        "https://[2001:db8::1]:8443/pkg@1.0/a.whl",
    ],
)
def test_an_at_sign_elsewhere_is_honest(url: str) -> None:
    assert location.check_url(url, what="x").scheme == "https"
