"""A solved plan read back into plain figures, by hand."""

from dataclasses import replace
from decimal import Decimal
from math import log
from typing import Any

import numpy as np
import pytest

from cautions import keyed
from offing.planning.limits import ShadowPrice
from offing.planning.market_share import Entry, assumed_entry_size, published_survival
from offing.planning.moves import Move, describe_moves
from offing.planning.offering import Delivery, Grid, MarketEntry, Outlet, Selling, offers_of
from offing.planning.offers import Offer, Offers, PlanLimits
from offing.planning.outcome import Outcome, outcome, status_quo_decision
from offing.planning.programme import build, facts_of
from offing.planning.risk import BarFigures
from offing.study import choices, risk
from offing.study import decision as decided
from offing.study import plan as planned
from offing.study.moves import move_terms, own_gain
from offing.study.options import graded_costs
from planning.worlds import CHINA, DOLLAR, exactly, sold, still
from report_example import move as summary
from study.stand_ins import like

TODAY = Offer("tv", "USA", "home", "main", "own", "USD", 100.0, True, True, 2.0, keep_cny=70.0)
DEAR = replace(TODAY, price_usd=120.0, today=False)
ENTRY = replace(
    TODAY, market="FRA", plant="mex", line="second", today=False, sold=False, hours=1.5,
    keep_cny=140.0, entry_cny=500.0,
)  # fmt: skip
AWAY = replace(ENTRY, market="ITA")


def solved(*taken: int, share: float = 0.5, hours_then: float = 200.0, beside: str = "") -> Any:
    """Two years of four offers in ten worlds; France is lost in two of them in the second year."""
    units = np.tile(np.array([100.0, 80.0, 40.0, 1.0]), (10, 2, 1))
    units *= np.linspace(0.55, 1.45, 10)[:, None, None]
    units[:2, 1, 2] = 0.0
    prices = np.array([100.0, 120.0, 100.0, 100.0])
    earns = np.array([210.0, 280.0, 350.0, 1.0])
    of = Offers(
        (TODAY, DEAR, ENTRY, AWAY), (2027, 2028), units, units * earns, units * prices,
        np.array([0.9, 0.8]),
    )  # fmt: skip
    hours = {("home", "main"): (400.0, hours_then), ("mex", "second"): (60.0, 30.0)}
    programme = build(facts_of(of, PlanLimits(hours, beside=frozenset({beside}))))
    choice = np.isin(np.arange(4), taken).astype(float)
    decision = replace(
        status_quo_decision(programme), choice=choice, share=np.stack([choice, choice * share])
    )
    stay = status_quo_decision(programme)
    groups = {place: 0 if place < 2 else place - 1 for place in taken}
    return like(
        programme=programme,
        solution=like(decision=decision, outcome=outcome(programme, decision)),
        stay=like(decision=stay, outcome=outcome(programme, stay)),
        moves=[describe_moves(programme, decision, stay, group) for group in set(groups.values())],
    )


def article(*, model: object = "fitted", **now: float) -> Any:
    tiers = dict.fromkeys(("USA", "FRA", "ITA"), like(tier="high"))
    return like(
        sales=like(now=now), standings=tiers, demand=like(fitted=like(whole=like(model=model)))
    )


