"""What the code alone does not tell about a duty, and the shipment of a study."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from cautions import keyed
from offing.landed.quote import quote
from offing.landed.shipment import Shipment
from offing.rules.regime_file import shipped
from offing.terms.messages import say
from offing.terms.money import Money
from tariff_house import tariff_house

D = Decimal


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
