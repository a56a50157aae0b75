"""Rows, tails, prices and figures of a plan, each worked out on paper."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from offing.planning import exchange
from offing.planning.elasticity import Sigma, literature_elasticity, stated_elasticity
from offing.planning.offering import LARGEST_RESPONSE, Grid, Selling, offers_of
from offing.planning.offers import (
    Currency,
    ExchangeRisk,
    Forward,
    Offer,
    Offers,
    PlanLimits,
    Risk,
    Switch,
    Treasury,
)
from offing.planning.outcome import (
    Decision,
    continue_sales,
    currency_receipts,
    cut,
    expected_shortfall,
    fix_markets,
    further_of,
    outcome,
    status_quo_decision,
    tail,
)
from offing.planning.plan import MoveSummary, PlanDecision
from offing.planning.programme import Programme, build, cut_by_hours, facts_of, line_hours
from offing.planning.risk import PointFigures, RiskFigures
from offing.planning.treasury import (
    hedge_ratios,
    hedged_in_full,
    loss_of,
    open_usd,
    receipt_shares,
    taken_of,
    weighed_money,
)
from offing.study.pricing import price_curve
from offing.terms.errors import InputError
from planning.worlds import DOLLAR, exactly, sold, still

EUR = Offer("m", "DEU", "p", "l", "own", "EUR", 100.0, True, True, 2.0)
USD = replace(EUR, market="USA", currency="USD", keep_cny=30.0, hours=1.0)
ENTRY = replace(EUR, market="FRA", today=False, sold=False, entry_cny=50.0)


def offers(*units: float, worlds: int = 4, years: int = 2) -> Offers:
    """Each piece sells for a dollar and earns five yuan; the second year sells a fifth more."""
    rows = (EUR, USD, ENTRY)[: len(units)]
    sold = np.ones((worlds, years, 1)) * np.array(units)
    sold[:, 1:] *= 1.2
    return Offers(rows, tuple(range(2027, 2027 + years)), sold, sold * 5, sold.copy(),
                  0.9 ** np.arange(1.0, years + 1))  # fmt: skip


# --- tails and cuts


def test_a_tail_counts_its_last_scenario_in_part() -> None:
    """Of 50 the worst 5% are two and a half: 0.4 + 0.4 + 0.2."""
    places, weights = tail(np.arange(50.0)[::-1])
    assert places.tolist() == [49, 48, 47]
    assert weights == pytest.approx([0.4, 0.4, 0.2])
    assert expected_shortfall(np.arange(50.0)) == pytest.approx(-0.8)
    places, weights = tail(np.array([3.0, 1.0, 2.0]))  # of fewer than twenty, the worst alone
    assert (places.tolist(), weights.tolist()) == ([1], [1.0])
    places, weights = tail(np.zeros(40))
    assert places.tolist() == [0, 1]
    assert weights == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("small", [0.5, 50.0])
def test_a_cut_is_tight_at_its_plan_where_markets_are_left(small: float) -> None:
    """Half a piece a year is a market that goes on: what keeping it costs is paid."""
    rng = np.random.default_rng(3)
    units = np.full((40, 2, 2), small) * (rng.random((40, 2, 2)) > 0.3)
    profit = units * rng.normal(5, 40, (40, 2, 2))
    rows = (USD, replace(ENTRY, keep_cny=70.0))
    of = Offers(rows, (2027, 2028), units, profit, units, np.array([0.9, 0.8]))
    programme = build(facts_of(of, PlanLimits()))
    plan = Decision(np.ones(2), np.full((2, 2), 0.7), np.zeros(0))
    found = outcome(programme, plan)
    made = cut(programme, tail(found.profit))
    said = (made.share * plan.share).sum() - made.fixed @ plan.choice + made.constant
    assert said == pytest.approx(-found.shortfall)
    # By hand, in each world: what is sold, what is kept where anything is, and the entry once.
    alive = units > 0
    cash = 0.9 * (0.7 * profit[:, 0].sum(1) - alive[:, 0] @ [30.0, 70.0])
    cash += 0.8 * (0.7 * profit[:, 1].sum(1) - alive[:, 1] @ [30.0, 70.0]) - 50
    assert found.profit == pytest.approx(cash)
    assert found.worst_year_of_twenty == pytest.approx(np.quantile(cash, 0.05))


# --- rows about currencies

PAIR = Currency("EUR", (Forward(90, np.zeros(4)), Forward(180, np.zeros(4))), 0.02, 30.0, 20.0)
SWITCH = Switch("DEU", "EUR", "USD", np.zeros(4), (1.0, 1.5))


def facts(**more: Any) -> Any:
    treasury = Treasury((PAIR, Currency("USD")), (SWITCH,), **more)
    return facts_of(offers(100.0, 40.0, 60.0), PlanLimits(), treasury)


def test_receipts_of_a_currency_by_hand() -> None:
    """Germany and France are invoiced in euro; what is switched leaves it, 1.5 times later on."""
    of = facts()
    here, sales, switched = exchange.receipts(of, "EUR", 1)
    assert (here.tolist(), switched) == ([0, 2], {"invoice_DEU_EUR_USD": -1.5})
    assert sales == pytest.approx(np.array([[0, 0], [120, 72]]))
    assert exchange.receipts(of, "USD", 0)[2] == {"invoice_DEU_EUR_USD": 1.0}
    assert exchange.most_receipts(of, "EUR") == pytest.approx(160)
    assert exchange.most_receipts(of, "USD") == pytest.approx(140)  # Germany's may come to it
    assert exchange.most_receipts(of, "JPY") == 1.0


def test_rows_of_hedges_and_switches_by_hand() -> None:
    """30 of outlays and 20 held: more is hedged only beyond 50, and a yes or no says whether."""
    of = facts()
    yes, within = exchange.hedge_within_receipts(of)
    hedges = {"hedge_EUR_90": 1.0, "hedge_EUR_180": 1.0}
    assert dict(yes.further) == {**hedges, "hedging_EUR": -160.0}
    assert (yes.low, yes.high, yes.offers.size) == (-np.inf, 0.0, 0)
    assert dict(within.further) == {
        "invoice_DEU_EUR_USD": -1.0, "hedge_EUR_90": -1.0, "hedge_EUR_180": -1.0,
        "hedging_EUR": -50.0,
    }  # fmt: skip
    assert (within.low, within.high) == (0.0, np.inf)
    [switch] = exchange.switch_within_receipts(of)
    assert (switch.subject, switch.offers.tolist()) == ("DEU EUR", [0])
    assert (switch.low, switch.high, dict(switch.further)) == (
        0.0, np.inf, {"invoice_DEU_EUR_USD": -1.0},
    )  # fmt: skip
    rows = exchange.exchange_rows(of)
    assert [(row.year, row.high) for row in rows] == [(2027, 30), (2027, -30), (2028, 30),
                                                      (2028, -30)]  # fmt: skip
    assert dict(rows[3].further) == {"invoice_DEU_EUR_USD": 1.5, "exchanged_EUR_2028": -1.0}
    share = rows[3].share
    assert share is not None
    assert share[1] == pytest.approx([-120, -72])


def test_variables_of_hedges_by_hand() -> None:
    """A spread of 0.02 in the first year is 0.9 of it in the second, beside the first."""
    found = {v.name: v for v in exchange.variables(facts())}
    assert set(found) == {
        "hedge_EUR_90", "hedge_EUR_180", "hedging_EUR", "exchanged_EUR_2027",
        "exchanged_EUR_2028", "invoice_DEU_EUR_USD",
    }  # fmt: skip
    assert found["hedging_EUR"].binary
    assert found["exchanged_EUR_2027"].payoff == pytest.approx(-0.02)
    assert found["exchanged_EUR_2028"].payoff == pytest.approx(-0.018)
    assert (found["hedge_EUR_90"].unit, found["invoice_DEU_EUR_USD"].unit) == (160.0, 100.0)


def programme(**more: Any) -> Programme:
    return build(facts(**more))


def taking(of: Programme, **usd: float) -> Decision:
    """All that is offered is sold, at 0.5 in the first year; hedges and switches as named."""
    share = np.array([[0.5] * 3, [1.0] * 3])
    whole = Decision(np.ones(3), share, np.zeros(0))
    return replace(whole, further=further_of(of, whole, usd))


def test_what_follows_from_hedges_and_switches_by_hand() -> None:
    """Euro: half of 160, of which 10 go to the dollar: 70; 30 of outlays leave 40 to exchange."""
    of = programme()
    plan = taking(of, hedge_EUR_90=12.0, invoice_DEU_EUR_USD=10.0)
    values = dict(zip((v.name for v in of.further), plan.further, strict=True))
    assert values["exchanged_EUR_2027"] == pytest.approx(40)
    assert values["exchanged_EUR_2028"] == pytest.approx(192 - 15 - 30)
    assert values["hedging_EUR"] == 1.0
    assert currency_receipts(of, plan.share, taken_of(of, plan), "USD", 2027) == pytest.approx(30)
    assert currency_receipts(of, plan.share, taken_of(of, plan), "USD", 2028) == pytest.approx(
        48 + 15
    )
    assert open_usd(of, plan) == pytest.approx({"EUR": 70 - 20 - 12, "USD": 30})
    # of 70 less 30 of outlays, 20 are held and 12 hedged
    assert hedge_ratios(of, plan) == pytest.approx({"EUR": 32 / 40, "USD": 0.0})
    shares = [part for row in receipt_shares(of, plan) for part in row[1:]]
    assert shares == pytest.approx([0.7, 12 / 70, 0.3, 0.0])
    full = taken_of(of, hedged_in_full(of, plan))
    assert full == pytest.approx(
        {"hedge_EUR_90": 20.0, "hedge_EUR_180": 0.0, "invoice_DEU_EUR_USD": 10.0}
    )
    nothing = taking(of)
    assert dict(zip((v.name for v in of.further), nothing.further, strict=True))["hedging_EUR"] == 0


def test_how_far_receivables_may_fall_by_hand() -> None:
    """Open 38 of euro less 8 owed of a quarter's stock: 6 that lose a tenth, of receipts of 100."""
    moves = {"EUR": np.tile([0.1, -0.1], 10)}
    of = programme(risk=ExchangeRisk(0.05, 0.25, moves, owed_usd={"EUR": 8.0}))
    plan = taking(of, hedge_EUR_90=12.0, invoice_DEU_EUR_USD=10.0)
    assert loss_of(of, plan) == pytest.approx(0.1 * (38 - 32) / 100)
    fixing = {"EUR": np.tile([0.02, -0.02], 10)}
    ndf = ExchangeRisk(0.05, 0.25, {"EUR": np.zeros(20)}, fixing)
    assert loss_of(programme(risk=ndf), plan) == pytest.approx(0.02 * (70 - 38) / 100)
    assert loss_of(programme(), plan) == 0.0


