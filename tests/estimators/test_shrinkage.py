"""Shrunk means: nearer to planted ones than the groups' own, with intervals that hold them."""

import numpy as np
import pytest

from offing.estimators.shrinkage import shrunk


def drawn(rng: np.random.Generator, between: float, noise: float) -> tuple[np.ndarray, ...]:
    """Twenty groups of three editions: value, size, group, and the means planted."""
    group = np.repeat(np.arange(20), 3)
    size = rng.integers(5, 60, len(group)).astype(float)
    means = 10 + between * rng.standard_normal(20)
    value = means[group] + noise / np.sqrt(size) * rng.standard_normal(len(group))
    return value, size, group, means


@pytest.mark.long
@pytest.mark.parametrize(("between", "noise"), [(1.0, 8.0), (0.0, 8.0), (3.0, 8.0), (1.0, 0.5)])
def test_means_are_nearer_and_intervals_hold_them(between: float, noise: float) -> None:
    rng = np.random.default_rng(4)
    mine, own, held = [], [], []
    for seed in range(60):
        value, size, group, means = drawn(rng, between, noise)
        made = shrunk(value, size, group, draws=400, seed=seed)
        assert made is not None
        raw = np.bincount(group, size * value) / np.bincount(group, size)
        mine.append(((made.mean - means) ** 2).mean())
        own.append(((raw - means) ** 2).mean())
        low, high = np.quantile(made.draws, [0.1, 0.9], axis=0)
        held.append(((means >= low) & (means <= high)).mean())
    assert np.mean(mine) < 1.02 * np.mean(own)
    if noise > 5 * between:
        assert np.mean(mine) < 0.75 * np.mean(own)
    assert 0.75 < np.mean(held) < (0.95 if between else 1.0)


def test_a_large_group_keeps_more_of_its_own() -> None:
    value, size = np.array([4.0, 4.0, 1.0, 2.0, 1.5]), np.array([100.0, 5.0, 30.0, 30.0, 30.0])
    made = shrunk(value, size, np.arange(5))
    assert made is not None
    assert made.own[0] > made.own[2] > made.own[1]
    assert made.mean[0] > made.mean[1] > made.centre
    twice = shrunk(2 * value, size, np.arange(5))
    assert twice is not None
    assert twice.mean == pytest.approx(2 * made.mean)
