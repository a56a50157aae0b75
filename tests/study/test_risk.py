"""How a plan holds, and what a target would need, on the example's plan."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from example_plan import made, studied, world
from offing.planning.programme import Programme
from offing.planning.risk import Rebuilt, RiskFigures, TargetFigures
from offing.planning.solving import Solution
from offing.study.file import Study
from offing.study.plan import StudyPlan, plan_products
from offing.study.risk import inputs_of, risk_of
from offing.study.target import PlanTarget, parse_target, target_of
from offing.terms.errors import InputError

pytestmark = pytest.mark.slow


@cache
def tight() -> StudyPlan:
    """The same firm with fewer hours on each line."""
    study = world().study
    plants = [
        plant.model_copy(
            update={
                "line": [
                    line.model_copy(update={"hours": line.hours * 7 / 10}) for line in plant.line
                ]
            }
        )
        for plant in study.plant
    ]
    parts = {name: getattr(study, name) for name in Study.model_fields if name != "version"}
    other = Study.model_validate({**parts, "schema": 2, "plant": plants})
    return plan_products(replace(world(), study=other), studied())


@cache
def still() -> TargetFigures:
    """No growth asked of the tight firm."""
    return target_of(tight(), parse_target("+0%"))


@cache
def risk() -> RiskFigures:
    found = risk_of(made())
    assert found is not None
    return found


def test_the_plan_is_the_boldest_point_and_the_careful_one_is_safer() -> None:
    points = {point.name: point for point in risk().points}
    decided = made().decided
    assert points["today"].mean_cny == pytest.approx(decided.today.mean)
    assert points["bold"].mean_cny == pytest.approx(decided.plan.mean)
    assert points["bold"].worst_cny == pytest.approx(decided.plan.worst)
    assert points["careful"].worst_cny >= points["bold"].worst_cny
    assert points["careful"].mean_cny <= points["bold"].mean_cny
    for name, point in points.items():
        beats = point.mean_cny >= points["bold"].mean_cny
        assert name in ("today", "bold") or not beats or point.worst_cny == points["bold"].worst_cny
    shares = [point.best for point in risk().points if point.best is not None]
    assert sum(shares) == pytest.approx(1.0)


def test_a_bar_is_the_plan_beside_today_where_an_input_is_moved() -> None:
    """Costs a fifth higher: from the offers themselves, all else as it is."""
    bar = next(bar for bar in risk().bars if bar.name == "cost")
    solved, offers = made().solved, made().choices.offers
    ways = {
        (outlet.model, outlet.market, way.plant, way.currency): way.cost_cny
        for shelf in made().choices.shelves.values()
        for outlet in shelf.outlets
        for way in outlet.deliveries
    }
    cost = np.array([ways[r.model, r.market, r.plant, r.currency] for r in offers.rows])
    more = offers.units * (made().choices.costs["inputs"][:, :, None] * cost) * 0.2

    def dearer(share: np.ndarray) -> float:
        return float(np.einsum("y,syo,yo->s", offers.discount, more, share).mean())

    less = dearer(solved.solution.decision.share) - dearer(solved.stay.decision.share)
    assert bar.high_cny == pytest.approx(risk().gain_cny - less, rel=0.03)


def moved(name: str, subject: str = "") -> Rebuilt:
    found = inputs_of(made().solved, made().choices)
    return next(rebuilt for *one, _, rebuilt in found if one == [name, subject])


@pytest.mark.parametrize(
    ("name", "subject"),
    [("demand", ""), ("cost", ""), ("rate", "EUR"), ("duty", ""), ("freight", ""), ("keeping", "")],
)
def test_an_input_as_assumed_changes_nothing(name: str, subject: str) -> None:
    solved, one = made().solved, moved(name, subject)

    def earned(programme: Programme, plan: Solution) -> float:
        choice, share = plan.decision.choice, plan.decision.share
        return float((programme.worth * share).sum() - programme.fixed @ choice)

    for plan in (solved.solution, solved.stay):
        known = earned(solved.programme, plan)
        assert earned(one(1.0), plan) == pytest.approx(known, rel=1e-5)
    same, other = one(1.0), one(1.2)
    assert not (np.allclose(same.worth, other.worth) and np.allclose(same.fixed, other.fixed))


def test_what_hedges_bring_is_told_once() -> None:
    """The first screen's lines add up to the gain: moves, small moves, hedges."""
    decided = made().decided
    assert decided.money_gain is not None
    assert decided.money_gain.mean_cny > 0.005 * decided.gain_cny
    told = [*(move.gain_cny or 0 for move in decided.weighty), decided.small_cny]
    assert sum(told) + decided.money_gain.mean_cny == pytest.approx(decided.gain_cny, rel=0.003)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("+30%", PlanTarget("sales", 0.3, None)),
        ("利润增长2.5成", PlanTarget("profit", 0.25, None)),
        ("销售下降 5％", PlanTarget("sales", -0.05, None)),
        ("profit 90,000,000", PlanTarget("profit", None, 9e7, "CNY")),
        ("销售额 80000000", PlanTarget("sales", None, 8e7, "USD")),
        ("利润：2000万元", PlanTarget("profit", None, 2e7, "CNY")),
        ("２０００万美元", PlanTarget("sales", None, 2e7, "USD")),
        ("profit USD 2m", PlanTarget("profit", None, 2e6, "USD")),
        ("销售达到1.2亿元", PlanTarget("sales", None, 1.2e8, "CNY")),
        ("profit 0.5", PlanTarget("profit", None, 0.5, "CNY")),
    ],
)
def test_a_target_is_read(text: str, meant: PlanTarget) -> None:
    found = parse_target(text)
    assert (found.of, found.amount) == (meant.of, meant.amount)
    assert found.change == pytest.approx(meant.change) if meant.change else found.change is None
    if meant.amount:
        assert found.currency == meant.currency


