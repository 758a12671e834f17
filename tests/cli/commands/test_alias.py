"""``alias`` and ``rollback`` as a user runs them: whole processes against the emulator."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

Lambdapack: TypeAlias = Callable[..., Any]
Answer: TypeAlias = Callable[..., Any]


def test_a_version_is_aliased_weighed_and_rolled_back(lambdapack: Lambdapack, answer: Answer, hello: str) -> None:
    assert answer("alias", hello, "live", "3")["changed"] is True
    assert lambdapack("alias", hello, "live").stdout == "version 3\n"
    assert lambdapack("alias", hello, "live", "3", "--weight", "1=0.25").stdout == "version 3\nweights 1=0.25\n"
    shares = [entry["aliases"] for entry in answer("versions", hello)]
    assert shares == [[], [{"name": "live", "weight": 0.25}], [], [{"name": "live", "weight": 0.75}]]
    back = answer("rollback", hello, "--alias", "live")
    assert (back["version"], back["previous_version"], back["weights"]) == ("2", "3", {})


def test_the_alias_of_the_configuration_is_rolled_back(lambdapack: Lambdapack, hello: str, tmp_path: Path) -> None:
    assert lambdapack("rollback", hello).returncode == 2
    (tmp_path / "lambdapack.toml").write_text('[functions.hello]\nsource = "src"\nalias = "live"\n')
    assert lambdapack("alias", hello, "live", "3").returncode == 0
    assert lambdapack("rollback", hello, "--to", "1").stdout == "version 1\n"
