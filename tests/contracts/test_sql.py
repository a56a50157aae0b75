"""SQL stands in one room: the others ask its accessors, which say what they give."""

import ast
import re
from pathlib import Path

import pytest

import offing

ROOT = Path(offing.__file__).parent
SQL = re.compile(
    r"\.query\(|(?<!engines)\.duck\b|\bduck\.(execute|sql)\(|source_sql\(|read_parquet\(\[|"
    r"\bSELECT\b.*\bFROM\b|\bCREATE (OR REPLACE )?(TEMP )?TABLE\b"
)
FILES = sorted(
    file for file in ROOT.rglob("*.py") if file.relative_to(ROOT).parts[0] != "warehouse"
)


def test_the_pattern_finds_sql() -> None:
    inside = [file for file in (ROOT / "warehouse").glob("*.py") if SQL.search(file.read_text())]
    assert {"store.py", "trade.py", "tariffs.py"} <= {file.name for file in inside}


def test_no_sql_outside_the_warehouse() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in FILES
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if SQL.search(line)
    ]
    assert found == [], "the warehouse gives an accessor"


LARGE = ("trade.py", "engine.py", "store.py")
"""Files whose statements read flows, reports or months: DuckDB and Spark must say the same."""
APART = re.compile(
    r"::|\bstarts_with\b|\barg_(max|min)\b|\[\d*:|\blist\(|\bDISTINCT ON\b|\blog\(|\bunnest\b|"
    r"\bORDER BY ALL\b|\bGROUP BY ALL\b|\bEXCLUDE\b|\bHUGEINT\b|\bVARCHAR\b|\bINTERVAL\b|"
    r"\b(FIRST|LAST|ANY_VALUE)\(|\bNULLS (FIRST|LAST)\b|\bsum\(value(_usd)?\)|\b(quantile|median)",
    re.IGNORECASE,
)
"""Words that one of them does not know, or that they read differently without a word."""


def statements(file: Path) -> list[str]:
    """The texts of a file that are SQL, their holes left open."""
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        words = [p.value if isinstance(p, ast.Constant) else "?" for p in parts]
        text = "".join(word for word in words if isinstance(word, str))
        if re.search(r"\b(SELECT|WHERE|GROUP BY|ORDER BY|CAST\(|CASE WHEN)\b", text):
            found.append(text)
    return found


FAULTS = (
    "year::INT", "starts_with(product, '85')", "arg_max(km, year)", "product[1:4]", "list(year)",
    "DISTINCT ON (year) product", "log(km)", "unnest(codes)", "* EXCLUDE (year)", "sum(value_usd)",
    "CAST(year AS HUGEINT)", "first(product)", "median(value_usd)", "quantile(km, 0.5)",
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, tmp_path: Path) -> None:
    file = tmp_path / "trade.py"
    file.write_text(f'def f(house):\n    return house.query(f"SELECT {fault} FROM {{house}}")\n')
    assert [text for text in statements(file) if APART.search(text)]


ELSEWHERE = {"kilometres", "editions_of_reports", "table", "source_sql", "query", "_query",
             "months_below"}  # fmt: skip
"""Functions whose statements read small tables, reports or months, or hand on those of others."""


@pytest.mark.parametrize("name", ["trade.py", "store.py"])
def test_each_statement_on_flows_is_compared_with_spark(name: str) -> None:
    compared = (Path(__file__).parents[1] / "cluster" / "test_statements.py").read_text()
    compared += "heading_results"  # asked by every product's gravity, tests/cluster/test_estimates
    tree = ast.parse((ROOT / "warehouse" / name).read_text())
    asks = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and re.search(r"SELECT|_query\(", ast.unparse(ast.Module(node.body, [])))
    }
    assert len(asks) > 4
    lacking = {each for each in asks - ELSEWHERE if not re.search(rf"\b{each}\b", compared)}
    assert lacking == set(), "compare it in tests/cluster/test_statements.py"


def test_statements_are_found() -> None:
    every = [text for name in LARGE for text in statements(ROOT / "warehouse" / name)]
    assert len(every) > 12


@pytest.mark.parametrize("name", LARGE)
def test_large_tables_are_asked_in_words_that_engines_share(name: str) -> None:
    found = [text for text in statements(ROOT / "warehouse" / name) if APART.search(text)]
    assert found == [], "say it in words that DuckDB and Spark share"
