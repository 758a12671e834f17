"""Other encoders in the place of ours: the canary stops those that give other bytes, and no others.

Every release of libdeflate that PyPI and this machine's Debian hand out is taken: each source distribution of
``deflate`` bundles one, which is built here, and Debian has one as a library. The newest is also built in ways that
must not matter: without optimisation, with all that this CPU has, by another compiler, for 32 bits, for arm64, and for
a CPU whose bytes run the other way (s390x), where such compilers and QEMU are installed (Debian: clang,
gcc-i686-linux-gnu, gcc-aarch64-linux-gnu, gcc-s390x-linux-gnu, qemu-user-static). Beside them zlib, and zlib-ng, ISA-L
and Zopfli where they are installed, and the other levels of the right release.

Each compresses real and random contents at the level of each profile. What is built lies in ``.cache/fuzz``.
"""

import importlib
import shutil
import struct
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import deflate

from lambdapack.errors import CompressorError
from lambdapack.packing.archive.canary import corpus
from lambdapack.packing.archive.deflate import PROFILES, Profile, verify
from tests.fuzz.contents import random_contents, real_contents

CACHE = Path(".cache/fuzz/encoders").absolute()

SDISTS = ("0.1.0", "0.2.0", "0.4.0", "0.5.0", "0.6.1", "0.8.0", "0.8.1", "0.9.0")
"""Releases of ``deflate`` whose source distributions bundle different releases of libdeflate, the pinned one last."""

RANDOM_CONTENTS = 4_000
REAL_CONTENTS = 700

DRIVER = r"""
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
void *libdeflate_alloc_compressor(int);
void libdeflate_free_compressor(void *);
size_t libdeflate_deflate_compress(void *, const void *, size_t, void *, size_t);
size_t libdeflate_deflate_compress_bound(void *, size_t);

/* As the binding does: a compressor for each content, and as much room as it says that it needs. */
int main(int count, char **arguments) {
    uint8_t head[4];
    while (fread(head, 1, 4, stdin) == 4) {
        size_t size = head[0] | head[1] << 8 | head[2] << 16 | (size_t)head[3] << 24;
        uint8_t *content = malloc(size + 1);
        if (fread(content, 1, size, stdin) != size) return 1;
        void *compressor = libdeflate_alloc_compressor(atoi(arguments[1]));
        size_t room = libdeflate_deflate_compress_bound(compressor, size);
        uint8_t *payload = malloc(room);
        size_t made = libdeflate_deflate_compress(compressor, content, size, payload, room);
        for (int i = 0; i < 4; i++) putchar(made >> 8 * i & 255);
        fwrite(payload, 1, made, stdout);
        libdeflate_free_compressor(compressor);
        free(payload);
        free(content);
    }
    return 0;
}
"""
"""Reads contents, each after its length in four bytes, and writes what becomes of them in the same way."""

VARIANTS = {
    "-O0": (("cc", "-O0"), ()),
    "-O3, all of this CPU": (("cc", "-O3", "-march=native"), ()),
    "clang": (("clang", "-O2"), ()),
    "32 bits": (("i686-linux-gnu-gcc", "-O2", "-static"), ()),
    "arm64": (("aarch64-linux-gnu-gcc", "-O2", "-static"), ("qemu-aarch64-static",)),
    "s390x": (("s390x-linux-gnu-gcc", "-O2", "-static"), ("qemu-s390x-static",)),
}
"""Ways of building that must not matter: the compiler with its flags, and what runs the result."""


class Encoder(NamedTuple):
    """What turns contents into payloads, in the place of the pinned compressor."""

    name: str
    encode: Callable[[Sequence[bytes], int], list[bytes]]
    """Takes the contents and the level of a profile."""
    share: int = 1
    """It is given every so manieth content."""


def run() -> bool:
    """Print for each encoder and profile on how many contents it differs; return whether the canary knows each time."""
    contents = [*real_contents(1, REAL_CONTENTS), *random_contents(1, RANDOM_CONTENTS)]
    print(f"   {len(contents):,} contents, {sum(map(len, contents)):,} bytes")
    profiles = [profile for profile in PROFILES.values() if profile.level]
    pinned = {profile.name: _ours(contents, profile.level) for profile in profiles}
    is_well = True
    print("   " + "".ljust(34) + "".join(profile.name.rjust(36) for profile in profiles), flush=True)
    for encoder in _encoders():
        some = contents[:: encoder.share]
        cells = []
        for profile in profiles:
            payloads = encoder.encode(some, profile.level)
            expected = pinned[profile.name][:: encoder.share]
            differing = sum(ours != theirs for ours, theirs in zip(expected, payloads, strict=True))
            is_stopped = _is_stopped(encoder, profile)
            is_right = is_stopped == bool(differing)
            is_well &= is_right
            verdict = f"{differing:,} of {len(some):,} differ, {'stopped' if is_stopped else 'passes'}"
            cells.append(verdict if is_right else f"WRONG: {verdict}")
        print("   " + encoder.name.ljust(34) + "".join(cell.rjust(36) for cell in cells), flush=True)
    return is_well


def _is_stopped(encoder: Encoder, profile: Profile) -> bool:
    contents = list(corpus(profile.level))
    payloads = dict(zip(contents, encoder.encode(contents, profile.level), strict=True))
    try:
        verify(profile, lambda content, _: payloads[content])
    except CompressorError:
        return True
    return False


