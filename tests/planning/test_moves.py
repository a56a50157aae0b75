"""Moves away from today, against worlds in which they are known."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from offing.estimators.penalised import PooledLogistic
from offing.planning.inaction import PlanSolution, plan, unlikely
from offing.planning.limits import conflicting, limit_text, without
from offing.planning.linear import InfeasibleError
from offing.planning.moves import chance, changed_markets
from offing.planning.offers import Offer, Offers, PlanLimits, Risk, Target
from offing.planning.outcome import fix_markets, outcome, status_quo_decision
from offing.planning.programme import build, facts_of
from offing.planning.solving import solve
from offing.planning.win_chances import (
    Chance,
    MarketWins,
    WinCurve,
    add_chances,
    fit_wins,
    relative_prices,
    wins_by_market,
)
from offing.terms.errors import InputError
from planning.offer_world import Array, Shape, hedged, hours_today, treasury, world

TODAY = Offer("tv", "DEU", "CHN", "A", "own", "USD", 500.0, True, True)


def offers_of(*rows: tuple[Offer, float, Array], years: int = 1, discount: float = 1.0) -> Offers:
    """Offers of so many units, with profit by scenario in every year."""
    profit = np.stack([np.tile(p[:, None], (1, years)) for _, _, p in rows], axis=2)
    units = np.stack([np.full_like(profit[:, :, 0], u) for _, u, _ in rows], axis=2)
    prices = np.array([row.price_usd for row, _, _ in rows])
    return Offers(
        tuple(row for row, _, _ in rows),
        tuple(range(2027, 2027 + years)),
        units,
        profit,
        units * prices,
        np.array([discount**year for year in range(1, years + 1)]),
    )


def planned(offers: Offers, limits: PlanLimits | None = None, **more: object) -> PlanSolution:
    programme = build(facts_of(offers, limits or PlanLimits()))
    return plan(programme, Risk(), **more)  # type: ignore[arg-type]


def wins(gain: float, loss: float, count: int, of: int = 12) -> Array:
    """A gain in some scenarios and a loss in the others."""
    return np.where(np.arange(of) < count, gain, -loss)


ENTRY = replace(TODAY, market="POL", today=False, sold=False, entry_cny=100.0)


def test_with_no_good_move_the_plan_is_to_stay() -> None:
    """By hand: the entry earns 1,000 in 7 of 12 worlds: good in the mean, not likely enough."""
    now = np.full(12, 500.0)
    found = planned(offers_of((TODAY, 10, now), (ENTRY, 5, wins(1000, 50, 7))))
    assert found.moves == ()
    assert found.solution.value == pytest.approx(500.0)
    (struck,) = found.not_yet
    assert struck.reason == "planning.not_likely"
    assert struck.kind == "enter"
    assert struck.chance == pytest.approx(7 / 12)
    assert struck.solved_again  # of so few moves none is struck in passing
    assert struck.gain_cny == pytest.approx((7 * 1000 - 5 * 50) / 12 - 100)
    assert struck.alone_cny == pytest.approx((7 * 1000 - 5 * 50) / 12 - 100)
    likely = planned(offers_of((TODAY, 10, now), (ENTRY, 5, wins(1000, 50, 9))))
    assert [move.kind for move in likely.moves] == ["enter"]
    bolder = planned(offers_of((TODAY, 10, now), (ENTRY, 5, wins(1000, 50, 7))), threshold=0.5)
    assert [move.kind for move in bolder.moves] == ["enter"]


def test_a_plan_that_brings_too_little_is_none() -> None:
    """By hand: sure to bring 9 beside today's 500, 1.8 %: not yet; one of 11, 2.2 %, is made."""
    now = np.full(12, 500.0)
    little, enough = (
        offers_of((TODAY, 10, now), (ENTRY, 5, np.full(12, 100.0 + gain))) for gain in (9, 11)
    )
    found = planned(little)
    assert found.moves == ()
    assert found.solution.value == pytest.approx(500.0)
    (struck,) = found.not_yet
    assert (struck.reason, struck.chance) == ("planning.too_little", 1.0)
    assert struck.gain_cny == pytest.approx(9.0)
    assert [move.kind for move in planned(enough).moves] == ["enter"]
    assert [move.kind for move in planned(little, threshold=0.0).moves] == ["enter"]


def test_moves_that_a_limit_forces_are_marked() -> None:
    """A market that must be kept and is not served today: there is no plan without entering."""
    limits = PlanLimits(must_keep=frozenset({("tv", "POL")}))
    found = planned(offers_of((TODAY, 10, np.full(12, 5.0)), (ENTRY, 5, np.full(12, 1.0))), limits)
    (move,) = found.moves
    assert move.is_forced
    assert (move.kind, move.gain_cny, move.chance) == ("enter", None, None)


