"""Keys of TOML that are deeper than any honest one: tomllib takes the square of the number of their parts."""

import re

from lambdapack.errors import UsageError

MOST_PARTS = 64
"""Parts of a dotted key, ``a.b.c = 1``, or of a table's name; no lock and no configuration has a tenth of them."""

_PART = rb"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""

_DEEP_KEY = re.compile(rb"(?m)(?:^|[\[{,])[ \t]*+(?:%b){%d}" % (_PART, MOST_PARTS))


def has_deep_key(content: bytes) -> bool:
    """Return whether a document of TOML has more than ``MOST_PARTS`` where a key or a table's name stands."""
    return _DEEP_KEY.search(content) is not None


def check_keys(text: str, *, path: str) -> None:
    """Raise ``UsageError`` where the TOML in the file at ``path`` has such a key."""
    if has_deep_key(text.encode("utf-8", "surrogatepass")):
        raise UsageError(f"{path}: it has a key, or a name, of more than {MOST_PARTS} parts", hint="correct the TOML")
