"""What a crafted wheel is, and what has to become of it."""

from dataclasses import dataclass
from typing import Literal

from tests.packing.wheels.handmade import FILENAME

Verdict = Literal["accept", "refuse", "limit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crafted:
    """One crafted wheel."""

    content: bytes
    expected: Verdict
    """Of looking into this wheel alone: ``refuse`` is exit 4, ``limit`` exit 5."""
    word: str = ""
    """What the message has to say, or the warning of a wheel that is accepted."""
    filename: str = FILENAME
    name: str = "demo"
    """By the lock."""
    version: str = "1.0"
    elsewhere: str = ""
    """Who refuses what looking into it accepts: ``bundle`` or ``lock``."""


def accepted(content: bytes, word: str = "", *, filename: str = FILENAME, elsewhere: str = "") -> Crafted:
    return Crafted(content=content, expected="accept", word=word, filename=filename, elsewhere=elsewhere)


def refused(content: bytes, word: str, *, filename: str = FILENAME) -> Crafted:
    return Crafted(content=content, expected="refuse", word=word, filename=filename)


def limited(content: bytes, word: str) -> Crafted:
    return Crafted(content=content, expected="limit", word=word)
