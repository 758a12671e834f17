"""Which names are left out: gitignore patterns, with git's own meaning.

Rules for this file
- The last pattern that matches a name decides (gitignore(5)). A pattern is asked about the name
  itself, never about the directories above it: the walk asks about each directory before it enters,
  and what it does not enter is not re-included, as in git.
- ``gitignore`` reads each line by itself. A pattern without anything special is looked up, one with a
  single star is compared at both ends; what is left becomes places of one ``automaton``. So the time
  for a name is linear in the patterns and the name, and no pattern can change what another one means.
- Names are in Unicode's normal form NFC, as in the package; so are patterns, however an editor wrote them.

Strength, weakest first: the built-in list, ``.lambdaignore``, ``exclude`` and ``include`` of the
configuration, ``--exclude``, ``--include``. An include is an exclude with a ``!`` before it. Stronger
than all of them are ``OWN``, the names that lambdapack keeps for itself.
"""

import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lambdapack.disk.temporary import SUFFIX
from lambdapack.errors import UsageError
from lambdapack.packing.patterns import automaton
from lambdapack.packing.patterns.automaton import Automaton
from lambdapack.packing.patterns.gitignore import Glob, Token, UnreadableError, Wild, read_glob, trim

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

TEXT = 256 << 10
"""Bytes of all patterns together; more are a list of files, and would cost seconds."""

SHOWN = 80
"""Characters of a pattern that a message shows."""

_NO_MATCH = sys.maxsize


class Pattern(NamedTuple):
    """One gitignore pattern and where it was written: a message must name the file and the line."""

    text: str
    source: str
    """``.lambdaignore:3``, ``--exclude``, ``built-in``, …"""


class _Ends:
    """Patterns with one star: a name matches that begins and ends so, with the star in one part of it."""

    def __init__(self, ranked: Sequence[tuple[int, str, str]]) -> None:
        """Take the rank of each, and the texts before and after its star; the strongest first."""
        self._ranks: dict[tuple[int, int], dict[tuple[str, str, int], int]] = {}
        """By the lengths of both texts, for a name to be looked up: by the texts, and the slashes in them."""
        for rank, start, end in ranked:
            same_lengths = self._ranks.setdefault((len(start), len(end)), {})
            same_lengths.setdefault((start, end, (start + end).count("/")), rank)
        self._starts = tuple({start for _, start, end in ranked if not end})
        self._ends = tuple({end for _, _, end in ranked if end})

    def strongest(self, text: str) -> int:
        """Return the rank of the strongest pattern that matches ``text``, or ``_NO_MATCH``."""
        # Most names match none of them, which these two looks tell.
        if not text.endswith(self._ends) and not text.startswith(self._starts):
            return _NO_MATCH
        size, slashes = len(text), text.count("/")
        return min(
            ranks.get((text[:start], text[size - end :], slashes), _NO_MATCH) if start + end <= size else _NO_MATCH
            for (start, end), ranks in self._ranks.items()
        )


class _Plain:
    """Patterns of plain text with at most one star, and what each matches: last parts of names, or whole names."""

    def __init__(self, ranked: Iterable[tuple[int, Glob]]) -> None:
        """Sort the patterns, the strongest first, by whether there is a star."""
        names: dict[str, int] = {}
        starred: list[tuple[int, str, str]] = []
        for rank, glob in ranked:
            if Wild.WITHIN in glob.tokens:
                star = glob.tokens.index(Wild.WITHIN)
                starred.append((rank, _text(glob.tokens[:star]), _text(glob.tokens[star + 1 :])))
            else:
                names.setdefault(_text(glob.tokens), rank)
        self._names = names
        self._ends = _Ends(starred)

    def strongest(self, text: str) -> int:
        """Return the rank of the strongest pattern that matches ``text``, or ``_NO_MATCH``."""
        return min(self._names.get(text, _NO_MATCH), self._ends.strongest(text))


class Rules:
    """Patterns, ready to be asked: ``verdict`` answers for one name."""

    def __init__(self, patterns: Sequence[Pattern], globs: Sequence[Glob]) -> None:
        """Sort the patterns, the strongest first, by how each is matched."""
        self.patterns = tuple(patterns)
        """The strongest first."""
        self._leaves_out = [glob.leaves_out for glob in globs]
        plain: list[tuple[int, Glob]] = []
        wild: list[tuple[int, Glob]] = []
        for rank, glob in enumerate(globs):
            (plain if is_plain(glob) else wild).append((rank, glob))
        last_parts = [(rank, glob) for rank, glob in plain if glob.floating]
        whole_names = [(rank, glob) for rank, glob in plain if not glob.floating]
        self._folders = _Plain(last_parts), _Plain(whole_names)
        self._files = _Plain(_for_files(last_parts)), _Plain(_for_files(whole_names))
        self._automaton = Automaton(wild) if wild else None
        self._last: tuple[str, str, Pattern | None] = "", "", None
        """A directory that was asked about; that or one above which is left out, and its pattern. One value, for any
        thread may ask."""

    def verdict(self, name: str) -> Pattern | None:
        """Return the pattern that leaves ``name`` out, or None; a directory's name ends with ``/``."""
        text = _as_bytes(name)
        is_folder = text.endswith("/")
        text = text.removesuffix("/")
        last_parts, whole_names = self._folders if is_folder else self._files
        rank = min(last_parts.strongest(text[text.rfind("/") + 1 :]), whole_names.strongest(text))
        if self._automaton is not None:
            found = self._automaton.strongest(text)
            wild = found.folder if is_folder else found.file
            rank = rank if wild is None else min(rank, wild)
        return self.patterns[rank] if rank != _NO_MATCH and self._leaves_out[rank] else None

    def nearest(self, name: str) -> Pattern | None:
        """Return the pattern that leaves out ``name``, or the highest directory above it, for names that no walk meets.

        Names in their order are fast: what is known of the directories of the last one is not asked again.
        """
        if not self.patterns:
            return None
        folder, left_out, pattern = self._last
        if pattern is not None and name.startswith(left_out):
            return pattern
        while not name.startswith(folder):
            folder = folder[: folder.rfind("/", 0, -1) + 1]
        at = name.find("/", len(folder), -1)
        while at >= 0:
            folder = name[: at + 1]
            if (pattern := self.verdict(folder)) is not None:
                self._last = folder, folder, pattern
                return pattern
            at = name.find("/", at + 1, -1)
        self._last = folder, "", None
        return self.verdict(name)


