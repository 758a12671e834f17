"""One thing wrong with an answer: a member of another type, a value that nobody means, other headers, another body."""

# ruff: noqa: E501 - odd values, many on a line

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

DEEP = 100_000

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 1.5, -0.0, 2**31, 2**63, 10**30, 1e308),
    *(
        "",
        "x",
        " ",
        "0",
        "\x00",
        "\ud800",
        "é" * 300,
        "\x1b[31m",
        "a\nb",
        "9" * 5_000,
        "1e999",
        "$LATEST",
        "../../x",
        "%s{}",
    ),
    *([], [None], [[]], ["x"], [{}], [1, 2], {}, {"x": 1}, {"": None}, {"message": ["x"]}),
    *("2026-11-27T00:00:00.000+0000", "Sun, 06 Nov 99999 08:49:37 GMT", "https://u:p@h/x", "arn:aws:lambda:::x"),
)

LITERALS = ("NaN", "-Infinity", "1e999", "1" * 5_000, "[" * 900 + "]" * 900, '{"a":' * 500 + "1" + "}" * 500)
"""What json.dumps would not write."""

BODIES = (
    *(
        b"",
        b" ",
        b"null",
        b"true",
        b"0",
        b"[]",
        b"{}",
        b'"x"',
        b"NaN",
        b"{",
        b"\xff\xfe",
        b"\x1f\x8b\x08\x00junk",
        b"\x00",
    ),
    *(
        b"<html><body>502 Bad Gateway</body></html>",
        b"<Error/>",
        b"<?xml version='1.0'?><a><a></a>",
        b"[" * DEEP,
        b"<a>" * 5_000,
    ),
    *(
        b'{"a":' * DEEP,
        b'{"__type": ["x"], "message": {"a": 1}}',
        b'{"__type": 5}',
        b'{"message": 7}',
        b'{"Error": []}',
    ),
    *(
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"\xef\xbb\xbf{}",
        b'{"Error": {"Code": {}, "Message": []}}',
        b"x" * 100_000,
    ),
)

STATUSES = (
    0,
    100,
    199,
    201,
    202,
    204,
    206,
    301,
    302,
    304,
    307,
    400,
    401,
    403,
    404,
    405,
    409,
    412,
    413,
    429,
    500,
    502,
    503,
    600,
    999,
)

HEADERS = (
    *(
        "Content-Length",
        "Content-Type",
        "Content-Encoding",
        "Transfer-Encoding",
        "Retry-After",
        "Location",
        "ETag",
        "Date",
    ),
    *("x-amzn-ErrorType", "x-amzn-RequestId", "x-amz-version-id", "x-amz-checksum-sha256", "x-amz-bucket-region"),
    *(
        "Last-Modified",
        "x-amz-request-id",
        "x-amzn-errortype",
        "x-amz-checksum-type",
        "x-amz-retry-after",
        "x-amz-id-2",
    ),
)

VALUES = (
    *(
        "",
        " ",
        "0",
        "-1",
        "1.5",
        "nan",
        "inf",
        "9" * 5_000,
        "x",
        "\xff\xfe",
        "gzip",
        "chunked",
        "null",
        "true",
        "a" * 70_000,
    ),
    *(
        "Sun, 06 Nov 99999 08:49:37 GMT",
        "99999-99-99T99:99:99Z",
        "https://u:p@h:99999/x",
        "http://[::1",
        "::",
        ":",
        "#",
        "a:b:c",
    ),
    *(
        "InternalError",
        "ThrottlingException",
        "ResourceNotFoundException:http://x",
        "ResourceConflictException",
        "é",
        "0x10",
    ),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it goes over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


def mutated(reply: Reply, choice: random.Random) -> tuple[Reply, str]:
    """Return the answer with one thing wrong, and what that is."""
    kinds: list[Callable[[Reply, random.Random], tuple[Reply, str]]] = [other_header, other_status, other_body]
    members = member_of_xml if reply.body.startswith(b"<") else member_of_json
    if reply.body[:1] in (b"<", b"{"):
        kinds = [members] * 7 + kinds
    return choice.choice(kinds)(reply, choice)


def other_header(reply: Reply, choice: random.Random) -> tuple[Reply, str]:
    """Give a header another value, or take it away."""
    name = choice.choice([*reply.headers, *HEADERS])
    if choice.random() < 0.2:
        return replace(reply, headers={key: value for key, value in reply.headers.items() if key != name}), f"no {name}"
    value = choice.choice(VALUES)
    return replace(reply, headers={**reply.headers, name: value}), f"{name}: {value[:40]!r}"


def other_status(reply: Reply, choice: random.Random) -> tuple[Reply, str]:
    """Give it another status."""
    status = choice.choice(STATUSES)
    return replace(reply, status=status), f"status {status}"


def other_body(reply: Reply, choice: random.Random) -> tuple[Reply, str]:
    """Give it another body, and perhaps another status."""
    body = choice.choice([*BODIES, reply.body[: len(reply.body) // 2], reply.body + b"x"])
    status = choice.choice([reply.status, reply.status, *STATUSES])
    return replace(reply, body=body, status=status), f"status {status}, body {body[:40]!r}"


def member_of_json(reply: Reply, choice: random.Random) -> tuple[Reply, str]:
    """Give one member, at any depth, another value."""
    document = json.loads(reply.body)
    places = list(members(document))
    if not places:
        return other_body(reply, choice)
    holder, key, path = choice.choice(places)
    mark = "@@literal@@"
    literal = choice.choice(LITERALS) if choice.random() < 0.1 else None
    if literal is None and choice.random() < 0.1:
        del holder[key]
        return replace(reply, body=json.dumps(document).encode()), f"no {path}"
    # Another member's value has the right type now and then. Texts that are secret are not moved to where they are shown.
    others = [other for place, name, _ in places if "canary" not in json.dumps(other := place[name])]
    value = choice.choice([*ODD, [holder[key]], {"x": holder[key]}, *[choice.choice(others)] * 10])
    holder[key] = mark if literal else value
    body = json.dumps(document).replace(f'"{mark}"', literal or "").encode()
    return replace(reply, body=body), f"{path} = {(literal or json.dumps(value))[:60]}"


def members(document: Any, path: str = "") -> Iterator[tuple[Any, Any, str]]:  # noqa: ANN401 - JSON
    """Yield every place in a document: what holds it, its key there, and its path."""
    entries = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in list(entries):
        yield document, key, f"{path}.{key}"
        yield from members(value, f"{path}.{key}")


def member_of_xml(reply: Reply, choice: random.Random) -> tuple[Reply, str]:
    """Give one element another text, another name, or no end."""
    texts = list(re.finditer(rb">([^<]*)<", reply.body))
    if not texts:
        return other_body(reply, choice)
    found = choice.choice(texts)
    value = choice.choice(
        [*(value for value in ODD if isinstance(value, str) and "\ud800" not in value), "<x/>", "<x>", "&x;", "&#0;"]
    )
    body = reply.body[: found.start(1)] + value.encode() + reply.body[found.end(1) :]
    return replace(reply, body=body), f"text {value[:40]!r} at {found.start(1)}"
