"""The table of keys as JSON Schema, for editors: ``lambdapack.schema.json`` in the package is what this writes.

It describes lambdapack.toml, and ``[tool.lambdapack]`` of a pyproject.toml.
"""

from lambdapack.config.keys import KEYS, Key, Kind
from lambdapack.config.load import FUNCTION_NAME

DIALECT = "http://json-schema.org/draft-07/schema#"
"""The newest that editors of TOML understand (Taplo, and with it Even Better TOML)."""

_PYTHONS_END, _END = r"\Z", r"(?![\s\S])"
"""The end of a text, in Python's words and in some that ECMA 262 has as well; ``$`` differs at a line's end."""

_TEXT = {"type": "string", "pattern": "^[^\\u0000]*$"}


def schema() -> dict[str, object]:
    """Return the JSON Schema of a configuration."""
    properties = {name: _property(key) for name, key in KEYS.items()}
    function = {"type": "object", "additionalProperties": False, "properties": properties}
    return {
        "$schema": DIALECT,
        "title": "lambdapack",
        "description": "The configuration of lambdapack: lambdapack.toml, or [tool.lambdapack] in pyproject.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **{name: {"$ref": f"#/definitions/function/properties/{name}"} for name in KEYS},
            "functions": {
                "description": "The functions; each has the keys that stand above as well, which are their defaults",
                "type": "object",
                "propertyNames": {"pattern": f"^{FUNCTION_NAME.pattern.replace(_PYTHONS_END, _END)}{_END}"},
                "additionalProperties": {"$ref": "#/definitions/function"},
            },
        },
        "definitions": {"function": function},
    }


def _property(key: Key) -> dict[str, object]:
    """Return the schema of one key's value."""
    values = {"additionalProperties": {"type": "string"}} if key.unit == "strings" else {}
    shapes: dict[Kind, dict[str, object]] = {
        "string": {"enum": list(key.choices)} if key.choices else {**_TEXT},
        "strings": {"type": "array", "items": _TEXT},
        "integer": {"type": "integer", "minimum": key.least},
        "boolean": {"type": "boolean"},
        "table": {"type": "object", **values},
    }
    return {"description": key.help, **shapes[key.kind]}
