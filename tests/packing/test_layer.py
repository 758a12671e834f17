"""Where the files of a layer lie."""

from collections.abc import Callable

import pytest

from lambdapack.errors import UsageError
from lambdapack.packing.entries import Entry
from lambdapack.packing.layer import layer_prefix, place_in


@pytest.mark.parametrize(
    ("runtime", "names", "prefix"),
    [
        ("python3.13", ["app.py"], "python/"),
        ("python3.13", [], "python/"),
        ("python3.13", ["python/a.py", "b.py"], "python/"),
        ("nodejs22.x", ["lodash/index.js"], "nodejs/node_modules/"),
        ("nodejs22.x", ["package.json", "node_modules/lodash/index.js"], "nodejs/"),
    ],
)
def test_each_runtime_has_a_directory(runtime: str, names: list[str], prefix: str) -> None:
    assert layer_prefix(runtime, names) == prefix


@pytest.mark.parametrize(
    ("runtime", "names", "words"),
    [
        (None, ["a.py"], "needs a runtime"),
        ("java21", ["a.jar"], "not for java21"),
        ("python3.13", ["python/a.py", "python/b.py"], "below python/ already"),
        ("nodejs22.x", ["nodejs/node_modules/a/index.js"], "below nodejs/ already"),
    ],
)
def test_what_has_no_directory_or_has_it_already_is_refused(runtime: str | None, names: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        layer_prefix(runtime, names)


def test_names_begin_with_the_directory_and_nothing_else_changes(entry: Callable[..., Entry]) -> None:
    (placed,) = place_in([entry("a.py")], "python/")

    assert (placed.name, placed.origin, placed.size) == ("python/a.py", "src/a.py", 1)
