"""Each doubt about a shipment on both sides of its edge, one figure at a time."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from cautions import keyed
from offing.landed.checks import (
    SHIPMENT_CHECKS,
    PricedShipment,
    cautions_of_goods,
    margin_far_from_usual,
)
from offing.landed.quote import quote
from offing.landed.shipment import Shipment
from offing.rules.regime_file import shipped
from offing.terms.exchange import FxTable
from offing.terms.messages import join_list, say
from offing.terms.money import Money
from tariff_house import tariff_house

D = Decimal
DAY = date(2026, 6, 1)
FX = FxTable(DAY, {"USD": (D("1.25"), DAY), "CNY": (D(10), DAY), "AUD": (D("1.75"), DAY)})
"""A dollar is 8 yuan and 1.4 Australian ones."""
USUAL: dict[str, Any] = {
    "currency": "USD", "quantity": D(2), "inland": None, "freight": None, "fees": None,
    "destination_costs": None, "export_clearance": None, "rates_on": None, "on": DAY,
    "insurance_rate": D(0), "insured_markup": D("0.1"), "price": None, "mode": "sea",
    "origin": "CHN", "price_term": "FOB", "unit": "item",
    "destination": "DEU", "product": "85287240", "unit_kg": None, "unit_m3": None,
    "duties": {}, "refund_cny": D(0),
}  # fmt: skip


def findings(fob: Decimal, **more: Any) -> list[tuple[str, dict[str, str]]]:
    request: Any = SimpleNamespace(**(USUAL | more))
    priced = PricedShipment(request, fob, FX)
    return keyed([*SHIPMENT_CHECKS.findings(priced), *cautions_of_goods(priced)])


def said(fob: str = "100000", **more: Any) -> list[str]:
    found = [key.partition(".")[2] for key, _ in findings(D(fob), **more)]
    return [key for key in found if key != "warn_level"]  # see test_a_price_of_no_such_goods


@pytest.mark.parametrize(
    ("quantity", "unit", "product", "readings"),
    [
        (600, "kg", "39021000", None),  # 167 dollars; a hundredth pays above 33.7, five times wider
        (500, "kg", "39021000", "tonnes, yuan"),
        (90_000, "kg", "39021000", None),
        (3_000_000, "kg", "39021000", "thousands"),
        (20, "item", "85287240", None),  # laser sets of 5,000
        (1, "item", "85287240", "thousand_pieces, dozens"),
        (200_000, "item", "85287240", "thousands, ten_thousand_yuan, ten_thousands"),
    ],
)
def test_a_price_of_no_such_goods(
    quantity: int, unit: str, product: str, readings: str | None
) -> None:
    own = {"quantity": D(quantity), "unit": unit, "product": product}
    found = dict(findings(D(100_000), **own)).get("landed.warn_level")
    said = None if found is None else found["readings"]
    named = (
        None if readings is None else [say(f"sources.reading_{n}") for n in readings.split(", ")]
    )
    assert said == (None if named is None else join_list(named[:3]))


@pytest.mark.parametrize(
    ("name", "amount", "key"),
    [
        ("inland", "10", ""),  # a ten-thousandth
        ("inland", "9.99", "warn_carriage_of_one"),
        ("inland", "30000", ""),
        ("inland", "30001", "warn_carriage_above"),
        ("freight", "100001", "warn_carriage_above"),
        ("destination_costs", "100001", "warn_carriage_above"),
        ("export_clearance", "0.99", "warn_carriage_of_one"),
        ("fees", "0.01", ""),
        ("fees", "100001", "warn_carriage_above"),
    ],
)
def test_carriage_beside_its_goods(name: str, amount: str, key: str) -> None:
    dollars: dict[str, Any] = {name: Money(D(amount), "USD")}
    yuan: dict[str, Any] = {name: Money(D(amount) * 8, "CNY")}
    assert said(**dollars) == said(**yuan) == ([key] if key else [])
    if key == "warn_carriage_of_one":
        assert said(quantity=D(1), **dollars) == []


def test_a_declaration_of_small_goods_may_cost_more_than_its_share() -> None:
    """Of 800 dollars a tenth is 80: a declaration may cost up to a thousand, freight no more than
    the goods."""
    for name, amount, key in (
        ("export_clearance", "999", []), ("export_clearance", "1000", ["warn_carriage_above"]),
        ("freight", "800", []), ("freight", "999", ["warn_carriage_above"]),
    ):  # fmt: skip
        found = said("800", **{name: Money(D(amount), "USD")})
        assert [key for key in found if key != "warn_small_consignment"] == key, (name, amount)


@pytest.mark.parametrize(
    ("market", "currency", "goods", "amount"),
    [
        ("AUS", "AUD", "1000", "AUD 1,000.00"), ("AUS", "AUD", "1000.01", None),
        ("AUS", "USD", "714.28", "AUD 999.99"), ("AUS", "USD", "714.30", None),
        ("USA", "USD", "2500", "USD 2,500.00"), ("DEU", "USD", "200.01", None),
    ],
)  # fmt: skip
def test_a_small_consignment_is_one_in_the_money_of_the_law(
    market: str, currency: str, goods: str, amount: str | None
) -> None:
    found = dict(findings(D(goods), destination=market, currency=currency))
    assert found.get("landed.warn_small_consignment", {}).get("amount") == amount


def test_a_bill_that_a_truck_may_have() -> None:
    """Of a million a ten-thousandth is 100; what costs 15 is a bill all the same."""
    assert said("1000000", inland=Money(D("14.99"), "USD")) == ["warn_carriage_of_one"]
    assert said("1000000", inland=Money(D(15), "USD")) == []
    assert said("1000000", inland=Money(D(0), "USD")) == []


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"insurance_rate": D("0.00005")}, ""),
        ({"insurance_rate": D("0.00004")}, "warn_premium"),
        ({"insurance_rate": D("0.02")}, ""),
        ({"insurance_rate": D("0.021")}, "warn_premium"),
        ({"insurance_rate": D(0)}, ""),
        ({"price": D(1)}, ""),
        ({"product": "22030000"}, "caution_excise_goods"),
        ({"unit": "kg", "unit_kg": D("0.9")}, "warn_size"),  # 50,000 dollars a piece
        ({"quantity": D(1000), "unit": "kg", "freight": Money(D(30), "USD")}, ""),
        ({"unit_kg": D("2.5")}, ""),  # 20,000 dollars a kilogram
        ({"unit_kg": D("2.49")}, "warn_size"),
        ({"unit_kg": D("2.49"), "product": "7113"}, ""),
        ({"fob": "60000", "unit_kg": D(1_000_000)}, ""),  # three cents a kilogram
        ({"unit_kg": D(1_700_000)}, "warn_size"),
        ({"unit_kg": D(1_700_000), "product": "7113"}, "warn_size"),
        ({"unit_m3": D("0.01")}, ""),  # five million a cubic metre
        ({"unit_m3": D("0.0099")}, "warn_size"),
        ({"fob": "60000", "unit_m3": D(10_000)}, ""),
        ({"unit_m3": D(17_000)}, "warn_size"),
        ({"duties": {"mfn": "0.5%"}}, ""),
        ({"duties": {"mfn": "0.49%"}}, "warn_duty"),
        ({"duties": {"mfn": "0%"}}, ""),
        ({"duties": {"mfn": "100%"}}, ""),
        ({"duties": {"mfn": "100.1 %"}}, "warn_duty"),
        ({"duties": {"mfn": "300 EUR/kg"}}, ""),
        ({"refund_cny": D(68_000)}, ""),  # 17 % of 50,000 dollars
        ({"refund_cny": D(68_001)}, "warn_refund"),
        ({"refund_cny": D(0)}, ""),
    ],
)
def test_figures_of_a_shipment(more: dict[str, Any], key: str) -> None:
    assert said(**more) == ([key] if key else [])


def test_a_price_far_from_its_cost() -> None:
    def odd(margin: str | None) -> int:
        share = None if margin is None else D(margin)
        priced: Any = SimpleNamespace(margin=share, fob=D(100))
        return len(list(margin_far_from_usual(priced)))

    assert [odd(each) for each in ("-50", "85", None)] == [0, 0, 0]
    assert [odd(each) for each in ("-51", "86")] == [1, 1]


def test_what_the_code_alone_does_not_tell_is_said() -> None:
    """Exclusions of Section 301 are by description; the USMCA is by certificate."""
    base = Shipment(
        "84733011", "USA", date(2026, 8, 3), D(10), "USD", price=Money(D(100), "USD"),
        duties={"mfn": "Free"},
    )  # fmt: skip

    def said(**changes: object) -> set[str]:
        made = quote(replace(base, **changes), shipped(), tariff_house())  # type: ignore[arg-type]
        return {key for key, _ in keyed(made.warnings) if key.startswith("landed.caution_")}

    assert "landed.caution_us301_exclusions" in said()
    # they ended with 2026-11-09; whether they were prolonged was not read, so it is said still
    assert "landed.caution_us301_exclusions" in said(on=date(2026, 11, 10))
    assert "landed.caution_us301_exclusions" not in said(product="8473301140", origin="VNM")
    # U.S. note 20(vvv) names no number of television sets; to 2020 the notes were not taken apart
    assert "landed.caution_us301_exclusions" not in said(product="85287264")
    assert "landed.caution_us301_exclusions" in said(product="8473301180", on=date(2025, 6, 2))
    assert "landed.caution_us301_exclusions" not in said(product="8473301140", on=date(2025, 6, 2))
    assert "landed.caution_us_usmca" in said(product="8473301140", origin="MEX")
    assert "landed.caution_us_usmca" not in said(product="8473301140", origin="VNM")
    assert "landed.caution_us_ninth_of_april" in said(
        product="9403608081", origin="VNM", on=date(2025, 4, 9)
    )
    assert "landed.caution_us_ninth_of_april" not in said(
        product="9403608081", origin="VNM", on=date(2025, 4, 10)
    )


@pytest.mark.parametrize(
    ("origin", "first", "after"),
    [
        ("CHN", date(2025, 2, 4), date(2025, 3, 7)),
        ("VNM", date(2025, 4, 5), date(2025, 6, 16)),
        ("CHN", date(2025, 4, 5), date(2025, 6, 16)),
        ("VNM", date(2025, 8, 7), date(2025, 10, 5)),
        ("DEU", date(2025, 8, 7), date(2025, 10, 5)),
        ("IND", date(2025, 8, 7), date(2025, 10, 5)),
        ("VNM", date(2026, 2, 24), date(2026, 2, 28)),
    ],
)
def test_goods_on_the_way_on_the_first_day_of_a_duty(origin: str, first: date, after: date) -> None:
    base = Shipment("85287264", "USA", first, D(10), "USD", price=Money(D(100), "USD"))

    def said(on: date) -> bool:
        made = quote(replace(base, on=on, origin=origin), shipped(), tariff_house())
        return "landed.caution_us_in_transit" in dict(keyed(made.warnings))

    assert said(first)
    assert said(after - timedelta(days=1))
    assert not said(first - timedelta(days=1))
    assert not said(after)


def test_every_caution_of_a_regime_has_its_sentence() -> None:
    for regime in shipped().regimes.values():
        names = {charge.name for charge in regime.charges}
        for caution in regime.cautions:
            assert caution.source in say(caution.message, source=caution.source)
            assert set(caution.charges) <= names
