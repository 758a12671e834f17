"""Text as it may be shown and sent. Pure."""

_LONGEST = 2_000
"""Characters of a sentence: names may come from files, in thousands or of any length."""


def shorten(text: str) -> str:
    """Return the beginning and the end of a text that is too long."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 2 :]}"


def clip(text: str, *, longest: int = 80) -> str:
    """Return the beginning of a name that is too long: enough to recognise it."""
    return text if len(text) <= longest else f"{text[:longest]}…"


def printable(text: str) -> str:
    """Return ``text`` on one line: characters that a terminal would act on, and undecodable bytes, are escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in text)


def is_text(text: str) -> bool:
    """Return whether a text can be written: Python reads bytes that are none as surrogates (PEP 383).

    JSON can spell half a character, too (RFC 8259, section 8.2).
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
