"""A run on a terminal of its own: what it shows in the end, line by line, as a person sees it."""

import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.running import COMMAND

# The run leads a session whose terminal this is, so that Ctrl-C reaches it as a signal.
_LAUNCHER = (
    "import fcntl, os, sys, termios\n"
    "os.setsid()\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execv(sys.argv[1], sys.argv[1:])\n"
)


class Terminal:
    """``python -m lambdapack`` with its input and stderr on a terminal; stdout is a pipe."""

    def __init__(self, *arguments: str, cwd: Path, env: Mapping[str, str]) -> None:
        import pty  # noqa: PLC0415 - not on Windows
        import termios  # noqa: PLC0415 - as above

        self._ours, theirs = pty.openpty()
        # A terminal of no size is one on which tqdm draws nothing.
        termios.tcsetwinsize(theirs, (24, 80))
        self.process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCHER, *COMMAND, *arguments],
            cwd=cwd,
            env={**env, "TERM": "xterm"},
            stdin=theirs,
            stderr=theirs,
            stdout=subprocess.PIPE,
            text=True,
        )
        os.close(theirs)
        self._shown = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.communicate()
        os.close(self._ours)

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def wait_for(self, words: str, *, seconds: float = 30) -> None:
        """Return when ``words`` have been shown."""
        end = time.monotonic() + seconds
        while words not in self._shown:
            assert time.monotonic() < end, f"{words!r} was not shown, but {self._shown!r}"
            self._read(0.1)

    def wait_until_it_waits(self) -> None:
        """Return when the run sleeps; a signal between its words and its read is seen after the read alone."""
        state = Path(f"/proc/{self.process.pid}/stat")
        asleep = 0
        while asleep < 3:
            time.sleep(0.1)
            asleep = asleep + 1 if not state.exists() or state.read_text().split()[2] == "S" else 0

    def finish(self) -> tuple[int, str]:
        """Return the exit code and stdout, when the run is over."""
        stdout, _ = self.process.communicate(timeout=30)
        while self._read(0):
            pass
        return self.process.returncode, stdout

    @property
    def lines(self) -> list[str]:
        """What stands on the terminal; the last one is where a shell's prompt would begin."""
        lines = [""]
        column = 0
        for character in re.sub(r"\x1b\[[0-9;]*[a-zA-Z]", "", self._shown):
            if character == "\r":
                column = 0
            elif character == "\n":
                lines.append("")
            else:
                lines[-1] = lines[-1].ljust(column)[:column] + character + lines[-1][column + 1 :]
                column += 1
        return [line.rstrip() for line in lines]

    def _read(self, seconds: float) -> bool:
        if not select.select([self._ours], [], [], seconds)[0]:
            return False
        try:
            found = os.read(self._ours, 65536)
        except OSError:  # nobody has it open any more
            return False
        self._shown += found.decode(errors="replace")
        return bool(found)