def compile_source_rules(patterns: Sequence[str | Pattern]) -> Rules:
    """Return the rules for a source tree: ``patterns``, the weakest first, between the built-in list and ``OWN``."""
    built_in, own = from_list(BUILT_IN, source="built-in"), from_list(OWN, source="lambdapack's own")
    return compile_rules([*built_in, *patterns, *own])


def compile_rules(patterns: Sequence[str | Pattern]) -> Rules:
    """Return the rules that ``patterns`` make, the weakest first; a text is one that nobody wrote down in a file.

    Raises ``UsageError`` that names file and line for a pattern that matches nothing: git drops such
    a line without a word, and a package then holds what its author thought was left out. So it does for
    patterns that are too long or too many (``gitignore.LONGEST``, ``TEXT``, ``automaton.PLACES``).
    """
    kept: list[Pattern] = []
    globs: list[Glob] = []
    size = places = 0
    for given in reversed(patterns):
        pattern = Pattern(given, "the patterns") if isinstance(given, str) else given
        line = trim(_as_bytes(unicodedata.normalize("NFC", pattern.text)))
        if not line:
            continue
        try:
            glob = read_glob(line)
        except UnreadableError as error:
            raise UsageError(
                f"{pattern.source}: the pattern {_quote(pattern.text.strip())} {error.reason}",
                hint="patterns have the syntax of .gitignore; quote a special character with a backslash",
            ) from error
        size += len(line)
        places += 0 if is_plain(glob) else automaton.places(glob)
        if size > TEXT or places > automaton.PLACES:
            raise UsageError(
                f"{pattern.source}: the patterns are too many: they may have {TEXT:,} bytes, and those with brackets, "
                f"question marks or several stars {automaton.PLACES:,}",
                hint="leave out directories, not single files",
            )
        kept.append(pattern)
        globs.append(glob)
    return Rules(kept, globs)


def is_plain(glob: Glob) -> bool:
    """Return whether the pattern is a text with at most one star."""
    stars = glob.tokens.count(Wild.WITHIN)
    return stars <= 1 and all(isinstance(token, str) or token is Wild.WITHIN for token in glob.tokens)


def _for_files(ranked: Iterable[tuple[int, Glob]]) -> list[tuple[int, Glob]]:
    return [(rank, glob) for rank, glob in ranked if not glob.folders_only]


def _text(tokens: Iterable[Token]) -> str:
    return "".join(token for token in tokens if isinstance(token, str))


def _as_bytes(text: str) -> str:
    """Return ``text`` with one character for each byte of its UTF-8, so that what is compared is what git compares."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def exclude_option(name: str) -> str:
    """Return the option that leaves out ``name`` and nothing else, as one types it in a shell."""
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # noqa: PLC0415 - 40 ms, for an error alone

    escaped = GitIgnoreSpecPattern.escape(name)
    # pathspec leaves a space at the end as it is, which git drops.
    bare = escaped.rstrip(" ")
    pattern = "/" + bare + "\\ " * (len(escaped) - len(bare))
    return "--exclude '" + pattern.replace("'", "'\"'\"'") + "'"


def _quote(text: str) -> str:
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")


def parse_ignore_file(content: bytes, source: str) -> list[Pattern]:
    """Return a file's patterns, each with its line number, comments aside; raises ``UsageError`` unless it is UTF-8."""
    # A byte order mark is skipped, as git does.
    patterns = []
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        try:
            text = line.removesuffix(b"\r").decode("utf-8")
        except UnicodeDecodeError as error:
            raise UsageError(f"{source}:{number} is not UTF-8", hint="save the file as UTF-8") from error
        if not text.startswith("#"):
            patterns.append(Pattern(text=text, source=f"{source}:{number}"))
    return patterns


def from_list(texts: Iterable[str], *, source: str, prefix: str = "") -> list[Pattern]:
    """Return patterns given one by one, in which ``#`` begins no comment; ``prefix`` ``!`` brings names back."""
    return [Pattern(text=prefix + text, source=source) for text in texts]
