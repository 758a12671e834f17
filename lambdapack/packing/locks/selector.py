"""Which wheels of a lock a target needs: the standard's own algorithm, with refusals that people can act on.

``packaging`` decides by groups, markers, requires-python and tags; this file asks it for the described machine, and
says what it means where it refuses.

Rules for this file
- Pure: a lock goes in, values come out.
- Only a lock that is read anew needs this module, which imports ``packaging`` (30 ms).
- Whatever ``packaging`` raises becomes a ``LockError`` that names the package, what was wanted, and what there is.
"""

import os
import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote, urlsplit

from packaging.pylock import Package, PackageArchive, PackageWheel, Pylock, PylockSelectError
from packaging.tags import Tag
from packaging.utils import canonicalize_name, parse_wheel_filename

from lambdapack.errors import LockError, UsageError
from lambdapack.packing.locks import location
from lambdapack.packing.locks.request import Request, one_line, title
from lambdapack.packing.locks.selection import LockedWheel
from lambdapack.target import Target

TAGS_SHOWN = 4

DASHES_WITH_BUILD = 5
"""How many a wheel's file name has that has a build number."""

PLACE = re.compile(r"packages\[(\d+)\]")
"""How packaging's messages name a package."""


def select(pylock: Pylock, request: Request) -> Iterator[LockedWheel]:
    """Yield what is needed, in order; raises ``UsageError`` for unknown groups and extras, else ``LockError``."""
    groups = _find_names(request.groups, (*(pylock.dependency_groups or ()), *(pylock.default_groups or ())), "group")
    extras = _find_names(request.extras, pylock.extras or (), "extra")
    tags = request.target.tags()
    try:
        selected = list(
            pylock.select(environment=request.target.environment(), tags=tags, extras=extras, dependency_groups=groups)
        )
    except (PylockSelectError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        # The last five are what evaluating a marker may raise.
        raise _why_not(pylock, request, str(error)) from error
    supported = frozenset(tags)
    for package, found in selected:
        yield _to_locked_wheel(package, found, request, supported=supported)


def _find_names(wanted: tuple[str, ...] | None, known: Sequence[str], kind: str) -> list[str] | None:
    """Return the lock's own spelling of groups or extras; raises ``UsageError`` for one that it does not have."""
    if wanted is None:
        return None
    spellings = {canonicalize_name(name): name for name in known}
    for name in wanted:
        if canonicalize_name(name) not in spellings:
            raise UsageError(
                f"the lock has no {kind} {name}",
                hint=f"it has {', '.join(sorted(spellings.values())) or 'none'}; one that it has not is not locked",
            )
    return [spellings[canonicalize_name(name)] for name in wanted]


def _filename_of(found: PackageWheel | PackageArchive) -> str:
    name = getattr(found, "name", None)
    if name:
        return str(name)
    if found.path:
        return found.path.replace("\\", "/").rpartition("/")[2]
    return unquote(urlsplit(found.url or "").path.rpartition("/")[2])


def _to_locked_wheel(package: Package, found: object, request: Request, *, supported: frozenset[Tag]) -> LockedWheel:
    """Return one selected wheel, its name, tags, hashes, URL and path proven to be usable; raises ``LockError``."""
    if not isinstance(found, PackageWheel | PackageArchive):
        raise _no_wheel(package, request)
    if isinstance(found, PackageWheel):
        found = _latest_build(package, found)
    filename = _filename_of(found)
    if isinstance(found, PackageArchive) and not filename.endswith(".whl"):
        raise _no_wheel(package, request)
    if not location.FILENAME.fullmatch(filename):
        raise request.refusal("has a file name that no wheel has", hint=request.way_out, package=package)
    try:
        name, version, _, tags = parse_wheel_filename(filename)
    except ValueError as error:
        raise request.refusal(f"has a bad file name: {filename}", hint=request.way_out, package=package) from error
    if name != package.name or package.version not in (None, version):
        raise request.refusal(f"has the wheel of another one: {filename}", hint=request.way_out, package=package)
    if supported.isdisjoint(tags):
        # An archive is not chosen by its tags.
        raise _no_wheel(package, request)
    what = f"{request.lock}: {filename}"
    if found.size is not None and found.size <= 0:
        raise LockError(f"{what} has a size of {found.size} bytes", hint=request.way_out)
    hashes = location.check_hashes(found.hashes, what=what)
    directory = os.path.dirname(request.lock)  # noqa: PTH120 - the user's words, which Path would tidy up
    path = location.check_path(found.path, directory=directory, what=what) if found.path else None
    url = found.url or None
    if url and (parts := location.check_url(url, what=what)).scheme == "file":
        path, url = path or location.path_of(parts), None
    return LockedWheel(
        name=str(name), version=str(version), filename=filename, hashes=hashes, size=found.size, url=url, path=path
    )


def _latest_build(package: Package, found: PackageWheel) -> PackageWheel:
    """Return the wheel with the highest build number of those that are named like ``found`` in all other respects."""
    # "Binary distribution format", File name convention; ``packaging`` takes the first of them.
    wheels = package.wheels or ()
    if not any(_filename_of(wheel).count("-") == DASHES_WITH_BUILD for wheel in wheels):
        return found
    tags = parse_wheel_filename(_filename_of(found))[3]
    parsed = [(parse_wheel_filename(_filename_of(wheel)), wheel) for wheel in wheels]
    return max((parts for parts in parsed if parts[0][3] == tags), key=lambda parts: parts[0][2])[1]


def _why_not(pylock: Pylock, request: Request, reason: str) -> LockError:
    """Return what ``packaging`` means by refusing to select, told from the lock rather than from its words."""
    runtime, python = request.target.runtime, request.target.environment()["python_full_version"]
    if pylock.requires_python is not None and not pylock.requires_python.contains(python):
        return request.refusal(f"it is for Python {pylock.requires_python}, not for {runtime}", hint=request.way_out)
    numbers = [int(found[1]) for found in PLACE.finditer(reason)]
    packages = [pylock.packages[number] for number in numbers if number < len(pylock.packages)]
    if not packages and pylock.environments:
        environments = " or ".join(f"({marker})" for marker in pylock.environments)
        return request.refusal(f"it is for {environments}, not for {request.target}", hint=request.way_out)
    if len(packages) > 1:
        return request.refusal(
            f"{' and '.join(title(package) for package in packages)} are both selected for {request.target}",
            hint="a package goes in once: choose fewer groups or extras, or make the lock anew",
        )
    if packages and packages[0].requires_python and not packages[0].requires_python.contains(python):
        return request.refusal(
            f"is for Python {packages[0].requires_python}, not for {runtime}", hint=request.way_out, package=packages[0]
        )
    if packages:
        return _no_wheel(packages[0], request)
    return request.refusal(one_line(reason), hint=request.way_out)


def _no_wheel(package: Package, request: Request) -> LockError:
    """Return the error for a package that the lock has for other machines, or in another form."""
    wheels = list(package.wheels or ())
    filenames = [_filename_of(wheel) for wheel in wheels]
    if package.archive is not None and _filename_of(package.archive).endswith(".whl"):
        filenames = [_filename_of(package.archive)]
    if filenames:
        return request.refusal(
            f"has no wheel for {request.target.words}, only {', '.join(_quote_tags(filenames, request.target))}"
            f"{_newer_glibc(filenames, request.target)}",
            hint=f"{request.way_out}, or lock a version that has such a wheel",
            package=package,
        )
    forms = {
        "a source distribution": package.sdist,
        "a version control entry": package.vcs,
        "a directory entry": package.directory,
        "an archive of source": package.archive,
    }
    form = next((words for words, entry in forms.items() if entry is not None), "nothing")
    if package.directory is not None:
        hint = "your own project is SOURCE, leave it out of the lock; lock another one as a wheel (uv build --wheel)"
    else:
        wanted = f"{package.name}=={package.version}" if package.version and package.sdist else package.name
        hint = f"build one on such a machine (pip wheel --no-deps {wanted} -w wheels) and lock with --find-links wheels"
    return request.refusal(f"has no wheel for {request.target.words}, only {form}", hint=hint, package=package)


def _quote_tags(filenames: Sequence[str], target: Target) -> list[str]:
    interpreter = f"cp{target.python[0]}{target.python[1]}"

    def distance(tags: str) -> tuple[bool, bool]:
        return not ("manylinux" in tags and target.machine in tags), interpreter not in tags

    tags = sorted(("-".join(_tags_of(filename)) for filename in filenames), key=distance)
    more = [f"{len(tags) - TAGS_SHOWN} more"] if len(tags) > TAGS_SHOWN else []
    return [*tags[:TAGS_SHOWN], *more]


def _newer_glibc(filenames: Sequence[str], target: Target) -> str:
    """Return the words about a wheel that would fit if only the runtime's C library were newer."""
    interpreter = f"cp{target.python[0]}{target.python[1]}"
    versions = re.compile(rf"manylinux_(\d+)_(\d+)_{target.machine}\b")
    needed = []
    for filename in filenames:
        python, abi, platform = _tags_of(filename)
        if python == interpreter or abi == "abi3" or (python.startswith("py3") and abi == "none"):
            needed += [(int(major), int(minor)) for major, minor in versions.findall(platform)]
    if not needed or min(needed) <= target.glibc:
        return ""
    (major, minor), (ours, our_minor) = min(needed), target.glibc
    return f"; the nearest needs glibc {major}.{minor}, the runtime has {ours}.{our_minor}"


def _tags_of(filename: str) -> list[str]:
    return filename.removesuffix(".whl").rsplit("-", 3)[1:]
