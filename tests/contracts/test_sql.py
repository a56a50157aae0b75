"""SQL stands in one room: the others ask its accessors, which say what they give."""

import re
from pathlib import Path

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
