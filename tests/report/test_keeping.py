"""What a first screen says beside its figures: illustrative costs, and trials beside staying."""

from typing import Any

import pytest

from offing.report.decision import NamedDecision
from offing.report.views.plan import _illustrative_keeping
from offing.study.choices import sums_note
from offing.study.schema import Entering, Keeping
from offing.terms.messages import using_language
from study.stand_ins import like


def told(keeping: dict[str, Any], *rows: tuple[float, float]) -> str:
    note = sums_note(Entering(), Keeping(**keeping))
    figures = like(assumed=() if note is None else (note,), cny_per_usd=7.0)
    plan = like(rows=[like(margin_usd=margin, keep_usd=keep) for margin, keep in rows])
    with using_language("en"):
        return _illustrative_keeping(plan, like(figures=figures))


OWN = {"certification_cny": 25_000, "listing_cny": 20_000, "visits_cny": 30_000}


@pytest.mark.parametrize(
    ("keeping", "margins", "cny"),
    [
        ({}, (4000.0, -9000.0), "350,000"),  # two rows of 25,000 USD, of CNY 7
        (OWN, (4000.0, -9000.0), "191,000"),  # of 165,000 the promotion, 90,000, is nobody's own
        ({}, (200_000.0, 249_000.0), "350,000"),  # 50,000 of 499,000: over a tenth
        ({}, (200_000.0, 251_000.0), ""),
        ({**OWN, "promotion_cny": 90_000, "first_stock_cny": 0}, (4000.0, -9000.0), ""),
    ],
)
def test_what_nobody_stated_is_told_where_it_is_much_of_the_profit(
    keeping: dict[str, Any], margins: tuple[float, ...], cny: str
) -> None:
    said = told(keeping, *((margin, 25_000.0) for margin in margins))
    assert (cny in said) if cny else (said == "")


@pytest.mark.parametrize(
    ("trials", "says"), [([], "no change is proposed."), ([1], "but the trial")]
)
def test_to_stay_does_not_contradict_a_trial(trials: list[int], says: str) -> None:
    decision: Any = like(
        figures=like(without_sales=False, not_yet=(), money_gain=None), _entries=lambda: trials
    )
    with using_language("en"):
        assert says in NamedDecision._stay(decision).text
