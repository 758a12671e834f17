"""The order of the rooms: who may import whom, and what a build never loads."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import lambdapack

ROOT = Path(lambdapack.__file__).parent

ORDER = (
    *("version", "values", "reporting", "addresses", "masking", "text", "folding", "errors", "document", "target"),
    *("shortage", "waiting", "threads", "inputs", "quotas", "zipformat", "zipfields", "disk", "artifact"),
    *("environment", "fields", "choices", "config", "packing", "deploying", "cli"),
    *("__init__", "__main__"),
)
"""Each room may import itself and those before it."""

MODULES = sorted(ROOT.rglob("*.py"))

BY_NAME = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path for path in MODULES
}
"""Each module of ours by its dotted name."""

FOREIGN = {"boto3", "botocore", "click", "tqdm", "deflate", "pathspec", "packaging", "urllib3"}

HOMES = {
    "click": {"cli"},
    "tqdm": {"cli"},
    "deflate": {"packing"},
    "pathspec": {"packing"},
    "packaging": {"packing", "target"},
    "urllib3": {"packing"},
}
"""The rooms that may import a library; boto3 and botocore have rules of their own."""


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Return each module that a file imports, at its top or within functions; of two names for one, the longer."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in BY_NAME or node.module == "lambdapack" else str(node.module) for name in names}
    return found


def ours(path: Path) -> set[str]:
    """Return the rooms of ours that a file imports from; what the face of the house alone has is named itself."""
    return {f"{name}.__init__".split(".")[1] for name in imports(path) if name.split(".")[0] == "lambdapack"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_import_only_what_stands_before_them(path: Path) -> None:
    if room(path) == "emulator":
        allowed = {"errors", "waiting", "emulator"}
    elif path.parent.name == "aws":
        allowed = {*ORDER[: ORDER.index("deploying") + 1], "emulator"}
    elif room(path) == "cli":
        allowed = {*ORDER[: ORDER.index("cli") + 1], "emulator"}
    else:
        allowed = set(ORDER[: ORDER.index(room(path)) + 1])

    # The halves meet in an Artifact, which is on the ground.
    if room(path) == "deploying":
        allowed -= {"packing"}

    assert ours(path) - allowed == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_libraries_stay_in_their_rooms(path: Path) -> None:
    found = {name.split(".")[0] for name in imports(path)}
    foreign = {name for name in found if name not in sys.stdlib_module_names and name != "lambdapack"}

    assert foreign <= FOREIGN
    assert {name for name in foreign & HOMES.keys() if room(path) not in HOMES[name]} == set()
    if room(path) == "emulator":
        assert foreign <= {"botocore"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_longer_than_320_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 320


AWS = {"boto3", "botocore", "lambdapack.deploying", "lambdapack.emulator"}
NETWORK = {"urllib3", "ssl", "http", "socket", "lambdapack.packing.fetching.connections"}
LOCKS = {"packaging", "tomllib", "csv", "logging", "dataclasses", "subprocess", "lambdapack.packing.locks.selector"}
BUILDS = {*AWS, *NETWORK, "tqdm", "pathspec", "zipfile", "tempfile", "asyncio", "concurrent", "multiprocessing"}

LOCKED = "build src --lock pylock.toml --runtime python3.13 --architecture arm64 -o out.zip --cache-dir cache"

UNLOADED = {
    "version": ("--version", {*BUILDS, *LOCKS, "deflate", "hashlib", "lambdapack.packing", "lambdapack.config"}),
    "help": ("build --help", {*BUILDS, *LOCKS, "deflate", "hashlib"}),
    "tree": ("build src -o out.zip", {*BUILDS, *LOCKS}),
    "cold locked build": (f"{LOCKED} --wheels wheels", BUILDS),
    "warm locked build": (LOCKED, {*BUILDS, *LOCKS}),
    "push's help": ("push --help", {"boto3", "botocore", "lambdapack.emulator", "urllib3", "packaging", "deflate"}),
}
"""By what users wait for most often: the command, and what it must not wait for itself."""


def loaded(command: str, directory: Path) -> set[str]:
    """Return every module that a run of the command has loaded."""
    code = (
        "import os, sys\n"
        "os._exit = lambda code: sys.exit(code)\n"
        "from lambdapack.cli.main import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "finally:\n    sys.stderr.write('\\n' + ' '.join(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command.split()], check=True, cwd=directory, capture_output=True, text=True
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("case", UNLOADED)
def test_a_command_loads_nothing_that_it_does_not_need(case: str, tmp_path: Path) -> None:
    project = shutil.copytree(ROOT.parent / "fixtures/locked", tmp_path / "project")
    command, unneeded = UNLOADED[case]
    if "warm" in case:
        assert "packaging" in loaded(command, project)

    modules = loaded(command, project)

    assert modules & unneeded == set()
    assert "click" in modules


def on_a_circle(edges: Mapping[str, set[str]]) -> list[str]:
    """Return the modules that import themselves, be it through others, or that import one which does."""
    left = dict(edges)
    while free := [name for name, imported in left.items() if left.keys().isdisjoint(imported)]:
        for name in free:
            del left[name]
    return sorted(left)


def test_no_modules_import_one_another_in_a_circle() -> None:
    assert on_a_circle({name: imports(path) & BY_NAME.keys() - {name} for name, path in BY_NAME.items()}) == []


def test_a_circle_is_caught() -> None:
    assert on_a_circle({"above": {"one"}, "one": {"two"}, "two": {"one"}, "aside": set()}) == ["above", "one", "two"]


def test_the_order_is_caught_when_it_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text(
        "import lambdapack.cli\nfrom lambdapack import __version__, shortage\nfrom lambdapack.disk import commit\n"
        "def f():\n    import boto3\n"
    )

    assert ours(path) == {"cli", "__version__", "shortage", "disk"}
    assert imports(path) == {
        *("lambdapack.cli", "lambdapack.__version__", "lambdapack.shortage", "lambdapack.disk.commit", "boto3")
    }


DEPLOYING = ROOT / "deploying"

ROOMS = ("aws", "function", "download", "upload", "layers")
"""The rooms of deploying: each may import itself and those before it; the stories may import them all."""

STEPS_OF_LAYERS = {"names", "plan", "versions"}


def is_story(module: str) -> bool:
    """Whether a module below ``deploying``, with dots, is the story of a command; all others are steps."""
    room, _, name = module.partition(".")
    return room not in ROOMS or (room == "layers" and name not in {"", *STEPS_OF_LAYERS})


def deploying_imports(path: Path) -> set[str]:
    """Return the modules of deploying that a file imports, with dots; a package stands for itself."""
    prefix = "lambdapack.deploying."
    return {name.removeprefix(prefix) for name in imports(path) if name.startswith(prefix)}


def wrong_imports(module: str, path: Path) -> set[str]:
    """Return what the module of deploying must not import: a story, or a room after its own."""
    found = deploying_imports(path)
    room = module.partition(".")[0]
    later = set() if is_story(module) else set(ROOMS[ROOMS.index(room) + 1 :])
    return {name for name in found if is_story(name) or name.partition(".")[0] in later}


STORIES_AND_STEPS = [
    (".".join(path.relative_to(DEPLOYING).with_suffix("").parts), path)
    for path in sorted(DEPLOYING.rglob("*.py"))
    if path.name != "__init__.py"
]


@pytest.mark.parametrize(("module", "path"), STORIES_AND_STEPS, ids=[module for module, _ in STORIES_AND_STEPS])
def test_no_story_is_imported_in_deploying_and_no_room_imports_a_later_one(module: str, path: Path) -> None:
    assert wrong_imports(module, path) == set()


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("create", "push"),
        ("push", "create"),
        ("push", "layers.push"),
        ("layers.push", "push"),
        ("upload.plan", "create"),
        ("function.state", "configure"),
        ("layers.plan", "layers.push"),
        ("aws.bodies", "download.fetch"),
        ("function.session", "upload.upload"),
        ("download.fetch", "upload.package"),
        ("upload.staging", "layers.names"),
    ],
)
def test_a_story_that_is_imported_is_caught_and_so_is_a_later_room(module: str, imported: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text(f"from lambdapack.deploying.aws.api import Aws\nfrom lambdapack.deploying.{imported} import x\n")

    assert wrong_imports(module, path) == {imported}


def test_deploying_is_one_page_of_stories_and_rooms() -> None:
    entries = {path.name for path in DEPLOYING.iterdir()} - {"__pycache__"}
    commands = {"push", "create", "configure", "publish", "alias", "prune", "delete", "pull", "diff", "show"}

    assert entries == {"__init__.py", *ROOMS, *(f"{command}.py" for command in commands)}
    assert len(entries) <= 16
