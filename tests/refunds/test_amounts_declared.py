"""Totals that are unit prices and weights in tonnes, and declarations as they should be."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from offing.refunds.doubts.amounts import of_amounts
from offing.terms.errors import Where
from offing.terms.firm_records import Declared

D = Decimal


def item(**given: Any) -> Declared:
    """100 sets of 500 dollars with 2.3 tonnes, in kilograms."""
    plain: dict[str, Any] = {
        "number": "420120260000000099", "item": "1", "export_date": date(2026, 3, 2),
        "mode": "0110", "code": "8528724000", "name": "电视机", "quantity": D(100), "unit": "台",
        "total": D(50000), "currency": "USD", "term": "FOB", "gross_kg": D(2300), "charges": {},
        "where": Where(row=2),
    }  # fmt: skip
    made = plain | given
    return Declared(fob=made["total"], **made)


def worth(amount: D, currency: str, to: str) -> D | None:
    rates = {"USD": D(1), "CNY": D("0.14"), "JPY": D("0.0066")}
    return amount * rates[currency] / rates[to] if currency in rates else None


def kinds(*rows: Declared) -> list[str]:
    return [doubt.kind for doubt in of_amounts(rows, worth)]


def several(**last: Any) -> list[Declared]:
    """Four declarations of the same goods; the last one has something else."""
    rows = [item(number=f"42012026000000{n:04d}", total=D(49000 + 500 * n)) for n in range(3)]
    return [*rows, item(number="420120260000000009", **last)]


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([item(price=D(50000))], "total_is_price"),
        ([item(price=D(500), total=D(500))], "total_is_price"),
        ([item(price=D(5), quantity=D(100))], "total_not_product"),
        ([item(price=D(500), quantity=D(1000))], "total_not_product"),
        (several(total=D(500), gross_kg=None), "total_is_price"),
        (several(total=D(520)), "total_is_price"),
        (several(total=D(350), quantity=D(300)), "total_is_price"),
        ([item(gross_kg=D("2.3"))], "weight_in_tonnes"),
        ([item(total=D(350_000), currency="CNY", gross_kg=D("2.3"))], "weight_in_tonnes"),
        ([item(code="9403600000", unit="件", total=D(12000), gross_kg=D("4.6"))],
         "weight_in_tonnes"),
        ([item(code="6203420000", unit="件", total=D(9000), gross_kg=D("0.5"))],
         "weight_in_tonnes"),
        ([item(total=D(500))], "total_too_small"),
        ([item(gross_kg=D(2_300_000))], "total_too_small"),
        ([item(code="6203420000", unit="件", total=D(9), quantity=D(1000), gross_kg=D(500))],
         "total_too_small"),
        ([item(total=D(5), gross_kg=None)], "price_level"),  # 万 not said
        ([item(total=D(5), currency="JPY", gross_kg=None)], "price_level"),
        ([item(unit="千个", quantity=D(10), total=D(900), gross_kg=None)], "price_level"),
        ([item(code="6116920000", unit="吨", quantity=D(12), total=D(12), gross_kg=None)],
         "price_level"),
        ([item(total=D(25000)), item(item="2", total=D(25000), price=D(25000))], "total_is_price"),
    ],
)  # fmt: skip
def test_a_slip_is_said(rows: list[Declared], kind: str) -> None:
    assert kinds(*rows) == [kind]


@pytest.mark.parametrize(
    "rows",
    [
        [item()],
        [item(price=D(500))],
        [item(price=D(510))],  # two per cent off
        [item(quantity=D(1), total=D(500), price=D(500), gross_kg=D(23))],
        [item(total=D(5_000_000), currency="JPY")],
        [item(currency="THB", gross_kg=D("2.3"))],  # no rate is known
        [item(gross_kg=None, total=D(500))],
        [item(code="7113191900", gross_kg=D(2))],
        [item(code="8517130000", quantity=D(200), total=D(150_000), gross_kg=D(90))],
        [item(code="8542310000", unit="个", gross_kg=D("1.2"))],
        [item(code="2523290000", unit="千克", quantity=D(2300), total=D(180))],  # cement
        [item(code="7204490000", unit="吨", quantity=D("2.3"), total=D(800))],
        [item(code="6907210000", unit="平方米", quantity=D(100), total=D(600))],  # tiles
        [item(code="6203420000", unit="件", quantity=D(1000), total=D(9000), gross_kg=D(500))],
        [item(code="9403600000", unit="件", quantity=D(120), total=D(12000), gross_kg=D(4600))],
        several(total=D(26000), gross_kg=None),  # half price
        several(total=D(5200), quantity=D(10), gross_kg=D(230)),
        [item(total=D(49_000)), item(item="2", name="备件", total=D(300), quantity=D(5))],
        [item(quantity=D(0), total=D(0))],
        [item(code="8528699000", total=D(520_000))],  # laser sets of 5,200
        [item(code="8418219000", unit="台", quantity=D(40), total=D(58_000), gross_kg=None)],
        [item(code="6211339000", unit="件", quantity=D(40), total=D(5800), gross_kg=None)],
        [item(code="6116920000", unit="吨", quantity=D(12), total=D(132_000), gross_kg=None)],
        [item(code="6116920000", unit="双", quantity=D(12), total=D(1), gross_kg=None)],  # pairs
    ],
)  # fmt: skip
def test_its_twin_is_not(rows: list[Declared]) -> None:
    assert kinds(*rows) == []