@pytest.mark.parametrize(("usd", "shown"), [(0.019, False), (0.021, True)])
def test_a_hedge_of_next_to_nothing_is_none(usd: float, shown: bool) -> None:
    """A thousandth of 20, what the receipts of 70 leave beyond outlays and what is held."""
    of = programme()
    plan = taking(of, hedge_EUR_90=usd, invoice_DEU_EUR_USD=10.0)
    found: Any = {one.currency: one for one in weighed_money(of, plan)}
    assert ("EUR" in found) == shown
    assert (found["USD"].amount, found["USD"].share) == (10.0, pytest.approx(0.2))
    if shown:
        assert (found["EUR"].share, found["EUR"].days) == (pytest.approx(usd / 20), 90)
    little = taking(of, invoice_DEU_EUR_USD=0.049)  # of 50 in Germany
    assert weighed_money(of, little) == ()
    assert len(weighed_money(of, taking(of, invoice_DEU_EUR_USD=0.051))) == 1


# --- what goes on


def test_hours_cut_the_year_that_lacks_them_and_what_is_held_stays() -> None:
    """100 × 2 + 40 hours and 288 in the second year, of 300 and 144: half of the second year."""
    limits = PlanLimits({("p", "l"): (300.0, 144.0)})
    of = build(facts_of(offers(100.0, 40.0, 60.0), limits))
    stay = status_quo_decision(of)
    assert stay.share == pytest.approx(np.array([[1, 1, 0], [0.5, 0.5, 0]]))
    assert continue_sales(of, stay).share == pytest.approx(stay.share)
    kept = fix_markets(of, stay, {0, 2})
    assert kept.least[:, 0] == pytest.approx([1, 0.5])
    assert kept.most[:, 0] == pytest.approx([1, 0.5])
    assert (kept.least[:, 1:].max(), kept.most[:, 1:].min()) == (0.0, 1.0)
    assert kept.closed.tolist() == [False, False, True]
    assert kept.needed.tolist() == [True, False, False]
    assert fix_markets(of, stay, set()) is of


