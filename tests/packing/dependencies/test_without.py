"""What --without leaves out: the named packages, and what only they need."""

from collections.abc import Mapping, Sequence

import pytest

from lambdapack.errors import UsageError
from lambdapack.packing.dependencies.without import leave_out
from lambdapack.packing.locks.selection import LockedWheel
from lambdapack.target import Target
from tests.packing.locks.locks import ARM, OLD

BOTO3: Mapping[str, Sequence[str]] = {
    # As in the METADATA of boto3 1.43, botocore 1.43, s3transfer 0.17 and python-dateutil 2.9.
    "boto3": ("botocore<1.44.0,>=1.43.1", "jmespath<2.0.0,>=0.7.1", 's3transfer<0.18; python_version >= "3.9"'),
    "botocore": (
        *("jmespath<2.0.0,>=0.7.1", "python-dateutil<3.0.0,>=2.1", "urllib3!=2.2.0,<3,>=1.25.4"),
        "awscrt==0.31.2; extra == 'crt'",
    ),
    "s3transfer": ("botocore<2.0a.0,>=1.37.4", 'botocore[crt]<2.0a0,>=1.37.4; extra == "crt"'),
    "jmespath": (),
    "python-dateutil": ("six >=1.5",),
    "six": (),
    "urllib3": ('brotli>=1.2.0; platform_python_implementation == "CPython" and extra == "brotli"',),
}
REQUESTS: Mapping[str, Sequence[str]] = {
    "requests": ("charset_normalizer<4,>=2", "idna<4,>=2.5", "urllib3<3,>=1.26", "certifi>=2023.5.7"),
    "charset-normalizer": (),
    "idna": (),
    "certifi": (),
}


def left_out(packages: Mapping[str, Sequence[str]], *without: str, target: Target = ARM) -> set[str]:
    wheels = [
        (LockedWheel(name=name, version="1", filename=f"{name}-1-py3-none-any.whl", hashes={}), tuple(requires))
        for name, requires in packages.items()
    ]
    answers = {leave_out(order, without=without, target=target) for order in (wheels, wheels[::-1])}
    assert len(answers) == 1, "the order of the lock decides nothing"
    return set(answers.pop())


def test_nothing_is_left_out_unasked() -> None:
    assert left_out(BOTO3) == set()


def test_everything_that_only_boto3_needs_goes_with_it() -> None:
    assert left_out(BOTO3, "boto3") == set(BOTO3)


def test_what_requests_needs_stays() -> None:
    assert left_out({**BOTO3, **REQUESTS}, "boto3", "botocore") == set(BOTO3) - {"urllib3"}
    assert left_out({**BOTO3, **REQUESTS}, "boto3", "urllib3") == set(BOTO3)
    assert left_out({**BOTO3, **REQUESTS}, "requests") == set(REQUESTS)


def test_what_somebody_still_needs_goes_where_it_is_named() -> None:
    assert left_out(BOTO3, "botocore") == {"botocore", "python-dateutil", "six", "urllib3"}


def test_names_are_normalised() -> None:
    assert left_out(BOTO3, "Python_Dateutil", "python.dateutil") == {"python-dateutil", "six"}


def test_a_name_that_the_lock_does_not_have_is_told() -> None:
    with pytest.raises(UsageError) as refusal:
        left_out(BOTO3, "boto3", "botcore")

    assert refusal.value.message == "--without botcore: nothing of that name is selected from the lock"
    assert refusal.value.hint.startswith("did you mean botocore")
    with pytest.raises(UsageError) as refusal:
        left_out(BOTO3, "xyzzy")
    assert refusal.value.hint == "leave it out of --without"


def test_markers_are_those_of_the_target() -> None:
    packages = {"a": ('b; python_version < "3.12"', "c; sys_platform == 'win32'"), "b": (), "c": ()}

    assert left_out(packages, "a", target=OLD) == {"a", "b"}
    assert left_out(packages, "a", target=ARM) == {"a"}


def test_an_extra_that_a_requirement_asks_for_counts() -> None:
    packages = {
        "app": ("lib[fast]",),
        "lib": ('speed; extra == "fast"', "base"),
        "speed": ("core",),
        "core": (),
        "base": (),
    }

    assert left_out(packages, "app") == set(packages)
    assert left_out(packages, "lib") == {"lib", "speed", "core", "base"}
    assert left_out({**packages, "other": ("core",)}, "app") == {"app", "lib", "speed", "base"}


def test_extras_that_an_extra_asks_for_count_too() -> None:
    packages = {
        "app": ("lib[all]",),
        "lib": ('lib[fast]; extra == "all"', 'speed; extra == "fast"'),
        "speed": ("tool[x]; extra == 'never'",),
        "tool": (),
    }

    assert left_out(packages, "app") == {"app", "lib", "speed"}


def test_where_an_extra_is_unclear_the_package_stays() -> None:
    # The user may have asked for crt, and then awscrt is needed; or have locked awscrt for its own sake.
    assert left_out({**BOTO3, "awscrt": ()}, "boto3") == set(BOTO3)
    kept = {"app": ('lib; extra == "x"',), "old": ("lib",), "lib": ()}
    assert left_out(kept, "old") == {"old"}


def test_circles_go_and_stay_whole() -> None:
    circle = {"a": ("b",), "b": ("c",), "c": ("a",)}

    assert left_out({**circle, "x": ("a",)}, "x") == {"x", "a", "b", "c"}
    assert left_out({**circle, "x": ("a",), "y": ("b",)}, "x") == {"x"}
    assert left_out({**circle, "x": ("a",)}, "b") == {"b", "c"}
    # Nothing outside needs the circle: any of it may be what somebody asked for.
    assert left_out(circle, "b") == {"b"}
    assert left_out({**circle, "d": ()}, "a", "b", "c") == {"a", "b", "c"}


def test_a_package_that_needs_itself_is_no_riddle() -> None:
    assert left_out({"a": ("a[x]", 'b; extra == "x"'), "b": ()}, "a") == {"a", "b"}


def test_a_requirement_that_cannot_be_read_keeps_what_it_names() -> None:
    packages = {"old": ("lib (>=1.0.*, what",), "new": ("lib",), "lib": (), "odd": ("??",)}

    assert left_out(packages, "new") == {"new"}
    assert left_out(packages, "old") == {"old"}


def test_hundreds_of_packages_are_no_matter() -> None:
    chain = {f"p{number}": (f"p{number + 1}",) for number in range(400)}

    assert left_out({**chain, "p400": ()}, "p200") == {f"p{number}" for number in range(200, 401)}
