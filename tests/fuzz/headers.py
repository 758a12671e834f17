"""An index whose answers have one thing wrong in their status line, headers or framing; see ``answers``."""

import contextlib
import hashlib
import random
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from lambdapack.packing.fetching.patience import Patience
from lambdapack.packing.wheelhouse.obtaining import Wheelhouse
from tests.faults.test_secrets import CANARIES
from tests.fuzz.answers import Verdict, complaints_of, in_process
from tests.fuzz.mutations import VALUES
from tests.listening import listening
from tests.wheelmaker import write_wheel

HASTY = Patience(
    attempts=2, attempts_in_all=4, pause=0.001, longest_pause=0.01, read_timeout=0.1, window=0.4, window_bytes=1
)

SECRET = CANARIES["secret key"]
"""One of the canaries that ``complaints_of`` looks for."""

LINES = (
    *(
        "HTTP/1.1 200 OK",
        "HTTP/1.0 200 OK",
        "HTTP/9.9 200 OK",
        "HTTP/1.1 200",
        "HTTP/1.1",
        "",
        "200 OK",
        "HTTP/1.1 999 Odd",
    ),
    *(
        "HTTP/1.1 0 Odd",
        "HTTP/1.1 -1 Odd",
        "HTTP/1.1 x Odd",
        "HTTP/1.1 99999999999 Odd",
        "HTTP/1.1 204 No",
        "HTTP/1.1 304 No",
    ),
    *(
        "HTTP/1.1 206 Part",
        "HTTP/1.1 416 No",
        "HTTP/1.1 404 No",
        "HTTP/1.1 503 Busy",
        "HTTP/1.1 429 Slow",
        "HTTP/1.1 302 There",
    ),
    *(
        "HTTP/1.1 301 There",
        "HTTP/1.1 308 There",
        "HTTP/1.1 401 Who",
        "HTTP/1.1 407 Who",
        "HTTP/1.1 100 Continue",
        "\x16\x03\x01",
    ),
    *("HTTP/1.1 200 " + "x" * 70_000, "SSH-2.0-OpenSSH_9.6", "HTTP/1.1 503 \xff\xfe", "HTTP/1.1 \u0662\u0660\u0660 OK"),
)

NAMES = (
    *(
        "Content-Length",
        "Content-Range",
        "Content-Encoding",
        "Transfer-Encoding",
        "ETag",
        "Last-Modified",
        "Retry-After",
    ),
    *(
        "Location",
        "Connection",
        "Content-Type",
        "Date",
        "Trailer",
        "Set-Cookie",
        "X",
        "",
        " Y",
        "Accept-Ranges",
        "Z\x00",
    ),
)

FURTHER = (
    *(
        "bytes 0-1/2",
        "bytes */0",
        "bytes -5--1/7",
        "bytes " + "9" * 5_000 + "-1/2",
        "bytes 0-" + "9" * 5_000,
        "bytes x-y/z",
    ),
    *(
        "br",
        "deflate",
        "gzip, chunked",
        "identity, x",
        "chunked, chunked",
        'W/"',
        '"' + "x" * 9_000 + '"',
        "5, 5",
        "5, 6",
        "0005",
        "+5",
    ),
    *(
        "Sun, 06 Nov -1 08:49:37 GMT",
        "Sun, 99 Nov 1994 99:99:99 +9999",
        "Thu, 32 Foo 99999999999999999999 00:00:00",
        "1e9",
    ),
    *(
        f"https://user:{SECRET}@127.0.0.1:1/",
        f"//user:{SECRET}@[::1/",
        "/demo?X-Amz-Signature=x",
        "\tx\r\n y",
        "http://127.0.0.1:{port}/demo",
    ),
    *(
        "//127.0.0.1:99999/x",
        "https://" + "a" * 300 + ".example/",
        "http://127.0.0.1:{port}/" + "%ff" * 50,
        "\u2028",
        "data:,x",
        "?",
    ),
)

FRAMES: tuple[bytes, ...] = (
    *(
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"x\r\n",
        b"fffffffffffffffffffff\r\n",
        b"5;" + b"x" * 70_000 + b"\r\nhello\r\n",
        b"\r\n",
        b"0\r\n" + b"a: b\r\n" * 500,
    ),
    *(
        b"5\r\nhelloXX0\r\n\r\n",
        b"9" * 5_000 + b"\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b" 5 \r\nhello\r\n0\r\n\r\n",
        b"5\nhello\n0\n\n",
        b"",
    ),
)


