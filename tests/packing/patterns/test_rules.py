"""Patterns mean what git says they mean: ``git check-ignore`` is asked about everything that can be written down."""

import random
import re
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pathspec import GitIgnoreSpec

from lambdapack.errors import UsageError
from lambdapack.packing.patterns import automaton, gitignore
from lambdapack.packing.patterns.rules import (
    BUILT_IN,
    Rules,
    compile_rules,
    exclude_option,
    from_list,
    parse_ignore_file,
)
from lambdapack.packing.source.walk import walk
from tests.fuzz import explosions, patterns

Ask = Callable[[bytes, Iterable[str]], set[str]]


@pytest.fixture(scope="module")
def git(tmp_path_factory: pytest.TempPathFactory) -> patterns.Git:
    return patterns.Git(tmp_path_factory.mktemp("repository"))


@pytest.fixture(scope="module")
def ignored_by_git(git: patterns.Git) -> Ask:
    return lambda content, names: git.ignored([(content, list(names))])[0]


def test_1000_random_ignore_files_leave_out_what_git_leaves_out(git: patterns.Git) -> None:
    cases = list(patterns.cases(1_000_000, 1_000))

    assert patterns.differences(git, cases, rules_of=patterns.rules_of) == []
    assert sum(bool(patterns.left_out(patterns.rules_of(case.content), case.names)) for case in usable(cases)) > 300


def usable(cases: Sequence[patterns.Case]) -> list[patterns.Case]:
    return [case._replace(lines=tuple(filter(patterns.usable, case.lines))) for case in cases]


# Each stands for one way in which the reading of a line could be wrong.
@pytest.mark.parametrize(
    ("where", "name", "wrong"),
    [
        (gitignore, "_NO_SLASH", frozenset(map(chr, range(1, 256)))),  # a question mark matches a slash
        (gitignore, "_class_end", lambda *_: 0),  # no classes
        (gitignore, "SPECIAL", frozenset()),  # two stars after a text are read like those that begin a part
        (automaton.Automaton, "_close", lambda _, bits: bits),  # folders are one or more
    ],
)
def test_a_wrong_reading_is_caught(
    where: object, name: str, wrong: object, git: patterns.Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, name, wrong)

    assert patterns.differences(git, list(patterns.cases(0, 1_000)), rules_of=patterns.rules_of)


@pytest.mark.parametrize("seed", range(3))
def test_the_walk_packs_what_git_does_not_ignore(seed: int, git: patterns.Git, tmp_path: Path) -> None:
    left_out = 0
    for number, case in enumerate(usable(list(patterns.cases(2_000_000 + seed, 20)))):
        root = tmp_path / str(number)
        names = planted(root, case.names)

        packed = {entry.name for entry in walk(str(root), rules=patterns.rules_of(case.content)).entries}

        assert set(names) - packed == git.ignored([(case.content, names)])[0], case.content
        left_out += len(names) - len(packed)

    assert left_out >= 10


def planted(root: Path, names: Iterable[str]) -> list[str]:
    """Make files of these names, less those that need a directory where there is a file, or that no archive holds."""
    made = []
    for name in names:
        path = root / name
        if not name.isprintable() or "\\" in name or any(above.is_file() for above in path.parents) or path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        made.append(name)
    root.mkdir(exist_ok=True)
    return made


@pytest.mark.parametrize("neighbour", ["build[A-z]", "[-!]*x", "[[^]", "[^^]", "[!]^]y", "[\\]^a]z", "[+--]", "[]-^]q"])
def test_a_bracket_changes_nothing_about_the_patterns_beside_it(neighbour: str, ignored_by_git: Ask) -> None:
    names = ["secrets/prod.pem", "prod.key", "app.py", "d/prod.key", ".env", "^", "build[", "zz"]
    content = f"secrets/\nprod.key\n{neighbour}\n.env\n".encode()

    ours = patterns.left_out(compile_rules(parse_ignore_file(content, "x")), names)

    assert {"secrets/prod.pem", "prod.key", "d/prod.key", ".env"} <= ours
    assert "app.py" not in ours
    assert ours == ignored_by_git(content, names)


