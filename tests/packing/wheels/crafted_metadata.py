"""Crafted wheels, part C: metadata; and the wheels of its rows that concern several wheels, or a lock."""

import io
import tarfile
from collections.abc import Iterator
from dataclasses import replace

from tests.packing.wheels.handmade import (
    DIST_INFO,
    INIT,
    METADATA,
    WHEEL,
    Part,
    archive,
    demo,
    line,
    listed_hash,
)
from tests.packing.wheels.verdicts import Crafted, accepted, refused

X = Part(name=b"demo/x.py", content=b"X = 1\n")
UNLISTED = X.lying(recorded=False)
RECORD = f"{DIST_INFO}/RECORD".encode()
OWN = b"".join(
    (
        line(b"demo/__init__.py", INIT),
        line(f"{DIST_INFO}/WHEEL".encode(), WHEEL),
        line(f"{DIST_INFO}/METADATA".encode(), METADATA),
    )
)
DATA = b"demo-1.0.data/"


def metadata() -> Iterator[tuple[str, Crafted]]:
    yield from records()
    yield from hashes()
    yield from rows()
    yield from own_files()
    yield from dist_infos()
    yield from filenames()
    yield from landings()
    yield from several()


def listed(row: bytes) -> bytes:
    """Return a good wheel but for the row of RECORD that is about demo/x.py."""
    return archive(demo(UNLISTED, rows=row))


def records() -> Iterator[tuple[str, Crafted]]:
    yield "C01", refused(archive(demo(has_record=False)), "no demo-1.0.dist-info/RECORD")
    yield "C02", refused(archive(demo(UNLISTED)), "not listed in RECORD")
    yield "C02-empty-record", refused(archive(demo(record=b"")), "not listed in RECORD")
    init = Part(name=b"demo/y.py", content=b"", recorded=False)
    yield "C02-empty-file", refused(archive(demo(init)), "not listed in RECORD")
    yield "C02-listed-before-mapping", refused(moved(b"x.py", DATA + b"purelib/x.py"), "not listed in RECORD")
    yield "C02-case", refused(listed(line(b"demo/X.py", X.content)), "not listed in RECORD")
    yield "C02-other-spelling", refused(listed(line(b"./demo/x.py", X.content)), "not listed in RECORD")
    yield "C05", refused(archive(demo(rows=line(b"demo/lost.py", b"lost"))), "which is not there")
    yield "C05-outside", refused(archive(demo(rows=line(b"../lost.py", b"lost"))), "which is not there")
    yield "C05-directory", accepted(archive(demo(Part(name=b"demo/sub/"), rows=b"demo/sub/,,\n")))


def moved(row: bytes, name: bytes) -> bytes:
    part = Part(name=name, content=X.content, recorded=False)
    return archive(demo(part, rows=line(row, X.content)))


