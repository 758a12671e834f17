"""What a shell completes beside commands, options and files: names that the configuration has. No request is made."""

from pathlib import Path

import click

from lambdapack.errors import LambdapackError


def complete_functions(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the configured functions whose names begin so."""
    del context, parameter
    return [name for name in _aliases() if name.startswith(incomplete)]


def complete_aliases(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the configured aliases whose names begin so."""
    del context, parameter
    return sorted({alias for alias in _aliases().values() if alias and alias.startswith(incomplete)})


def _aliases() -> dict[str, str | None]:
    """Return the configured functions with their aliases; none where the configuration is broken: a run says so."""
    from lambdapack.config.load import load_config  # noqa: PLC0415 - every run loads this module: 1 ms

    try:
        config = load_config(Path())
    except (LambdapackError, OSError):
        return {}
    return {name: function.alias for name, function in config.functions.items()} if config else {}
