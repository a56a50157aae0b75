"""Limits of a plan, what came of earlier ones, prices on a curve: by hand."""

import math
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import polars as pl
import pytest

from offing.planning.kept_markets import rows_of
from offing.planning.market_share import Entry, published_survival
from offing.planning.moves import kinds_of
from offing.planning.offering import MarketEntry, Selling
from offing.planning.offers import Offer, Offers, PlanLimits, Risk
from offing.planning.outcome import Decision
from offing.planning.programme import facts_of
from offing.planning.track_record import EarlierPlan
from offing.study import backtest as past
from offing.study import moves, plan, pricing, unknown
from offing.study import solve as solving
from offing.study.choices import ChoiceSet
from offing.study.costs import carriage_sums, duty_rate_of, duty_rates, request_for
from offing.study.file import Study
from offing.study.solve import limits_of
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from study.stand_ins import like, plain
from study.test_decided import ENTRY, solved

TV = Offer("tv", "USA", "home", "main", "own", "USD", 100.0, True, True, keep_cny=70.0)


def offers(*usd: float, rows: tuple[Offer, ...] = ()) -> Offers:
    """Two years; in the second the first market sells double."""
    rows = rows or tuple(replace(TV, market=m) for m in ("USA", "DEU", "FRA")[: len(usd)])
    sales = np.array([[usd, (2 * usd[0], *usd[1:])]])
    return Offers(rows, (2027, 2028), sales / 100, sales * 0.7, sales, np.ones(2))


def asked(**parts: Any) -> Any:
    study = plain()
    return study.model_copy(update={"limits": study.limits.model_copy(update=parts)})


def test_a_cap_never_shrinks_what_exists() -> None:
    """Of 40, 30, 30 and then 80, 30, 30: the US have 4 of 7 in the second year; the cap is 0.4."""
    study = asked(largest_market_share=Decimal("0.4"))
    limits, warnings = limits_of(study, offers(40.0, 30.0, 30.0), 7.0)
    assert limits.market_share == pytest.approx({"USA": 4 / 7, "DEU": 0.4, "FRA": 0.4}, rel=2e-6)
    assert limits.market_share["USA"] > 4 / 7
    assert warnings == [Caution("study.warn_cap_held", {"markets": ("USA",), "cap": "40%"})]
    assert limits.cny_per_usd == 7.0
    assert limits.line_hours == {("home", "main"): (60000.0, 60000.0)}
    assert (limits.entry_budget_cny, limits.working_capital_cny) == (None, None)


def test_amounts_and_markets_to_keep() -> None:
    study = asked(entry_budget_cny=Decimal(5), working_capital_cny=Decimal(6))
    markets = study.markets.model_copy(update={"must_keep": ["DEU", "FRA"]})
    study = study.model_copy(update={"markets": markets})
    rows = (TV, replace(TV, market="DEU"), replace(TV, market="FRA", today=False))
    limits, _ = limits_of(study, offers(4.0, 3.0, 3.0, rows=rows), 7.0)
    assert (limits.entry_budget_cny, limits.working_capital_cny) == (5.0, 6.0)
    assert limits.must_keep == {("tv", "DEU")}


