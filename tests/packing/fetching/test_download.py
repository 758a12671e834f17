import email.utils
import time
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lambdapack.addresses import is_safe
from lambdapack.errors import CheckError, LambdapackError, LocalError, LockError, UsageError, WheelError
from lambdapack.packing.fetching import download as module
from lambdapack.packing.fetching import failures
from lambdapack.packing.fetching.connections import covers, is_direct, trust
from lambdapack.packing.fetching.credentials import Credentials, host
from lambdapack.packing.locks.selection import LockedWheel
from lambdapack.packing.wheelhouse.obtaining import Wheelhouse
from tests.packing.fetching.proxyserver import proxying
from tests.packing.wheelhouse.certificates import AUTHORITY
from tests.packing.wheelhouse.indexserver import (
    Answer,
    Index,
    Server,
    chunked,
    dripping,
    dropped_after,
    hanging,
    ignoring_ranges,
    locked_to,
    redirect,
    refuse,
    reset,
    sending,
    served_by,
    serving,
    whole,
)
from tests.packing.wheelhouse.stock import HASTY, Ledger, locked, obtained, wheel_bytes

WHEEL = wheel_bytes(1, 200_000)

CANARY = "s3cr3t-c4n4ry"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as served:
        yield served.server


@pytest.fixture
def index(server: Server) -> Iterator[Index]:
    with served_by(server) as index:
        yield index


def fetched(wheel: LockedWheel, *, ledger: Ledger | None = None, **changes: Any) -> bytes:  # noqa: ANN401 - any field
    house = Wheelhouse(**{"patience": HASTY, **changes})
    return obtained([wheel], house, ledger=ledger)[0].content.whole()


FAULTS: dict[str, list[Answer]] = {
    "a drop": [dropped_after(70_000)],
    "two drops": [dropped_after(70_000)] * 2,
    "a drop before the first byte": [dropped_after(0)],
    "a truncated body without a length": [dropped_after(70_000, length=False)],
    "a reset": [reset],
    "503 twice": [refuse(503), refuse(503)],
    "500": [refuse(500)],
    "429 with Retry-After": [refuse(429, Retry_After="0")],
    "503 with a date": [refuse(503, Retry_After=email.utils.formatdate(usegmt=True))],
    "503 with nonsense": [refuse(503, Retry_After="soon")],
    "408": [refuse(408)],
    "silence": [hanging],
    "silence after a drop": [dropped_after(70_000), hanging],
    "ranges that are ignored": [dropped_after(70_000), ignoring_ranges],
    "ranges that begin elsewhere": [
        dropped_after(70_000),
        sending(WHEEL[10:], 206, Content_Range=f"bytes 10-{len(WHEEL) - 1}/{len(WHEEL)}"),
    ],
    "ranges that do not say where": [dropped_after(70_000), sending(WHEEL[10:], 206)],
    "a part nobody asked for": [sending(WHEEL[10:], 206, Content_Range="bytes 10-19/20")],
    "ranges with other bytes": [
        dropped_after(70_000),
        sending(b"x" * 130_000, 206, Content_Range=f"bytes 70000-{len(WHEEL) - 1}/{len(WHEEL)}"),
    ],
    "ranges that cannot be satisfied": [dropped_after(70_000), refuse(416)],
    "a file that changed meanwhile": [dropped_after(70_000, etag='"v0"')],
    "a weak tag": [dropped_after(70_000, etag='W/"v1"')],
    "no length": [chunked],
}


@pytest.mark.parametrize(
    ("fault", "size"),
    # Without any length nobody can tell that there is more.
    [(fault, size) for fault in FAULTS for size in (200_000, None) if size or "without a length" not in fault],
)
def test_a_fault_that_passes_costs_nothing_but_time(index: Index, fault: str, size: int | None) -> None:
    ledger = Ledger()
    wheel = locked(WHEEL, url=index.add("demo.whl", WHEEL, *FAULTS[fault]), size=size)

    assert fetched(wheel, ledger=ledger) == WHEEL
    assert (ledger.totals, ledger.arrived) == ([size or 0], len(WHEEL))
    assert index.script["/demo.whl"] == []


