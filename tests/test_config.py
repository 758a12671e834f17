"""The configuration is understood completely, or refused with file, line and key."""

import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from lambdapack.choices import Compression, Preset
from lambdapack.config.load import Config, load_config
from lambdapack.errors import UsageError
from lambdapack.packing.archive.deflate import PROFILES
from lambdapack.packing.dependencies.trim import PRESETS


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Config | None]:
    def read(content: str | bytes, name: str = "pyproject.toml") -> Config | None:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_config(tmp_path)

    return read


@pytest.fixture
def refused(load: Callable[..., Config | None], tmp_path: Path) -> Callable[..., tuple[str, str]]:
    def read(content: str | bytes, name: str = "pyproject.toml") -> tuple[str, str]:
        with pytest.raises(UsageError) as caught:
            load(content, name)
        return caught.value.message.replace(f"{tmp_path}/", ""), caught.value.hint

    return read


def test_no_file_is_no_configuration(tmp_path: Path, load: Callable[..., Config | None]) -> None:
    assert load_config(tmp_path) is None
    assert load('[project]\nname = "x"\n') is None


def test_defaults_are_those_of_all_functions_and_each_may_say_otherwise(load: Callable[..., Config | None]) -> None:
    config = load("""
        [tool.lambdapack]
        runtime = "python3.13"
        exclude = ["tests/"]
        memory = 256

        [tool.lambdapack.functions.one]
        source = "src/one"
        [tool.lambdapack.functions.two]
        source = "src/two"
        runtime = "python3.12"
        exclude = []
        allow-case-collisions = true
        function-timeout = 3
    """)

    assert config is not None
    one, two = config.functions["one"], config.functions["two"]
    assert (one.name, one.source, one.runtime, one.exclude, one.memory) == (
        "one",
        "src/one",
        "python3.13",
        ("tests/",),
        256,
    )
    assert (two.source, two.runtime, two.exclude, two.allow_case_collisions, two.function_timeout) == (
        "src/two",
        "python3.12",
        (),
        True,
        3,
    )


def test_lambdapack_toml_has_the_keys_at_its_top_level_and_is_the_stronger(load: Callable[..., Config | None]) -> None:
    load('[tool.lambdapack.functions.weak]\nsource = "s"\n')
    config = load('runtime = "python3.13"\n[functions.strong]\nsource = "s"\n', "lambdapack.toml")

    assert config is not None
    assert config.document.path.name == "lambdapack.toml"
    assert [(name, found.runtime) for name, found in config.functions.items()] == [("strong", "python3.13")]


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        ("[tool.lambdapack\n", "pyproject.toml: Expected", "correct the TOML"),
        (b"[tool.lambdapack]\n# gr\xfc\xdfe\n", "pyproject.toml:2: not UTF-8", "TOML is UTF-8"),
        ("[tool]\nlambdapack = 3\n", "pyproject.toml:2: tool.lambdapack is not a table", "write [tool.lambdapack]"),
        (
            '[tool.lambdapack]\n\nrutnime = "x"\n',
            "pyproject.toml:3: unknown key 'rutnime' in [tool.lambdapack]",
            "did you mean runtime?",
        ),
        ("[tool.lambdapack]\nxyzzy = 1\n", "pyproject.toml:2: unknown key 'xyzzy'", "the keys are source, output"),
        ("[tool.lambdapack.nested]\nx = 1\n", "pyproject.toml:1: unknown key 'nested'", "the keys are"),
        ("[tool.lambdapack]\nfunctions = 1\n", "pyproject.toml:2: functions is not a table", "write ["),
        ("[tool.lambdapack.functions]\nf = 1\n", "pyproject.toml:2: f is not a table", "functions.f]"),
        (
            '[other]\nruntime = 1\n[tool.lambdapack.functions."f"]\nruntime = 313\n',
            "pyproject.toml:4: runtime must be a string",
            "correct runtime",
        ),
        (
            '[tool.lambdapack]\nruntime = "python3"\n',
            "pyproject.toml:2: runtime cannot be 'python3'",
            "choose one of python3.9",
        ),
        (
            '[tool.lambdapack]\narchitecture = "amd64"\n',
            "pyproject.toml:2: architecture cannot be 'amd64'",
            "choose one of x86_64, arm64",
        ),
        (
            '[tool.lambdapack]\ncompression = "99"\n',
            "pyproject.toml:2: compression cannot be '99'",
            "choose one of fast, default, best, store",
        ),
        ('[tool.lambdapack]\nexclude = "x"\n', "pyproject.toml:2: exclude must be a list of strings", "correct"),
        ("[tool.lambdapack]\nexclude = [1]\n", "pyproject.toml:2: exclude must be a list of strings", "correct"),
        ("[tool.lambdapack]\nmemory = true\n", "pyproject.toml:2: memory must be a whole number", "correct"),
        ("[tool.lambdapack]\nmemory = 1.5\n", "pyproject.toml:2: memory must be a whole number", "correct"),
        ('[tool.lambdapack]\nsource = "a\\u0000b"\n', "pyproject.toml:2: source holds a NUL", "correct source"),
        ('[tool.lambdapack]\nwheels = ["a\\u0000b"]\n', "pyproject.toml:2: wheels holds a NUL", "correct wheels"),
        (
            '[tool.lambdapack.functions."a\\u0000b"]\nsource = "src"\n',
            "pyproject.toml:1: 'a\\x00b' cannot be the name of a function",
            "letters, digits",
        ),
        (
            "[tool.lambdapack.functions]\n# one\nf = { rutnime = 1 }\n",
            "pyproject.toml:3: unknown key 'rutnime'",
            "did you mean runtime?",
        ),
        ("tool.lambdapack.functions.f.memory = 'x'\n", "pyproject.toml:1: memory must be a whole", "correct memory"),
        ("[tool.lambdapack]\nmemory = " + "1" * 5_000, "pyproject.toml: Exceeds the limit", "correct the TOML"),
        ("a = " + "[" * 20_000, "pyproject.toml: ", "correct the TOML"),
    ],
)
def test_what_cannot_be_understood_is_named_with_line_and_key(
    content: str | bytes, message: str, hint: str, refused: Callable[..., tuple[str, str]]
) -> None:
    found = refused(content)

    assert found[0].startswith(message)
    assert hint in found[1]


