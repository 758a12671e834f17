"""What uv says when it makes no lock, in one sentence and without credentials.

uv masks what it takes for user and password. Where a password holds ``@``, ``/`` or ``#``, it takes the end of it for
the host, and shows that; so what the input and the environment have in their addresses is known here, and looked for.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from lambdapack.masking import MASK, SCHEME, SECRET, mask

WORDS_SHOWN = 600
"""Characters of what uv says about a failure."""

SHORTEST_SECRET = 4
"""Characters of a password that are masked wherever they stand; shorter ones are words of other words."""

DECORATION = re.compile("^(?:(?:error|cause|Caused by):|[\u00d7\u2570\u2500\u25b6\u2502]+)\\s*")
"""What uv begins a line of its errors with, in words or as a drawing."""


def secrets_in(source: Path, environ: Mapping[str, str]) -> list[str]:
    """Return what uv's words may not show, the longest first: what the input and the environment have as passwords."""
    texts = [value for value in environ.values() if "@" in value]
    with suppress(OSError):
        texts.append(source.read_text("utf-8", "replace"))
    found = {value for name, value in environ.items() if re.fullmatch(SECRET, name)}
    found |= {quote(value, safe="") for value in found}
    for text in texts:
        found.update(_pieces(text))
    return sorted(found, key=len, reverse=True)


def _pieces(text: str) -> Iterator[str]:
    """Yield the passwords of a text's addresses, and as what else a reader may take their ends, each after its mark."""
    for word in text.split():
        begin = re.search(SCHEME, word)
        user = word[begin.end() if begin else 0 :].rpartition("@")[0]
        _, colon, password = user.partition(":")
        if not colon:
            continue
        yield password
        for position in (match.start() for match in re.finditer("@", password)):
            rest = password[position:]
            for end in (len(rest), *(match.start() for match in re.finditer("[/#?:]", rest))):
                if end > 1:
                    yield rest[:end]
                    yield f"://{rest[1:end]}"


def complaint(stderr: str, *, secrets: Iterable[str] = ()) -> tuple[str, str]:
    """Return what uv said, and what it advises, each on one line and without credentials."""
    for secret in secrets:
        if secret.startswith(("@", "://")):
            stderr = stderr.replace(secret, f"{secret[: 1 if secret[0] == '@' else 3]}{MASK}")
        elif len(secret) >= SHORTEST_SECRET:
            stderr = stderr.replace(secret, MASK)
    stderr = mask(stderr)
    said: list[str] = []
    advised: list[str] = []
    part: list[str] = []
    for line in stderr.splitlines():
        text = line.strip()
        if text.startswith("hint:"):
            part = advised
            part.append(text.removeprefix("hint:").strip())
        elif text.startswith("warning:"):
            part = []
        elif DECORATION.match(text):
            part = said
            part.append(DECORATION.sub("", text))
        elif text and part:
            # uv breaks its lines.
            part[-1] += f" {text}"
        elif text and not said:
            part = said
            part.append(text)
    return _shorten(": ".join(said)), _shorten(" ".join(advised))


def _shorten(text: str) -> str:
    half = WORDS_SHOWN // 2
    return text if len(text) <= WORDS_SHOWN else f"{text[:half]} … {text[-half:]}"
