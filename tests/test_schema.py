"""The schema for editors is written from the table of keys, and says what the loader says.

After a change of the table: ``python -m pytest tests/test_schema.py`` fails once, having written the file anew.
"""

import json
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

import lambdapack
from lambdapack.config.keys import KEYS, FunctionConfig, field_of
from lambdapack.config.load import load_config
from lambdapack.config.schema import schema
from lambdapack.errors import UsageError

FILE = Path(lambdapack.__file__).with_name("lambdapack.schema.json")

VALIDATOR = Draft7Validator(schema())


def test_the_file_in_the_package_is_the_tables() -> None:
    wanted = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    found = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    if found != wanted:
        FILE.write_text(wanted, encoding="utf-8")

    assert found == wanted, f"{FILE} is written anew: look at the difference, and commit it"


def test_it_is_a_schema() -> None:
    Draft7Validator.check_schema(schema())


def test_every_field_is_a_key_and_every_key_a_field() -> None:
    assert [*map(field_of, KEYS)] == [field for field in FunctionConfig._fields if field != "name"]


RIGHT = [
    "",
    'runtime = "python3.13"\nmemory = 128\nfunction-timeout = 900\n[functions.hello]\nsource = "src"\n',
    '[functions.a-B_9]\nexclude = []\nwheels = ["wheels"]\nscripts = false\nlock = ""\n[functions."v1.2"]\n',
    'symlinks = "keep"\ntransport = "s3"\nprefer = "wheel"\npreset = "slim"\ncompression = "store"\n',
    '[functions.f.environment]\nKEY = "värde"\n[functions.f.aws]\nLayers = ["x"]\nTimeout = 1\n',
    f'[functions.{"f" * 64}]\ngroups = ["dev"]\nextras = []\nwithout = ["boto3"]\n',
]

WRONG = [
    'runtme = "python3.13"\n',
    'runtime = "python2"\n',
    "runtime = 3\n",
    "memory = 127\n",
    'memory = "512"\n',
    "memory = true\n",
    "memory = -1\n",
    "function-timeout = 0\n",
    'exclude = "x"\n',
    "exclude = [1]\n",
    'source = "a\\u0000b"\n',
    'wheels = ["a\\u0000b"]\n',
    'scripts = "yes"\n',
    "scripts = 1\n",
    "functions = 1\n",
    "[functions]\nf = 1\n",
    "[functions.f]\nfunctions = {}\n",
    "[functions.f.environment]\nKEY = 1\n",
    'environment = "KEY"\n',
    "aws = []\n",
    '[tool.lambdapack]\nsource = "src"\n',
    *(
        f"[functions.{name}]\n"
        for name in (
            *('"../../evil"', '"/etc/evil"', '"a/b"', '"a\\\\b"', '"C:evil"', '"."', '".."', '"..."', '""', '" "'),
            *('"a b"', '"a\\tb"', '"a\\nb"', '"a\\n"', '"a\\u0000b"', '"a\\u202eb"', '"ü"', '"~"', '"a:b"', '"*"'),
            f'"{"f" * 65}"',
        )
    ),
]


@pytest.mark.parametrize("text", RIGHT)
def test_both_take_what_is_right(text: str, tmp_path: Path) -> None:
    (tmp_path / "lambdapack.toml").write_text(text, encoding="utf-8")

    assert load_config(tmp_path) is not None
    assert [error.message for error in VALIDATOR.iter_errors(tomllib.loads(text))] == []


@pytest.mark.parametrize("text", WRONG)
def test_both_refuse_what_is_wrong(text: str, tmp_path: Path) -> None:
    (tmp_path / "lambdapack.toml").write_text(text, encoding="utf-8")

    with pytest.raises(UsageError, match=r"lambdapack\.toml:\d"):
        load_config(tmp_path)
    assert not VALIDATOR.is_valid(tomllib.loads(text))
