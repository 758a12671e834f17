"""Patterns mean what git says they mean: ``git check-ignore`` is asked about everything that can be written down."""

import random
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
from pathspec import GitIgnoreSpec

from lambdapack.errors import UsageError
from lambdapack.packing.ignore import BUILT_IN, Rules, compile_rules, from_list, parse_ignore_file
from lambdapack.packing.tree import walk

NAMES = (
    *("a", "b", "ab", "ax", "foo", "bar", "a.py", "b.py", "foo.txt", "build", "x y", "Über", "#h", "!bang", "[x]"),
    *("a*b", "c.d.e", "-", "]", "a-z", "^", "x ", "x", "A1", "_", "日本"),
)
# Not among them: stars behind a text without anything special (``a**/b``), which gitignore(5) does not define.
SEGMENTS = (
    *("a", "b", "ab", "foo", "bar", "*.py", "*", "f*", "?", "??", "[ab]", "[!a]", "[^a]*", "[a-c]*", "**", "build"),
    *("*.txt", "x y", "\\#h", "#h", "\\!bang", "!bang", "\\[x\\]", "Ü*", "a\\*b", "c.*.e", "fo[o]", "[]a]", "[]-]"),
    *("[!]a]", "\\a", "x\\ ", "x ", "x\\  ", "?ber", "??ber", "[\\]]", "[a\\-z]", "\\\\", "[a-]", "[-a]"),
    *("[--a]", "[a-\\z]", "[a-c-e]", "***", "[/]", "[.-0]", "a[.-0]b", "[!-z]", "[[a]", "[[:a]", "[:alpha:]"),
    *("[[:alpha:]]", "[^[:alpha:]]*", "[[:alpha:]_.]*", "[[:punct:]]", "[[:alnum:][:punct:]]*", "[[:upper:]]*"),
    *("[[:digit:]]", "*[[:space:]]", "[[:graph:]]", "[[:print:]]*", "[[:xdigit:]]", "[[:lower:]]?", "[Ü]*", "日*"),
)
ALPHABET = "ab*?[]!^-/\\ x.:"


def random_names(choose: random.Random) -> list[str]:
    names = {"/".join(choose.choices(NAMES, k=choose.randint(1, 4))) for _ in range(60)}
    directories = {name.rpartition("/")[0] for name in names}
    directories |= {above for name in directories for above in (name.rpartition("/")[0], name.split("/")[0])}
    return sorted(names - directories)


def random_pattern(choose: random.Random) -> str:
    if choose.random() < 0.3:
        text = "".join(choose.choices(ALPHABET, k=choose.randint(1, 7)))
    else:
        text = "/".join(choose.choices(SEGMENTS, k=choose.choice((1, 1, 1, 2, 2, 3))))
    before = choose.choice(("", "", "", "/")) + text
    return choose.choice(("", "", "", "!")) + before + choose.choice(("", "", "/", "/  ", "  "))


def usable(pattern: str) -> bool:
    try:
        compile_rules(parse_ignore_file(pattern.encode(), "x"))
    except UsageError:
        return False
    return True


@pytest.fixture(scope="module")
def ignored_by_git(
    tmp_path_factory: pytest.TempPathFactory, clean_environment: dict[str, str]
) -> Callable[[bytes, Iterable[str]], set[str]]:
    repository = tmp_path_factory.mktemp("repository")
    git = ["git", "-C", str(repository), "-c", "core.excludesFile=/dev/null"]
    environment = clean_environment | {"GIT_CONFIG_NOSYSTEM": "1", "HOME": str(repository)}
    subprocess.run([*git, "init", "-q"], check=True, env=environment)

    def ask(ignore_file: bytes, names: Iterable[str]) -> set[str]:
        (repository / ".gitignore").write_bytes(ignore_file)
        answer = subprocess.run(
            [*git, "check-ignore", "--no-index", "-z", "--stdin"],
            input="\0".join(names).encode(),
            capture_output=True,
            check=False,
            env=environment,
        )
        assert answer.returncode in {0, 1}, answer.stderr
        return set(answer.stdout.decode().split("\0")) - {""}

    return ask


def packed(root: Path, rules: Rules) -> set[str]:
    return {entry.name for entry in walk(str(root), rules=rules).entries}


@pytest.mark.parametrize("seed", range(10))
def test_the_walk_agrees_with_git_on_200_generated_ignore_files(
    seed: int, tree: Callable[..., Path], ignored_by_git: Callable[[bytes, Iterable[str]], set[str]]
) -> None:
    choose = random.Random(seed)  # noqa: S311 - repeatable, not secret
    names = random_names(choose)
    root = tree(dict.fromkeys(names, b""))
    for _ in range(20):
        patterns = [random_pattern(choose) for _ in range(choose.randint(1, 6))]
        lines = [pattern for pattern in patterns if usable(pattern)]
        content = (choose.choice(("\n", "\n", "\r\n")).join(lines) + choose.choice(("", "\n"))).encode()

        ours = set(names) - packed(root, compile_rules(parse_ignore_file(content, ".lambdaignore")))

        assert ours == ignored_by_git(content, names), content


