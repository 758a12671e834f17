"""The room's own rules: what it imports, that it logs nothing, and who knows the clock and the disk."""

import ast
import sys
from pathlib import Path

import lambdapack.emulator.service

ROOM = Path(lambdapack.emulator.service.__file__).parent
MODULES = sorted(ROOM.rglob("*.py"))


def imported(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def test_it_imports_the_standard_library_and_the_errors_alone() -> None:
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        allowed = ("lambdapack.emulator", "lambdapack.errors", "lambdapack.waiting")
        foreign = {
            name
            for name in imported(tree)
            if name.partition(".")[0] not in sys.stdlib_module_names and not name.startswith(allowed)
        }
        assert foreign <= ({"botocore", "botocore.awsrequest"} if path.name == "hook.py" else set()), path
        top = imported(ast.Module([node for node in tree.body if not hasattr(node, "body")], []))
        assert not any(name.startswith("boto") for name in top), path


def test_it_neither_logs_nor_prints() -> None:
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert "logging" not in imported(tree), path
        called = {
            node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert "print" not in called, path


def test_only_the_rim_knows_the_clock_and_the_disk() -> None:
    rim = {"service.py", "store.py", "hook.py", "server.py"}
    for path in MODULES:
        names = imported(ast.parse(path.read_text(encoding="utf-8")))
        assert path.name in rim or not names & {"os", "time", "random", "uuid", "pathlib", "socket", "tempfile"}, path
