"""Temporary files and directories beside what they become: created, locked, and swept by the next run after a kill.

A lock dies with its process: an unlocked file was left by a killed run, a locked one is being written by another run.
So what is temporary stays locked until it has its final name or is gone; unlocked earlier, it could be swept away.
"""

import contextlib
import os
import sys
from pathlib import Path
from typing import BinaryIO

from lambdapack import waiting

SUFFIX = ".lambdapack-tmp"
"""How the name of everything temporary ends; the ignore rules know it."""

_TO_LOCK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def lock(descriptor: int, *, wait: bool, name: str = "") -> bool:
    """Return whether this process now holds the file's lock, which ends with the process (flock(2)).

    Raises ``TimeoutError`` that names the file where another process keeps the lock for too long. Always False on
    Windows, where an open file cannot be removed, which is all that the lock is for.
    """
    if sys.platform == "win32":
        return False
    try:
        if wait:
            waiting.lock(descriptor, name=name)
        return wait or waiting.try_lock(descriptor)
    except TimeoutError:
        raise
    except OSError:  # a file system without locks
        return False


def temporary_beside(target: Path, *, stem: str) -> Path:
    """Return a path beside ``target`` that nobody else has; its name begins with ``stem``, which ``sweep`` takes."""
    return target.with_name(f"{stem}{os.urandom(8).hex()}{SUFFIX}")


def create_file(path: Path) -> BinaryIO:
    """Create a file, with the mode that the umask gives, and lock it for as long as it is open; raises ``OSError``."""
    while True:
        # "x" refuses a file or symlink that is there.
        file = path.open("x+b")
        try:
            lock(file.fileno(), wait=True, name=path.name)
        except BaseException:
            file.close()
            raise
        if path.exists():
            return file
        file.close()  # another run swept it before the lock was ours


def create_directory(path: Path) -> int | None:
    """Create a directory that is this user's alone, and lock it for as long as the descriptor that is returned is open.

    None on Windows, where a directory cannot be opened. Raises ``OSError``.
    """
    while True:
        path.mkdir(mode=0o700)
        if sys.platform == "win32":
            return None
        try:
            descriptor = os.open(path, os.O_RDONLY | _TO_LOCK)
        except FileNotFoundError:
            continue  # another run swept it already
        try:
            lock(descriptor, wait=True, name=path.name)
        except BaseException:
            os.close(descriptor)
            raise
        if path.exists():
            return descriptor
        os.close(descriptor)


def sweep(folder: Path, *, stem: str) -> None:
    """Remove what killed runs left in ``folder`` under names that begin with ``stem``; what cannot be removed stays."""
    names: list[str] = []
    with contextlib.suppress(OSError):
        names = [name for name in os.listdir(folder) if name.startswith(stem) and name.endswith(SUFFIX)]  # noqa: PTH208
    for name in names:
        with contextlib.suppress(OSError):
            stale = folder / name
            is_directory = stale.is_dir() and not stale.is_symlink()
            # A file is opened for writing: NFS locks no other (flock(2)).
            descriptor = os.open(stale, _TO_LOCK | (os.O_RDONLY if is_directory else os.O_RDWR))
            try:
                if not lock(descriptor, wait=False):
                    continue
                if is_directory:
                    import shutil  # noqa: PLC0415 - 2 ms, and hardly ever needed

                    shutil.rmtree(stale, ignore_errors=True)
                else:
                    stale.unlink()
            finally:
                os.close(descriptor)
