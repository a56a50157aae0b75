"""The mix of hedges of a book, against every mix there is."""

from itertools import product

import numpy as np
import pytest

from offing.settlement.hedging import TENTHS, CurrencyExposure, Mix, _near, cheapest, climb, mix_of


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


def test_what_cannot_be_hedged_is_not() -> None:
    free = CurrencyExposure(1e6, -1e3, np.linspace(-3e4, 3e4, 500), np.zeros(500), True)
    bound = CurrencyExposure(1e6, 0.0, np.linspace(-3e4, 3e4, 500), np.zeros(500), False)
    found, _ = cheapest([free, bound], 1.0)
    assert found.tenths == (TENTHS, 0)
    assert found.fall > 1.0


def test_a_cheap_hedge_is_taken_before_a_dear_one() -> None:
    """Two equal risks that add up; one costs ten times the other."""
    move = np.linspace(-3e4, 3e4, 501)
    cheap = CurrencyExposure(1e6, -1e3, move, np.zeros(501), True)
    dear = CurrencyExposure(1e6, -1e4, move, np.zeros(501), True)
    whole = mix_of([cheap, dear], (0, 0)).fall
    assert cheapest([cheap, dear], whole * 0.5)[0].tenths == (TENTHS, 0)
    assert cheapest([cheap, dear], whole * 0.25)[0].tenths == (TENTHS, 5)
    assert cheapest([cheap, dear], whole)[0] == Mix((0, 0), 2e6, whole)


def test_a_mix_is_changed_by_up_to_three_tenths_in_one_currency_or_two() -> None:
    """From 5, 0 and 5 of ten, where the third cannot be hedged: 2 to 8 and 0 to 3, but as it is."""
    flat = np.zeros(10)
    exposures = [CurrencyExposure(1e6, 0.0, flat, flat, can) for can in (True, True, False)]
    near = list(_near(exposures, (5, 0, 5)))
    assert set(near) == {(a, b, 5) for a in range(2, 9) for b in range(4)} - {(5, 0, 5)}
    assert len(near) == 27
