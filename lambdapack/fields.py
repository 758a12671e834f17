"""Requests hold what their fields are declared to hold: whoever calls the library without a type checker is told."""

import os
from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from lambdapack.environment import Environment
from lambdapack.errors import UsageError
from lambdapack.values import Value

_WORDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    Sequence: "a list",
    tuple: "a list",
    Mapping: "a mapping",
    os.PathLike: "a path",
    Environment: "an Environment",
}
"""What is wanted; any other class is called by its name."""

_LARGEST = 1e15
"""What a number of seconds stays below; a larger whole number may be no float."""


def check_fields(request: Any) -> None:  # noqa: ANN401 - of any class
    """Raise ``UsageError`` that names the field of a request which holds what it is not declared to hold.

    Values are not shown, for they may be an environment's. A text must be one that can be sent, or name a file: UTF-8,
    without NUL.
    """
    # Not ``dataclasses``, whose import a build would wait for.
    declared = {name: field.type for name, field in getattr(request, "__dataclass_fields__", {}).items()}
    declared = declared or (type(request).__annotations__ if isinstance(request, Value) else {})
    if not declared:
        raise UsageError(f"{type(request).__name__} is no request", hint="give one, such as ShowRequest(function=…)")
    for name, kind in declared.items():
        value = getattr(request, name)
        if not _fits(value, kind):
            kinds = [kind for kind in _kinds(kind) if kind is not NoneType]
            if all(get_origin(kind) is Literal for kind in kinds):
                wanted = ", ".join(str(choice) for kind in kinds for choice in get_args(kind))
                raise UsageError(f"there is no {name} {value!r}", hint=f"choose of {wanted}")
            wanted = " or ".join(dict.fromkeys(_words(kind) for kind in kinds))
            origins = [get_origin(kind) or kind for kind in kinds]
            is_of_kind = any(isinstance(origin, type) and isinstance(value, origin) for origin in origins)
            trouble = "holds what cannot be in it" if is_of_kind else f"is of type {type(value).__name__}, not {wanted}"
            raise UsageError(f"{name} {trouble}", hint=f"give {wanted}")


def _kinds(declared: Any) -> tuple[Any, ...]:  # noqa: ANN401 - an annotation
    return get_args(declared) if get_origin(declared) in (Union, UnionType) else (declared,)


def _words(kind: Any) -> str:  # noqa: ANN401 - an annotation
    origin = get_origin(kind) or kind
    return _WORDS.get(origin, str(getattr(origin, "__name__", origin)))


def _fits(value: object, declared: Any) -> bool:  # noqa: ANN401 - an annotation
    kinds = _kinds(declared)
    # Names of files need not be UTF-8 (PEP 383); all else is sent.
    errors = "surrogateescape" if any(get_origin(kind) is os.PathLike for kind in kinds) else "strict"
    return any(_is(value, kind, errors) for kind in kinds)


def _is(value: Any, kind: Any, errors: str) -> bool:  # noqa: ANN401, PLR0911 - an annotation; one line for each kind
    origin, inner = get_origin(kind) or kind, get_args(kind)
    if origin is Literal:
        return value in inner
    if origin in (Sequence, tuple):
        is_list = isinstance(value, Sequence) and not isinstance(value, str | bytes)
        return is_list and all(_fits(each, inner[0]) for each in value)
    if origin is Mapping:
        return isinstance(value, Mapping) and all(isinstance(name, str) for name in value)
    if origin is str:
        return isinstance(value, str) and _is_writable(value, errors)
    if origin is os.PathLike:
        return isinstance(value, os.PathLike) and _is_writable(str(value), errors)
    if origin is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST
    if origin is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if origin is Environment:
        return isinstance(value, Environment) and value.is_text
    return not isinstance(origin, type) or isinstance(value, origin)


def _is_writable(text: str, errors: str) -> bool:
    try:
        return b"\0" not in text.encode("utf-8", errors)
    except UnicodeEncodeError:
        return False
