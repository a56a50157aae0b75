"""Everything that is said of a pair is read from one distribution."""

import numpy as np
import pytest
from scipy.special import ndtri

from market_world import distances, flows
from offing.forecast.outlook.distribution import ENDS, LEVELS, PROBABILITIES, Distribution
from offing.forecast.outlook.forecast import outlooks
from offing.market.history import Array, History

RNG = np.random.default_rng(5)
CELLS = 300
SALES = Distribution.of(
    RNG.uniform(0, 1, CELLS), np.sort(RNG.normal(11, 2, (CELLS, len(PROBABILITIES))), axis=1), 1e9
).scaled(RNG.uniform(0.2, 3, CELLS))
FINE = (np.arange(100_000) + 0.5) / 100_000


def drawn(sales: Distribution, at: int) -> Array:
    """A cell's sales at evenly spread levels: integrals over it are those of the distribution."""
    return sales.at(slice(at, at + 1)).sales(FINE[:, None])[:, 0]


@pytest.mark.parametrize("at", range(0, CELLS, 30))
def test_closed_forms_are_the_integrals(at: int) -> None:
    sales, value = drawn(SALES, at), 40_000.0
    assert SALES.mean[at] == pytest.approx(sales.mean(), rel=1e-4)
    below = SALES.probability_below(np.full(CELLS, value))[at]
    assert below == pytest.approx((sales < value).mean(), abs=2e-5)
    for level in (0.1, 0.5, 0.9):
        assert SALES.quantile(level)[at] == pytest.approx(np.quantile(sales, level), rel=1e-2)


def test_quantile_and_probability_undo_each_other() -> None:
    level = 1 - SALES.alive * 0.4
    value = SALES.quantile(level)
    above = value > 0
    np.testing.assert_allclose(SALES.probability_below(value)[above], level[above], atol=1e-9)


def test_thousands_of_pairs_are_coherent() -> None:
    """Intervals nest, the mean is that of the draws, and falls and entries have the same odds."""
    history = History.of(flows(places=18, products=8, churn=0.1), distances=distances(18))
    made = outlooks(history, history.years[-1], 2)
    rng = np.random.default_rng(9)
    pairs = outside = old_pairs = 0
    for one, forecast in made.forecasts():
        pairs += len(one.base)
        ends = dict(zip(ENDS, forecast.intervals.T, strict=True))
        assert (ends["low95"] <= ends["low80"]).all()
        assert (ends["low80"] <= ends["low50"]).all()
        assert (ends["low50"] <= ends["high50"]).all()
        assert (ends["high50"] <= ends["high80"]).all()
        assert (ends["high80"] <= ends["high95"]).all()
        sales = forecast.sales.sales(rng.random((4000, len(one.base))))
        error = sales.std(axis=0) / np.sqrt(4000)
        far = np.abs(sales.mean(axis=0) - forecast.expected) > 4 * error + 1e-6
        # The error itself is estimated: of a heavy tail, a few draws decide it.
        assert far.mean() < 0.01
        old = ~one.new
        share = (sales < one.base).mean(axis=0)
        np.testing.assert_allclose(forecast.fall[old], share[old], atol=0.035)
        begins = (sales > 0).mean(axis=0)
        np.testing.assert_allclose(forecast.entry[one.new], begins[one.new], atol=0.035)
        for at, level in enumerate(LEVELS):
            np.testing.assert_allclose(
                forecast.quantiles[:, at], forecast.sales.quantile(level), rtol=1e-12
            )
        old_pairs += int(old.sum())
        outside += int((forecast.expected > ends["high80"])[old].sum())
        assert (forecast.expected >= ends["low80"]).all()
        assert (forecast.expected <= forecast.sales.quantile(1.0)).all()
    assert pairs > 2000
    # A mean may lie above an interval where a flow is likely to end: seldom in a calm world.
    assert outside / old_pairs < 0.05


def test_what_is_alive_sells_something() -> None:
    low = Distribution.of(np.full(1, 0.4), np.full((1, len(PROBABILITIES)), -5.0), 1e6)
    assert low.quantile(0.59)[0] == 0
    assert low.quantile(0.61)[0] == pytest.approx(1.0)
    assert low.mean[0] == pytest.approx(0.4)


class TestAnotherMean:
    """A mean that is to fall is found in the tail; one that is to rise, by a factor."""

    shape = ndtri(np.clip(PROBABILITIES, 0.002, 0.998))
    logs = np.linspace(9, 15, 40)[:, None] + 1.5 * shape
    sales = Distribution.of(np.full(40, 0.8), logs, 1e12)
    bent = np.arange(40) < 30

    def test_the_mean_is_the_one_asked_for(self) -> None:
        for factor in (0.2, 0.9, 1.0, 2.0):
            wanted = self.sales.mean * factor
            np.testing.assert_allclose(self.sales.shift_mean(wanted, self.bent).mean, wanted)
