"""Names that no archive may hold, whether a source tree or a wheel brings them. Pure."""

import unicodedata
from collections.abc import Iterable, Iterator

BIDIRECTIONAL_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that make a name read as another one (Unicode TR 36, section 2.5)."""


def folders_of(ordered: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield each directory above sorted names once, and the number of the first name in it; the nearest come first."""
    # None is kept: of deep names, all that lies above them is far more than they are.
    before = ""
    for number, name in enumerate(ordered):
        folder = name[: name.rfind("/") + 1]
        # In this order everything in a directory comes in one piece.
        while folder and not before.startswith(folder):
            yield folder[:-1], number
            folder = folder[: folder.rfind("/", 0, -1) + 1]
        before = name


def why_unfit(name: str) -> str | None:
    """Return what makes ``name`` unfit for an archive, as the end of a sentence, or None where nothing does."""
    if name.isprintable() and "\\" not in name:
        return None
    categories = {unicodedata.category(character) for character in name}
    if "Cs" in categories:
        return "is not UTF-8"
    if "Cc" in categories:
        return "holds a control character"
    if "\\" in name:
        return "holds a backslash"
    if not BIDIRECTIONAL_CONTROLS.isdisjoint(name):
        return "holds a character that reverses the reading direction"
    return None
