"""What of the wheels is left out: the user's patterns, and the preset ``slim``.

The built-in list and ``.lambdaignore`` are for the source tree alone: a wheel's author chose what is
in it, and certifi needs its ``.pem``. Patterns of the configuration and the command line mean the same
for both, and are asked as a walk would ask: each directory first, then what is in it. Pure.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lambdapack.packing.patterns.rules import Pattern, Rules, compile_rules, from_list
from lambdapack.packing.source.walk import Omission
from lambdapack.packing.wheels.contents import WheelFile

PRESETS = {
    "slim": (
        "tests/",  # that packages bring along; not "test/", which some (Django, SymPy) import
        "*.pyi",  # stubs for type checkers
        *("*.h", "*.hh", "*.hpp", "*.hxx", "*.cuh", "*.pxd"),  # headers for compilers
    ),
}
"""What a preset leaves out of wheels, in the language of ``.gitignore``."""

PROTECTED = re.compile(
    r"(?:^|/)[^/]+\.dist-info/|(?:^|/)(?:LICEN[CS]E|COPYING|COPYRIGHT|NOTICE|AUTHORS)[^/]*(?:/|$)", re.IGNORECASE
)
"""What no preset touches: metadata, which importlib.metadata reads, and licences, which must go with the code."""


class Trimming(NamedTuple):
    """The rules for the files of wheels."""

    rules: Rules
    """The preset's, and the user's own, which are stronger."""
    own: Rules
    """The user's alone, for the names that no preset touches."""

    def verdict(self, name: str) -> Pattern | None:
        """Return the pattern that leaves the file ``name`` out, or None."""
        pattern = self.rules.nearest(name)
        if pattern is not None and self.own is not self.rules and PROTECTED.search(name):
            return self.own.nearest(name)
        return pattern


def trimming(patterns: Sequence[str | Pattern], *, preset: str | None) -> Trimming:
    """Return the rules of a preset and of ``patterns``, the weakest first; raises ``UsageError`` for a bad one."""
    own = compile_rules(patterns)
    if preset is None:
        return Trimming(rules=own, own=own)
    return Trimming(rules=compile_rules([*from_list(PRESETS[preset], source=f"preset {preset}"), *patterns]), own=own)


def trim(files: Iterable[WheelFile], rules: Trimming) -> tuple[list[WheelFile], list[Omission]]:
    """Return the files that stay, and those that do not with the pattern that says so."""
    if not rules.rules.patterns:
        return list(files), []
    kept: list[WheelFile] = []
    omissions: list[Omission] = []
    for file in files:
        pattern = rules.verdict(file.name)
        if pattern is None:
            kept.append(file)
        else:
            omissions.append(Omission(name=file.name, pattern=pattern))
    return kept, omissions
