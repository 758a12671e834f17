"""A file of TOML in its author's words: the lines on which its keys stand, and keys too deep to be honest.

``tomllib`` keeps no lines, which messages need, and its time grows with the square of the number of a key's parts.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lambdapack.errors import UsageError

_MOST_PARTS = 64
"""Parts of a dotted key, ``a.b.c = 1``, or of a table's name; no lock and no configuration has a tenth of them."""

_PART = rb"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""

_DEEP_KEY = re.compile(rb"(?m)(?:^|[\[{,])[ \t]*+(?:%b){%d}" % (_PART, _MOST_PARTS))


def has_deep_key(content: bytes) -> bool:
    """Return whether a document of TOML has more than ``_MOST_PARTS`` where a key or a table's name stands."""
    return _DEEP_KEY.search(content) is not None


def check_keys(text: str, *, path: str) -> None:
    """Raise ``UsageError`` where the TOML in the file at ``path`` has such a key."""
    if has_deep_key(text.encode("utf-8", "surrogatepass")):
        raise UsageError(f"{path}: it has a key, or a name, of more than {_MOST_PARTS} parts", hint="correct the TOML")


class Document(NamedTuple):
    """A TOML file with the lines that messages need."""

    path: Path
    text: str
    table: str
    """The table that holds the configuration; empty where it is the whole file."""

    def complaint(self, message: str, *, hint: str, key: str | None = None, table: str = "") -> UsageError:
        """Return the error for ``key`` of ``table``, with its line."""
        place = str(self.path) if key is None else self.place(f"{table}.{key}")
        return UsageError(f"{place}: {message}", hint=hint)

    def place(self, *keys: str) -> str:
        """Return file and line of the first of the dotted ``keys`` that has one, else of the nearest table around."""
        wanted = [_split(key) for key in keys]
        around = [wanted[0][:length] for length in range(len(wanted[0]) - 1, 0, -1)]
        lines = list(self._lines())
        for key in (*wanted, *around):
            for number, found in lines:
                if found[: len(key)] == key:
                    return f"{self.path}:{number}"
        return str(self.path)

    def _lines(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the number of each line that opens a table or gives a key, and its dotted name; tomllib keeps none."""
        table: list[str] = []
        for number, line in enumerate(self.text.splitlines(), start=1):
            if header := re.match(r"\s*\[+([^\[\]]+)\]", line):
                table = _split(header[1])
                yield number, table
            elif assignment := re.match(r"\s*+([^=#\[\]{}]++)=", line):
                yield number, table + _split(assignment[1])


def _split(key: str) -> list[str]:
    """Return the parts of a dotted key, without quotes."""
    return [part.strip().strip("\"'") for part in key.split(".") if part.strip()]
