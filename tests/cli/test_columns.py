"""What a terminal would act on reaches it escaped, and seconds are numbers."""

import click
import pytest

from lambdapack.cli.columns import aligned, words
from lambdapack.cli.main import cli
from lambdapack.cli.options import Settings, shown
from lambdapack.packing.wheelhouse.unfetched import refusal
from tests.packing.wheelhouse.stock import locked

CONTROLS = "a\x9b31m\u202eb"
ESCAPED = "a\\x9b31m\\u202eb"


def test_controls_are_escaped_in_every_column_and_note(capsys: pytest.CaptureFixture[str]) -> None:
    assert words({"one": CONTROLS, "two": (CONTROLS,), "three": [CONTROLS], "four": {"x": CONTROLS}}).count("\x9b") == 0
    assert aligned([[CONTROLS]]) == ESCAPED
    assert shown(f"{CONTROLS}\nhttps://u:p@host") == f"{ESCAPED}\nhttps://****@host"
    Settings().note(CONTROLS)
    assert capsys.readouterr().err == f"{ESCAPED}\n"


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999", "0", "-1"])
@pytest.mark.parametrize("command", [["show", "hello"], ["lock", "requirements.txt"], ["pull", "hello", "-o", "x.zip"]])
def test_a_timeout_is_a_number_of_seconds(command: list[str], value: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is no number of seconds|is not in the range x>0"):
        cli.main(args=[*command, "--timeout", value], standalone_mode=False, obj=Settings())


def test_a_server_that_asks_for_years_is_told_in_few_words() -> None:
    class Answer:
        status = 503

        @staticmethod
        def header(_: str) -> str:
            return "Mon, 01 Jan 2024 00:00:00 -9999999999999999"

    message = str(refusal(Answer(), locked(b"x", url="https://host/x.whl"), "host"))

    assert message == "it answers with the HTTP status 503, come back another day"
