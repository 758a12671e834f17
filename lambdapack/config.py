"""The configuration: ``[tool.lambdapack]`` in pyproject.toml, or lambdapack.toml.

Parsed once, at this edge: what leaves is a ``FunctionConfig`` for each function, with the defaults of
all functions merged in, and nothing after it needs to doubt a key or a type. Every complaint names
the file, the line and the key.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from lambdapack.disk.reading import reading
from lambdapack.document import Document, check_keys
from lambdapack.environment import Environment
from lambdapack.errors import UsageError
from lambdapack.target import ARCHITECTURES, RUNTIMES

FILES = ("lambdapack.toml", "pyproject.toml")
"""Where a configuration is looked for, in this order."""

COMPRESSIONS = ("fast", "default", "best", "store")
PRESETS = ("slim",)
PREFERENCES = ("source", "wheel")
SYMLINKS = ("follow", "keep")
TRANSPORTS = ("auto", "inline", "s3")

Value: TypeAlias = str | int | bool | tuple[str, ...] | Environment | Mapping[str, object]


class FunctionConfig(NamedTuple):
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
    lock: str | None = None
    wheels: tuple[str, ...] = ()
    groups: tuple[str, ...] | None = None
    extras: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    preset: str | None = None
    prefer: str | None = None
    scripts: bool | None = None
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
    image_uri: str | None = None
    signing_profile: str | None = None
    environment: Environment | None = None
    aws: Mapping[str, object] = MappingProxyType({})
    """Members of AWS's own requests, by AWS's names; ``deploying.model`` checks them against the client."""

    def __repr__(self) -> str:
        """Return which function it is about: members of AWS's requests may hold secrets."""
        return f"FunctionConfig({self.name!r})"


CHOICES = {
    "runtime": RUNTIMES,
    "architecture": ARCHITECTURES,
    "symlinks": SYMLINKS,
    "compression": COMPRESSIONS,
    "preset": PRESETS,
    "prefer": PREFERENCES,
    "transport": TRANSPORTS,
}

TYPES: dict[str, tuple[type, str]] = {
    "include": (list, "a list of strings"),
    "exclude": (list, "a list of strings"),
    "executable": (list, "a list of strings"),
    "allow-case-collisions": (bool, "true or false"),
    "wheels": (list, "a list of strings"),
    "groups": (list, "a list of strings"),
    "extras": (list, "a list of strings"),
    "without": (list, "a list of strings"),
    "scripts": (bool, "true or false"),
    "memory": (int, "a whole number of MiB"),
    "function-timeout": (int, "a whole number of seconds"),
    "environment": (dict, "a table of strings"),
    "aws": (dict, "a table of AWS's own members"),
}
"""The keys that are not strings."""

PATHS = ("source", "output", "lock", "wheels")

KEYS = tuple(field.replace("_", "-") for field in FunctionConfig._fields if field != "name")


class Config(NamedTuple):
    """A configuration file, understood."""

    document: Document
    functions: Mapping[str, FunctionConfig]
    defaults: FunctionConfig
    """What holds for all functions, and for what is none; its name is empty."""

    @property
    def path(self) -> Path:
        """The file."""
        return self.document.path

    def place(self, function: str, key: str) -> str:
        """Return file and line of what gives ``function`` its ``key``: its own table, or the defaults."""
        table = self.document.table
        return self.document.place(f"{table}.functions.{function}.{key}", f"{table}.{key}")


def load_config(directory: Path) -> Config | None:
    """Return the configuration in ``directory``, or None where there is none.

    Raises ``UsageError`` where a file cannot be read or understood.
    """
    for name in FILES:
        path = directory / name
        text = read_text(path)
        if text is None:
            continue
        import tomllib  # noqa: PLC0415 - packing a directory reads no configuration, and must not wait for it

        check_keys(text, path=str(path))
        try:
            parsed = tomllib.loads(text)
        # Beside TOMLDecodeError, which is a ValueError: numbers of thousands of digits, brackets in thousands.
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{path}: {error}", hint="correct the TOML") from error
        if name == "lambdapack.toml":
            return parse(Document(path=path, text=text, table=""), parsed)
        tool = parsed.get("tool")
        if isinstance(tool, dict) and "lambdapack" in tool:
            return parse(Document(path=path, text=text, table="tool.lambdapack"), tool["lambdapack"])
    return None


