"""Which wheels of a lock a target needs, and in which words a lock is refused that does not give them."""

from pathlib import Path

import pytest
from packaging.markers import default_environment

from lambdapack.errors import LambdapackError, LockError, UsageError
from lambdapack.packing.locks.pylock import select_wheels
from lambdapack.packing.locks.selection import LockedWheel
from lambdapack.target import Target
from tests.packing.locks.locks import ARM, HEAD, OLD, X86, digest, package, pylock, wheel

NUMPY = (
    "numpy-2.5.1-cp313-cp313-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
    "numpy-2.5.1-cp313-cp313-musllinux_1_2_x86_64.whl",
    "numpy-2.5.1-cp313-cp313-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl",
    "numpy-2.5.1-cp313-cp313t-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
    "numpy-2.5.1-cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
    "numpy-2.5.1-cp313-cp313-macosx_14_0_arm64.whl",
    "numpy-2.5.1-cp313-cp313-win_amd64.whl",
)
SDIST = 'sdist = { url = "https://example.com/demo-1.0.tar.gz", hashes = { sha256 = "00" } }\n'


def chosen(
    path: str, target: Target = X86, groups: tuple[str, ...] | None = None, extras: tuple[str, ...] = ()
) -> list[str]:
    return [found.filename for found in select_wheels(path, target=target, groups=groups, extras=extras).wheels]


def refused(path: str, target: Target = X86, kind: type[LambdapackError] = LockError) -> tuple[str, str]:
    with pytest.raises(kind) as refusal:
        select_wheels(path, target=target)
    for text in (refusal.value.message, refusal.value.hint):
        assert "\n" not in text
    assert type(refusal.value) is kind
    return refusal.value.message.replace(path, "LOCK"), refusal.value.hint


def test_a_selected_wheel_is_all_that_the_lock_says_of_it(tmp_path: Path) -> None:
    path = pylock(tmp_path, package("six", "1.17.0", "six-1.17.0-py2.py3-none-any.whl"))

    selection = select_wheels(path, target=X86)

    assert selection.lock == path
    assert selection.wheels == (
        LockedWheel(
            name="six",
            version="1.17.0",
            filename="six-1.17.0-py2.py3-none-any.whl",
            hashes={"sha256": digest("six-1.17.0-py2.py3-none-any.whl")},
            url="https://example.com/six-1.17.0-py2.py3-none-any.whl",
        ),
    )


def test_each_target_gets_its_own_wheel(tmp_path: Path) -> None:
    path = pylock(tmp_path, package("numpy", "2.5.1", *NUMPY))

    assert chosen(path, X86) == [NUMPY[0]]
    assert chosen(path, ARM) == [NUMPY[2]]
    assert chosen(path, Target(runtime="python3.12", architecture="x86_64")) == [NUMPY[4]]


def test_the_running_machine_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pylock(
        tmp_path,
        package("numpy", "2.5.1", *NUMPY, more="marker = \"sys_platform == 'linux' and os_name == 'posix'\"\n"),
        package("winthing", "1", "winthing-1-py3-none-any.whl", more="marker = \"sys_platform == 'win32'\"\n"),
    )
    windows = {**dict.fromkeys(default_environment(), "?"), "sys_platform": "win32", "python_full_version": "2.7.18"}
    monkeypatch.setattr("packaging.markers.default_environment", lambda: windows)
    monkeypatch.setattr("packaging.pylock.default_environment", lambda: windows)
    for function in ("packaging.pylock.sys_tags", "packaging.tags.platform_tags", "packaging.tags.sys_tags"):
        monkeypatch.setattr(function, lambda: 1 / 0)

    found = chosen(path, ARM)

    assert found == [NUMPY[2]]


def test_an_exact_wheel_is_better_than_a_stable_abi_and_that_better_than_none(tmp_path: Path) -> None:
    tags = ("py3-none-any", "cp39-abi3-manylinux_2_17_x86_64", "cp313-cp313-manylinux_2_17_x86_64")

    for count in (3, 2, 1):
        path = pylock(tmp_path, package("demo", "1.0", *(f"demo-1.0-{tag}.whl" for tag in tags[:count])))
        assert chosen(path) == [f"demo-1.0-{tags[count - 1]}.whl"]


