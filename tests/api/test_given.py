"""Values as Python, a spreadsheet or a data frame has them: read alike, or refused in words."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

import offing

SHIPMENT: dict[str, Any] = {
    "product": "852872", "destination": "DEU", "cost": "1800", "quantity": "500",
    "freight": "2000USD", "on": "2026-10-01",
}  # fmt: skip
DEAL: dict[str, Any] = {"amount": "100000", "currency": "USD", "on": "2026-10-01"}
LADDER: dict[str, Any] = {"product": "8528", "market": "France", "price": "300", "unit": "item"}

ASKED: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "quote": (offing.quote, SHIPMENT),
    "settle": (offing.settle, DEAL),
    "ladder": (offing.ladder, LADDER),
}

ALIKE = [
    ("quote", "product", 852872, "852872"),
    ("quote", "product", "852872.0", "852872"),
    ("quote", "cost", np.int64(1800), 1800),
    ("quote", "destination", 276, "276"),
    ("quote", "on", np.datetime64("2026-10-01"), date(2026, 10, 1)),
    ("quote", "on", "２０２６年10月1日", date(2026, 10, 1)),
    ("quote", "on", np.datetime64("2026-10-01", "ns"), date(2026, 10, 1)),
    ("quote", "duty", 0.14, "0.14"),
    ("quote", "rate", "CNY=7.12", ["CNY=7.12"]),
    ("settle", "interest", "USD=4.1%", {"USD": "4.1%"}),
    ("ladder", "price", Decimal(300), 300),
]


@pytest.mark.parametrize(("name", "field", "given", "same"), ALIKE)
def test_one_value_however_python_has_it(name: str, field: str, given: Any, same: Any) -> None:
    ask, usual = ASKED[name]
    assert ask(**{**usual, field: given}).data() == ask(**{**usual, field: same}).data()
