"""README and ``docs/``: what the pages show is what happens, what they name exists, and their links lead somewhere.

The blocks of a page are one session in a fresh copy of ``fixtures``, from top to bottom. A ``console`` block must come
out as it stands. A block whose fence names a file, as in ``python app.py``, is written to that file when its turn
comes. ``DOCS_UPDATE=1 python -m pytest tests/test_docs.py`` writes what came out into the pages instead.
"""

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from lambdapack import errors
from lambdapack.cli.main import COMMANDS, cli
from lambdapack.config.keys import KEYS
from lambdapack.config.load import load_config
from lambdapack.errors import LambdapackError

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]

LONGEST_README = 250
LONGEST_PAGE = 260
"""Lines. What is longer is two pages."""

FENCED = re.compile(r"^```(?P<language>\w+)(?: (?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")

needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="the sessions are bash's")


class Block(NamedTuple):
    """A fenced block of a page."""

    language: str
    file: str
    """Where its text goes, relative to where the session is; empty for most."""
    text: str


def blocks(page: str) -> list[Block]:
    return [Block(found["language"], found["file"] or "", found["text"]) for found in FENCED.finditer(page)]


def prose(page: str) -> str:
    """Return a page without its fenced blocks."""
    return FENCED.sub("", page)


def session(page: list[Block]) -> str:
    """Return the script that does what a page shows, and prints ``END`` after each console block."""
    script = []
    for block in page:
        if block.file:
            script.append(f"cat > {quoted(block.file)} <<'{END}'\n{block.text}{END}")
        if block.language == "console":
            for line in block.text.splitlines():
                if line.startswith("$ "):
                    script += [f"printf '%s\\n' {quoted(line)}", line.removeprefix("$ ")]
            script.append(f"echo '{END}'")
    return "\n".join(script)


END = "=== end of block ==="


def transcript(page: list[Block], directory: Path) -> list[str]:
    """Run the blocks of a page in one shell, and return the console blocks with what really came out."""
    return bash(session(page), directory).split(f"{END}\n")[:-1]


def bash(script: str, directory: Path) -> str:
    """Run a script as somebody who has installed lambdapack, and nothing else, and return what it printed."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(directory),
        "LC_ALL": "C.UTF-8",
    }
    with subprocess.Popen(
        ["bash", "-c", script],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as shell:
        try:
            return shell.communicate(timeout=120)[0]
        finally:  # what a session has begun in the background ends with it, also where it went wrong
            with contextlib.suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)


def masked(text: str) -> str:
    """Return ``text`` with one word for every RevisionId, which are random, and for every time."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "REVISION", text)
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", "TIME", text)


def quoted(text: str) -> str:
    """Return ``text`` as one word of the shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def anchors(page: str) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(path: Path) -> list[str]:
    """Return the links of a page to files and headings that are not there."""
    broken = []
    for found in LINK.finditer(prose(path.read_text(encoding="utf-8"))):
        address, _, anchor = found["target"].partition("#")
        if "://" in address:
            continue
        target = (path.parent / address).resolve() if address else path
        if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            broken.append(found["target"])
    return broken


def understand(line: str) -> None:
    """Have click parse a command line; raises ``click.UsageError`` for a command or an option that is not there."""
    cli.main([*shlex.split(line, comments=True)[1:], "--help"], prog_name="lambdapack", standalone_mode=False)


def long_options(command: click.Command) -> set[str]:
    inner = command.commands.values() if isinstance(command, click.Group) else ()
    own = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    return own.union(*map(long_options, inner))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A directory with what the sessions' first lines change into."""
    shutil.copytree(ROOT / "fixtures", tmp_path / "fixtures", ignore=shutil.ignore_patterns("dist", ".emulator"))
    return tmp_path


@needs_bash
@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if "```console\n" in page.read_text(encoding="utf-8")],
    ids=lambda page: page.stem,
)
def test_every_console_block_comes_out_as_it_stands(page: Path, checkout: Path) -> None:
    text = page.read_text(encoding="utf-8")

    really = transcript(blocks(text), checkout)

    if os.environ.get("DOCS_UPDATE"):
        answers = iter(really)
        page.write_text(
            re.sub(r"(?<=^```console\n).*?(?=^```$)", lambda _: next(answers), text, flags=re.MULTILINE | re.DOTALL),
            encoding="utf-8",
        )
    else:
        written = [block.text for block in blocks(text) if block.language == "console"]
        assert [masked(block) for block in written] == [masked(block) for block in really]


