"""Whose move it is: the exit codes, and messages that no terminal acts on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdapack import errors
from lambdapack.errors import Interruption, LambdapackError, UsageError
from lambdapack.text import printable

EXIT_CODES = {
    "LambdapackError": (70, "internal"),
    "UsageError": (2, "usage"),
    "SourceError": (3, "source"),
    "LockError": (4, "lock"),
    "WheelError": (4, "wheel"),
    "CheckError": (5, "check"),
    "LocalError": (6, "local"),
    "CompressorError": (6, "compressor"),
    "AwsError": (7, "aws"),
    "NotFoundError": (7, "not-found"),
    "ConflictError": (8, "conflict"),
}


@pytest.mark.parametrize("name", EXIT_CODES)
def test_exit_codes_are_those_of_the_readme(name: str) -> None:
    kind = getattr(errors, name)

    assert (kind.exit_code, kind.kind) == EXIT_CODES[name]
    assert issubclass(kind, LambdapackError)


def test_an_interruption_is_no_error_that_somebody_could_catch_as_one() -> None:
    assert not issubclass(Interruption, Exception)
    assert Interruption(15).signal_number == 15


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü 日本", "plain ü 日本"),
        ("a\nb", "a\\nb"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\x00b\x7f", "a\\x00b\\x7f"),
        ("\udcff", "\\udcff"),
        ("\u202egpj", "\\u202egpj"),
        ("a\u2028b", "a\\u2028b"),
    ],
)
def test_what_a_terminal_would_act_on_is_escaped(text: str, shown: str) -> None:
    error = UsageError(text, hint=text)

    assert (printable(text), error.message, error.hint, str(error)) == (shown, shown, shown, shown)


@given(st.text(st.characters()))
def test_whatever_is_said_is_one_line_that_utf8_can_hold(text: str) -> None:
    assert len(printable(text).splitlines()) <= 1
    printable(text).encode()


def test_a_sentence_of_any_length_is_shown_in_part() -> None:
    error = UsageError("begin " + "x" * 100_000 + " end", hint="y" * 100_000)

    assert (len(error.message), len(error.hint)) == (2_003, 2_003)
    assert error.message.startswith("begin xxx")
    assert error.message.endswith("xxx end")
