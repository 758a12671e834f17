"""RECORD, line by line; whole wheels with broken ones are among the crafted."""

import pytest

from lambdapack.packing.wheels import record
from lambdapack.packing.wheels.faults import WheelFault
from lambdapack.packing.wheels.record import Line

PATH = "demo-1.0.dist-info/RECORD"


def test_every_line_is_understood() -> None:
    content = b'a.py,sha256=abc,12\r\n"b,""c"".py",sha512=d-_e==,\r\n\r\ndemo-1.0.dist-info/RECORD,,\r\nsub/,,\r\n'
    assert record.parse(content, dist_info="demo-1.0.dist-info") == {
        "a.py": Line("sha256", "abc", 12),
        'b,"c".py': Line("sha512", "d-_e", None),
        PATH: Line("", "", None),
        "sub/": Line("", "", None),
    }


def test_only_the_wheels_own_record_may_lack_a_hash() -> None:
    with pytest.raises(WheelFault, match=r"lists other-1\.0\.dist-info/RECORD without a hash"):
        record.parse(b"other-1.0.dist-info/RECORD,,\n", dist_info="demo-1.0.dist-info")


def test_the_listing_is_exactly_the_files() -> None:
    record.check_listing({"a": 0, PATH: 0}, files={"a": 0, PATH: 0}, directories=set(), path=PATH)
    record.check_listing({"a"}, files={"a", PATH, f"{PATH}.jws", f"{PATH}.p7s"}, directories=set(), path=PATH)
    record.check_listing({"a", "d/"}, files={"a", PATH}, directories={"d/"}, path=PATH)


def test_the_first_of_several_is_named_and_the_others_counted() -> None:
    with pytest.raises(WheelFault, match=r"its file a is not listed in RECORD \(nor are 2 more\)"):
        record.check_listing(set(), files={"c", "b", "a"}, directories=set(), path=PATH)
    with pytest.raises(WheelFault, match=r"its RECORD lists d/, which is not there$"):
        record.check_listing({"a", "d/"}, files={"a"}, directories=set(), path=PATH)
