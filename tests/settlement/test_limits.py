"""The simulated limits: the tests of coverage themselves, and the limits on the ECB's history."""

import math
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import offing
from offing.api.settle import TEST_SINCE, TESTED
from offing.report.views.settle import notes
from offing.settlement import market_data, simulation
from offing.settlement.advice import DealAdvice
from offing.settlement.defaults import shipped
from offing.settlement.market_data import (
    Own,
    _from_spot,
    _stated_or_assumed,
    currencies_without_rates,
    fixing_moves,
    last_day,
    read_history,
    simulate_all,
)
from offing.settlement.simulation import (
    LONG,
    SHORT,
    Filter,
    RangeCoverage,
    RateHistory,
    common_days,
    coverage,
    filter_for,
    kupiec,
    lower_limit,
    overlap_inflation,
    overlap_robust,
    stretches,
    trading_days,
    volatilities,
)
from offing.terms.errors import InputError, MissingDataError
from offing.terms.messages import using_language
from offing.warehouse import Warehouse


def made_up(days: int, width: int = 1, seed: int = 3) -> simulation.RateHistory:
    """Independent normal returns: every limit must then be right."""
    rng = np.random.default_rng(seed)
    rates = 7 * np.exp(np.cumsum(0.005 * rng.standard_normal((days, width)), axis=0))
    start = date(2000, 1, 1)
    names = tuple(f"X{number:02d}" for number in range(width))
    return simulation.RateHistory(
        names, tuple(start + timedelta(days=d) for d in range(days)), rates
    )


def test_overlap_robust_test_rejects_as_often_as_it_says() -> None:
    """On normal walks the test should reject about 5 %; the naive Kupiec test rejects far more.

    Hits of 400 walks at a known limit; 21-day windows every 7 days. With 400 tests the share of
    rejections has a standard error of 1.1 points.
    """
    rng = np.random.default_rng(5)
    walks = np.cumsum(rng.standard_normal((400, 1500)), axis=1)
    moves = walks[:, 21::7] - walks[:, :-21:7]
    hits = (moves < -1.6448536 * np.sqrt(21)).sum(axis=1)
    outcomes = moves.shape[1]
    robust = np.mean([simulation.overlap_robust(int(h), outcomes, 21, 7) < 0.05 for h in hits])
    naive = np.mean([simulation.kupiec(int(h), outcomes) < 0.05 for h in hits])
    assert robust < 0.08
    assert naive > 2 * robust
    assert simulation.overlap_inflation(21, 21) == 1.0


def test_volatility_is_of_its_returns_and_of_its_filter() -> None:
    """By hand: the variance of the second day after one return; other returns, other filters."""
    returns = made_up(900).returns
    first = simulation.volatilities(returns, simulation.SHORT)
    rest = (1 - simulation.SHORT.alpha - simulation.SHORT.beta) * returns[0] ** 2
    start = returns[: simulation.SHORT.memory].var(axis=0)
    by_hand = np.sqrt(
        rest + simulation.SHORT.alpha * returns[0] ** 2 + simulation.SHORT.beta * start
    )
    np.testing.assert_allclose(first[:2], [np.sqrt(start), by_hand], rtol=1e-12)
    assert not np.array_equal(first, simulation.volatilities(returns, simulation.LONG))
    np.testing.assert_allclose(
        simulation.volatilities(returns * 2, simulation.SHORT), first * 2, rtol=1e-9
    )
    assert np.array_equal(first, simulation.volatilities(returns, simulation.SHORT))
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 0


def test_volatility_uses_no_future() -> None:
    history = made_up(900)
    whole = simulation.volatilities(history.returns, simulation.SHORT)
    part = simulation.volatilities(history.returns[:600], simulation.SHORT)
    assert np.array_equal(whole[:601], part)


def test_a_short_history_is_refused() -> None:
    with pytest.raises(MissingDataError):
        simulation.simulate(made_up(simulation.LONG.pool), 63)


