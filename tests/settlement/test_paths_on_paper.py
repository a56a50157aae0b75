"""Histories, paths, limits and back-tests of exchange rates, by hand."""

import math
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import offing
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
