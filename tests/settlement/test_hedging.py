"""The mix of hedges of a book, against every mix there is."""

from itertools import product

import numpy as np
import pytest

from offing.settlement.hedging import TENTHS, CurrencyExposure, cheapest, climb, mix_of


def made_up(seed: int) -> tuple[list[CurrencyExposure], float]:
    """Two or three currencies that move together somehow; some cost to hedge, some pay."""
    rng = np.random.default_rng(seed)
    width = int(rng.integers(2, 4))
    drawn = rng.standard_normal((800, width)) @ rng.normal(size=(width, width))
    exposures = [
        CurrencyExposure(
            1e6,
            float(rng.normal(-5e3, 6e3)),
            drawn[:, at] * 2e4,
            rng.standard_normal(800) * (2e3 if rng.random() < 0.3 else 0.0),
            True,
        )
        for at in range(width)
    ]
    return exposures, mix_of(exposures, (0,) * width).fall * rng.uniform(0.1, 0.9)


@pytest.mark.parametrize("seed", range(12))
def test_the_mix_is_as_good_as_the_best_of_all(seed: int) -> None:
    """On a hundred such books it was the best of all in each."""
    exposures, allowed = made_up(seed)
    every = [mix_of(exposures, t) for t in product(range(TENTHS + 1), repeat=len(exposures))]
    best = max((m for m in every if m.fall <= allowed), key=lambda m: m.expected)
    found, _ = cheapest(exposures, allowed)
    assert found.fall <= allowed
    assert found.expected == pytest.approx(best.expected, abs=1e-6)


def test_the_climb_goes_from_nothing_to_everything() -> None:
    exposures, _ = made_up(3)
    path = climb(exposures)
    assert path[0].tenths == (0,) * len(exposures)
    assert path[-1].tenths == (TENTHS,) * len(exposures)
    assert len(path) == 1 + TENTHS * len(exposures)
