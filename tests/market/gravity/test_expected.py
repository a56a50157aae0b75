"""Expected trade: its interval against the derivative it stands for."""

import numpy as np
import polars as pl
import pytest

from gravity_world import world
from offing.market.gravity.batch import fit_products
from offing.market.gravity.estimates import Gravity
from offing.market.gravity.expected import expected_trade

pytest.importorskip("numba", reason="the extra 'gravity' is not installed")


@pytest.fixture(scope="module")
def fitted() -> tuple[Gravity, pl.DataFrame]:
    flows, pairs = world(1)
    lonely = pl.DataFrame(
        {"product": ["01"], "exporter": ["A00"], "importer": ["A01"], "value_usd": [1.0]}
    )
    flows = pl.concat([flows, lonely.select(flows.columns)])
    return fit_products(flows, pairs), flows


def test_interval_is_the_delta_method(fitted: tuple[Gravity, pl.DataFrame]) -> None:
    """Move a coefficient, let the effects meet the totals again, and see how log trade moves."""
    fit, flows = fitted
    p = fit.products.index("850000")
    mean = fit.expected("850000")
    rows, cols = mean.sum(axis=1, keepdims=True), mean.sum(axis=0)
    slopes = []
    for k in range(2):
        logs = []
        for step in (1e-5, -1e-5):
            moved = mean * np.exp(step * fit.covariates[k])
            for _ in range(400):
                moved = moved * (cols / moved.sum(axis=0))
                moved = moved * (rows / moved.sum(axis=1, keepdims=True))
            logs.append(np.log(np.where(mean > 0, moved, 1.0)))
        slopes.append((logs[0] - logs[1]) / 2e-5)
    i = fit.countries.index("A03")
    slope = np.stack(slopes)[:, i]
    variance = np.einsum("kj,kl,lj->j", slope, fit.covariance["both"][p], slope)
    found = expected_trade(fit, flows, "850000", "A03", level=0.95)
    spread = (found["high"] / found["expected"]).log().to_numpy() / 1.959964
    at = [fit.countries.index(code) for code in found["importer"]]
    assert spread == pytest.approx(np.sqrt(np.maximum(variance[at], 0)), rel=1e-4, abs=1e-7)
    assert (found["low"] * found["high"]).to_list() == pytest.approx(
        (found["expected"] ** 2).to_list()
    )
