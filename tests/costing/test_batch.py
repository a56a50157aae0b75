"""A batch gives what single quotes give, and a bad line does not stop the others."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from offing.costing.batch import quotes
from offing.costing.quote import quote
from offing.costing.regime_file import shipped
from offing.costing.shipment import QuoteRequest
from offing.terms.errors import OffingError
from offing.terms.money import Money
from tariff_house import tariff_house

BOOK = shipped()
HOUSE = tariff_house()
ONE = QuoteRequest(
    product="852872",
    destination="DEU",
    on=date(2026, 11, 2),
    quantity=Decimal(100),
    currency="EUR",
    cost=Money(Decimal(80), "EUR"),
    freight=Money(Decimal(1500), "EUR"),
    insurance_rate=Decimal("0.003"),
)


def test_a_batch_is_the_single_quotes_in_their_order() -> None:
    requests = [
        replace(ONE, quantity=Decimal(n), destination=to, currency=currency, national_code=code)
        for n in (1, 50, 700)
        for to, currency, code in (
            ("DEU", "EUR", None),
            ("GBR", "GBP", None),
            ("USA", "CNY", "85287264"),
            ("USA", "CNY", "85287272"),
        )
    ]
    assert list(quotes(requests, BOOK, HOUSE)) == [quote(r, BOOK, HOUSE) for r in requests]


def test_a_bad_line_does_not_stop_the_others() -> None:
    requests = [
        replace(ONE, quantity=Decimal(0)),
        ONE,
        replace(ONE, destination="USA"),
        replace(ONE, destination="USA", quantity=Decimal(5)),
        replace(ONE, quantity=Decimal(7)),
    ]
    found = list(quotes(requests, BOOK, HOUSE))
    keys = [item.key if isinstance(item, OffingError) else "" for item in found]
    assert keys == ["costing.no_quantity", "", "costing.several_lines", "costing.several_lines", ""]
