"""What two runs are set side by side by: landed cost, duty, price, sales under an elasticity."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from offing.forecast.results import Outlook
from offing.policy.comparison import totals
from offing.policy.effects import TradeEffects
from offing.report.views import whatif as told
from offing.rules.reform import Reform
from offing.rules.rule_use import RuleUse, value_text
from offing.study import scenario as whatif
from offing.study.analysis import Demand
from offing.study.demand_response import DemandResponse
from offing.study.scenario import Scenario, reform_scenario
from study.stand_ins import like

D = Decimal


def line(stage: str, per_unit: str, *, subtotal: bool = False) -> Any:
    return like(stage=stage, per_unit=D(per_unit), subtotal=subtotal)


def quote(landed: str = "400", **fx: str) -> Any:
    lines = (
        line("EXW", "290", subtotal=True), line("FOB", "10"), line("FOB", "300", subtotal=True),
        line("duty", "30"), line("duty", "6"), line("duty", "336", subtotal=True),
    )  # fmt: skip
    rates = tuple((code, D(rate), date(2024, 1, 1)) for code, rate in fx.items())
    rules = ("r1", "r2")
    return like(lines=lines, landed=D(landed), quantity=D(4), fx=rates, rules=rules)


def test_dearer_in_the_markets_own_currency() -> None:
    """A tenth dearer in dollars, and a euro that was 0.8 and is 1 to the dollar: 1.375 times."""
    was, now = quote("400", EUR="0.8"), quote("440", EUR="1")
    assert whatif._dearer(was, now, "EUR") == pytest.approx(1.375)
    assert whatif._dearer(was, now, "GBP") == pytest.approx(1.1)
    assert whatif._dearer(was, quote("440"), "EUR") == pytest.approx(1.1)


OUTLOOK = Outlook(90.0, 2024, 2, 100.0, 50.0, 200.0, "x", (), 10.0)


def scaled(elasticity: str | None) -> Demand:
    standings = [
        {m: like(cost=like(quote=q)) for m, q in sides.items()}
        for sides in (
            {"DEU": quote("400"), "GBR": quote("400"), "FRA": None},
            {"DEU": quote("500"), "GBR": None, "FRA": quote("500")},
        )
    ]
    outlooks = dict.fromkeys(("DEU", "GBR", "FRA"), OUTLOOK)
    demand = Demand(None, None, outlooks, {"GBR": 0.5})  # type: ignore[arg-type]
    laws: Any = like(rulebook=like(regime=lambda market: like(currency="EUR")))
    reform = Reform("x", elasticity=None if elasticity is None else Decimal(elasticity))
    return whatif._move_demand(
        like(demand=demand, standings=standings[0]), standings[1], laws, reform
    )


def test_sales_fall_by_the_reforms_own_elasticity() -> None:
    """A quarter dearer at 2: 0.64 of the mean and of both ends; where a quote lacks, as it was."""
    found = scaled("2")
    germany = found.outlook["DEU"]
    assert (germany.expected_usd, germany.low80, germany.high80) == pytest.approx((64, 32, 128))
    assert germany.base_usd == 90
    assert found.outlook["GBR"] == found.outlook["FRA"] == OUTLOOK
    assert found.factors == pytest.approx({"DEU": 0.64, "GBR": 0.5})
    assert scaled("0").outlook["DEU"] == OUTLOOK


def test_plants_abroad_by_their_own_landed_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    costs = {
        "was": {"USA": quote("400"), "CAN": quote("400"), "BRA": None},
        "now": {"USA": quote("800"), "CAN": None, "BRA": quote("1")},
    }
    monkeypatch.setattr(whatif, "foreign_plants", lambda *_: [like(key="mex", country="MEX")])
    monkeypatch.setattr(
        whatif,
        "from_other_plants",
        lambda world, _, market: {"mex": like(quote=costs[world.name][market])},
    )
    laws = like(rulebook=like(regime=lambda market: like(currency="USD")))
    studied: Any = like(
        imports=like(facts=like(key="tv")), standings=dict.fromkeys(("USA", "CAN", "BRA"))
    )
    was, now = like(name="was"), like(name="now", laws=laws)
    found = whatif._plants_dearer(was, now, studied, Reform("x", elasticity=Decimal(3)))
    assert {place: list(v) for place, v in found.items()} == {("tv", "USA", "MEX"): [0.125]}
    monkeypatch.setattr(whatif, "foreign_plants", lambda *_: [])
    assert whatif._plants_dearer(was, now, studied, Reform("x", elasticity=Decimal(3))) == {}


def test_a_reform_moves_demand_by_its_own_elasticity_or_by_smart() -> None:
    assert reform_scenario(Reform("x", elasticity=Decimal(0))) == Scenario(
        Reform("x", elasticity=Decimal(0))
    )
    assert reform_scenario(Reform("x"), None).work is None
    assert reform_scenario(Reform("x")).work is not None


def test_figures_of_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """From home with the refund; from Mexico at that plant's duty, without; none without quote.

    Each is costed at what a unit of the plan is sold for, where none is sold at the price asked.
    """
    asked: list[tuple[str, dict[str, Any]]] = []

    def home_cost(_: Any, facts: Any, market: str, *__: Any) -> Any:
        asked.append((market, facts))
        costed = quote() if market != "FRA" else None
        return like(quote=costed, refund_usd=D(20), refund_why="refund.why_payable")

    def abroad_cost(_: Any, facts: Any, market: str) -> Any:
        asked.append((market, facts))
        return {"mex": like(quote=quote("500"), refund_usd=D(0), refund_why="")}

    monkeypatch.setattr(whatif, "cost_in_market", home_cost)
    monkeypatch.setattr(whatif, "from_other_plants", abroad_cost)
    monkeypatch.setattr(whatif, "refund_rate_of", lambda *_, **__: (D("0.13"), None))
    row = {"product": "tv", "price_usd": 320.0, "margin_rate": 0.1, "sales_usd": 9.0,
           "margin_usd": 0.9, "units": 3.0}  # fmt: skip
    rows = [
        like(market="USA", plant="home", **row), like(market="DEU", plant="mex", **row),
        like(market="FRA", plant="", **{**row, "units": 0.0}),
    ]  # fmt: skip
    study = like(plant_of=lambda _: like(key="home"), on=None)
    world = like(study=study, laws=like(refund_rates=()), km={}, costing=None)
    facts = like(key="tv", model_copy=lambda update: update)
    made: Any = like(world=world, products=[like(imports=like(facts=facts))], plan=like(rows=rows))
    found = dict(whatif._figures(made))
    home, abroad, bare = (found["tv", market] for market in ("USA", "DEU", "FRA"))
    assert asked == [
        (market, {"market_prices_usd": {market: D(price)}, "price_term": "FOB"})
        for market, price in (("USA", "3.0"), ("DEU", "3.0"), ("FRA", "320.0"))
    ]
    assert (home.fob, home.landed, home.duty, home.refund) == (3, 100, 36, 20)
    assert (abroad.landed, abroad.duty, abroad.refund) == (125, 36, 0)
    assert (bare.landed, bare.duty, bare.refund) == (None, None, 20)
    assert home.refund_why == "refund.why_payable"
    assert (home.margin_rate, home.sales, home.margin, home.units) == (0.1, 9, 0.9, 3)
    whole = totals(found)
    assert (whole.sales, whole.duty) == (27, 216)
    assert whole.duty_unknown == pytest.approx(1 / 3)


def test_effects_on_a_plan_are_a_years_margin(monkeypatch: pytest.MonkeyPatch) -> None:
    """CNY 500 without the change; kept 480, recomputed 600: −20, +100 and 120 saved.

    They are USD −4, 20 and 24 at the 5 yuan of today; under the change a dollar is 8, and a firm
    counts in yuan.
    """
    earns = {"kept": 500.0, ("kept", "other"): 480.0, "anew": 600.0}

    def earned(plan: Any, offers: Any = None, without: Any = ()) -> Any:
        assert without == {}
        return np.full(3, earns[plan.name if offers is None else (plan.name, offers)])

    monkeypatch.setattr(whatif, "profit_of_fixed_plan", earned)
    before: Any = like(name="kept", choices=like(dollar=5.0), rate=0.02)
    anew: Any = like(name="anew", choices=like(offers="other", dollar=8.0), rate=0.03)
    monkeypatch.setattr(whatif, "_settling", lambda made: made.rate)
    after: Any = like(worked=like(effects=TradeEffects("shock")), missing={})
    found = whatif._effects(before, anew, after)
    assert found is not None
    assert found.plan is not None
    means = found.plan.old.mean, found.plan.new.mean, found.plan.saved.mean
    assert means == pytest.approx((-4, 20, 24))
    assert found.settling == (0.02, 0.03)
    anew.rate = None
    bare = whatif._effects(before, anew, after)
    assert bare is not None
    assert bare.settling is None
    assert whatif._effects(before, anew, like(worked=None)) is None


@pytest.mark.parametrize("way", ["none", "work", "elasticity"])
def test_what_moves_the_demand_of_a_scenario(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing, draws of its own, or an elasticity: then one factor for each market."""
    of_plants: Any = {("tv", "USA", "MEX"): 1.0}
    factors: Any = {("tv", "USA"): 0.9}
    worked = DemandResponse(factors, TradeEffects("shock"), of_plants)
    demand = like(factors={"USA": 0.5})
    studied = like(
        imports=like(facts=like(key="tv")),
        demand=like(factors={}),
        under=lambda _, __, demand: demand,
    )
    monkeypatch.setattr(whatif, "under", lambda laws, reform: "laws")
    monkeypatch.setattr(whatif, "market_costs_under", lambda *_: "standings")
    monkeypatch.setattr(whatif, "_move_demand", lambda *_: demand)
    monkeypatch.setattr(whatif, "_plants_dearer", lambda *_: "dearer")
    monkeypatch.setattr(whatif, "over_home", lambda _, __, draws, plants: (draws, plants))
    monkeypatch.setattr(whatif, "scale_demand", lambda demand, _, elsewhere: (demand, *elsewhere))
    monkeypatch.setattr(whatif, "not_computed", lambda *_: {})
    before: Any = like(
        world=like(laws="before", under=lambda laws: laws), products=[studied], plan=like(rows=())
    )
    work: Any = lambda *_: worked  # noqa: E731
    reform = Reform("x", elasticity=Decimal(2) if way == "elasticity" else None)
    found = whatif.apply_scenario(before, Scenario(reform, work=work if way == "work" else None))
    assert (found.worked, found.missing) == (worked if way == "work" else None, {})
    products: Any = found.products
    [(scaled_up, draws, plants)] = products
    moved: Any = {"none": {}, "work": worked.draws, "elasticity": {("tv", "USA"): [0.5]}}[way]
    assert {place: list(np.atleast_1d(factor)) for place, factor in draws.items()} == {
        place: list(np.atleast_1d(factor)) for place, factor in moved.items()
    }
    assert plants == {"none": {}, "work": worked.elsewhere, "elasticity": "dearer"}[way]
    assert scaled_up is (demand if way == "elasticity" else studied.demand)