def _encoders() -> Iterator[Encoder]:
    if shutil.which("cc") is None:
        print("   no C compiler: libdeflate is not built")
    else:
        yield from _releases()
    for level in range(1, 13):
        yield Encoder(f"the pinned one at level {level}", _at(level))
    yield from _strangers()


def _releases() -> Iterator[Encoder]:
    for version in SDISTS:
        source = _source(version)
        if source is None:
            continue
        release = _release(source)
        yield _built(f"libdeflate {release}", source, ("cc", "-O2"), ())
        if version != SDISTS[-1]:
            continue
        for name, (compiler, runner) in VARIANTS.items():
            missing = [tool for tool in (compiler[0], *runner) if shutil.which(tool) is None]
            if missing:
                print(f"   left out: libdeflate {release}, {name}: there is no {' and no '.join(missing)}")
            else:
                yield _built(f"libdeflate {release}, {name}", source, compiler, runner)
    if shutil.which("apt-get") and shutil.which("dpkg-deb"):
        yield from _debian()


def _source(version: str) -> Path | None:
    """Return the libdeflate that a source distribution of ``deflate`` bundles, or None where it cannot be had."""
    folder = CACHE / version
    if not folder.exists():
        folder.mkdir(parents=True)
        pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "deflate")
        done = subprocess.run((*pip, "-d", folder, f"deflate=={version}"), capture_output=True, text=True, check=False)
        for archive in folder.glob("*.tar.gz"):
            with tarfile.open(archive) as opened:
                opened.extractall(folder, filter="data")
        if done.returncode:
            print(f"   left out: the libdeflate of deflate {version}: {done.stderr.strip()[-200:]}")
    return next(folder.glob("deflate-*/libdeflate"), None)


def _release(source: Path) -> str:
    lines = (source / "libdeflate.h").read_text(encoding="utf-8").splitlines()
    return next(line.split('"')[1] for line in lines if line.startswith("#define LIBDEFLATE_VERSION_STRING"))


def _built(name: str, source: Path, compiler: Sequence[str], runner: Sequence[str]) -> Encoder:
    files = [str(path) for path in (*source.glob("lib/*.c"), *source.glob("lib/*/*.c"))]
    include = [f"-I{source}", f"-I{source / 'common'}"]
    return _driven(name, [*compiler, "-w", *include], files, runner)


def _debian() -> Iterator[Encoder]:
    """Yield the library that this machine's Debian has, whatever is installed."""
    folder = CACHE / "debian"
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(("apt-get", "download", "libdeflate0"), cwd=folder, capture_output=True, check=False)
    for package in sorted(folder.glob("*.deb")):
        ask = ("dpkg-deb", "--field", package, "Version")
        version = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
        subprocess.run(("dpkg-deb", "--extract", package, folder / version), check=True)
        for library in (folder / version).rglob("libdeflate.so.0"):
            found = str(library)
            yield _driven(f"Debian's libdeflate {version}", ("cc",), (found, f"-Wl,-rpath,{library.parent}"), ())


def _driven(name: str, compiler: Sequence[str], files: Sequence[str], runner: Sequence[str]) -> Encoder:
    program = CACHE / name.replace(" ", "-").replace(",", "")
    driver = CACHE / "driver.c"
    driver.write_text(DRIVER, encoding="utf-8")
    subprocess.run((*compiler, driver, *files, "-o", program), check=True)

    def encode(contents: Sequence[bytes], level: int) -> list[bytes]:
        given = b"".join(struct.pack("<I", len(content)) + content for content in contents)
        done = subprocess.run((*runner, program, str(level)), input=given, capture_output=True, check=True)
        return list(_framed(done.stdout))

    return Encoder(name, encode)


def _framed(answer: bytes) -> Iterator[bytes]:
    offset = 0
    while offset < len(answer):
        (size,) = struct.unpack_from("<I", answer, offset)
        yield answer[offset + 4 : offset + 4 + size]
        offset += 4 + size


def _ours(contents: Iterable[bytes], level: int) -> list[bytes]:
    return [bytes(deflate.deflate_compress(content, level)) for content in contents]


def _at(level: int) -> Callable[[Sequence[bytes], int], list[bytes]]:
    return lambda contents, _: _ours(contents, level)


def _strangers() -> Iterator[Encoder]:
    yield from _like_zlib("zlib", zlib, (1, 6, 9))
    for name, module, levels in (("zlib-ng", "zlib_ng.zlib_ng", (1, 6, 9)), ("ISA-L", "isal.isal_zlib", (0, 1, 2, 3))):
        try:
            yield from _like_zlib(name, importlib.import_module(module), levels)
        except ImportError:
            print(f"   left out: {name}: there is no {module}")
    try:
        zopfli = importlib.import_module("zopfli.zlib")
    except ImportError:
        print("   left out: Zopfli: there is no zopfli")
    else:

        def encode(contents: Sequence[bytes], _: int) -> list[bytes]:
            return [zopfli.compress(content)[2:-4] for content in contents]  # without zlib's header and checksum

        yield Encoder("Zopfli", encode, share=20)


def _like_zlib(name: str, module: Any, levels: Iterable[int]) -> Iterator[Encoder]:  # noqa: ANN401 - each is a module
    for level in levels:

        def encode(contents: Sequence[bytes], _: int, level: int = level) -> list[bytes]:
            payloads = []
            for content in contents:
                compressor = module.compressobj(level, module.DEFLATED, -15)
                payloads.append(compressor.compress(content) + compressor.flush())
            return payloads

        yield Encoder(f"{name}, level {level}", encode)
