"""The usual price of a model that the study leaves out: money over units, where both are there."""

import pytest

from offing.study.sales_history import UnknownModel


@pytest.mark.parametrize(
    ("usd", "units", "price"),
    [(0.5, 1.0, 0.5), (1.0, 0.5, 2.0), (0.0, 5.0, None), (5.0, 0.0, None), (None, 5.0, None),
     (-5.0, 5.0, None), (5.0, -5.0, None)],
)  # fmt: skip
def test_a_price_per_unit(usd: float | None, units: float, price: float | None) -> None:
    assert UnknownModel("A", None, usd, units, "t", 1).price_usd == price
