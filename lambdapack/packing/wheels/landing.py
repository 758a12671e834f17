"""Where a wheel's files land below the packages' directory, as an installer's ``--target`` puts them. Pure.

Source: packaging.python.org, "Binary distribution format", "The .data directory". What an installer
makes itself is not made here: no launchers from entry points, no rewritten first lines of scripts.
"""

from typing import NamedTuple

from lambdapack.packing.wheels.faults import WheelFault, quote

TO_THE_ROOT = frozenset({"purelib", "platlib", "data"})
"""Keys of ``.data`` whose files land in the packages' directory itself."""

INSTALLERS_OWN = frozenset({"INSTALLER", "REQUESTED", "direct_url.json"})
"""Files of dist-info that an installer writes, so that a wheel's own say nothing ("Recording installed projects")."""


class Landing(NamedTuple):
    """Where one file lands."""

    name: str
    is_script: bool = False


def landing(name: str, *, dist_info: str) -> Landing | None:
    """Return where the file ``name`` of the wheel lands, or None where it is left out.

    Raises ``WheelFault`` for a file in ``.data`` under a key that the format does not have, and in a ``.data``
    directory that is another project's: installers disagree on what that is.
    """
    place = _target(name, dist_info=dist_info)
    if place is None:
        return None
    head, _, rest = place.name.partition("/")
    return None if head == dist_info and rest in INSTALLERS_OWN else place


def _target(name: str, *, dist_info: str) -> Landing | None:
    head, slash, rest = name.partition("/")
    if not slash or not head.endswith(".data"):
        return Landing(name)
    if head != dist_info.removesuffix(".dist-info") + ".data":
        raise WheelFault(
            f"its file {quote(name)} lies in a .data directory that is not called after {dist_info}", entry=name
        )
    key, slash, below = rest.partition("/")
    if slash and key in TO_THE_ROOT:
        return Landing(below)
    if slash and key == "scripts":
        return Landing(f"bin/{below}", is_script=True)
    if slash and key == "headers":  # for compilers; no function needs them
        return None
    raise WheelFault(
        f"its file {quote(name)} lies where no installer knows its place; a .data directory has purelib, platlib, "
        "data, scripts and headers",
        entry=name,
    )
