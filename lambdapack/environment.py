"""A function's environment: values that nobody may see, under names that anybody may.

Rules for this file
- The values leave an ``Environment`` by ``reveal`` alone, whose callers compose a request or compare. Neither ``repr``
  nor any message holds one, so none can get into a log, a traceback or an error.
- What is refused here is what Lambda would refuse, measured as it measures; its own refusal quotes every value.
"""

import re
from collections.abc import Collection, Mapping

from lambdapack.errors import CheckError
from lambdapack.text import is_text

LARGEST = 4096
"""Bytes of an environment as compact JSON; 4,097 are refused (recorded for CreateFunction)."""

RESERVED = frozenset(
    {
        *("_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV"),
        *("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION"),
        *("AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME"),
        *("AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        *("AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"),
    }
)
"""Keys that Lambda sets itself (Developer Guide, "Working with Lambda environment variables")."""

# API reference, Environment, Variables, "Key Pattern".
_KEY = re.compile(r"[a-zA-Z][a-zA-Z0-9_]+", re.ASCII)


class Environment:
    """Variables by name; equal where names and values are."""

    __slots__ = ("_variables",)

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = dict(variables)

    def __repr__(self) -> str:
        """Return the names, never a value."""
        return f"Environment({', '.join(self.names)})"

    def __eq__(self, other: object) -> bool:
        """Compare names and values."""
        return isinstance(other, Environment) and self._variables == other._variables

    def __hash__(self) -> int:
        """Return a hash that goes with the comparison."""
        return hash(frozenset(self._variables.items()))

    @property
    def names(self) -> list[str]:
        """The names, sorted."""
        return sorted(self._variables)

    @property
    def is_text(self) -> bool:
        """Whether all names and values are texts that can be sent: UTF-8."""
        parts = (*self._variables, *self._variables.values())
        return all(isinstance(part, str) and is_text(part) for part in list[object](parts))

    @property
    def size(self) -> int:
        """Bytes as Lambda counts them: compact JSON in UTF-8, braces, quotes and commas included."""
        import json  # noqa: PLC0415 - a build asks for no size: 1 ms

        return len(json.dumps(self._variables, separators=(",", ":"), ensure_ascii=False).encode())

    def reveal(self) -> dict[str, str]:
        """Return names and values, for a request."""
        return dict(self._variables)

    def merge(self, other: "Environment", *, without: Collection[str] = ()) -> "Environment":
        """Return these variables with those of ``other`` laid over them, less the names in ``without``."""
        both = self._variables | other.reveal()
        return Environment({name: value for name, value in both.items() if name not in without})

    def holds_as(self, name: str, other: "Environment") -> bool:
        """Return whether both give ``name`` the same value."""
        return self._variables.get(name) == other.reveal().get(name)


def check_environment(environment: Environment) -> None:
    """Raise ``CheckError`` where Lambda would not take the environment."""
    reserved = [name for name in environment.names if name in RESERVED]
    if reserved:
        raise CheckError(
            f"the environment sets {', '.join(reserved)}, which Lambda reserves for itself",
            hint="choose other names; Lambda sets these by itself",
        )
    unfit = [name for name in environment.names if not _KEY.fullmatch(name)]
    if unfit:
        raise CheckError(
            f"{unfit[0]!r} cannot be the name of an environment variable",
            hint="names have two or more letters, digits and '_', and begin with a letter",
        )
    if environment.size > LARGEST:
        raise CheckError(
            f"the environment has {environment.size:,} bytes as compact JSON; Lambda takes {LARGEST:,}",
            hint="keep large values in Parameter Store, Secrets Manager or AppConfig, and pass their names",
            size=environment.size,
        )
