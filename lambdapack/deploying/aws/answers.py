"""AWS's answers, compared with botocore's model when they arrive: whoever reads them later need not doubt their types.

botocore checks what we send and believes what it reads. It takes whatever stands in the JSON: a number where a text
belongs, a table where a list belongs, or a number of five thousand digits. Pure, but for the model.

Rules for this file
- A member that is missing is no flaw here: which ones must be there is for whoever reads them to say.
- No message holds a value.
"""

import math
from collections.abc import Iterator, Mapping
from datetime import datetime

from lambdapack.deploying.aws.api import Shape
from lambdapack.deploying.aws.refusals import GarbledError, status_of
from lambdapack.text import is_text

_LARGEST = 1 << 63
"""What integers stay below: the model's widest are of 64 bits."""

_KINDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "structure": (Mapping, "a table"),
    "map": (Mapping, "a table"),
    "list": (list, "a list"),
    "string": (str, "a text"),
    "character": (str, "a text"),
    "integer": (int, "a whole number"),
    "long": (int, "a whole number"),
    "double": ((int, float), "a number"),
    "float": ((int, float), "a number"),
    "boolean": (bool, "true or false"),
    "timestamp": (datetime, "a time"),
}
"""What a value must be for each type of the model; of a blob, the last one, nobody asks more than its bytes."""


def check_answer(answer: Mapping[str, object], shape: Shape | None, *, operation: str, subject: str) -> None:
    """Raise ``GarbledError`` for the first member that is not of the type that ``shape``, the answer's model, gives it.

    ``shape`` is None for an operation that answers with nothing.
    """
    if shape is None:
        return
    for path, words in _flaws("", answer, shape):
        raise GarbledError(
            f"the answer to {operation} for {subject} is none of AWS's: {path or 'it'} is not {words}",
            hint="run the command again; if it stays so, check --endpoint-url and the proxy",
            operation=operation,
            member=path or None,
            http_status=status_of(answer),
        )


def _flaws(path: str, value: object, shape: Shape) -> Iterator[tuple[str, str]]:
    """Yield each member that is of another type than the model's, with the words for what it should be."""
    kind, words = _KINDS.get(shape.type_name, (object, ""))
    # In Python True is an int; in JSON it is none.
    if not isinstance(value, kind) or (isinstance(value, bool) and shape.type_name != "boolean") or _is_extreme(value):
        yield path, words
    elif shape.type_name == "structure" and isinstance(value, Mapping):
        for name in shape.members.keys() & value.keys():
            yield from _flaws(f"{path}.{name}" if path else name, value[name], shape.members[name])
    elif shape.type_name == "map" and isinstance(value, Mapping):
        for name, item in value.items():
            # A key is a name of the user's: it is not shown.
            yield from () if isinstance(name, str) and is_text(name) else ((f"a key of {path}", "a text"),)
            yield from _flaws(f"{path}.*", item, shape.value)
    elif isinstance(value, list):
        for item in value:
            yield from _flaws(f"{path}[]", item, shape.member)


def _is_extreme(value: object) -> bool:
    """Return whether AWS cannot mean a value of the right type: text that cannot be encoded, a number out of bounds."""
    if isinstance(value, str):
        return not is_text(value)
    if isinstance(value, int):
        return not -_LARGEST <= value < _LARGEST
    return isinstance(value, float) and not math.isfinite(value)
