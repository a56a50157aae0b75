"""CSV for people is written in one place, where no cell is left that a spreadsheet would run."""

import re
from pathlib import Path

import offing

ROOT = Path(offing.__file__).parent
WRITES = re.compile(
    r"\bcsv\.(writer|DictWriter)\(|\.(write_csv|to_csv|sink_csv|writeCSV)\b|\bCOPY\b|"
    r"FORMAT\s+(csv|CSV)"
)
ONE = "terms/frames.py"
READ_AGAIN = {"api/asking.py": 1, "sources/fetching.py": 1, "web/pages/begin.py": 1}
"""Tables that offing writes for itself to read them again, a publisher's numbers as they are."""
CELLS = re.compile(r"\.(write|write_row|write_column|add_table)\(")


def test_nothing_else_writes_csv() -> None:
    found = {
        file.relative_to(ROOT).as_posix(): len(WRITES.findall(file.read_text("utf-8")))
        for file in sorted(ROOT.rglob("*.py"))
    }
    assert found.pop(ONE) == 2
    assert {file: times for file, times in found.items() if times} == READ_AGAIN, (
        "tables for people are written by offing.terms.frames"
    )


def test_the_pattern_finds_the_ways_that_there_are() -> None:
    for line in (
        "csv.writer(file)", "csv.DictWriter(f, names)", "frame.write_csv(p)", "x.write_csv)",
        "df.to_csv(p)", "lazy.sink_csv(p)", "COPY t TO 'x.csv' (FORMAT csv)",
    ):  # fmt: skip
        assert WRITES.search(line)


def test_a_workbook_s_cells_are_written_by_their_kind() -> None:
    """``write_string`` never makes a formula; ``write`` looks at what a text begins with."""
    found = {
        file.relative_to(ROOT).as_posix(): len(CELLS.findall(file.read_text("utf-8")))
        for file in sorted((ROOT / "report" / "workbook").glob("*.py"))
    }
    assert {file for file, times in found.items() if times} == set()
