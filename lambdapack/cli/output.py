"""What the user sees: data on stdout, everything else on stderr.

stdout is UTF-8 whatever the locale, because it is data; stderr keeps the terminal's own encoding.
"""

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TextIO

import click

from lambdapack.errors import LambdapackError, LocalError, UsageError
from lambdapack.text import printable


def emit(text: str) -> None:
    """Write one line of data to stdout; raises ``LocalError`` where stdout is closed or full."""
    if sys.stdout is None:  # the shell's >&-
        raise _unwritable("it is closed")
    try:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except OSError as error:
        # What is still buffered would fail again when the interpreter ends, with words of its own.
        sys.stdout = None
        raise _unwritable(error.strerror) from error


def _unwritable(reason: str | None) -> LocalError:
    """Return the error for a stdout that takes nothing."""
    return LocalError(f"cannot write to standard output: {reason}", hint="give it a place that can be written")


def emit_json(document: object) -> None:
    """Write one JSON document to stdout; what stories return, dataclasses, are documents too."""
    import json  # noqa: PLC0415 - a start needs none: 1 ms

    text = json.dumps(document, indent=2, ensure_ascii=False, default=_as_dict)
    # A path that is not UTF-8 is no reason to write JSON that is not: backslashes spell its bytes.
    emit(text.encode("utf-8", "backslashreplace").decode("utf-8"))


def _as_dict(result: Any) -> dict[str, Any]:  # noqa: ANN401 - the dataclass of any story
    from dataclasses import asdict  # noqa: PLC0415 - who has one to show has loaded it; others need not: 1 ms

    return asdict(result)


def words_of(result: object, *names: str) -> str:
    """Return a line for each attribute of ``names`` that says something."""
    return words({name: getattr(result, name) for name in names})


def align(rows: Iterable[Sequence[str]]) -> str:
    """Return the rows with their columns below one another; an empty cell is a hyphen, so that columns can be cut."""
    cells = [[printable(cell) or "-" for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def words(values: Mapping[str, object]) -> str:
    """Return a word and its value a line; what is empty is left out."""
    return "\n".join(
        f"{name} {_one_line(value)}" for name, value in values.items() if value not in (None, "", (), {}, [])
    )


def _one_line(value: object) -> str:
    """Return a value on one line: lists separated by commas, what is nested as JSON."""
    if isinstance(value, tuple):
        return printable(", ".join(map(str, value)))
    if isinstance(value, dict | list):
        import json  # noqa: PLC0415 - as above

        return printable(json.dumps(value, ensure_ascii=False))
    return printable(str(value))


def count(number: int, what: str) -> str:
    """Return a number with its word: ``1 version``, ``2 aliases``."""
    return f"{number:,} {what}{'' if number == 1 else 'es' if what.endswith('s') else 's'}"


def tell(text: str) -> None:
    """Write one line to stderr; where that fails there is nobody left to tell."""
    with contextlib.suppress(OSError, ValueError), _no_bar():
        if sys.stderr is not None:
            sys.stderr.write(text + "\n")
            sys.stderr.flush()


def _no_bar() -> AbstractContextManager[object]:
    """Return a context in which no progress bar stands on the terminal; it is drawn again behind what is written."""
    # Where tqdm is not imported there is no bar.
    tqdm = sys.modules.get("tqdm")
    return nullcontext() if tqdm is None else tqdm.tqdm.external_write_mode(file=sys.stderr)


def tell_error(error: LambdapackError) -> None:
    """Write the two lines that every failure ends with."""
    tell(f"{_emphasize('error:')} {error.message}")
    tell(f"{_emphasize('hint:')} {error.hint}")


def _emphasize(word: str) -> str:
    """Return ``word`` in bold where stderr is a terminal and NO_COLOR (no-color.org) is not set."""
    return f"\x1b[1m{word}\x1b[0m" if is_terminal(sys.stderr) and not os.environ.get("NO_COLOR") else word


def error_document(error: LambdapackError) -> dict[str, object]:
    """Return the JSON of a failure."""
    said = {"kind": error.kind, "message": error.message, "hint": error.hint, "exit_code": error.exit_code}
    return {"error": {**said, **error.details}}


@contextmanager
def progress_bar(label: str, total: int, *, wanted: bool) -> Iterator[Callable[[int], None]]:
    """Yield a function that counts bytes: with a bar where one is ``wanted`` and stderr is a terminal."""
    if not wanted or not is_terminal(sys.stderr):
        yield lambda _: None
        return
    from tqdm import tqdm  # noqa: PLC0415 - a bar that is not drawn costs no import

    with tqdm(desc=label, total=total, unit="B", unit_scale=True, leave=False, file=sys.stderr) as bar:

        def advance(count: int) -> None:
            bar.update(count)

        yield advance


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether the stream is a terminal that a person reads."""
    try:
        return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
    except ValueError:
        return False


def check_answerable(*, yes: bool, what: str) -> None:
    """Raise ``UsageError`` where the question could not be answered, before anything is done for it."""
    if not yes and not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise UsageError(f"{what} needs a yes, and there is no terminal to ask on", hint="add --yes")


class DeclinedError(Exception):
    """The user answered no: nothing was done, and nothing failed."""


def ask(question: str, *, yes: bool) -> None:
    """Return if the user agrees; raises ``DeclinedError`` otherwise."""
    if yes:
        return
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort as error:  # the end of the input, Ctrl-D: the cursor stands behind the question
        end_line()
        raise DeclinedError from error
    if not agreed:
        raise DeclinedError


def end_line() -> None:
    """On a terminal, begin a new line: the shell's prompt is not to stand behind a question or a ``^C``."""
    if is_terminal(sys.stderr):
        tell("")