def test_sets_of_a_special_and_any_other_byte_mean_what_git_says(git: patterns.Git) -> None:
    names = [character for character in patterns.ASCII if character not in "/."]
    pairs = [(one, other) for one in "]^-[" for other in patterns.ASCII]
    sets = [f"[{one}{other}]" for pair in pairs for one, other in (pair, pair[::-1])]
    asked = [(f"{text}\n".encode(), names) for text in sets if patterns.usable(text)]

    ours = [patterns.left_out(patterns.rules_of(content), names) for content, _ in asked]

    assert len(asked) > 700
    assert ours == git.ignored(asked)


@pytest.mark.parametrize(
    ("lines", "name", "is_ignored"),
    [
        (["d/x[!b]y"], "d/x/y", False),  # a bracket never matches a slash
        (["[\\]]"], "]", True),  # a backslash in brackets escapes
        (["[[:alpha:]]"], "a", True),
        (["a**/b"], "axb/b", True),
        (["a**/b"], "ab", True),  # what stands before the stars is compared by itself
        (["a**/b"], "ax/y/b", True),
        (["?a**/b"], "xay/z/b", False),
        (["a/**"], "a/b/c", True),
        (["a/**/b"], "a/b", True),
        (["a\\/b"], "a/b", True),
        (["**\\/b"], "b", False),
        (["?ber"], "Über", False),  # a question mark is one byte
        (["??ber"], "Über", True),
        (["a[.-0]b"], "a/b", False),
        (["[z-a]x"], "x", False),
        (["foo ", "bar\\ "], "bar ", True),
        (["*", "!*/", "!a.py"], "d/a.py", False),
        (["d", "!d/a.py"], "d/a.py", True),
        (["foo", "!foo/"], "foo/bar", False),
    ],
)
def test_fixed_cases_mean_what_git_says(
    lines: list[str],
    name: str,
    is_ignored: bool,  # noqa: FBT001 - a column
    ignored_by_git: Ask,
) -> None:
    usable_lines = [line for line in lines if patterns.usable(line)]

    assert (compile_rules(from_list(usable_lines, source="test")).nearest(name) is not None) is is_ignored
    assert bool(ignored_by_git("\n".join(lines).encode(), [name])) is is_ignored


@pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")
def test_plain_pathspec_would_not_do(ignored_by_git: Ask) -> None:
    cases = [("d/x[!b]y", "d/x/y"), ("[\\]]", "]"), ("[[:alpha:]]", "a"), ("?ber", "Über")]

    wrong = [
        (pattern, name)
        for pattern, name in cases
        if GitIgnoreSpec.from_lines([pattern]).match_file(name) != bool(ignored_by_git(pattern.encode(), [name]))
    ]

    assert wrong == cases


MALFORMED = (
    "[a",
    "a\\",
    "[[:nope:]]",
    "!",
    "/",
    "!/",
    "//",
    "[/]",
    "foo/[",
    "[[:alpha:]",
    "\\",
    "a\\/",
    "[]",
    "[!",
    "[a\\",
)
IMPOSSIBLE = ("./a", "a//b", "../a", "a/../b", "a/.", ".", "..", "!./a", "*/./*", "/[.]", "a/**//b")


