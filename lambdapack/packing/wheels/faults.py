"""What is wrong with a wheel, as the parts that look into it say it: they do not know the wheel's file name.

``wheel.inspect`` puts the name in front and raises the ``WheelError`` that the user sees.
"""

DAMAGED = (
    "download it again and lock its new hash; if the file stays so, report it to the project, "
    "or lock another version or a wheel of your own"
)
"""For bytes that are broken: nobody meant them to be so."""

MALFORMED = "report it to the project; until then lock another version, or a wheel that you build yourself"
"""For bytes that somebody wrote like this, by mistake or to deceive."""

NO_WHEEL = "lock a wheel; where the project publishes none, build one: uv build --wheel, or pip wheel"
"""For a file of another kind."""

SHOWN = 200
"""Characters of a name in a message; a zip's names have up to 65,535."""


class WheelFault(Exception):  # noqa: N818 - an error of lambdapack is a LambdapackError, and this is not yet one
    """One thing that is wrong: ``rule`` is the sentence that follows the wheel's name, ``hint`` what to do."""

    def __init__(self, rule: str, *, hint: str = MALFORMED, entry: str | None = None) -> None:
        """Keep the sentence, the hint, and the entry's name where the fault is one entry's."""
        self.rule = rule
        self.hint = hint
        self.entry = entry
        super().__init__(rule)


def quote(name: str | bytes) -> str:
    """Return a name from the wheel as a message shows it: decoded where that is possible, and not too long."""
    text = name if isinstance(name, str) else name.decode("utf-8", "backslashreplace")
    if not text:
        return '""'
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text):,} characters)"
