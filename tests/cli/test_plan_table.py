"""The plan in the terminal: what to do first, then rows in a unit that shows something."""

from dataclasses import replace

import pytest

from offing.planning.plan import AskedPrice
from offing.report.blocks import fact_lines
from offing.report.decision import NamedDecision
from offing.report.terminal import show
from offing.report.views.plan import blocks, facts, leave_folded, what_to_do
from offing.study.result import StudyResult
from report_example import staying
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
