"""Each notebook of the tutorials runs from top to bottom, and its answers show themselves."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numba", reason="the extra 'gravity' is not installed")
pytest.importorskip("jinja2", reason="the extra 'report' is not installed")

TUTORIALS = Path(__file__).resolve().parents[1] / "docs" / "tutorials"


def shown(source: str, names: dict[str, Any]) -> Any:
    """Run a cell and give back what it shows: the value of its last line."""
    cell = ast.parse(source)
    last = cell.body[-1]
    if not isinstance(last, ast.Expr):
        exec(compile(cell, "cell", "exec"), names)
        return None
    del cell.body[-1]
    exec(compile(cell, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)


@pytest.mark.parametrize("notebook", sorted(TUTORIALS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_cell_runs(notebook: Path) -> None:
    data = json.loads(notebook.read_text(encoding="utf-8"))
    assert data["nbformat"] == 4
    names: dict[str, Any] = {}
    for cell in data["cells"]:
        if cell["cell_type"] == "code":
            value = shown("".join(cell["source"]), names)
            html = getattr(value, "_repr_html_", lambda: "<p>")()
            assert "<" in html
            assert cell["outputs"] == []
