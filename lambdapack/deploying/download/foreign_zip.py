"""The members of a zip that somebody else made, read without trusting what it says of itself.

Rules for this file
- Every member is found, compared with its own header and inflated here: ``zipfile`` silently ends at the declared
  size, whatever follows there.
- What two programs could read in two ways is refused: names that occur twice, headers that differ, members that
  overlap, bytes behind the end of a stream. Whether a name may be written to disk is for ``layout``.
- No more is inflated than Lambda would have taken, however small the zip. What the zip implies is bounded as well:
  members, bytes of names, and, as no two of them overlap, bytes to be read.
- Reading ends where the run's time does, whatever is read.

Numbers in brackets are sections of PKWARE's APPNOTE.TXT 6.3.10.
"""

import hashlib
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import IO, Literal, TypeAlias

from lambdapack import zipfields, zipformat
from lambdapack.artifact import zip_faults
from lambdapack.deploying.aws.deadline import FOREVER, Deadline
from lambdapack.deploying.download.directory import Header, find, headers
from lambdapack.disk.reading import reading
from lambdapack.errors import CheckError
from lambdapack.quotas import ENTRY_LIMIT, UNZIPPED_LIMIT
from lambdapack.text import clip

_LONGEST_NAME = 4_096
"""Bytes of a member's name: PATH_MAX of Linux, which Lambda runs on (limits.h)."""

_LARGEST_NAMES = 16 << 20
"""Bytes of all names: 256 for each of as many members as there may be."""

_CHUNK_SIZE = 1 << 16
"""Bytes read, and at most inflated, at a time."""

_UNREADABLE = zipformat.ENCRYPTED | zipformat.STRONGLY_ENCRYPTED | zipformat.MASKED
"""Flags of encrypted members (4.4.4)."""

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
    header: Header = field(repr=False, compare=False)


