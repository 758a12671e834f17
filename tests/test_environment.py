import pytest

from lambdapack.environment import LARGEST, RESERVED, Environment, check_environment
from lambdapack.errors import CheckError


def test_no_value_is_in_any_text_of_it() -> None:
    environment = Environment({"B": "canary", "A": "canary"})
    assert repr(environment) == str(environment) == f"{environment}" == "Environment(A, B)"
    assert "canary" not in repr([environment])
    assert "canary" not in f"{environment!r:>40}"


def test_it_equals_one_with_the_same_values() -> None:
    assert Environment({"A": "1"}) == Environment({"A": "1"})
    assert Environment({"A": "1"}) != Environment({"A": "2"})
    assert hash(Environment({"A": "1"})) == hash(Environment({"A": "1"}))


def test_one_is_laid_over_another() -> None:
    merged = Environment({"A": "1", "B": "1", "C": "1"}).merge(Environment({"B": "2", "D": "2"}), without=["C", "E"])
    assert merged.reveal() == {"A": "1", "B": "2", "D": "2"}


def test_the_size_is_that_of_compact_json_in_utf8() -> None:
    assert Environment({"K": "V"}).size == len('{"K":"V"}')
    assert Environment({"K": "ä", "L": '"'}).size == len('{"K":"ä","L":"\\""}'.encode())


def test_4096_bytes_are_taken_and_4097_refused() -> None:
    check_environment(Environment({"KEY": "x" * (LARGEST - len('{"KEY":""}'))}))
    with pytest.raises(CheckError, match="4,097 bytes as compact JSON") as caught:
        check_environment(Environment({"KEY": "x" * (LARGEST + 1 - len('{"KEY":""}'))}))
    assert caught.value.exit_code == 5


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_what_lambda_sets_itself_is_refused(name: str) -> None:
    with pytest.raises(CheckError, match=name):
        check_environment(Environment({name: "canary"}))


@pytest.mark.parametrize("name", ["", "A", "1A", "A-B", "A B", "Ä_", "A\n"])
def test_names_that_lambda_refuses_are_named(name: str) -> None:
    with pytest.raises(CheckError, match="cannot be the name") as caught:
        check_environment(Environment({name: "canary"}))
    assert "canary" not in caught.value.message + caught.value.hint