def test_faults_are_felt_where_nothing_is_tried_again(index: Index) -> None:
    for fault, answers in FAULTS.items():
        if answers == [chunked] or "weak" in fault:
            continue
        wheel = locked(WHEEL, url=index.add("demo.whl", WHEEL, *answers))

        with pytest.raises(LambdapackError):
            fetched(wheel, patience=HASTY._replace(attempts=1, attempts_in_all=1))


def test_a_dropped_download_is_resumed_where_it_stopped(index: Index) -> None:
    url = index.add("demo.whl", WHEEL, dropped_after(70_000), refuse(503), whole)

    assert fetched(locked(WHEEL, url=url)) == WHEEL
    assert index.asked("Range") == [None, "bytes=70000-", "bytes=70000-"]
    assert index.asked("If-Range") == [None, '"v1"', '"v1"']


def test_a_dropped_download_goes_on_without_a_validator(index: Index) -> None:
    url = index.add("demo.whl", WHEEL, dropped_after(70_000, etag='W/"v1"'))

    assert fetched(locked(WHEEL, url=url)) == WHEEL
    assert index.asked("Range") == [None, "bytes=70000-"]
    assert index.asked("If-Range") == [None, None]


def test_wrong_parts_are_dropped_for_one_whole_answer(index: Index) -> None:
    url = index.add("demo.whl", WHEEL, *FAULTS["ranges with other bytes"])

    assert fetched(locked(WHEEL, url=url)) == WHEEL
    assert index.asked("Range") == [None, "bytes=70000-", None]


def test_progress_makes_patience_longer(index: Index) -> None:
    drops = [dropped_after(0)] * 3 + [dropped_after(70_000)] + [dropped_after(0)] * 2
    wheel = locked(WHEEL, url=index.add("demo.whl", WHEEL, *drops))

    assert fetched(wheel, patience=HASTY._replace(attempts=4)) == WHEEL


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (refuse(503), "it answers with the HTTP status 503"),
        (refuse(429, Retry_After="0"), "it answers with the HTTP status 429, come back in 0 s"),
        (hanging, "it does not answer in time"),
        (reset, "the connection broke"),
        (dropped_after(100), "the connection broke"),
        (dropped_after(100, length=False), "the connection ended early"),
    ],
)
def test_a_fault_that_stays_ends_the_run(index: Index, answer: Answer, reason: str) -> None:
    wheel = locked(WHEEL, url=index.add("demo.whl", WHEEL, *[answer] * 50))

    with pytest.raises(LocalError) as caught:
        fetched(wheel)

    assert caught.value.message == (f"cannot download demo-1.0-py3-none-any.whl from 127.0.0.1:{index.port}: {reason}")
    assert caught.value.exit_code == 6
    assert len(index.seen) <= 8


def test_a_server_that_asks_for_too_long_is_given_up(index: Index) -> None:
    wheel = locked(WHEEL, url=index.add("demo.whl", WHEEL, refuse(429, Retry_After="3600")))

    with pytest.raises(LocalError, match="come back in 3600 s"):
        fetched(wheel)

    assert len(index.seen) == 1


def test_a_server_that_drips_is_not_waited_for(index: Index) -> None:
    patience = HASTY._replace(attempts=2, window=0.1)
    wheel = locked(WHEEL, url=index.add("demo.whl", WHEEL, dripping, dripping, dripping))

    with pytest.raises(LocalError, match=r"only \d+ bytes came in 0 seconds"):
        fetched(wheel, patience=patience)