def test_a_file_that_cannot_be_read_is_named(
    refused: Callable[..., tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", failing)

    assert refused("")[0] == "cannot read pyproject.toml: Permission denied"


@pytest.mark.parametrize(
    ("function", "key", "line"),
    [("one", "exclude", 6), ("two", "exclude", 2), ("three", "exclude", 10), ("two", "x", 7)],
)
def test_the_place_of_a_value_is_its_own_line_or_that_of_the_default(
    function: str, key: str, line: int, load: Callable[..., Config | None]
) -> None:
    config = load(
        "[tool.lambdapack]\n"
        "exclude = []\n"
        "\n"
        "[tool.lambdapack.functions.one]\n"
        "source = 's'\n"
        "exclude = ['x']\n"
        "[tool.lambdapack.functions.two]\n"
        "source = 's'\n"
        "[tool.lambdapack.functions]\n"
        "three.exclude = ['x']\n"
    )

    assert config is not None
    assert config.place(function, key) == f"{config.document.path}:{line}"


def test_paths_are_utf8_whatever_the_locale(
    load: Callable[..., Config | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsdecode", lambda name: name.decode("ascii", "surrogateescape"))
    config = load('[tool.lambdapack.functions.f]\nsource = "ü"\ndescription = "ü"\n')

    assert config is not None
    assert (config.functions["f"].source, config.functions["f"].description) == ("\udcc3\udcbc", "ü")


def test_a_key_of_thousands_of_parts_is_refused_before_it_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lambdapack.toml").write_text("a" + ".a" * 60_000 + " = 1\n")
    monkeypatch.setattr(tomllib, "loads", lambda _: pytest.fail("tomllib takes the square of the number of parts"))

    with pytest.raises(UsageError, match="it has a key, or a name, of more than 64 parts"):
        load_config(tmp_path)


def test_a_value_with_many_dots_is_no_deep_key(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f'# {"a. " * 100}\n[tool.x]\ny = "{"a." * 100}"\n[tool.lambdapack]\n')

    assert load_config(tmp_path) is not None


def test_the_words_of_options_are_the_keys_of_what_they_choose_from() -> None:
    assert get_args(Compression) == tuple(PROFILES)
    assert get_args(Preset) == tuple(PRESETS)


def test_a_byte_order_mark_is_named(refused: Callable[..., tuple[str, str]]) -> None:
    message, hint = refused(b"\xef\xbb\xbf[tool.lambdapack]\n")

    assert message == "pyproject.toml:1: begins with a byte order mark, which TOML does not have"
    assert hint == "save the file as UTF-8 without BOM"


def test_the_table_of_pyproject_is_named_where_it_stands_in_the_other_file(
    refused: Callable[..., tuple[str, str]],
) -> None:
    message, hint = refused('[tool.lambdapack.functions.f]\nsource = "s"\n', "lambdapack.toml")

    assert message == (
        "lambdapack.toml:1: [tool.lambdapack] is for pyproject.toml; lambdapack.toml has the keys at its top level"
    )
    assert hint == "write [functions.NAME] in place of [tool.lambdapack.functions.NAME]"


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("[tool.lambdapack]\n", True),
        ("[tool.lambdapack.functions.f]\n", True),
        ('[tool.lambdapack-other]\n[project]\nname = "x"\n', False),
        ("[broken\n", False),
    ],
)
def test_a_second_configuration_is_told(tmp_path: Path, text: str, *, is_told: bool) -> None:
    (tmp_path / "lambdapack.toml").write_text("[functions]\n")
    (tmp_path / "pyproject.toml").write_text(text)
    told: list[str] = []

    load_config(tmp_path, tell=told.append)

    words = "the configuration is that of lambdapack.toml; [tool.lambdapack] in pyproject.toml is not read"
    assert told == [words] * is_told
