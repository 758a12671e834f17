r"""Random ignore files on random names: what we leave out is what ``git check-ignore`` leaves out.

One run of git answers for hundreds of ignore files: each lies in a directory of its own, whose names it is about.

Left out of the generator, with git's own reason:
- NUL: git reads the file as C strings, so the rest of the line is lost (dir.c, ``add_patterns_from_buffer``). We
  refuse the line.
- Bytes that are no UTF-8: we refuse the file, because it is in another encoding than its author sees.
- Names and patterns that are not in Unicode's form NFC: our names are, whatever the disk has.
"""

import random
import subprocess
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from lambdapack.errors import UsageError
from lambdapack.packing.patterns.rules import Rules, compile_rules, parse_ignore_file

FILES = 200_000
"""Ignore files of the long run."""

TOGETHER = 500
"""Ignore files that one run of git is asked about."""

ASCII = "".join(map(chr, range(1, 128))).replace("\n", "")
"""What a line can hold."""

LETTERS = "ab.-_X1 é日"
CLASSES = (
    *("alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "xdigit"),
    *("word", "", "Alpha"),
)
STARS = ("*", "*", "*", "**", "***")


class Case(NamedTuple):
    """An ignore file, and the names that it is asked about."""

    lines: tuple[str, ...]
    line_end: str
    beginning: str
    """Nothing, or a byte order mark."""
    names: tuple[str, ...]

    @property
    def content(self) -> bytes:
        """The file."""
        return (self.beginning + self.line_end.join(self.lines)).encode()


def cases(seed: int, count: int) -> Iterator[Case]:
    """Yield ``count`` random cases, always the same for one ``seed``."""
    choose = random.Random(seed)  # noqa: S311 - repeatable, not secret
    for _ in range(count):
        lines = tuple(unicodedata.normalize("NFC", line(choose)) for _ in range(choose.randint(1, 6)))
        names = {name(choose, choose.choice(lines)) for _ in range(8)} | {name(choose, "") for _ in range(2)}
        yield Case(
            lines=lines,
            line_end=choose.choice(("\n", "\n", "\n", "\r\n")),
            beginning=choose.choice(("", "", "", "\ufeff")),
            names=tuple(sorted(names - {""})),
        )


def line(choose: random.Random) -> str:
    """Return a random line."""
    parts = [
        "".join(piece(choose) for _ in range(choose.choice((1, 1, 2, 2, 3, 5))))
        for _ in range(choose.choice((1, 1, 1, 2, 2, 3)))
    ]
    if choose.random() < 0.3:
        parts[choose.randrange(len(parts))] = choose.choice(STARS)
    before = choose.choice(("", "", "", "", "!", "/", "!/", "\\!", "\\#", "#"))
    after = choose.choice(("", "", "", "", "/", " ", "\\ ", "/**", "\t"))
    # A carriage return at the end of a line belongs to its end.
    return (before + "/".join(parts) + after).rstrip("\r")


def piece(choose: random.Random) -> str:
    """Return a random part of a pattern."""
    kind = choose.random()
    if kind < 0.45:
        return choose.choice(LETTERS)
    if kind < 0.55:
        return choose.choice(STARS)
    if kind < 0.62:
        return "?"
    if kind < 0.72:
        return "\\" + choose.choice(ASCII)
    if kind < 0.78:
        return choose.choice(ASCII)
    return bracket(choose)


def bracket(choose: random.Random) -> str:
    """Return a random bracket, closed or not."""
    members = []
    for _ in range(choose.choice((1, 1, 2, 3))):
        kind = choose.random()
        if kind < 0.4:
            members.append(choose.choice(ASCII))
        elif kind < 0.6:
            members.append(f"{choose.choice(ASCII)}-{choose.choice(ASCII)}")
        elif kind < 0.75:
            members.append(f"[:{choose.choice(CLASSES)}:]")
        elif kind < 0.85:
            members.append("\\" + choose.choice(ASCII))
        else:
            members.append(choose.choice(("é", "日", "-", "]", "[", "[:", ":]", "--", "a-\\z")))
    return f"[{choose.choice(('', '', '', '!', '^'))}{''.join(members)}{choose.choice((']',) * 15 + ('',))}"


def name(choose: random.Random, pattern: str) -> str:
    """Return a name that ``pattern`` may match: its own text, with something in the place of what is special."""
    text = pattern.removeprefix("!").strip("/ ")
    if choose.random() < 0.2:
        text = "/".join("".join(choose.choices(LETTERS, k=choose.randint(1, 3))) for _ in range(choose.randint(1, 3)))
    made = []
    at = 0
    while at < len(text):
        character = text[at]
        at += 1
        if character == "*":
            made.append(choose.choice(("", "", "a", "ab", "x/", "x/y", "/")))
        elif character == "?":
            made.append(choose.choice(LETTERS + ASCII))
        elif character == "\\":
            continue
        elif character == "[":
            end = text.find("]", at + 1)
            inside = text[at:end] if end > 0 else ""
            made.append(choose.choice((*inside.replace("\\", ""), choose.choice(ASCII), "A", "é")))
            at = end + 1 if end > 0 else at
        else:
            made.append(character)
    whole = choose.choice(("", "", "", "d/", "a/b/")) + "".join(made) + choose.choice(("", "", "", "/in", "x"))
    parts = [part for part in unicodedata.normalize("NFC", whole).split("/") if part not in {"", ".", ".."}]
    return "/".join(parts)


def usable(text: str) -> bool:
    """Return whether we take the line."""
    try:
        compile_rules(parse_ignore_file(text.encode(), "x"))
    except UsageError:
        return False
    return True


def left_out(rules: Rules, names: Sequence[str]) -> set[str]:
    """Return the names that the walk would not pack."""
    return {name for name in names if rules.nearest(name)}


class Git:
    """``git check-ignore``, on a repository of its own in ``folder``."""

    def __init__(self, folder: Path) -> None:
        """Make the repository."""
        self._folder = folder
        self._environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder)}
        self._git = ["git", "-C", str(folder), "-c", "core.excludesFile=/dev/null"]
        subprocess.run([*self._git, "init", "-q"], check=True, env=self._environment)

    def ignored(self, asked: Sequence[tuple[bytes, Sequence[str]]]) -> list[set[str]]:
        """Return, for each ignore file and its names, those that git ignores."""
        for number, (content, _) in enumerate(asked):
            folder = self._folder / str(number)
            folder.mkdir(exist_ok=True)
            (folder / ".gitignore").write_bytes(content)
        answer = subprocess.run(
            [*self._git, "check-ignore", "--no-index", "-z", "--stdin"],
            input="\0".join(f"{number}/{name}" for number, (_, names) in enumerate(asked) for name in names).encode(),
            capture_output=True,
            check=False,
            env=self._environment,
        )
        if answer.returncode not in {0, 1}:
            raise RuntimeError(answer.stderr.decode())
        found: list[set[str]] = [set() for _ in asked]
        for path in answer.stdout.decode().split("\0"):
            if path:
                folder_name, _, name = path.partition("/")
                found[int(folder_name)].add(name)
        return found

    def not_excluded(self, pattern: str, names: Sequence[str]) -> set[str]:
        """Return those of ``names``, all at the top, that ``git ls-files --exclude=PATTERN`` lists."""
        for name in names:
            (self._folder / name).touch()
        command = [*self._git, "ls-files", "-z", "--others", f"--exclude={pattern}", "--", *names]
        answer = subprocess.run(command, check=True, capture_output=True, text=True, env=self._environment)
        return set(answer.stdout.split("\0")) - {""}