def test_what_we_refuse_matches_nothing_in_git(
    ignored_by_git: Callable[[bytes, Iterable[str]], set[str]],
) -> None:
    choose = random.Random(0)  # noqa: S311 - repeatable, not secret
    patterns = [pattern for pattern in (random_pattern(choose) for _ in range(2_000)) if not usable(pattern)]
    content = "\n".join(pattern.removeprefix("!") for pattern in patterns).encode()

    assert len(patterns) > 200
    assert ignored_by_git(content, random_names(choose)) == set()


@pytest.mark.parametrize(
    ("lines", "name", "is_ignored"),
    [
        (["d/x[!b]y"], "d/x/y", False),  # a bracket never matches a slash
        (["[\\]]"], "]", True),  # a backslash in brackets escapes
        (["[[:alpha:]]"], "a", True),
        (["a**/b"], "axb/b", True),
        (["?ber"], "Über", False),  # a question mark is one byte
        (["??ber"], "Über", True),
        (["a[.-0]b"], "a/b", False),
        (["foo ", "bar\\ "], "bar ", True),
        (["*", "!*/", "!a.py"], "d/a.py", False),
        (["d", "!d/a.py"], "d/a.py", True),
    ],
)
def test_fixed_cases_mean_what_git_says(
    lines: list[str],
    name: str,
    is_ignored: bool,  # noqa: FBT001 - a column
    ignored_by_git: Callable[[bytes, Iterable[str]], set[str]],
) -> None:
    rules = compile_rules(from_list(lines, source="test"))
    above = [name[: at + 1] for at, character in enumerate(name) if character == "/"]

    assert any(rules.verdict(asked) for asked in (*above, name)) is is_ignored
    assert bool(ignored_by_git("\n".join(lines).encode(), [name])) is is_ignored


@pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")
def test_plain_pathspec_would_not_do(ignored_by_git: Callable[[bytes, Iterable[str]], set[str]]) -> None:
    cases = [("d/x[!b]y", "d/x/y"), ("[\\]]", "]"), ("[[:alpha:]]", "a"), ("?ber", "Über")]

    wrong = [
        (pattern, name)
        for pattern, name in cases
        if GitIgnoreSpec.from_lines([pattern]).match_file(name) != bool(ignored_by_git(pattern.encode(), [name]))
    ]

    assert wrong == cases


@pytest.mark.parametrize("pattern", ["[a", "a\\", "[[:nope:]]", "!", "/", "!/", "[/]", "foo/[", "[[:alpha:]", "\\"])
def test_a_pattern_that_matches_nothing_is_named_with_file_and_line(pattern: str) -> None:
    content = f"# first\nfine\n{pattern}\n".encode()

    with pytest.raises(UsageError) as caught:
        compile_rules(parse_ignore_file(content, "src/.lambdaignore"))

    assert caught.value.message == f"src/.lambdaignore:3: the pattern {pattern!r} cannot be parsed"


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


def test_the_strongest_pattern_is_the_last() -> None:
    rules = compile_rules(from_list(["*.txt", "!a.txt", "d/a.txt"], source="test"))

    assert [rules.verdict(name) is not None for name in ("b.txt", "a.txt", "d/a.txt")] == [True, False, True]


def test_a_pattern_names_where_it_was_written() -> None:
    found = compile_rules(parse_ignore_file(b"a\nb\n", ".lambdaignore")).verdict("b")

    assert found is not None
    assert (found.text, found.source) == ("b", ".lambdaignore:2")


def test_thousands_of_patterns_cost_no_seconds() -> None:
    content = b"".join(b"directory%d/f*%d\n" % (number, number) for number in range(8_000))
    begun = time.perf_counter()
    rules = compile_rules(parse_ignore_file(content, "x"))
    for number in range(5_000):
        rules.verdict(f"directory{number}/other")

    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize(
    ("patterns", "name", "covered"),
    [(["bin/"], "bin/a/b", True), (["bin/"], "bin", False), (["*.sh"], "d/a.sh", True), ([], "a", False)],
)
def test_rules_cover_what_lies_below_a_directory(patterns: Sequence[str], name: str, covered: bool) -> None:  # noqa: FBT001 - a column
    assert compile_rules(from_list(patterns, source="test")).cover(name) is covered


def test_the_built_in_list_leaves_out_what_never_belongs_in_a_package() -> None:
    rules = compile_rules(from_list(BUILT_IN, source="built-in"))
    left_out = [".git/", "a/.git", "__pycache__/", "a.pyc", "a.pyo", ".venv/", ".env", "d/.env.local", ".DS_Store"]
    left_out += [".terraform/", ".aws-sam/", ".serverless/", "id_rsa", ".mypy_cache/", ".pytest_cache/", "x.tfstate"]
    kept = ["certifi/cacert.pem", "app.py", "env.py", "git", "lib/venv/", "numpy/.libs/", "a.pyd.txt", "node_modules/"]

    assert [name for name in left_out if rules.verdict(name) is None] == []
    assert [name for name in kept if rules.verdict(name) is not None] == []
