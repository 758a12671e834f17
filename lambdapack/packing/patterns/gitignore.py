r"""One line of an ignore file, read as git reads it.

What a pattern means is what git does with it, byte for byte: ``dir.c`` cuts the line up (``parse_path_pattern``) and
``wildmatch.c`` matches the rest (``dowild``). So a bracket never matches a slash, a backslash protects in brackets too,
and ``a**/b`` is read as ``a`` and then ``**/b``, because git compares what stands before the first special character by
itself.

A ``Glob`` says the same in tokens, each of which stands for one byte, or for any number of them. Nothing here matches:
``rules`` compares what is plain, ``automaton`` runs the rest.

Pure: text in, tokens out. A text has one character for each byte, because git compares bytes.
"""

import enum
from functools import lru_cache
from typing import NamedTuple, TypeAlias

LONGEST = 4096
"""Bytes of a pattern: no path is longer (Linux, limits.h, PATH_MAX)."""

SPECIAL = frozenset("*?[\\")
"""The characters that are no names' to git (git-compat-util.h, ``is_glob_special``)."""


class Wild(enum.Enum):
    """A token for any number of bytes."""

    WITHIN = "*"
    """Bytes of one part of a name."""
    ACROSS = "**"
    """Bytes of any parts of a name."""
    FOLDERS = "**/"
    """Whole parts with their slashes, or nothing."""


Token: TypeAlias = str | frozenset[str] | Wild
"""One byte, one of several bytes, or any number of them."""


class Glob(NamedTuple):
    """What a line says."""

    tokens: tuple[Token, ...]
    leaves_out: bool
    """False for a line with ``!``."""
    floating: bool
    """Whether it is asked about the last part of a name, not about the whole name."""
    folders_only: bool
    """Whether it matches directories and nothing else."""


class UnreadableError(Exception):
    """The line matches nothing in git; ``reason`` is the end of a sentence that begins with the pattern."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        self.reason = reason
        super().__init__(reason)


_MALFORMED = "cannot be parsed"

_LOWER = "abcdefghijklmnopqrstuvwxyz"
_UPPER = _LOWER.upper()
_DIGIT = "0123456789"
_PUNCTUATION = r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"""
_GRAPH = _LOWER + _UPPER + _DIGIT + _PUNCTUATION

CLASSES = {
    "alnum": _LOWER + _UPPER + _DIGIT,
    "alpha": _LOWER + _UPPER,
    "blank": " \t",
    "cntrl": "".join(map(chr, range(32))) + "\x7f",
    "digit": _DIGIT,
    "graph": _GRAPH,
    "lower": _LOWER,
    "print": _GRAPH + " ",
    "punct": _PUNCTUATION,
    "space": " \t\r\n",
    "upper": _UPPER,
    "xdigit": _DIGIT + "abcdefABCDEF",
}
"""POSIX character classes, which stand in brackets: ``[[:digit:]_]`` (git-compat-util.h, ``sane_istest``)."""

_NO_SLASH = frozenset(map(chr, range(1, 256))) - {"/"}
"""What ``?`` stands for, and a negated bracket at most."""


def trim(line: str) -> str:
    """Return a line without what git drops at its end: spaces that no backslash protects (gitignore(5))."""
    bare = line.rstrip(" ")
    backslashes = len(bare) - len(bare.rstrip("\\"))
    return bare + " " if bare != line and backslashes % 2 else bare


def read_glob(line: str) -> Glob:
    """Return what a trimmed line says, which is no comment; raises ``UnreadableError`` where it matches nothing."""
    if len(line) > LONGEST:
        raise UnreadableError(f"has more than {LONGEST:,} bytes, which no name has")
    if "\0" in line or "\n" in line:
        raise UnreadableError("holds a line break or a NUL, which no name holds")
    text = line.removeprefix("!")
    folders_only = text.endswith("/")
    text = text.removesuffix("/")
    floating = "/" not in text
    tokens = _tokens(text.removeprefix("/"), floating=floating)
    if not tokens:
        raise UnreadableError(_MALFORMED)
    if not _can_match(tokens):
        raise UnreadableError("matches nothing: no part of a name is empty, '.' or '..'")
    return Glob(tokens=tokens, leaves_out=not line.startswith("!"), floating=floating, folders_only=folders_only)


def members_of(token: Token) -> frozenset[str]:
    """Return the bytes that a token matches which stands for one byte; none for others."""
    if isinstance(token, Wild):
        return frozenset()
    return token if isinstance(token, frozenset) else frozenset(token)


