"""Sums over offers that are kept are those that are made."""

from dataclasses import replace

import numpy as np
import pytest

from offing.planning.offers import REMEMBERED, Offer, Offers

TV = Offer("tv", "USA", "home", "main", "own", "USD", 100.0, True, True)
ROWS = (TV, replace(TV, market="DEU"), replace(TV, market="FRA"))
UNITS = np.array([[[1.0, 0.0, 2.0]], [[3.0, 4.0, 0.0]]])
"""Two scenarios, one year."""
OFFERS = Offers(ROWS, (2027,), UNITS, 10 * UNITS, 100 * UNITS, np.ones(1))


def test_sums_are_right_however_often_they_are_asked() -> None:
    """Of the first and the third: 10 and 20, 30 and 0, at weights w and 1."""
    chosen = np.array([0, 2])
    for _ in range(2):
        for weight in np.arange(2 * REMEMBERED, dtype=float):
            earned = OFFERS.earned(0, chosen, np.array([weight, 1.0]))
            assert earned.tolist() == [10 * weight + 20, 30 * weight]
            alive = OFFERS.alive(0, chosen, np.array([weight, 1.0]))
            assert alive.tolist() == [weight + 1, weight]
    assert len(OFFERS._sums) == REMEMBERED


def test_a_sum_that_is_kept_cannot_be_changed() -> None:
    earned = OFFERS.earned(0, np.array([1]), np.ones(1))
    with pytest.raises(ValueError, match="read-only"):
        earned += 1
