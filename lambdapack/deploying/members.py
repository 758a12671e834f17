"""The members of a zip that somebody else made, read without trusting what it says of itself.

Rules for this file
- The standard library reads the directory of the zip; every member is then found, compared with its own header and
  inflated here: ``zipfile`` silently ends at the declared size, whatever follows there.
- What two programs could read in two ways is refused: names that occur twice, headers that differ, bytes behind the
  end of a stream. Whether a name may be written to disk is for ``unpacking``.
- No more is inflated than Lambda would have taken, however small the zip.

Numbers in brackets are sections of PKWARE's APPNOTE.TXT 6.3.10.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Literal, TypeAlias

from lambdapack.artifact import zip_faults
from lambdapack.deploying.names import shortened
from lambdapack.errors import CheckError
from lambdapack.reading import reading

LARGEST_UNZIPPED = 262_144_000
"""Bytes of all members that are read: Lambda takes less ("Lambda quotas", Deployment package size)."""

CHUNK_SIZE = 1 << 16
"""Bytes read, and at most inflated, at a time."""

LOCAL_HEADER = struct.Struct("<IHHHHHIIIHH")
"""Signature, needed, flags, method, time, date, CRC-32, sizes after and before, lengths of name and extra (4.3.7)."""

LOCAL_SIGNATURE = 0x04034B50

UNREADABLE = 1 << 0 | 1 << 6 | 1 << 13
"""Flags of encrypted members (4.4.4)."""

DEFERRED = 1 << 3
"""The flag that CRC-32 and sizes stand behind the data, and not in the local header (4.4.4)."""

UTF8 = 1 << 11
"""The flag that the name is UTF-8 (4.4.4); else it is code page 437 (appendix D)."""

END = struct.Struct("<IHHHHIIH")
"""Signature, disks, entries here and in all, size and offset of the directory, length of the comment (4.3.16)."""

END_SIGNATURE = b"PK\x05\x06"

LONGEST_COMMENT = 0xFFFF

COUNT_ELSEWHERE = 0xFFFF
"""A number of entries that stands in the zip64 end of the directory (4.4.1.4)."""

SIZE_ELSEWHERE = 0xFFFF_FFFF
"""A size that stands in the zip64 extra field (4.4.8)."""

Kind: TypeAlias = Literal["file", "directory", "symlink", "special"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member, as the zip's directory describes it."""

    name: str
    kind: Kind
    """``special`` is a device, a FIFO or a socket, and what contradicts itself."""
    mode: int | None
    """The permissions; None where the zip was not made on a UNIX."""
    size: int
    """Bytes when unzipped."""
    entry: zipfile.ZipInfo = field(repr=False, compare=False)


