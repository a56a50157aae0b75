"""The plan in the terminal: what to do first, then rows in a unit that shows something."""

from dataclasses import replace

import pytest

from offing.planning.plan import AskedPrice
from offing.report.blocks import fact_lines
from offing.report.decision import NamedDecision
from offing.report.terminal import show
from offing.report.views.plan import blocks, facts, leave_folded, what_to_do
from offing.study.result import StudyResult
from report_example import example, staying
from report_markets import TELEVISIONS


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


def test_moves_come_before_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    words = printed(example(), capsys)
    assert words.startswith("Try Enter Poland with the Television sets and monitors")
    raised = words.index("Do Raise the Television sets and monitors to EUR 481 in Germany")
    assert raised < words.index("Invoice the") < words.index("The plan for 2027")
    assert "Beats the status quo: 81%" in words
    assert "Worst 5%, 2026–2027: CNY 22.5 m (status quo: CNY 21 m; computed: CNY 25.3 m)" in words


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