def test_the_basket_needs_the_dependence() -> None:
    """Currencies that move as one: the basket falls short when they do, no more and no less."""
    one = made_up(2500)
    twins = simulation.RateHistory(("A", "B"), one.days, np.repeat(one.cny_per_fc, 2, axis=1))
    first, second, basket = simulation.coverage(twins, 1, one.days[600])
    assert first.hits == second.hits == basket.hits
    apart = simulation.coverage(made_up(2500, width=8), 1, one.days[600])[-1]
    assert apart.holds


@pytest.fixture(scope="module")
def ecb() -> Warehouse:
    return Warehouse.open()


@pytest.mark.parametrize("horizon", [1, simulation.trading_days(90)])
def test_limits_hold_since_2015(ecb: Warehouse, horizon: int) -> None:
    """The ten pairs and their basket, rolling: coverage of 95 % is not rejected at 5 %."""
    history = read_history(ecb, TESTED, last_day(ecb))
    results = simulation.coverage(history, horizon, TEST_SINCE)
    assert [each.currency for each in results] == [*TESTED, simulation.BASKET]
    assert all(each.outcomes > 400 for each in results)
    assert [each.currency for each in results if not each.holds] == []


def test_simulated_spread_grows_with_the_horizon() -> None:
    history = made_up(2500)
    spreads = [
        np.log(simulation.simulate(history, horizon, paths=4000) / history.cny_per_fc[-1]).std()
        for horizon in (1, 5, 63)
    ]
    assert spreads == sorted(spreads)
    assert spreads[0] == pytest.approx(0.005, rel=0.25)
    # 63 days of 0.5 %: 4.0 %, less exact because stretches of days overlap in the pool
    assert spreads[2] == pytest.approx(0.005 * np.sqrt(63), rel=0.35)


def test_the_same_seed_gives_the_same_paths_and_currencies_move_together() -> None:
    twin = made_up(2000)
    both = simulation.RateHistory(
        ("ONE", "TWO"), twin.days, np.column_stack([twin.cny_per_fc[:, 0], twin.cny_per_fc[:, 0]])
    )
    paths = simulation.simulate(both, 63, paths=500, seed=4)
    assert np.array_equal(paths[:, 0], paths[:, 1])
    assert np.array_equal(paths, simulation.simulate(both, 63, paths=500, seed=4))


@pytest.mark.parametrize(("outcomes", "low", "high"), [(255, 6, 21), (510, 16, 36), (1000, 37, 65)])
def test_kupiec_nonrejection_regions(outcomes: int, low: int, high: int) -> None:
    """Kupiec (1995), table 3, for p = 0.05: not rejected where low < hits < high."""
    assert simulation.kupiec(low, outcomes) < 0.05 < simulation.kupiec(low + 1, outcomes)
    assert simulation.kupiec(high, outcomes) < 0.05 < simulation.kupiec(high - 1, outcomes)


def test_days_before_the_end_lie_on_the_same_paths() -> None:
    """One pass for all of them gives what a pass for each gives; beyond the start is today."""
    history, before = made_up(2000), (63, 42, 0, 70)
    together = simulation.simulate_at(history, 63, before, paths=200, seed=4)
    for days, found in zip(before, together, strict=True):
        alone = simulation.simulate(history, 63, paths=200, seed=4, before_end=days)
        assert np.array_equal(found, alone)
    assert np.array_equal(together[0], np.tile(history.cny_per_fc[-1], (200, 1)))
    assert np.log(together[1] / together[0]).std() < np.log(together[2] / together[0]).std()


def test_the_fixing_moves_as_two_days_do() -> None:
    """On independent normal returns the move between fixing and payment has the spread of two."""
    history = made_up(4000)
    paths = simulate_all(history, [61, 63], {}, paths=8000, seed=1)
    moves = fixing_moves(paths, "X00", {90: 63}, 2)[90]
    assert moves.std() == pytest.approx(0.005 * np.sqrt(2), rel=0.1)
    assert np.allclose(paths[61]["X00"] * (1 + moves), paths[63]["X00"])
    today = simulate_all(history, [0, 2], {}, paths=9, seed=1)[0]["X00"]
    assert np.array_equal(today, np.full(9, history.cny_per_fc[-1, 0]))


