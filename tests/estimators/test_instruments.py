"""Two-stage least squares and Anderson-Rubin, against formulas and the clustered regression."""

import numpy as np
import pytest
import scipy.stats

from offing.estimators.clustered import instrument_slope


def data(seed: int, strength: float = 1.0, n: int = 300) -> tuple[np.ndarray, ...]:
    """An outcome with slope 2 on a regressor that answers it; two instruments; thirty clusters."""
    rng = np.random.default_rng(seed)
    cluster = np.arange(n) % 30
    common = 0.5 * rng.normal(size=30)[cluster]
    z = rng.normal(size=(n, 2)) + 0.5 * rng.normal(size=(30, 2))[cluster]
    noise = rng.normal(size=n) + common
    x = strength * (z @ [0.5, 0.3]) + 0.7 * noise + rng.normal(size=n)
    return 2 * x + noise, x, z, cluster, np.arange(n) % 20


def test_two_stages_by_the_formula() -> None:
    """(x'P y) / (x'P x) with P the projection on the centred instruments."""
    y, x, z, cluster, _ = data(2)
    y, x, z = y - y.mean(), x - x.mean(), z - z.mean(axis=0)
    project = z @ np.linalg.inv(z.T @ z) @ z.T
    value = (x @ project @ y) / (x @ project @ x)
    assert instrument_slope(y, x, z, [], [cluster]).value == pytest.approx(value)


@pytest.mark.long
def test_the_set_holds_the_slope_with_two_instruments() -> None:
    """95 % of 200, give or take three standard errors of 1.5 points, and not always."""
    holds = 0
    for seed in range(200):
        y, x, z, cluster, _ = data(seed)
        made = instrument_slope(y, x, z, [], [cluster])
        holds += made.low <= 2 <= made.high
    assert 0.905 <= holds / 200 <= 0.995


def ends_by_the_formula(
    y: np.ndarray, x: np.ndarray, z: np.ndarray, cluster: np.ndarray
) -> list[float]:
    """With one instrument Anderson and Rubin's set lies between the roots of a square in b.

    (z'y - b z'x)^2 = c (v_yy - 2 b v_xy + b^2 v_xx), v the covariance of the two moments by
    cluster, each about what the instrument explains, and c the 95 % quantile of F(1, G - 1).
    """
    y, x, z = y - y.mean(), x - x.mean(), z - z.mean()
    n, groups = len(y), len(np.unique(cluster))
    z = z / np.sqrt(z @ z)
    sums = [
        np.array([(z * (v - z * (z @ v)))[cluster == one].sum() for one in range(groups)])
        for v in (y, x)
    ]
    spread = groups / (groups - 1) * (n - 1) / (n - 2)
    c = scipy.stats.f.ppf(0.95, 1, groups - 1) * spread
    yy, xy, xx = sums[0] @ sums[0] * c, sums[0] @ sums[1] * c, sums[1] @ sums[1] * c
    m_y, m_x = z @ y, z @ x
    return sorted(np.roots([m_x**2 - xx, 2 * (xy - m_x * m_y), m_y**2 - yy]).real.tolist())


@pytest.mark.parametrize("strength", [1.0, 3.0, 30.0])
@pytest.mark.parametrize("seed", range(4))
def test_the_ends_of_one_instrument_are_the_roots_of_a_square(seed: int, strength: float) -> None:
    y, x, z, cluster, _ = data(seed, strength)
    made = instrument_slope(y, x, z[:, :1], [], [cluster])
    assert made.is_identified
    assert [made.low, made.high] == pytest.approx(
        ends_by_the_formula(y, x, z[:, 0], cluster), rel=1e-9
    )


def test_weak_instruments_leave_the_set_open() -> None:
    made = []
    for seed in range(40):
        y, x, z, cluster, _ = data(seed, 0.0)
        made.append(instrument_slope(y, x, z, [], [cluster]))
    assert sum(not one.is_identified for one in made) >= 34
