"""Print the path of every CPython >= 3.11 on this machine, one a line, the oldest first.

Looked for on PATH, in pyenv's and in uv's folders. A path is printed once for each version: the Makefile runs
the tests on all of them.
"""

import os
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)

ASK = "import platform, sys; print(platform.python_implementation(), *sys.version_info[:3])"


def candidates() -> list[Path]:
    """Return what may be an interpreter."""
    home = Path.home()
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    return [
        Path(sys.base_prefix, "bin", "python3"),
        # pyenv's shims start whatever the current directory chooses, so its versions are asked instead.
        *(path for folder in folders if folder.name != "shims" for path in sorted(folder.glob("python3.[0-9][0-9]"))),
        *sorted((home / ".pyenv" / "versions").glob("*/bin/python3")),
        *sorted((home / ".local" / "share" / "uv" / "python").glob("cpython-*/bin/python3")),
    ]


def version(path: Path) -> tuple[int, ...] | None:
    """Return the version of the CPython at ``path``, or None where there is none that starts."""
    try:
        answer = subprocess.run(
            [path, "-c", ASK], capture_output=True, text=True, timeout=30, check=True, cwd="/", env={"PATH": os.defpath}
        )
    except (OSError, subprocess.SubprocessError):
        return None
    implementation, *numbers = answer.stdout.split()
    return tuple(map(int, numbers)) if implementation == "CPython" else None


def main() -> None:
    """Print what was found."""
    found: dict[tuple[int, ...], Path] = {}
    for path in candidates():
        numbers = version(path)
        if numbers is not None and numbers >= OLDEST:
            found.setdefault(numbers, path)
    print("\n".join(str(found[numbers]) for numbers in sorted(found)))


if __name__ == "__main__":
    main()
