"""The models of a first study are those of the ledger, at the prices of its last twelve months."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from offing.study.template import ENOUGH, MOST, from_ledger
from offing.terms.tables import FxRates, Sales

FX = pl.DataFrame(
    [(date(2024, 1, 1), "USD", Decimal("1.25")), (date(2024, 6, 3), "USD", Decimal("1.25")),
     (date(2024, 6, 28), "USD", Decimal("1.25")), (date(2024, 6, 3), "CNY", Decimal(8)),
     (date(2024, 6, 28), "CNY", Decimal(8))],
    schema=FxRates.create_empty().schema,
    orient="row",
)  # fmt: skip


def line(model: str | None, quantity: float, amount: float, **other: Any) -> dict[str, Any]:
    said = {
        "on": date(2024, 6, 28), "invoice": None, "buyer": None, "market": "DEU",
        "product": "85287240", "model": model, "brand": None, "quantity": Decimal(str(quantity)),
        "unit": "item", "amount": Decimal(str(amount)), "currency": "USD", "incoterm": None,
        "row": 2,
    }  # fmt: skip
    return said | other


def found(*lines: dict[str, Any]) -> Any:
    sales = pl.DataFrame(list(lines), schema=Sales.create_empty().schema)
    return from_ledger(sales, FX)


def test_a_model_has_the_mean_price_of_its_fob_lines() -> None:
    """(10 x 100 + 30 x 120) / 40 = 115; the CIF line counts for units and sales alone."""
    made = found(
        line("A", 10, 1000, incoterm="FOB"),
        line(" a ", 30, 3600, incoterm="FOB", market="FRA"),
        line("A", 5, 900, incoterm="CIF", market="USA"),
        line("B", 1, 200),
    )
    assert not made.by_code
    first, second = made.shown
    assert (first.model.name, first.model.price_usd, first.term) == ("A", Decimal("115.00"), "FOB")
    assert (first.units, first.usd, first.markets) == (45, 5500, 3)
    assert first.codes == ("85287240",)
    assert "40" in first.model.price_from
    assert "45" not in first.model.price_from
    assert (second.model.name, second.model.price_usd, second.term) == ("B", Decimal("200.00"), "")
    assert made.left_out == ()


def test_a_model_without_fob_lines_has_the_price_of_one_term_and_says_which() -> None:
    """CIF sold most; a mean with what DDP has of duty and tax would be a price of nothing."""
    made = found(
        line("A", 10, 1000, incoterm="CIF"),
        line("A", 10, 1100, incoterm="CIF", market="JPN"),
        line("A", 10, 1900, incoterm="DDP", market="GBR"),
    )
    (one,) = made.shown
    assert (one.model.price_usd, one.model.price_term, one.term) == (
        Decimal("105.00"),
        "CIF",
        "CIF",
    )
    assert one.units == 30


def test_only_the_last_twelve_months_count() -> None:
    made = found(
        line("A", 1, 100),
        line("A", 1, 900, on=date(2023, 6, 28)),
        line("old", 9, 900, on=date(2023, 6, 28)),
    )
    assert [(one.model.name, one.units) for one in made.shown] == [("A", 1)]
    assert made.left_out == ()
    assert found(line("A", 1, 100), line("A", 1, 300, on=date(2023, 6, 29))).shown[0].units == 2


def test_money_is_at_the_rate_of_its_day_and_without_one_no_price_is_made_up() -> None:
    made = found(line("A", 1, 640, currency="CNY")).shown[0]
    assert made.model.price_usd == Decimal("100.00")  # 640 / 8 x 1.25
    made = found(line("A", 2, 640, currency="VND")).shown[0]
    assert (made.model.price_usd, made.usd, made.model.price_from) == (None, None, "")


def test_without_names_a_model_is_a_code_of_six_digits_at_most() -> None:
    made = found(
        line(None, 1, 100), line("A", 1, 100, product="85287264"), line("A", 1, 50, product="8516")
    )
    assert made.by_code
    assert [(one.model.code, one.names) for one in made.shown] == [
        ("852872", ("85287240", "85287264")),
        ("8516", ("8516",)),
    ]
    assert made.shown[0].model.name


@pytest.mark.parametrize(
    ("amount", "price"), [(999.994, "999.99"), (1000.4, "1000"), (4999.6, "5000"), (0.126, "0.13")]
)
def test_a_price_has_cents_below_a_thousand(amount: float, price: str) -> None:
    assert str(found(line("A", 1, amount)).shown[0].model.price_usd) == price


def test_of_many_codes_the_largest_have_nearly_all_and_the_rest_is_named() -> None:
    codes = [f"85{number:02}" for number in range(16, 16 + MOST + 4)]
    sizes = [1000.0] * 3 + [1.0] * (len(codes) - 3)
    made = found(
        *(line(None, 1, size, product=code) for code, size in zip(codes, sizes, strict=True))
    )
    assert [one.model.code for one in made.shown] == codes[:3]
    assert sum(sizes[:3]) >= ENOUGH * sum(sizes)
    assert list(made.left_out) == codes[3:]
    even = found(*(line(None, 1, 1, product=code) for code in codes))
    assert [one.model.code for one in even.shown] == codes[:MOST]
