"""Faults in system calls, by strace(1)."""

import os
import shutil

import pytest

needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


def injection(call: str, fault: str, *, path: str | None = None) -> list[str]:
    """Return the words before a command that inject a fault into its system calls, or into those on ``path`` alone."""
    strace = ["strace", "-f", "-qqq", "-o", os.devnull, "-e", f"trace={call}", "-e", f"inject={call}:{fault}"]
    return [*strace, *(("-P", path) if path else ())]