def test_a_server_that_is_not_there_is_named(index: Index) -> None:
    port = index.port
    wheel = locked(WHEEL, url=f"http://localhost:{port}/demo.whl")
    with serving() as gone:
        free = gone.port

    with pytest.raises(LocalError, match=f"from 127.0.0.1:{free}: it takes no connection"):
        fetched(wheel._replace(url=f"http://127.0.0.1:{free}/demo.whl"))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (sending(b"x" + WHEEL), "has 200,001 bytes, the lock says 200,000"),
        (sending(WHEEL[:-1]), "has 199,999 bytes, the lock says 200,000"),
        (sending(wheel_bytes(2, 200_000)), "the lock says sha256:"),
        (sending(b"<html>Log in</html>" + bytes(199_981)), "sent 200,000 bytes that are no zip at all"),
        (sending(b"<html>Log in</html>", Content_Type="text/html"), "has 19 bytes, the lock says 200,000"),
        (sending(b""), "has 0 bytes, the lock says 200,000"),
    ],
)
def test_other_bytes_are_refused_at_once(index: Index, answer: Answer, words: str) -> None:
    wheel = locked(WHEEL, url=index.add("demo.whl", WHEEL, answer, whole))

    with pytest.raises(WheelError, match=words) as caught:
        fetched(wheel)

    assert caught.value.exit_code == 4
    assert len(index.seen) == 1


def test_no_more_bytes_than_the_lock_says_are_taken(index: Index) -> None:
    ledger = Ledger()
    longer = WHEEL + bytes(5_000_000)

    with pytest.raises(WheelError, match="more than the 200,000 bytes that the lock says"):
        fetched(locked(WHEEL, url=index.add("demo.whl", longer, chunked)), ledger=ledger)

    assert ledger.arrived <= len(WHEEL)


def test_a_wheel_that_no_package_has_room_for_is_not_asked_for(index: Index) -> None:
    wheel = locked(WHEEL, url=index.add("demo.whl", WHEEL), size=262_144_001)

    with pytest.raises(CheckError, match=r"has 262,144,001 bytes, and a package may have 262,144,000 unzipped"):
        fetched(wheel)

    assert index.seen == []


def test_a_wheel_of_unknown_size_ends_where_no_package_has_room(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "UNZIPPED_LIMIT", 199_999)
    wheel = locked(WHEEL, url=index.add("demo.whl", WHEEL), size=None)

    with pytest.raises(CheckError, match="has more bytes, and a package may have"):
        fetched(wheel)


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (401, "give credentials for 127.0.0.1:{port} in ~/.netrc (machine, login, password), or in the lock's URL"),
        (403, "check the credentials for 127.0.0.1:{port} in ~/.netrc or in the lock's URL"),
        (404, "the file is not there any more: lock again, or name a folder that has it with --wheels"),
        (410, "lock again, or name a folder that has the wheel with --wheels"),
        (204, "lock again, or name a folder that has the wheel with --wheels"),
        (304, "lock again, or name a folder that has the wheel with --wheels"),
    ],
)
def test_a_refusal_is_final_and_named(index: Index, status: int, hint: str) -> None:
    url = index.add("demo.whl", WHEEL, refuse(status)).replace("//", f"//user:{CANARY}@") + f"?token={CANARY}"

    with pytest.raises(LockError) as caught:
        fetched(locked(WHEEL, url=url))

    assert caught.value.message == (
        f"127.0.0.1:{index.port} does not hand out demo-1.0-py3-none-any.whl (demo 1.0): HTTP status {status}"
    )
    assert caught.value.hint == hint.format(port=index.port)
    assert caught.value.details["status"] == status
    assert len(index.seen) == 1


def test_redirects_are_followed(index: Index) -> None:
    there = index.add("there.whl", WHEEL)
    again = index.add("again.whl", b"", redirect("/there.whl", 308))
    wheel = locked(WHEEL, url=index.add("demo.whl", b"", redirect(again, 301)))

    assert fetched(wheel) == WHEEL
    assert [request.path for request in index.seen] == ["/demo.whl", "/again.whl", "/there.whl"]
    assert there.endswith("/there.whl")