NO_TARGETS = "|30 apples|more|+30|+2000万元|margin +3%|-100%|-10成|1.2.3%|0|销售 -5万元|3成%|USD"


@pytest.mark.parametrize("text", NO_TARGETS.split("|"))
def test_a_target_that_is_not_clear_is_asked_back(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_target(text)
    assert caught.value.key == "planning.bad_target"


def test_out_of_reach_without_any_limit() -> None:
    target = target_of(made(), parse_target("+100%"))
    assert (target.chance, target.decided, target.needs) == (None, None, ())
    assert target.plan <= target.most * (1 + 1e-6)
    assert target.most <= target.unlimited * (1 + 1e-6)
    assert target.unlimited < target.amount


def test_limits_that_keep_a_target_out_are_named_with_what_would_do() -> None:
    plan = tight()
    between = (still().most + still().unlimited) / 2
    target = target_of(plan, PlanTarget("sales", None, between))
    assert target.chance is None
    assert {need.limit for need in target.needs} == {"line_hours"}
    assert all(need.needed is None or need.needed > (need.now or 0) for need in target.needs)


def test_a_target_within_reach_says_what_it_takes() -> None:
    plan = tight()
    between = (still().plan + still().most) / 2
    target = target_of(plan, PlanTarget("sales", None, between))
    assert target.chance is not None
    assert target.decided is not None
    assert {(m.product, m.market, m.kind) for m in target.decided.moves} != {
        (m.product, m.market, m.kind) for m in plan.decided.moves
    } or target.cost_cny


def test_what_a_target_costs_adds_up_of_its_moves() -> None:
    """Beside the status quo; hedges are told by themselves, spreads of changed sales are small."""
    plan = tight()
    between = (still().plan + still().most) / 2
    made_of = target_of(plan, PlanTarget("sales", None, between)).decided
    assert made_of is not None
    money = made_of.money_gain.mean_cny if made_of.money_gain else 0.0
    cost = made_of.plan.mean - made_of.today.mean - money
    assert sum(move.own_cny or 0.0 for move in made_of.moves) == pytest.approx(cost, rel=0.05)


@pytest.mark.parametrize("text", ["2000万", "利润 2000万", "2m", "$80000000", "profit ¥2,000,000"])
def test_an_amount_that_may_be_yuan_or_dollars_is_asked_back(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_target(text)
    assert caught.value.key == "planning.target_currency"
    said = caught.value.next_step
    assert said is not None
    for currency in ("CNY", "USD"):
        size = said.split(f"{currency} ")[1].split(" or")[0]
        assert parse_target(f"{currency} {size}").currency == currency


@pytest.mark.parametrize(
    "wish", [PlanTarget("sales", None, 30), PlanTarget("profit", None, 500, "CNY")]
)
def test_an_amount_of_next_to_nothing_is_asked_back(wish: PlanTarget) -> None:
    with pytest.raises(InputError) as caught:
        target_of(made(), wish)
    assert caught.value.key == "planning.target_tiny"


def test_what_the_plan_reaches_needs_nothing_more() -> None:
    target = target_of(made(), parse_target("+10%"))
    assert target.plan >= target.amount == pytest.approx(1.1 * made().plan.sales_now_usd)
    assert target.cost_cny == 0
    assert target.decided is made().decided