class ForeignZip:
    """An open zip and its members."""

    def __init__(self, file: BinaryIO, *, about: str) -> None:
        """Read the directory of the zip; ``about`` is what messages call it.

        Raises ``CheckError`` where the file is no zip, or one that cannot be read in one way only, ``LocalError``
        where the machine fails.
        """
        self._file = file
        self._about = about
        try:
            with reading(about), zipfile.ZipFile(file) as archive:
                entries = archive.infolist()
                self._end = archive.start_dir
        except zip_faults() as error:
            raise CheckError(f"{about} is not a zip that can be read", hint="download it again, or build it") from error
        self.members = tuple(map(member_of, entries))
        """In the order of the directory."""
        if declared_count(file) not in (len(entries), COUNT_ELSEWHERE):
            raise CheckError(
                f"{about} declares another number of members than its directory holds", hint="build it again"
            )
        self._check()

    def content(self, member: Member) -> Iterator[bytes]:
        """Yield the bytes of a member; they count once the last was yielded.

        Raises ``CheckError`` where they are not of the size and the CRC-32 that the zip declares.
        """
        crc = 0
        raw = self._raw(member)
        chunks = self._stored(raw) if member.entry.compress_type == zipfile.ZIP_STORED else self._inflated(raw, member)
        left = member.size
        for chunk in chunks:
            left -= len(chunk)
            if left < 0:
                raise self._refusal(member, f"holds more than the {member.size:,} bytes that it declares")
            crc = zlib.crc32(chunk, crc)
            yield chunk
        if left:
            raise self._refusal(member, f"holds fewer than the {member.size:,} bytes that it declares")
        if crc != member.entry.CRC:
            raise self._refusal(member, "is damaged: its CRC-32 differs")

    def _check(self) -> None:
        seen: set[str] = set()
        for member in self.members:
            if member.name in seen:
                raise self._refusal(member, "is there twice")
            seen.add(member.name)
            if member.entry.flag_bits & UNREADABLE:
                raise self._refusal(member, "is encrypted")
            if member.entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise self._refusal(member, "is compressed in a way that Lambda does not know")
        total = sum(member.size for member in self.members)
        if total > LARGEST_UNZIPPED:
            raise CheckError(
                f"{self._about} declares {total:,} bytes unzipped; Lambda takes less than {LARGEST_UNZIPPED:,}",
                hint="this is not what Lambda runs; look where it comes from",
            )

    def _raw(self, member: Member) -> Iterator[bytes]:
        """Yield what is stored of a member, once its own header has proven to say what the directory says."""
        entry = member.entry
        self._file.seek(max(0, entry.header_offset))
        header = self._file.read(LOCAL_HEADER.size)
        if len(header) < LOCAL_HEADER.size:
            raise self._refusal(member, "has no header of its own")
        signature, _, flags, method, _, _, crc, packed, size, name_length, extra_length = LOCAL_HEADER.unpack(header)
        name = entry.orig_filename.encode("utf-8" if entry.flag_bits & UTF8 else "cp437")
        begin = entry.header_offset + LOCAL_HEADER.size + name_length + extra_length
        agrees = (
            entry.header_offset >= 0
            and signature == LOCAL_SIGNATURE
            and method == entry.compress_type
            and self._file.read(name_length) == name
            and (flags & DEFERRED or crc == entry.CRC)
            and (flags & DEFERRED or packed in (entry.compress_size, SIZE_ELSEWHERE))
            and (flags & DEFERRED or size in (entry.file_size, SIZE_ELSEWHERE))
            and begin + entry.compress_size <= self._end
        )
        if not agrees:
            raise self._refusal(member, "has a header of its own that says something else than the zip's directory")
        self._file.seek(begin)
        left = entry.compress_size
        while left:
            chunk = self._file.read(min(left, CHUNK_SIZE))
            if not chunk:
                raise self._refusal(member, "is cut off")
            left -= len(chunk)
            yield chunk

    def _stored(self, raw: Iterator[bytes]) -> Iterator[bytes]:
        yield from raw

    def _inflated(self, raw: Iterator[bytes], member: Member) -> Iterator[bytes]:
        """Yield what a deflate stream holds, in pieces that fit into memory whatever it was made to hold."""
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            for chunk in raw:
                rest = chunk
                while rest and not inflater.eof:
                    yield inflater.decompress(rest, CHUNK_SIZE)
                    rest = inflater.unconsumed_tail
                if inflater.eof and (rest or inflater.unused_data):
                    raise self._refusal(member, "has bytes behind its end")
            yield inflater.flush()
        except zlib.error as error:
            raise self._refusal(member, "is damaged: it cannot be inflated") from error
        if not inflater.eof:
            raise self._refusal(member, "is cut off")

    def _refusal(self, member: Member, what: str) -> CheckError:
        return CheckError(
            f"{self._about}: the member {shortened(member.name)!r} {what}",
            hint="build the package again, with another tool, and push that",
            member=shortened(member.name),
        )


def declared_count(file: BinaryIO) -> int:
    """Return how many members the end of a zip declares, which ``zipfile`` has found there but not compared."""
    size = file.seek(0, 2)
    file.seek(max(0, size - END.size - LONGEST_COMMENT))
    tail = file.read()
    count: int = END.unpack_from(tail, tail.rindex(END_SIGNATURE))[4]
    return count


def member_of(entry: zipfile.ZipInfo) -> Member:
    """Return the member that an entry of the directory describes."""
    attributes = entry.external_attr >> 16
    # The name as it is written: zipfile's filename ends at a NUL, and has other separators on Windows.
    name = entry.orig_filename
    return Member(
        name=name,
        kind=kind_of(stat.S_IFMT(attributes), ends_with_slash=name.endswith("/")),
        mode=stat.S_IMODE(attributes) if attributes else None,
        size=entry.file_size,
        entry=entry,
    )


def kind_of(file_type: int, *, ends_with_slash: bool) -> Kind:
    """Return what a member is by its type in the attributes (stat(2)) and by its name."""
    if ends_with_slash:
        return "directory" if file_type in (0, stat.S_IFDIR, stat.S_IFREG) else "special"
    if file_type in (0, stat.S_IFREG):
        return "file"
    return "symlink" if file_type == stat.S_IFLNK else "special"
