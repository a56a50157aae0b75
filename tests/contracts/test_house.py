"""The house itself: rooms of a fair size, no arrow that runs back, functions a reader can hold."""

import ast
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "src"
FILES = sorted((ROOT / "offing").rglob("*.py"))
BRANCHES = (ast.If, ast.For, ast.While, ast.IfExp, ast.ExceptHandler, ast.BoolOp, ast.comprehension)


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_name(path): path for path in FILES}


def _imports(path: Path) -> set[str]:
    """Modules of the house that a file imports: at once, within a function, or for types alone."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & set(MODULES)
            outer = any(f"{node.module}.{alias.name}" not in MODULES for alias in node.names)
            found |= inner | ({node.module} & set(MODULES) if outer else set())
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & set(MODULES)
    return found - {_name(path)}


def test_no_circle_of_files() -> None:
    graph = {name: _imports(path) for name, path in MODULES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_no_room_has_more_than_a_seventh_of_the_lines() -> None:
    lines: Counter[str] = Counter()
    for path in FILES:
        room = path.relative_to(ROOT / "offing").parts[0]
        lines[room] += path.read_text(encoding="utf-8").count("\n")
    room, most = lines.most_common(1)[0]
    assert most <= 0.145 * lines.total(), room


def test_files_and_functions_are_short() -> None:
    long, branchy, wide = [], [], []
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 600, path
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            where = f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
            if (node.end_lineno or 0) - node.lineno + 1 > 60:
                long.append(where)
            if 1 + sum(isinstance(part, BRANCHES) for part in ast.walk(node)) > 12:
                branchy.append(where)
            arguments = node.args
            if len(arguments.args + arguments.kwonlyargs + arguments.posonlyargs) > 7:
                wide.append(where)
    assert len(long) <= 5, long
    assert len(branchy) <= 40, branchy
    assert len(wide) <= 4, wide