def test_what_must_be_kept_forces_no_other_move_on_a_full_line() -> None:
    """Three markets of 10 on a line of 24: all give way alike, to 8. Two that must be kept may not
    fall below that, and the third need not make room for them.
    """
    now = [replace(TODAY, market=market) for market in ("DEU", "FRA", "ITA")]
    worlds = 500 + wins(120, 120, 6)
    offers = offers_of(*((offer, 10, worlds[:: 1 - 2 * (offer.market == "ITA")]) for offer in now))
    kept = frozenset({("tv", "DEU"), ("tv", "FRA")})
    found = planned(offers, PlanLimits({("CHN", "A"): (24.0,)}, must_keep=kept))
    assert (found.moves, found.not_yet) == ((), ())
    assert found.solution.decision.share[0] == pytest.approx([0.8, 0.8, 0.8])


def test_what_must_be_kept_is_not_left_for_what_earns_more() -> None:
    """Italy earns 900 of the same hours: what is kept keeps its part of the line, the rest goes."""
    now = [replace(TODAY, market=market) for market in ("DEU", "FRA", "ITA")]
    earned = {"DEU": 100.0, "FRA": 300.0, "ITA": 900.0}
    offers = offers_of(*((offer, 10, np.full(12, earned[offer.market])) for offer in now))
    kept = frozenset({("tv", "DEU")})
    found = planned(offers, PlanLimits({("CHN", "A"): (24.0,)}, must_keep=kept))
    assert found.solution.decision.share[0] == pytest.approx([0.8, 0.6, 1.0])


