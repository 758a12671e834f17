"""Reading ``pylock.toml`` (PEP 751; packaging.python.org, "pylock.toml Specification") for one target.

::

    bytes ─► parse (tomllib, packaging) ─► Pylock ─► selector ─► Selection
      └────► cache: what the same bytes gave before ────────────────┘

Rules for this file
- Whatever is wrong with a lock is a ``LockError`` that names it; a file that is not there is a ``UsageError``.
- No message quotes a URL of the lock.
"""

import os
import re
import stat
from pathlib import Path

from lambdapack.disk.reading import reading
from lambdapack.document import has_deep_key
from lambdapack.errors import LockError, UsageError
from lambdapack.packing.locks import cache as lockcache
from lambdapack.packing.locks.request import Request, one_line
from lambdapack.packing.locks.selection import Selection
from lambdapack.reporting import Tell, silent
from lambdapack.target import Target

TYPE_CHECKING = False  # packaging is what a build from a known lock must not wait for
if TYPE_CHECKING:
    from packaging.pylock import Pylock

SIZE_LIMIT = 32 << 20
"""Bytes; a lock of a thousand packages with all their wheels has 5 MB."""

LONGEST_FILENAME = 255
"""Bytes of a file name on Linux (NAME_MAX, limits.h). A wheel's stands for the product of its three sets of tags."""

EXPORTS = {
    "poetry.lock": "poetry export -f pylock.toml -o pylock.toml (poetry-plugin-export 1.10 or newer)",
    "pdm.lock": "pdm export -f pylock -o pylock.toml",
    "Pipfile.lock": "pipenv requirements > requirements.txt && {lock} requirements.txt",
}
"""How other tools' locks become one, by the tools themselves (the help of pdm 2.29, pipenv 2026.10, …)."""

INPUTS = ("uv.lock", "pyproject.toml")
REQUIREMENTS = (".txt", ".in")
"""What ``lambdapack lock`` makes a lock of: files of these names, and those that end so."""


def select_wheels(
    path: str,
    *,
    target: Target,
    groups: tuple[str, ...] | None = None,
    extras: tuple[str, ...] = (),
    cache: lockcache.SelectionCache | None = None,
    warn: Tell = silent,
) -> Selection:
    """Return the wheels that ``target`` needs from the lock at ``path``.

    ``groups`` None means the lock's default groups; a tuple, even an empty one, replaces them. What the same bytes gave
    before is taken from ``cache``; what cannot be kept (credentials in a URL) or deserves a warning is selected anew
    each time. Raises ``UsageError`` where the file cannot be read or has no such group or extra, else ``LockError``.
    """
    request = Request(lock=path, target=target, groups=groups, extras=extras)
    content = read(request)
    key = lockcache.key_of(content, request)
    if cache is not None and (known := lockcache.load(cache, key, lock=path)) is not None:
        return known
    warnings: list[str] = []
    selection = select_from(content, request, warn=warnings.append)
    for warning in warnings:
        warn(warning)
    if cache is not None and not warnings:
        lockcache.store(cache, key, selection)
    return selection


def select_from(content: bytes, request: Request, *, warn: Tell) -> Selection:
    """Return the wheels that are selected from a lock's bytes."""
    from lambdapack.packing.locks.selector import select  # noqa: PLC0415 - packaging: 25 ms, for a lock that is new

    pylock = parse(content, request)
    if pylock.lock_version.release[:2] > (1, 0):
        warn(f"{request.lock} has version {pylock.lock_version} of the format; what is newer than 1.0 in it is ignored")
    return Selection(lock=request.lock, wheels=tuple(select(pylock, request)))


def read(request: Request) -> bytes:
    """Return the lock's bytes; raises ``UsageError``, ``LocalError``, and ``LockError`` for another tool's lock."""
    path = Path(request.lock)
    try:
        with reading(request.lock):
            if not stat.S_ISREG(path.stat().st_mode):
                raise UsageError(f"the lock {request.lock} is not a regular file", hint="name a pylock.toml")
            _refuse_other_formats(request)
            if path.stat().st_size > SIZE_LIMIT:
                raise request.refusal(f"it is larger than {SIZE_LIMIT:,} bytes", hint="no lock is; name a pylock.toml")
            return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it has no name that a file can have"
        raise UsageError(f"cannot read the lock {request.lock}: {reason}", hint=f"make one: {request.anew}") from error


