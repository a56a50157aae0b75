"""The plan in the terminal: what to do first, then rows in a unit that shows something."""

from dataclasses import replace

import pytest

from offing.planning.plan import AskedPrice
from offing.report.decision import NamedDecision, decisive_cautions, further_cautions
from offing.report.terminal import show
from offing.report.views.plan import facts, told_plan
from offing.study.result import StudyResult
from offing.terms.caution import Caution, Dollars, Likelihood, Phrase, countries
from offing.terms.messages import speaking
from offing.terms.numbers import money
from report_example import example, one_product, staying
from report_markets import TELEVISIONS


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Headings in one line."""
    monkeypatch.setenv("COLUMNS", "240")


def printed(result: StudyResult, capsys: pytest.CaptureFixture[str]) -> str:
    decision = NamedDecision.of_result(result)
    show(told_plan(result.plan, decision, result.warnings, 12))
    return " ".join(capsys.readouterr().out.replace("\u00a0", " ").split())


def test_moves_come_before_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    words = printed(example(), capsys)
    assert words.startswith("Try Enter Poland with the Television sets and monitors")
    raised = words.index("Do Raise the Television sets and monitors to EUR 481 in Germany")
    assert raised < words.index("Invoice the") < words.index("The plan for 2027")
    assert "Beats today's way: 81%" in words
    assert "Worst of twenty, 2026–2027: CNY 22.5 m (today's way: CNY 21 m)" in words


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


def test_only_cautions_that_could_turn_the_plan_stand_beside_it() -> None:
    """Three at most, what weighs most first; one about little money or another market does not."""
    result = example()
    planned = {row.market for row in result.plan.rows if row.sales_usd > 0}
    assert "DEU" in planned
    assert "BRA" not in planned
    little, much = (Dollars(round(result.plan.sales_usd * share)) for share in (0.01, 0.1))
    rest = [
        Caution("study.warn_unread", {"names": "x"}),
        Caution("study.warn_no_model", {"usd": little, "names": "X1"}),
        Caution("study.warn_at_cap", {"markets": countries(["DEU"]), "cap": "35%"}),
        Caution("study.warn_other_markets", {"usd": much, "markets": countries(["ARE"])}),
        Caution("study.warn_no_quote", {"markets": countries(["BRA", "DEU"])}),
        Caution(
            "study.warn_missing",
            {
                "about": Phrase("study.about_plan"),
                "unknown": Phrase("study.no_tariff_line"),
                "markets": countries(["DEU"]),
                "usd": much,
                "holds": Likelihood(0.9),
            },
        ),
    ]
    given = result.plan, NamedDecision.of_result(result), rest
    turning, others = decisive_cautions(*given), further_cautions(*given)
    assert [text.split()[0:4] for text in turning] == [
        ["Missing", "in", "Germany:", "the"],
        ["At", "most", "35%", "of"],
        [*money(much * 7.25, "CNY").split(), "of", "the"][:4],
    ]
    assert "the answer holds for 90% of all sales" in turning[0]
    assert [text for text in others if "Brazil" in text]
    assert [text for text in others if "X1" in text]


def test_a_small_plan_is_in_thousands(capsys: pytest.CaptureFixture[str]) -> None:
    result = one_product()
    assert "Plan 2027, CNY m" in printed(result, capsys)
    rows = tuple(
        replace(r, sales_usd=r.sales_usd / 1e3, sales_now_usd=0.0) for r in result.plan.rows
    )
    total = sum(row.sales_usd for row in rows)
    small = replace(result.plan, rows=rows, sales_usd=total, sales_now_usd=0.0)
    words = printed(replace(result, plan=small), capsys)
    assert "Plan 2027, CNY thousand" in words
    assert f"{total * 7.25 / 1e3:,.1f}" in words


def test_the_worst_of_twenty_is_told_in_the_unit_of_the_profit() -> None:
    made = example()
    spread = replace(made.decided.plan, mean=174e6, low=73e6)
    today = replace(made.decided.today, mean=164e6, low=67e6)
    decided = replace(made.decided, plan=spread, today=today, gain_low_cny=272_000.0)
    decision = NamedDecision.of_result(replace(made, decided=decided))
    with speaking("zh"):
        said = " ".join(f"{f.value} {f.remark}" for f in facts(made.plan, decision)[:3])
    assert "17,400\u00a0万元" in said
    assert "+27.2\u00a0万元" in said
    assert "亿" not in said
    with speaking("en"):
        said = " ".join(f"{f.value} {f.remark}" for f in facts(made.plan, decision)[:3])
    assert "CNY\u00a0174\u00a0m" in said
