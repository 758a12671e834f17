"""What a terminal would act on reaches it escaped."""

import pytest

from lambdapack.cli.options import Settings, shown
from lambdapack.cli.output import aligned, words

CONTROLS = "a\x9b31m\u202eb"
ESCAPED = "a\\x9b31m\\u202eb"


def test_controls_are_escaped_in_every_column_and_note(capsys: pytest.CaptureFixture[str]) -> None:
    assert words({"one": CONTROLS, "two": (CONTROLS,), "three": [CONTROLS], "four": {"x": CONTROLS}}) == (
        f'one {ESCAPED}\ntwo {ESCAPED}\nthree ["{ESCAPED}"]\nfour {{"x": "{ESCAPED}"}}'
    )
    assert aligned([[CONTROLS]]) == ESCAPED
    assert shown(f"{CONTROLS}\nhttps://u:p@host") == f"{ESCAPED}\nhttps://****@host"
    Settings().note(CONTROLS)
    assert capsys.readouterr().err == f"{ESCAPED}\n"