@pytest.mark.parametrize(("entries", "asked"), [(4, 3), (8, 3)])
def test_only_as_many_moves_are_forced_as_the_limits_ask_for(entries: int, asked: int) -> None:
    """A target asks for three of the entries. Each is good in the mean and not likely enough; none
    is needed while the others are there. Three are made, and the others not because of them.
    """
    rows = [
        (replace(ENTRY, market=f"M{place}"), 5.0, wins(1000, 60, 7 - place // 2))
        for place in range(entries)
    ]
    target = Target("sales", 10 * 500 + asked * 5 * 500, 2027)
    found = planned(offers_of((TODAY, 10, np.full(12, 500.0)), *rows), PlanLimits(target=target))
    assert len(found.moves) == asked
    assert {item.reason for item in found.not_yet} == {"planning.not_likely"}


def test_staying_gives_way_where_a_line_is_too_short_and_nowhere_else() -> None:
    """By hand: 30 hours needed, 24 there: all on the line at 0.8; the other line is untouched."""
    other = replace(TODAY, market="FRA", line="B")
    one = np.ones(4)
    offers = offers_of((TODAY, 10, one), (replace(TODAY, market="ITA"), 20, one), (other, 7, one))
    limits = PlanLimits({("CHN", "A"): (24.0,), ("CHN", "B"): (9.0,)}, working_capital_cny=0.0)
    programme = build(facts_of(offers, limits))
    assert status_quo_decision(programme).share[0] == pytest.approx([0.8, 0.8, 1.0])


def test_a_cap_shrinks_what_the_solver_is_told_to() -> None:
    """By hand: Germany has 5,000 of 6,000; a cap of one half leaves 1,000, as much as France."""
    france = replace(TODAY, market="FRA")
    offers = offers_of((TODAY, 10, np.full(12, 500.0)), (france, 2, np.full(12, 100.0)))
    limits = PlanLimits(market_share={"DEU": 0.5}, line_hours={("CHN", "A"): (100.0,)})
    found = planned(offers, limits)
    (move,) = found.moves
    assert (move.market, move.kind) == ("DEU", "shrink")
    assert move.sales_after_usd.tolist() == pytest.approx([1000.0])


def test_conflicting_limits_are_named_and_no_others() -> None:
    """Hours for 3, a market of 5 that is not served today to keep, which is in full; the budget and
    the cap have no part in it.
    """
    limits = PlanLimits(
        {("CHN", "A"): (3.0,)},
        entry_budget_cny=0.0,
        market_share={"DEU": 0.9},
        must_keep=frozenset({("tv", "POL")}),
    )
    free = replace(ENTRY, entry_cny=0.0)
    offers = offers_of((TODAY, 10, np.full(12, 500.0)), (free, 5, np.full(12, 1.0)))
    programme = build(facts_of(offers, limits))
    names = conflicting(programme, Risk())
    assert set(names) == {("line_hours", "CHN/A"), ("must_keep", "tv POL")}
    for name in names:
        solve(*without(programme, Risk(), [name]))
    with pytest.raises(InputError, match="line hours of CHN/A") as caught:
        plan(programme, Risk())
    assert caught.value.key == "planning.limits_conflict"
    assert caught.value.exit_code == 2
    refused = str(_refused(offers, PlanLimits(), Risk(0.0, least_worst_cny=1e9)))
    assert limit_text(("least_worst", "")) in refused
    assert "the best plan found has CNY\u00a0501)" in refused  # 500 and 1
    assert conflicting(build(facts_of(offers, PlanLimits())), Risk()) == []


def _refused(offers: Offers, limits: PlanLimits, risk: Risk) -> InputError:
    with pytest.raises(InputError) as caught:
        plan(build(facts_of(offers, limits)), risk)
    return caught.value


@pytest.mark.parametrize("seed", range(4))
def test_gains_are_what_solving_again_says(seed: int) -> None:
    offers = world(Shape(2, 5, 4, scenarios=60, years=2, dies=0.05), seed)
    hours = (hours_today(offers),) * 2
    programme = build(facts_of(offers, PlanLimits({("p0", "line"): hours}, entry_budget_cny=6e5)))
    risk = Risk(0.3)
    found = plan(programme, risk)
    everything = [*found.moves, *found.not_yet]
    assert found.moves
    assert all(move.chance >= found.threshold for move in found.moves)  # type: ignore[operator]
    assert all(
        item.chance < found.threshold  # type: ignore[operator]
        for item in found.not_yet
    )
    assert len({(move.model, move.market) for move in everything}) == len(everything)
    stay = status_quo_decision(found.programme)
    assert found.stay.value == pytest.approx(
        outcome(programme, stay).mean - 0.3 * outcome(programme, stay).shortfall
    )
    struck = {found.programme.facts.keys.index((item.model, item.market)) for item in found.not_yet}
    groups = changed_markets(found.programme, found.solution.decision, stay)
    assert {found.programme.facts.keys[g] for g in groups} == {
        (move.model, move.market) for move in found.moves
    }
    for move in found.moves:
        group = found.programme.facts.keys.index((move.model, move.market))
        world_without = fix_markets(found.programme, stay, {group} | (struck - set(groups)))
        again = solve(world_without, risk)
        # Struck markets may have been tried once more: then the gain is at least this one.
        assert move.gain_cny is not None
        assert move.gain_cny >= found.solution.value - again.value - 1e-4 * found.solution.value
        assert again.decision.share[:, found.programme.facts.group == group] == pytest.approx(
            stay.share[:, found.programme.facts.group == group]
        )


def test_no_plan_is_worse_than_staying() -> None:
    for seed in range(3):
        offers = world(Shape(2, 4, 3, scenarios=50), seed)
        limits = PlanLimits({("p0", "line"): (hours_today(offers) * 0.9,)})
        found = plan(build(facts_of(offers, limits)), Risk())
        assert found.solution.value >= found.stay.value * (1 - 1e-9)


def test_unlikely_offers_by_hand() -> None:
    """7 of 12 is too few and 9 enough; an entry of 60 for 100 never; hours at 2 turn a price."""
    calm, bold = (replace(TODAY, price_usd=price, today=False) for price in (510.0, 520.0))
    slow = replace(TODAY, price_usd=600.0, today=False)
    offers = offers_of(
        (TODAY, 10, np.full(12, 500.0)),
        (calm, 10, 500 + wins(10, 5, 9)),
        (bold, 10, 500 + wins(10, 5, 7)),
        (slow, 5, np.full(12, 495.0)),
        (ENTRY, 5, np.full(12, 60.0)),
    )
    programme = build(facts_of(offers, PlanLimits()))
    stay = status_quo_decision(programme)
    free = unlikely(programme, stay, 2 / 3, np.zeros(5))
    assert free.tolist() == [False, False, True, True, True]
    charged = unlikely(programme, stay, 2 / 3, 2 * programme.facts.units[0])
    assert charged.tolist() == [False, False, True, False, True]


def test_a_chance_is_the_same_in_whatever_money() -> None:
    gained = np.array([3.0, -1.0, 0.0, 1e-12])
    assert [chance(gained * unit) for unit in (1.0, 1e-9, 1e9)] == [0.25 + 0.5 / 2] * 3


def test_a_struck_price_gives_way_to_a_likelier_one() -> None:
    """The bold price earns more in the mean and comes off in 6 of 12; the other in 10."""
    bold, calm = (
        replace(TODAY, price_usd=600.0, today=False),
        replace(TODAY, price_usd=550.0, today=False),
    )
    offers = offers_of(
        (TODAY, 10, np.full(12, 500.0)),
        (calm, 9, 500 + wins(100, 10, 10)),
        (bold, 8, 500 + wins(1000, 100, 6)),
    )
    found = planned(offers)
    assert [(move.kind, move.after) for move in found.moves] == [("dearer", calm)]
    assert found.moves[0].chance == pytest.approx(10 / 12)
    assert found.not_yet == ()


def test_two_good_entries_that_replace_one_another_do_not_make_each_doubtful() -> None:
    """A budget for one of two like entries: the better one is made, sure though its gain is small.

    By hand: values 600 and 590 less 100; either beats staying in all worlds, and neither the other
    in more than half.
    """
    other = replace(ENTRY, market="CZE")
    turn = np.where(np.arange(12) % 2, 50.0, -50.0)
    offers = offers_of(
        (TODAY, 10, np.full(12, 500.0)), (ENTRY, 5, 600 + turn), (other, 5, 590 - turn)
    )
    found = planned(offers, PlanLimits(entry_budget_cny=100.0))
    (move,) = found.moves
    assert (move.market, move.chance) == ("POL", 1.0)
    assert move.gain_cny == pytest.approx(10.0)
    assert move.alone_cny == pytest.approx(500.0)


def test_gains_that_need_not_add_up() -> None:
    """By hand: hours for one of two entries beside today; alone each gains its whole."""
    now = (replace(TODAY, market="ITA"), 10, np.full(12, 20.0))
    one, two = (
        (ENTRY, 10, np.full(12, 400.0)),
        (replace(ENTRY, market="CZE"), 10, np.full(12, 390.0)),
    )
    found = planned(offers_of(now, one, two), PlanLimits({("CHN", "A"): (20.0,)}))
    gains = {move.market: (move.kind, move.gain_cny, move.alone_cny) for move in found.moves}
    # Leaving Italy frees the hours of the second entry: 290 - 20 there, and the entries as much.
    assert gains["POL"][0] == gains["CZE"][0] == "enter"
    assert gains["POL"][1:] == pytest.approx((300 - 20, 300))
    assert gains["CZE"][1:] == pytest.approx((290 - 20, 290))
    kind, _, alone = gains["ITA"]
    assert kind in ("leave", "shrink")
    assert alone is not None
    assert alone <= 1e-3


def test_one_kept_one_left_one_entered() -> None:
    """Thailand earns 20 a year and costs 50 to keep: leaving it brings 30, by hand."""
    bad = replace(TODAY, market="THA", keep_cny=50.0)
    offers = offers_of(
        (replace(TODAY, keep_cny=50.0), 10, np.linspace(400, 600, 12)),
        (ENTRY, 5, np.full(12, 500.0)),
        (bad, 4, np.full(12, 20.0)),
    )
    found = planned(offers, PlanLimits(cny_per_usd=5.0))
    assert {move.market: move.kind for move in found.moves} == {"POL": "enter", "THA": "leave"}
    leave = next(move for move in found.moves if move.kind == "leave")
    assert leave.gain_cny == pytest.approx(30.0)


def test_infeasible_is_its_own_error() -> None:
    offers = offers_of((TODAY, 10, np.full(12, 5.0)))
    with pytest.raises(InfeasibleError):
        solve(build(facts_of(offers, PlanLimits())), Risk(0.0, 6.0))


def test_staying_exchanges_what_outlays_exceed_receipts_by() -> None:
    """By hand: receipts of 5,000 and outlays of 9,000: 4,000 are exchanged."""
    offers = offers_of((TODAY, 10, np.ones(4)))
    hedge = hedged("USD", np.zeros(4), spread_cny=0.5, out_usd=9000.0)
    programme = build(facts_of(offers, PlanLimits(), treasury(hedge)))
    assert outcome(programme, status_quo_decision(programme)).mean == pytest.approx(1 - 0.5 * 4000)


def quoted(prices: list[float], outcomes: list[str | None], market: str = "DEU") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "goods": "X", "market": market, "currency": "USD", "unit": None, "incoterm": "FOB",
            "price": prices, "target": None, "outcome": outcomes,
        },
        schema_overrides={"unit": pl.String, "target": pl.Float64, "outcome": pl.String},
    )  # fmt: skip