@needs_bash
def test_a_page_that_lies_is_caught(tmp_path: Path) -> None:
    page = blocks("```toml a.toml\nx = 1\n```\n\n```console\n$ cat a.toml\nx = 2\n```\n")

    assert transcript(page, tmp_path) == ["$ cat a.toml\nx = 1\n"]
    assert [block.text for block in page if block.language == "console"] == ["$ cat a.toml\nx = 2\n"]


@needs_bash
def test_the_start_works_word_for_word(tmp_path: Path) -> None:
    """README's first screen, in a directory of one's own, whose dependency comes from a folder and not from PyPI."""
    start = blocks(README.read_text(encoding="utf-8").partition("\n## A real session\n")[0])
    (config,) = (block for block in start if block.file == "lambdapack.toml")
    (commands,) = (block.text for block in start if "lambdapack lock" in block.text)
    (tmp_path / "app.py").write_text("import columns\n\n\ndef handler(event, context):\n    return columns.__name__\n")
    wheels = ROOT / "fixtures/locked/wheels"
    (tmp_path / "requirements.txt").write_text(f"--no-index\n--find-links {wheels}\ncolumns\n")

    printed = bash(f"set -e\n{session([config])}\n{commands}", tmp_path)

    assert "created arn:aws:lambda:us-east-1:000000000000:function:hello\n" in printed
    assert "\nversion 1\nalias live\n" in printed
    assert re.search(r"^1 .* live ", printed, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    assert broken_links(page) == []


def test_a_link_to_nowhere_is_caught(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A page\n\n[a](page.md#a-page) [b](page.md#b) [c](c.md) [d](https://d.example) [e](#a-page)\n")

    assert broken_links(page) == ["page.md#b", "c.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_files_that_are_named_are_there(page: Path) -> None:
    named = re.findall(r"`((?:lambdapack|tests|fixtures|docs)/[\w./-]*)`", prose(page.read_text(encoding="utf-8")))

    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_page_is_found_from_readme() -> None:
    linked = {found["target"].partition("#")[0] for found in LINK.finditer(README.read_text(encoding="utf-8"))}

    assert {f"docs/{page.name}" for page in PAGES[1:]} <= linked


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_page_is_too_long_to_read(page: Path) -> None:
    limit = LONGEST_README if page == README else LONGEST_PAGE

    assert len(page.read_text(encoding="utf-8").splitlines()) <= limit


def test_every_command_option_and_key_of_the_configuration_is_described() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES if page.stem != "changelog")

    assert [command for command in COMMANDS if f"lambdapack {command}" not in text] == []
    assert [key for key in KEYS if f"`{key}`" not in text] == []
    context = click.Context(cli)
    commands = [cli.get_command(context, name) for name in cli.list_commands(context)]
    options = set[str]().union(*(long_options(command) for command in commands if command is not None))
    assert sorted(option for option in options if not re.search(rf"{option}(?![\w-])", text)) == []


def test_readmes_exit_codes_are_those_of_the_errors() -> None:
    table = README.read_text(encoding="utf-8").partition("\n## Exit codes\n")[2].partition("\n## ")[0]
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, LambdapackError)]

    described = {int(code) for row in re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE) for code in row.split(",")}
    assert described == {0, 1, *(kind.exit_code for kind in kinds), *(128 + number for number in (1, 2, 15))}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_in_shell_blocks_can_be_typed(page: Path) -> None:
    for block in blocks(page.read_text(encoding="utf-8")):
        for line in block.text.splitlines() if block.language == "sh" else ():
            if line.startswith("lambdapack "):
                understand(line)


def test_a_command_with_an_unknown_option_is_caught() -> None:
    understand("lambdapack build src -o out.zip  # --unknown")
    with pytest.raises(click.UsageError, match="--unknown"):
        understand("lambdapack build src --unknown")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_configurations_are_valid(page: Path, tmp_path: Path) -> None:
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.language == "toml":
            name = "pyproject.toml" if "tool" in tomllib.loads(block.text) else "lambdapack.toml"
            (tmp_path / name).write_text(block.text)
            assert load_config(tmp_path) is not None
            (tmp_path / name).unlink()
