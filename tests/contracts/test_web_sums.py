"""No sum in ``web``: pages show what ``api`` says, as ``report`` tells it, and work nothing out.

What a server counts for itself (bytes, rows of a file, requests, days of a cookie) is no figure of
an answer; it stands outside of the pages.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import offing

WEB = Path(offing.__file__).parent / "web"
PAGES = sorted((WEB / "pages").glob("*.py"))
COUNTING = {"numpy", "polars", "pandas", "scipy", "duckdb", "statistics", "math", "fractions"}
SUMS = {"sum", "fsum", "mean", "median", "cumsum", "std", "quantile", "round", "prod", "dot"}
FIGURE = re.compile(
    r"(_cny|_usd|_eur|_m3|_kg)$|^(amount|price|margin|landed|refund|rate|sales|units|duty|cost|"
    r"profit|share|gain|quantity|mean|worst)$"
)
ARITHMETIC = ast.Add | ast.Sub | ast.Mult | ast.Div | ast.FloorDiv | ast.Mod | ast.Pow
IN_TEMPLATE = re.compile(r"\{[{%][^}]*(\|\s*(sum|round)\b|\d\s*[*/]|[*/]\s*\d)")


def named(node: ast.expr) -> str:
    """What a name, an attribute or a call is called."""
    if isinstance(node, ast.Call):
        return named(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def sums(text: str, *, page: bool) -> Iterator[str]:
    """Where a module works something out."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
            if (module or "").partition(".")[0] in COUNTING:
                yield f"{node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.Call) and named(node) in SUMS:
            yield f"{node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ARITHMETIC):
            figure = any(FIGURE.search(named(side)) for side in (node.left, node.right))
            times = page and isinstance(node.op, ast.Mult | ast.Pow)
            if figure or times:
                yield f"{node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.AugAssign) and FIGURE.search(named(node.target)):
            yield f"{node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize(
    "line",
    [
        "total = sum(row.sales for row in rows)", "left = quote.price - quote.landed",
        "import polars as pl", "a = frame['x'].sum()", "sales += move.sales_usd",
        "x = 2 * answer", "from statistics import fmean",
    ],
)  # fmt: skip
def test_a_sum_is_found(line: str) -> None:
    assert list(sums(line, page=True))


def test_rooms_that_count_are_found() -> None:
    told = WEB.parent / "report" / "views" / "run.py"
    assert list(sums(told.read_text("utf-8"), page=False))


@pytest.mark.parametrize("file", sorted(WEB.rglob("*.py")), ids=lambda file: file.stem)
def test_no_sum_in_web(file: Path) -> None:
    assert list(sums(file.read_text("utf-8"), page=file in PAGES)) == []


def test_nor_in_its_templates() -> None:
    assert IN_TEMPLATE.search("{{ rows | sum }}")
    assert IN_TEMPLATE.search("{{ price * 2 }}")
    for file in (WEB / "templates").glob("*.html"):
        assert not IN_TEMPLATE.search(file.read_text("utf-8")), file.name
