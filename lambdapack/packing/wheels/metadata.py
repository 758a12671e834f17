"""What a wheel says it is: its file name, its ``.dist-info`` directory, WHEEL and METADATA. Pure.

All of them have to name the project and the version that the lock names ("Binary distribution format",
"Core metadata specifications", PEP 503 for names, PEP 440 for versions). Tags are the lock's business.
"""

import re
from collections.abc import Iterable

from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

from lambdapack.packing.wheels.faults import NO_WHEEL, WheelFault, quote

VERSION_OF_WHEELS = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,9}))?")
"""``Wheel-Version``; an installer warns if the minor number is greater than it knows, and fails if the major is."""

HEADERS_LIMIT = 1 << 20
"""Bytes of the fields of METADATA or WHEEL, without the description that may follow: a hundred times the largest."""

MOST_FIELDS = 10_000
"""Fields in either; the longest lists of ``Requires-Dist`` have hundreds."""

KNOWN_MAJOR = 1
KNOWN_MINOR = 0


def check_filename(filename: str, *, name: str, version: str) -> None:
    """Raise ``WheelFault`` unless ``filename`` is a wheel's, of this project and version."""
    if not filename.endswith(".whl"):
        raise WheelFault("it is not a wheel, whose file name ends with .whl", hint=NO_WHEEL)
    try:
        found_name, found_version, _, _ = parse_wheel_filename(filename)
    except ValueError:  # packaging's own errors, and Python's for a number of more than 4,300 digits
        raise WheelFault(
            "its file name is not name-version-python-abi-platform.whl",
            hint="rename it to what its project calls it, or lock another file",
        ) from None
    if found_name != canonicalize_name(name) or not same_version(str(found_version), version):
        raise WheelFault(
            f"its file name says {found_name} {found_version}, the lock {name} {version}",
            hint="correct the lock: lambdapack lock makes a new one",
        )


def find_dist_info(names: Iterable[str], *, name: str, version: str) -> str:
    """Return the one ``.dist-info`` directory, which is called after project and version; raises ``WheelFault``."""
    heads = {name.partition("/")[0] for name in names if "/" in name}
    found = sorted(head for head in heads if head.endswith(".dist-info"))
    if not found and "EGG-INFO" in heads:
        raise WheelFault("it is an egg, not a wheel: it has EGG-INFO and no .dist-info directory", hint=NO_WHEEL)
    if len(found) != 1:
        directories = f"{len(found)} .dist-info directories, " + " and ".join(map(quote, found[:2]))
        raise WheelFault(f"it has {directories if found else 'no .dist-info directory'}; a wheel has one")
    found_name, _, found_version = found[0].removesuffix(".dist-info").rpartition("-")
    if canonicalize_name(found_name) != canonicalize_name(name) or not same_version(found_version, version):
        raise WheelFault(f"its directory {quote(found[0])} is not that of {name} {version}", entry=found[0])
    return found[0]


def same_version(one: str, other: str) -> bool:
    """Return whether two spellings are one version (PEP 440); in directories a ``-`` is spelled ``_``."""
    if one == other:
        return True
    try:
        return Version(one.replace("_", "-")) == Version(other.replace("_", "-"))
    except ValueError:  # as above
        return False


def headers(content: bytes, *, path: str) -> list[tuple[str, str]]:
    """Return the header fields of METADATA or WHEEL in their order, each its name in lower case and its value.

    They end with the first line that is no header, as for ``email.parser``; bytes that are not UTF-8
    are replaced, since the description, which nobody here reads, may hold some. Raises ``WheelFault`` where there is
    more than ``HEADERS_LIMIT`` or ``MOST_FIELDS``.
    """
    fields: list[tuple[str, list[str]]] = []
    text = content[:HEADERS_LIMIT].decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    for found in text.split("\n"):
        if found.startswith((" ", "\t")):
            if fields:
                fields[-1][1].append(found.strip())
            continue
        name, colon, value = found.partition(":")
        if not colon or not name.isascii() or not name.isprintable() or " " in name:
            break
        fields.append((name.lower(), [value.strip()]))
        if len(fields) > MOST_FIELDS:
            raise WheelFault(f"its {path} has more than {MOST_FIELDS:,} fields", entry=path)
    else:
        if len(content) > HEADERS_LIMIT:
            raise WheelFault(f"its {path} has more than {HEADERS_LIMIT:,} bytes before its description", entry=path)
    return [(name, " ".join(values)) for name, values in fields]


def only(fields: list[tuple[str, str]], name: str, *, path: str) -> str:
    """Return the value of the one field called ``name``; raises ``WheelFault`` where there are none, or two."""
    values = [value for found, value in fields if found == name.lower()]
    if len(values) != 1:
        raise WheelFault(
            f"its {path} has {len(values)} times the field {name}" if values else f"its {path} has no {name}"
        )
    return values[0]


def wheel_warnings(content: bytes, *, path: str) -> list[str]:
    """Return what a user should hear about the version of the format; raises ``WheelFault`` where it is too new."""
    found = only(headers(content, path=path), "Wheel-Version", path=path)
    numbers = VERSION_OF_WHEELS.fullmatch(found)
    if numbers is None:
        raise WheelFault(f"its {path} has the Wheel-Version {quote(found)}, which is no version", entry=path)
    major, minor = map(int, numbers.groups(default="0"))
    if major != KNOWN_MAJOR:
        raise WheelFault(f"its {path} has the Wheel-Version {found}; only {KNOWN_MAJOR}.x is known", entry=path)
    if minor > KNOWN_MINOR:
        return [f"has the Wheel-Version {found}; what is new since {KNOWN_MAJOR}.{KNOWN_MINOR} is not known"]
    return []


def requirements(content: bytes, *, path: str, name: str, version: str) -> tuple[str, ...]:
    """Return METADATA's ``Requires-Dist``, word for word; raises ``WheelFault`` unless it is this project's."""
    fields = headers(content, path=path)
    found_name = only(fields, "Name", path=path)
    found_version = only(fields, "Version", path=path)
    if canonicalize_name(found_name) != canonicalize_name(name) or not same_version(found_version, version):
        raise WheelFault(f"its {path} is that of {quote(found_name)} {quote(found_version)}, not of {name} {version}")
    return tuple(value for field, value in fields if field == "requires-dist")
