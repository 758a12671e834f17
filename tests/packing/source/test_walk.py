"""The walk: what goes in, what is refused by name, and what a changing tree leads to."""

import os
import socket
import stat
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from lambdapack.errors import CheckError, LocalError, SourceError
from lambdapack.packing.patterns.rules import Rules
from lambdapack.packing.source import walk as tree_module
from lambdapack.packing.source.walk import Tree, walk

MakeTree = Callable[..., Path]
MakeRules = Callable[[Iterable[str]], Rules]


def names(found: Tree) -> list[str]:
    return sorted(entry.name for entry in found.entries)


def refused(root: Path | str, rules: MakeRules, patterns: Iterable[str] = ()) -> str:
    with pytest.raises(SourceError) as caught:
        walk(str(root), rules=rules(patterns))
    return caught.value.message.replace(str(root), "src")


def test_entries_have_names_origins_and_sizes(tree: MakeTree, rules: MakeRules) -> None:
    root = tree({"app.py": b"abc", "lib/inner/x.so": b""})

    found = walk(str(root), rules=rules([]))

    assert names(found) == ["app.py", "lib/inner/x.so"]
    assert {entry.origin for entry in found.entries} == {f"{root}/app.py", f"{root}/lib/inner/x.so"}
    assert {entry.name: entry.size for entry in found.entries} == {"app.py": 3, "lib/inner/x.so": 0}
    assert sorted(folder.prefix for folder in found.folders) == ["", "lib/", "lib/inner/"]


def test_a_directory_that_is_left_out_is_never_entered(tree: MakeTree, rules: MakeRules) -> None:
    root = tree({"a.py": b"", "out/deep/b.py": b""})
    os.mkfifo(root / "out/fifo")

    found = walk(str(root), rules=rules(["out/", "!out/deep/b.py"]))

    assert names(found) == ["a.py"]
    assert [(omission.name, omission.pattern.text) for omission in found.omissions] == [("out/", "out/")]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("missing", "there is no source directory missing"),
        ("file", "file is not a directory"),
        ("file/below", "there is no source directory file/below"),
        ("", "the source directory's name is empty"),
    ],
)
def test_a_source_that_is_no_directory_is_refused(
    source: str, message: str, tree: MakeTree, rules: MakeRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tree({"file": b""}))

    with pytest.raises(SourceError) as caught:
        walk(source, rules=rules([]))

    assert caught.value.message == message


