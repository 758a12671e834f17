"""Which names are left out: gitignore patterns, with git's own meaning.

Rules for this file
- The last pattern that matches a name decides (gitignore(5)). A pattern is asked about the name
  itself, never about the directories above it: the walk asks about each directory before it enters,
  and what it does not enter is not re-included, as in git.
- pathspec translates a pattern into a regular expression; ``own_path`` cuts from that expression the
  part which also matches what lies below a directory, because the walk has asked that already. (A
  plain ``GitIgnoreSpec.match_file`` disagrees with ``git check-ignore`` in 1 % of random cases.)
- Patterns and names are compared byte by byte, as git does: ``?`` is one byte of UTF-8.
- All patterns together become one expression, the last pattern as its first alternative: one search
  a name, whatever their number. Those that look at the last part of a name only (most do) have an
  expression of their own, because searching for the last part costs more than matching it.

Strength, weakest first: the built-in list, ``.lambdaignore``, ``exclude`` and ``include`` of the
configuration, ``--exclude``, ``--include``. An include is an exclude with a ``!`` before it.
"""

import re
import sys
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pathspec import GitIgnoreSpec

from lambdapack.errors import UsageError

IGNORE_FILE = ".lambdaignore"

BUILT_IN = (
    # version control
    *(".git", ".hg/", ".svn/", ".bzr/", ".gitignore", ".gitattributes", ".gitmodules"),
    # Python's by-products and virtual environments
    *("__pycache__/", "*.py[cod]", ".venv/", "/venv/", ".tox/", ".nox/", ".eggs/"),
    # caches and reports of tools
    *(".mypy_cache/", ".pytest_cache/", ".ruff_cache/", ".hypothesis/", ".cache/", ".coverage", ".coverage.*"),
    *("htmlcov/", ".ipynb_checkpoints/", ".npm/", ".parcel-cache/", ".nyc_output/"),
    # deployment tools' own folders and state
    *(".terraform/", "*.tfstate", "*.tfstate.*", ".aws-sam/", ".serverless/", ".chalice/deployed/", "cdk.out/"),
    # credentials; not *.pem, for certifi ships one that is needed
    *(".env", ".env.*", ".aws/", ".netrc", ".npmrc", ".pypirc", ".ssh/", "id_rsa", "id_ecdsa", "id_ed25519"),
    # editors and desktops
    *(".idea/", ".vscode/", "*.swp", "*~", ".DS_Store", "Thumbs.db", "desktop.ini"),
    # what a run of lambdapack that was killed has left behind
    ".*.lambdapack-tmp",
    f"/{IGNORE_FILE}",
)
"""Names that belong in no deployment package; ``--include`` brings any of them back."""

# wildmatch.c of git knows POSIX character classes inside brackets; pathspec does not.
POSIX_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": " \t",
    "digit": "0-9",
    "lower": "a-z",
    "space": " \t\r\n\v\f",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
NO_MATCH = sys.maxsize

ANYWHERE = "^(?:.+/)?"
"""How pathspec spells "in any directory" at the beginning of an expression."""

