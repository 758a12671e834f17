"""The depfile: a rule that tells ``make`` every file and directory that a package was made from.

One rule makes the target depend on all of them. An empty rule for each (gcc's ``-MP``) keeps ``make`` from stopping
when one is removed: the directory's own time then has the package built again.

GNU make has no quoting, only escapes that differ by place (its manual, 3.8, 4.4, 4.13; tried out on 4.3). An ``=``
anywhere makes a line an assignment, unless a variable spells it. A name with a parenthesis stands in a rule of its own:
make looks for the end of a library's members in all the words that follow one (read.c, parse_file_seq).
"""

import re
from collections.abc import Iterable

from lambdapack.errors import UsageError

EQUALS = "lambdapack_equals := =\n"

ESCAPES = str.maketrans(
    {character: "\\" + character for character in " #:*?[|"} | {"$": "$$", "=": "$(lambdapack_equals)"}
)

UNSPEAKABLE = re.compile(
    r"[\x00-\x1f\x7f\\;]"  # a semicolon begins a recipe, whatever stands before it
    r"|\(.*\)\Z"  # name(member) is a member of a library
    r"| \Z"  # make takes it away before the end of a line, and before a line that goes on
    r"|%.*[*?[]|[*?[].*%"  # left of the colon make has no escapes for both
    r"|\A(\./+)*\.[A-Z_]+\Z"  # .SILENT and its like are special targets
)
"""What nothing escapes."""

WORDS = ("define", "undefine")
"""Directives that make finds right of a colon, too."""


def depfile(target: str, prerequisites: Iterable[str]) -> str:
    """Return a depfile: ``target`` depends on ``prerequisites``; raises ``UsageError`` for what no makefile holds."""
    paths = sorted(set(prerequisites))
    lines = [EQUALS, as_target(target), ":"]
    lines += [f" \\\n  {as_prerequisite(path)}" for path in paths if "(" not in path]
    lines.append("\n")
    lines += [f"{as_target(target)}: {as_prerequisite(path)}\n" for path in paths if "(" in path]
    lines += [f"\n{as_target(path)}:\n" for path in paths if path != target]
    return "".join(lines)


def as_prerequisite(path: str) -> str:
    """Return ``path`` as it stands right of the colon."""
    if UNSPEAKABLE.search(path):
        raise UsageError(
            f"a makefile cannot hold the path {path}",
            hint="rename it, leave it out with --exclude, or build without --depfile",
        )
    # Left of the colon no backslash keeps a ~ from being somebody's home; make itself takes the ./ away.
    return ("./" if path.startswith("~") or path in WORDS else "") + path.translate(ESCAPES)


def as_target(path: str) -> str:
    """Return ``path`` as it stands left of the colon: there a ``%`` makes a pattern rule, a ``|`` does nothing."""
    escaped = as_prerequisite(path).replace("%", r"\%").replace(r"\|", "|")
    return f"{escaped} " if escaped.endswith("&") else escaped