class ForeignZip:
    """An open zip and its members."""

    def __init__(self, file: IO[bytes], *, about: str, deadline: Deadline = FOREVER) -> None:
        """Read the directory of the zip; ``about`` is what messages call it.

        Raises ``CheckError`` where the file is no zip, one that cannot be read in one way only, or one that would cost
        more than a package may, ``LocalError`` where the machine fails; here and later ``AwsError`` where the deadline
        passes.
        """
        self._file = file
        self._about = about
        self.deadline = deadline
        try:
            with reading(about):
                place = find(file)
                self._end = place.begin
                self._check_room(place.entries, ENTRY_LIMIT, "members")
                self.members = self._read_members(headers(file, place))
                """In the order of the directory."""
        except zip_faults() as error:
            raise CheckError(f"{about} is not a zip that can be read", hint="download it again, or build it") from error
        self._check()

    def content(self, member: Member) -> Iterator[bytes]:
        """Yield the bytes of a member; they count once the last was yielded.

        Raises ``CheckError`` where they are not of the size and the CRC-32 that the zip declares.
        """
        crc = 0
        raw = self._raw(member)
        chunks = raw if member.header.method == zipformat.STORED else self._inflate(raw, member)
        left = member.size
        for chunk in chunks:
            self.deadline.check(f"reading {self._about}")
            left -= len(chunk)
            if left < 0:
                raise self._refusal(member, f"holds more than the {member.size:,} bytes that it declares")
            crc = zlib.crc32(chunk, crc)
            yield chunk
        if left:
            raise self._refusal(member, f"holds fewer than the {member.size:,} bytes that it declares")
        if crc != member.header.crc32:
            raise self._refusal(member, "is damaged: its CRC-32 differs")

    def sha256(self, member: Member) -> str:
        """Return the SHA-256, in hexadecimal digits, of what a member holds; raises what ``content`` does."""
        digest = hashlib.sha256()
        for chunk in self.content(member):
            digest.update(chunk)
        return digest.hexdigest()

    def _check(self) -> None:
        seen: set[str] = set()
        for member in self.members:
            if member.name in seen:
                raise self._refusal(member, "is there twice")
            seen.add(member.name)
            if member.header.flags & _UNREADABLE:
                raise self._refusal(member, "is encrypted")
            if member.header.method not in (zipformat.STORED, zipformat.DEFLATED):
                raise self._refusal(member, "is compressed in a way that Lambda does not know")
        total = sum(member.size for member in self.members)
        if total >= UNZIPPED_LIMIT:
            raise CheckError(
                f"{self._about} declares {total:,} bytes unzipped; Lambda takes less than {UNZIPPED_LIMIT:,}",
                hint="this is not what Lambda runs; look where it comes from",
            )
        # What lies in many members would be read as many times, and a hundred bytes are enough for another one.
        end = 0
        for member in sorted(self.members, key=attrgetter("header.offset")):
            begin, end = end, member.header.offset + zipformat.LOCAL_SIZE + member.header.packed
            if member.header.offset < begin or end > self._end:
                raise self._refusal(member, "overlaps another one, or the zip's directory")

    def _read_members(self, found: Iterator[Header]) -> tuple[Member, ...]:
        members: list[Member] = []
        names_size = 0
        for header in found:
            self.deadline.check(f"reading {self._about}")
            member = _member_of(header)
            length = len(header.raw_name)
            if length > _LONGEST_NAME:
                raise self._refusal(member, f"has a name of {length:,} bytes; more than {_LONGEST_NAME:,} are not read")
            names_size += length
            self._check_room(names_size, _LARGEST_NAMES, "bytes of names")
            members.append(member)
        return tuple(members)

    def _check_room(self, count: int, limit: int, what: str) -> None:
        if count > limit:
            raise CheckError(
                f"{self._about} has more than {limit:,} {what}, which is all that is read",
                hint="download it without --unzip, and look into it with a program that you trust",
            )

    def _raw(self, member: Member) -> Iterator[bytes]:
        """Yield what is stored of a member, once its own header has proven to say what the directory says."""
        entry = member.header
        self._file.seek(entry.offset)
        content = self._file.read(zipformat.LOCAL_SIZE)
        if len(content) < zipformat.LOCAL_SIZE:
            raise self._refusal(member, "has no header of its own")
        own = zipfields.LocalHeader._make(zipformat.LOCAL_HEADER.unpack(content))
        begin = entry.offset + zipformat.LOCAL_SIZE + own.name_length + own.extra_length
        is_deferred = own.flags & zipformat.DESCRIPTOR
        agrees = (
            own.signature == zipformat.LOCAL_SIGNATURE
            and own.method == entry.method
            and self._file.read(own.name_length) == entry.raw_name
            and (is_deferred or own.crc32 == entry.crc32)
            and (is_deferred or own.compressed_size in (entry.packed, zipformat.ELSEWHERE_4))
            and (is_deferred or own.size in (entry.size, zipformat.ELSEWHERE_4))
            and begin + entry.packed <= self._end
        )
        if not agrees:
            raise self._refusal(member, "has a header of its own that says something else than the zip's directory")
        self._file.seek(begin)
        left = entry.packed
        while left:
            chunk = self._file.read(min(left, _CHUNK_SIZE))
            if not chunk:
                raise self._refusal(member, "is cut off")
            left -= len(chunk)
            yield chunk

    def _inflate(self, raw: Iterator[bytes], member: Member) -> Iterator[bytes]:
        """Yield what a deflate stream holds, in pieces that fit into memory whatever it was made to hold."""
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            for chunk in raw:
                rest = chunk
                while rest and not inflater.eof:
                    yield inflater.decompress(rest, _CHUNK_SIZE)
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
            f"{self._about}: the member {clip(member.name)!r} {what}",
            hint="build the package again, with another tool, and push that",
            member=clip(member.name),
        )


def _member_of(header: Header) -> Member:
    mode = header.attributes >> 16
    return Member(
        name=header.name,
        kind=_kind_of(stat.S_IFMT(mode), ends_with_slash=header.name.endswith("/")),
        mode=stat.S_IMODE(mode) if mode else None,
        size=header.size,
        header=header,
    )


def _kind_of(file_type: int, *, ends_with_slash: bool) -> Kind:
    """Return what a member is by its type in the attributes (stat(2)) and by its name."""
    if ends_with_slash:
        return "directory" if file_type in (0, stat.S_IFDIR, stat.S_IFREG) else "special"
    if file_type in (0, stat.S_IFREG):
        return "file"
    return "symlink" if file_type == stat.S_IFLNK else "special"