class Difference(NamedTuple):
    """A name on which we and git do not agree."""

    content: bytes
    names: tuple[str, ...]


def differences(
    git: Git, some: Sequence[Case], *, rules_of: Callable[[bytes], Rules], takes: Callable[[str], bool] = usable
) -> list[Difference]:
    """Return where we differ from git; a line that we refuse differs where git matches anything with it."""
    asked: list[tuple[bytes, tuple[str, ...]]] = []
    ours: list[set[str]] = []
    for case in some:
        kept = tuple(text for text in case.lines if takes(text))
        content = case._replace(lines=kept).content
        asked.append((content, case.names))
        ours.append(left_out(rules_of(content), case.names))
        refused = tuple(text.removeprefix("!") for text in case.lines if text not in kept)
        if refused:
            asked.append((case._replace(lines=refused).content, case.names))
            ours.append(set())
    return [
        Difference(content=content, names=tuple(sorted(own ^ gits)))
        for (content, _), own, gits in zip(asked, ours, git.ignored(asked), strict=True)
        if own != gits
    ]


def rules_of(content: bytes) -> Rules:
    """Return the rules of an ignore file."""
    return compile_rules(parse_ignore_file(content, ".lambdaignore"))


def run() -> bool:
    """Compare ``FILES`` ignore files."""
    matched = asked = 0
    found: list[Difference] = []
    with TemporaryDirectory() as folder:
        git = Git(Path(folder))
        for seed in range(FILES // TOGETHER):
            some = list(cases(seed, TOGETHER))
            found += differences(git, some, rules_of=rules_of)
            asked += sum(len(case.names) for case in some)
            matched += sum(
                len(left_out(rules_of(case._replace(lines=tuple(filter(usable, case.lines))).content), case.names))
                for case in some[:20]
            )
            if seed % 40 == 39:
                print(f"   {(seed + 1) * TOGETHER:,} ignore files, {asked:,} names: {len(found)} differ", flush=True)
    for difference in found[:20]:
        print("  ", difference)
    return not found
