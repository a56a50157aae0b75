"""What is said of a move in its own terms."""

from dataclasses import replace
from datetime import date
from typing import Any

from offing.planning.plan import MoneyGain, MoveTerms
from offing.report.decision import NamedDecision
from offing.report.move_words import terms_sentence
from offing.report.views.moves import view
from offing.terms.messages import using_language
from report_example import decided, move
from report_markets import TELEVISIONS

TERMS = MoveTerms(0.114, 0.0, 620.0, 620.0, 21.0, "main", 1200.0, 0.09)


def named() -> NamedDecision:
    return NamedDecision(
        decided(), {}, {"qingdao": "China", "monterrey": "Mexico"}, {"main": "Line 1"},
        {TELEVISIONS: "item"}, date(2026, 6, 1),
    )  # fmt: skip


def said(kind: str, **parts: Any) -> str:
    """Both sentences of a move's terms, without hard spaces."""
    one = move(kind, TELEVISIONS, "USA", terms=replace(TERMS, **parts))
    return terms_sentence(named(), one).replace("\u00a0", " ")


def test_another_plant_saves_duty_and_pays_above_a_gap() -> None:
    with using_language("en"):
        assert said("other_plant") == (
            "FOB USD 500 → USD 500 a unit. Landed USD 620 → USD 620 a unit. "
            "Saves duty of USD 21.0 per item. Pays while the duty gap is above 9 points."
        )
        assert "Landed USD 620 → USD 604 a unit." in said("other_plant", landed_after_usd=604.0)
        assert said("other_plant", duty_saved_usd=-3.0, break_even=-0.02).endswith(
            "Bears more duty: USD 3.00 per item. Pays without any duty gap too."
        )
        bare = {"duty_saved_usd": None, "break_even": None, "landed_before_usd": None}
        assert said("other_plant", **bare) == "FOB USD 500 → USD 500 a unit."
        assert said("leave", break_even=None) == ""
    with using_language("zh"):
        assert "关税差高于 9 个百分点" in said("other_plant")


def test_a_price_turns_at_an_elasticity_and_an_entry_at_its_units() -> None:
    with using_language("en"):
        assert "elasticity of demand is below 5.2" in said("dearer", break_even=5.21)
        assert said("dearer", landed_after_usd=650.0).startswith("Landed USD 620 → USD 650 a unit.")
        assert "elasticity of demand is above 3.4" in said("cheaper", break_even=3.42)
        assert said("enter", break_even=421.4) == "Earns its costs from 421 items over 2026–2027."


def test_a_page_shows_duty_and_landed_price_where_a_plant_changes() -> None:
    with using_language("en"):
        one = move("other_plant", TELEVISIONS, "USA", terms=TERMS)
        table, notes, _ = view(named(), one)
        assert "Duty on CIF" in str(table)
        assert "11%" in str(table)
        assert "above 9 points" in str(notes)


def test_a_settlement_that_worsens_the_worst_cases_is_not_called_certain() -> None:
    """Half a million better in the worst twentieth is certain, so much worse is not."""
    told = {}
    for worst in (500_000.0, -500_000.0):
        gain = MoneyGain(159_000.0, worst, 0.0, 0.0228)
        figures = replace(decided(), money_gain=gain, pilots=(), moves=(), not_yet=())
        with using_language("en"):
            answer = replace(named(), figures=figures).answer()
            blocks = [str(block).replace("\\xa0", " ") for block in answer]
            at = next(n for n, block in enumerate(blocks) if "Settle: " in block)
            told[worst] = blocks[at - 1], blocks[at]
        assert "no change is proposed but what stands below" in blocks[0]
    assert "'Certain'" in told[500_000.0][0]
    assert "worst 5% of cases becomes CNY 500,000 higher" in told[500_000.0][1]
    assert "'Do'" in told[-500_000.0][0]
    assert "worst 5% of cases becomes CNY 500,000 lower" in told[-500_000.0][1]
