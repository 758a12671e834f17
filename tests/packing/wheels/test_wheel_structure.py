"""The container, as writers that we did not write make it; and what the parser says where entries lie."""

import io
import zipfile

import pytest

from lambdapack.packing.wheels.faults import WheelFault
from lambdapack.packing.wheels.headers import StoredEntry
from lambdapack.packing.wheels.structure import central_directory, read_entries

FILES = {"a.txt": b"A" * 1000, "sub/b.bin": bytes(range(256)), "empty": b"", "ü.txt": b"\xc3\xbc"}


class Pipe(io.BytesIO):
    """A file that cannot be sought in: zipfile writes data descriptors then."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise io.UnsupportedOperation


def written(out: io.BytesIO, *, method: int, force_zip64: bool) -> bytes:
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in FILES.items():
            with archive.open(name, "w", force_zip64=force_zip64) as member:
                member.write(content)
        archive.mkdir("sub")
        archive.comment = b"a comment"
    return out.getvalue()


def read(content: bytes) -> list[StoredEntry]:
    return read_entries(content, central_directory(content))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("force_zip64", [False, True])
@pytest.mark.parametrize("is_pipe", [False, True])
def test_what_zipfile_writes_is_read_as_zipfile_reads_it(method: int, force_zip64: bool, is_pipe: bool) -> None:  # noqa: FBT001 - parameters of the test
    content = written(Pipe() if is_pipe else io.BytesIO(), method=method, force_zip64=force_zip64)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        expected = [
            (info.filename, info.compress_type, info.CRC, info.compress_size, info.file_size)
            for info in archive.infolist()
        ]
        assert any(info.flag_bits & 8 for info in archive.infolist()) is is_pipe
    assert [entry[:5] for entry in read(content)] == expected


def test_compressed_data_lie_where_the_entry_says() -> None:
    content = written(io.BytesIO(), method=zipfile.ZIP_STORED, force_zip64=True)
    assert {e.name: content[e.offset : e.offset + e.size] for e in read(content)} == {**FILES, "sub/": b""}


def test_an_empty_archive_has_no_entries() -> None:
    out = io.BytesIO()
    zipfile.ZipFile(out, "w").close()
    assert read(out.getvalue()) == []


def test_entries_may_be_listed_in_another_order_than_they_lie() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("b", b"1")
        archive.writestr("a", b"2")
        archive.filelist.reverse()
    assert [entry.name for entry in read(out.getvalue())] == ["b", "a"]


def test_appending_to_an_archive_as_self_extractors_do_is_refused() -> None:
    out = io.BytesIO(b"#!/bin/sh\n")
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("a", b"1")
    with pytest.raises(WheelFault, match="belong to no entry"):
        read(out.getvalue())


def test_an_entry_replaced_by_zipfile_is_a_duplicate() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a", b"2")
    with pytest.raises(WheelFault, match="duplicate entry"):
        read(out.getvalue())
