"""The state as JSON: frozen dataclasses out, the same values in.

Reading follows the type hints (dataclass, dict, list, optional, plain JSON). A field that is not in the document
takes its default, so that a state from before the field existed is read.
"""

import dataclasses
import json
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

_Value = TypeVar("_Value")


def encode(value: object) -> bytes:
    """Return a dataclass as JSON."""
    document = _plain(value)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def decode(kind: type[_Value], document: bytes) -> _Value:
    """Return the value of that dataclass; raises ValueError, KeyError or TypeError for any other document."""
    value: _Value = _build(kind, json.loads(document.decode("utf-8", "surrogatepass")))
    return value


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _build(kind: Any, document: Any) -> Any:  # noqa: ANN401 - any type, from any JSON
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType:
        inner = next(argument for argument in arguments if argument is not type(None))
        return None if document is None else _build(inner, document)
    if origin is dict:
        return {key: _build(arguments[1], item) for key, item in document.items()}
    if origin is list:
        return [_build(arguments[0], item) for item in document]
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{name: _build(hints[name], item) for name, item in document.items()})
    return document
