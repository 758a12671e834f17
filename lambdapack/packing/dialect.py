"""Git's patterns in pathspec's words.

pathspec knows how a gitignore pattern is anchored, what its stars stand for, and what a slash at its end
means. It reads brackets in its own way: it knows no ``[[:alpha:]]``, takes a backslash in them for a
character, and lets them match a ``/``. So a pattern is rewritten, before pathspec sees it, with every
character of a bracket spelled out, as git's wildmatch.c reads it. What is left in which the two differ is
git's treatment of two stars behind a text without anything special (``a**/b``), which gitignore(5) does not
promise.

A pattern of plain characters and single stars means what it says, and needs no library: the built-in list holds
nothing else, so that most builds do not wait for pathspec's import.

Pure: text in, text out. A text has one character for each byte, because git compares bytes.
"""

import re

LOWER = "abcdefghijklmnopqrstuvwxyz"
UPPER = LOWER.upper()
DIGIT = "0123456789"
PUNCTUATION = r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"""

CLASSES = {
    "alnum": LOWER + UPPER + DIGIT,
    "alpha": LOWER + UPPER,
    "blank": " \t",
    "cntrl": "".join(map(chr, range(32))) + "\x7f",
    "digit": DIGIT,
    "graph": LOWER + UPPER + DIGIT + PUNCTUATION,
    "lower": LOWER,
    "print": LOWER + UPPER + DIGIT + PUNCTUATION + " ",
    "punct": PUNCTUATION,
    "space": " \t\r\n",
    "upper": UPPER,
    "xdigit": DIGIT + "abcdefABCDEF",
}
"""POSIX character classes, which stand in brackets: ``[[:digit:]_]`` (git-compat-util.h, ``sane_istest``)."""

CLASS = re.compile(r"\[:([^\]]*):\]")

ANYWHERE = "(?:.+/)?"
"""How pathspec spells "in any directory" at the beginning of an expression."""

PLAIN = re.compile(r"(?P<anchor>/?)(?P<name>(?:[A-Za-z0-9_.~-]|\*(?!\*))+)(?P<directory>/?)")

BELOW = "(?P<ps_d>/)"
"""How pathspec's expressions say "and all that lies below"."""

TAILS = (
    (f"(?:{BELOW}|$)", "/?"),  # foo      a file or a directory
    (BELOW, "/"),  # foo/     a directory
    ("/", "/.+"),  # foo/**   what lies in it, not the directory itself
    (".", ".+"),  # *        anything
)
"""How pathspec's expressions end, and what stands there for a name that is matched from end to end."""


def expression(line: str) -> tuple[str, bool]:
    """Return an expression for whole names, a directory's with ``/`` at its end, and whether it leaves them out.

    Raises ``LookupError`` for a line that matches nothing, or says nothing that git understands.
    """
    if plain := PLAIN.fullmatch(line):
        name = "[^/]*".join(map(re.escape, plain["name"].split("*")))
        return f"{'' if plain['anchor'] else ANYWHERE}{name}{'/' if plain['directory'] else '/?'}", True
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # noqa: PLC0415 - see above: 40 ms

    try:
        regex, leaves_out = GitIgnoreSpecPattern.pattern_to_regex(rewritten(line))
    except ValueError as error:
        raise LookupError from error
    if regex is None or leaves_out is None:
        raise LookupError
    tail, own = next(pair for pair in TAILS if regex.endswith(pair[0]))
    # A "no such character" of pathspec's must be no slash either.
    body = regex.removesuffix(tail).replace("[^]", "[^\\]").replace("[^", "[^/")
    return (body.removeprefix("^") if body.startswith("^") else f".*{body}") + own, leaves_out


def rewritten(line: str) -> str:
    """Return the line with its brackets spelled out and its stars counted; raises as ``expression`` does."""
    parts = []
    at = 0
    while at < len(line):
        character = line[at]
        at += 1
        if character == "*":
            part, at = stars(line, at)
        elif character == "[":
            part, at = bracket(line, at)
        elif character == "\\":
            # pathspec splits at every slash and cuts spaces at the end, whatever protects them.
            part = {"/": "/", " ": "[ ]"}.get(line[at], "\\" + line[at])
            at += 1
            # To git a protected slash anchors nothing and ends nothing; no name begins or ends with one.
            if part == "/" and at in {2, len(line)}:
                raise LookupError
        else:
            part = character
        parts.append(part)
    if parts[-1].isspace():
        parts[-1] = f"[{parts[-1]}]"
    if set(parts) <= {"!", "/"}:
        raise LookupError
    if parts[-3:] == ["/", "**", "/"]:
        # Directories in it, not the directory itself, which pathspec would take for one.
        parts += ["*", "/"]
    return "".join(parts)


def stars(line: str, at: int) -> tuple[str, int]:
    """Return what the stars mean of which the first stands before ``at``, and where they end.

    Two or more are ``**`` as a whole part of the pattern, and "regular asterisks" elsewhere (gitignore(5)).
    """
    end = at
    while line[end : end + 1] == "*":
        end += 1
    is_part = line[: at - 1].endswith(("/", "!")) or at == 1
    return ("**" if end > at and is_part and line[end : end + 1] in {"", "/"} else "*"), end


def bracket(line: str, at: int) -> tuple[str, int]:
    """Return the bracket that opens before ``at`` with every character spelled out, and where it ends."""
    negated = line[at] in "!^"
    at += negated
    first = at
    members: set[str] = set()
    previous = ""
    while line[at] != "]" or at == first:
        named = CLASS.match(line, at)
        if line[at] == "-" and previous and line[at + 1] != "]":
            at += 1 + (line[at + 1] == "\\")
            members.update(map(chr, range(ord(previous), ord(line[at]) + 1)))
            previous = ""
        elif named:
            members.update(CLASSES[named[1]])
            at = named.end() - 1
            previous = ""
        else:
            at += line[at] == "\\"
            previous = line[at]
            members.add(previous)
        at += 1
    members.discard("/")
    if not members:
        if negated:
            return "?", at + 1
        raise LookupError
    return spelled_out(members, negated=negated), at + 1


def spelled_out(members: set[str], *, negated: bool) -> str:
    """Return a bracket of these characters in which none means anything else: ``]`` first, ``-`` last."""
    if len(members) == 1 and not negated:
        (only,) = members
        return f"[{only}]" if only.isspace() else f"\\{only}"
    ordered = sorted(members, key=lambda member: ({"]": 0, "[": 2, "^": 2, "!": 2, "-": 3}.get(member, 1), member))
    return f"[{'!' * negated}{''.join(ordered)}]"