# --- elasticities and prices


def test_how_wide_an_elasticity_is() -> None:
    """σ − 1 within a third and three times it by the literature; within a fifth by a person."""
    wide = literature_elasticity(4.0)
    assert (wide.low, wide.high) == (2.0, 10.0)
    own = stated_elasticity(4.0)
    assert (own.high - own.value) / 3 == pytest.approx(0.2 * 1.96, abs=1e-4)
    assert own.value - own.low == pytest.approx(own.high - own.value)
    with pytest.raises(InputError):
        stated_elasticity(1.0)
    for implied, said in ((3.4, "no_evidence"), (3.0, "moves"), (5.0, "no_evidence"),
                          (5.1, "moves")):  # fmt: skip
        assert Sigma(4.0, 3.2, 5.0, "ledger").verdict(implied) == said
    assert Sigma(4.0, 1.0, 5.0, "ledger").verdict(6.0) == "no_best_price"
    assert literature_elasticity(4.0).verdict(99.0) == "literature"


def test_draws_of_an_elasticity_have_its_mean_and_spread() -> None:
    """An interval of ± 1.96 about 4 has a standard deviation of 1."""
    sigma = Sigma(4.0, 4 - 1.959964, 4 + 1.959964, "user")
    normal = np.random.default_rng(1).standard_normal(200_000)
    drawn = sigma.drawn(normal)
    assert (drawn.mean(), drawn.std()) == pytest.approx((4, 1), rel=0.01)
    assert drawn.min() > 1
    assert Sigma(4.0, 4.0, 4.0, "user").drawn(normal[:2]).tolist() == [4, 4]
    # told by a ledger that finds just what the price implies, the price is likelier to be right
    ledger = replace(sigma, source="ledger")
    uniform = (np.arange(200_000) + 0.5) / 200_000
    at = ledger.draw_implied_elasticity(4.0, normal, uniform)
    ratio = np.sqrt(1 + 0.4**2 / ledger.log_spread**2)
    assert (at == 4.0).mean() == pytest.approx(ratio / (1 + ratio), abs=1e-3)
    assert ledger.draw_implied_elasticity(np.inf, normal, uniform) == pytest.approx(drawn)
    far = ledger.draw_implied_elasticity(20.0, normal, uniform)  # log(3/19) is many spreads away
    assert (far == 20.0).mean() < 0.2


