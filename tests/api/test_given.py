"""Values as Python, a spreadsheet or a data frame has them: read alike, or refused in words."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

import offing
from offing.terms.errors import InputError

NOON = datetime.fromisoformat("2026-10-01T12:00")
NAN = float("nan")
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


REFUSED = [
    ("quote", "product", ["852872"], "cli.bad_given"),
    ("quote", "rate", [7.12], "landed.bad_rate"),
    ("quote", "product", 10121, "hs.lost_zero"),
    ("quote", "destination", NAN, "countries.unknown"),
    ("quote", "cost", NAN, "money.not_exact"),
    ("quote", "quantity", 500.0, "money.not_exact"),
    ("quote", "on", datetime(2026, 10, 1, tzinfo=UTC), "cli.bad_day"),
    ("quote", "on", NAN, "cli.bad_day"),
    ("quote", "unit", 3, "cli.bad_given"),
    ("settle", "days", True, "cli.bad_given"),
    ("settle", "seed", -1, "errors.out_of_range"),
    ("ladder", "market", None, "cli.bad_given"),
]


@pytest.mark.parametrize(("name", "field", "given", "key"), REFUSED)
def test_what_a_field_cannot_be_is_refused_in_words(
    name: str, field: str, given: Any, key: str
) -> None:
    ask, usual = ASKED[name]
    with pytest.raises(InputError) as refused:
        ask(**{**usual, field: given})
    assert refused.value.key == key


def test_a_printed_answer_is_a_line_of_words() -> None:
    for name, (ask, usual) in ASKED.items():
        printed = repr(ask(**usual))
        assert printed.startswith(f"<{name.title()}Answer: ")
        assert "array" not in printed
        assert len(printed) < 400
    assert "Gravity of trade in 8528" in repr(offing.gravity("8528"))