def answer(choice: random.Random, content: bytes, port: int) -> tuple[bytes, str]:
    """Return what goes over the wire for one request, and what is wrong with it."""
    line = "HTTP/1.1 200 OK"
    headers = [
        ("Content-Length", str(len(content))),
        ("ETag", '"v1"'),
        ("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
    ]
    body = content
    words = []
    for _ in range(choice.choice((1, 1, 2))):
        match choice.randrange(8):
            case 0 | 1:
                line = choice.choice(LINES)
                words.append(line[:40])
            case 2:
                headers = [*headers[1:], ("Transfer-Encoding", "chunked")]
                body = choice.choice(FRAMES)
                words.append(f"chunks {body[:30]!r}")
            case 3:
                body = choice.choice((content[: len(content) // 2], content + b"x", b"", b"x" * len(content)))
                words.append(f"{len(body)} bytes of {len(content)}")
            case _:
                name = choice.choice(NAMES)
                value = choice.choice((*VALUES, *FURTHER)).replace("{port}", str(port))
                if choice.random() < 0.5:
                    headers = [entry for entry in headers if entry[0] != name]
                if name in ("Location", "Retry-After", "Content-Range"):
                    line = {"Location": "HTTP/1.1 302 There", "Retry-After": "HTTP/1.1 503 Busy"}.get(
                        name, "HTTP/1.1 206 Part"
                    )
                headers.insert(choice.randrange(len(headers) + 1), (name, value))
                words.append(f"{name}: {value[:40]!r}")
    head = "".join(f"{text}\r\n" for text in (line, *(f"{name}: {value}" for name, value in headers)))
    return head.encode("utf-8", "surrogateescape") + b"\r\n" + body, " and ".join(words)


@contextlib.contextmanager
def index(reply: Callable[[], bytes]) -> Iterator[int]:
    """Answer each request, one a connection, and yield the port."""

    def serve(connection: socket.socket) -> None:
        connection.settimeout(2)
        if connection.recv(65536):
            connection.sendall(reply())

    with listening(serve) as port:
        yield port


def verdicts(seeds: range) -> Iterator[Verdict]:
    """Yield what came of a locked build for each seed, whose index misbehaves so."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        directory = Path(name)
        wheel = write_wheel(directory, {"demo/__init__.py": b"x = 1\n"})
        content = wheel.read_bytes()
        wheel.unlink()
        current: list[Callable[[], bytes]] = []
        port = stack.enter_context(index(lambda: current[-1]()))  # noqa: PLW0108 - the latest at that time
        (directory / "pylock.toml").write_text(
            'lock-version = "1.0"\ncreated-by = "fuzz"\n[[packages]]\nname = "demo"\nversion = "1.0"\n'
            f'[[packages.wheels]]\nurl = "http://user:{SECRET.replace("/", "%2F")}@127.0.0.1:{port}/{wheel.name}"\n'
            f'size = {len(content)}\nhashes = {{sha256 = "{hashlib.sha256(content).hexdigest()}"}}\n'
        )
        (directory / "src").mkdir()
        (directory / "src" / "app.py").write_text("import demo\n")
        stack.enter_context(contextlib.chdir(directory))
        defaults: Any = Wheelhouse.__new__.__defaults__
        stack.enter_context(mock.patch.object(Wheelhouse.__new__, "__defaults__", (*defaults[:-1], HASTY)))
        environment = {"HOME": name, "LAMBDAPACK_CACHE_DIR": str(directory / "cache")}
        stack.enter_context(mock.patch.dict("os.environ", environment))
        command = "build src -o out.zip --lock pylock.toml --runtime python3.13 --architecture arm64 --no-cache --json"
        for seed in seeds:
            choice = random.Random(seed)  # noqa: S311 - the same each time
            said: list[str] = []

            def reply(choice: random.Random = choice, said: list[str] = said) -> bytes:
                found, words = answer(choice, content, port)
                said.append(words)
                return found

            current.append(reply)
            exit_code, stdout, stderr = in_process(command.split())
            complaints = [*complaints_of(stdout, stderr)]
            if exit_code not in (0, 4, 6):
                complaints.append(f"exit {exit_code} is not the index's")
            yield Verdict(
                what=f"seed {seed}: {' | '.join(said)}",
                exit_code=exit_code,
                stdout=stdout,
                stderr=stderr,
                complaints=tuple(complaints),
            )
