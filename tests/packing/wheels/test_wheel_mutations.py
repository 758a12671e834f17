"""Random damage to a good wheel: it is refused, or it changes nothing that is packed. ``zipfile`` is the oracle."""

import io
import zipfile
import zlib

from hypothesis import given, settings
from hypothesis import strategies as st

from lambdapack.packing.wheels.contents import WheelContents
from tests.packing.wheels.crafted import small
from tests.packing.wheels.judging import judged, look
from tests.packing.wheels.verdicts import accepted

# Plain, with zip64 end records, data descriptors, zip64 fields, a stored zip inside, names in UTF-8, sha512.
ROWS = ("A00", "A15-consistent", "A20", "A20-zip64", "A23-both-consistent", "A38", "B13", "C06-sha512")
WHOLE = {row: small()[row].content for row in ROWS}

rows = st.sampled_from(ROWS)
places = st.floats(min_value=0, max_value=1, exclude_max=True)
few = settings(max_examples=250, deadline=None, derandomize=True)


def contents_of(content: bytes, contents: WheelContents) -> dict[str, bytes]:
    found = {}
    for file in contents.files:
        data = content[file.offset : file.offset + file.compressed_size]
        found[file.name] = zlib.decompress(data, -15) if file.method == 8 else data
    return found


def check(row: str, damaged: bytes) -> bool:
    """Return whether a damaged wheel is refused; if it is accepted, it holds what the whole one holds."""
    crafted = accepted(damaged)
    if judged(crafted)[0] != "accept":
        return True
    found = contents_of(damaged, look(crafted))
    with zipfile.ZipFile(io.BytesIO(damaged)) as archive:
        assert found == {name: archive.read(name) for name in archive.namelist()}
    assert found == contents_of(WHOLE[row], look(small()[row]))
    return False


@few
@given(row=rows, place=places, bit=st.integers(0, 7))
def test_a_flipped_bit_is_refused_or_harmless(row: str, place: float, bit: int) -> None:
    damaged = bytearray(WHOLE[row])
    damaged[int(place * len(damaged))] ^= 1 << bit
    check(row, bytes(damaged))


@few
@given(row=rows, place=places)
def test_a_truncated_wheel_is_refused(row: str, place: float) -> None:
    assert check(row, WHOLE[row][: int(place * len(WHOLE[row]))])


@few
@given(row=rows, place=places, inserted=st.binary(min_size=1, max_size=30))
def test_inserted_bytes_are_refused(row: str, place: float, inserted: bytes) -> None:
    at = int(place * (len(WHOLE[row]) + 1))
    assert check(row, WHOLE[row][:at] + inserted + WHOLE[row][at:])


@few
@given(row=rows, place=places, length=st.integers(1, 30))
def test_removed_bytes_are_refused(row: str, place: float, length: int) -> None:
    at = int(place * len(WHOLE[row]))
    assert check(row, WHOLE[row][:at] + WHOLE[row][at + length :])


@few
@given(row=rows, places=st.tuples(places, places), length=st.integers(1, 60))
def test_a_copied_piece_is_refused_or_harmless(row: str, places: tuple[float, float], length: int) -> None:
    start, end = (int(place * len(WHOLE[row])) for place in places)
    damaged = bytearray(WHOLE[row])
    damaged[start : start + length] = WHOLE[row][end : end + length]
    check(row, bytes(damaged))


@few
@given(content=st.binary(max_size=400))
def test_noise_is_refused(content: bytes) -> None:
    assert judged(accepted(content))[0] == "refuse"
