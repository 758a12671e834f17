"""Crafted wheels, part B: names and modes."""

from collections.abc import Iterator

from tests.packing.wheels.handmade import Part, archive, demo
from tests.packing.wheels.verdicts import Crafted, accepted, refused

CODE = b"evil = True\n"
PURELIB = b"demo-1.0.data/purelib/"


def named(name: bytes, **fields: object) -> bytes:
    return archive(demo(Part(name=name, content=CODE, both=fields)))


def of_mode(mode: int, *, name: bytes = b"demo/x.py", content: bytes = CODE) -> bytes:
    return archive(demo(Part(name=name, content=content, mode=mode)))


def names() -> Iterator[tuple[str, Crafted]]:
    yield from escapes()
    yield from spellings()
    yield from clashes()
    yield from modes()


def escapes() -> Iterator[tuple[str, Crafted]]:
    yield "B01", refused(named(b"../evil_dd.py"), "(..)")
    yield "B01-last", refused(named(b"demo/.."), "(..)")
    yield "B01-purelib", refused(named(PURELIB + b"../evil.py"), "(..)")
    yield "B01-scripts", refused(named(b"demo-1.0.data/scripts/../../evil"), "(..)")
    yield "B01-data", refused(named(b"demo-1.0.data/../evil.py"), "(..)")
    yield "B01-directory", refused(archive(demo(Part(name=b"../"))), "(..)")
    yield "B02", refused(named(b"demo/../../../../x/evil.py"), "(..)")
    yield "B02-stays-inside", refused(named(b"demo/../demo/evil.py"), "(..)")
    yield "B02-three-dots", accepted(named(b"demo/.../x.py"), "Windows")
    yield "B02-dots-in-a-name", accepted(named(b"demo/..x.py"))
    yield "B03", refused(named(b"/x/evil_abs.py"), "absolute")
    yield "B03-purelib", refused(named(PURELIB + b"/x/evil_abs.py"), "empty")
    yield "B05", refused(named(b"demo\\evil.py"), "backslash")
    yield "B05-dotdot", refused(named(b"..\\evil.py"), "backslash")
    yield "B05-purelib", refused(named(PURELIB + b"..\\evil.py"), "backslash")
    yield "B05-directory", refused(archive(demo(Part(name=b"demo\\"))), "backslash")
    yield "B06", refused(named(b"C:/evil.py"), "drive")
    yield "B06-relative", refused(named(b"c:evil.py"), "drive")
    yield "B06-share", refused(named(b"//server/share/x"), "absolute")
    yield "B06-purelib", refused(named(PURELIB + b"C:/evil.py"), "drive")
    yield "B06-inside", accepted(named(b"demo/a:b.py"), "Windows")


def spellings() -> Iterator[tuple[str, Crafted]]:
    yield "B08", refused(named(b""), "empty")
    yield "B08-dot", refused(named(b"."), "dot")
    yield "B08-slash", refused(archive(demo(Part(name=b"/"))), "absolute")
    yield "B08-dot-component", refused(named(b"./demo/x.py"), "dot")
    yield "B08-dot-inside", refused(named(b"demo/./x.py"), "dot")
    yield "B08-empty-component", refused(named(b"demo//x.py"), "empty")
    yield "B08-two-slashes", refused(archive(demo(Part(name=b"demo/x//"))), "empty")
    yield "B09", refused(named(b"demo/a.py\0.txt"), "control character")
    yield "B09-last", refused(named(b"demo/a.py\0"), "control character")
    yield "B10", refused(named(b"demo/a\nb.py"), "a\\nb.py")
    yield "B10-escape", refused(named(b"demo/\x1b[31ma.py"), "\\x1b[31m")
    yield "B10-delete", refused(named(b"demo/a\x7f.py"), "\\x7f")
    yield "B10-tab", refused(named(b"demo/a\tb.py"), "control character")
    yield "B10-c1", refused(named("demo/a\x85b.py".encode()), "control character")
    yield "B11", refused(named(b"demo/\xff.py", flags=0x800), "not UTF-8")
    yield "B11-overlong", refused(named(b"demo/\xc0\xaf.py", flags=0x800), "not UTF-8")
    yield "B11-surrogate", refused(named(b"demo/\xed\xa0\x80.py", flags=0x800), "not UTF-8")
    yield "B11-cut", refused(named(b"demo/\xe2\x82", flags=0x800), "not UTF-8")
    yield "B12", refused(named(b"demo/\x81.py", flags=0), "beyond ASCII")
    yield "B12-utf-8", refused(named("demo/ü.py".encode(), flags=0), "beyond ASCII")
    yield "B13", accepted(named("demo/übung.py".encode()))
    yield "B13-decomposed", accepted(named("demo/u\u0308bung.py".encode()))
    yield "B13-emoji", accepted(named("demo/\U0001f40d.py".encode()))
    yield "B13-flag-for-ascii", accepted(named(b"demo/x.py", flags=0x800))
    yield "B17", refused(named("demo/\u202eyp.exe".encode()), "reading direction")
    yield "B17-isolate", refused(named("demo/\u2066x.py".encode()), "reading direction")
    yield "B18-255", accepted(named(b"demo/" + b"x" * 252 + b".py"))
    yield "B18-256", refused(named(b"demo/" + b"x" * 253 + b".py"), "255 bytes")
    yield "B18-256-in-utf-8", refused(named(b"demo/" + "ü".encode() * 128), "255 bytes")
    yield "B18-deep", accepted(named(b"demo/" + b"d/" * 400 + b"x.py"))
    yield "B18-too-deep", refused(named(b"demo/" + b"d/" * 2_500 + b"x.py"), "4,085 bytes")
    yield "B19", accepted(named(b"demo/CON.py"), "Windows")
    yield "B19-aux", accepted(named(b"demo/aux"), "Windows")
    yield "B19-dot", accepted(named(b"demo/x."), "Windows")
    yield "B19-space", accepted(named(b"demo/x /y.py"), "Windows")
    yield "B19-question-mark", accepted(named(b"demo/x?.py"), "Windows")


