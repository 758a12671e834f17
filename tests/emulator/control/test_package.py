"""What is no package, or a hostile one, is refused in AWS's words; nothing else ever comes out."""

import io
import random
import struct
import zipfile
from collections.abc import Callable

import pytest

from lambdapack.emulator.control.package import examine
from lambdapack.emulator.refusals import RefusedError

BROKEN = "Could not unzip uploaded file. Please check your file, then try to upload again."


def refusal(data: bytes) -> str | None:
    """Return the words in which these bytes are refused, or None where they are taken."""
    try:
        examine(data)
    except RefusedError as error:
        return error.message
    return None


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_lambda_cannot_unpack_are_refused(method: int) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("app.py", "x = 1\n" * 100)
    assert refusal(stream.getvalue()) == BROKEN


def test_an_encrypted_entry_is_refused(zipped: Callable[..., bytes]) -> None:
    data = bytearray(zipped())
    directory = data.index(b"PK\1\2")
    data[6] |= 1
    data[directory + 8] |= 1
    assert refusal(bytes(data)) == BROKEN


def test_an_entry_beyond_63_bits_is_refused() -> None:
    """zipfile seeks there, which raises OverflowError; the offset stands in a ZIP64 extra field (APPNOTE 4.5.3)."""
    far = struct.pack("<HHQ", 1, 8, 1 << 63)
    central = struct.pack("<4s6H3L5H2L", b"PK\1\2", 45, 45, 0, 0, 0, 0, 0, 0, 0, 6, len(far), 0, 0, 0, 0, 0xFFFFFFFF)
    directory = central + b"app.py" + far
    assert refusal(directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(directory), 0, 0)) == BROKEN


def test_flipped_bits_are_refused_or_harmless(zipped: Callable[..., bytes]) -> None:
    whole = zipped("x = 1\n" * 20, second="y = 2\n")
    chance = random.Random(1)  # noqa: S311 - the same bits each time
    answers = []
    for _ in range(500):
        data = bytearray(whole)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        answers.append(refusal(bytes(data)))
    assert set(answers) <= {None, BROKEN, "Uploaded file must be a non-empty zip"}
    assert answers.count(None) < 250
