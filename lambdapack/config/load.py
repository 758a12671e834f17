"""From a configuration file to a ``FunctionConfig`` for each function, or to a complaint with file, line and key.

Parsed once, at this edge, with the defaults of all functions merged in: nothing after it doubts a key or a type.
"""

import codecs
import contextlib
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from lambdapack.config import FILES, OWN_FILE
from lambdapack.config.keys import KEYS, FunctionConfig, Kind, Value, field_of, lay_over
from lambdapack.disk.reading import reading
from lambdapack.document import Document, check_keys
from lambdapack.environment import Environment
from lambdapack.errors import LambdapackError, UsageError
from lambdapack.reporting import Tell, silent

FUNCTION_NAME = re.compile(r"(?!\.+\Z)[a-zA-Z0-9_.-]{1,64}", re.ASCII)
"""What a function may be called (CreateFunction, recorded), and never a way elsewhere: it becomes a file's name."""


class Config(NamedTuple):
    """A configuration file, understood."""

    document: Document
    functions: Mapping[str, FunctionConfig]
    defaults: FunctionConfig
    """What holds for all functions, and for what is none; its name is empty."""

    def place(self, function: str, key: str) -> str:
        """Return file and line of what gives ``function`` its ``key``: its own table, or the defaults."""
        table = self.document.table
        return self.document.place(f"{table}.functions.{function}.{key}", f"{table}.{key}")


def load_config(directory: Path, *, tell: Tell = silent) -> Config | None:
    """Return the configuration in ``directory``, or None where there is none; tell where a second one is not read.

    Raises ``UsageError`` where a file cannot be read or understood.
    """
    for name in FILES:
        path = directory / name
        text = _read_text(path)
        if text is None:
            continue
        import tomllib  # noqa: PLC0415 - packing a directory reads no configuration, and must not wait 5 ms for it

        check_keys(text, path=str(path))
        try:
            parsed = tomllib.loads(text)
        # Beside TOMLDecodeError, which is a ValueError: numbers of thousands of digits, brackets in thousands.
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{path}: {error}", hint="correct the TOML") from error
        if name == OWN_FILE:
            _tell_second_file(directory, tell)
            return _parse(Document(path=path, text=text, table=""), parsed)
        tool = parsed.get("tool")
        if isinstance(tool, dict) and "lambdapack" in tool:
            return _parse(Document(path=path, text=text, table="tool.lambdapack"), tool["lambdapack"])
    return None


def _read_text(path: Path) -> str | None:
    """Return the file's text, or None where there is no regular file.

    Raises ``UsageError`` where it may not be read, or has a line that is not UTF-8, ``LocalError`` for the machine.
    """
    try:
        with reading(path):
            if not stat.S_ISREG(path.stat().st_mode):
                return None
            content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", hint="make it readable") from error
    if content.startswith(codecs.BOM_UTF8):
        words = "begins with a byte order mark, which TOML does not have"
        raise UsageError(f"{path}:1: {words}", hint="save the file as UTF-8 without BOM")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UsageError(f"{path}:{line}: not UTF-8", hint="TOML is UTF-8; save the file as that") from error


def _tell_second_file(directory: Path, tell: Tell) -> None:
    """Say so where pyproject.toml has a configuration too."""
    # Whatever is wrong with that file is nothing to this run.
    with contextlib.suppress(LambdapackError):
        if re.search(r"(?m)^[ \t]*\[+[ \t]*tool\.lambdapack[].]", _read_text(directory / "pyproject.toml") or ""):
            tell(f"the configuration is that of {OWN_FILE}; [tool.lambdapack] in pyproject.toml is not read")


