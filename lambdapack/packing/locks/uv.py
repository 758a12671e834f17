"""Making a ``pylock.toml`` for one target, by calling uv; what uv answers is proven before it replaces anything.

::

    requirements.txt, pyproject.toml ─► uv pip compile ─┐
    uv.lock ──────────────────────────► uv export ──────┴─► header + answer ─► select_from ─► Replacement

Rules for this file
- uv decides which versions, and where it looks for them: its configuration and environment are the user's.
- An old lock keeps its versions as long as they fit, so that the same input gives the same lock.
- Words of uv are shown without credentials (``complaint``).
"""

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from lambdapack import waiting
from lambdapack.disk.reading import is_file, reading
from lambdapack.disk.replacement import Replacement
from lambdapack.disk.temporary import SUFFIX, create_file, sweep, temporary_beside
from lambdapack.errors import LocalError, LockError, UsageError
from lambdapack.fields import check_fields
from lambdapack.inputs import Named, refuse_overwriting
from lambdapack.packing.locks.complaint import complaint, secrets_in
from lambdapack.packing.locks.pylock import EXPORTS, INPUTS, REQUIREMENTS, parse, select_from
from lambdapack.packing.locks.request import Request
from lambdapack.packing.locks.requirements import read_by_uv
from lambdapack.packing.locks.selection import Selection
from lambdapack.shortage import no_thread, shortage, shortage_said
from lambdapack.target import Target, python_target
from lambdapack.text import printable

NAME = re.compile(r"pylock(?:\.[^.]+)?\.toml")
"""What a lock is called ("pylock.toml Specification", File Name)."""

UV_LOCK = "uv.lock"

INPUTS_IN_ORDER = (UV_LOCK, "pyproject.toml", "requirements.in", "requirements.txt")
"""What is looked for where nobody says what to lock; a lock is more exact than what it was made from."""

UV_GLIBC = (17, 28, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40)
"""The 2.x for which uv has a platform (``uv pip compile --help``, uv 0.13, ``--python-platform``)."""

ANSWER = "pylock.lambdapack-"
"""How the name begins under which uv writes; the ignore rules know it."""

