"""The general duty beside the agreements: Japan's 6203.42.200, 9.1 % and 6.3 % under RCEP."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from offing.landed.batch import compare_preferences
from offing.landed.quote import rates_of
from offing.landed.shipment import Shipment
from offing.rules.regime_file import shipped
from offing.terms.money import Money
from tariff_house import tariff_house

TROUSERS = Shipment(
    "620342200", "JPN", date(2026, 3, 31), Decimal(10), "JPY", price=Money(Decimal(100000), "JPY"),
    freight=Money(Decimal(0), "JPY"),
)  # fmt: skip


def seen(request: Shipment) -> list[tuple[str, Decimal | None, Decimal]]:
    house = tariff_house()
    found = compare_preferences(request, shipped(), house, rates_of(request, house))
    return [(one.regime, None if one.duty is None else one.duty.amount, one.saved) for one in found]


def test_nothing_where_no_agreement_is_loaded_for_the_origin_or_the_day() -> None:
    assert seen(replace(TROUSERS, origin="USA")) == []
    assert seen(replace(TROUSERS, product="852872", destination="DEU")) == []