def test_a_day_of_a_longer_simulation_is_as_that_day_alone() -> None:
    """The stretches are as long, so only the draw differs: 21 trading days of 63 and of 21."""
    history = made_up(4000)
    of_many = simulate_all(history, [21, 63], {}, paths=8000, seed=1)[21]["X00"]
    alone = simulate_all(history, [21], {}, paths=8000, seed=1)[21]["X00"]
    assert np.log(of_many).std() == pytest.approx(np.log(alone).std(), rel=0.02)


def test_a_currency_without_history_is_not_guessed(ecb: Warehouse) -> None:
    with pytest.raises(InputError) as caught:
        read_history(ecb, ["VND"], last_day(ecb))
    assert caught.value.key == "settle.no_history"
    with pytest.raises(InputError):
        read_history(ecb, ["RUB"], date(2024, 1, 2))


@pytest.mark.parametrize(("rank", "loss"), [("nth", "96"), ("next", "95"), ("between", "95.05")])
def test_three_ways_to_rank_a_hundred_days(rank: str, loss: str) -> None:
    """Losses of 1 to 100: the fifth worst, the sixth, or at 4.95 between; five are as bad: 98."""
    past = [Decimal(-day) for day in range(1, 101)]
    assert simulation.historical_limit(past, Decimal("0.95"), rank) == (Decimal(loss), Decimal(98))
    assert simulation.historical_limit([Decimal(-1), Decimal(-3)], Decimal("0.99"), rank)[1] == 3


D = Decimal
DAY = date(2026, 10, 30)


def test_kupiecs_test_on_paper() -> None:
    """−2 ln of the likelihood ratio is χ² with one degree of freedom: p = erfc(√(LR / 2))."""
    none = math.erfc(math.sqrt(-45 * math.log(0.95)))
    assert kupiec(0, 45) == pytest.approx(none)
    every = math.erfc(math.sqrt(-3 * math.log(0.05)))
    assert kupiec(3, 3) == pytest.approx(every)
    ratio = 12 * math.log(0.12 / 0.05) + 88 * math.log(0.88 / 0.95)
    assert kupiec(12, 100) == pytest.approx(math.erfc(math.sqrt(ratio)))
    assert kupiec(5, 100) == 1


def test_overlap_on_paper() -> None:
    """Windows of two days that start a day apart share half: P by the integral over the first."""
    assert overlap_inflation(1, 1) == overlap_inflation(7, 7) == 1
    edge, step = -1.6448536269514722, 0.001
    first = np.arange(-9, edge, step) + step / 2
    density = np.exp(-first * first / 2) / math.sqrt(2 * math.pi)
    rest = [0.5 * math.erfc(-(edge - 0.5 * x) / math.sqrt(0.75) / math.sqrt(2)) for x in first]
    both = float((density * np.array(rest)).sum() * step)
    assert overlap_inflation(2, 1) == pytest.approx(1 + 2 * (both - 0.0025) / 0.0475, rel=1e-3)
    # 10 of 100 where 5 are expected: z = 0.05 / √(0.05 × 0.95 / 100)
    z = 0.05 / math.sqrt(0.05 * 0.95 / 100)
    assert overlap_robust(10, 100, 7, 7) == pytest.approx(math.erfc(z / math.sqrt(2)))
    assert overlap_robust(0, 100, 7, 7) == pytest.approx(math.erfc(z / math.sqrt(2)))


def test_the_edge_of_coverage() -> None:
    assert RangeCoverage("USD", 1, 200, 10, 0.05, None).share == 0.05
    assert RangeCoverage("USD", 1, 200, 10, 0.05, None).holds
    assert not RangeCoverage("USD", 1, 200, 10, 0.0499, None).holds


