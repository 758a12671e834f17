"""README's console blocks are one session, run here from top to bottom: every line must come out as it stands.

``README_UPDATE=1 python -m pytest tests/test_readme.py`` writes what came out into README instead.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lambdapack.cli.main import COMMANDS
from lambdapack.config.keys import KEYS

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"(?<=```console\n).*?(?=```\n)", re.DOTALL)


def transcript(blocks: list[str], directory: Path) -> list[str]:
    """Run the commands of all blocks in one shell, and return the blocks with what really came out."""
    end = "=== end of block ==="
    script = []
    for block in blocks:
        for line in block.splitlines():
            if line.startswith("$ "):
                script += [f"printf '%s\\n' {quoted(line)}", line.removeprefix("$ ")]
        script.append(f"echo '{end}'")
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(directory),
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=directory,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )
    return done.stdout.split(end + "\n")[:-1]


def masked(text: str) -> str:
    """Return ``text`` with one word for every RevisionId, which are random, and for every time."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "REVISION", text)
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", "TIME", text)


def quoted(text: str) -> str:
    """Return ``text`` as one word of the shell."""
    return "'" + text.replace("'", "'\\''") + "'"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the session's first line changes into."""
    shutil.copytree(ROOT / "fixtures", tmp_path / "fixtures", ignore=shutil.ignore_patterns("dist", ".emulator"))
    return tmp_path


@pytest.mark.skipif(shutil.which("bash") is None, reason="the session is one of bash")
def test_every_console_block_comes_out_as_it_stands(checkout: Path) -> None:
    text = README.read_text(encoding="utf-8")
    written = BLOCK.findall(text)

    really = transcript(written, checkout)

    if os.environ.get("README_UPDATE"):
        answers = iter(really)
        README.write_text(BLOCK.sub(lambda _: next(answers), text), encoding="utf-8")
    else:
        assert len(written) == 11
        assert [masked(block) for block in written] == [masked(block) for block in really]


def test_every_command_and_every_key_of_the_configuration_is_described() -> None:
    text = README.read_text(encoding="utf-8")

    assert [command for command in COMMANDS if f"lambdapack {command}" not in text] == []
    assert [key for key in KEYS if f"`{key}`" not in text] == []