def test_rows_and_totals_of_a_plan_by_hand() -> None:
    """Half of 80 and of 40 in the last year; France is alive in eight worlds of ten.

    Units of France: 40 × 0.5 × (10 − 0.55 − 0.65) / 10 = 17.6; margins at 7 yuan a dollar.
    """
    plan = decided.plan_rows(solved(1, 2), {"tv": article(USA=5000.0, FRA=0.0)}, 7.0)
    usa, fra = plan.rows
    assert (usa.market, usa.price_usd, usa.move, usa.tier) == ("USA", 120.0, "dearer", "high")
    assert (usa.units, usa.sales_usd, usa.sales_now_usd) == pytest.approx((40, 4800, 5000))
    assert usa.margin_usd == pytest.approx((40 * 280 - 70) / 7)
    assert usa.margin_rate == pytest.approx(usa.margin_usd / 4800)
    # from 0.55 to 1.45 in nine steps: a tenth of the way and nine tenths
    assert (usa.low_usd, usa.high_usd) == pytest.approx((4800 * 0.64, 4800 * 1.36))
    assert (fra.market, fra.plant, fra.move) == ("FRA", "mex", "enter")
    assert (fra.units, fra.sales_usd) == pytest.approx((17.6, 1760))
    assert fra.margin_usd == pytest.approx((17.6 * 350 - 0.8 * 140) / 7)
    assert plan.sales_usd == pytest.approx(6560)
    # If nothing is done: 100 units at 100 dollars, for which the line has the hours.
    assert [row.still_usd for row in plan.rows] == pytest.approx([10_000, 0])
    assert [row.short_usd for row in plan.rows] == [0.0, 0.0]
    # All sales in the ten worlds: 2640, 3120, then 6800 of 0.75 to 1.45.
    assert (plan.low_usd, plan.high_usd) == pytest.approx((2640 + 0.9 * 480, 9180 + 0.1 * 680))
    assert plan.sales_now_usd == 5000
    assert plan.margin_usd == pytest.approx(usa.margin_usd + fra.margin_usd)
    assert plan.concentration == pytest.approx((4800 / 6560) ** 2 + (1760 / 6560) ** 2)
    assert plan.concentration_now == 1.0
    used = dict(plan.capacity_used)
    assert used == pytest.approx({"main": 40 * 2 / 200, "second": 17.6 * 1.5 / 30})


def test_the_part_of_todays_way_that_a_line_has_hours_for() -> None:
    """100 units of two hours each, and 150 hours: three quarters go on."""
    [row] = decided.plan_rows(solved(0, hours_then=150.0), {"tv": article(USA=5000.0)}, 7.0).rows
    assert (row.still_usd, row.short_usd) == pytest.approx((7_500, 2_500))


def test_what_is_not_made_yet_stands_by_the_figure_that_is_told() -> None:
    """By the gain over substitutes a move of 30,000 stood before one of 556,000."""
    told = decided._not_yet([like(mean_cny=30e3, gain_cny=9e6), like(mean_cny=556e3, gain_cny=1e6)])
    assert [move.mean_cny for move in told] == [556e3, 30e3]


def test_a_market_that_is_left_has_a_row_and_one_without_sales_has_none() -> None:
    """Nothing is taken: the United States sold 5,000 and are told, the others never were."""
    plan = decided.plan_rows(solved(), {"tv": article(model=None, USA=5000.0)}, 7.0)
    [row] = plan.rows
    assert (row.market, row.price_usd, row.sales_usd, row.units) == ("USA", 100.0, 0.0, 0.0)
    assert (row.margin_usd, row.margin_rate) == (0.0, 0.0)
    assert (row.low_usd, row.high_usd) == (None, None)  # one year of data tells no interval
    assert (plan.sales_usd, plan.concentration, plan.sales_now_usd) == (0.0, 0.0, 5000.0)
    # Where others are sold, 70 yuan a year stay.
    [left] = decided.plan_rows(solved(beside="USA"), {"tv": article(USA=5000.0)}, 7.0).rows
    assert (left.keep_usd, left.margin_usd) == pytest.approx((10.0, -10.0))


def test_what_small_moves_bring_together() -> None:
    """All that France brings over two years: 350 a piece and 140 to keep it, less 500.

    Of the second year half is taken, and two worlds of ten have none.
    """
    both = solved(1, 2)
    alone = 0.9 * (40 * 350 - 140) + 0.8 * (17.6 * 350 - 0.8 * 140) - 500
    assert decided._together(both, {("tv", "FRA")}) == pytest.approx(alone)
    all_of_it = decided._together(both, {("tv", "FRA"), ("tv", "USA")})
    assert all_of_it == pytest.approx(both.solution.outcome.mean - both.stay.outcome.mean)