def _refuse_other_formats(request: Request) -> None:
    name = Path(request.lock).name
    if name in EXPORTS:
        command = EXPORTS[name].format(lock=request.anew)
    elif name in INPUTS or name.endswith(REQUIREMENTS):
        import shlex  # noqa: PLC0415 - for this complaint alone

        output = os.path.join(os.path.dirname(request.lock), "pylock.toml")  # noqa: PTH118, PTH120 - the user's words
        command = f"{request.anew} {shlex.quote(request.lock)} -o {shlex.quote(output)}"
    else:
        return
    raise request.refusal("it is no pylock.toml", hint=f"make one: {command}")


def parse(content: bytes, request: Request) -> "Pylock":
    """Return the lock that ``content`` holds; raises ``LockError``."""
    import logging  # noqa: PLC0415 - with tomllib and packaging 40 ms, for a lock that is new
    import tomllib  # noqa: PLC0415

    from packaging.pylock import Pylock, PylockUnsupportedVersionError, PylockValidationError  # noqa: PLC0415

    if has_deep_key(content):
        raise request.refusal("it has a key, or a name, of more than 64 parts", hint="make the lock anew")
    # It warns of a newer minor version by logging, which would come out where nobody set logging up.
    logger = logging.getLogger("packaging.pylock")
    silence = logging.NullHandler()
    logger.addHandler(silence)
    document: dict[str, object] = {}
    try:
        document = tomllib.loads(content.decode("utf-8"))
        _check_filenames(document, request)
        return Pylock.from_dict(document)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise request.refusal(f"line {line} is not UTF-8", hint="TOML is UTF-8; make the lock anew") from error
    except LockError:
        raise
    except PylockUnsupportedVersionError as error:
        raise request.refusal(
            f"its lock-version {document.get('lock-version')} is not supported",
            hint="make one of version 1.0, or use a newer lambdapack",
        ) from error
    except PylockValidationError as error:
        raise request.refusal(_explanation(document, error.message, error.context), hint=request.way_out) from error
    except (ValueError, RecursionError) as error:
        raise request.refusal(f"it is no TOML: {one_line(str(error))}", hint="make the lock anew") from error
    except (TypeError, LookupError, AttributeError) as error:
        # What packaging stumbles over where a lock has something else than it expects.
        raise request.refusal("it is no pylock.toml", hint=f"make one: {request.anew}") from error
    finally:
        logger.removeHandler(silence)


def _check_filenames(document: object, request: Request) -> None:
    """Raise ``LockError`` where the file of a wheel has a name that no file can have, whatever it is called by."""
    packages = document.get("packages") if isinstance(document, dict) else None
    for package in packages if isinstance(packages, list) else ():
        wheels = package.get("wheels") if isinstance(package, dict) else None
        for wheel in wheels if isinstance(wheels, list) else ():
            for found in (wheel.get(key) for key in ("name", "path", "url") if isinstance(wheel, dict)):
                path = re.split(r"[?#]", found, maxsplit=1)[0] if isinstance(found, str) else ""
                if len(re.split(r"[/\\]", path)[-1]) > LONGEST_FILENAME:
                    raise request.refusal(
                        f"package {package.get('name')} has a wheel whose file name has more than "
                        f"{LONGEST_FILENAME} characters",
                        hint="make the lock anew",
                    )


def _explanation(document: dict[str, object], message: str, context: str | None) -> str:
    """Return what ``packaging`` found wrong, the package by its name and not by its number."""
    found = re.match(r"packages\[(\d+)\]\.?(.*)", context or "")
    packages = document.get("packages")
    if found and isinstance(packages, list) and isinstance(package := packages[int(found[1])], dict):
        place = f"package {package.get('name')}" + (f", {found[2]}" if found[2] else "")
    else:
        place = context or ""
    return one_line(f"{place}: {message}" if place else message)
