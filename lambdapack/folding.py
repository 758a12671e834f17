"""When two names are one file: on systems that ignore case, or the Unicode form of a name. Pure."""

import unicodedata


def fold(name: str) -> str:
    """Return what all names share that such a file system takes for ``name``.

    Canonical caseless matching (Unicode 3.13, D145): NFD(toCasefold(NFD(X))). Each step is needed: U+0345 becomes a
    letter when it is folded, so it must be in its order before; what is folded may be taken apart again.
    """
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())