def read_text(path: Path) -> str | None:
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
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UsageError(f"{path}:{line}: not UTF-8", hint="TOML is UTF-8; save the file as that") from error


def parse(document: Document, found: object) -> Config:
    """Return the functions that the document's table describes, the table's own keys as their defaults."""
    table = document.table
    if not isinstance(found, dict):
        raise document.complaint(f"{table} is not a table", hint=f"write [{table}]", key=table)
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
        if "\0" in name:
            raise document.complaint("the name of a function holds a NUL", hint="correct it", table=functions_table)
        if not isinstance(own, dict):
            raise document.complaint(
                f"{name} is not a table", hint=f"write [{own_table}]", key=name, table=functions_table
            )
        merged = over(defaults, values(document, own, table=own_table))
        functions[name] = FunctionConfig(name=name, **merged)  # type: ignore[arg-type] # values() has proven the types
    # values() has proven the types here too.
    return Config(
        document=document,
        functions=functions,
        defaults=FunctionConfig(name="", **defaults),  # type: ignore[arg-type]
    )


def over(defaults: Mapping[str, Value], own: Mapping[str, Value]) -> dict[str, Value]:
    """Return a function's own values laid over the defaults: in tables key by key, else as a whole."""
    merged = {**defaults, **own}
    for key, value in own.items():
        default = defaults.get(key)
        if isinstance(value, Environment) and isinstance(default, Environment):
            merged[key] = default.merged(value)
        elif isinstance(value, Mapping) and isinstance(default, Mapping):
            merged[key] = {**default, **value}
    return merged


def values(document: Document, found: Mapping[str, object], *, table: str) -> dict[str, Value]:
    """Return the fields that a table's keys give; raises ``UsageError`` for a key, type or choice that is unknown."""
    result: dict[str, Value] = {}
    for key, value in found.items():
        if key not in KEYS:
            import difflib  # noqa: PLC0415 - for complaints alone

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
    if isinstance(value, dict):
        return environment_of(document, value, table=f"{table}.{key}") if key == "environment" else value
    if isinstance(value, list):
        texts = tuple(item for item in value if isinstance(item, str))
        if len(texts) != len(value):
            raise document.complaint(f"{key} must be {words}", hint=f"correct {key}", key=key, table=table)
        if any("\0" in text for text in texts):
            raise document.complaint(f"{key} holds a NUL", hint=f"correct {key}", key=key, table=table)
        return tuple(file_name(text) for text in texts) if key in PATHS else texts
    if key in CHOICES and value not in CHOICES[key]:
        raise document.complaint(
            f"{key} cannot be {value!r}", hint=f"choose one of {', '.join(CHOICES[key])}", key=key, table=table
        )
    if isinstance(value, str) and "\0" in value:
        raise document.complaint(f"{key} holds a NUL", hint=f"correct {key}", key=key, table=table)
    if isinstance(value, str | int):
        return file_name(value) if key in PATHS and isinstance(value, str) else value
    raise document.complaint(f"{key} must be {words}", hint=f"correct {key}", key=key, table=table)


def file_name(text: str) -> str:
    """Return a path as the system takes it: TOML is UTF-8, and so are the names of files, whatever the locale."""
    return os.fsdecode(text.encode("utf-8"))


def environment_of(document: Document, found: Mapping[str, object], *, table: str) -> Environment:
    """Return the variables that a table gives; raises ``UsageError`` that names the one which is no string."""
    variables = {}
    for name, value in found.items():
        if not isinstance(value, str):
            raise document.complaint(
                f"environment.{name} must be a string", hint="put it in quotes", key=name, table=table.lstrip(".")
            )
        variables[name] = value
    return Environment(variables)
