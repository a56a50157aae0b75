"""The simulated limits: the tests of coverage themselves, and the limits on the ECB's history."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from offing.api.settle import TEST_SINCE, TESTED
from offing.settlement import simulation
from offing.settlement.market_data import fixing_moves, last_day, read_history, simulate_all
from offing.terms.errors import InputError, MissingDataError
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