def test_the_interval_of_a_share_is_the_published_one() -> None:
    """Jeffreys, Brown, Cai and DasGupta (2001), n = 10, x = 3: 0.0927 to 0.6058 by their recipe."""
    some = Chance.counted(3, 10)
    assert some is not None
    assert (some.low, some.high) == pytest.approx((0.0927, 0.6058), abs=1e-3)
    assert Chance.counted(0, 0) is None


@pytest.mark.parametrize(
    ("prices", "outcomes", "reason"),
    [
        ([9.0, 11.0] * 12, ["won", "lost"] + [None] * 22, "few"),
        ([10.0] * 24, ["won", "lost"] * 12, "one_price"),
        ([9.0, 11.0] * 12, ["won", "lost"] * 12, "parted"),
        ([11.0, 9.0] * 12, ["won", "lost"] * 12, "parted"),
    ],
)
def test_what_cannot_tell_a_slope_is_refused(
    prices: list[float], outcomes: list[str | None], reason: str
) -> None:
    assert fit_wins(relative_prices(quoted(prices, outcomes), to_target=False)) == reason


def test_prices_are_looked_at_within_their_kind() -> None:
    """A dear market wins all the same: the level of its prices is no slope."""
    dear = quoted([100.0, 110.0], ["won", "lost"], "USA")
    both = relative_prices(
        pl.concat([quoted([10.0, 11.0], ["won", "lost"]), dear]), to_target=False
    )
    assert both["ratio"].to_list() == pytest.approx([10 / 10.5, 11 / 10.5] * 2)