def test_a_resumed_download_is_redirected_once_more(index: Index) -> None:
    index.add("there.whl", WHEEL, dropped_after(70_000))
    wheel = locked(WHEEL, url=index.add("demo.whl", b"", redirect("/there.whl"), redirect("/there.whl")))

    assert fetched(wheel) == WHEEL
    assert index.asked("Range") == [None, None, "bytes=70000-", "bytes=70000-"]


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("/demo.whl", "sends us on more than 10 times"),
        ("http://packages.example/demo.whl", "sends us on to an address that is not https"),
        ("ftp://127.0.0.1/demo.whl", "sends us on to an address that is not https"),
        ("file:///etc/passwd", "sends us on to an address that is not https"),
        ("http://[::1", "sends us on to an address that is not https"),
        ("https://", "sends us on to an address that is not https"),
    ],
)
def test_a_redirect_that_leads_astray_is_not_followed(index: Index, to: str, words: str) -> None:
    wheel = locked(WHEEL, url=index.add("demo.whl", b"", *[redirect(to)] * 20))

    with pytest.raises(LockError, match=words):
        fetched(wheel)

    assert len(index.seen) <= 10


def netrc(directory: Path, text: str) -> Mapping[str, str]:
    (directory / "netrc").write_text(text)
    (directory / "netrc").chmod(0o600)
    return {"NETRC": str(directory / "netrc")}


def test_credentials_come_from_the_url(index: Index) -> None:
    url = index.add("demo.whl", WHEEL, locked_to("us er", "p@ss:w/rd"))
    url = url.replace("//", "//us%20er:p%40ss%3Aw%2Frd@")

    assert fetched(locked(WHEEL, url=url)) == WHEEL


def test_credentials_come_from_netrc(index: Index, tmp_path: Path) -> None:
    environ = netrc(
        tmp_path, f"machine packages.example login no password no\nmachine 127.0.0.1 login me password {CANARY}\n"
    )
    wheel = locked(WHEEL, url=index.add("demo.whl", WHEEL, locked_to("me", CANARY)))

    assert fetched(wheel, environ=environ) == WHEEL