def test_a_curve_of_prices_by_hand() -> None:
    """A constant elasticity of 3 at landed prices, in worlds without risk that grow by a tenth.

    1,000 pieces of today are 1,100 in the first year; of costs 2,800 a piece.
    """
    outlet = sold(exactly(3.0), price=560.0, state=Selling(1000.0, (500.0, 640.0)))
    worlds = still(growth=0.1)
    curve = price_curve(outlet, worlds, [480.0, 600.0])
    points = {point.fob_usd: point for point in curve.points}
    assert list(points) == [480.0, 560.0, 600.0]
    today = points[560.0]
    assert today.today
    assert today.chance is None
    assert today.units == pytest.approx(1100, rel=1e-5)
    assert today.landed_usd == pytest.approx(580 * 1.1)
    assert today.profit_cny == pytest.approx(1100 * (560 * DOLLAR - 2800), rel=1e-5)
    dear = points[600.0]
    ratio = 620 / 580
    assert dear.units == pytest.approx(1100 * ratio**-3, rel=1e-4)
    profit = 1100 * ratio**-3 * (600 * DOLLAR - 2800)
    assert dear.profit_cny == pytest.approx(profit, rel=1e-4)
    assert dear.matched_cny == pytest.approx(profit * ratio, rel=1e-4)  # half-way from 3 to 1
    assert (dear.low_units, dear.high_units) == pytest.approx((dear.units, dear.units))
    assert dear.chance == float(profit > today.profit_cny)
    assert (dear.outside, points[480.0].outside) == (False, True)
    assert curve.verdict == "moves"
    # 3/2 of what it costs at the border and inland, brought back to the port
    assert curve.best_usd == pytest.approx(1.5 * (400 + 20) - 20)
    assert LARGEST_RESPONSE > 1


