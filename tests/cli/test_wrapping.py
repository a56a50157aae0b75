"""Nothing that is printed is lost, however narrow the terminal, in either language."""

import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from offing.planning.plan import AskedPrice
from offing.report.blocks import Cell, Column, Table, fact_lines
from offing.report.decision import NamedDecision
from offing.report.terminal import rich_table, show
from offing.report.views.plan import blocks, facts, leave_folded, what_to_do
from offing.study.result import StudyResult
from report_example import staying
from report_markets import TELEVISIONS

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


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Headings in one line."""
    monkeypatch.setenv("COLUMNS", "240")


def printed(result: StudyResult, capsys: pytest.CaptureFixture[str]) -> str:
    plan, decision = result.plan, NamedDecision.from_result(result)
    show(what_to_do(plan, decision, result.warnings))
    show((fact_lines(facts(plan, decision)),))
    show(leave_folded(plan, blocks(plan, decision, {}, settled=False)))
    return " ".join(capsys.readouterr().out.replace("\u00a0", " ").split())


def test_prices_that_a_person_asks_stand_right_under_the_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """ "Stay" must not hide that the study itself cuts a price; the answer still comes first."""
    result = staying()
    asked = AskedPrice(TELEVISIONS, "DEU", 684.0, 560.0, 2.45, "literature")
    words = printed(replace(result, decided=replace(result.decided, asked=(asked,))), capsys)
    assert words.startswith("Stay as you are: no change")
    assert "! The study asks other prices than the ledger shows" in words
    assert "in Germany at USD 560 (ledger: USD 684), units × 2.5" in words
    assert words.index("These prices are yours") < words.index("Profit 2026–2027")