def test_of_several_builds_the_latest_is_taken(tmp_path: Path) -> None:
    builds = ("demo-1.0-py3-none-any.whl", "demo-1.0-2-py3-none-any.whl", "demo-1.0-10-py3-none-any.whl")

    for order in (builds, builds[::-1]):
        assert chosen(pylock(tmp_path, package("demo", "1.0", *order))) == ["demo-1.0-10-py3-none-any.whl"]
    exact = "demo-1.0-1-cp313-cp313-manylinux_2_17_x86_64.whl"
    assert chosen(pylock(tmp_path, package("demo", "1.0", *builds, exact))) == [exact]


def test_markers_groups_and_extras_decide_what_is_selected(tmp_path: Path) -> None:
    head = HEAD + 'extras = ["Fast-Path"]\ndependency-groups = ["dev", "docs"]\ndefault-groups = ["default"]\n'
    path = pylock(
        tmp_path,
        package("base", "1", "base-1-py3-none-any.whl"),
        package("main", "1", "main-1-py3-none-any.whl", more="marker = \"'default' in dependency_groups\"\n"),
        package("linter", "1", "linter-1-py3-none-any.whl", more="marker = \"'dev' in dependency_groups\"\n"),
        package("fast", "1", "fast-1-py3-none-any.whl", more="marker = \"'fast-path' in extras\"\n"),
        package("old", "1", "old-1-py3-none-any.whl", more="marker = \"python_version < '3.12'\"\n"),
        head=head.replace("Fast-Path", "fast-path"),
    )

    def names(groups: tuple[str, ...] | None, extras: tuple[str, ...], target: Target = X86) -> list[str]:
        return [found.name for found in select_wheels(path, target=target, groups=groups, extras=extras).wheels]

    assert names(None, ()) == ["base", "main"]
    assert names((), ()) == ["base"]
    assert names(("dev",), ("Fast_Path",)) == ["base", "linter", "fast"]
    assert names(("default", "dev"), ()) == ["base", "main", "linter"]
    assert names((), (), OLD) == ["base", "old"]
    with pytest.raises(UsageError) as refusal:
        names(("prod",), ())
    assert (refusal.value.message, refusal.value.hint) == (
        "the lock has no group prod",
        "it has default, dev, docs; one that it has not is not locked",
    )
    with pytest.raises(UsageError, match="the lock has no extra slow"):
        names(None, ("slow",))


def test_a_wheel_for_other_machines_only_is_refused_with_what_there_is(tmp_path: Path) -> None:
    path = pylock(tmp_path, package("numpy", "2.5.1", *NUMPY[3:]))

    message, hint = refused(path, ARM)

    assert message == (
        "LOCK: numpy 2.5.1 has no wheel for python3.13 on arm64 (manylinux_2_34 or older), only "
        "cp313-cp313t-manylinux_2_27_x86_64.manylinux_2_28_x86_64, cp313-cp313-macosx_14_0_arm64, "
        "cp313-cp313-win_amd64, cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64"
    )
    assert hint == (
        "make a lock for python3.13 on arm64: lambdapack lock --runtime python3.13 --architecture arm64, "
        "or lock a version that has such a wheel"
    )


@pytest.mark.parametrize(
    "tag",
    [
        *("cp313-cp313-win_amd64", "cp313-cp313-macosx_11_0_x86_64", "cp39-cp39-manylinux_2_17_x86_64"),
        *("cp313-cp313-manylinux_2_17_aarch64", "cp313-cp313-musllinux_1_1_x86_64", "cp314-abi3-manylinux_2_17_x86_64"),
        *("py2-none-any", "cp313-cp313-manylinux_2_35_x86_64", "pp311-pypy311_pp73-manylinux_2_17_x86_64"),
    ],
)
@pytest.mark.parametrize("more", ["", SDIST])
def test_no_foreign_wheel_is_ever_taken(tag: str, more: str, tmp_path: Path) -> None:
    message, _ = refused(pylock(tmp_path, package("demo", "1.0", f"demo-1.0-{tag}.whl", more=more)))

    assert message.startswith(
        f"LOCK: demo 1.0 has no wheel for python3.13 on x86_64 (manylinux_2_34 or older), only {tag}"
    )


def test_a_wheel_for_a_newer_glibc_is_called_that(tmp_path: Path) -> None:
    message, _ = refused(pylock(tmp_path, package("numpy", "2.5.1", NUMPY[0].replace("cp313", "cp311"))), OLD)

    assert message.endswith(
        "only cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64; "
        "the nearest needs glibc 2.27, the runtime has 2.26"
    )


