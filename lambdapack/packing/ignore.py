"""Which names are left out: gitignore patterns, with git's own meaning.

Rules for this file
- The last pattern that matches a name decides (gitignore(5)). A pattern is asked about the name
  itself, never about the directories above it: the walk asks about each directory before it enters,
  and what it does not enter is not re-included, as in git.
- pathspec translates patterns into expressions, from the words that ``dialect`` gives it; they compare
  bytes, as git does: ``?`` is one byte of UTF-8.
- All patterns together become one expression: most names match none, and one look says so. Those
  that look at the last part of a name only (most do) have an expression of their own, because
  finding the last part by an expression costs more than matching it.

Strength, weakest first: the built-in list, ``.lambdaignore``, ``exclude`` and ``include`` of the
configuration, ``--exclude``, ``--include``. An include is an exclude with a ``!`` before it. Stronger
than all of them are ``OWN``, the names that lambdapack keeps for itself.
"""

import functools
import re
import sys
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lambdapack.errors import UsageError
from lambdapack.packing.dialect import ANYWHERE, expression
from lambdapack.temporary import SUFFIX

IGNORE_FILE = ".lambdaignore"

BUILT_IN = (
    # version control
    *(".git", ".hg/", ".svn/", ".bzr/", ".gitignore", ".gitattributes", ".gitmodules"),
    # Python's by-products and virtual environments
    *("__pycache__/", "*.pyc", "*.pyo", "*.pyd", ".venv/", "/venv/", ".tox/", ".nox/", ".eggs/"),
    # caches and reports of tools
    *(".mypy_cache/", ".pytest_cache/", ".ruff_cache/", ".hypothesis/", ".cache/", ".coverage", ".coverage.*"),
    *("htmlcov/", ".ipynb_checkpoints/", ".npm/", ".parcel-cache/", ".nyc_output/"),
    # deployment tools' own folders and state
    *(".terraform/", "*.tfstate", "*.tfstate.*", ".aws-sam/", ".serverless/", ".chalice/", "cdk.out/"),
    # credentials; not *.pem, for certifi ships one that is needed
    *(".env", ".env.*", ".aws/", ".netrc", ".npmrc", ".pypirc", ".ssh/", "id_rsa", "id_ecdsa", "id_ed25519"),
    # editors and desktops
    *(".idea/", ".vscode/", "*.swp", "*~", ".DS_Store", "Thumbs.db", "desktop.ini"),
)
"""Names that belong in no deployment package; ``--include`` brings any of them back."""

OWN = (f"/{IGNORE_FILE}", f".*{SUFFIX}", "pylock.lambdapack-*.toml")
"""Names that never pack themselves: the ignore file, and what other runs are writing or have left behind."""

NO_MATCH = sys.maxsize


class Pattern(NamedTuple):
    """One gitignore pattern and where it was written: a message must name the file and the line."""

    text: str
    source: str
    """``.lambdaignore:3``, ``--exclude``, ``built-in``, …"""


class Alternatives(NamedTuple):
    """Patterns as one expression, which tells whether any matches; each by itself tells which."""

    any: re.Pattern[str]
    each: tuple[tuple[int, str], ...]
    """The rank of each among all patterns, 0 is the strongest, and its own expression; the strongest first."""

    def strongest(self, text: str) -> int:
        """Return the rank of the strongest pattern that matches ``text``, or ``NO_MATCH``."""
        if not self.any.fullmatch(text):
            return NO_MATCH
        return next(rank for rank, own in self.each if compiled(own).fullmatch(text))


class Rules(NamedTuple):
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
        rank = min(self.last_part.strongest(text[text.rfind("/", 0, -1) + 1 :]), self.whole_name.strongest(text))
        return self.patterns[rank] if rank != NO_MATCH and self.excludes[rank] else None

    def cover(self, name: str) -> bool:
        """Return whether a pattern matches ``name`` or a directory above it, for names that no walk asked about."""
        if not self.patterns:
            return False
        above = (name[: at + 1] for at, character in enumerate(name) if character == "/")
        return any(self.verdict(asked) for asked in (*above, name))


def compile_rules(patterns: Sequence[Pattern]) -> Rules:
    """Return the rules that ``patterns`` make, the weakest first.

    Raises ``UsageError`` that names file and line for a pattern that matches nothing: git drops such
    a line without a word, and a package then holds what its author thought was left out.
    """
    kept: list[Pattern] = []
    excludes: list[bool] = []
    whole_name: list[tuple[int, str]] = []
    last_part: list[tuple[int, str]] = []
    for pattern in reversed(patterns):
        line = trimmed(as_bytes(pattern.text))
        if not line or line.startswith("#"):
            continue
        try:
            own, leaves_out = expression(line)
        except LookupError as error:
            raise UsageError(
                f"{pattern.source}: the pattern {pattern.text.strip()!r} cannot be parsed",
                hint="patterns have the syntax of .gitignore; quote a special character with a backslash",
            ) from error
        if own.startswith(ANYWHERE) and "/" not in line.removesuffix("/"):
            last_part.append((len(kept), own.removeprefix(ANYWHERE)))
        else:
            whole_name.append((len(kept), own))
        kept.append(pattern)
        excludes.append(leaves_out)
    return Rules(
        patterns=tuple(kept),
        excludes=tuple(excludes),
        last_part=alternatives(last_part),
        whole_name=alternatives(whole_name),
    )


def alternatives(ranked: list[tuple[int, str]]) -> Alternatives:
    """Return ``ranked`` expressions, the strongest first, as one; without groups ``re`` shares what they begin with."""
    return Alternatives(any=compiled("|".join(text for _, text in ranked) or "(?!)"), each=tuple(ranked))


@functools.cache
def compiled(expression: str) -> re.Pattern[str]:
    """Return ``expression``, compiled when it is first asked for: most patterns never match."""
    return re.compile(expression, re.DOTALL)


def as_bytes(text: str) -> str:
    """Return ``text`` with one character for each byte of its UTF-8, so that ``re`` sees what git sees."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def trimmed(line: str) -> str:
    """Return a line without what git drops at its end: spaces that no backslash protects (gitignore(5))."""
    bare = line.rstrip(" ")
    backslashes = len(bare) - len(bare.rstrip("\\"))
    return bare + " " if bare != line and backslashes % 2 else bare


def parse_ignore_file(content: bytes, source: str) -> list[Pattern]:
    """Return the patterns of an ignore file, each with its line number.

    Raises ``UsageError`` where the file is not UTF-8; a byte order mark is skipped, as git does.
    """
    patterns = []
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        try:
            text = line.removesuffix(b"\r").decode("utf-8")
        except UnicodeDecodeError as error:
            raise UsageError(f"{source}:{number} is not UTF-8", hint="save the file as UTF-8") from error
        patterns.append(Pattern(text=text, source=f"{source}:{number}"))
    return patterns


def from_list(texts: Iterable[str], *, source: str, prefix: str = "") -> list[Pattern]:
    """Return patterns given one by one; ``prefix`` is ``!`` where they bring names back."""
    return [Pattern(text=prefix + text, source=source) for text in texts]
