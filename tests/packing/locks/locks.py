"""Locks for tests: a pylock.toml from a few literal words, and wheels that pip and uv install."""

import zipfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from lambdapack.target import Target

X86 = Target(runtime="python3.13", architecture="x86_64")
ARM = Target(runtime="python3.13", architecture="arm64")
OLD = Target(runtime="python3.11", architecture="x86_64")

HEAD = 'lock-version = "1.0"\ncreated-by = "test"\n'


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def wheel(filename: str, *, more: str = "") -> str:
    """One wheel's entry: on an index, with the hash of its own name."""
    return f'{{ url = "https://example.com/{filename}", hashes = {{ sha256 = "{digest(filename)}" }}{more} }}'


def package(name: str, version: str, *filenames: str, more: str = "") -> str:
    wheels = ", ".join(wheel(filename) for filename in filenames)
    return f'[[packages]]\nname = "{name}"\nversion = "{version}"\n{more}wheels = [{wheels}]\n'


def pylock(directory: Path, *packages: str, head: str = HEAD, name: str = "pylock.toml") -> str:
    path = directory / name
    path.write_text("\n".join((head, *packages)), encoding="utf-8")
    return str(path)


def installable(
    directory: Path, tag: str, *, name: str = "demo", version: str = "1.0", requires: Sequence[str] = ()
) -> Path:
    """A wheel that says in ``NAME.py`` which one it is."""
    path = directory / f"{name}-{version}-{tag}.whl"
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {text}\n" for text in requires)
    files = {
        f"{name}.py": f"TAG = {tag!r}\n",
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    record = "".join(f"{file},,\n" for file in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(path, "w") as archive:
        for file, content in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(zipfile.ZipInfo(file), content)
    return path