def test_a_long_list_of_wheels_is_cut(tmp_path: Path) -> None:
    names = [f"demo-1.0-cp3{minor}-cp3{minor}-win_amd64.whl" for minor in range(8, 15)]

    message, _ = refused(pylock(tmp_path, package("demo", "1.0", *names)))

    assert message.endswith(
        "only cp313-cp313-win_amd64, cp38-cp38-win_amd64, cp39-cp39-win_amd64, cp310-cp310-win_amd64, 3 more"
    )


@pytest.mark.parametrize(
    ("entry", "form", "hint"),
    [
        (SDIST, "a source distribution", "build one on such a machine (pip wheel --no-deps demo==1.0 -w wheels)"),
        (
            'vcs = { type = "git", url = "https://u:s3cret@example.com/x.git", commit-id = "0" }\n',
            "a version control entry",
            "build one on such a machine (pip wheel --no-deps demo -w wheels)",
        ),
        ('directory = { path = "." }\n', "a directory entry", "your own project is SOURCE, leave it out of the lock"),
        (
            'archive = { url = "https://u:s3cret@example.com/demo-1.0.zip", hashes = { sha256 = "00" } }\n',
            "an archive of source",
            "build one on such a machine",
        ),
    ],
)
def test_what_is_no_wheel_is_refused_with_the_way_out(entry: str, form: str, hint: str, tmp_path: Path) -> None:
    message, found = refused(pylock(tmp_path, f'[[packages]]\nname = "demo"\nversion = "1.0"\n{entry}'))

    assert message == f"LOCK: demo 1.0 has no wheel for python3.13 on x86_64 (manylinux_2_34 or older), only {form}"
    assert found.startswith(hint)
    assert "s3cret" not in message + found


def test_two_versions_of_one_project_are_refused(tmp_path: Path) -> None:
    versions = [package("demo", version, f"demo-{version}-py3-none-any.whl") for version in ("1.0", "2.0")]

    message, _ = refused(pylock(tmp_path, *versions))

    assert message == "LOCK: demo 2.0 and demo 1.0 are both selected for python3.13 on x86_64"


def test_two_versions_for_different_machines_are_not_two(tmp_path: Path) -> None:
    first = package("demo", "1.0", "demo-1.0-py3-none-any.whl", more="marker = \"python_version < '3.12'\"\n")
    second = package("demo", "2.0", "demo-2.0-py3-none-any.whl", more="marker = \"python_version >= '3.12'\"\n")
    path = pylock(tmp_path, first, second)

    assert chosen(path, X86) == ["demo-2.0-py3-none-any.whl"]
    assert chosen(path, OLD) == ["demo-1.0-py3-none-any.whl"]


def test_another_python_is_refused(tmp_path: Path) -> None:
    newer = pylock(tmp_path, head=HEAD + 'requires-python = ">=3.14"\npackages = []\n')
    assert refused(newer)[0] == "LOCK: it is for Python >=3.14, not for python3.13"

    one = package("demo", "1.0", "demo-1.0-py3-none-any.whl", more='requires-python = "<3.13"\n')
    assert refused(pylock(tmp_path, one))[0] == "LOCK: demo 1.0 is for Python <3.13, not for python3.13"


@pytest.mark.parametrize("python", [">=3.13", ">=3.13.11", ">=3.11.4,<4", "==3.13.*", ">3.13.9"])
def test_a_lock_of_somebody_with_a_newer_patch_release_is_accepted(python: str, tmp_path: Path) -> None:
    path = pylock(
        tmp_path,
        package("demo", "1.0", "demo-1.0-py3-none-any.whl", more=f'requires-python = "{python}"\n'),
        head=f'{HEAD}requires-python = "{python}"\n',
    )

    assert chosen(path) == ["demo-1.0-py3-none-any.whl"]


def test_another_environment_is_refused(tmp_path: Path) -> None:
    head = HEAD + "environments = [\"sys_platform == 'win32'\", \"platform_machine == 'x86_64'\"]\n"
    path = pylock(tmp_path, package("demo", "1.0", "demo-1.0-py3-none-any.whl"), head=head)

    assert chosen(path, X86) == ["demo-1.0-py3-none-any.whl"]
    assert refused(path, ARM)[0] == (
        'LOCK: it is for (sys_platform == "win32") or (platform_machine == "x86_64"), not for python3.13 on arm64'
    )


