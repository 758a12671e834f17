"""No index is waited for longer than ``Patience`` says, whatever trickles: every attempt ends or brings enough."""

import os
import socket
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from lambdapack.errors import LocalError
from lambdapack.packing.fetching import credentials
from lambdapack.packing.fetching.patience import Patience
from lambdapack.packing.wheelhouse.obtaining import Wheelhouse
from tests.packing.wheelhouse.indexserver import Handler, serving
from tests.packing.wheelhouse.stock import HASTY, Ledger, locked, obtained, wheel_bytes
from tests.trickling import HANDSHAKE, TRICKLES, trickling

WHEEL = wheel_bytes(1, 200_000)

SHORT = HASTY._replace(attempts=2, window=0.15)
"""Two attempts of 0.15 seconds, whose sockets time out after 0.3 seconds without a byte."""

LONGEST = 10.0
"""Seconds that two such attempts take at most on a machine that has other things to do; a trickle would take months."""


def fetched(url: str, patience: Patience = SHORT, environ: Mapping[str, str] | None = None) -> bytes:
    house = Wheelhouse(patience=patience, environ=environ or {})
    return obtained([locked(WHEEL, url=url)], house)[0].content.whole()


def refusal_of(url: str, **changes: Mapping[str, str]) -> str:
    began = time.monotonic()
    with pytest.raises(LocalError) as caught:
        fetched(url, **changes)  # type: ignore[arg-type] # environ alone
    assert time.monotonic() - began < LONGEST
    assert caught.value.exit_code == 6
    return caught.value.message.rpartition(": ")[2]


@pytest.mark.parametrize("where", TRICKLES)
def test_an_index_that_trickles_is_left_in_time(where: str) -> None:
    with trickling(*TRICKLES[where]) as port:
        reason = refusal_of(f"http://127.0.0.1:{port}/demo.whl")

    brings = where in ("body", "body without length", "chunk", "chunks")
    assert reason.endswith("bytes came in 0 seconds") if brings else reason == "it does not answer in time"


def test_a_handshake_that_trickles_is_left_in_time() -> None:
    with trickling(*HANDSHAKE) as port:
        assert refusal_of(f"https://127.0.0.1:{port}/demo.whl") == "it does not answer in time"


def test_a_proxy_that_trickles_is_left_in_time() -> None:
    with trickling(*TRICKLES["status line"]) as port:
        environ = {"HTTPS_PROXY": f"http://127.0.0.1:{port}"}

        assert refusal_of("https://packages.example/demo.whl", environ=environ) == "it does not answer in time"


def test_a_resolver_that_says_nothing_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait())

    assert refusal_of("https://packages.example/demo.whl") == "it does not answer in time"
    released.set()


def test_without_the_window_a_trickle_is_waited_for() -> None:
    """The control: a socket's own timeout, here 0.3 seconds, ends none of it."""
    ended = threading.Event()

    def wait() -> None:
        with pytest.raises(LocalError):
            fetched(f"http://127.0.0.1:{port}/demo.whl", SHORT._replace(attempts=1, window=1.5))
        ended.set()

    with trickling(*TRICKLES["header"]) as port:
        threading.Thread(target=wait, daemon=True).start()
        assert not ended.wait(1.0)
        assert ended.wait(LONGEST)


def steadily(handler: Handler, content: bytes) -> None:
    """Answer at 160 KB a second."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    for start in range(0, len(content), 8_000):
        handler.wfile.write(content[start : start + 8_000])
        time.sleep(0.05)


def test_a_large_wheel_at_an_honest_pace_is_not_cut() -> None:
    """1.25 seconds, of which each 0.3 bring 48 KB or, beside others, some less."""
    with serving() as index:
        url = index.add("demo.whl", WHEEL, steadily)

        assert fetched(url, SHORT._replace(attempts=1, window=0.3, window_bytes=2_000)) == WHEEL
        assert len(index.seen) == 1


def test_what_is_left_behind_brings_nothing_more() -> None:
    """An answer that comes after its attempt was given up counts for no later one."""
    late = threading.Event()

    def slow(handler: Handler, content: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(b"y" * 1000)
        for _ in range(8):
            time.sleep(0.1)
            handler.wfile.write(b"y" * 1000)
        late.set()

    def second(handler: Handler, content: bytes) -> None:
        late.wait(5)
        handler.send(200, content)

    with serving() as index:
        ledger = Ledger()
        url = index.add("demo.whl", WHEEL, slow, second)
        house = Wheelhouse(patience=HASTY._replace(window=0.5, read_timeout=5.0, attempts=9), environ={})

        assert obtained([locked(WHEEL, url=url)], house, ledger=ledger)[0].content.whole() == WHEEL
    assert ledger.arrived == len(WHEEL)


def test_a_netrc_that_nobody_writes_to_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"{tmp_path}/netrc"
    os.mkfifo(path)
    monkeypatch.setattr("lambdapack.waiting.SETTINGS_TIME", 0.1)
    told: list[str] = []

    assert credentials.Credentials({"NETRC": path}, tell=told.append).authorization("https://packages.example") is None
    assert told == [f"{path} is not used: it could not be read within 0.1 s"]