def test_models_that_leave_together_share_what_that_brings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each alone would claim all that Italy costs: of 300 and 100 for both, 240 are there."""
    monkeypatch.setattr(decided, "_together", lambda _, keys: 240.0 if len(keys) == 2 else 1e9)
    moves = [
        summary("leave", "tv", "ITA", gain_cny=100.0, mean_cny=100.0, low_cny=-50.0),
        summary("leave", "b", "ITA", gain_cny=300.0, mean_cny=None, worst_cny=40.0),
        summary("leave", "b", "FRA", gain_cny=70.0), summary("enter", "c", "ITA", gain_cny=150.0),
    ]  # fmt: skip
    found = decided._split_savings(like(), moves)
    assert [move.gain_cny for move in found] == [180.0, 150.0, 70.0, 60.0]
    assert (found[0].mean_cny, found[0].worst_cny) == (None, 24.0)
    assert (found[3].mean_cny, found[3].low_cny) == (60.0, -30.0)


def test_an_entry_pays_back_out_of_what_it_earns_itself() -> None:
    """In the middle world the first year brings 40 × 350 − 140: 500 come back in 3.6 % of it."""
    one = solved(2)
    made: Any = like(offers=one.programme.offers)
    years, often = decided._own_payback(one, made, ENTRY)
    each = np.linspace(0.55, 1.45, 10) * 40 * 350 - 140
    assert years == pytest.approx(np.median(500 / each))
    assert often == 1.0
    assert decided._own_payback(one, made, None) == (None, None)
    assert decided._own_payback(one, made, TODAY) == (None, None)  # nothing is paid


def test_the_same_price_to_the_buyer_is_no_other_price() -> None:
    [move] = solved(1).moves
    assert decided._kinds(replace(move, after=replace(DEAR, curve="user"))) == ("dearer",)
    assert decided._kinds(move) == ("dearer",)  # a move is never without a name
    both = replace(move, kinds=("other_plant", "dearer"))
    assert decided._kinds(both) == ("other_plant",)
    assert decided._kinds(replace(move, after=None, kinds=("leave",))) == ("leave",)


def test_what_a_move_rests_on() -> None:
    reached = like(entry=like(source="user"), first_shares=())
    sigma = like(source="literature")
    entering = MarketEntry(assumed_entry_size(0.01), published_survival(2), 1e6)
    outlets = [like(market=market, state=entering) for market in ("FRA", "ITA")]
    made: Any = like(
        shelves={"tv": like(reached=reached, sigma=sigma, asked={"ITA"}, outlets=outlets)}
    )
    [dearer] = solved(1).moves
    dearer = replace(dearer, after=replace(DEAR, curve="literature"))
    assert decided._rests_on(dearer, made) == (
        "planning.rests_outlook", "planning.rests_sigma_literature",
    )  # fmt: skip
    enters = next(move for move in solved(2).moves if move.kind == "enter")
    assert decided._rests_on(enters, made) == (
        "planning.rests_outlook", "planning.rests_entry_user", "planning.rests_survival",
    )  # fmt: skip
    reached.first_shares = (0.01,)
    assert decided._rests_on(enters, made)[-1] == "planning.rests_survival_own"
    asked = replace(enters, market="ITA")
    assert decided._rests_on(asked, made)[-1] == "planning.rests_sigma_literature"


def test_prices_that_the_study_asks_the_largest_change_first() -> None:
    """A quarter dearer at an elasticity of 2 sells 0.64; twice as dear a quarter."""
    chain = like(at=lambda level, price: price if level == "fob" else None)
    way = like(chain=lambda dollar: chain if dollar == 7.0 else None)

    def outlet(market: str, asked: float | None) -> Any:
        return like(market=market, asked_usd=asked, price_usd=100.0, deliveries=[way])

    shelf = like(
        outlets=[outlet("USA", 125.0), outlet("DEU", 200.0), outlet("ITA", 90.0),
                 outlet("ESP", None)],
        asked={"USA", "DEU", "ESP"},
        sigma=like(level="fob", value=2.0, source="user"),
    )  # fmt: skip
    found: Any = list(decided._asked_prices(like(shelves={"tv": shelf}), 7.0))
    assert [(one.market, one.times) for one in found] == [
        ("DEU", pytest.approx(0.25)), ("USA", pytest.approx(0.64)),
    ]  # fmt: skip


def test_profit_over_the_horizon_in_plain_figures() -> None:
    """Twenty worlds: 1 to 20 in the first year and ten more in the second, 5 paid before."""
    worlds = np.arange(1.0, 21.0)
    cash = np.column_stack([np.full(20, -5.0), worlds, worlds + 10])
    found = decided.profit_distribution(Outcome(cash))
    assert found.by_year == pytest.approx((-5, 10.5, 20.5))
    assert found.mean == pytest.approx(26)
    assert found.worst == pytest.approx(2 + 10 - 5)  # the worst of twenty
    assert found.low == pytest.approx(2 * 1.95 + 5)  # between it and the next


def solved_rows(*rows: Any, worth: tuple[float, ...] = (), **decision: Any) -> Any:
    """A solved plan of offers that earn ``worth`` on the mean of two scenarios' halves."""
    halves = np.tile(np.array(worth) / 2, (2, 1))
    offers = like(rows=rows)
    programme = like(offers=offers, worth=halves, fixed=np.zeros(len(worth)), facts=like())
    solution = like(decision=like(choice=np.zeros(len(rows), dtype=bool) | decision.pop("on", 0)))
    return like(programme=programme, solution=solution, not_yet=decision.pop("not_yet", ()))