def hashes() -> Iterator[tuple[str, Crafted]]:
    wrong = listed_hash(b"other")
    yield "C03", refused(listed(b"demo/x.py,%s,6\n" % wrong), wrong.removeprefix(b"sha256=").decode())
    right = listed_hash(X.content).removeprefix(b"sha256=").decode()
    yield "C03-both-shown", refused(listed(b"demo/x.py,%s,6\n" % wrong), right)
    yield "C03-sha512", refused(listed(b"demo/x.py,%s,6\n" % listed_hash(b"other", "sha512")), "sha512")
    yield "C03-cut", refused(listed(b"demo/x.py,%s,6\n" % listed_hash(X.content)[:-1]), "by RECORD")
    yield "C03-hexadecimal", refused(listed(b"demo/x.py,sha256=%s,6\n" % (b"ab" * 32)), "by RECORD")
    yield "C03-empty", refused(listed(b"demo/x.py,sha256=,6\n"), "by RECORD")
    yield "C03-padded", accepted(listed(b"demo/x.py,%s=,6\n" % listed_hash(X.content)))
    itself = b"%s,%s,100\n" % (RECORD, wrong)
    yield "C03-of-itself", refused(archive(demo(record=OWN + itself)), "by RECORD")
    yield "C04", refused(listed(b"demo/x.py,%s,7\n" % listed_hash(X.content)), "has 6 bytes, and 7 by RECORD")
    yield "C04-none", accepted(listed(b"demo/x.py,%s,\n" % listed_hash(X.content)))
    for row, size in (
        ("word", b"six"),
        ("minus", b"-6"),
        ("space", b" 6"),
        ("underscore", b"0_6"),
        ("digit", b"\xd9\xa6"),
    ):
        yield f"C04-{row}", refused(listed(b"demo/x.py,%s,%s\n" % (listed_hash(X.content), size)), "no number")
    yield "C04-huge", refused(listed(b"demo/x.py,%s,%s\n" % (listed_hash(X.content), b"9" * 5000)), "no number")
    for algorithm in ("md5", "sha1", "sha224", "blake2b"):
        yield f"C06-{algorithm}", refused(listed(line(X.name, X.content, algorithm)), "sha256 or better")
    for row, value in (
        ("unknown", b"crc32=abc"),
        ("no-algorithm", b"=abc"),
        ("no-equals", b"abc"),
        ("case", b"SHA256=a"),
    ):
        yield f"C06-{row}", refused(listed(b"demo/x.py,%s,6\n" % value), "sha256 or better")
    for algorithm in ("sha384", "sha512", "sha3_256"):
        yield f"C06-{algorithm}", accepted(listed(line(X.name, X.content, algorithm)))
    yield "C07", refused(listed(b"demo/x.py,,\n"), "without a hash")
    yield "C07-size-only", refused(listed(b"demo/x.py,,6\n"), "without a hash")
    for name in (b"RECORD.jws", b"RECORD.p7s"):
        signature = Part(name=f"{DIST_INFO}/{name.decode()}".encode(), content=b"signed", recorded=False)
        yield f"C07-{name.decode()}", accepted(archive(demo(signature)))
        unhashed = signature.name + b",,\n"
        yield f"C07-{name.decode()}-listed", accepted(archive(demo(signature, rows=unhashed)))
    elsewhere = Part(name=b"demo/RECORD", content=b"no record", recorded=False)
    yield "C07-another-record", refused(archive(demo(elsewhere, rows=b"demo/RECORD,,\n")), "without a hash")


def rows() -> Iterator[tuple[str, Crafted]]:
    once = line(X.name, X.content)
    yield "C08", refused(listed(once + once), "twice")
    yield "C08-other-hash", refused(listed(once + b"demo/x.py,%s,6\n" % listed_hash(b"other")), "twice")
    yield "C08-quote", refused(listed(b'"demo/x.py,sha256=a,6\n'), "not CSV")
    yield "C08-text-after-quote", refused(listed(b'"demo/x.py"x,sha256=a,6\n'), "not CSV")
    yield "C08-two-fields", refused(listed(b"demo/x.py,%s\n" % listed_hash(X.content)), "2 fields")
    yield "C08-four-fields", refused(listed(once[:-1] + b",\n"), "4 fields")
    yield "C08-huge-field", refused(listed(b"x" * 200_000 + b",,\n"), "not CSV")
    yield "C08-not-utf-8", refused(listed(b"demo/\xff.py,,\n"), "not UTF-8")
    yield "C08-utf-16", refused(archive(demo(record=OWN.decode().encode("utf-16"))), "not UTF-8")
    yield "C08-nul", refused(listed(b"demo/x.py\0,,\n"), "RECORD")
    yield "C08-crlf", accepted(archive(demo(record=(OWN + RECORD + b",,\n").replace(b"\n", b"\r\n"))))
    yield "C08-blank-line", accepted(listed(b"\n" + once + b"\n"))
    yield "C08-no-last-newline", accepted(archive(demo(record=OWN + RECORD + b",,")))
    yield "C08-not-listed-itself", accepted(archive(demo(record=OWN)))
    comma = Part(name=b'demo/a, "b".txt', content=b"quoted")
    yield "C08-quoted", accepted(archive(demo(comma)), "Windows")
    yield "C08-byte-order-mark", refused(archive(demo(record=b"\xef\xbb\xbf" + OWN)), "not listed")