def _parse(document: Document, found: object) -> Config:
    """Return the functions that the document's table describes, the table's own keys as their defaults."""
    table = document.table
    functions_table = f"{table}.functions".lstrip(".")

    def as_table(value: object, key: str, *, within: str, header: str) -> dict[str, object]:
        if isinstance(value, dict):
            return value
        raise document.complaint(f"{key} is not a table", hint=f"write [{header}]", key=key, table=within)

    own = as_table(found, table, within="", header=table).copy()
    named = as_table(own.pop("functions", {}), "functions", within=table, header=f"{functions_table}.NAME")
    defaults = lay_over(FunctionConfig(name=""), _values(document, own, table=table))
    functions = {}
    for name, value in named.items():
        if not FUNCTION_NAME.fullmatch(name):
            words = f"{name!r} cannot be the name of a function"
            hint = "letters, digits, '-', '_' and '.', at most 64, as Lambda has it"
            raise document.complaint(words, hint=hint, key=name, table=functions_table)
        own_table = f"{functions_table}.{name}"
        own = as_table(value, name, within=functions_table, header=own_table)
        functions[name] = lay_over(defaults._replace(name=name), _values(document, own, table=own_table))
    return Config(document=document, functions=functions, defaults=defaults)


def _values(document: Document, found: Mapping[str, object], *, table: str) -> dict[str, Value]:
    """Return the fields that a table's keys give; raises ``UsageError`` for a key that is unknown."""
    unknown = next((key for key in found if key not in KEYS), None)
    if unknown == "tool" and document.path.name == OWN_FILE and not table:
        words = f"[tool.lambdapack] is for pyproject.toml; {OWN_FILE} has the keys at its top level"
        hint = "write [functions.NAME] in place of [tool.lambdapack.functions.NAME]"
        raise document.complaint(words, hint=hint, key=unknown)
    if unknown is not None:
        import difflib  # noqa: PLC0415 - for complaints alone: 2 ms

        near = difflib.get_close_matches(unknown, KEYS, n=1)
        words = f"unknown key {unknown!r}{f' in [{table}]' if table else ''}"
        hint = f"did you mean {near[0]}?" if near else f"the keys are {', '.join(KEYS)}"
        raise document.complaint(words, hint=hint, key=unknown, table=table)
    return {field_of(key): _value_of(document, key, value, table=table) for key, value in found.items()}


def _value_of(document: Document, key: str, value: object, *, table: str) -> Value:
    """Return the value of one key; raises ``UsageError`` for what the table of keys does not allow."""
    known = KEYS[key]
    wanted, kind = _KINDS[known.kind]

    def complaint(words: str, hint: str = f"correct {key}") -> UsageError:
        return document.complaint(f"{key} {words}", hint=hint, key=key, table=table)

    # In Python True is an int; in TOML it is none.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise complaint(f"must be {wanted} {known.unit}".rstrip())
    if isinstance(value, dict):
        return _environment_of(document, value, table=f"{table}.{key}") if key == "environment" else value
    if known.choices and value not in known.choices:
        raise complaint(f"cannot be {value!r}", f"choose one of {', '.join(known.choices)}")
    if isinstance(value, int):
        if known.least is not None and value < known.least:
            raise complaint(f"must be at least {known.least} {known.unit}")
        return value
    texts = value if isinstance(value, list) else [value]
    strings = tuple(text for text in texts if isinstance(text, str))
    if len(strings) != len(texts):
        raise complaint(f"must be {wanted}")
    if any("\0" in text for text in strings):
        raise complaint("holds a NUL")
    if known.is_path:  # TOML is UTF-8, and so are the names of files, whatever the locale
        strings = tuple(os.fsdecode(text.encode("utf-8")) for text in strings)
    return strings if isinstance(value, list) else strings[0]


_KINDS: Mapping[Kind, tuple[str, type]] = {
    "string": ("a string", str),
    "strings": ("a list of strings", list),
    "boolean": ("true or false", bool),
    "integer": ("a whole number of", int),
    "table": ("a table of", dict),
}
"""What a key of each kind must be, and what ``tomllib`` makes of that."""


def _environment_of(document: Document, found: Mapping[str, object], *, table: str) -> Environment:
    """Return the variables that a table gives; raises ``UsageError`` that names the one which is no string."""
    variables = {}
    for name, value in found.items():
        if not isinstance(value, str):
            raise document.complaint(
                f"environment.{name} must be a string", hint="put it in quotes", key=name, table=table.lstrip(".")
            )
        variables[name] = value
    return Environment(variables)