def clashes() -> Iterator[tuple[str, Crafted]]:
    yield "B15", accepted(named(b"Demo/__init__.py"), elsewhere="bundle")
    yield "B15-file", accepted(archive(demo(file(b"demo/x.py"), file(b"demo/X.py"))), elsewhere="bundle")
    yield "B15-normalised", refused(archive(demo(file("ü.py".encode()), file("u\u0308.py".encode()))), "NFC")
    pair = file("ü/a.py".encode()), file("u\u0308/b.py".encode())
    yield "B15-normalised-directory", refused(archive(demo(*pair)), "NFC")
    mapped = file("ü.py".encode()), file(PURELIB + "u\u0308.py".encode())
    yield "B15-normalised-where-it-lands", refused(archive(demo(*mapped)), "NFC")
    yield "B16", refused(archive(demo(file(b"demo/x"), file(b"demo/x/y.py"))), "is a file, and a directory")
    yield "B16-reversed", refused(archive(demo(file(b"demo/x/y.py"), file(b"demo/x"))), "is a file, and a directory")
    yield "B16-deep", refused(archive(demo(file(b"demo/x"), file(b"demo/x/y/z/a.py"))), "is a file, and a directory")
    directory = Part(name=b"demo/x/")
    yield "B16-directory-entry", refused(archive(demo(file(b"demo/x"), directory)), "is a file, and a directory")
    landing = archive(demo(file(b"x/y.py"), file(PURELIB + b"x")))
    yield "B16-where-it-lands", refused(landing, "is a file, and a directory")
    yield "B16-same-landing", refused(archive(demo(file(PURELIB + b"demo/__init__.py"))), "as another one does")
    both = file(PURELIB + b"x.py"), file(b"demo-1.0.data/platlib/x.py")
    yield "B16-purelib-and-platlib", refused(archive(demo(*both)), "as another one does")
    script = file(b"demo-1.0.data/scripts/x"), file(b"bin/x")
    yield "B16-script", refused(archive(demo(*script)), "as another one does")


def modes() -> Iterator[tuple[str, Crafted]]:
    yield "B20", refused(of_mode(0o120777, content=b"/etc/passwd"), "a symlink")
    yield "B20-no-permissions", refused(of_mode(0o120000, content=b"demo"), "a symlink")
    dos = {"attributes": (0o120777 << 16) | 0x20}
    yield "B20-dos-bits", refused(archive(demo(file(b"demo/x").lying(central=dos))), "a symlink")
    yield "B21", refused(of_mode(0o010644), "a FIFO")
    yield "B21-character-device", refused(of_mode(0o020644), "a device")
    yield "B21-block-device", refused(of_mode(0o060644), "a device")
    yield "B21-socket", refused(of_mode(0o140644), "a socket")
    yield "B21-directory", refused(of_mode(0o040755), "the mode of a directory")
    yield "B21-dos-directory", refused(archive(demo(file(b"demo/x").lying(both={"attributes": 0x10}))), "directory")
    yield "B22", accepted(of_mode(0o104755))
    yield "B22-no-permissions", accepted(of_mode(0o100000))
    yield "B22-nothing", accepted(of_mode(0))
    yield "B22-everything", accepted(of_mode(0o107777))
    yield "B23", accepted(of_mode(0o664))
    yield "B24", accepted(archive(demo(Part(name=b"demo/sub/", mode=0o040755, method=0))))
    yield "B24-deflated", accepted(archive(demo(Part(name=b"demo/sub/", mode=0o040755))))
    yield "B24-mode-of-a-file", accepted(archive(demo(Part(name=b"demo/sub/", mode=0o100644))))
    yield "B24-symlink", refused(archive(demo(Part(name=b"demo/sub/", mode=0o120777))), "a symlink")
    yield "B24-content", refused(archive(demo(file(b"demo/sub/"))), "has content")
    yield "B24-hidden-content", refused(archive(demo(Part(name=b"demo/sub/", data=b"\3\0hidden"))), "other bytes")


def file(name: bytes) -> Part:
    return Part(name=name, content=CODE)