def own_files() -> Iterator[tuple[str, Crafted]]:
    yield "C09", refused(archive(demo(wheel=None)), "no demo-1.0.dist-info/WHEEL")
    yield "C09-metadata", refused(archive(demo(metadata=None)), "no demo-1.0.dist-info/METADATA")
    yield "C09-directory", refused(archive(demo(Part(name=b"demo-1.0.dist-info/WHEEL/"), wheel=None)), "WHEEL")
    yield "C09-huge", refused(archive(demo(metadata=METADATA + bytes(17 << 20))), "16,777,216")
    yield "C10", refused(archive(demo(wheel=WHEEL.replace(b"1.0", b"2.0"))), "Wheel-Version 2.0")
    yield "C10-0.9", refused(archive(demo(wheel=WHEEL.replace(b"1.0", b"0.9"))), "Wheel-Version 0.9")
    yield "C10-1.9", accepted(archive(demo(wheel=WHEEL.replace(b"1.0", b"1.9"))), "Wheel-Version 1.9")
    yield "C10-10.0", refused(archive(demo(wheel=WHEEL.replace(b"1.0", b"10.0"))), "Wheel-Version 10.0")
    yield "C10-word", refused(archive(demo(wheel=WHEEL.replace(b"1.0", b"one"))), "no version")
    yield "C10-none", refused(archive(demo(wheel=b"Generator: by hand\n")), "no Wheel-Version")
    yield "C10-two", refused(archive(demo(wheel=b"Wheel-Version: 1.0\nWheel-Version: 2.0\n")), "2 times")
    yield "C10-empty", refused(archive(demo(wheel=b"")), "no Wheel-Version")
    yield "C12-name", refused(archive(demo(metadata=METADATA.replace(b": demo", b": other"))), "that of other 1.0")
    yield "C12-version", refused(archive(demo(metadata=METADATA.replace(b": 1.0", b": 2.0"))), "that of demo 2.0")
    yield "C12-spelled", accepted(archive(demo(metadata=METADATA.replace(b": 1.0", b": 1.0.0"))))
    yield "C12-no-name", refused(archive(demo(metadata=b"Version: 1.0\n")), "no Name")
    yield "C12-in-the-body", refused(archive(demo(metadata=b"Version: 1.0\n\nName: demo\n")), "no Name")
    yield "C12-two-names", refused(archive(demo(metadata=METADATA[:-1].replace(b"\n\n", b"\nName: x\n\n"))), "2 times")
    yield "C12-no-version", refused(archive(demo(metadata=b"Name: demo\nVersion: nonsense\n")), "nonsense")
    yield "C12-not-ascii", accepted(archive(demo(metadata=METADATA + "Größe\n".encode())))
    yield "C12-latin-1", accepted(archive(demo(metadata=METADATA + "Größe\n".encode("latin-1"))))
    yield "C12-crlf", accepted(archive(demo(metadata=METADATA.replace(b"\n", b"\r\n"))))


def dist_infos() -> Iterator[tuple[str, Crafted]]:
    other = Part(name=b"other-1.0.dist-info/METADATA", content=METADATA)
    yield "C11", refused(archive(demo(other)), "2 .dist-info directories")
    yield "C11-none", refused(archive([X]), "no .dist-info directory")
    yield "C11-empty-directory", refused(archive(demo(Part(name=b"other-1.0.dist-info/"))), "2 .dist-info")
    purelib = other.lying(name=DATA + b"purelib/other-1.0.dist-info/METADATA")
    yield "C11-through-purelib", refused(archive(demo(purelib)), "another project's")
    yield "C11-vendored", accepted(archive(demo(other.lying(name=b"demo/_vendor/other-1.0.dist-info/METADATA"))))
    yield "C11-other-name", refused(archive(demo(dist_info="other-1.0.dist-info")), "not that of demo 1.0")
    yield "C11-other-version", refused(archive(demo(dist_info="demo-2.0.dist-info")), "not that of demo 1.0")
    yield "C11-no-version", refused(archive(demo(dist_info="demo.dist-info")), "not that of demo 1.0")
    yield "C11-capitals", accepted(archive(demo(dist_info="Demo-1.0.dist-info")))
    yield "C11-spelled", accepted(archive(demo(dist_info="demo-1.0.0.dist-info")))
    yield "C11-case-of-the-end", refused(archive(demo(dist_info="demo-1.0.DIST-INFO")), "no .dist-info")


