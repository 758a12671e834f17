"""The configuration: ``[tool.lambdapack]`` in pyproject.toml, or lambdapack.toml.

Parsed once, at this edge: what leaves is a ``FunctionConfig`` for each function, with the defaults of
all functions merged in, and nothing after it needs to doubt a key or a type. Every complaint names
the file, the line and the key.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeAlias

from lambdapack.errors import UsageError
from lambdapack.target import ARCHITECTURES, RUNTIMES

FILES = ("lambdapack.toml", "pyproject.toml")
"""Where a configuration is looked for, in this order."""

COMPRESSIONS = ("fast", "default", "best", "store")
SYMLINKS = ("follow", "keep")
TRANSPORTS = ("auto", "inline", "s3")

Value: TypeAlias = str | int | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionConfig:
    """What the configuration says about one function; None where it says nothing.

    A field's name is the key with ``_`` for ``-``. Paths are relative to the configuration's directory.
    """

    name: str
    source: str | None = None
    output: str | None = None
    runtime: str | None = None
    architecture: str | None = None
    handler: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    executable: tuple[str, ...] = ()
    symlinks: str | None = None
    allow_case_collisions: bool | None = None
    compression: str | None = None
    role: str | None = None
    description: str | None = None
    memory: int | None = None
    """MiB."""
    function_timeout: int | None = None
    """Seconds."""
    s3_bucket: str | None = None
    s3_prefix: str | None = None
    transport: str | None = None
    alias: str | None = None


CHOICES = {
    "runtime": RUNTIMES,
    "architecture": ARCHITECTURES,
    "symlinks": SYMLINKS,
    "compression": COMPRESSIONS,
    "transport": TRANSPORTS,
}

TYPES: dict[str, tuple[type, str]] = {
    "include": (list, "a list of strings"),
    "exclude": (list, "a list of strings"),
    "executable": (list, "a list of strings"),
    "allow-case-collisions": (bool, "true or false"),
    "memory": (int, "a whole number of MiB"),
    "function-timeout": (int, "a whole number of seconds"),
}
"""The keys that are not strings."""

KEYS = tuple(field.name.replace("_", "-") for field in fields(FunctionConfig) if field.name != "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A configuration file, understood."""

    path: Path
    functions: Mapping[str, FunctionConfig]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A TOML file with the lines that messages need."""

    path: Path
    text: str

    def complaint(self, message: str, *, hint: str, key: str | None = None, table: str = "") -> UsageError:
        """Return the error for ``key`` of ``table``, with its line."""
        line = None if key is None else self.line_of(key, table)
        return UsageError(f"{self.path}{f':{line}' if line else ''}: {message}", hint=hint)

    def line_of(self, key: str, table: str) -> int | None:
        """Return the line that gives ``key`` in ``table``; tomllib keeps no lines, so they are searched for."""
        here = ""
        for number, line in enumerate(self.text.splitlines(), start=1):
            header = re.match(r"\s*\[([^\[\]]+)\]", line)
            if header:
                here = ".".join(part.strip().strip("\"'") for part in header[1].split("."))
                if here == f"{table}.{key}".lstrip("."):
                    return number
            elif here == table and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[.=]", line):
                return number
        return None


def load_config(directory: Path) -> Config | None:
    """Return the configuration in ``directory``, or None where there is none.

    Raises ``UsageError`` where a file cannot be read or understood.
    """
    for name in FILES:
        path = directory / name
        if not path.is_file():
            continue
        text = read_text(path)
        try:
            parsed = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"{path}: {error}", hint="correct the TOML") from error
        document = Document(path=path, text=text)
        if name == "lambdapack.toml":
            return parse(document, parsed, table="")
        tool = parsed.get("tool")
        if isinstance(tool, dict) and "lambdapack" in tool:
            return parse(document, tool["lambdapack"], table="tool.lambdapack")
    return None


def read_text(path: Path) -> str:
    """Return the file's text; raises ``UsageError`` that names the line which is not UTF-8."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", hint="make it readable") from error
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UsageError(f"{path}:{line}: not UTF-8", hint="TOML is UTF-8; save the file as that") from error


def parse(document: Document, found: object, *, table: str) -> Config:
    """Return the functions that a table of the document describes, the table's own keys as their defaults."""
    if not isinstance(found, dict):
        raise document.complaint(f"{table} is not a table", hint=f"write [{table}]")
    named = found.get("functions", {})
    functions_table = f"{table}.functions".lstrip(".")
    if not isinstance(named, dict):
        raise document.complaint(
            "functions is not a table", hint=f"write [{functions_table}.NAME]", key="functions", table=table
        )
    defaults = values(document, {key: value for key, value in found.items() if key != "functions"}, table=table)
    functions = {}
    for name, own in named.items():
        own_table = f"{functions_table}.{name}"
        if not isinstance(own, dict):
            raise document.complaint(
                f"{name} is not a table", hint=f"write [{own_table}]", key=name, table=functions_table
            )
        merged = defaults | values(document, own, table=own_table)
        functions[name] = FunctionConfig(name=name, **merged)  # type: ignore[arg-type] # values() has proven the types
    return Config(path=document.path, functions=functions)


def values(document: Document, found: Mapping[str, object], *, table: str) -> dict[str, Value]:
    """Return the fields that a table's keys give; raises ``UsageError`` for a key, type or choice that is unknown."""
    result: dict[str, Value] = {}
    for key, value in found.items():
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, n=1)
            raise document.complaint(
                f"unknown key {key!r}{f' in [{table}]' if table else ''}",
                hint=f"did you mean {near[0]}?" if near else f"the keys are {', '.join(KEYS)}",
                key=key,
                table=table,
            )
        result[key.replace("-", "_")] = value_of(document, key, value, table=table)
    return result


def value_of(document: Document, key: str, value: object, *, table: str) -> Value:
    """Return the value of one key; raises ``UsageError`` for a type or choice that is unknown."""
    wanted, words = TYPES.get(key, (str, "a string"))
    # In Python True is an int; in TOML it is none.
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise document.complaint(f"{key} must be {words}", hint=f"correct {key}", key=key, table=table)
    if isinstance(value, list):
        texts = tuple(item for item in value if isinstance(item, str))
        if len(texts) != len(value):
            raise document.complaint(f"{key} must be {words}", hint=f"correct {key}", key=key, table=table)
        return texts
    if key in CHOICES and value not in CHOICES[key]:
        raise document.complaint(
            f"{key} cannot be {value!r}", hint=f"choose one of {', '.join(CHOICES[key])}", key=key, table=table
        )
    if isinstance(value, str | int):
        return value
    raise document.complaint(f"{key} must be {words}", hint=f"correct {key}", key=key, table=table)
