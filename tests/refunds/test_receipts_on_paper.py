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
        ({}, {"on": date(2025, 3, 20)}, ""),
        ({}, {"on": date(2025, 3, 19)}, "receipt_early"),
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


@pytest.mark.parametrize(
    ("total", "came", "currency", "kind", "amount"),
    [
        (4_000, "3950", "USD", "", ""),  # banks on the way keep fifty of a small sum
        (4_000, "3949.99", "USD", "money", "50.01"),
        (20_000, "19900", "USD", "", ""),  # and half a per cent of a large one
        (20_000, "19899.5", "USD", "money", "100.50"),
        (20_000, "20100", "USD", "", ""),
        (20_000, "20100.5", "USD", "money_over", "100.50"),
        (20_000, "19400", "EUR", "", ""),  # at a rate of another day: three per cent
        (20_000, "19399", "EUR", "money", "601.00"),
        (20_000, "1", "JPY", "", ""),  # at no known rate
    ],
)
def test_what_is_missing_of_a_declaration(
    total: int, came: str, currency: str, kind: str, amount: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    row: Any = SimpleNamespace(
        total=D(total), currency="USD", export_date=DAY, where=Where("d.csv", 3)
    )
    receipt: Any = SimpleNamespace(amount=D(came), currency=currency, where=Where("r.csv", 2))

    def worth(value: Decimal, of: str, to: str) -> Decimal | None:
        return None if of == "JPY" else value

    monkeypatch.setattr(receipts, "of_item", lambda kind, *_, **values: (kind, values))
    for on, suffix in ((BY, ""), (BY + timedelta(days=1), "_late")):
        found: Any = list(receipts._of_sum([row], [receipt], on, worth))
        late = f"{kind}{suffix}" if kind == "money" else kind
        assert [one for one, _ in found] == ([late] if kind else [])
        for _, values in found:
            assert values["over" if kind == "money_over" else "missing"] == amount
            assert values["money"] == D(amount)
    early = receipts._of_sum([row], [], DAY - timedelta(days=1), worth)
    assert list(early) == []