def test_netrc_is_found_at_home(index: Index, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login me password {CANARY}\n")
    wheel = locked(WHEEL, url=index.add("demo.whl", WHEEL, locked_to("me", CANARY)))

    assert fetched(wheel, environ={"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}) == WHEEL


def test_the_url_is_stronger_than_netrc_which_knows_its_users_password(index: Index, tmp_path: Path) -> None:
    environ = netrc(tmp_path, "machine 127.0.0.1 login me password mine\n")
    mine = index.add("mine.whl", WHEEL, locked_to("me", "mine")).replace("//", "//me@")
    other = index.add("other.whl", WHEEL, locked_to("you", "yours")).replace("//", "//you:yours@")
    token = index.add("token.whl", WHEEL, locked_to("token", "")).replace("//", "//token@")

    for url in (mine, other, token):
        assert fetched(locked(WHEEL, url=url), environ=environ) == WHEEL


@pytest.mark.parametrize("text", [f"machine 127.0.0.1 login me {CANARY}", f"{CANARY}", "machine"])
def test_a_broken_netrc_is_told_without_its_words(index: Index, tmp_path: Path, text: str) -> None:
    ledger = Ledger()
    wheel = locked(WHEEL, url=index.add("demo.whl", WHEEL))

    assert fetched(wheel, ledger=ledger, environ=netrc(tmp_path, text)) == WHEEL
    assert len(ledger.told) == 1
    assert ledger.told[0].startswith(f"{tmp_path / 'netrc'} is not used: it cannot be understood, line ")
    assert CANARY not in ledger.told[0]


def test_a_netrc_that_is_no_text_is_told(index: Index, tmp_path: Path) -> None:
    (tmp_path / "netrc").mkdir()
    ledger = Ledger()
    wheel = locked(WHEEL, url=index.add("demo.whl", WHEEL))

    assert fetched(wheel, ledger=ledger, environ={"NETRC": str(tmp_path / "netrc")}) == WHEEL
    assert "is not used" in ledger.told[0]


def test_credentials_stay_with_their_server(index: Index) -> None:
    with serving() as other:
        here = index.add("demo.whl", b"", redirect("/moved.whl"))
        index.add("moved.whl", b"", redirect(other.add("demo.whl", WHEEL)))
        wheel = locked(WHEEL, url=here.replace("//", f"//user:{CANARY}@"))

        assert fetched(wheel) == WHEEL
        assert [value is not None for value in index.asked("Authorization")] == [True, True]
        assert other.asked("Authorization") == [None]


def test_a_redirect_to_a_server_that_netrc_knows_gets_its_own_credentials(index: Index, tmp_path: Path) -> None:
    url = index.add("demo.whl", b"", redirect(f"http://localhost:{index.port}/there.whl"))
    index.add("there.whl", WHEEL, locked_to("me", "mine"))
    environ = netrc(tmp_path, "machine localhost login me password mine\n")

    assert fetched(locked(WHEEL, url=url.replace("//", "//you:yours@")), environ=environ) == WHEEL


SPILLS: dict[str, list[Answer]] = {
    "a refusal": [refuse(403)],
    "a server that is down": [refuse(500)] * 50,
    "a reset": [reset] * 50,
    "silence": [hanging] * 50,
    "other bytes": [sending(wheel_bytes(2, 200_000))],
    "a loop": [redirect(f"/demo.whl?token={CANARY}")] * 50,
    "a bad redirect": [redirect(f"http://user:{CANARY}@packages.example/{CANARY}")],
    "a redirect that cannot be read": [redirect(f"http://user:{CANARY}@[::1/{CANARY}")],
}


@pytest.mark.parametrize("fault", SPILLS)
def test_no_error_shows_credentials(index: Index, tmp_path: Path, fault: str) -> None:
    ledger = Ledger()
    url = index.add("demo.whl", WHEEL, *SPILLS[fault]).replace("//", f"//user:{CANARY}@") + f"?token={CANARY}"
    environ = netrc(tmp_path, f"default login me password {CANARY}")

    with pytest.raises(LambdapackError) as caught:
        fetched(locked(WHEEL, url=url), ledger=ledger, environ=environ)

    error = caught.value
    shown = [error.message, error.hint, repr(error), str(error.details), *ledger.told]
    shown += traceback.format_exception(error)
    assert "127.0.0.1" in error.message
    assert CANARY not in "\n".join(shown)


def test_the_canary_is_seen_where_an_error_quotes_the_url(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "host", lambda url: url)
    monkeypatch.setattr("lambdapack.errors.mask", lambda text: text)
    url = index.add("demo.whl", WHEEL, refuse(403)) + f"?token={CANARY}"

    with pytest.raises(LockError, match=CANARY):
        fetched(locked(WHEEL, url=url))


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Index]:
    with serving(tls=tmp_path) as served:
        yield served


@pytest.fixture
def authority(tmp_path: Path) -> str:
    (tmp_path / "authority.pem").write_text(AUTHORITY)
    return str(tmp_path / "authority.pem")


def test_a_server_that_nobody_vouches_for_is_not_asked(secure: Index) -> None:
    wheel = locked(WHEEL, url=secure.add("demo.whl", WHEEL))

    with pytest.raises(LocalError, match=f"nobody that is trusted here vouches for 127.0.0.1:{secure.port}"):
        fetched(wheel)

    assert secure.seen == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_environment_names_who_is_trusted(secure: Index, authority: str, variable: str) -> None:
    wheel = locked(WHEEL, url=secure.add("demo.whl", WHEEL, dropped_after(70_000)))

    assert fetched(wheel, environ={variable: authority}) == WHEEL


def test_ssl_cert_file_names_who_is_trusted(secure: Index, authority: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", authority)  # OpenSSL's own; it reads the process's environment
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    wheel = locked(WHEEL, url=secure.add("demo.whl", WHEEL))

    assert fetched(wheel) == WHEEL


def trusted_authorities(environ: Mapping[str, str]) -> int:
    return trust(environ).cert_store_stats()["x509_ca"]


def test_a_system_without_certificates_trusts_those_of_botocore(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))  # what OpenSSL reads, and lambdapack is not told
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))

    assert trusted_authorities({}) > 50


def test_who_names_certificates_that_are_missing_trusts_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))

    assert trusted_authorities({"SSL_CERT_FILE": str(tmp_path / "missing.pem")}) == 0


