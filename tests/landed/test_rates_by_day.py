"""Rates that a law gave for a time, or by heading: amounts by hand from the act that is named."""

from datetime import date
from decimal import Decimal

import pytest

import offing
from cautions import keyed
from offing.rules.origin import agreements_of, every_agreement
from offing.terms.messages import Language, say

USUAL = {"cost": "100 USD", "currency": "USD", "quantity": 1000, "freight": "5000 USD"}
"""105,000 dollars at the border."""
CAR = {"cost": "60000 USD", "currency": "USD", "quantity": 2, "freight": "0 USD"}


def lines(
    code: str, country: str, on: str, duty: str = "20%", **more: object
) -> dict[str, Decimal]:
    """The amounts of a quote by the name of the line."""
    given: dict[str, object] = USUAL | more
    quote = offing.quote(code, country, on=date.fromisoformat(on), duty=duty, **given).quote  # type: ignore[arg-type]
    return {line.name: line.amount for line in quote.lines}


def keys(code: str, country: str, on: str, duty: str = "20%", **more: object) -> set[str]:
    """What is cautioned and noted of a quote."""
    given: dict[str, object] = USUAL | more
    quote = offing.quote(code, country, on=date.fromisoformat(on), duty=duty, **given).quote  # type: ignore[arg-type]
    return {key for key, _ in keyed((*quote.warnings, *quote.notes))}


CHARGED = [
    # Decrees 15/2022, 44/2023, 94/2023, 72/2024, 180/2024, 174/2025: 8 % of 126,000 in their time
    ("64029990", "VNM", "2024-03-01", "vat", "10080"),
    ("64029990", "VNM", "2022-02-01", "vat", "10080"),
    ("64029990", "VNM", "2022-12-31", "vat", "10080"),
    ("64029990", "VNM", "2023-01-01", "vat", "12600"),
    ("64029990", "VNM", "2023-06-30", "vat", "12600"),
    ("64029990", "VNM", "2025-06-30", "vat", "10080"),
    ("940360", "VNM", "2023-12-31", "vat", "10080"),
    # Notification 1/2017 and 9/2025-Integrated Tax (Rate), of 105,000 × 1.22 = 128,100
    ("95030090", "IND", "2024-03-01", "igst", "15372"),
    ("95030090", "IND", "2025-09-22", "igst", "6405"),
    ("852872", "IND", "2024-03-01", "igst", "35868"),
    ("852872", "IND", "2025-09-22", "igst", "23058"),
    ("871120", "IND", "2024-03-01", "igst", "35868"),
    ("871120", "IND", "2026-03-01", "igst", "23058"),
    ("871140", "IND", "2024-03-01", "igst", "39711"),  # 28 % and a cess of 3 %
    ("871140", "IND", "2026-03-01", "igst", "51240"),
    ("610910", "IND", "2024-03-01", "igst", "15372"),
    ("610910", "IND", "2025-09-22", "igst", "23058"),
    ("871160", "IND", "2019-07-31", "igst", "15372"),
    ("871160", "IND", "2019-08-01", "igst", "6405"),
    ("871200", "IND", "2025-09-21", "igst", "15372"),
    # Decrees 377/2023, 29/2023, 777/2024 on 105,000 of goods and freight; Law 27.541 ends it
    ("85287200", "ARG", "2024-06-01", "pais_tax", "18375"),
    ("85287200", "ARG", "2023-07-24", "pais_tax", "7875"),
    ("85287200", "ARG", "2023-12-12", "pais_tax", "7875"),
    ("85287200", "ARG", "2023-12-13", "pais_tax", "18375"),
    ("64029990", "ARG", "2024-09-02", "pais_tax", "18375"),
    ("64029990", "ARG", "2024-09-03", "pais_tax", "7875"),
    ("64029990", "ARG", "2024-12-22", "pais_tax", "7875"),
    # Legal Notices 35 and 206 of 2020, of 126,000
    ("640299", "KEN", "2020-03-31", "vat", "20160"),
    ("640299", "KEN", "2020-04-01", "vat", "17640"),
    ("852872", "KEN", "2020-12-31", "vat", "17640"),
    ("852872", "KEN", "2021-01-01", "vat", "20160"),
    # the same kind elsewhere: Germany's 16 % and Ireland's 21 % of 2020, Luxembourg's 16 % of 2023
    ("852872", "DEU", "2020-12-31", "vat", "20160"),
    ("852872", "IRL", "2021-02-28", "vat", "26460"),
    ("852872", "LUX", "2023-06-01", "vat", "20160"),
]
RATES = {"VNM": "VND=25000", "ARG": "ARS=900", "KEN": "KES=110", "IND": "INR=83"}


@pytest.mark.parametrize(("code", "country", "on", "name", "amount"), CHARGED)
def test_the_rate_of_the_day(code: str, country: str, on: str, name: str, amount: str) -> None:
    rate = [RATES[country]] if country in RATES else None
    charged = lines(code, country, on, rate=rate)[name]
    assert abs(charged - Decimal(amount)) <= Decimal("0.01")  # rounded in the importer's money