def risk(**points: tuple[float, float]) -> float | None:
    named = tuple(PointFigures(n, mean, 0.0, worst, 0) for n, (mean, worst) in points.items())
    return RiskFigures(named, (), (), 1.0, 0.2, 1.0, 0).gap_over_today


def test_how_far_the_worst_falls_short_of_the_mean_over_today() -> None:
    """Today 60 of 100, the plan 160 of 200: 0.2 over 0.4."""
    assert risk(today=(100, 60), bold=(200, 160)) == pytest.approx(0.5)
    assert risk(today=(0.5, 0.3), bold=(1.0, 0.8)) == pytest.approx(0.5)
    assert risk(today=(100, 100), bold=(200, 160)) is None
    assert risk(today=(0, -10), bold=(200, 160)) is None
    assert risk(today=(100, 60), bold=(-1, -2)) is None
    assert risk(bold=(200, 160)) is None
    assert risk(today=(100, 60)) is None


def move(gain: float | None, **more: Any) -> MoveSummary:
    by_year = ("units_before", "units_after", "sales_before_usd", "sales_after_usd")
    nothing: Any = dict.fromkeys(by_year, ())
    return MoveSummary(
        "grow", ("grow",), "m", f"{gain}", 1.0, 1.0, "p", "USD", **nothing, gain_cny=gain,
        alone_cny=None, mean_cny=None, chance=None, worst_cny=None, entry_cny=0.0,
        payback_years=None, payback_chance=None, **{"low_cny": None, **more},
    )  # fmt: skip


def decided(*gains: float | None, small: float = 0.0) -> PlanDecision:
    spread: Any = None
    return PlanDecision(
        (2027,), 1, 0.5, tuple(map(move, gains)), (), spread, spread, None, 1000.0, 0.0, 7.0, 0.0,
        (), (), (("EUR", 8.0),), small_cny=small,
    )  # fmt: skip


def test_small_moves_are_told_together() -> None:
    """Below 20 of 1,000, two of them at least, and together no more than so many small ones."""
    found = decided(900.0, 20.0, 19.9, 5.0, None)
    assert [one.gain_cny for one in found.small] == [19.9, 5.0]
    assert [one.gain_cny for one in found.weighty] == [900.0, 20.0, None]
    assert decided(900.0, 5.0).small == ()
    assert decided(9.0, 5.0, 5.0).small[0].gain_cny == 5.0  # the largest is always told
    assert len(decided(900.0, 5.0, 5.0, small=40.0).small) == 2
    assert decided(900.0, 5.0, 5.0, small=40.1).small == ()
    assert [found.cny_per(code) for code in ("CNY", "USD", "EUR")] == [1.0, 7.0, 8.0]


