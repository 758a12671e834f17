"""A share of the mutation run of ``tests.fuzz.answers``; ``make fuzz`` has 2,000 of each."""

from collections.abc import Iterator
from itertools import islice
from unittest import mock

import pytest

from tests.fuzz import answers, headers
from tests.fuzz.answers import Verdict

AWS_SEEDS = range(75)
INDEX_SEEDS = range(30)


def complaints(verdicts: Iterator[Verdict]) -> Iterator[str]:
    for verdict in verdicts:
        for complaint in verdict.complaints:
            yield f"{verdict.what}: {complaint}: {verdict.stderr[-300:]}"
        if verdict.exit_code == 2:
            yield f"{verdict.what}: the user is blamed: {verdict.stderr[-300:]}"


def test_whatever_aws_answers_is_no_bug_shows_no_secret_and_gives_one_document() -> None:
    assert list(complaints(answers.of_aws(AWS_SEEDS))) == []


def test_without_the_check_of_types_the_same_answers_are_felt() -> None:
    """The control."""
    with mock.patch("lambdapack.deploying.aws.connection.check_answer"):
        assert list(islice(complaints(answers.of_aws(AWS_SEEDS)), 1)) != []


def test_whatever_an_index_sends_is_no_bug_and_shows_no_secret() -> None:
    assert list(complaints(headers.verdicts(INDEX_SEEDS))) == []


def test_an_index_is_believed_by_the_control(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: numbers of a server are taken for numbers."""
    monkeypatch.setattr(
        "lambdapack.packing.fetching.failures.length_of", lambda answer: int(answer.header("Content-Length") or 0)
    )

    assert list(islice(complaints(headers.verdicts(range(100))), 1)) != []


@pytest.mark.parametrize(
    ("stdout", "stderr", "expected"),
    [
        ("{}", "error: this is a bug in lambdapack: TypeError", ["it is called a bug"]),
        ('{"a": NaN}', "", ["stdout is not one JSON document: NaN"]),
        ("{}{}", "", ["stdout is not one JSON document: Extra data: line 1 column 3 (char 2)"]),
        ("{}", "x AKIACANARYACCESSKEY7 y", ["the access key is shown"]),
        ("{}", "", []),
    ],
)
def test_complaints_are_made_where_they_must_be(stdout: str, stderr: str, expected: list[str]) -> None:
    assert list(answers.complaints_of(stdout, stderr)) == expected