def test_a_limit_is_set_daily_for_a_day_and_weekly_for_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    hits = np.zeros((300, 2), dtype=np.bool_)
    hits[:15, 0] = True

    def hits_of(*_: object, every: int, **__: object) -> np.ndarray[Any, Any]:
        asked.append(every)
        return hits

    monkeypatch.setattr(simulation, "hits_of", hits_of)
    usd = SimpleNamespace(currencies=("USD",))
    daily: Any = coverage(usd, 1, DAY)  # type: ignore[arg-type]
    assert [(each.currency, each.hits, each.outcomes) for each in daily] == [
        ("USD", 15, 300), ("*", 0, 300)
    ]  # fmt: skip
    assert (daily[0].p_value, daily[0].separate_rejected) == (pytest.approx(1), None)
    # windows of 14 days a week apart: from either week, 150 separate ones; none or 7 and 8 hits
    [found, basket] = coverage(usd, 14, DAY)  # type: ignore[arg-type]
    assert (found.separate_rejected, basket.separate_rejected) == (0, 1)
    hits[:15, 0], hits[:30:2, 0] = False, True  # all hits in the weeks of one offset
    [found, _] = coverage(usd, 14, DAY)  # type: ignore[arg-type]
    assert found.separate_rejected == 1
    coverage(usd, 30, DAY, every=3)  # type: ignore[arg-type]
    assert asked == [1, 7, 7, 3]


def test_a_basket_is_of_the_same_amount_of_each() -> None:
    table = np.log([[1.1, 0.9], [1.2, 1.2]])
    assert np.exp(simulation._add_basket(table)) == pytest.approx(
        np.array([[1.1, 0.9, 1.0], [1.2, 1.2, 1.2]])
    )


@pytest.mark.parametrize("count", [1, 2, 3, 11, 20, 21, 31, 33, 40, 101, 995])
def test_the_limit_is_the_usual_quantile(count: int) -> None:
    values = np.random.default_rng(count).standard_normal(count)
    assert lower_limit(values) == pytest.approx(np.quantile(values, 0.05), abs=1e-12)


def test_trading_days_and_which_filter_they_take() -> None:
    assert [trading_days(days) for days in (0, 1, 10, 360)] == [1, 1, 7, 252]
    assert (filter_for(10), filter_for(11)) == (SHORT, LONG)


def test_a_variance_by_hand() -> None:
    """v = 0.1 × mean square + 0.2 × r² + 0.7 × the variance before."""
    returns = np.array([[0.1], [-0.1], [0.2]])
    by = Filter(0.2, 0.7, memory=2, pool=2)
    first = 0.01  # the variance of 0.1 and −0.1
    second = 0.1 * 0.01 + 0.2 * 0.01 + 0.7 * first
    third = 0.1 * 0.01 + 0.2 * 0.01 + 0.7 * second
    fourth = 0.1 * (0.01 + 0.04) / 2 + 0.2 * 0.04 + 0.7 * third
    made = volatilities(returns, by)[:, 0] ** 2
    assert made == pytest.approx([first, second, third, fourth])


def test_days_are_drawn_in_stretches_that_wrap() -> None:
    rng = np.random.default_rng(1)
    days = stretches(50, 11, 20, rng)
    assert days.shape == (50, 11)
    assert set((np.diff(days, axis=1) % 20).ravel()) == {1}
    alone = stretches(500, 10, 20, rng)
    assert alone.shape == (500, 10)
    assert (alone.min(), alone.max()) == (0, 19)
    assert len(set((np.diff(alone, axis=1) % 20).ravel())) == 20
    long = stretches(50, 64, 200, rng)
    steps = np.diff(long, axis=1) % 200
    assert set(steps[:, :62].ravel()) == {1}
    assert len(set(steps[:, 62])) > 10