def offer(model: str, market: str, *, sold: bool = False, lot: float = 0.0) -> Any:
    return like(model=model, market=market, sold=sold, lot=lot)


def test_hours_of_what_is_left_out_are_used_too() -> None:
    """1,000 hours, of which other goods take 400; half of the rest is used: 300 + 400."""
    whole, rest = (like(lines={"a": ("plant", like(hours=Decimal(h)))}) for h in (1000, 600))
    assert dict(planned._capacity_of_lines(like(capacity_used=[("a", 0.5)]), whole, rest)) == {
        "a": pytest.approx(0.7)
    }


@pytest.mark.parametrize(("own", "key"), [(False, "warn_at_cap"), (True, "warn_at_cap_own")])
def test_markets_at_the_cap(own: bool, key: str) -> None:
    """Germany has its 40 % to a fifth of a per cent, in two rows; the Netherlands had more before,
    Japan has no cap, France is a little below."""
    rows = [("DEU", 250.0), ("DEU", 149.0), ("NLD", 450.0), ("JPN", 2.0), ("FRA", 397.0)]
    caps = like(market_share={"DEU": 0.4, "NLD": 0.45, "FRA": 0.4})
    names = {"largest_market_share"} if own else set()
    said = keyed(
        planned._capped_markets(
            like(limits=like(largest_market_share=Decimal("0.4"), model_fields_set=names)),
            like(programme=like(facts=like(limits=caps))),
            like(rows=[like(market=m, sales_usd=usd) for m, usd in rows], sales_usd=1000.0),
        )
    )
    assert said == [(f"study.{key}", {"markets": ("DEU",), "cap": "40%"})]


def test_a_plan_without_sales_is_at_no_cap() -> None:
    limits = like(largest_market_share=Decimal("0.4"), model_fields_set=set())
    caps = like(programme=like(facts=like(limits=like(market_share={"DEU": 0.4}))))
    nothing = like(rows=[like(market="DEU", sales_usd=0.0)], sales_usd=0.0)
    assert [*planned._capped_markets(like(limits=limits), caps, nothing)] == []


def test_entries_that_pay_and_that_limits_bar_the_best_market_first() -> None:
    rows = [offer("A", m) for m in ("DEU", "FRA", "FRA", "ITA", "ESP", "JPN")]
    worth = (3.0, 1.0, 5.0, 0.0, -1.0, 9.0)
    tried = [like(key=("A", "JPN"))]
    (said,) = keyed(planned._barred_together(solved_rows(*rows, worth=worth, not_yet=tried)))
    assert said == ("study.warn_entries_barred", {"markets": ("FRA", "DEU")})
    assert [*planned._barred_together(solved_rows(*rows, worth=worth, on=1))] == []
    sold = [offer("A", "GBR", sold=True), *rows[1:]]
    assert [*planned._barred_together(solved_rows(*sold, worth=worth))] == []


def sold_and_entry() -> Offers:
    """Both bring 100 of 200 yuan a year; what is not sold today costs 60 to enter."""
    sold = Offer("A", "DEU", "p", "l", "own", "USD", 100.0, True, True, 2.0)
    entry = replace(sold, market="USA", sold=False, today=False, entry_cny=60.0)
    units = np.full((3, 2, 2), 20.0)
    return Offers((sold, entry), (2027, 2028), units, units * 5, units, np.ones(2))


