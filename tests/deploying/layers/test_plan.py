import pytest

from lambdapack.deploying.layers.names import layer_name
from lambdapack.deploying.layers.plan import out_of_sight
from lambdapack.errors import UsageError

ARN = "arn:aws:lambda:us-east-1:000000000000:layer:base"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "not a layer's name"),
        ("a b", "not a layer's name"),
        ("a.b", "not a layer's name"),
        ("base\n", "not a layer's name"),
        ("b\u00e4se", "not a layer's name"),
        ("arn:aws:lambda:us-east-1:000000000000:function:base", "not a layer's name"),
        ("a" * 141, "too long"),
        ("base:1", "one version"),
        (f"{ARN}:1", "one version"),
        ("arn:aws:lambda:eu-west-1:000000000000:layer:base", "eu-west-1"),
    ],
)
def test_what_no_layer_is_called_is_refused(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        layer_name(name, region="us-east-1")


@pytest.mark.parametrize("name", ["a", "a" * 140, "A-_1", ARN, "arn:aws-us-gov:lambda:us-east-1:123456789012:layer:a"])
def test_what_aws_takes_is_a_name(name: str) -> None:
    assert layer_name(name, region="us-east-1").given == name


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["module.py"], True),
        (["src/python/module.py", "Python/module.py", "pythonic.py"], True),
        (["module.py", "python/module.py"], False),
        (["nodejs/node_modules/m/index.js"], False),
        (["java/lib/a.jar"], False),
        (["lib/libz.so.1"], False),
        (["extensions/agent"], False),
        (["bootstrap"], False),
    ],
)
def test_where_nothing_would_be_looked_for(names: list[str], expected: bool) -> None:  # noqa: FBT001 - by name
    assert out_of_sight(names) is expected
