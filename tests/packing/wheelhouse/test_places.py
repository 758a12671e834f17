import os
import subprocess
import sys
from pathlib import Path

import pytest

from lambdapack.packing.wheelhouse import places
from lambdapack.packing.wheelhouse.obtaining import Wheelhouse
from tests.packing.wheelhouse.indexserver import sending, serving
from tests.packing.wheelhouse.stock import Ledger, cache_in, locked, obtained, wheel_bytes
from tests.packing.wheels.handmade import archive, demo

URL = "https://files.pythonhosted.org/packages/b7/ce/six-1.17.0-py2.py3-none-any.whl"


def place(digest: str) -> Path:
    return Path("/cache/http-v2", *digest[:5], f"{digest}.body")


def coreutils(text: str) -> str:
    done = subprocess.run(["sha224sum"], input=text.encode(), check=True, capture_output=True)
    return done.stdout.split()[0].decode()


@pytest.mark.parametrize(
    ("url", "known_as"),
    [
        (URL, URL),
        (URL + "#sha256=00", URL),
        ("HTTPS://Files.PythonHosted.org/A.whl", "https://files.pythonhosted.org/A.whl"),
        ("https://user:secret@packages.example/A.whl", "https://packages.example/A.whl"),
        ("https://packages.example", "https://packages.example/"),
        ("https://packages.example:8443/A.whl?a=B&c", "https://packages.example:8443/A.whl?a=B&c"),
    ],
)
def test_a_body_lies_under_the_hash_of_its_address(url: str, known_as: str) -> None:
    assert places.pip_body(Path("/cache"), url) == place(coreutils(known_as))


@pytest.mark.skipif(sys.platform != "linux", reason="the XDG directories are Linux's")
@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"PIP_CACHE_DIR": "/mine", "XDG_CACHE_HOME": "/caches", "HOME": "/home/me"}, Path("/mine")),
        ({"XDG_CACHE_HOME": "/caches", "HOME": "/home/me"}, Path("/caches/pip")),
        ({"HOME": "/home/me"}, Path("/home/me/.cache/pip")),
        ({}, None),
    ],
)
def test_the_directory_is_pips(environ: dict[str, str], expected: Path | None) -> None:
    assert places.pip_directory(environ) == expected


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("darwin", {"HOME": "/Users/me"}, Path("/Users/me/Library/Caches/pip")),
        ("darwin", {}, None),
        ("win32", {"LOCALAPPDATA": "/local"}, Path("/local/pip/Cache")),
        ("win32", {}, None),
    ],
)
def test_the_directory_on_other_systems_is_pips(
    monkeypatch: pytest.MonkeyPatch, platform: str, environ: dict[str, str], expected: Path | None
) -> None:
    monkeypatch.setattr(sys, "platform", platform)

    assert places.pip_directory(environ) == expected


def test_what_pip_downloaded_is_used_offline_and_kept(tmp_path: Path) -> None:
    pytest.importorskip("pip", reason="pip itself fills its cache")
    wheel = archive(demo())
    with serving() as index:
        url = index.add("demo-1.0-py3-none-any.whl", wheel)
        page = f'<a href="{url}">demo-1.0-py3-none-any.whl</a>'.encode()
        index.add("simple/demo/", page, sending(page, Content_Type="text/html"))
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "download", "--no-deps"),
                *("-q", "-q", "--index-url", f"http://127.0.0.1:{index.port}/simple/", "--dest", tmp_path / "folder"),
                *("--trusted-host", f"127.0.0.1:{index.port}", "--cache-dir", tmp_path / "pip", "demo==1.0"),
            ],
            check=True,
            env={"PATH": os.environ["PATH"], "PIP_CONFIG_FILE": os.devnull, "HOME": str(tmp_path)},
        )
        asked = len(index.seen)
        ledger = Ledger()
        house = Wheelhouse(
            cache=cache_in(tmp_path / "cache"), offline=True, environ={"PIP_CACHE_DIR": str(tmp_path / "pip")}
        )
        (held,) = obtained([locked(wheel, url=url)], house, ledger=ledger)

        assert held.content.whole() == wheel
        assert len(index.seen) == asked
        assert ledger.totals == []
    kept = cache_in(tmp_path / "cache").get_wheel(held.locked.hashes, size=len(wheel))
    assert kept is not None
    assert kept == wheel


def test_other_bytes_in_pips_cache_are_passed_by(tmp_path: Path) -> None:
    wheel = wheel_bytes(1)
    with serving() as index:
        url = index.add("demo.whl", wheel)
        body = places.pip_body(tmp_path / "pip", url)
        body.parent.mkdir(parents=True)
        body.write_bytes(wheel[:-1])

        (held,) = obtained([locked(wheel, url=url)], Wheelhouse(environ={"PIP_CACHE_DIR": str(tmp_path / "pip")}))

        assert held.content.whole() == wheel
        assert len(index.seen) == 1
