"""Bit rot: whatever bit flips in a wheel or in the cache, the package is the right one, or there is none."""

import hashlib
import random
import shutil
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import ANY

import pytest

from lambdapack.errors import LocalError, LockError
from lambdapack.packing.build import build, gather, write
from lambdapack.packing.request import BuildRequest, Dependencies
from lambdapack.packing.wheelhouse import cache as cache_module
from lambdapack.packing.wheels.contents import WheelBytes
from tests.wheelmaker import write_project_of_cached_wheel, write_wheel

FLIPS = 1_000


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A function with two wheels: one that is found in a folder, and one that only the cache has any more."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src/app.py").write_bytes(b"import one, two\n")
    one = write_wheel(
        tmp_path / "wheels", {"one/__init__.py": b"ONE = 1\n" * 40, "one/data.bin": bytes(300)}, name="one"
    )
    two = write_wheel(tmp_path / "index", {"two.py": b"TWO = 2\n" * 40}, name="two", requires=["one"])
    lines = ['lock-version = "1.0"\ncreated-by = "test"\n']
    for wheel, name in ((one, "one"), (two, "two")):
        sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
        lines.append(
            f'[[packages]]\nname = "{name}"\nversion = "1.0"\nwheels = [{{ url = "https://files.invalid/{wheel.name}", '
            f'size = {wheel.stat().st_size}, hashes = {{ sha256 = "{sha256}" }} }}]\n'
        )
    (tmp_path / "pylock.toml").write_text("".join(lines))
    return tmp_path


def built(project: Path, *, folders: tuple[str, ...] = ("wheels",)) -> str:
    """Build with the cache, downloading nothing, and return the CodeSha256 of what lies there."""
    wanted = Dependencies(
        lock=str(project / "pylock.toml"),
        cache=project / "cache",
        folders=tuple(project / folder for folder in folders),
        offline=True,
    )
    request = BuildRequest(
        source=str(project / "src"),
        output=project / "out.zip",
        dependencies=wanted,
        runtime="python3.13",
        architecture="arm64",
    )
    return build(request).artifact.code_sha256


def prepared(project: Path) -> tuple[str, dict[Path, bytes]]:
    """Fill the cache; return the right hash, and every file that a bit may flip in."""
    right = built(project, folders=("wheels", "index"))
    (two,) = (project / "index").iterdir()
    kept = project / f"cache/wheels/sha256-{hashlib.sha256(two.read_bytes()).hexdigest()}"
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    two.rename(kept)
    assert built(project) == right
    files = [path for path in (*(project / "cache").rglob("*"), *(project / "wheels").iterdir()) if path.is_file()]
    return right, {path: path.read_bytes() for path in files}


def after_flip(project: Path, files: dict[Path, bytes], choose: random.Random) -> tuple[Path, str]:
    """Flip one bit, build, and put everything back; return where it was, and what came of it."""
    path = choose.choice(sorted(files))
    content = bytearray(files[path])
    bit = choose.randrange(len(content) * 8)
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)
    if path.parent.name == "contents":
        shutil.rmtree(project / "cache/prepared")  # which would make the contents needless
    try:
        return path, built(project)
    except LockError:
        return path, "refused"
    finally:
        shutil.rmtree(project / "cache")
        for other, original in files.items():
            other.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            other.write_bytes(original)
        (project / "cache").chmod(0o700)


def test_every_flipped_bit_is_refused_or_repaired(project: Path) -> None:
    right, files = prepared(project)
    choose = random.Random(20_261_122)  # noqa: S311 - repeatable, not secret
    outcomes: Counter[tuple[str, str]] = Counter()
    for _ in range(FLIPS):
        path, found = after_flip(project, files, choose)
        outcomes[path.parent.name, {right: "right", "refused": "refused"}.get(found, "WRONG")] += 1

    assert sum(outcomes.values()) == 1_000
    assert {outcome for _, outcome in outcomes} == {"right", "refused"}
    # Documents are made again; the wheels that are nowhere else cannot be.
    assert {place for place, outcome in outcomes if outcome == "refused"} == {"wheels"}
    assert {place for place, _ in outcomes} == {"cache", "contents", "prepared", "selection", "wheels"}


def test_without_its_checks_a_flipped_bit_would_be_packed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: some of the same flips, with a cache that believes what it reads."""
    right, files = prepared(project)
    believing = SimpleNamespace(update=lambda _: None, hexdigest=lambda: ANY)
    monkeypatch.setattr(cache_module, "new_hash", lambda _: believing)
    choose = random.Random(20_261_122)  # noqa: S311 - as above
    found = {after_flip(project, files, choose)[1] for _ in range(100)}

    assert found - {right, "refused"}


def request_with_a_large_wheel(tmp_path: Path) -> tuple[BuildRequest, Path]:
    """Return a request whose one wheel is large enough to be read twice, and where the cache has it."""
    noise = random.Random(1).randbytes(3_000_000)  # noqa: S311 - repeatable, not secret
    kept = write_project_of_cached_wheel(tmp_path, {"one/data.bin": noise})
    wanted = Dependencies(lock=str(tmp_path / "pylock.toml"), cache=tmp_path / "cache", offline=True)
    request = BuildRequest(
        source=str(tmp_path / "src"), output=tmp_path / "out.zip", dependencies=wanted, runtime="python3.13"
    )
    return request, kept


def change_in_place(kept: Path) -> None:
    """Change one byte of a member, as nobody should."""
    with kept.open("r+b") as file:
        file.seek(1_500_000)
        byte = file.read(1)
        file.seek(1_500_000)
        file.write(bytes([byte[0] ^ 1]))


def test_a_wheel_that_is_changed_between_its_proof_and_its_packing_is_not_packed(tmp_path: Path) -> None:
    request, kept = request_with_a_large_wheel(tmp_path)
    Path(request.output).write_bytes(b"old")

    gathered = gather(request)
    change_in_place(kept)
    with pytest.raises(LocalError, match=f"something changed {kept} while it was packed"):
        write(gathered, request)

    assert Path(request.output).read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.glob("*.zip")) == ["out.zip"]


def test_without_the_check_it_would_be_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request, kept = request_with_a_large_wheel(tmp_path)
    right = build(request).artifact.code_sha256
    monkeypatch.setattr(WheelBytes, "check_unchanged", lambda _: None)

    gathered = gather(request)
    change_in_place(kept)

    assert write(gathered, request).artifact.code_sha256 != right
