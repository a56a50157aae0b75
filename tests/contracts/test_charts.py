"""Every chart says what it shows, and something draws it."""

import ast
from pathlib import Path

import pytest

import offing.report.charts as charts

FOLDER = Path(charts.__file__).parent
NAMES = sorted(file.stem for file in FOLDER.glob("*.py") if file.stem != "__init__")


def drawn() -> set[str]:
    """The charts that the rest of the room imports."""
    names = set()
    for file in FOLDER.parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and file.parent != FOLDER:
                if node.module == "offing.report.charts":
                    names |= {alias.name for alias in node.names}
                elif (node.module or "").startswith("offing.report.charts."):
                    names.add(str(node.module).rpartition(".")[2])
    return names


@pytest.mark.parametrize("name", NAMES)
def test_every_chart_is_documented_and_drawn(name: str) -> None:
    assert ast.get_docstring(ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8")))
    told = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    assert "pen.open(" in told, "each mark says its value, on hover and by keyboard"
    assert name in drawn(), f"no section, page or telling draws {name}"


def figures_made() -> list[tuple[str, ast.Call]]:
    """Each place that makes a figure."""
    files = [*FOLDER.parent.rglob("views/*.py"), *FOLDER.parent.rglob("sections/*.py")]
    calls = (
        (file, node) for file in files for node in ast.walk(ast.parse(file.read_text("utf-8")))
    )
    return [(f"{file.stem}:{call.lineno}", call) for file, call in calls
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Figure"]  # fmt: skip


@pytest.mark.parametrize(
    ("where", "call"), figures_made(), ids=lambda of: of if isinstance(of, str) else ""
)
def test_every_figure_names_its_source(where: str, call: ast.Call) -> None:
    assert "source" in {keyword.arg for keyword in call.keywords}, where
