"""Wheels and locks from literals, made with ``zipfile``: what is under test must not make its own input."""

import base64
import hashlib
import shutil
import time
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path


def write_wheel(
    directory: Path,
    files: Mapping[str, bytes],
    *,
    name: str = "demo",
    version: str = "1.0",
    tag: str = "py3-none-any",
    requires: Iterable[str] = (),
) -> Path:
    """Write a wheel that holds ``files`` beside its metadata, and return its path."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}-{version}-{tag}.whl"
    info = f"{name}-{version}.dist-info"
    requirements = "".join(f"Requires-Dist: {line}\n" for line in requires)
    tags = "".join(f"Tag: {one}\n" for one in expanded(tag))
    contents = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requirements}".encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n{tags}".encode(),
    }
    record = "".join(f"{file},sha256={urlsafe(content)},{len(content)}\n" for file, content in contents.items())
    contents[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, content in contents.items():
            archive.writestr(zipfile.ZipInfo(file, (2020, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return path


def write_project_of_cached_wheel(directory: Path, files: Mapping[str, bytes]) -> Path:
    """Write ``src``, its ``pylock.toml``, and a ``cache`` that has its one wheel; return the wheel there."""
    (directory / "src").mkdir()
    (directory / "src/app.py").write_bytes(b"import one\n")
    wheel = write_wheel(directory / "index", files, name="one")
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (directory / "pylock.toml").write_text(
        f'lock-version = "1.0"\ncreated-by = "test"\n[[packages]]\nname = "one"\nversion = "1.0"\nwheels = '
        f'[{{ url = "https://files.invalid/{wheel.name}", size = {wheel.stat().st_size}, {hashes(wheel)} }}]\n'
    )
    (directory / "cache/wheels").mkdir(mode=0o700, parents=True)
    (directory / "cache").chmod(0o700)
    kept = directory / f"cache/wheels/sha256-{sha256}"
    shutil.copy(wheel, kept)
    time.sleep(0.06)  # until its times tell the next change
    return kept


def expanded(tag: str) -> Iterable[str]:
    """Yield the tags that a compressed one stands for (PEP 425)."""
    pythons, abis, platforms = (part.split(".") for part in tag.split("-"))
    return (f"{python}-{abi}-{platform}" for python in pythons for abi in abis for platform in platforms)


def urlsafe(content: bytes) -> str:
    """Return a SHA-256 as RECORD spells it."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def write_lock(path: Path, *wheels: Path, header: str = "") -> Path:
    """Write a lock of ``wheels``, each by its path relative to the lock and its hash, and return its path."""
    lines = ['lock-version = "1.0"\ncreated-by = "test"\n', header]
    projects: dict[tuple[str, str], list[Path]] = {}
    for wheel in wheels:
        name, version, *_ = wheel.name.split("-")
        projects.setdefault((name.lower().replace("_", "-"), version), []).append(wheel)
    for (name, version), found in projects.items():
        lines.append(f'\n[[packages]]\nname = "{name}"\nversion = "{version}"\nwheels = [\n')
        lines += [
            f"    {{ {location(wheel, path)}, size = {wheel.stat().st_size}, {hashes(wheel)} }},\n" for wheel in found
        ]
        lines.append("]\n")
    path.write_text("".join(lines))
    return path


def location(wheel: Path, lock: Path) -> str:
    """Return where a wheel is, as a lock says it."""
    return f'name = "{wheel.name}", path = "{wheel.relative_to(lock.parent).as_posix()}"'


def hashes(wheel: Path) -> str:
    """Return what bytes a wheel has, as a lock says it."""
    return f'hashes = {{ sha256 = "{hashlib.sha256(wheel.read_bytes()).hexdigest()}" }}'
