"""The plan's rule out of time: hand-worked plans, and nothing later than the year of the plan."""

import pytest

from offing.forecast.ranking import ForecastTask, fit_product
from offing.planning import Candidate, Limits
from offing.study.earlier import RULES, Earlier, earlier_plans, earlier_years
from offing.warehouse import Warehouse
from offing.warehouse.store import starter_folder

HOUSE = Warehouse(starter_folder(), is_starter=True)
SET = HOUSE.trade_set("8528", None)


def candidate(market: str, *, now: float, margin: float) -> Candidate:
    """A tenth of what the origin sells there."""
    return Candidate(
        "8528", market, "high", 500.0, margin, now, 0.5, 10 * now, 10 * now, None, None
    )


LIMITS = Limits(capacity={"8528": 1e6}, largest_market_share=1.0)
CANDIDATES = [candidate("DEU", now=1e6, margin=0.2), candidate("FRA", now=2e6, margin=0.1)]
KNOWN = {"8528": {2021: {"DEU": Earlier(8e6, 12e6, 10e6), "FRA": Earlier(20e6, 16e6, 30e6)}}}


def test_plans_worked_by_hand() -> None:
    """The firm holds a tenth of each market; what the plan asks beyond what came stays unsold."""
    made = {plan.rule: plan for plan in earlier_plans(CANDIDATES, LIMITS, KNOWN, 2)}
    assert tuple(made) == RULES
    said = made["outlook"]
    assert (said.base_year, said.horizon) == (2021, 2)
    assert said.planned_usd == pytest.approx(1.2e6 + 1.6e6)
    assert said.sold_usd == pytest.approx(1.0e6 + 1.6e6)
    assert said.margin_usd == pytest.approx(0.2e6 + 0.16e6)
    same = made["persistence"]
    assert same.planned_usd == same.sold_usd == pytest.approx(0.8e6 + 2.0e6)
    best = made["foresight"]
    assert best.planned_usd == best.sold_usd == pytest.approx(1.0e6 + 3.0e6)
    assert best.margin_usd == pytest.approx(0.2e6 + 0.3e6)


def test_capacity_goes_where_the_plan_expects_the_margin() -> None:
    """With 2,000 sets the better margin is served first, as far as the outlook goes."""
    tight = Limits(capacity={"8528": 2000}, largest_market_share=1.0)
    made = {plan.rule: plan for plan in earlier_plans(CANDIDATES, tight, KNOWN, 2)}
    assert made["outlook"].planned_usd == pytest.approx(1e6)
    assert made["outlook"].margin_usd == pytest.approx(0.2e6)
    assert made["persistence"].margin_usd == pytest.approx(0.2 * 0.8e6 + 0.1 * 0.2e6)
    assert made["foresight"].margin_usd >= max(p.margin_usd for p in made.values())


def test_no_plan_where_a_market_did_not_report_or_the_cap_cannot_hold() -> None:
    assert earlier_plans(CANDIDATES, LIMITS, {"8528": {2021: {}}}, 2) == ()
    half = Limits(capacity={"8528": 1e6}, largest_market_share=0.5)
    only = {"8528": {2021: {"DEU": Earlier(8e6, 12e6, 10e6)}}}
    assert earlier_plans(CANDIDATES, half, only, 2) == ()
    assert earlier_plans(CANDIDATES, LIMITS, {}, 2) == ()


def test_earlier_outlooks_see_nothing_later() -> None:
    """As of 2022 the outlook is the same whether or not later years are loaded."""
    long = fit_product(HOUSE, ForecastTask("8528", SET, 2024, 1))
    as_of = fit_product(HOUSE, ForecastTask("8528", SET, 2022, 1))
    found = earlier_years(long, "CHN", horizon=1, base_years=[2022])[2022]
    then = as_of.by_market("CHN")
    assert set(found) <= set(then)
    for market, one in found.items():
        assert one.expected == pytest.approx(then[market].expected_usd, rel=1e-9)
        assert one.base == then[market].base_usd
    flows = HOUSE.flows("8528", dataset=SET).filter(
        HOUSE.flows("8528", dataset=SET)["exporter"] == "CHN"
    )
    came = dict(flows.filter(flows["year"] == 2023).select("importer", "value_usd").iter_rows())
    assert found["DEU"].later == pytest.approx(came["DEU"])
