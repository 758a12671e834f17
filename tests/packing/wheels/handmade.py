"""Zips written field by field, so that every field can lie; and a small wheel to begin with.

Nothing here is lambdapack's: the layouts are APPNOTE's once more, as their writer sees them.
"""

import base64
import hashlib
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

FILENAME = "demo-1.0-py3-none-any.whl"
DIST_INFO = "demo-1.0.dist-info"
WHEEL = b"Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
METADATA = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Dist: other>=1\n\nWords.\n"
INIT = b"VALUE = 1\n" * 9

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One entry; ``both``, ``local`` and ``central`` put other values into the headers than the true ones."""

    name: bytes
    content: bytes = b""
    method: int = 8
    mode: int = 0o100644
    data: bytes | None = None
    """What stands for the compressed content, where it is not compressed from it."""
    both: Fields = field(default_factory=dict)
    local: Fields = field(default_factory=dict)
    central: Fields = field(default_factory=dict)
    before: bytes = b""
    descriptor: bytes = b""
    listed: bool = True
    recorded: bool = True

    def fields(self) -> dict[str, Any]:
        stored = self.data if self.data is not None else compressed(self.content, self.method)
        true = {
            "name": self.name,
            "flags": 0 if self.name.isascii() else 0x800,
            "method": self.method,
            "crc32": zlib.crc32(self.content),
            "compressed_size": len(stored),
            "size": len(self.content),
            "extra": b"",
            "data": stored,
            "disk": 0,
            "attributes": self.mode << 16,
            "comment": b"",
        }
        return {**true, **self.both}

    def lying(self, **changes: Any) -> "Part":  # noqa: ANN401 - any field
        return replace(self, **changes)


def compressed(content: bytes, method: int) -> bytes:
    if method != 8:
        return content
    deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
    return deflater.compress(content) + deflater.flush()


def local_header(part: Part) -> bytes:
    f = {**part.fields(), **part.local}
    fixed = struct.pack(
        *("<4s5H3L2H", b"PK\3\4", 20, f["flags"], f["method"], 0, 0x21),
        *(f["crc32"], f["compressed_size"], f["size"], len(f["name"]), len(f["extra"])),
    )
    return b"".join((fixed, f["name"], f["extra"]))


def central_header(part: Part, offset: int) -> bytes:
    f = {**part.fields(), "offset": offset, **part.central}
    fixed = struct.pack(
        *("<4s6H3L5H2L", b"PK\1\2", 0x0314, 20, f["flags"], f["method"], 0, 0x21),
        *(f["crc32"], f["compressed_size"], f["size"], len(f["name"]), len(f["extra"]), len(f["comment"])),
        *(f["disk"], 0, f["attributes"], f["offset"]),
    )
    return b"".join((fixed, f["name"], f["extra"], f["comment"]))


def archive(
    parts: Iterable[Part],
    *,
    before: bytes = b"",
    between: bytes = b"",
    after: bytes = b"",
    comment: bytes = b"",
    end: Fields | None = None,
    wide: Fields | None = None,
    shift: int = 0,
) -> bytes:
    """Return a zip; ``between`` lies before the central directory, ``wide`` asks for zip64 end records."""
    body = bytearray(before)
    directory = bytearray()
    count = 0
    for part in parts:
        body += part.before
        if part.listed:
            directory += central_header(part, len(body) - shift)
            count += 1
        body += local_header(part) + part.fields()["data"] + part.descriptor
    body += between
    f = {"disk": 0, "directory_disk": 0, "count_here": count, "count": count, "size": len(directory)}
    f = {**f, "offset": len(body) - shift}
    body += directory
    if wide is not None:
        body += wide_end_records({**f, "record": len(body) - shift, "rest": 44, "more": b"", "disks": 1, **wide})
        f = {**f, "count_here": 0xFFFF, "count": 0xFFFF, "size": 0xFFFFFFFF, "offset": 0xFFFFFFFF}
    f = {**f, **(end or {})}
    fixed = (f["disk"], f["directory_disk"], f["count_here"], f["count"], f["size"], f["offset"], len(comment))
    return bytes(body) + struct.pack("<4s4H2LH", b"PK\5\6", *fixed) + comment + after


def wide_end_records(f: Fields) -> bytes:
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", f["rest"], 45, 45, 0, 0, *(f[k] for k in NUMBERS))
    return record + bytes(f["more"]) + struct.pack("<4sLQL", b"PK\6\7", 0, f["record"], f["disks"])


NUMBERS = ("count_here", "count", "size", "offset")


def line(name: bytes, content: bytes, algorithm: str = "sha256") -> bytes:
    """Return a row of RECORD."""
    if set(name) & set(b',"\r\n'):
        name = b'"' + name.replace(b'"', b'""') + b'"'
    return b"%s,%s,%d\n" % (name, listed_hash(content, algorithm), len(content))


def listed_hash(content: bytes, algorithm: str = "sha256") -> bytes:
    digest = base64.urlsafe_b64encode(hashlib.new(algorithm, content, usedforsecurity=False).digest())
    return algorithm.encode() + b"=" + digest.rstrip(b"=")


def demo(
    *more: Part,
    dist_info: str = DIST_INFO,
    wheel: bytes | None = WHEEL,
    metadata: bytes | None = METADATA,
    record: bytes | None = None,
    rows: bytes = b"",
    has_record: bool = True,
) -> list[Part]:
    """Return the parts of a small good wheel and ``more``; ``rows`` are added to RECORD, or ``record`` is all of it."""
    parts = [Part(name=b"demo/__init__.py", content=INIT), *more]
    for own, content in (("WHEEL", wheel), ("METADATA", metadata)):
        if content is not None:
            parts.append(Part(name=f"{dist_info}/{own}".encode(), content=content))
    name = f"{dist_info}/RECORD".encode()
    if record is None:
        record = b"".join(line(p.name, p.content) for p in parts if p.recorded and not p.name.endswith(b"/"))
        record += rows + name + b",,\n"
    return [*parts, Part(name=name, content=record)] if has_record else parts