@pytest.mark.parametrize("pattern", MALFORMED + IMPOSSIBLE)
def test_a_pattern_that_matches_nothing_is_named_with_file_and_line(pattern: str, ignored_by_git: Ask) -> None:
    content = f"# first\nfine\n{pattern}\n".encode()
    said = "cannot be parsed" if pattern in MALFORMED else "matches nothing: no part of a name is empty, '.' or '..'"

    with pytest.raises(UsageError) as caught:
        compile_rules(parse_ignore_file(content, "src/.lambdaignore"))

    assert caught.value.message == f"src/.lambdaignore:3: the pattern {pattern!r} {said}"
    names = ["a", "b", "a/b", "x/a", "a/x/b", "x/y"]
    assert ignored_by_git(pattern.removeprefix("!").encode(), names) == set()


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("a" * 4_097, "has more than 4,096 bytes, which no name has"),
        ("*" + "é" * 2_048, "has more than 4,096 bytes, which no name has"),
        ("a\0b", "holds a line break or a NUL, which no name holds"),
        ("a\nb", "holds a line break or a NUL, which no name holds"),
    ],
)
def test_a_pattern_that_no_name_can_match_is_named(pattern: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        compile_rules(from_list([pattern], source="--exclude"))

    assert caught.value.message.startswith("--exclude: the pattern '")
    assert caught.value.message.endswith(f"' {said}")
    assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    "lines",
    [
        ["x" * 4_000 + str(number) for number in range(66)],
        [f"*{'?' * 10}{number:03}" for number in range(1_000)],
    ],
)
def test_too_many_patterns_are_refused_with_file_and_line(lines: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        compile_rules(parse_ignore_file("\n".join(lines).encode(), "src/.lambdaignore"))

    assert re.sub(":[0-9]+:", ":1:", caught.value.message) == (
        "src/.lambdaignore:1: the patterns are too many: they may have 262,144 bytes, "
        "and those with brackets, question marks or several stars 6,144"
    )


def test_a_file_that_is_not_utf8_is_named_with_its_line() -> None:
    with pytest.raises(UsageError) as caught:
        parse_ignore_file(b"fine\nfine\n\xff\xfe\n", ".lambdaignore")

    assert caught.value.message == ".lambdaignore:3 is not UTF-8"


@pytest.mark.parametrize(
    "content", [b"\xef\xbb\xbf*.txt\n", b"*.txt\r\n", b"*.txt", b"\n\n# c\n   \n*.txt   \n", b"!a.txt\n*.txt\n"]
)
def test_byte_order_mark_line_ends_comments_and_blanks_change_nothing(content: bytes) -> None:
    rules = compile_rules(parse_ignore_file(content, "x"))

    assert rules.verdict("a.txt") is not None
    assert rules.verdict("a.py") is None


@pytest.mark.parametrize("text", ["caf\u00e9.key", "cafe\u0301.key", "cafe\u0301*", "[a-z]*\u00e9.key"])
def test_a_pattern_matches_whichever_form_of_unicode_it_is_written_in(text: str, tree: Callable[..., Path]) -> None:
    root = tree({"cafe\u0301.key": b"", "b": b""})

    packed = [entry.name for entry in walk(str(root), rules=compile_rules(from_list([text], source="test"))).entries]

    assert packed == ["b"]


def test_outside_a_file_a_number_sign_begins_no_comment(git: patterns.Git) -> None:
    names = ["#a#", "a", "#b"]

    ours = patterns.left_out(compile_rules(from_list(["#*#"], source="--exclude")), names)

    assert ours == set(names) - git.not_excluded("#*#", names) == {"#a#"}


def test_the_strongest_pattern_is_the_last() -> None:
    rules = compile_rules(from_list(["*.txt", "!a.txt", "d/a.txt", "![ab].txt", "a*t*", "!?.t*"], source="test"))

    assert [rules.verdict(name) is None for name in ("b.txt", "a.txt", "d/a.txt", "c.txt", "ab.txt", "d/cc.txt")] == [
        *(True, True, True, True),
        *(False, False),
    ]


def test_a_pattern_names_where_it_was_written() -> None:
    found = compile_rules(parse_ignore_file(b"a\nb\n", ".lambdaignore")).verdict("b")

    assert found is not None
    assert (found.text, found.source) == ("b", ".lambdaignore:2")


def test_no_name_takes_long_whatever_the_patterns() -> None:
    choose = random.Random(0)  # noqa: S311 - repeatable, not secret
    worst = max(explosions.measure(lines) for lines in explosions.ignore_files(choose, sizes=(4_000,), rounds=1))

    # The limit is 0.01; ``make fuzz`` holds it, where nothing runs beside.
    assert worst < 0.1


def test_the_name_that_never_ended_ends() -> None:
    begun = time.perf_counter()

    assert compile_rules(from_list(["*a" * 30 + "b"], source="test")).verdict("a" * 60) is None
    assert time.perf_counter() - begun < 1


def test_what_is_remembered_changes_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = usable(list(patterns.cases(3_000_000, 200)))
    names = sorted({name for case in cases for name in case.names})
    lines = ["?a*b*", "*[a-c]?", "**/x/**/y*", "a*b?c", "![[:alpha:]]*1*", "[^a-z]?[a-z]"]
    expected = patterns.left_out(compile_rules(from_list(lines, source="test")), names)

    monkeypatch.setattr(automaton, "STATES", 3)

    assert patterns.left_out(compile_rules(from_list(lines, source="test")), names) == expected
    assert 100 < len(expected) < len(names) - 100


def test_many_threads_may_ask_the_same_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(automaton, "STATES", 5)
    interval = sys.getswitchinterval()
    names = sorted({name for case in patterns.cases(4_000_000, 150) for name in case.names})
    lines = ["?a*b*", "*[a-c]?", "**/x/**/y*", "a*b?c", "![[:alpha:]]*1*", "[^a-z]?[a-z]", "d/", "/a/b*"]
    expected = [compile_rules(from_list(lines, source="test")).nearest(name) for name in names]
    rules = compile_rules(from_list(lines, source="test"))

    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(lambda _: [rules.nearest(name) for name in names], range(4)))
    finally:
        sys.setswitchinterval(interval)

    assert answers == [expected] * 4
    assert None in expected


