"""Nothing that is printed is lost, however narrow the terminal, in either language."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from offing.report.blocks import Cell, Column, Table
from offing.report.terminal import rich_table

COLUMNS = ["Data set", "What it is", "Rows", "Licence"]
ROWS = [
    ["tariff-us", "美国关税：最惠国税率与各项加征关税清单，按八位税号", "27,924", "public"],
    ["ev", "most-favoured-nation rates and lists of duties", "197,534", "no re-dissemination"],
]


@pytest.mark.parametrize("width", [20, 30, 45, 60, 80, 140])
def test_a_table_shows_every_letter_at_any_width(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    out = Console(file=io.StringIO(), width=width)
    columns = tuple(Column(name, number=name == "Rows") for name in COLUMNS)
    rows = tuple(tuple(map(Cell, row)) for row in ROWS)
    out.print(rich_table(Table("sets", "内容 What", columns, rows)))
    shown = out.file.getvalue()  # type: ignore[attr-defined]
    assert "…" not in shown
    assert all(cell_len(line.rstrip()) <= width for line in shown.splitlines())
    for letter in set("".join(cell for row in ROWS for cell in row)) - {" "}:
        wanted = sum(cell.count(letter) for row in ROWS for cell in row)
        assert shown.count(letter) >= wanted, letter