@pytest.mark.parametrize(("budget", "barred"), [(50.0, ["USA"]), (60.0, [])])
def test_an_entry_for_which_the_budget_leaves_no_room(budget: float, barred: list[str]) -> None:
    programme = build(facts_of(sold_and_entry(), PlanLimits(entry_budget_cny=budget)))
    decision = like(share=np.array([[1.0, 0.0], [1.0, 0.0]]), choice=np.array([1.0, 0.0]))
    one = like(programme=programme, solution=like(decision=decision), threshold=2 / 3, not_yet=())
    said = keyed(planned._barred_entries(one, like(thin=frozenset())))
    assert [list(values["markets"]) for _, values in said] == [barred] * len(barred)


@pytest.mark.parametrize(("least", "barred"), [(0.6, {("A", "USA")}), (0.4, set())])
def test_an_entry_that_the_least_margin_closes(
    least: float, barred: set[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choices, "product_scenarios", lambda *_: like(inputs=None, freight=None))
    monkeypatch.setattr(choices, "offers_of", lambda *_: sold_and_entry())
    limits = like(least_margin_rate=least, likelier_than=0.5)
    study: Any = like(rates=like(discount=0), limits=limits)
    shelf = like(outlets=[like(market="USA", asked_usd=None)], asked={})
    rates: Any = like(cny_per_usd=10.0)
    assert choices.joint_offers(study, {"A": shelf}, {}, rates)[2] == barred


def test_a_cost_that_follows_the_price_is_told() -> None:
    """A tenth dearer in Germany, a hundredth cheaper in Japan; France is not in the plan."""
    grades = {"DEU": log(1.1), "JPN": log(0.99), "FRA": log(1.5)}
    outlets = [
        like(model="A", market=market, state=Selling(1.0, (1.0, 1.0), grade=g, grade_error=1e-6))
        for market, g in grades.items()
    ]
    study: Any = like(model=[like(key="A", cost_cny=Decimal(72))])
    rows: Any = [like(product="A", market=m, units=5.0 * (m != "FRA")) for m in grades]
    shelves: Any = {"A": like(outlets=outlets)}
    ((key, said),) = keyed(graded_costs(study, shelves, rows))
    assert key == "study.warn_graded"
    assert (said["market"], said["used"], said["stated"], said["count"]) == (
        "DEU", "79.20", "72.00", 1,
    )  # fmt: skip
    assert not [*graded_costs(study, shelves, rows[1:])]


def test_entries_that_pay_and_are_less_than_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of France one offer is enough for a run; Spain does not pay; Japan is sold in."""
    rows = [*(offer("A", m, lot=1200) for m in ("DEU", "FRA", "FRA", "ESP")),
            offer("A", "JPN", sold=True, lot=1200), offer("B", "DEU", lot=50)]  # fmt: skip
    below = np.array([True, True, False, True, True, False])
    monkeypatch.setattr(planned, "lots_of", lambda _: (None, below))
    said = keyed(planned._below_lot(solved_rows(*rows, worth=(1.0, 1.0, 1.0, 0.0, 1.0, 1.0))))
    assert said == [("study.warn_below_lot", {"model": "A", "lot": "1,200", "markets": ("DEU",)})]


def row(name: tuple[str, str], high: float, share: Any, choice: Any, offers: list[int]) -> Any:
    return like(name=name, limit=name[0], high=high, share=share, choice=choice, offers=offers)


HOURS, CAP = ("line_hours", "main"), ("market_share", "DEU")
PROGRAMME = like(
    rows=[
        row(HOURS, 800.0, np.array([[100.0, 200.0], [300.0, 400.0]]), None, [0, 2]),
        row(HOURS, 900.0, None, np.array([50.0, 60.0]), [1, 2]),
        row(("budget", ""), 5000.0, np.array([[9e9], [9e9]]), None, [1]),
    ],
    facts=like(limits=like(market_share={"DEU": 0.4})),
)
PLAN = like(decision=like(share=np.array([[1.0, 1.0, 0.5], [0.5, 1.0, 0.25]]),
                          choice=np.array([0.0, 1.0, 1.0])))  # fmt: skip


def test_what_a_plan_takes_of_a_limit_is_that_of_the_year_that_takes_most() -> None:
    """100 + 100 + 150 + 100 of shares; 50 + 60 of choices."""
    assert risk._limit_use(PROGRAMME, PLAN, HOURS) == 450.0


def test_a_limit_has_the_dearest_price_and_its_worth_is_never_negative() -> None:
    first, last = (
        ShadowPrice(*HOURS, year, price, 900.0, low, high, confirmed=True)
        for year, price, low, high in ((1, 7.0, 400.0, 500.0), (2, 11.0, 300.0, np.inf))
    )
    told = risk._limit(PLAN, PROGRAMME, HOURS, [first, last], -3.0, -40.0)
    assert (told.now, told.used, told.year, told.price_cny) == (900.0, 450.0, 2, 11.0)
    assert (told.low, told.high) == (300.0, None)
    assert (told.more_cny, told.less_cny) == (0.0, 40.0)
    early = risk._limit(PLAN, PROGRAMME, HOURS, [first], None, None)
    assert (early.high, early.more_cny, early.less_cny) == (500.0, 0.0, None)


def test_a_cap_is_a_share_and_has_no_price_of_one_more() -> None:
    price = ShadowPrice(*CAP, 1, 7.0, 0.4, 0.3, 0.5, confirmed=True)
    told = risk._limit(PLAN, PROGRAMME, CAP, [price], 12.0, 5.0)
    assert (told.now, told.used, told.price_cny, told.year) == (0.4, 0.4, None, None)
    assert (told.more_cny, told.less_cny) == (12.0, 0.0)


def test_a_limit_without_a_price_is_told_where_a_tenth_matters() -> None:
    def told(more: float, less: float) -> bool:
        return risk._worth_telling(risk._limit(PLAN, PROGRAMME, CAP, [], more, -less), 10.0)

    assert [told(10.0, 0.0), told(0.0, 10.0), told(9.9, 9.9)] == [True, True, False]


def test_a_bar_is_as_wide_as_from_end_to_end_the_gain_among_them() -> None:
    bars = {(1.0, 5.0): 4.0, (2.0, 3.0): 3.0, (-4.0, -1.0): 9.0, (6.0, 9.0): 4.0}
    for (low, high), width in bars.items():
        assert risk._width(BarFigures("demand", "", 1.0, low, high, ()), 5.0) == width


MEXICO = Delivery(
    "Tijuana", "B", "USD", cost_cny=3000.0, carried_cny=70.0, proportional=0.02,
    freight_usd=12.0, duty=0.0, hours=1.5,
)  # fmt: skip
DISCOUNT = np.array([0.9, 0.81])


def menu(*outlets: Outlet) -> Any:
    """In two still years of 1,000 sets, one profit a scenario; the rate is 7 CNY for a dollar."""
    worlds = still()
    offers = offers_of(outlets, worlds, Grid(discount=0.9))
    shelf = like(outlets=outlets, sigma=outlets[0].sigma)
    return like(offers=offers, shelves={"TV65": shelf}, rates=worlds.rates, dollar=DOLLAR)


def move(offers: Offers, kind: str, before: Offer | None, after: Offer | None) -> Move:
    """Taken whole."""

    def by_year(of: Any, offer: Offer | None) -> Any:
        return np.zeros(2) if offer is None else of[:, :, offers.rows.index(offer)].mean(axis=0)

    units, sales = offers.units, offers.sales_usd
    return Move(
        kind, (kind,), "TV65", "DEU", before, after, by_year(units, before), by_year(units, after),
        by_year(sales, before), by_year(sales, after), *[None] * 8,
    )  # fmt: skip


def elsewhere(mexico: Delivery) -> tuple[Any, Move]:
    """At one price to the buyer, from Mexico instead of China."""
    made = menu(sold(exactly(4.0, "literature"), deliveries=(CHINA, mexico)))
    home, away = (
        next(row for row in made.offers.rows if row.plant == name)
        for name in ("Qingdao", "Tijuana")
    )
    return made, move(made.offers, "other_plant", home, away)


def test_another_plant_by_hand() -> None:
    """A set of USD 560 pays 10 % on 580: 58 of duty, 638 landed; from Mexico it is 626 on board."""
    made, moved = elsewhere(MEXICO)
    terms = move_terms(made, moved, "other_plant")
    assert (terms.duty_before, terms.duty_after) == (0.1, 0.0)
    assert terms.landed_before_usd == pytest.approx(638.0)
    assert terms.landed_after_usd == pytest.approx(638.0)
    assert terms.duty_saved_usd == pytest.approx(58.0)
    assert terms.line == "A"
    assert terms.hours_freed == pytest.approx(1000.0)
    # China leaves 560 × 7 − 2,800 = 1,120 a set. From Mexico as much is left at an FOB price of
    # (1,120 + 3,070) / (0.98 × 7); landed at 638 that is a duty of …
    least = (1120 + 3070) / (0.98 * 7)
    duty = 638 / (least + 12) - 1
    assert terms.break_even == pytest.approx(0.1 - duty, rel=1e-5)


def test_at_the_least_gap_it_brings_nothing() -> None:
    """With the duty of the new plant at the break-even, the offers themselves earn the same."""
    made, moved = elsewhere(MEXICO)
    gap = move_terms(made, moved, "other_plant").break_even
    assert gap is not None
    there, then = elsewhere(replace(MEXICO, duty=0.1 - gap))
    whole = own_gain(made, moved)
    assert own_gain(there, then) == pytest.approx(0.0, abs=1e-4 * abs(whole))


def test_what_is_not_known_of_a_duty_is_missing() -> None:
    home = replace(CHINA, duty=None)
    made = menu(sold(exactly(4.0), deliveries=(home,)))
    first, second = made.offers.rows[0], made.offers.rows[-1]
    terms = move_terms(made, move(made.offers, "dearer", first, second), "dearer")
    assert terms.duty_before is terms.landed_before_usd is terms.duty_saved_usd is None
    left = move_terms(made, move(made.offers, "leave", first, None), "leave")
    assert left.landed_after_usd is left.break_even is None
    assert left.hours_freed > 0


@pytest.mark.parametrize(("kind", "price"), [("dearer", 616.0), ("cheaper", 504.0)])
def test_the_elasticity_at_which_another_price_turns(kind: str, price: float) -> None:
    """Of 560: (560 × 7 − 2,800) sets at 580 landed, against (P × 7 − 2,800) at P + 20."""
    outlet = sold(exactly(4.0), asked_usd=price)
    made = menu(outlet)
    today = next(row for row in made.offers.rows if row.price_usd == 560.0)
    other = next(row for row in made.offers.rows if row.price_usd == price)
    turns = move_terms(made, move(made.offers, kind, today, other), kind).break_even
    by_hand = np.log((price * 7 - 2800) / 1120) / np.log((price + 20) / 580)
    assert turns == pytest.approx(by_hand, rel=1e-5)
    # At that elasticity both earn the same, just below it the dearer one earns more.
    for sigma, sign in ((by_hand, 0), (by_hand - 0.1, 1), (by_hand + 0.1, -1)):
        at = menu(replace(outlet, sigma=exactly(float(sigma))))
        rows = {row.price_usd: row for row in at.offers.rows}
        gain = own_gain(at, move(at.offers, kind, rows[560.0], rows[price]))
        dearer = gain if kind == "dearer" else -gain
        assert np.sign(round(dearer / 1e6, 4)) == sign


def test_an_entry_needs_the_units_that_pay_its_costs() -> None:
    """700 sets a year leave 1,120 each; 300,000 of entering and 100,000 a year of keeping."""
    state = MarketEntry(Entry(0.007, 0.0, (1.0,)), (1.0,), 5.6e7, 3e5)
    outlet = replace(sold(exactly(4.0)), state=state, keep_cny=1e5)
    made = menu(outlet)
    entry = next(row for row in made.offers.rows if row.price_usd == 560.0)
    found = move_terms(made, move(made.offers, "enter", None, entry), "enter")
    costs = 3e5 + 1e5 * DISCOUNT.sum()
    assert found.break_even == pytest.approx(2 * costs / (1120 * DISCOUNT.sum()), rel=1e-5)
    assert found.landed_before_usd is None
    assert found.hours_freed == pytest.approx(-700.0)