def test_rates_on_common_days() -> None:
    one, two, three = (date(2026, 1, n) for n in (1, 2, 3))
    rates = {
        "CNY": {one: 8.0, two: 9.0, three: 10.0}, "USD": {one: 2.0, three: 4.0},
        "JPY": {two: 1.0, three: 5.0},
    }  # fmt: skip
    made = common_days(rates, ["USD", "EUR"])
    assert made.days == (one, three)
    assert made.cny_per_fc == pytest.approx(np.array([[4.0, 8.0], [2.5, 10.0]]))
    assert made.returns == pytest.approx(np.log([[2.5 / 4, 10 / 8]]))
    assert made.until(two).days == made.until(one).days == (one,)
    assert len(made.until(three).days) == 2
    assert common_days(rates, ["USD", "JPY"]).days == (three,)


def ended(at: dict[int, float]) -> Any:
    """In place of a simulation: the dollar so many days before its end."""

    def simulate_at(_: object, __: int, before: list[int], *, paths: int, **___: object) -> Any:
        return [np.full((paths, 1), at[days]) for days in before]

    return simulate_at


USD = RateHistory(("USD",), (DAY,), np.array([[8.0]]))


def test_a_users_currency_follows_the_dollar(monkeypatch: pytest.MonkeyPatch) -> None:
    """A peg of 4 for a dollar of 8; one that moves by 40 % a year is right on average."""
    monkeypatch.setattr(market_data, "simulate_at", ended({0: 8.0, 63: 8.0}))
    walks = {"RUB": (D(80), D("0.4")), "SAR": (D(4), D(0))}
    made = simulate_all(USD, (252, 189), walks, paths=100_000, seed=3)
    for days, variance in ((252, 0.16), (189, 0.12)):
        assert (made[days]["SAR"] == 2).all()
        moved = np.log(made[days]["RUB"] / 0.1)
        assert moved.std() == pytest.approx(math.sqrt(variance), rel=0.01)
        assert moved.mean() == pytest.approx(-variance / 2, abs=0.004)
    # one walk: from the first day to the second it moves by the quarter of a year between them
    between = np.log(made[252]["RUB"] / made[189]["RUB"])
    assert between.std() == pytest.approx(0.2, rel=0.01)
    assert np.corrcoef(between, np.log(made[189]["RUB"]))[0, 1] == pytest.approx(0, abs=0.01)
    one, two = (simulate_all(USD, [252], walks, paths=9, seed=seed)[252]["RUB"] for seed in (1, 2))
    assert not np.allclose(one, two)
    assert (one == simulate_all(USD, [252], walks, paths=9, seed=1)[252]["RUB"]).all()


def test_what_a_rate_moves_after_its_fixing() -> None:
    rates = {0: 11.0, 1: 8.0, 2: 8.8}
    at = {day: {"USD": np.full(3, rate)} for day, rate in rates.items()}
    for before, moved in ((1, 0.1), (2, -0.2), (5, -0.2)):  # today's, where it is fixed before
        assert fixing_moves(at, "USD", {3: 2}, before)[3] == pytest.approx([moved] * 3)


def test_currencies_without_a_rate() -> None:
    own = Own(per_usd={"RUB": D(80), "IRR": D(1)}, volatility={"RUB": D("0.3"), "KZT": D("0.2")})
    codes = ["CNY", "USD", "RUB", "IRR", "KZT", "XAF"]
    known = frozenset({"USD"})
    assert currencies_without_rates(codes, known, own) == ["IRR", "KZT", "XAF"]
    assert currencies_without_rates(codes, known, own, ["KZT"]) == ["IRR", "XAF"]


def test_what_the_user_gives_wins() -> None:
    own = Own(interest={"USD": D("0.05")}, spreads={"EUR": D("0.007")})
    interest = _stated_or_assumed(
        "interest", ["USD", "EUR", "CNY"], own.interest, lambda code: shipped().interest(code, DAY)
    )
    assert interest["USD"].rate == D("0.05")
    assert interest["USD"].use.id == "settlement.interest.usd"
    assert interest["CNY"] == shipped().interest("CNY", DAY)
    spreads = _stated_or_assumed(
        "spread", ["EUR", "USD"], own.spreads, lambda code: shipped().spread(code, DAY)
    )
    assert spreads["EUR"].rate == D("0.007")
    assert spreads["USD"] == shipped().spread("USD", DAY)


