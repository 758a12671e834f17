"""Text for people and for pipes: aligned columns, and a word and a value a line."""

import json
from collections.abc import Iterable, Mapping, Sequence

from lambdapack.text import printable


def aligned(rows: Iterable[Sequence[str]]) -> str:
    """Return the rows with their columns below one another; an empty cell is a hyphen, so that columns can be cut."""
    cells = [[printable(cell) or "-" for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def words(values: Mapping[str, object]) -> str:
    """Return a word and its value a line; what is empty is left out."""
    return "\n".join(f"{name} {text(value)}" for name, value in values.items() if value not in (None, "", (), {}, []))


def text(value: object) -> str:
    """Return a value on one line: lists separated by commas, what is nested as JSON."""
    if isinstance(value, tuple):
        return printable(", ".join(map(str, value)))
    if isinstance(value, dict | list):
        return printable(json.dumps(value, ensure_ascii=False))
    return printable(str(value))
