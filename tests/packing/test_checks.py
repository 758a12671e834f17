"""Limits and handlers, found before anything is compressed."""

from collections.abc import Callable, Iterable

import pytest

from lambdapack.errors import CheckError
from lambdapack.packing.bundle import Bundle, bundle
from lambdapack.packing.checks import check_handler, check_limits
from lambdapack.packing.entries import Entry
from lambdapack.quotas import check_count, check_unzipped_size


@pytest.fixture
def holding(entry: Callable[..., Entry]) -> Callable[[Iterable[str]], Bundle]:
    return lambda names: bundle(map(entry, names), source="src")


def test_one_byte_below_lambdas_limit_passes_and_the_limit_does_not() -> None:
    check_unzipped_size([("a", 262_143_000), ("b", 999)])

    with pytest.raises(CheckError, match="the package has 262,144,000 bytes unzipped; Lambda takes less"):
        check_unzipped_size([("a", 262_143_000), ("b", 1_000)])


def test_the_ten_largest_entries_are_listed_the_largest_first() -> None:
    with pytest.raises(CheckError) as caught:
        check_unzipped_size([(f"file{number:02}", number * 1_000_000) for number in range(40)])

    assert caught.value.details["largest"] == [f"{n},000,000 file{n}" for n in range(39, 29, -1)]
    assert caught.value.details["unzipped_size"] == 780_000_000
    assert "39,000,000 file39, 38,000,000 file38" in caught.value.hint


def test_an_archive_without_zip64_has_65535_entries() -> None:
    check_count(65_535)

    with pytest.raises(CheckError, match="more than 65,535 entries"):
        check_count(65_536)


def test_a_bundle_is_held_against_both_limits(entry: Callable[..., Entry]) -> None:
    with pytest.raises(CheckError, match="262,144,000 bytes unzipped"):
        check_limits(bundle([entry("a", size=262_144_000)], source="src"))


@pytest.mark.parametrize(
    ("runtime", "handler", "names"),
    [
        ("python3.13", "app.handler", ["app.py"]),
        ("python3.13", "app.handler", ["app/__init__.py"]),
        ("python3.13", "src/app.handler", ["src/app.py"]),
        ("python3.13", "src.app.handler", ["src/app.py"]),
        ("python3.13", "native.handler", ["native.cpython-313-x86_64-linux-gnu.so"]),
        ("nodejs22.x", "index.handler", ["index.mjs"]),
        ("nodejs22.x", "dist/index.handler", ["dist/index.js"]),
        ("nodejs22.x", "index.nested.handler", ["index.js"]),
        ("nodejs22.x", "/opt/nodejs/node_modules/wrapper/handler.handler", ["index.js"]),
        ("ruby3.4", "lambda_function.lambda_handler", ["lambda_function.rb"]),
        ("ruby3.4", "source.LambdaFunctions::Handler.process", ["source.rb"]),
        ("java21", "example.Handler::handleRequest", ["lib/a.jar"]),
        ("provided.al2023", "anything", ["bootstrap"]),
    ],
)
def test_a_handler_that_is_there_passes(
    runtime: str, handler: str, names: list[str], holding: Callable[[Iterable[str]], Bundle]
) -> None:
    check_handler(holding(names), handler=handler, runtime=runtime)


@pytest.mark.parametrize(
    ("runtime", "handler", "message", "nearest"),
    [
        ("python3.13", "ap.handler", "the handler ap.handler needs ap.py", "app.py"),
        ("python3.13", "handler", "the handler handler needs .py", "app.py"),
        ("python3.13", "lib.util.handler", "the handler lib.util.handler needs lib/util.py", "lib/utils.py"),
        ("nodejs22.x", "indx.handler", "the handler indx.handler needs indx.js", "index.js"),
    ],
)
def test_a_handler_that_is_not_there_is_refused_with_the_nearest_name(
    runtime: str, handler: str, message: str, nearest: str, holding: Callable[[Iterable[str]], Bundle]
) -> None:
    names = ["app.py", "lib/utils.py", "index.js", "README.md", "ap.txt"]

    with pytest.raises(CheckError) as caught:
        check_handler(holding(names), handler=handler, runtime=runtime)

    assert caught.value.message == f"{message}, which is not in the package"
    assert caught.value.hint.endswith(f"the nearest name is {nearest}")


def test_a_package_without_any_module_still_shows_a_name(holding: Callable[[Iterable[str]], Bundle]) -> None:
    with pytest.raises(CheckError, match="the handler app") as caught:
        check_handler(holding(["README.md"]), handler="app.handler", runtime="python3.13")

    assert caught.value.hint.endswith("the nearest name is README.md")
