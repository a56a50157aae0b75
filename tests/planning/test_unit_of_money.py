"""What a plan decides says nothing of the unit of money and goods: all may be less than one."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from offing.planning.inaction import PlanSolution, plan
from offing.planning.limits import amounts_of, binding_caps, shadow_prices, value_of_more
from offing.planning.moves import payback
from offing.planning.offers import Offers, PlanLimits, Risk
from offing.planning.outcome import currency_receipts
from offing.planning.programme import build, facts_of
from offing.planning.risk import frontier
from planning.offer_world import Shape, hours_today, world

UNIT = 2.0**-20
"""A plan is worth a few of it: what a solver may leave open is a share of more than one."""
SHAPE = Shape(2, 4, 3, scenarios=40, years=2, lot=600.0)


def small(offers: Offers) -> Offers:
    """The same firm, that counts in millions; a unit takes as many more hours."""
    rows = [
        replace(row, hours=row.hours / UNIT, lot=row.lot * UNIT, keep_cny=row.keep_cny * UNIT,
                entry_cny=row.entry_cny * UNIT)
        for row in offers.rows
    ]  # fmt: skip
    return replace(
        offers, rows=tuple(rows), units=offers.units * UNIT,
        profit_cny=offers.profit_cny * UNIT, sales_usd=offers.sales_usd * UNIT,
    )  # fmt: skip


def solved(offers: Offers, unit: float, hours: float) -> PlanSolution:
    limits = PlanLimits(
        {("p0", "line"): (hours, hours)}, entry_budget_cny=6e5 * unit,
        working_capital_cny=2e6 * unit, market_share={"K0": 0.3},
    )  # fmt: skip
    return plan(build(facts_of(offers, limits)), Risk(0.5))


@pytest.fixture(scope="module", params=range(3))
def both(request: pytest.FixtureRequest) -> tuple[PlanSolution, PlanSolution]:
    offers = world(SHAPE, request.param)
    hours = hours_today(offers) * 0.8
    return solved(offers, 1.0, hours), solved(small(offers), UNIT, hours)


Pair = tuple[PlanSolution, PlanSolution]


def test_the_same_moves_for_so_much_less(both: Pair) -> None:
    large, little = both
    assert [(m.key, m.kinds, m.reason) for m in (*little.moves, *little.not_yet)] == [
        (m.key, m.kinds, m.reason) for m in (*large.moves, *large.not_yet)
    ]
    assert little.solution.value == pytest.approx(large.solution.value * UNIT, rel=1e-6)
    assert little.stay.value == pytest.approx(large.stay.value * UNIT, rel=1e-6)
    for few, many in zip(little.moves, large.moves, strict=True):
        assert few.chance == many.chance
        assert few.units_after == pytest.approx(np.array(many.units_after) * UNIT, rel=1e-5)
    assert little.solution.decision.share == pytest.approx(large.solution.decision.share, abs=1e-5)


def test_limits_bind_alike_and_their_prices_are_in_the_unit(both: Pair) -> None:
    def told(one: PlanSolution) -> tuple[Any, ...]:
        programme, solution, risk = one.programme, one.solution, Risk(0.5)
        names = sorted(set(amounts_of(programme)))
        prices = shadow_prices(programme, risk, solution)
        return (
            binding_caps(programme, solution), names,
            {(p.limit, p.subject, p.year): (p.price_cny, p.confirmed) for p in prices},
            value_of_more(programme, risk, solution, names, 1.1),
        )  # fmt: skip

    (caps, names, prices, more), (few_caps, few_names, few_prices, few_more) = map(told, both)
    assert few_caps == pytest.approx(caps, rel=1e-5)
    assert few_names == names
    assert few_prices.keys() == prices.keys()
    for name, (price, is_confirmed) in prices.items():
        per = UNIT if name[0] == "line_hours" else 1.0
        assert few_prices[name] == (pytest.approx(price * per, rel=1e-5), is_confirmed)
    for name, worth in more.items():
        assert few_more[name] == (None if worth is None else pytest.approx(worth * UNIT, rel=1e-4))


def test_what_is_paid_back_and_received(both: Pair) -> None:
    large, little = both
    cash = np.array([[-3.0, 2.0, 2.0], [-3.0, 4.0, 0.0], [-3.0, 1.0, 1.0]])
    assert payback(little.programme, cash * UNIT) == payback(large.programme, cash)
    for code in ("USD", "EUR"):
        few, many = (
            currency_receipts(one.programme, one.solution.decision.share, {}, code, 2027)
            for one in (little, large)
        )
        assert few == pytest.approx(many * UNIT, rel=1e-5)


def test_the_frontier_has_the_same_points(both: Pair) -> None:
    large, little = both
    few, many = (
        frontier(one.programme, None, start=one.solution.decision) for one in (little, large)
    )
    assert few.keys() == many.keys()
    for name, point in many.items():
        assert few[name].outcome.mean == pytest.approx(point.outcome.mean * UNIT, rel=1e-4)