def test_a_name_of_two_thousand_parts_needs_no_recursion_and_no_square() -> None:
    rules = compile_rules(from_list(["b[0-9].sh", "/**/a" * 100 + "/b", "*.sh"], source="test"))
    begun = time.perf_counter()
    for number in range(100):
        assert rules.nearest("a/" * 2_000 + f"f{number}") is None

    assert time.perf_counter() - begun < 5


def test_thousands_of_plain_patterns_cost_no_seconds() -> None:
    content = b"".join(b"directory%d/f*%d\n" % (number, number) for number in range(8_000))
    begun = time.perf_counter()
    rules = compile_rules(parse_ignore_file(content, "x"))
    for number in range(5_000):
        rules.verdict(f"directory{number}/other")

    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize(
    ("lines", "name", "covered"),
    [(["bin/"], "bin/a/b", True), (["bin/"], "bin", False), (["*.sh"], "d/a.sh", True), ([], "a", False)],
)
def test_rules_cover_what_lies_below_a_directory(lines: Sequence[str], name: str, covered: bool) -> None:  # noqa: FBT001 - a column
    assert (compile_rules(from_list(lines, source="test")).nearest(name) is not None) is covered


@pytest.mark.parametrize(
    "name", ["a", "a b", "a ", "a  ", "#a", "!a", "a[b]", "*", "a?", "it's", "a\\", "d/x*y", "Ü$`"]
)
def test_the_option_that_a_hint_gives_leaves_out_that_name_alone(name: str, ignored_by_git: Ask) -> None:
    option, pattern = shlex.split(exclude_option(name))
    names = [name, "a", "b", "xy", "d/xzy", "a1", "other", "d/b", f"in/{name}"]

    rules: Rules = compile_rules(from_list([pattern], source=option))

    assert option == "--exclude"
    assert patterns.left_out(rules, names) == ignored_by_git(pattern.encode(), names) == {name}


def test_the_built_in_list_leaves_out_what_never_belongs_in_a_package() -> None:
    rules = compile_rules(from_list(BUILT_IN, source="built-in"))
    left_out = [".git/", "a/.git", "__pycache__/", "a.pyc", "a.pyo", ".venv/", ".env", "d/.env.local", ".DS_Store"]
    left_out += [".terraform/", ".aws-sam/", ".serverless/", "id_rsa", ".mypy_cache/", ".pytest_cache/", "x.tfstate"]
    left_out += ["x.tfstate.backup", "a~", ".coverage.host"]
    kept = ["certifi/cacert.pem", "app.py", "env.py", "git", "lib/venv/", "numpy/.libs/", "a.pyd.txt", "node_modules/"]

    assert [name for name in left_out if rules.verdict(name) is None] == []
    assert [name for name in kept if rules.verdict(name) is not None] == []
