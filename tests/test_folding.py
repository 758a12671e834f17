"""Names that are one file where neither case nor Unicode form makes a difference, held against Unicode's own tables."""

import sys
import unicodedata

import pytest

from lambdapack.folding import fold

LETTERS = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
MARKS = "\u0300\u0301\u0308\u0342\u0345"


def spellings(text: str) -> set[str]:
    """Return the same text in other cases and forms (UnicodeData.txt, CaseFolding.txt)."""
    # Apart first: in another order than the canonical one, U+0345 becomes a letter with other marks.
    apart = unicodedata.normalize("NFD", text)
    cases = {text, apart, apart.casefold()}
    return cases | {unicodedata.normalize("NFC", case) for case in cases}


def test_every_letter_is_one_with_all_its_spellings() -> None:
    assert [letter for letter in LETTERS if len(set(map(fold, spellings(letter)))) > 1] == []


def test_so_is_every_letter_with_a_mark() -> None:
    letters = [letter for letter in LETTERS if unicodedata.decomposition(letter) or letter != letter.casefold()]
    texts = [letter + mark for letter in letters for mark in MARKS]

    assert [text for text in texts if len(set(map(fold, spellings(text)))) > 1] == []


@pytest.mark.parametrize(
    ("one", "other"), [("\u0390", "\u0399\u0308\u0301"), ("\u1fd3", "\u0390"), ("\u212a", "k"), ("\u00df", "SS")]
)
def test_these_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("a", "b"), ("\u00e9", "e"), ("\u0131", "i"), ("\ufb01", "\u00ff")])
def test_these_are_two(one: str, other: str) -> None:
    assert fold(one) != fold(other)