def test_paths_start_from_todays_rate() -> None:
    drawn = {"USD": np.array([8.0, 4.0]), "RUB": np.array([0.1, 0.2]), "EUR": np.array([9.0])}
    past = RateHistory(("USD", "EUR"), (DAY,), np.array([[8.0, 9.0]]))
    made = _from_spot(drawn, past, {"RUB": (D(80), D(0))}, {"USD": D(4), "RUB": D("0.2")})
    assert made["USD"] == pytest.approx([4, 2])
    assert made["RUB"] == pytest.approx([0.2, 0.4])
    assert made["EUR"] == pytest.approx([9])


def test_a_history_needs_its_last_day(monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse: Any = SimpleNamespace(folder="x", made_once=lambda _, make: make())
    monkeypatch.setattr(market_data, "last_rate_day", lambda *_: DAY)
    for other, last in (
        (None, DAY),
        (DAY + timedelta(days=7), DAY),
        (DAY + timedelta(days=8),) * 2,
    ):
        monkeypatch.setattr(market_data, "last_of_others", lambda *_, day=other: day)
        assert market_data.last_day(warehouse) == last
    monkeypatch.setattr(market_data, "last_rate_day", lambda *_: None)
    with pytest.raises(MissingDataError):
        market_data.last_day(warehouse)
    monkeypatch.setattr(market_data, "quoted_currencies", lambda *_: {"CNY", "USD"})
    monkeypatch.setattr(
        market_data, "fx_history", lambda *_: {"CNY": {DAY: 8.0}, "USD": {DAY: 2.0}}
    )
    assert market_data.read_history(warehouse, ["USD"], DAY).cny_per_fc == 4
    with pytest.raises(InputError, match="RUB"):
        market_data.read_history(warehouse, ["RUB"], DAY)


@pytest.mark.parametrize(("horizon", "days", "every"), [(1, 700, 1), (11, 1700, 7)])
def test_a_crash_is_a_hit_of_the_windows_that_hold_it(horizon: int, days: int, every: int) -> None:
    """The limit of a day knows nothing of the days after it."""
    calm = np.random.default_rng(5).normal(0, 0.001, (days - 1, 2))
    crash = days - 60
    calm[crash, 0] = -0.5
    rates = np.exp(np.vstack([np.zeros((1, 2)), np.cumsum(calm, axis=0)]))
    ordinals = range(date(2020, 1, 1).toordinal(), date(2020, 1, 1).toordinal() + days)
    past = RateHistory(("USD", "EUR"), tuple(map(date.fromordinal, ordinals)), rates)
    start = days - 100
    hits = simulation.hits_of(past, horizon, past.days[start], every=every, paths=200, seed=1)
    begun = range(start, days - horizon, every)
    assert hits.shape == (len(begun), 3)
    held = [day <= crash < day + horizon for day in begun]
    assert hits[held, 0].all()
    assert hits[held, 2].all()  # half of the basket
    assert hits[:, 0].sum() <= sum(held) + 0.15 * len(begun)
    before = simulation.hits_of(
        past.until(past.days[crash]), horizon, past.days[start], every=every, paths=200, seed=1
    )
    assert (hits[: len(before)] == before).all()


def test_only_what_is_not_known_is_asked_for() -> None:
    """The monthly collection has a rate of the dirham, and no day-to-day history."""
    answer = offing.settle(250000, market="ARE", on=date(2026, 10, 30))
    assert answer.advice is not None
    with using_language("en"):
        (said,) = [note for note in notes(answer.advice) if "AED is not compared" in note]
    assert "--volatility AED=4%" in said
    assert "--rate" not in said
    known = offing.settle(250000, market="ARE", on=date(2026, 10, 30), volatility={"AED": "4%"})
    assert isinstance(known.advice, DealAdvice)
    assert "AED" in [option.currency for option in known.advice.options]