def test_certificates_of_the_environment_stand_alone(authority: str) -> None:
    assert trusted_authorities({"REQUESTS_CA_BUNDLE": authority}) == 1


@pytest.mark.parametrize("content", [None, "no PEM"])
def test_certificates_that_cannot_be_read_are_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "bundle.pem"
    if content is not None:
        path.write_text(content)
    wheel = locked(WHEEL, url="https://packages.example/demo.whl")

    with pytest.raises(LocalError, match="which REQUESTS_CA_BUNDLE names"):
        fetched(wheel, environ={"REQUESTS_CA_BUNDLE": str(path)})


def test_no_redirect_leads_from_https_to_http(secure: Index, authority: str) -> None:
    wheel = locked(WHEEL, url=secure.add("demo.whl", WHEEL, redirect("http://packages.example/demo.whl")))

    with pytest.raises(LockError, match="not https"):
        fetched(wheel, environ={"REQUESTS_CA_BUNDLE": authority})


def test_a_proxy_is_gone_through_with_its_own_credentials(secure: Index, authority: str) -> None:
    secure.add("demo.whl", WHEEL, locked_to("user", CANARY))
    with proxying(secure.port) as proxy:
        wheel = locked(WHEEL, url=f"https://user:{CANARY}@packages.example/demo.whl")
        environ = {"REQUESTS_CA_BUNDLE": authority, "HTTPS_PROXY": f"http://me:pr%40xy@127.0.0.1:{proxy.port}"}

        assert fetched(wheel, environ=environ) == WHEEL
        assert proxy.asked == ["packages.example:443"]
        assert proxy.headers[0]["proxy-authorization"] == "Basic bWU6cHJAeHk="  # me:pr@xy
        assert "authorization" not in proxy.headers[0]
    assert secure.asked("proxy-authorization") == [None]


def test_this_machine_is_asked_through_no_proxy(index: Index) -> None:
    with proxying(index.port) as proxy:
        environ = {"HTTPS_PROXY": f"127.0.0.1:{proxy.port}", "http_proxy": f"127.0.0.1:{proxy.port}"}

        assert fetched(locked(WHEEL, url=index.add("demo.whl", WHEEL)), environ=environ) == WHEEL
        assert proxy.asked == []


def test_a_proxy_that_refuses_is_said_without_credentials(secure: Index, authority: str) -> None:
    with proxying(secure.port, refuses=True) as proxy:
        wheel = locked(WHEEL, url="https://packages.example/demo.whl")
        environ = {"REQUESTS_CA_BUNDLE": authority, "https_proxy": f"http://me:{CANARY}@127.0.0.1:{proxy.port}"}

        with pytest.raises(LocalError, match="the proxy does not let us through") as caught:
            fetched(wheel, environ=environ)

    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_an_unknown_kind_of_proxy_is_a_usage_error() -> None:
    environ = {"ALL_PROXY": f"socks5://me:{CANARY}@proxy.example:1080"}

    with pytest.raises(UsageError, match=r"proxy proxy\.example:1080 is of a kind that is not known") as caught:
        fetched(locked(WHEEL, url="https://packages.example/demo.whl"), environ=environ)

    assert CANARY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "proxy",
    [
        *(f"http://me:{CANARY}/x@127.0.0.1:1", f"me:{CANARY}#x@127.0.0.1:1", f"http://me:123?{CANARY}@127.0.0.1:1"),
        f"http://me:{CANARY}@pass/word@127.0.0.1:1",
    ],
)
def test_a_proxys_password_that_ends_its_host_is_a_usage_error(proxy: str) -> None:
    with pytest.raises(UsageError, match=r"^the proxy of the environment has a / \? or # before its host$") as caught:
        fetched(locked(WHEEL, url="https://packages.example/demo.whl"), environ={"HTTPS_PROXY": proxy})

    assert "percent-encode" in caught.value.hint


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://u:55123/x@127.0.0.1:1/foo.whl", "****"),
        ("https://u:p@ss/word@host/foo.whl", "****"),
        ("https://u:p@host:8443/foo.whl", "host:8443"),
        ("https://host/foo.whl", "host"),
        ("https://host", "host"),
        ("https://[::1", ""),
    ],
)
def test_of_a_url_the_host_is_shown_unless_it_may_be_a_password(url: str, expected: str) -> None:
    assert host(url) == expected