def test_special_files_are_refused_by_name_and_never_opened(
    tree: MakeTree, rules: MakeRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree({"a.py": b""})
    os.mkfifo(root / "pipe")
    assert refused(root, rules) == "src/pipe is a FIFO, not a file"
    (root / "pipe").unlink()

    with socket.socket(socket.AF_UNIX) as unix:
        monkeypatch.chdir(root)  # a socket's path is short
        unix.bind("sock")
        assert refused(root, rules) == "src/sock is a socket, not a file"
    assert names(walk(str(root), rules=rules(["sock"]))) == ["a.py"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_a_device_is_refused(tree: MakeTree, rules: MakeRules) -> None:
    root = tree({"a.py": b""})
    os.mknod(root / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))

    assert refused(root, rules) == "src/null is a device, not a file"


def test_symlinks_inside_the_root_are_followed(tree: MakeTree, rules: MakeRules) -> None:
    root = tree({"lib/a.py": b"abc", "z.py": b""})
    (root / "link.py").symlink_to("lib/a.py")
    (root / "folder").symlink_to("lib")
    (root / "absolute.py").symlink_to(root / "z.py")

    found = walk(str(root), rules=rules([]))

    assert names(found) == ["absolute.py", "folder/a.py", "lib/a.py", "link.py", "z.py"]
    assert {entry.origin for entry in found.entries if entry.name == "folder/a.py"} == {f"{root}/folder/a.py"}


@pytest.mark.parametrize(
    ("target", "fault"),
    [
        ("/etc/hostname", "leads out of the source directory"),
        ("..", "leads out of the source directory"),
        ("../src2/a.py", "leads out of the source directory"),
        ("nothing", "leads to nothing"),
        ("a.py/b", "leads through a file"),
        ("link", "leads in a circle"),
    ],
)
def test_symlinks_that_leave_dangle_or_loop_are_refused(
    target: str, fault: str, tree: MakeTree, rules: MakeRules
) -> None:
    root = tree({"a.py": b""})
    tree({"a.py": b""}, name="src2")
    (root / "link").symlink_to(target)

    assert refused(root, rules) == f"the symlink src/link {fault}"
    assert names(walk(str(root), rules=rules(["link"]))) == ["a.py"]


@pytest.mark.parametrize(("link", "target"), [("lib/up", ".."), ("self", "."), ("lib/lib", "../lib")])
def test_a_symlink_to_a_directory_above_it_is_refused(link: str, target: str, tree: MakeTree, rules: MakeRules) -> None:
    root = tree({"lib/a.py": b""})
    (root / link).symlink_to(target)

    assert refused(root, rules) == f"the symlink src/{link} leads back to a directory above it"


def test_symlinks_that_multiply_are_refused_before_they_fill_the_memory(
    tree: MakeTree, rules: MakeRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambdapack.quotas.ENTRY_LIMIT", 1_000)
    root = tree({f"d{level}/x": b"" for level in range(30)})
    for level in range(29):
        (root / f"d{level}/one").symlink_to(f"../d{level + 1}")
        (root / f"d{level}/two").symlink_to(f"../d{level + 1}")

    with pytest.raises(CheckError, match="more than 1,000 entries"):
        walk(str(root), rules=rules([]))


def test_kept_symlinks_are_entries_of_their_own(tree: MakeTree, rules: MakeRules) -> None:
    root = tree({"lib/a.py": b""})
    (root / "lib/b.py").symlink_to("../lib/a.py")
    (root / "folder").symlink_to("lib")

    found = walk(str(root), rules=rules([]), symlinks="keep")

    links = {entry.name: (entry.link_target, entry.size) for entry in found.entries}
    assert links == {"lib/a.py": (None, 0), "lib/b.py": ("../lib/a.py", 11), "folder": ("lib", 3)}


@pytest.mark.parametrize("target", ["/absolute", "../src/a.py"])
def test_kept_symlinks_must_stay_below_the_root_on_lambda_too(target: str, tree: MakeTree, rules: MakeRules) -> None:
    root = tree({"a.py": b""})
    (root / "link").symlink_to(root / "a.py" if target == "/absolute" else target)

    with pytest.raises(SourceError, match="leads out of the source directory"):
        walk(str(root), rules=rules([]), symlinks="keep")


@pytest.mark.parametrize(
    ("name", "shown", "fault"),
    [
        (b"\xff.py", "\\udcff.py", "is not UTF-8"),
        (b"a\nb.py", "a\\nb.py", "holds a control character"),
        (b"a\x1b[31m.py", "a\\x1b[31m.py", "holds a control character"),
        (b"a\x7f", "a\\x7f", "holds a control character"),
        (b"a\xc2\x85", "a\\x85", "holds a control character"),
        (b"a\\b.py", "a\\b.py", "holds a backslash"),
        ("a\u202egpj.py".encode(), "a\\u202egpj.py", "holds a character that reverses the reading direction"),
    ],
)
def test_names_that_no_archive_should_hold_are_refused(
    name: bytes, shown: str, fault: str, tree: MakeTree, rules: MakeRules
) -> None:
    root = tree({"a.py": b""})
    with open(os.path.join(os.fsencode(root), name), "wb"):  # noqa: PTH118, PTH123 - bytes
        pass

    assert refused(root, rules) == f"the name of src/{shown} {fault}"
    assert names(walk(str(root), rules=rules(["/*", "!/a.py"]))) == ["a.py"]


def test_names_of_lambdas_own_kind_are_accepted(tree: MakeTree, rules: MakeRules) -> None:
    accepted = ["a b", "日本.py", "é.py", "CON", "x.", "-rf", "~", "a'b", 'a"b', "a\u00a0b", "%d", "ü" * 127]

    assert names(walk(str(tree(dict.fromkeys(accepted, b""))), rules=rules([]))) == sorted(accepted)


def test_names_are_packed_in_normal_form_c(tree: MakeTree, rules: MakeRules) -> None:
    root = tree({"u\u0308.py": b""})

    assert names(walk(str(root), rules=rules([]))) == ["\u00fc.py"]


@pytest.mark.parametrize("below", ["", "/x", "/y"])
def test_two_names_with_one_normal_form_are_refused(below: str, tree: MakeTree, rules: MakeRules) -> None:
    root = tree({"u\u0308" + below: b"", "\u00fc" + below.replace("y", "x"): b""})

    assert "have the same name in Unicode's normal form" in refused(root, rules)


@pytest.mark.parametrize("depth", [400, 2_100])
def test_depth_ends_at_the_systems_limit_and_not_in_a_recursion(depth: int, tree: MakeTree, rules: MakeRules) -> None:
    root = tree({"a.py": b""})
    here = os.open(root, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("x", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)

    try:
        if depth == 400:
            assert names(walk(str(root), rules=rules([]))) == ["a.py", "d/" * 400 + "x"]
        else:
            assert "File name too long" in refused(root, rules)
    finally:
        # Python's own rmtree, and so pytest's, ends in a recursion here.
        subprocess.run(["rm", "-rf", root], check=True)


def test_own_outputs_do_not_pack_themselves(tree: MakeTree, rules: MakeRules) -> None:
    root = tree({"a.py": b"", "out.zip": b""})
    (root / "link.zip").symlink_to("out.zip")

    found = walk(str(root), rules=rules([]), own_outputs=frozenset({os.path.realpath(root / "out.zip")}))

    assert names(found) == ["a.py"]


def test_a_directory_swapped_for_a_symlink_during_the_walk_is_refused(
    tree: MakeTree, rules: MakeRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree({"lib/a.py": b"", "other/secret": b""})
    elsewhere = tree({"secret": b""}, name="elsewhere")
    original = tree_module.listing

    def swapping(folder: tree_module.Folder) -> list[tuple[str, os.stat_result]]:
        found = original(folder)
        if folder.prefix == "":
            (root / "lib").rename(root / "lib2")
            (root / "lib").symlink_to(elsewhere)
        return found

    monkeypatch.setattr(tree_module, "listing", swapping)

    assert refused(root, rules) == "src/lib was changed, replaced or removed while it was being packed"


def test_a_directory_above_swapped_for_a_symlink_is_refused_too(
    tree: MakeTree, rules: MakeRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree({"lib/inner/a.py": b""})
    tree({"lib/inner/a.py": b"from elsewhere"}, name="elsewhere")
    original = tree_module.listing

    def swapping(folder: tree_module.Folder) -> list[tuple[str, os.stat_result]]:
        found = original(folder)
        if folder.prefix == "lib/":
            (root / "lib").rename(root / "lib2")
            (root / "lib").symlink_to(root.parent / "elsewhere/lib")
        return found

    monkeypatch.setattr(tree_module, "listing", swapping)

    assert refused(root, rules) == "src/lib/inner was changed, replaced or removed while it was being packed"


@pytest.mark.parametrize("number", [24, 23, 12, 5])
def test_what_the_machine_refuses_is_a_local_error(
    number: int, tree: MakeTree, rules: MakeRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree({"a.py": b""})

    def failing(*_: object, **__: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", failing)

    with pytest.raises(LocalError, match=f"cannot read {root}: {os.strerror(number)}"):
        walk(str(root), rules=rules([]))