BRACKET = re.compile(r"(?<!\\)\[[!^]?\]?(?:\[:[a-z]+:\]|[^\]])*\]")
POSIX_CLASS = re.compile(r"\[:([a-z]+):\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One gitignore pattern and where it was written: a message must name the file and the line."""

    text: str
    source: str
    """``.lambdaignore:3``, ``--exclude``, ``built-in``, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternatives:
    """Patterns as one expression: the first alternative that matches is the strongest pattern that does."""

    expression: re.Pattern[str]
    ranks: tuple[int, ...]
    """The rank of each alternative among all patterns; 0 is the strongest."""

    def strongest(self, text: str) -> int:
        """Return the rank of the strongest pattern that matches ``text``, or ``NO_MATCH``."""
        match = self.expression.match(text)
        return NO_MATCH if match is None or match.lastindex is None else self.ranks[match.lastindex - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Patterns, compiled: ``verdict`` answers for one name."""

    patterns: tuple[Pattern, ...]
    """The strongest first."""
    excludes: tuple[bool, ...]
    """Whether each pattern leaves out what it matches; False for those with ``!``."""
    last_part: Alternatives
    whole_name: Alternatives

    def verdict(self, name: str) -> Pattern | None:
        """Return the pattern that leaves ``name`` out, or None; a directory's name ends with ``/``."""
        text = as_bytes(name)
        rank = self.last_part.strongest(text[text.rfind("/", 0, -1) + 1 :])
        if self.whole_name.ranks:
            rank = min(rank, self.whole_name.strongest(text))
        return self.patterns[rank] if rank != NO_MATCH and self.excludes[rank] else None


def compile_rules(patterns: Sequence[Pattern]) -> Rules:
    """Return the rules that ``patterns`` make, the weakest first.

    Raises ``UsageError`` that names file and line for a pattern that cannot be understood: git drops
    such a line without a word, and a package then holds what its author thought was left out.
    """
    kept: list[Pattern] = []
    excludes: list[bool] = []
    whole_name: list[tuple[int, str]] = []
    last_part: list[tuple[int, str]] = []
    for pattern in reversed(patterns):
        text = trimmed(as_bytes(pattern.text))
        if not text or text.startswith("#") or text == "/":
            continue
        expression, excluded = translated(text, pattern)
        if expression.startswith(ANYWHERE) and "/" not in text.removeprefix("!").removesuffix("/"):
            last_part.append((len(kept), expression.removeprefix(ANYWHERE)))
        else:
            whole_name.append((len(kept), expression))
        kept.append(pattern)
        excludes.append(excluded)
    return Rules(
        patterns=tuple(kept),
        excludes=tuple(excludes),
        last_part=alternatives(last_part),
        whole_name=alternatives(whole_name),
    )


def translated(text: str, pattern: Pattern) -> tuple[str, bool]:
    """Return the expression of one pattern and whether it leaves out what it matches."""
    try:
        with warnings.catch_warnings():
            # A bracket inside brackets is legal here; re wonders whether a set operation was meant.
            warnings.simplefilter("ignore", FutureWarning)
            # "simple": other backends, where they happen to be installed, are other implementations.
            (found,) = GitIgnoreSpec.from_lines([without_posix_classes(text)], backend="simple").patterns
    except (ValueError, re.error) as error:
        raise unusable(pattern) from error
    if found.include is None or found.regex is None:
        raise unusable(pattern)
    return own_path(found.regex.pattern), found.include


def alternatives(ranked: list[tuple[int, str]]) -> Alternatives:
    """Return ``ranked`` expressions, the strongest first, as one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        expression = re.compile("|".join(f"({text})" for _, text in ranked) or "(?!)", re.DOTALL)
    return Alternatives(expression=expression, ranks=tuple(rank for rank, _ in ranked))


def own_path(expression: str) -> str:
    """Return pathspec's ``expression`` narrowed to the name itself, anchored at both ends.

    pathspec ends an expression with one of four tails, each of which stands for "and all below".
    """
    mark = "(?P<ps_d>/)"
    tails = (
        (f"(?:{mark}|$)", "/?$"),  # foo      a file or a directory
        (mark, "/$"),  # foo/     a directory
        ("/", "/."),  # foo/**   what lies in it, not the directory itself
        (".", "."),  # *        anything
    )
    tail, own = next(pair for pair in tails if expression.endswith(pair[0]))
    own_expression = expression[: len(expression) - len(tail)] + own
    return own_expression if own_expression.startswith("^") else f"^(?:.*){own_expression}"


def as_bytes(text: str) -> str:
    """Return ``text`` with one character for each byte of its UTF-8, so that ``re`` sees what git sees."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def trimmed(text: str) -> str:
    """Return a pattern without what git drops at its end: line ends and spaces that no backslash protects.

    "Trailing spaces are ignored unless they are quoted with backslash" (gitignore(5)). A protected
    one is rewritten as a bracket, so that nobody downstream trims it.
    """
    text = text.rstrip("\r\n")
    bare = text.rstrip(" ")
    backslashes = len(bare) - len(bare.rstrip("\\"))
    if bare != text and backslashes % 2:
        return bare[:-1] + "[ ]"
    if bare[-1:].isspace():
        return f"{bare[:-1]}[{bare[-1]}]"
    return bare


def without_posix_classes(text: str) -> str:
    """Return ``text`` with ``[[:alpha:]]`` and its kin spelled out."""
    if "[:" not in text:
        return text
    return BRACKET.sub(lambda bracket: POSIX_CLASS.sub(spelled_out, bracket.group()), text)


def spelled_out(posix_class: re.Match[str]) -> str:
    """Return the characters of a POSIX class, or the text itself where there is no such class."""
    return POSIX_CLASSES.get(posix_class.group(1), posix_class.group())


def parse_ignore_file(content: bytes, source: str) -> list[Pattern]:
    """Return the patterns of an ignore file, each with its line number.

    Raises ``UsageError`` where the file is not UTF-8; a byte order mark is skipped, as git does.
    """
    patterns = []
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise UsageError(f"{source}:{number} is not UTF-8", hint="save the file as UTF-8") from error
        patterns.append(Pattern(text=text, source=f"{source}:{number}"))
    return patterns


def from_list(texts: Iterable[str], *, source: str, prefix: str = "") -> list[Pattern]:
    """Return patterns given one by one; ``prefix`` is ``!`` where they bring names back."""
    return [Pattern(text=prefix + text, source=source) for text in texts]


def unusable(pattern: Pattern) -> UsageError:
    """Return the error for a pattern that git would drop without a word."""
    return UsageError(
        f"{pattern.source}: the pattern {pattern.text.strip()!r} cannot be parsed",
        hint="patterns have the syntax of .gitignore; quote a special character with a backslash",
    )
