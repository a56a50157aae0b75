"""Surtaxes and taxes of single countries on goods of China, each amount computed by hand."""

import json
from decimal import Decimal

import pytest

from offing.cli.app import run

SHIPMENT = ["--cost", "100USD", "--currency", "USD", "--quantity", "1000", "--freight", "5000USD",
            "--insurance-rate", "0"]  # fmt: skip


def quoted(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> tuple[dict[str, Decimal], set[str]]:
    """The amounts by line, and the keys of what is cautioned."""
    assert run(["quote", *arguments, "--json"]) == 0
    quote = json.loads(capsys.readouterr().out)["quote"]
    amounts = {line["name"]: Decimal(line["amount"]) for line in quote["lines"]}
    return amounts, {caution["key"] for caution in quote["warnings"]}


CHARGED = {
    # 100 % of 100,000 and GST of 5 % on 100,000 + 6,100 + 100,000
    "can-electric-cars": (
        ["870380", "CAN", *SHIPMENT, "--duty", "6.1%", "--on", "2025-06-02"],
        {"duty": "6100", "china_surtax": "100000", "gst": "10305"},
    ),
    # ended on 2026-03-01
    "can-electric-cars-ended": (
        ["870380", "CAN", *SHIPMENT, "--duty", "6.1%", "--on", "2026-03-02"],
        {"duty": "6100", "gst": "5305"},
    ),
    # of other origin it never was
    "can-electric-cars-of-korea": (
        ["870380", "CAN", *SHIPMENT, "--duty", "6.1%", "--on", "2025-06-02", "--origin", "KOR"],
        {"duty": "6100", "gst": "5305"},
    ),
    # 28 % of 105,000 × 1.22 = 35,868
    "ind-air-conditioners": (
        ["841510", "IND", *SHIPMENT, "--duty", "20%", "--on", "2025-09-19"],
        {"igst": "35868"},
    ),
    "ind-air-conditioners-since": (
        ["841510", "IND", *SHIPMENT, "--duty", "20%", "--on", "2025-09-22"],
        {"igst": "23058"},
    ),
    # 28 % of 105,000 × 1.22, as above; from the day of the fewer rates 18 %
    "ind-tyres": (
        ["401110", "IND", *SHIPMENT, "--duty", "20%", "--on", "2025-09-21"],
        {"igst": "35868"},
    ),
    "ind-refrigerators-2018": (
        ["841810", "IND", *SHIPMENT, "--duty", "20%", "--on", "2018-07-26"],
        {"igst": "35868"},
    ),
    "ind-refrigerators": (
        ["841810", "IND", *SHIPMENT, "--duty", "20%", "--on", "2018-07-27"],
        {"igst": "23058"},
    ),
    # the cess is 20 % of 105,000, no surcharge; 12 % of 105,000 × 1.4, and 5 % from 2025-09-22
    "ind-solar-modules": (
        ["854143", "IND", *SHIPMENT, "--duty", "20%", "--on", "2025-09-21"],
        {"aidc_20": "21000", "igst": "17640"},
    ),
    "ind-solar-modules-since": (
        ["854143", "IND", *SHIPMENT, "--duty", "20%", "--on", "2025-09-22"],
        {"aidc_20": "21000", "igst": "7350"},
    ),
    # 25 % of 100,000, by the schedule as it stands since 2026-03-01
    "can-steel-of-china": (
        ["721049", "CAN", *SHIPMENT, "--duty", "0%", "--on", "2026-03-01"],
        {"china_metal_surtax": "25000", "gst": "6250"},
    ),
    "can-steel-of-korea": (
        ["721049", "CAN", *SHIPMENT, "--duty", "0%", "--on", "2026-03-01", "--origin", "KOR"],
        {"gst": "5000"},
    ),
    "can-chairs-of-steel": (
        ["940171", "CAN", *SHIPMENT, "--duty", "0%", "--on", "2025-12-26", "--origin", "VNM"],
        {"steel_derivative_surtax": "25000", "gst": "6250"},
    ),
    "can-chairs-of-steel-before": (
        ["940171", "CAN", *SHIPMENT, "--duty", "0%", "--on", "2025-12-25", "--origin", "VNM"],
        {"gst": "5000"},
    ),
    # 40 % of 155,000 is 62,000, less than USD 7,000 for each of ten cars
    "tur-cheap-cars": (
        ["870323", "TUR", "--cost", "15000USD", "--currency", "USD", "--quantity", "10",
         "--freight", "5000USD", "--insurance-rate", "0", "--duty", "10%", "--on", "2025-06-02"],
        {"additional_customs_duty": "70000", "vat": "48100"},
    ),
    # Decision 3351, annex 1: 15 %; list IV: 6.7 % of 105,000 + 2,100 + 15,750; VAT on all
    "tur-refrigerator": (
        ["841810", "TUR", *SHIPMENT, "--duty", "2%", "--on", "2026-06-01"],
        {"additional_customs_duty": "15750", "otv": "8230.95", "vat": "26216.19"},
    ),
    # no line of annex 1: 6.7 % of 105,000 + 14,700
    "tur-television": (
        ["852872", "TUR", *SHIPMENT, "--duty", "14%", "--on", "2026-06-01"],
        {"otv": "8019.90", "vat": "25543.98"},
    ),
    # 39 % of 105,000, and the reduced 10 % of 105,000 + 12,600 + 40,950
    "tur-shirts": (
        ["610910", "TUR", *SHIPMENT, "--duty", "12%", "--on", "2026-06-01"],
        {"additional_customs_duty": "40950", "vat": "15855"},
    ),
    # 41.47 % of the value free on board; 15 % of 110,000 + 30,000 + 41,470
    "zaf-tyres": (
        ["401110", "ZAF", *SHIPMENT, "--duty", "30%", "--on", "2026-06-01"],
        {"anti_dumping": "41470", "vat": "27220.50"},
    ),
    # Law 10865, art. 8, § 2: 3.52 and 16.48 % of 105,000
    "bra-make-up": (
        ["330499", "BRA", *SHIPMENT, "--duty", "18%", "--duty", "ipi=0%", "--on", "2026-06-01"],
        {"pis": "3696", "cofins": "17304"},
    ),
    # garlic is free of the surcharge and, by Notification 10/2025, of the integrated tax
    "ind-garlic": (
        ["070320", "IND", *SHIPMENT, "--duty", "100%", "--on", "2026-06-01"],
        {"duty": "105000", "igst": "0"},
    ),
    # 5 % of 105,000 + 31,500 + 3,150
    "ind-canned-fish": (
        ["160413", "IND", *SHIPMENT, "--duty", "30%", "--on", "2026-06-01"],
        {"social_welfare_surcharge": "3150", "igst": "6982.50"},
    ),
}  # fmt: skip
OPTIONAL = (
    "china_surtax", "china_metal_surtax", "steel_derivative_surtax",
    "aidc_20", "additional_customs_duty", "otv", "anti_dumping",
)  # fmt: skip


@pytest.mark.parametrize("name", CHARGED)
def test_what_was_read_is_charged_on_its_days(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, expected = CHARGED[name]
    amounts, _ = quoted(arguments, capsys)
    assert {line: amounts[line] for line in expected} == {
        line: Decimal(amount) for line, amount in expected.items()
    }
    assert not [line for line in OPTIONAL if line in amounts and line not in expected]


SAID = [
    ("721049", "CAN", "2026-02-28", "caution_can_metals"),
    ("870380", "CAN", "2026-06-01", "caution_can_quota"),
    ("870323", "RUS", "2026-06-01", "caution_utilisation"),
    ("940360", "MEX", "2026-06-01", "caution_mex_2026"),
    ("760429", "TUR", "2026-06-01", "warn_listed_below"),
    ("401110", "BRA", "2027-01-01", "caution_bra_2027"),
    ("401110", "NGA", "2026-06-01", "caution_nga_adjusted"),
    ("160413", "DEU", "2026-06-01", "caution_food"),
]


@pytest.mark.parametrize(("code", "country", "on", "caution"), SAID)
def test_what_only_the_list_tells_is_said(
    code: str, country: str, on: str, caution: str, capsys: pytest.CaptureFixture[str]
) -> None:
    duty = [] if country == "HKG" else ["--duty", "10%"]
    duty += ["--duty", "ipi=0%"] if country == "BRA" else []
    days = ["--on", on, "--rates-age", "99"]  # of 2027 there are no exchange rates yet
    _, said = quoted([code, country, *SHIPMENT, *duty, *days], capsys)
    assert f"landed.{caution}" in said


QUIET = [
    ("610910", "CAN"), ("610910", "ZAF"), ("852872", "GBR"), ("850760", "VNM"), ("852872", "THA"),
    ("160413", "SGP"), ("200190", "KOR"), ("850760", "IDN"), ("852872", "ARE"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "country"), QUIET)
def test_goods_that_none_of_it_touches_stay_without_a_caution(
    code: str, country: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, said = quoted([code, country, *SHIPMENT, "--duty", "10%", "--on", "2026-06-01"], capsys)
    assert not {key for key in said if key.startswith("landed.caution_")}


def test_a_free_port_has_no_duty_to_give(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quote", "610910", "HKG", *SHIPMENT, "--duty", "10%", "--lang", "en"]) == 2
    assert "charges no duty by product." in capsys.readouterr().err


@pytest.mark.parametrize("code", ["852872", "070320", "160413", "401110"])
def test_a_tax_that_stands_for_the_whole_code_is_not_doubted(
    code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Notification 9/2025 has one rate for each of these, so the schedules need no look."""
    _, said = quoted([code, "IND", *SHIPMENT, "--duty", "10%", "--on", "2026-06-01"], capsys)
    assert "landed.caution_ind_igst" not in said
    _, said = quoted([code, "IND", *SHIPMENT, "--duty", "10%", "--on", "2025-06-02"], capsys)
    assert ("landed.caution_ind_igst_before" in said) is (code in ("070320", "160413"))
