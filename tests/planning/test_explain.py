"""The trace of a row of the plan: its numbers give the plan's figures when one computes them."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.planning import Candidate, Limits, build, explain_row, read_back, solve
from offing.terms.messages import speaking

AMOUNT = st.floats(1e5, 1e9)


def numbers(text: str) -> list[float]:
    found = re.findall(r"\d[\d,]*(?:\.\d+)?%?", text)
    return [float(n.rstrip("%").replace(",", "")) / (100 if n.endswith("%") else 1) for n in found]


@settings(deadline=None, max_examples=60)
@given(st.booleans(), AMOUNT, AMOUNT, AMOUNT, st.floats(0.01, 1), st.floats(0.0, 0.6))
def test_the_steps_compute_to_the_row(
    sells: bool, now: float, base: float, expected: float, tier: float, margin: float
) -> None:
    made = Candidate("8528", "DEU", "high", 500.0, margin, now if sells else 0.0, tier, base,
                     expected, 0.7 * expected, 1.4 * expected)  # fmt: skip
    other = Candidate("8528", "USA", "high", 400.0, 0.3, 2e7, 1.0, 1e9, 1e9, None, None)
    limits = Limits({"8528": 1e9}, largest_market_share=1.0, largest_growth=2.0, caution=0.25)
    plan = read_back(model := build([made, other], limits), solve(model))
    row = next(row for row in plan.rows if row.market == "DEU")
    with speaking("en"):
        steps = explain_row(row, made, limits)
    if sells:
        first, outlook, before, most, reach = numbers(steps[1])
        assert reach == pytest.approx(min(first * outlook / before, first * most), rel=1e-4, abs=1)
    else:
        entry, share, outlook, reach = numbers(steps[1])
        assert reach == pytest.approx(entry * share * outlook, rel=0.05, abs=1)
    if margin < limits.least_margin_rate:
        assert "Left out" in steps[-1]
        assert row.sales_usd == 0
        return
    sales, rate, earned = numbers(steps[-1])
    assert sales == pytest.approx(row.sales_usd, abs=1)
    assert earned == pytest.approx(sales * rate, rel=0.01, abs=2)
    if row.limit == "outlook":
        assert sales == pytest.approx(reach, rel=1e-5, abs=1)


def test_an_outlook_without_an_interval_has_no_weight() -> None:
    made = Candidate("8528", "DEU", "all", 500.0, 0.2, 1e6, 1.0, 1e8, 1e8, None, None)
    limits = Limits({"8528": 1e9}, largest_market_share=1.0)
    plan = read_back(model := build([made], limits), solve(model))
    with speaking("zh"):
        steps = explain_row(plan.rows[0], made, limits)
    assert len(steps) == 4
    assert all(re.search("[一-鿿]", step) for step in steps)
