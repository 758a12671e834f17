"""Broken verifiers: each lacks one check, and some crafted wheel shows it. A check that nothing misses is none."""

import importlib
import inspect
import sys
from types import FunctionType, ModuleType

import pytest

from tests.packing.wheels.crafted import small
from tests.packing.wheels.judging import is_right

ROOM = "lambdapack.packing.wheels"

BROKEN = [
    # module, function, the line as it is, the line as it is broken, the row that shows it
    ("stream", "measure", "if crc32 != entry.crc32:", "if False:", "A10"),
    ("stream", "measure", "if size != entry.size:", "if False:", "A27"),
    ("stream", "measure", "if size != entry.size:", "if size > entry.size:", "A27"),
    ("stream", "inflate", "if left < 0:", "if False:", "A26"),
    ("stream", "inflate", "if inflater.unused_data or position < len(data):", "if False:", "A29-hidden-behind"),
    ("stream", "inflate", "inflater.unused_data or position", "position", "A29-second-stream"),
    ("record", "check", "if found != listed.digest:", "if False:", "C03"),
    ("record", "check", "if listed.size is not None and listed.size != size:", "if False:", "C04"),
    ("record", "check_listing", "if unlisted:", "if False:", "C02"),
    ("record", "check_listing", "if lost:", "if False:", "C05"),
    ("record", "parse", "if row[0] in lines:", "if False:", "C08"),
    ("record", "parse", "if len(row) != 3:", "if len(row) < 3:", "C08-four-fields"),
    ("record", "rows", "strict=True", "strict=False", "C08-text-after-quote"),
    ("record", "line", "algorithm not in ALGORITHMS", "False", "C06-md5"),
    ("record", "line", "not listed_hash and may_lack_hash", "not listed_hash", "C07"),
    ("structure", "read_entries", "if header.offset != position:", "if False:", "A04-gap"),
    ("structure", "read_entries", "if position != directory.offset:", "if False:", "A04-last"),
    ("structure", "central_headers", "if header.name in names:", "if False:", "A01"),
    ("structure", "central_headers", "if position != directory.end:", "if False:", "A17"),
    ("structure", "end_record", "if after != comment:", "if False:", "A11"),
    ("structure", "central_directory", "if offset + size != records:", "if False:", "A12"),
    ("structure", "central_directory", "if narrow not in (value, elsewhere):", "if False:", "A15-records-differ"),
    ("structure", "central_directory", "last.disk or last.directory_disk or count_here != count", "False", "A18"),
    ("structure", "end_record_64", "record != locator - zipformat.END_64.size or", "", "A15-decoy"),
    ("headers", "central", "if disk:", "if False:", "A18-entry"),
    ("headers", "local", "if raw_name != header.raw_name:", "if False:", "A08-name"),
    ("headers", "local", "if end > following:", "if False:", "A24-beyond-the-end"),
    ("headers", "local", "if here != there and", "if False and", "A06"),
    ("headers", "local", "same + sizes", "same", "A08"),
    ("headers", "local", "same + sizes", "sizes", "A08-method"),
    ("headers", "local", "_check_descriptor(content", "bytes(content", "A21"),
    ("headers", "check_kind", "if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:", "if False:", "B20"),
    ("headers", "check_kind", "if is_directory and size:", "if False:", "B24-content"),
    ("headers", "check_method", "if flags & zipformat.ENCRYPTED:", "if False:", "A30"),
    ("headers", "check_method", "if flags & ~ACCEPTED:", "if False:", "A30-patched"),
    ("headers", "check_method", "if method not in (zipformat.STORED, zipformat.DEFLATED):", "if False:", "A32"),
    ("headers", "extra_fields", "if number in fields and", "if False and", "A23"),
    ("headers", "extra_fields", "if path is not None and", "if False and", "A23-unicode-path-differs"),
    ("headers", "decode", '"utf-8" if flags & zipformat.UTF_8 else "ascii"', '"utf-8"', "B12-utf-8"),
    ("headers", "widen", "if missing or numbers != narrow[:count]:", "if False:", "A23-repeats-wrongly"),
    ("paths", "why_unpackable", '{"", ".", ".."}', '{"", "."}', "B01"),
    ("paths", "why_unpackable", 'name.startswith("/")', "False", "B03"),
    ("paths", "why_unpackable", "DRIVE.match(name)", "False", "B06"),
    ("paths", "why_unpackable", "if found is not None:", "if False:", "B05"),
    ("paths", "check_clashes", "if key in spelled:", "if False:", "B16"),
    ("paths", "normalize", 'unicodedata.normalize("NFC", name)', "name", "B15-normalised"),
    ("wheel", "land", "if place.name in landed:", "if False:", "B16-same-landing"),
    ("wheel", "land", "paths.why_unpackable(place.name)", "None", "B06-purelib"),
    ("wheel", "land", "if slash and head", "if False and head", "C11-through-purelib"),
    ("wheel", "land", "paths.check_clashes(landed)", "pass", "B16-where-it-lands"),
    ("wheel", "_inspect", "paths.check_names(entry.name for entry in entries)", "pass", "B08-two-slashes"),
    ("metadata", "find_dist_info", "if len(found) != 1:", "if not found:", "C11"),
    ("metadata", "find_dist_info", "not same_version(found_version, version)", "False", "C11-other-version"),
    ("metadata", "requirements", "not same_version(found_version, version)", "False", "C12-version"),
    ("metadata", "only", "if len(values) != 1:", "if not values:", "C12-two-names"),
    ("metadata", "wheel_warnings", "if major != KNOWN_MAJOR:", "if False:", "C10"),
    ("landing", "_target", "if head != dist_info", "if False and dist_info", "C16-foreign"),
]


def broken(module: ModuleType, function: str, line: str, other: str) -> FunctionType:
    """Return a function of the module, from its source but for one line."""
    source = inspect.getsource(module)
    whole = inspect.getsource(getattr(module, function))
    assert whole.count(line) == 1, f"{function} has no line {line}"
    names = dict(vars(module))
    exec(compile(source.replace(whole, whole.replace(line, other)), module.__name__, "exec"), names)  # noqa: S102 - our own source
    found = names[function]
    assert isinstance(found, FunctionType)
    return found


def install(monkeypatch: pytest.MonkeyPatch, name: str, function: str, line: str, other: str) -> None:
    """Put the broken function wherever the whole one is known."""
    module = importlib.import_module(f"{ROOM}.{name}")
    replacement, original = broken(module, function, line, other), getattr(module, function)
    for room, found in list(sys.modules.items()):
        if room.startswith(ROOM) and vars(found).get(function) is original:
            monkeypatch.setattr(found, function, replacement)


@pytest.mark.parametrize(("module", "function", "line", "other", "row"), BROKEN)
def test_a_verifier_without_a_check_is_caught(
    monkeypatch: pytest.MonkeyPatch, module: str, function: str, line: str, other: str, row: str
) -> None:
    assert is_right(small()[row])
    install(monkeypatch, module, function, line, other)
    assert not survives(row)


def survives(row: str) -> bool:
    """Return whether a wheel is still judged right; a verifier that breaks is not."""
    try:
        return is_right(small()[row])
    except Exception:  # noqa: BLE001 - whatever a broken verifier raises
        return False


def test_an_unbroken_copy_is_not_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "stream", "measure", "if crc32 != entry.crc32:", "if entry.crc32 != crc32:")
    assert is_right(small()["A10"])
