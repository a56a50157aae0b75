"""Prices in equal steps, and those that must be among them."""

import pytest

from offing.planning.offering import price_grid


@pytest.mark.parametrize(
    ("fixed", "prices"),
    [
        ([], [100, 200, 400]),
        ([180.0], [100, 180, 400]),
        ([500.0], [100, 200, 400, 500]),  # beyond the ladder it stands beside it
        ([50.0], [50, 100, 200, 400]),
        ([100.0, 400.0], [100, 200, 400]),
        ([190.0, 210.0, 220.0], [190, 210, 220]),
        ([190.0, 210.0, 220.0, 230.0], [190, 210, 220, 230]),  # no step is left
    ],
)
def test_prices_that_must_be_among_them(fixed: list[float], prices: list[float]) -> None:
    assert price_grid(100.0, 400.0, 3, fixed) == pytest.approx(prices)