def test_a_currency_without_receipts_is_not_hedged() -> None:
    """Nothing comes in yen; of euro all is paid out again."""
    treasury = Treasury((Currency("JPY", held_usd=5.0), Currency("EUR", out_usd=80.0)))
    of = build(facts_of(offers(100.0, 40.0, 60.0), PlanLimits(), treasury))
    assert hedge_ratios(of, taking(of)) == {"JPY": 0.0, "EUR": 0.0}


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({"price_usd": 0.5, "ladder": None}, True),
        ({"price_usd": 0.0}, False),
        ({"deliveries": ()}, False),
        ({"ladder": (0.0, 1.0)}, False),
        ({"ladder": (2.0, 2.0)}, False),
        ({"ladder": (0.5, 0.6)}, True),
    ],
)
def test_outlets_that_can_be_offered(changes: dict[str, Any], fits: bool) -> None:
    outlet = replace(sold(exactly(3.0)), **changes)
    if fits:
        assert offers_of([outlet], still(), Grid()).rows
        return
    with pytest.raises(InputError, match="TV65") as caught:
        offers_of([outlet], still(), Grid())
    assert caught.value.key == "plan.bad_outlet"


def test_when_the_worst_counts() -> None:
    assert not Risk().counts
    assert Risk(0.1).counts
    assert Risk(0.0, 0.0).counts


def test_a_move_that_others_could_replace() -> None:
    assert move(0.0, low_cny=1.0).replaceable
    assert not move(1.0, low_cny=1.0).replaceable
    assert not move(-1.0, low_cny=1.0).replaceable
    assert not move(None, low_cny=1.0).replaceable
    assert not move(1.0).replaceable


def test_a_plan_that_goes_on_gives_way_to_the_hours_of_a_line_alone() -> None:
    """Half the hours, and a cap, a budget and receivables that would leave nothing."""
    limits = PlanLimits(
        line_hours={("p", "l"): (100.0, 100.0)},
        market_share={"DEU": 0.0},
        entry_budget_cny=0.0,
        working_capital_cny=0.0,
    )
    facts = facts_of(offers(40.0, 120.0), limits)
    whole, hours = build(facts), build(facts, constraints=(line_hours,))
    assert {row.limit for row in hours.rows} == {"line_hours"}
    assert len(whole.rows) > len(hours.rows)
    today = Decision(np.ones(2), np.ones((2, 2)), np.zeros(len(whole.further)))
    one, other = (continue_sales(programme, today) for programme in (whole, hours))
    assert one.share.tolist() == other.share.tolist()
    assert one.share[0].tolist() == pytest.approx([0.5, 0.5])  # 80 and 120 hours for 100
    assert one.further.tolist() == other.further.tolist()
    assert outcome(whole, one).cash.tolist() == outcome(hours, other).cash.tolist()


def test_all_that_runs_on_a_full_line_gives_way_alike() -> None:
    """In the second year 150 hours of 120 are asked for; the first, and other limits, let all."""
    share = np.array([[1.0, 1.0, 1.0], [1.0, 0.5, 1.0]])

    def row(limit: str, year: int | None, high: float, wanted: list[list[float]] | None) -> Any:
        needed = None if wanted is None else np.array(wanted)
        return SimpleNamespace(
            limit=limit, year=year, high=high, share=needed, offers=np.array([0, 1])
        )

    rows = [
        row("line_hours", 2027, 200.0, [[100.0, 100.0], [0.0, 0.0]]),
        row("line_hours", 2028, 120.0, [[0.0, 0.0], [100.0, 100.0]]),
        row("market_share", 2028, 1.0, [[0.0, 0.0], [100.0, 100.0]]),
        row("line_hours", 2027, 1.0, None),
    ]
    left = cut_by_hours(rows, (2027, 2028), share)
    assert left.tolist() == [[1.0, 1.0, 1.0], [pytest.approx(0.8), pytest.approx(0.4), 1.0]]
    assert share[1, 0] == 1.0