def _tokens(text: str, *, floating: bool) -> tuple[Token, ...]:
    """Return the tokens of a pattern without its ``!``, its anchor and its slash at the end."""
    tokens: list[Token] = []
    # Git gives wildmatch what begins here, so that two stars here stand at a beginning.
    first_special = next((at for at, character in enumerate(text) if character in SPECIAL), len(text))
    at = 0
    while at < len(text):
        character = text[at]
        if character == "*":
            is_part = not floating and (at == first_special or text[at - 1] == "/")
            wild, at = _stars(text, at, is_part=is_part)
            # Twice any number of folders is any number of folders.
            if wild is not Wild.FOLDERS or tokens[-1:] != [wild]:
                tokens.append(wild)
        elif character == "[":
            members, at = _bracket(text, at + 1)
            tokens.append(members)
        elif character == "\\":
            if at + 1 == len(text):
                raise UnreadableError(_MALFORMED)
            tokens.append(text[at + 1])
            at += 2
        else:
            tokens.append(_NO_SLASH if character == "?" else character)
            at += 1
    return tuple(tokens)


def _stars(text: str, at: int, *, is_part: bool) -> tuple[Wild, int]:
    """Return what the stars at ``at`` mean, and where what they mean ends."""
    # Two or more that begin and end a part of the name stand for folders; others are "regular" ones (gitignore(5)).
    end = at
    while text[end : end + 1] == "*":
        end += 1
    if is_part and end - at > 1:
        if text.startswith("/", end):
            return Wild.FOLDERS, end + 1
        if end == len(text) or text.startswith("\\/", end):
            return Wild.ACROSS, end
    return Wild.WITHIN, end


def _bracket(text: str, at: int) -> tuple[Token, int]:
    """Return the bytes that the bracket matches whose content begins at ``at``, and where it ends."""
    try:
        negated = text[at] in "!^"
        members, at = _members(text, at + negated)
    except LookupError as error:  # it is not closed, or names a class that there is not
        raise UnreadableError(_MALFORMED) from error
    matched = _NO_SLASH - members if negated else members & _NO_SLASH
    if not matched:
        raise UnreadableError(_MALFORMED)
    return (next(iter(matched)) if len(matched) == 1 else matched), at


def _members(text: str, at: int) -> tuple[frozenset[str], int]:
    """Return the bytes listed from ``at`` to the closing bracket, and where it ends; raises ``LookupError``."""
    first = at
    members: set[str] = set()
    previous = ""
    while text[at] != "]" or at == first:
        class_end = _class_end(text, at)
        if text[at] == "-" and previous and text[at + 1] != "]":
            at += 1 + (text[at + 1] == "\\")
            members.update(map(chr, range(ord(previous), ord(text[at]) + 1)))
            previous = ""
        elif class_end:
            members.update(CLASSES[text[at + 2 : class_end - 1]])
            at = class_end
            previous = ""
        else:
            at += text[at] == "\\"
            previous = text[at]
            members.add(previous)
        at += 1
    return frozenset(members), at + 1


def _class_end(text: str, at: int) -> int:
    """Return where the bracket closes that names a class at ``at``, or 0 where none does; raises ``LookupError``."""
    if not text.startswith("[:", at):
        return 0
    end = text.find("]", at + 2)
    if end < 0:
        raise LookupError
    return end if end > at + 2 and text[end - 1] == ":" else 0


_EMPTY, _DOT, _TWO_DOTS, _NAMED = range(4)
"""How far the part of a name has come that a pattern is in."""


def _can_match(tokens: tuple[Token, ...]) -> bool:
    """Return whether there is any name that the tokens match: of parts none of which is empty, ``.`` or ``..``."""
    states = frozenset({_EMPTY})
    for token in tokens:
        states = _after(states, token)
        if not states:
            return False
    return _NAMED in states


@lru_cache(maxsize=512)  # few steps in many patterns: 0.3 ms of every build
def _after(states: frozenset[int], token: Token) -> frozenset[int]:
    """Return what a part can be after one more token, from any of ``states``, of which there is one at least."""
    if token is Wild.FOLDERS:
        return states | {_EMPTY}
    if token is Wild.ACROSS:
        return frozenset({_EMPTY, _DOT, _TWO_DOTS, _NAMED})
    if token is Wild.WITHIN:
        return states | set(range(min(states), _NAMED + 1))
    members = members_of(token)
    found: set[int] = set()
    if "/" in members and _NAMED in states:
        found.add(_EMPTY)
    if "." in members:
        found |= {min(state + 1, _NAMED) for state in states}
    if members - {".", "/"}:
        found.add(_NAMED)
    return frozenset(found)