UV_TIME = 900.0
"""Seconds that uv may take: a hundred times what it takes for large projects, for it may have much to download."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRequest:
    """All that decides what a new lock holds and where it goes."""

    source: str | os.PathLike[str]
    """A requirements file, a pyproject.toml or a uv.lock, in the user's words."""
    output: str | os.PathLike[str]
    """In the user's words."""
    runtime: str | None = None
    """Such as ``python3.13``; None for what ``target.python_target`` chooses, as for the architecture."""
    architecture: str | None = None
    groups: Sequence[str] = ()
    """Dependency groups of pyproject.toml beside its dependencies (PEP 735)."""
    extras: Sequence[str] = ()
    upgrade: bool = False
    """Whether the versions of an old lock at ``output`` count for nothing."""
    timeout: float = UV_TIME
    """Seconds that uv may take."""

    @property
    def target(self) -> Target:
        """The machine that the lock is for; raises ``UsageError`` for one that there is not."""
        return python_target(runtime=self.runtime, architecture=self.architecture)

    @property
    def input(self) -> str:
        """What is locked, in the user's words."""
        return os.fspath(self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockResult:
    """A lock that stands at its place."""

    selection: Selection
    """What it gives its target."""
    unchanged: bool
    """Whether the file had these bytes already, and was left alone."""


def lock(request: LockRequest) -> LockResult:
    """Write the lock that ``request`` describes.

    Raises ``UsageError`` for an input or output that cannot be one, ``LocalError`` where uv is not there or a
    file cannot be written, ``LockError`` where uv finds no solution or its lock does not serve the target; then
    an old lock is as it was.
    """
    check_fields(request)
    check(request)
    uv = find_uv()
    with Replacement(request.output) as replacement, _answer_beside(request) as answer:
        run_uv([uv, *arguments(request, answer)], request)
        content = _header(request).encode("utf-8") + read(answer)
        selection = select_from(content, _request_of(request), warn=lambda _: None)
        replacement.write(content)
        replacement.prepare()
        replacement.commit()
    return LockResult(selection=selection, unchanged=replacement.unchanged)


def default_source(directory: Path) -> str:
    """Return what there is to lock in ``directory``; raises ``UsageError`` where that is nothing."""
    for name in INPUTS_IN_ORDER:
        if is_file(directory / name):
            return name
    raise UsageError(
        f"there is nothing to lock here: no {', '.join(INPUTS_IN_ORDER)}", hint="name a file: lambdapack lock INPUT"
    )


def check(request: LockRequest) -> None:
    """Raise ``UsageError`` for an input that cannot be locked, or an output that no tool would take for a lock."""
    if not request.timeout > 0:
        raise UsageError(f"uv cannot be done in {request.timeout:g} s", hint="give a positive number of seconds")
    name = Path(request.input).name
    if name in EXPORTS:
        raise UsageError(
            f"{request.input} is another tool's lock", hint=f"make one: {EXPORTS[name].format(lock='lambdapack lock')}"
        )
    if name not in INPUTS and not name.endswith(REQUIREMENTS):
        raise UsageError(
            f"{request.input} cannot be locked", hint="name a requirements.txt, a pyproject.toml or a uv.lock"
        )
    if not is_file(request.input):
        raise UsageError(f"there is no file {request.input}", hint="name a file that is there")
    if not NAME.fullmatch(Path(request.output).name):
        raise UsageError(
            f"a lock cannot be called {Path(request.output).name}", hint="call it pylock.toml, or pylock.NAME.toml"
        )
    # All of them are read, also where no lock is there yet: uv takes a disk that fails for a mistake in the file.
    refuse_overwriting([Named("the lock", request.output)], files=list(read_by_uv(request.input)))
    if (request.groups or request.extras) and name not in (UV_LOCK, "pyproject.toml"):
        raise UsageError(
            f"{request.input} has no groups and no extras",
            hint="leave out --group and --extra, or lock a pyproject.toml",
        )


def find_uv() -> str:
    """Return the path of uv: from PATH, else beside this Python; raises ``LocalError`` where it is in neither."""
    found = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if found is None:
        raise LocalError("making a lock needs uv, and it is not installed", hint="install it: pip install uv")
    return found


def arguments(request: LockRequest, answer: Path) -> list[str]:
    """Return the command line for uv, which writes its lock to ``answer``."""
    common = ["--format=pylock.toml", "--no-header", "--no-python-downloads", "--color=never", "--no-progress"]
    common += [f"--output-file={answer}", *(f"--extra={extra}" for extra in request.extras)]
    if Path(request.input).name == UV_LOCK:
        # A lock for all machines: its markers are ours to evaluate. The project itself is SOURCE, and no wheel.
        return [
            *("export", *common, "--frozen", "--no-emit-project", "--no-default-groups"),
            *(f"--group={group}" for group in request.groups),
            *("--project", os.path.dirname(request.input) or "."),  # noqa: PTH120 - the user's words
        ]
    return [
        *("pip", "compile", *common, "--only-binary=:all:"),
        f"--python-version={request.target.python_to_lock_for}",
        f"--python-platform={uv_platform(request.target)}",
        *(f"--group={request.input}:{group}" for group in request.groups),
        *(["--upgrade"] if request.upgrade else []),
        # Any Python will do, and this one is there.
        *([f"--python={sys.executable}"] if sys.executable else []),
        *("--", request.input),
    ]


def uv_platform(target: Target) -> str:
    """Return uv's name for the target: the newest manylinux that uv knows and the target's glibc can load."""
    newest = max(minor for minor in UV_GLIBC if (2, minor) <= target.glibc)
    return f"{target.machine}-manylinux_2_{newest}"


@contextmanager
def _answer_beside(request: LockRequest) -> Iterator[Path]:
    """Yield the path for uv's answer, which goes when the context ends; an old lock lies there, for its versions.

    It is beside the output, because the paths in a lock are relative to it, and has a name that uv accepts. uv puts a
    file of its own there, so that a second one is locked, which guards it from being swept. Raises ``OSError``.
    """
    _sweep_answers(Path(request.output).parent)
    guard = temporary_beside(Path(request.output), stem=f".{ANSWER}")
    answer = guard.with_name(f"{guard.name.removeprefix('.').removesuffix(SUFFIX)}.toml")
    try:
        with create_file(guard):
            if not request.upgrade and Path(request.input).name != UV_LOCK:
                # A lock that cannot be understood has no versions to keep; it is replaced.
                with suppress(OSError, LockError):
                    with reading(request.output):
                        old = Path(request.output).read_bytes()
                    parse(old, _request_of(request))
                    answer.write_bytes(old)
            yield answer
    finally:
        for path in (answer, guard):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _sweep_answers(folder: Path) -> None:
    sweep(folder, stem=f".{ANSWER}")
    for left in folder.glob(f"{ANSWER}*.toml"):
        if not left.with_name(f".{left.stem}{SUFFIX}").exists():
            with suppress(OSError):
                left.unlink()


def _request_of(request: LockRequest) -> Request:
    """Return what the new lock must give: one made for one target has no groups or extras to choose from."""
    return Request(lock=os.fspath(request.output), target=request.target, groups=None, extras=())


def run_uv(command: list[str], request: LockRequest) -> None:
    """Run uv; raises ``LocalError`` where it does not run or does not end, ``LockError`` where it makes no lock."""
    try:
        exit_code, said = waiting.run(command, seconds=request.timeout)
    except waiting.TimeUpError:
        raise LocalError(
            f"uv did not end within {request.timeout:g} s; it was killed, and no lock was written",
            hint="check the network and the index, then run again: what uv downloaded it keeps;"
            " --timeout allows more time",
        ) from None
    except (OSError, ValueError) as error:
        # EAGAIN: fork(2) gives no further process.
        if short := shortage(error) or (no_thread() if isinstance(error, BlockingIOError) else None):
            raise short from error
        raise LocalError(
            f"cannot run {command[0]}: {getattr(error, 'strerror', None) or error}",
            hint="install uv anew: pip install uv",
        ) from error
    words_of_uv = said.decode("utf-8", "replace")
    if exit_code and (short := shortage_said(words_of_uv)):
        raise short
    if exit_code < 0:
        raise LocalError(f"uv was ended by signal {-exit_code}", hint="run again")
    if exit_code:
        words, hint = complaint(words_of_uv, secrets=secrets_in(Path(request.input), os.environ))
        raise LockError(
            f"uv could not lock {request.input}: {words or f'it ended with exit code {exit_code}'}",
            hint=hint or f"correct {request.input}; with an old uv, pip install --upgrade uv",
        )


def read(answer: Path) -> bytes:
    """Return what uv wrote; raises ``LocalError`` where that is nothing."""
    try:
        return answer.read_bytes()
    except OSError as error:
        raise LocalError(
            f"uv left no lock: {error.strerror}", hint="pip install --upgrade uv, and run again"
        ) from error


def _header(request: LockRequest) -> str:
    """Return the comment that a lock begins with: for whom it is, and the command that makes it in its directory."""
    source = request.input
    with suppress(ValueError, OSError):  # on another drive of Windows, or in a directory that is gone
        source = os.path.relpath(request.input, Path(request.output).parent)
    words = [
        *("lambdapack", "lock", source, "-o", Path(request.output).name),
        *("--runtime", request.target.runtime, "--architecture", request.target.architecture),
        *(word for group in request.groups for word in ("--group", group)),
        *(word for extra in request.extras for word in ("--extra", extra)),
    ]
    return f"# For {request.target.words}; made with uv by:\n#    {printable(shlex.join(words))}\n"
