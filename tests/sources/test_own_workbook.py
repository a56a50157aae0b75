"""A table of one's own in a workbook: a title above it, an empty line and an empty column in it."""

from pathlib import Path

from openpyxl import Workbook

from offing.sources.own_table import read_table


def test_rows_keep_their_lines_in_the_sheet(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in [
        ["Distances of 2024"],
        ["from", "to", None, "km"],
        ["CHN", "DEU", None, 7800],
        [None, None, None, None],
        ["CHN", "USA", None, None],
    ]:
        sheet.append(cells)
    book.save(tmp_path / "own.xlsx")
    table = read_table(tmp_path / "own.xlsx")
    assert table.columns == ["row", "from", "to", "km"]
    assert table.rows() == [(3, "CHN", "DEU", "7800"), (5, "CHN", "USA", None)]
