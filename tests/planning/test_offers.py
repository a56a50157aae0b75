"""What offers earn and where they are alive, by hand; the same however many there are."""

import numpy as np
import pytest

from offing.planning.offers import Offer, Offers

ROWS = tuple(
    Offer("tv", market, "CHN", "A", "own", "USD", 500.0, False, False) for market in ("A", "B", "C")
)


@pytest.mark.parametrize("doubled", [0, 10**9])
def test_sums_of_two_offers_by_hand(doubled: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two scenarios, two years; the third offer takes none in the second scenario's second year."""
    monkeypatch.setattr("offing.planning.offers.DOUBLED", doubled)
    units = np.array([[[1, 2, 3], [1, 2, 3]], [[1, 2, 3], [1, 0, 0]]], dtype=float)
    profit = np.array([[[10, 0, 1], [20, 0, 2]], [[30, 0, 3], [40, 0, -4]]], dtype=float)
    offers = Offers(ROWS, (2027, 2028), units, profit, units * 500, np.ones(2))
    taken, weight = np.array([0, 2]), np.array([0.5, 2.0])
    assert offers.earned(0, taken, weight).tolist() == [5 + 2, 15 + 6]
    assert offers.earned(1, taken, weight).tolist() == [10 + 4, 20 - 8]
    assert offers.alive(0, taken, weight).tolist() == [2.5, 2.5]
    assert offers.alive(1, taken, weight).tolist() == [2.5, 0.5]
    assert offers.dies.tolist() == [False, True, True]