def test_markets_in_which_a_model_sells(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what is no model of the plan: of no name, or of one that is not looked at."""
    lines = pl.DataFrame({
        "market": ["USA", "USA", "DEU", "FRA"], "key": ["a", None, "c", None],
        "usd": [10.0, 7.0, 5.0, -2.0],
    })  # fmt: skip
    monkeypatch.setattr(unknown, "_priced_sales", lambda _: lines)

    def record(units: float, usd: float) -> Any:
        return like(units=units, sales_usd=usd)

    records = {"USA": record(1, 10.0), "DEU": record(0, 10.0), "FRA": record(1, 0.0)}
    articles: Any = [like(key="a", sales=like(records=records)),
                     like(key="b", sales=like(records={"USA": record(2, 30.0)}))]  # fmt: skip
    sold = {"USA": {"a": 10.0, "b": 30.0, "": 7.0}, "DEU": {"": 5.0}}
    assert unknown.sold_in(like(), articles) == sold


def test_a_row_at_an_asked_price_does_not_go_on_as_today() -> None:
    from offing.planning.plan import Plan, PlanRow

    row = PlanRow("tv", "USA", "low", 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, None, None, "keep")
    grow = replace(row, market="DEU", move="grow")
    made = Plan((row, grow, replace(row, market="FRA")), 1.0, 1.0, 1.0, (), 1.0, 1.0)
    shelf = like(
        asked=frozenset({"USA", "DEU"}),
        outlets=(
            like(
                market="USA",
                state=Selling(1.0, (1.0, 1.0), math.log(2), price_from_today=math.log(1.5)),
            ),
            like(market="DEU", state=None),
        ),
    )
    marked = plan._mark_rows(made, like(shelves={"tv": shelf}))
    assert [one.move for one in marked.rows] == ["asked", "grow", "keep"]
    assert [one.usual_share for one in marked.rows] == [pytest.approx(2.0), None, None]
    assert [one.usual_price for one in marked.rows] == [pytest.approx(1.5), None, None]


def test_the_mean_of_a_lasting_share_is_that_of_a_lognormal() -> None:
    """exp(mean + variance / 2): log 3 off today's with an error of 0.4 is 3.25 times it."""
    assert Selling(1.0, (1.0, 1.0), math.log(3), 0.4).usual == pytest.approx(3 * math.exp(0.08))


def doubts(monkeypatch: pytest.MonkeyPatch, *, shipped: str) -> Callable[[Any], str | None]:
    sums = {"a": Decimal(shipped), "b": 100 - Decimal(shipped)}, ("a",)
    monkeypatch.setattr(solving, "sum_of", lambda *_: sums)
    rows = (TV, replace(TV, market="FRA", keep_cny=30.0), replace(TV, today=False))
    offers = like(discount=np.array([0.9, 0.8]), rows=rows)
    monkeypatch.setattr(solving, "own_gain", lambda _, move: move.own)
    made: Any = like(offers=offers, study=like(keeping=None))
    return partial(solving._why_not, made)


@pytest.mark.parametrize(
    ("own", "gain", "struck"),
    [(59.4, 59.4, True), (59.5, 85.0, True), (59.6, 59.6, False), (59.4, 85.1, False)],
)
def test_no_market_is_left_for_costs_that_are_ours_alone(
    monkeypatch: pytest.MonkeyPatch, own: float, gain: float, struck: bool
) -> None:
    """Half of 70 a year over 1.7 years is illustrative: 59.5 of its own rest on that, and 85
    where the market of 30 a year is left with it; beyond, hours are freed that earn more.
    """
    veto = doubts(monkeypatch, shipped="50")
    move: Any = like(kind="leave", before=TV, after=None, market="USA", gain_cny=gain, own=own)
    assert (veto(move) == "planning.not_on_illustrative") == struck
    assert doubts(monkeypatch, shipped="0")(move) is None
    forced: Any = like(kind="leave", before=TV, after=None, market="USA", gain_cny=None, own=1.0)
    assert veto(forced) is None


@pytest.mark.parametrize(("gain", "struck"), [(0.0, True), (1.0, False)])
def test_a_price_that_dies_when_rivals_follow_is_not_made(
    monkeypatch: pytest.MonkeyPatch, gain: float, struck: bool
) -> None:
    monkeypatch.setattr(solving, "matched_gain", lambda *_: gain)
    monkeypatch.setattr(solving, "moves_price", lambda move: move.kind != "grow")
    veto = doubts(monkeypatch, shipped="50")
    move: Any = like(kind="enter", before=None, after=TV, market="USA", gain_cny=5.0)
    assert veto(move) == ("planning.not_at_half_match" if struck else None)
    assert veto(like(kind="grow", before=TV, after=TV, market="USA", gain_cny=5.0)) is None


# --- earlier plans


SOLD = {
    ("tv", "USA"): ((5.0, 450.0), (8.0, 960.0)),  # pieces and USD of the two years
    ("tv", "DEU"): ((1.0, 100.0), (0.0, 0.0)),
}
TRADE = {("8528", "USA"): (90.0, 120.0), ("8528", "FRA"): (80.0, 100.0), ("8528", "JPN"): (None, 9)}


def replayed(
    choice: list[float], share: list[float], beside: str = "", **changes: Any
) -> EarlierPlan:
    """The US sell ten at 100 a piece today; another price there, entries to France and Japan, and
    Germany, one piece. A dollar was to be 7 yuan and came to 7.7; of 100 exported to all, as much
    was expected. A piece costs 490 yuan at USD 100.
    """
    entry = replace(TV, today=False, sold=False, entry_cny=700.0)
    rows = (
        TV, replace(TV, price_usd=120.0, today=False), replace(entry, market="FRA"),
        replace(TV, market="DEU"), replace(entry, market="JPN"),
    )  # fmt: skip
    units = np.array([10.0, 9.0, 4.0, 1.0, 4.0])
    usd = units * [100.0, 120.0, 100.0, 100.0, 100.0]
    profit = usd * 7 - units * 490
    both = [np.stack([one, one])[None] for one in (units, profit, usd)]
    of = Offers(rows, (2021, 2022), both[0], both[1], both[2], np.array([1.0, 0.5]))
    facts = facts_of(of, PlanLimits(beside=frozenset({beside})))
    programme: Any = like(facts=facts, offers=of, rows=tuple(rows_of(facts)))
    decided = Decision(np.array(choice), np.array([share] * 2), np.zeros(0))
    stay = Decision(np.array([1.0, 0, 0, 1, 0]), np.array([[1.0, 0, 0, 1, 0]] * 2), np.zeros(0))
    markets = ("USA", "FRA", "DEU", "JPN")
    choices: Any = like(
        shelves={"tv": like(code="8528")},
        study=like(markets=like(horizon=2)),
        draws={"8528": like(markets=markets, sales_usd=np.full((1, 2, 4), 100.0))},
        rates=like(dollars=np.array([[7.0, 7.0]])),
    )
    moves = [
        like(
            kind=kinds_of(a, b, 1.0, sold=a is not None)[0],
            key=("tv", market),
            model="tv",
            market=market,
        )
        for market, a, b in (
            ("USA", rows[0], rows[0] if choice[0] else rows[1] if choice[1] else None),
            ("FRA", None, rows[2] if choice[2] else None),
            ("DEU", rows[3], rows[3] if choice[3] else None),
            ("JPN", None, rows[4] if choice[4] else None),
        )
        if a is not b
    ]
    replay = past.Replay(choices, 2020, SOLD, TRADE, (7.7, 7.7))
    solved: Any = like(
        programme=programme, solution=like(decision=decided), stay=like(decision=stay), moves=moves
    )
    return past._Outcome(solved, replace(replay, **changes)).plan()


def test_what_staying_came_to_is_what_the_firm_sold() -> None:
    """1,000 and 100 expected in the second year; 960 in the US and nothing in Germany came."""
    found = replayed([1, 0, 0, 1, 0], [1.0, 0, 0, 1, 0])
    assert (found.base_year, found.horizon, found.moves, found.observed) == (2020, 2, (), True)
    assert found.promised_usd == pytest.approx(1100)
    assert found.came_usd == pytest.approx(960)
    trade = replayed([1, 0, 0, 1, 0], [1.0, 0, 0, 1, 0], sold=None)
    assert not trade.observed
    assert trade.promised_usd == pytest.approx(1000)
    assert trade.came_usd == pytest.approx(1000 * 1.2)  # 120 over 100 exported to the US
    assert trade.unknown_usd == pytest.approx(100)  # nobody reported Germany's


def test_a_market_that_is_left_is_observed() -> None:
    """The US by the ledger: 450 × 7.7 − 5 × 490, then 960 × 7.7 − 8 × 490 at half, less 70 a year
    of keeping; expected were 2,100 − 70 in both. Germany paid for keeping in the first year alone.
    """
    found = replayed([0, 0, 0, 0, 0], [0.0, 0, 0, 0, 0])
    usa, germany = found.moves
    assert (usa.kind, usa.observed, germany.observed) == ("leave", True, True)
    assert usa.promised_cny == pytest.approx(-1.5 * (2100 - 70))
    came = (450 * 7.7 - 5 * 490 - 70) + 0.5 * (960 * 7.7 - 8 * 490 - 70)
    assert usa.came_cny == pytest.approx(-came)
    assert germany.came_cny == pytest.approx(-(770 - 490 - 70))
    # Where others are sold its part of what the market costs is not saved.
    shared = replayed([0, 0, 0, 0, 0], [0.0, 0, 0, 0, 0], beside="USA").moves[0]
    assert shared.promised_cny == pytest.approx(-1.5 * 2100)
    assert shared.came_cny == pytest.approx(-came - 1.5 * 70)
    by_trade = replayed([0, 0, 0, 0, 0], [0.0, 0, 0, 0, 0], sold=None)
    assert [(m.observed, m.came_cny is None) for m in by_trade.moves] == [
        (False, False), (False, True),
    ]  # fmt: skip


def test_another_price_is_imputed_by_what_the_firm_sold() -> None:
    """Nine in ten of the pieces sold, at 1.2 times the price that came."""
    (move,) = replayed([0, 1, 0, 1, 0], [0.0, 1, 0, 1, 0]).moves
    first = 0.9 * 5 * (1.2 * 90 * 7.7 - 490) - (450 * 7.7 - 5 * 490)
    second = 0.9 * 8 * (1.2 * 120 * 7.7 - 490) - (960 * 7.7 - 8 * 490)
    assert (move.kind, move.observed) == ("dearer", False)
    assert move.came_cny == pytest.approx(first + 0.5 * second)


def test_an_entry_is_imputed_by_the_trade_and_unknown_where_nobody_reported() -> None:
    """Four pieces at 80 and 100 of 100: 4 × (770 − 490) a year, less keeping and the entry."""
    france, japan = replayed([1, 0, 1, 1, 1], [1.0, 0, 1, 1, 1]).moves
    assert france.came_cny == pytest.approx((0.8 + 0.5) * 4 * 280 - 1.5 * 70 - 700)
    assert france.promised_cny == pytest.approx(1.5 * (4 * 210 - 70) - 700)
    assert (japan.market, japan.came_cny) == ("JPN", None)


def test_growing_brings_nothing_where_hours_were_left() -> None:
    """Half of ten was to be sold for want of hours; five and eight were, then more was asked."""
    half = past._Came(np.array([0.4, 1.2]), None, np.ones(2), np.zeros(2, dtype=bool))
    assert half.taken_up(np.array([0.5, 0.5])).tolist() == [0.4, 0.5]
    assert half.taken_up(np.ones(2)).tolist() == [0.4, 1.0]
    free = replace(half, unlimited=np.ones(2, dtype=bool))
    assert free.taken_up(np.ones(2)).tolist() == [0.4, 1.2]


# --- a price


def priced(asks: float, between: tuple[float, float] | None = (90.0, 130.0)) -> tuple[float, ...]:
    state = Selling(10.0, between) if between else None
    return pricing._grid(like(price_usd=100.0, state=state), asks)


def test_a_grid_goes_a_quarter_beyond_the_firms_own_prices() -> None:
    """From 90 / 1.25 to 130 × 1.25; no further down than 100 / 1.6 / 1.25 after a clearance."""
    usual: Any = priced(110.0)
    assert (usual[0], usual[-1], len(usual)) == (pytest.approx(72), pytest.approx(162.5), 9)
    assert {100.0, 110.0} <= set(usual)
    cleared = priced(110.0, (10.0, 130.0))
    assert cleared[0] == pytest.approx(50)
    entry: Any = priced(120.0, None)
    assert (entry[0], entry[-1]) == (pytest.approx(80), pytest.approx(150))


def test_a_price_is_weighed_where_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the shelf 300 leave 150 on board; 20 leave nothing, and nothing is no price."""
    chain = like(fob=lambda level, price: price / 2 if level == "retail" else price - 20)
    way = like(chain=lambda dollar: chain if dollar == 7.0 else None)
    outlet: Any = like(price_usd=100.0, state=None, deliveries=[way])
    worlds: Any = like(rates=like(cny_per_usd=7.0))
    points = [like(fob_usd=100.0), like(fob_usd=150.0)]
    monkeypatch.setattr(pricing, "price_curve", lambda _, __, grid: like(points=points, grid=grid))
    one = pricing.PriceAnalysis(like(points=points), outlet, like(), like(), None, 100.0, worlds)
    assert one.point is None
    found = one.weighed(300.0, "retail")
    assert found.at_usd == 150.0
    assert found.point is points[1]
    grid: Any = found.curve
    assert grid.grid[-1] == 150.0
    for price, level in ((20.0, "landed"), (0.0, "retail"), (-1.0, "retail"), (np.inf, "retail")):
        with pytest.raises(InputError) as caught:
            one.weighed(price, level)  # type: ignore[arg-type]
        assert caught.value.key == "errors.out_of_range"
        assert "price" not in str(caught.value)


# --- a loss that could be borne


def choice_set(study: Study, of: Offers) -> ChoiceSet:
    rates: Any = like(cny_per_usd=7.0)
    choices = ChoiceSet(study, {}, {}, rates)
    choices.__dict__["_joint"] = (of, {})
    return choices


@pytest.mark.parametrize(
    ("supposed", "worst", "key", "made_anew"),
    [
        (True, "-5000", "planning.limits_conflict", True),
        (False, "-5000", "planning.limits_conflict", False),
        (True, None, "planning.limits_conflict", False),
        (True, "-5000", "errors.out_of_range", False),
    ],
)
def test_a_world_that_nobody_chose_may_lose_more(
    monkeypatch: pytest.MonkeyPatch, supposed: bool, worst: str | None, key: str, made_anew: bool
) -> None:
    """There the best plan is made without the limit and a caution says so; nowhere else."""
    study = asked(worst_twentieth_cny=None if worst is None else Decimal(worst))
    asked_for: list[Risk] = []

    def solve(_: Any, risk: Risk, moves: Any) -> str:
        asked_for.append(risk)
        if len(asked_for) == 1:
            raise InputError(key, limits="x", name="x", value="x")
        return "solved"

    monkeypatch.setattr(solving, "plan_with_money", solve)
    choices = choice_set(study, offers(40.0, 30.0))
    if not made_anew:
        with pytest.raises(InputError):
            solving.solve_plan(None, choices, supposed=supposed)  # type: ignore[arg-type]
        return
    solved, warnings = solving.solve_plan(None, choices, supposed=supposed)  # type: ignore[arg-type]
    assert str(solved) == "solved"
    assert asked_for == [Risk(least_worst_cny=-5000.0), Risk()]
    assert warnings[-1] == Caution("study.warn_loss_not_borne", {"least": "−5,000"})


def test_a_firm_without_sales_has_no_bad_year_to_bear(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger that is too old: the plan is made without the limit, and says why."""
    entering = offers(40.0, 30.0)
    rows = tuple(replace(row, sold=False) for row in entering.rows)
    choices = choice_set(asked(worst_twentieth_cny=Decimal(-5000)), replace(entering, rows=rows))

    def solve(_: Any, risk: Risk, moves: Any) -> str:
        if risk.least_worst_cny is not None:
            raise InputError("planning.limits_conflict", limits="x")
        return "solved"

    monkeypatch.setattr(solving, "plan_with_money", solve)
    programme, _ = solving.build_programme(choices)
    _, warnings = solving.solve_plan(programme, choices)
    assert warnings[-1] == Caution("study.warn_loss_unknown", {"least": "−5,000"})


def test_a_limit_that_nobody_can_speak_of_is_not_searched_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without sales and outlays staying earns 0: below 5,000, not below −5,000.

    To show that no plan keeps it took two minutes of a study of three models.
    """
    entering = offers(40.0, 30.0)
    rows = tuple(replace(row, sold=False, today=False) for row in entering.rows)
    asked_for: list[Risk] = []

    def solve(_: Any, risk: Risk, moves: Any) -> str:
        asked_for.append(risk)
        return "solved"

    monkeypatch.setattr(solving, "plan_with_money", solve)
    for least, risk in ((5000, Risk()), (-5000, Risk(least_worst_cny=-5000.0))):
        asked_for.clear()
        study = asked(worst_twentieth_cny=Decimal(least))
        choices = choice_set(study, replace(entering, rows=rows))
        solving.solve_plan(solving.build_programme(choices)[0], choices)
        assert asked_for == [risk]


# --- a shipment


@pytest.mark.parametrize(("km", "freight"), [(None, "630.00"), (0.0, "630.00"),
                                             (10_000.4, "1575.00"), (499.6, "677.25")])  # fmt: skip
def test_freight_grows_with_the_distance(km: float | None, freight: str) -> None:
    """300 sets of 0.15 m³ are 45 m³: at 14 a cubic metre and 2.10 for every 1,000 km."""
    study = plain()
    request = request_for(study, study.model[0], "USA", "USA", km)
    assert request.freight is not None
    assert request.freight.amount == Decimal(freight)
    assert request.inland is not None
    assert request.inland.amount == Decimal("292.5")
    said = carriage_sums(study, study.model[0], km)
    shown = f"{round(km or 0):,}"
    assert said == {
        "inland": "300 × 0.15 m³ × 6.5",
        "freight": f"300 × 0.15 m³ × (14 + 2.1 × {shown} km ÷ 1,000)",
    }


def test_a_price_of_its_own_in_a_market() -> None:
    study = plain()
    facts = study.model[0].model_copy(update={"market_prices_usd": {"USA": Decimal(400)}})
    for market, price in (("USA", 400), ("DEU", 320)):
        request = request_for(study, facts, market, market, None)
        assert request.price is not None
        assert request.price.amount == price


def test_duties_over_the_value_at_the_border() -> None:
    def line(stage: str, amount: str, *, subtotal: bool = False) -> Any:
        return like(stage=stage, amount=Decimal(amount), subtotal=subtotal)

    lines = [line("CIF", "50"), line("CIF", "200", subtotal=True), line("duty", "10"),
             line("duty", "6"), line("duty", "216", subtotal=True)]  # fmt: skip
    made: Any = like(lines=lines)
    assert duty_rate_of(made) == Decimal("0.08")
    nothing: Any = like(lines=[line("CIF", "0", subtotal=True)])
    assert duty_rate_of(nothing) == 0
    costs: Any = {"USA": like(duty_rate=Decimal("0.1")), "FRA": like(duty_rate=None)}
    assert duty_rates(costs) == {"USA": 0.1}


def test_entries_that_limits_bar_are_said() -> None:
    """France would earn 40 and Japan 70 alone, Italy nothing, Spain was tried; none is entered."""
    rows = [like(model="tv", market=m, sold=False) for m in ("FRA", "JPN", "ITA", "ESP")]
    worth = np.array([[100.0, 100.0, 50.0, 400.0], [40.0, 70.0, 0.0, 0.0]])
    programme = like(offers=like(rows=rows), worth=worth, fixed=np.full(4, 100.0))
    tried = [like(key=("tv", "ESP"))]

    def said(choice: float, sold: bool = False) -> list[Any]:
        rows[0].sold = sold
        decision = like(choice=np.array([0.0, choice, 0.0, 0.0]))
        found: Any = like(programme=programme, solution=like(decision=decision), not_yet=tried)
        return list(plan._barred_together(found))

    assert said(0.0) == [Caution("study.warn_entries_barred", {"markets": ("JPN", "FRA")})]
    assert said(1.0) == []
    assert said(0.0, sold=True) == []


def test_a_market_to_keep_where_nothing_is_sold_is_said() -> None:
    """Japan is looked at and sells nothing; the US are kept. Without any sales it is no matter."""
    study = asked(largest_market_share=Decimal(1))
    markets = study.markets.model_copy(update={"must_keep": ["USA", "JPN"]})
    study = study.model_copy(update={"markets": markets})
    limits, warnings = limits_of(study, offers(40.0, 30.0), 7.0)
    assert warnings == [Caution("study.warn_keep_unsold", {"markets": ("JPN",)})]
    assert {market for _, market in limits.must_keep} == {"USA"}
    fresh = tuple(replace(TV, market=m, today=False, sold=False) for m in ("USA", "JPN"))
    assert limits_of(study, offers(40.0, 30.0, rows=fresh), 7.0)[1] == []


def test_few_markets_cannot_keep_a_small_cap() -> None:
    """Two markets have half each at least, and three a third."""
    study = asked(largest_market_share=Decimal("0.3"))
    limits, [said, *_] = limits_of(study, offers(30.0, 30.0), 7.0)
    assert said == Caution("study.warn_few_markets", {"count": 2, "cap": "30%", "taken": "50%"})
    assert limits.market_share["DEU"] == pytest.approx(0.5)
    few, said_of_one = limits_of(study, offers(30.0), 7.0)
    assert few.market_share == {}  # one market has all
    assert said_of_one[0]["taken"] == "100%"
    free, nothing = limits_of(asked(largest_market_share=Decimal(1)), offers(40.0, 30.0), 7.0)
    assert (free.market_share, nothing) == ({}, [])


def test_a_cap_where_nothing_is_sold_today() -> None:
    rows = tuple(replace(TV, market=m, today=False, sold=False) for m in ("USA", "DEU", "FRA"))
    limits, warnings = limits_of(
        asked(largest_market_share=Decimal("0.4")), offers(40.0, 30.0, 30.0, rows=rows), 7.0
    )
    assert set(limits.market_share.values()) == {0.4}
    assert warnings == []


def menu(one: Any, source: str = "entries") -> Any:
    """France and Italy are not sold in; the ledger shows three entries."""
    size = Entry(0.01, 0.5, source=source)
    state = MarketEntry(size, published_survival(2), 50_000.0, 500.0, later_cny=200.0)
    outlets = [
        like(model="tv", market=market, state=state, price_usd=100.0) for market in ("FRA", "ITA")
    ]
    shelf = like(outlets=outlets, reached=like(first_shares=(0.01, 0.04, 0.2)))
    return like(shelves={"tv": shelf}, offers=one.programme.offers)


def with_not_yet(one: Any) -> Any:
    one.not_yet = ()
    return one


def test_an_entry_as_a_pilot_by_hand() -> None:
    """France sells 40 × .55, .65 … 1.45 and earns 350 each less 140; it is lost in the two worst.

    These two stop: their first years still pay, so nothing is at risk. Of 500, 200 are paid on
    going on; 30 units, the least of who goes on, are 6 % of what goes there, which one of three
    entries reached. Its line has 60 and 30 hours, as many as 60 and 52.8 would be needed.
    """
    one = with_not_yet(solved(2))
    [(key, (place, pilot))] = moves.pilots_by_market(one, menu(one)).items()
    assert (key, place) == (("tv", "FRA"), 2)
    worlds = 40 * np.linspace(0.55, 1.45, 10)
    goes = np.arange(10) >= 2
    worth = 0.9 * (350 * worlds - 140) - 300
    worth += np.where(goes, 0.8 * (350 * worlds * 30 / 52.8 - 140) - 0.9 * 200, 0.0)
    assert pilot.worth_cny == pytest.approx(worth.mean(), rel=1e-6)
    assert pilot.go_on_units == pytest.approx(40 * 0.75)
    assert (pilot.chance, pilot.at_risk_cny) == (0.8, 0.0)
    assert (pilot.cost_cny, pilot.later_cny, pilot.comparable) == (300.0, 200.0, (3, 1))
    entry = moves.unweighed_entry(menu(one), 2)
    straight = 0.9 * (350 * worlds - 140) + np.where(goes, 0.8 * (350 * worlds - 140), 0.0) - 500
    assert entry.mean_cny == pytest.approx(straight.mean())
    assert (entry.chance, entry.kind, entry.after) == (1.0, "enter", ENTRY)


def with_hours(one: Any, *hours: float) -> Any:
    lines = {("home", "main"): (400.0, 200.0), ("mex", "second"): hours}
    limits = replace(one.programme.facts.limits, line_hours=lines)
    one.programme = replace(one.programme, facts=replace(one.programme.facts, limits=limits))
    return one


def test_a_pilot_sells_no_more_than_its_line_makes() -> None:
    """40 and 35.2 units of an hour and a half: 30 hours are half of the first year's."""
    short = with_hours(with_not_yet(solved(0)), 30.0, 52.8)
    [(_, pilot)] = moves.pilots_by_market(short, menu(short)).values()
    assert pilot.units == pytest.approx(20)
    assert pilot.go_on_units == pytest.approx(40 * 0.75 / 2)


def test_a_pilot_is_worth_what_it_costs() -> None:
    """Of 17,540 beside costs of 500: at 9,000 it is worth 9,040 and at 9,100 8,940."""
    one = with_not_yet(solved(0))
    for cost, found in ((9_000.0, 1), (9_100.0, 0)):
        made = menu(one)
        rows = [replace(row, entry_cny=cost) for row in one.programme.offers.rows]
        made.offers = replace(one.programme.offers, rows=rows)
        assert len(moves.pilots_by_market(one, made)) == found


def test_an_assumed_size_and_a_full_line_have_none() -> None:
    one = with_not_yet(solved(0))
    assert moves.pilots_by_market(one, menu(one))
    assert not moves.pilots_by_market(one, menu(one, source="user"))
    full = with_hours(with_not_yet(solved(0)), 0.0, 0.0)
    assert not moves.pilots_by_market(full, menu(full))