def test_electric_cars() -> None:
    """Norway: 1,200,000 kroner for two, free up to 500,000, of 2026 300,000 a car.

    Switzerland: 4 % of 108,000 francs, and VAT on both. Uzbekistan: 120 base amounts a car.
    """
    nor = {"rate": ["NOK=10"], "duty": "0%"} | CAR
    assert lines("870380", "NOR", "2025-06-02", **nor)["vat_electric_cars"] == 5000  # type: ignore[arg-type]
    assert lines("870380", "NOR", "2026-06-01", **nor)["vat_electric_cars"] == 15000  # type: ignore[arg-type]
    assert "vat" not in lines("870380", "NOR", "2022-06-01", **nor)  # type: ignore[arg-type]
    assert lines("870323", "NOR", "2025-06-02", **nor)["vat"] == 30000  # type: ignore[arg-type]
    che = lines("870380", "CHE", "2025-06-02", "0%", rate=["CHF=0.9"], **CAR)
    assert (che["automobile_tax"], che["vat"]) == (Decimal(4800), Decimal("10108.80"))
    before = lines("870380", "CHE", "2023-06-02", "0%", rate=["CHF=0.9"], **CAR)
    assert "automobile_tax" not in before
    assert before["vat"] == 9240  # 7.7 % of 120,000
    assert lines("870323", "CHE", "2023-06-02", "0%", rate=["CHF=0.9"], **CAR)["automobile_tax"]
    assert lines("870323", "CHE", "2025-06-02", "0%", rate=["CHF=0.9"], **CAR)["automobile_tax"]
    uzb = {"rate": ["UZS=12500"], "duty": "0%"} | CAR
    assert lines("870380", "UZB", "2025-06-02", **uzb)["utilisation_fee"] == 7200  # type: ignore[arg-type]
    assert lines("870380", "UZB", "2024-11-01", **uzb)["utilisation_fee"] == 1800  # type: ignore[arg-type]
    assert "landed.caution_utilisation" in keys("870323", "UZB", "2025-06-02", **uzb)  # type: ignore[arg-type]


AGREEMENTS = [
    ("KOR", "2026-06-01", ["China–Korea", "RCEP", "APTA"]),
    ("KOR", "2015-12-19", ["APTA"]),
    ("KOR", "2006-08-31", []),
    ("IND", "2017-06-30", ["APTA"]),
    ("VNM", "2021-12-31", ["ACFTA"]),
    ("THA", "2022-01-01", ["ACFTA", "RCEP"]),
    ("PHL", "2023-06-01", ["ACFTA"]),
    ("CHL", "2006-10-01", ["China–Chile"]),
    ("NZL", "2008-10-01", ["China–New Zealand"]),
    ("PER", "2010-02-28", []),
    ("PAK", "2020-06-01", ["China–Pakistan"]),
    ("CHE", "2014-07-01", ["China–Switzerland"]),
    ("SRB", "2024-06-30", []),
    ("BRA", "2026-06-01", []),
    ("USA", "2026-06-01", []),
]


@pytest.mark.parametrize(("country", "on", "names"), AGREEMENTS)
def test_an_agreement_holds_from_its_first_day(country: str, on: str, names: list[str]) -> None:
    held = [row.named("en") for row in agreements_of(country, "CHN", date.fromisoformat(on))]
    assert len(held) == len(names)
    assert all(name in text for name, text in zip(names, held, strict=True))
    assert not agreements_of(country, "VNM", date.fromisoformat(on))


@pytest.mark.parametrize("on", ["2023-07-23", "2024-12-23"])
def test_the_tax_on_buying_currency_is_not_there_on_other_days(on: str) -> None:
    assert "pais_tax" not in lines("85287200", "ARG", on, rate=["ARS=900"])


@pytest.mark.parametrize(
    ("code", "country", "on", "key"),
    [
        ("852872", "IND", "2024-03-01", "caution_ind_screens"),
        ("851713", "VNM", "2024-03-01", "caution_vnm_it"),
        ("852872", "ARG", "2024-03-01", "caution_arg_pais"),
    ],
)
def test_what_the_code_does_not_tell_is_said_with_both_rates(
    code: str, country: str, on: str, key: str
) -> None:
    rate = {**RATES, "CHE": "CHF=0.9", "AUS": "AUD=1.5"}[country]
    assert f"landed.{key}" in keys(code, country, on, rate=[rate])


@pytest.mark.parametrize("country", ["KOR", "CHE"])
def test_a_duty_that_was_typed_stands_and_the_agreements_are_named(country: str) -> None:
    rate = [{"IDN": "IDR=16000", "MYS": "MYR=4.2"}.get(country, "CHF=0.9")]
    more = {"rate": rate} if country in ("IDN", "MYS") else {}
    assert lines("610910", country, "2026-06-01", "13%", **more)["duty"] > 0
    assert "landed.note_agreements" in keys("610910", country, "2026-06-01", "13%", **more)
    assert "landed.note_agreements" not in keys(
        "610910", country, "2026-06-01", "13%", origin="VNM", **more
    )


def test_layers_on_top_of_a_typed_duty_are_named() -> None:
    """Argentina's statistical fee, India's surcharge; Korea has none."""
    assert "landed.note_own_duty" in keys("852872", "ARG", "2026-06-01", rate=["ARS=1400"])
    assert "landed.note_own_duty" in keys("852872", "IND", "2026-06-01")
    assert "landed.note_own_duty" not in keys("852872", "KOR", "2026-06-01")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_agreement_has_a_name_in_both_languages_and_a_document(lang: Language) -> None:
    assert len({row.named(lang) for row in every_agreement()}) >= 20
    for row in every_agreement():
        assert row.looked_at or row.status == "recalled"
        assert row.when.since
        assert row.legal
        assert row.source
        assert len(row.says.split()) <= 25


@pytest.mark.parametrize("country", ["BRA", "DEU"])
def test_where_there_is_no_agreement_none_is_named(country: str) -> None:
    duty: object = {"mfn": "13%", "ipi": "0%"} if country == "BRA" else "13%"
    assert "landed.note_agreements" not in keys("610910", country, "2026-06-01", duty)  # type: ignore[arg-type]


def test_a_code_with_all_its_digits_is_not_asked_for_more() -> None:
    for key in ("refund.listed_part_next", "refund.no_known_rate_next"):
        assert "eight" not in say(key)