def test_rules_that_a_segment_rests_on() -> None:
    markets = [
        like(market="USA", quote=quote(), refund_rule="refund"),
        like(market="FRA", quote=None, refund_rule=None),
    ]
    products = [like(product="tv", markets=markets)]
    settled: Any = like(products=products, settlement=like(rules=("s",), cost_rate=0.02))
    uses: Any = whatif._uses(settled)
    assert uses == {
        ("", ""): ("s",), ("tv", "USA"): ("r1", "r2", "refund"), ("tv", "FRA"): (),
    }  # fmt: skip
    bare: Any = like(products=[], settlement=None)
    assert whatif._uses(bare) == {}


def test_a_rule_in_place_of_the_studys_own_refund_is_told_beside_it() -> None:
    """13 % of the study's own until a change of 9 %; of b nothing is written, and c keeps its."""
    then = RuleUse("chn.refund.85", "0.09", date(2026, 1, 1), None, "MoF", "user", "share",
                   inputs=(("levy_rate", "0.13"),))  # fmt: skip
    by_law = replace(then, value="0.13", status="official")
    models = {"a": D("0.13"), "b": None, "c": D("0.13")}
    made: Any = like(products=[
        like(imports=like(facts=like(key=key, refund_rate=own))) for key, own in models.items()
    ])  # fmt: skip
    held = {("a", "USA"): (), ("b", "USA"): (by_law,), ("c", "USA"): (), ("", ""): ()}
    held["a", "DEU"] = (by_law,)  # a rule that the study names
    after = {at: (then,) if at[0] in ("a", "b") else () for at in held}
    found = whatif._add_own_refunds(made, held, after)
    assert {key: found[key] for key in [*held][1:]} == {key: held[key] for key in [*held][1:]}
    (own,) = found["a", "USA"]
    assert (own.id, own.since, own.source) == ("chn.refund.85", None, "study.toml")
    assert value_text(own) == "13% of 13%"


def test_why_a_unit_adds_another_refund_is_told_of_those_that_change() -> None:
    sides = [(20.0, 0.0, "why_payable"), (20.0, 20.0, "why_same"), (None, 1.0, "why_switch")]
    rows = [
        like(before=None if was is None else like(refund=was),
             after=like(refund=now, refund_why=f"refund.{why}"))
        for was, now, why in sides
    ]  # fmt: skip
    assert told._limits(like(segments=rows)) == ["policy.why_payable"]


@pytest.mark.parametrize(
    ("margin", "said"), [(-40_800.0, "(+\xa0CNY\xa040,800)"), (40_800.0, "(−100%)")]
)
def test_a_loss_has_no_per_cent(margin: float, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "convert_to_yuan", lambda compared: compared)
    was, now = (like(margin=value, settlement_rate=None) for value in (margin, 0.0))
    compared = like(before=was, after=now, title=str, known_share=1.0, changed=True)
    result: Any = like(what_if=compared)
    assert said in next(told.sentences(result))