@pytest.mark.parametrize(
    ("entry", "name", "port", "expected"),
    [
        ("*", "packages.example", 443, True),
        ("packages.example", "packages.example", 443, True),
        ("example", "packages.example", 443, True),
        (".example", "packages.example", 443, True),
        ("*.example", "packages.example", 443, True),
        ("ages.example", "packages.example", 443, False),
        ("packages.example:443", "packages.example", 443, True),
        ("packages.example:8443", "packages.example", 443, False),
        ("10.0.0.0/8", "10.1.2.3", 443, True),
        ("10.0.0.0/8", "11.1.2.3", 443, False),
        ("10.1.2.3", "10.1.2.3", 443, True),
        ("", "packages.example", 443, False),
    ],
)
def test_no_proxy_names_hosts(entry: str, name: str, port: int, *, expected: bool) -> None:
    assert covers(entry, name, port) is expected


def test_no_proxy_is_a_list() -> None:
    url = "https://packages.example/demo.whl"

    assert is_direct(url, {"NO_PROXY": "localhost, packages.example"})
    assert is_direct(url, {"no_proxy": "*"})
    assert not is_direct(url, {"NO_PROXY": "other.example"})
    assert not is_direct(url, {})
    assert is_direct("http://127.0.0.1:80/", {})


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://packages.example/a.whl", True),
        ("http://127.0.0.1:8080/a.whl", True),
        ("http://[::1]/a.whl", True),
        ("http://localhost/a.whl", True),
        ("http://packages.example/a.whl", False),
        ("http://127.0.0.1.example/a.whl", False),
        ("http://localhost.example/a.whl", False),
        ("https:///a.whl", False),
        ("https://packages.example:0/a.whl", False),
        ("https://packages.example:99999/a.whl", False),
        ("ftp://127.0.0.1/a.whl", False),
        ("a.whl", False),
        ("", False),
    ],
)
def test_only_https_and_this_machine_are_asked(url: str, *, expected: bool) -> None:
    assert is_safe(url) is expected


def test_a_lock_that_names_http_is_refused() -> None:
    with pytest.raises(LockError, match="from an address that is not https"):
        fetched(locked(WHEEL, url=f"http://user:{CANARY}@packages.example/demo.whl"))


def test_a_wheel_that_is_to_be_had_nowhere_is_named() -> None:
    with pytest.raises(LockError, match=r"nowhere where demo-1\.0-py3-none-any\.whl may be had"):
        fetched(locked(WHEEL))


def test_credentials_have_no_representation(tmp_path: Path) -> None:
    credentials = Credentials(netrc(tmp_path, f"default login me password {CANARY}"), tell=print)

    assert CANARY not in repr(credentials)
    assert credentials.authorization("https://packages.example/") is not None


class Headers:
    status = 503

    def __init__(self, **headers: str) -> None:
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def header(self, name: str) -> str:
        return self._headers.get(name, "")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("120", 120.0), (" 7 ", 7.0), ("", None), ("-1", None), ("soon", None), ("9" * 400, 999_999_999.0)],
)
def test_retry_after_in_seconds(value: str, expected: float | None) -> None:
    assert failures.retry_after(Headers(Retry_After=value)) == expected


def test_retry_after_as_a_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 784_111_777.0)  # RFC 9110, section 5.6.7: the example's moment
    answer = Headers(Retry_After="Sun, 06 Nov 1994 08:50:37 GMT")

    assert failures.retry_after(answer) == 60.0


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Sun, 06 Nov 99999 08:49:37 GMT", None),
        ("Sun, 06 Nov 9999999999999999999999 08:49:37 GMT", None),
        ("Sun, 99 Nov 1994 99:99:99 +999999", 0.0),
        ("Sun, 06 Nov -1 08:49:37 GMT", None),
        ("9" * 5_000 + " Nov", 999_999_999.0),
        ("\u0662", 2.0),
    ],
)
def test_a_retry_after_that_no_calendar_has_is_a_time_that_can_be_waited_or_none(
    value: str, expected: float | None
) -> None:
    assert failures.retry_after(Headers(Retry_After=value)) == expected