def test_a_marker_that_cannot_be_evaluated_is_refused(tmp_path: Path) -> None:
    entry = package("demo", "1.0", "demo-1.0-py3-none-any.whl", more="marker = \"os_name >= 'a' and os_name ~= 'b'\"\n")

    message, hint = refused(pylock(tmp_path, entry))

    assert message.startswith("LOCK: ")
    assert hint.startswith("make a lock for python3.13 on x86_64: lambdapack lock --runtime")


def test_an_archive_that_is_a_wheel_is_one(tmp_path: Path) -> None:
    # uv and pip write so for a requirement that names a file or URL.
    name = "demo-1.0-cp313-cp313-manylinux_2_17_x86_64.whl"
    path = pylock(
        tmp_path,
        '[[packages]]\nname = "demo"\n'
        f'archive = {{ path = "wheels/{name}", hashes = {{ sha256 = "{digest(name)}" }} }}\n',
    )

    (found,) = select_wheels(path, target=X86).wheels

    assert (found.version, found.path, found.url) == ("1.0", str(tmp_path / "wheels" / name), None)
    assert refused(path, ARM)[0].endswith("(manylinux_2_34 or older), only cp313-cp313-manylinux_2_17_x86_64")


def test_a_file_url_is_a_path_and_paths_are_relative_to_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = wheel("demo-1.0-py3-none-any.whl")
    url = entry.replace("https://example.com/", "file:///a%20b/")
    path = entry.replace('url = "https://example.com/', 'path = "../wheels/')
    pylock(
        tmp_path,
        f'[[packages]]\nname = "demo"\nversion = "1.0"\nwheels = [{url}]\n',
        f'[[packages]]\nname = "other"\nversion = "1.0"\nwheels = [{path.replace("demo", "other")}]\n',
    )
    monkeypatch.chdir(tmp_path.parent)

    first, second = select_wheels(f"{tmp_path.name}/pylock.toml", target=X86).wheels

    assert (first.path, first.url) == ("/a b/demo-1.0-py3-none-any.whl", None)
    assert (second.path, second.url) == (f"{tmp_path.name}/../wheels/other-1.0-py3-none-any.whl", None)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (wheel("demo-1.0-py3-none-any.whl", more=", size = 0"), "demo-1.0-py3-none-any.whl has a size of 0 bytes"),
        (wheel("x.whl"), "package demo, wheels[0]: Invalid wheel filename 'x.whl'"),
        (
            wheel("other-1.0-py3-none-any.whl"),
            "package demo, wheels[0]: Name in 'other-1.0-py3-none-any.whl' is not consistent with package name 'demo'",
        ),
        (
            wheel("demo-2-py3-none-any.whl"),
            "package demo, wheels[0]: Version in 'demo-2-py3-none-any.whl' is not consistent with package version '1'",
        ),
        (
            wheel("demo-1.0-py3-none-any.whl", more=', size = "1"'),
            "package demo, wheels[0].size: Unexpected type str (expected int)",
        ),
        ("{ }", "package demo, wheels[0].hashes: Missing required value"),
        (
            wheel("demo-1.0-py3-none-any.whl").replace("https", "http"),
            "demo-1.0-py3-none-any.whl has a URL that is not https",
        ),
        (
            wheel("demo-1.0-py3-none-any.whl").replace("sha256", "md5"),
            "demo-1.0-py3-none-any.whl has no hash that proves it, only md5",
        ),
    ],
)
def test_an_entry_that_lies_is_refused(entry: str, message: str, tmp_path: Path) -> None:
    path = pylock(tmp_path, f'[[packages]]\nname = "demo"\nversion = "1"\nwheels = [{entry}]\n')

    assert refused(path)[0] == f"LOCK: {message}"


def test_archives_are_held_to_the_same_rules(tmp_path: Path) -> None:
    def message(name: str) -> str:
        entry = f'archive = {{ url = "https://example.com/{name}", hashes = {{ sha256 = "{digest(name)}" }} }}\n'
        return refused(pylock(tmp_path, f'[[packages]]\nname = "demo"\nversion = "1.0"\n{entry}'))[0]

    assert message("x.whl") == "LOCK: demo 1.0 has a bad file name: x.whl"
    assert (
        message("other-1.0-py3-none-any.whl")
        == "LOCK: demo 1.0 has the wheel of another one: other-1.0-py3-none-any.whl"
    )
    assert (
        message("demo-2.0-py3-none-any.whl") == "LOCK: demo 1.0 has the wheel of another one: demo-2.0-py3-none-any.whl"
    )
    assert message("demo-1.0-py3-none-any%0a.whl") == "LOCK: demo 1.0 has a file name that no wheel has"