def curve(slope: float, level: float) -> WinCurve:
    sure = Chance(slope, slope, slope)
    drawn = PooledLogistic(np.full(4, slope), np.full((4, 1), level))
    places = {"at_low": 0.9, "at_usual": 1.0, "at_high": 1.1}
    return WinCurve(sure, sure, places, drawn, ("DEU",))


@pytest.mark.parametrize(
    ("cost", "level", "beyond"), [(85.0, 0.2, ""), (40.0, -3.0, "below"), (118.0, 0.2, "above")]
)
def test_the_best_price_solves_its_first_order_condition(
    cost: float, level: float, beyond: str
) -> None:
    """Of p (P - c) with logit p = a + b ln P: P - c = P / (-b (1 - p))."""
    wins = MarketWins("DEU", 9, 9, 0, 0, None, 100.0, "USD", None, 80.0, 120.0)
    best = add_chances(wins, curve(-12.0, level), cost).best
    assert best is not None
    assert best.beyond == beyond
    if not beyond:
        assert best.price - cost == pytest.approx(best.price / (12 * (1 - best.chance)), rel=0.02)


def test_a_market_at_one_price_has_no_best_one() -> None:
    wins = MarketWins("DEU", 9, 9, 0, 0, None, 100.0, "USD", None, 100.0, 100.0)
    assert add_chances(wins, curve(-12.0, 0.2), 85.0).best is None


def test_a_planted_slope_is_found_and_its_elasticity_by_hand() -> None:
    """Orders won with logit p = −12 ln of the price over the usual one, in two markets."""
    rng = np.random.default_rng(5)
    markets = []
    for name, usual in (("DEU", 10.0), ("USA", 90.0)):
        prices = usual * np.exp(rng.normal(0, 0.1, 300))
        chance = 1 / (1 + np.exp(12 * np.log(prices / np.median(prices))))
        won = np.where(rng.random(300) < chance, "won", "lost").tolist()
        markets.append(quoted(prices.tolist(), won, name))
    rows = relative_prices(pl.concat(markets), to_target=False)
    found = fit_wins(rows)
    assert isinstance(found, WinCurve)
    assert found.slope.low < -12 < found.slope.high
    assert found.falls
    assert found.markets == ("DEU", "USA")
    x = np.log(rows["ratio"].to_numpy())
    low, high = np.quantile(x, [0.1, 0.9])
    assert found.places == pytest.approx(
        {"at_low": np.exp(low), "at_usual": 1.0, "at_high": np.exp(high)}
    )
    expected = 12 * (1 - 0.5)  # about the usual price every second order is won
    assert found.elasticity.low < expected < found.elasticity.high
    assert found.elasticity.middle == pytest.approx(expected, rel=0.15)
    wins = {one.market: one for one in wins_by_market(rows)}
    assert {name: one.undecided for name, one in wins.items()} == {"DEU": 0, "USA": 0}


def test_open_and_untold_quotations_are_in_no_share() -> None:
    rows = quoted([10.0] * 5, ["won", "lost", "open", None, None])
    (wins,) = wins_by_market(rows)
    assert (wins.won, wins.lost, wins.open, wins.unknown) == (1, 1, 1, 2)
    assert wins.share is not None
    assert wins.share.middle == 0.5