def test_a_server_that_asks_for_years_is_told_in_few_words() -> None:
    answer = Headers(Retry_After="Mon, 01 Jan 2024 00:00:00 -9999999999999999")

    message = str(failures.refusal(answer, locked(b"x", url="https://host/x.whl"), "host"))

    assert message == "it answers with the HTTP status 503, come back another day"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("", None),
        ("-1", None),
        ("+7", None),
        ("7.0", None),
        ("9" * 5_000, None),
        ("\u0667", None),
    ],
)
def test_a_content_length_is_a_number_or_none(value: str, expected: int | None) -> None:
    assert failures.length_of(Headers(Content_Length=value)) == expected


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Length": "9" * 5_000},
        {"Content_Length": "-1"},
        {"Content_Encoding": "gzip"},
        {"Content_Encoding": "chunked, br"},
        {"ETag": '"' + "x" * 60_000},
        {"Last_Modified": "\xff"},
    ],
)
def test_headers_that_nobody_means_do_no_harm(index: Index, headers: Mapping[str, str]) -> None:
    wheel = locked(WHEEL, url=index.add("demo.whl", WHEEL, sending(WHEEL, 200, **headers)))

    assert fetched(wheel) == WHEEL


@pytest.mark.parametrize("length", ["9" * 5_000, "-1", "x", ""])
def test_a_redirect_with_an_odd_length_is_followed(index: Index, length: str) -> None:
    index.add("there.whl", WHEEL)
    wheel = locked(WHEEL, url=index.add("demo.whl", b"", refuse(302, Location="/there.whl", Content_Length=length)))

    assert fetched(wheel) == WHEEL


@pytest.mark.parametrize(
    "retry_after", ["Sun, 06 Nov 99999 08:49:37 GMT", "9" * 5_000, "Sun, 06 Nov 9999999999999999999999 08:49:37 GMT"]
)
def test_a_server_that_asks_for_longer_than_there_is_time_is_given_up(index: Index, retry_after: str) -> None:
    wheel = locked(WHEEL, url=index.add("demo.whl", WHEEL, *[refuse(503, Retry_After=retry_after)] * 50))

    with pytest.raises(LocalError, match="it answers with the HTTP status 503") as caught:
        fetched(wheel)

    assert caught.value.exit_code == 6


@pytest.mark.parametrize(
    "content",
    [
        "machine",
        "machine a login \0 password \0",
        "default",
        "machine a macdef b\n",
        'machine "',
        "\\" * 9,
        "#" * 70_000,
        "x" * 70_000,
    ],
)
def test_an_odd_netrc_is_told_or_used_and_is_no_bug(index: Index, tmp_path: Path, content: str) -> None:
    wheel = locked(WHEEL, url=index.add("demo.whl", WHEEL))

    assert fetched(wheel, environ=netrc(tmp_path, content)) == WHEEL


@pytest.mark.parametrize(
    "proxy", ["http://[::1", "http://:99999999", "::::", "http://%zz", "http://user:p@ss@/w@host:x"]
)
def test_a_proxy_that_is_no_address_is_a_usage_error_or_not_reached(proxy: str) -> None:
    with pytest.raises((UsageError, LocalError)) as caught:
        fetched(
            locked(WHEEL, url="https://packages.invalid/demo.whl"),
            environ={"HTTPS_PROXY": proxy},
            patience=HASTY._replace(attempts=1),
        )

    assert "p@ss" not in caught.value.message
    assert "ss@" not in caught.value.message


def test_certificates_that_are_a_directory_trust_nobody(
    secure: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    wheel = locked(WHEEL, url=secure.add("demo.whl", WHEEL))

    with pytest.raises(LocalError, match="nobody that is trusted here vouches"):
        fetched(wheel, environ={"SSL_CERT_FILE": str(tmp_path)})