def filenames() -> Iterator[tuple[str, Crafted]]:
    good = archive(demo())
    for row, filename in (
        ("C13", "x.whl"),
        ("C13-five-parts", "demo-1.0-py3-none.whl"),
        ("C13-build-number", "demo-1.0-x1-py3-none-any.whl"),
        ("C13-version", "demo-one-py3-none-any.whl"),
        ("C13-name", "de!mo-1.0-py3-none-any.whl"),
    ):
        yield row, refused(good, "file name", filename=filename)
    yield "C13-other-name", refused(good, "the lock demo 1.0", filename="other-1.0-py3-none-any.whl")
    yield "C13-other-version", refused(good, "the lock demo 1.0", filename="demo-1.1-py3-none-any.whl")
    yield "C13-local-version", refused(good, "the lock demo 1.0", filename="demo-1.0+cpu-py3-none-any.whl")
    yield "C13-spelled", accepted(good, filename="Demo-1.0.0-1build-py2.py3-none-any.whl")
    yield "C14-windows", accepted(good, filename="demo-1.0-cp313-cp313-win_amd64.whl", elsewhere="lock")
    yield "C14-macos", accepted(good, filename="demo-1.0-cp313-cp313-macosx_11_0_arm64.whl", elsewhere="lock")
    yield "C14-cp39", accepted(good, filename="demo-1.0-cp39-cp39-manylinux2014_x86_64.whl", elsewhere="lock")
    yield "C14-aarch64", accepted(good, filename="demo-1.0-cp313-cp313-manylinux2014_aarch64.whl", elsewhere="lock")
    yield "C15", accepted(good, filename="demo-1.0-cp313-cp313-manylinux_2_99_x86_64.whl", elsewhere="lock")
    sdist = io.BytesIO()
    with tarfile.open(fileobj=sdist, mode="w:gz") as out:
        out.addfile(tarfile.TarInfo("demo-1.0/PKG-INFO"))
    yield "C24", refused(sdist.getvalue(), "not a wheel", filename="demo-1.0.tar.gz")
    yield "C24-renamed", refused(sdist.getvalue(), "gzip")
    egg = archive([X, Part(name=b"EGG-INFO/PKG-INFO", content=METADATA)])
    yield "C24-egg", refused(egg, "not a wheel", filename="demo-1.0-py3.13.egg")
    yield "C24-egg-renamed", refused(egg, "an egg")


def landings() -> Iterator[tuple[str, Crafted]]:
    yield "C16-unknown-key", refused(archive(demo(X.lying(name=DATA + b"stdlib/x.py"))), "no installer knows")
    yield "C16-no-key", refused(archive(demo(X.lying(name=DATA + b"x.py"))), "no installer knows")
    yield "C16-key-is-a-file", refused(archive(demo(X.lying(name=DATA + b"purelib"))), "no installer knows")
    foreign = X.lying(name=b"other-1.0.data/purelib/x.py")
    yield "C16-foreign", refused(archive(demo(foreign)), "not called after")
    points = Part(
        name=f"{DIST_INFO}/entry_points.txt".encode(), content=b"[console_scripts]\n../../evil_ep = demo:VALUE\n"
    )
    yield "C17", accepted(archive(demo(points)))
    yield "C18", accepted(archive(demo(Part(name=b"evil.pth", content=b"import evil\n"))), "evil.pth")
    mapped = Part(name=DATA + b"purelib/evil.pth", content=b"import evil\n")
    yield "C18-purelib", accepted(archive(demo(mapped)), "evil.pth")


def several() -> Iterator[tuple[str, Crafted]]:
    yield "C19", accepted(archive(demo(file(b"shared.py", b"ONE = 1\n"))), elsewhere="bundle")
    yield "C19-other", replace(of_another(b"TWO = 2\n"), elsewhere="bundle")
    yield "C20", accepted(archive(demo(file(b"shared.py", b"ONE = 1\n"))))
    yield "C20-other", of_another(b"ONE = 1\n")
    yield "C21", accepted(archive(demo()), elsewhere="lock")
    two = archive(demo(dist_info="demo-2.0.dist-info", metadata=METADATA.replace(b": 1.0", b": 2.0")))
    yield "C21-other", replace(accepted(two, filename="demo-2.0-py3-none-any.whl", elsewhere="lock"), version="2.0")
    yield "C22", accepted(archive(demo(file(b"app.py", b"WHEEL = True\n"))), elsewhere="bundle")
    yield "C23", accepted(archive(demo()), elsewhere="lock")


def of_another(content: bytes) -> Crafted:
    """Return a wheel of the project ``other``, which has a file of its own and one that demo has too."""
    named = METADATA.replace(b": demo", b": other").replace(b"Requires-Dist: other>=1\n", b"")
    parts = demo(file(b"shared.py", content), dist_info="other-1.0.dist-info", metadata=named, has_record=False)
    parts = [part for part in parts if part.name != b"demo/__init__.py"]
    record = b"".join(line(part.name, part.content) for part in parts) + b"other-1.0.dist-info/RECORD,,\n"
    whole = archive([*parts, Part(name=b"other-1.0.dist-info/RECORD", content=record)])
    return replace(accepted(whole, filename="other-1.0-py3-none-any.whl"), name="other")


def file(name: bytes, content: bytes) -> Part:
    return Part(name=name, content=content)
