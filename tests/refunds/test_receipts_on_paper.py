"""Receipts of money beside declarations, by hand: nothing, currencies, days, payers."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from offing.refunds.doubts import receipts
from offing.terms.errors import Where
from offing.terms.firm_records import Received

D = Decimal
DAY = date(2026, 3, 20)
BY = date(2027, 4, 30)
"""The last day for the money of an export of 2026."""


def said(row: dict[str, Any], invoiced: str = "", **more: Any) -> list[str]:
    given: dict[str, Any] = {
        "number": "1", "on": DAY, "amount": D(1000), "currency": "USD", "where": Where("r.csv", 2),
        "payer": "Acme Ltd",
    }  # fmt: skip
    declared: Any = SimpleNamespace(
        **({"currency": "USD", "number": "1", "export_date": DAY, "buyer": "Acme Ltd", "item": "1",
            "where": Where("d.csv", 3), "total": D(1000), "name": "TV"} | row)
    )  # fmt: skip
    found = receipts._of_receipt(Received(**(given | more)), declared, invoiced)
    return [doubt.kind for doubt in found]


@pytest.mark.parametrize(
    ("row", "more", "doubt"),
    [
        ({}, {}, ""),
        ({}, {"amount": D("0.5")}, ""),
        ({}, {"amount": D(0)}, "receipt_nought"),
        ({}, {"amount": D(-1)}, "receipt_nought"),
        ({}, {"currency": "EUR"}, "currency"),
        ({}, {"currency": ""}, ""),
        ({"currency": ""}, {}, ""),
        ({}, {"on": DAY - receipts.PREPAID}, ""),
        ({}, {"on": DAY - receipts.PREPAID - timedelta(days=1)}, "receipt_early"),
        ({}, {"on": BY}, ""),
        ({}, {"on": BY + timedelta(days=1)}, "receipt_late"),
        ({}, {"on": BY + timedelta(days=1), "reason": "视同收汇"}, ""),
        ({}, {"payer": "Other GmbH"}, "payer"),
        ({}, {"payer": ""}, ""),
        ({"buyer": ""}, {"payer": "Other GmbH"}, ""),
    ],
)
def test_one_receipt(row: dict[str, Any], more: dict[str, Any], doubt: str) -> None:
    assert said(row, **more) == ([doubt] if doubt else [])


def test_a_payer_beside_the_invoices_buyer() -> None:
    assert said({"buyer": ""}, "Acme Ltd") == []
    assert said({"buyer": ""}, "Other GmbH") == ["payer_invoice"]
