"""Shipments and rates with one slip each, and their twins, asked as a person types them."""

from datetime import date
from typing import Any

import pytest

from cautions import keyed
from offing.api.exchange_cost import exchange_cost
from offing.api.quote import quote
from offing.api.settle import settle
from offing.cli.app import run
from offing.report.blocks import cautions
from offing.terms.errors import OffingError

SHIPMENT: dict[str, Any] = {
    "product": "852872", "destination": "DEU", "on": date(2024, 12, 31), "price": "560 USD",
    "cost": "3150 CNY", "quantity": 300, "freight": "4500 USD", "insurance_rate": "0.003",
}  # fmt: skip
DEAL: dict[str, Any] = {"amount": "250000", "market": "BRA", "on": date(2026, 10, 30)}
TRADED: dict[str, Any] = {
    "price": "350 USD", "purchase": 2060, "term": "CIF", "freight": 30, "insurance": "2.25",
    "fees": "10%", "vat_rate": "13%", "refund_rate": "9%", "bid": "7.1", "on": date(2026, 3, 2),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _starter_world(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFING_WAREHOUSE", str(tmp_path / "no-warehouse"))


def keys(ask: Any, given: dict[str, Any]) -> set[str]:
    try:
        answer = ask(**given)
    except OffingError as error:
        return {error.key}
    said = answer.quote.warnings if ask is quote else answer.cautions
    assert all("{" not in str(told) for told in cautions(said))  # each is a sentence
    return {key for key, _ in keyed(said)}


@pytest.mark.parametrize(
    ("ask", "usual", "slip", "key"),
    [
        (quote, SHIPMENT, {"freight": "15 USD"}, "landed.warn_carriage_of_one"),
        (quote, SHIPMENT, {"freight": "450000 USD"}, "landed.warn_carriage_above"),
        (quote, SHIPMENT, {"destination_costs": "500000 USD"}, "landed.warn_carriage_above"),
        (quote, SHIPMENT, {"unit_kg": "22500"}, "landed.warn_size"),
        (quote, SHIPMENT, {"unit_kg": "0.0225"}, "landed.warn_size"),
        (quote, SHIPMENT, {"unit_m3": "210000"}, "landed.warn_size"),
        (quote, SHIPMENT, {"duty": "0.14%"}, "landed.warn_duty"),
        (quote, SHIPMENT, {"cost": "430 CNY"}, "landed.warn_margin"),  # dollars taken for yuan
        (quote, SHIPMENT, {"insurance_rate": "3%"}, "landed.warn_premium"),
        (quote, SHIPMENT, {"insurance_rate": "0.00003"}, "landed.warn_premium"),
        (quote, SHIPMENT, {"inland": "20 CNY"}, "landed.warn_carriage_of_one"),
        (quote, SHIPMENT, {"inland": "600000 CNY"}, "landed.warn_carriage_above"),
        (quote, SHIPMENT, {"export_clearance": "0.5 CNY"}, "landed.warn_carriage_of_one"),
        (quote, SHIPMENT, {"destination_costs": "5 USD"}, "landed.warn_carriage_of_one"),
        (quote, SHIPMENT, {"fees": "900000 USD"}, "landed.warn_carriage_above"),
        (quote, SHIPMENT, {"duty": "140%"}, "landed.warn_duty"),
        (quote, SHIPMENT, {"quantity": 3_000_000}, "landed.warn_carriage_of_one"),
        (quote, SHIPMENT, {"code": "852872409"}, "landed.nine_digits"),
        (
            quote,
            SHIPMENT,
            {"quantity": 1, "price": "150 USD", "cost": "800 CNY", "freight": "9 USD"},
            "landed.warn_small_consignment",
        ),
        (
            quote,
            SHIPMENT,
            {"destination": "USA", "quantity": 4, "freight": "60 USD", "code": "85287264"},
            "landed.warn_small_consignment",
        ),
        (quote, SHIPMENT, {"code": "85287240", "duty": "0.9"}, "landed.warn_own_duty"),
        (quote, SHIPMENT, {"code": "85287240", "duty": "1.4%"}, "landed.warn_own_duty"),
        (quote, SHIPMENT, {"unit_kg": "22.5", "unit_m3": "2.1"}, "landed.warn_density"),
        (quote, SHIPMENT, {"unit_kg": "225", "unit_m3": "0.21"}, "landed.warn_density"),
        (quote, SHIPMENT, {"term": "FOB Hamburg"}, "landed.warn_term_place"),
        (quote, SHIPMENT, {"term": "CIF 青岛"}, "landed.warn_term_place"),
        (quote, SHIPMENT, {"refund_cny": "3200"}, "landed.warn_refund"),
        (quote, SHIPMENT, {"refund_cny": "320", "origin": "VNM"}, "landed.warn_refund_abroad"),
        (quote, SHIPMENT, {"rate": ["EUR=1.04"]}, "landed.rate_upside_down"),
        (quote, SHIPMENT, {"rate": ["CNY=7.3", "CNY=7.9"]}, "landed.rate_twice"),
        (quote, SHIPMENT, {"price": "¥560", "currency": "USD"}, "landed.sign_of_others"),
        (quote, SHIPMENT, {"measure": ["l=-5"]}, "landed.not_positive"),
        (settle, DEAL, {"interest": ["USD=41%"]}, "settle.warn_unlikely"),
        (settle, DEAL, {"spread": ["USD=30%"]}, "settle.warn_unlikely"),
        (settle, DEAL, {"premium": "50%"}, "settle.warn_unlikely"),
        (settle, DEAL, {"default_probability": "90%"}, "settle.warn_unlikely"),
        (settle, DEAL, {"ndf_basis": ["BRL=50%"]}, "settle.warn_unlikely"),
        (settle, DEAL, {"volatility": ["BRL=0.1%"]}, "settle.warn_unlikely"),
        (settle, DEAL, {"cny_discount": "30%"}, "settle.warn_unlikely"),
        (settle, DEAL, {"cost_cny": "150"}, "settle.warn_margin"),
        (settle, DEAL, {"cost_cny": "200000"}, "settle.warn_margin"),
        (settle, DEAL, {"interest": ["USD=-4.1%"]}, "settle.warn_unlikely"),
        (settle, DEAL, {"risk": "50%"}, "settle.warn_share"),
        (settle, DEAL, {"risk": "0.02%"}, "settle.warn_share"),
        (settle, DEAL, {"hedge": "0.5%"}, "settle.warn_share"),
        (settle, DEAL, {"premium": "0.6%", "cover": "0.9%"}, "settle.warn_share"),
        (settle, DEAL, {"loss_given_default": "6%"}, "settle.warn_share"),
        (settle, DEAL, {"amount": "25"}, "settle.warn_amount"),
        (settle, DEAL, {"amount": "10000000000000"}, "settle.warn_amount"),
        (settle, DEAL, {"days": 3}, "settle.warn_days"),
        (settle, DEAL, {"days": 900}, "settle.warn_days"),
        (settle, DEAL, {"amount": "250000 EUR", "currency": "USD"}, "settle.other_currency"),
        (settle, DEAL, {"currency": "XXX"}, "currencies.unknown"),
        (settle, DEAL, {"invoice": ["XAU"]}, "currencies.unknown"),
        (exchange_cost, TRADED, {"fees": "0.1"}, "refund.exchange_fees_share"),
        (settle, DEAL, {"cost_cny": "150000000"}, "settle.warn_margin"),
        (settle, DEAL, {"cost_cny": "-5"}, "landed.negative"),
        (settle, DEAL, {"seed": -1}, "settle.bad_seed"),
        (exchange_cost, TRADED, {"bid": "0.14"}, "refund.exchange_bid_off"),
        (exchange_cost, TRADED, {"bid": "712"}, "refund.exchange_bid_off"),
        (exchange_cost, TRADED, {"bid": "8.1"}, "refund.exchange_bid_off"),  # the euro's
        (settle, DEAL, {"default_probability": "40%"}, "settle.warn_unlikely"),
        (settle, DEAL, {"interest": ["USD=0.041%"]}, "settle.warn_unlikely"),  # 4.1 / 100
        (settle, DEAL, {"interest": ["CNY=0.015%"]}, "settle.warn_unlikely"),
        (settle, DEAL, {"interest": ["EUR=0.0002"]}, "settle.warn_unlikely"),
        (settle, DEAL, {"interest": ["BRL=0.15%"]}, "settle.warn_unlikely"),
        (settle, DEAL, {"spread": ["USD=0.003%"]}, "settle.warn_unlikely"),
        (settle, DEAL, {"cny_discount": "0.01%"}, "settle.warn_unlikely"),
        (settle, DEAL, {"premium": "0.008%", "cover": "90%"}, "settle.warn_unlikely"),
        (quote, SHIPMENT, {"insured_markup": "0.1%"}, "landed.warn_markup"),
        (exchange_cost, TRADED, {"term": "FOB"}, "refund.exchange_not_inside"),
        (exchange_cost, TRADED, {"vat_rate": "17%"}, "refund.exchange_odd_rate"),
        (exchange_cost, TRADED, {"purchase": "0.206"}, "refund.exchange_margin_far"),
    ],
)
def test_a_slip_is_said(ask: Any, usual: dict[str, Any], slip: dict[str, Any], key: str) -> None:
    assert key in keys(ask, usual | slip)


@pytest.mark.parametrize(
    ("ask", "usual", "twin"),
    [
        (quote, SHIPMENT, {"price": "US$560"}),
        (quote, SHIPMENT, {"price": "560美元"}),
        (quote, SHIPMENT, {"price": "€540"}),
        (quote, SHIPMENT, {"cost": "￥3150"}),
        (quote, SHIPMENT, {"cost": "3150元"}),
        (quote, SHIPMENT, {"insurance_rate": "0.3%"}),
        (quote, SHIPMENT, {"code": "85287240", "duty": "7%"}),
        (quote, SHIPMENT, {"code": "85287240", "duty": "0"}),
        (quote, SHIPMENT, {"on": "2024年12月31日"}),
        (quote, SHIPMENT, {"insured_markup": "10%"}),
        (quote, SHIPMENT, {"term": "FOB Qingdao"}),
        (quote, SHIPMENT, {"term": "FOB Hong Kong"}),
        (quote, SHIPMENT, {"term": "CIF Rotterdam"}),
        (
            quote,
            SHIPMENT,
            {"mode": "air", "term": "FCA", "unit_kg": "22.5", "freight": "24000 USD"},
        ),
        (quote, SHIPMENT, {"rate": ["CNY=7.42"]}),  # a budget's
        (quote, SHIPMENT, {"term": "FCA", "mode": "air"}),
        (settle, DEAL, {"interest": ["USD=3.6%", "CNY=1.6%"], "spread": ["USD=0.6%"]}),
        (quote, SHIPMENT, {"term": "FCA", "mode": "rail"}),
        (quote, SHIPMENT, {"unit_kg": "22.5", "unit_m3": "0.21"}),
        (quote, SHIPMENT, {"quantity": 1, "freight": "60 USD"}),  # 560 dollars in Germany
        (quote, SHIPMENT, {"quantity": 20_000, "freight": "150000 USD"}),
        (quote, SHIPMENT, {"code": "8528724000"}),
        (quote, SHIPMENT, {"rate": ["EUR=0.96"]}),
        (quote, SHIPMENT, {"rate": ["CNY=7.1"]}),
        (settle, DEAL, {"interest": ["USD=3.9%"], "spread": ["USD=0.3%"]}),
        (settle, DEAL, {"cost_cny": "150万"}),
        (settle, DEAL, {"days": 3, "terms": "prepaid"}),
        (settle, DEAL, {"days": 180}),
        (settle, DEAL, {"interest": ["CHF=-0.75%"], "market": "CHE"}),
        (settle, DEAL, {"interest": ["USD=0.036", "EUR=2.1%", "CNY=1.2%", "JPY=0.5%"]}),
        (settle, DEAL, {"interest": ["USD=0.5%", "BRL=14.9%", "EUR=0.5%"]}),
        (settle, DEAL, {"interest": ["JPY=0.1%", "CHF=0.02%", "CZK=0.05%", "EUR=0"]}),
        (settle, DEAL, {"spread": ["USD=0.02%", "EUR=0.5%", "BRL=1.5%"]}),
        (settle, DEAL, {"cny_discount": "0.5%"}),
        (settle, DEAL, {"premium": "0.05%", "cover": "90%"}),
        (quote, SHIPMENT, {"insured_markup": "20%"}),
        (quote, SHIPMENT, {"insured_markup": "0"}),
        (settle, DEAL, {"hedge": "50%"}),
        (settle, DEAL, {"invoice": ["USD", "GBP", "BRL"]}),
        (settle, DEAL, {"ndf_basis": ["BRL=0.5%"]}),
        (settle, DEAL, {"risk": "1%"}),
        (settle, DEAL, {"default_probability": "8%"}),
        (settle, DEAL, {"amount": "1200"}),
        (quote, SHIPMENT, {"inland": "6000 CNY", "export_clearance": "300 CNY"}),
        (
            quote,
            SHIPMENT,
            {
                "price": "700 USD",
                "cost": "4000 CNY",
                "quantity": 5000,
                "inland": "300 CNY",
                "export_clearance": "200 CNY",
            },
        ),
        (
            exchange_cost,
            TRADED,
            {
                "price": "0.35 USD",
                "purchase": "2.06",
                "fees": "0.05",
                "freight": "0.03",
                "insurance": "0.002",
            },
        ),
        (quote, SHIPMENT, {"insurance_rate": "0.01"}),
        (quote, SHIPMENT, {"rates_on": date(2024, 12, 2)}),
        (quote, SHIPMENT, {"refund_cny": "362"}),
        (settle, DEAL, {"premium": "0.8%", "cover": "90%"}),
        (exchange_cost, TRADED, {"bid": "7.05"}),
        (exchange_cost, TRADED, {"term": "CFR", "insurance": None}),
    ],
)
def test_its_twin_is_not(ask: Any, usual: dict[str, Any], twin: dict[str, Any]) -> None:
    assert keys(ask, usual | twin) <= keys(ask, usual)


def test_a_size_in_tonnes_is_asked_about_in_plain_figures() -> None:
    answer = quote(**SHIPMENT, unit_kg="0.0225")
    said = dict(keyed(answer.quote.warnings))["landed.warn_size"]
    assert said["unit"] == "kg"
    assert said["price"] == "24,889"  # 560 / 0.0225


def test_cautions_name_costs_and_carriage_in_the_readers_language(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Not by the option's name; and a mode is read as a clerk writes it."""
    line = [
        "quote",
        "852872",
        "DEU",
        "--on",
        "2024-12-31",
        "--price",
        "560USD",
        "--cost",
        "3150CNY",
    ]
    line += ["--quantity", "300", "--freight", "15USD", "--mode", "空运"]
    for language, words in (
        ("zh", "国际运费为"),
        ("en", "Main freight of"),
    ):
        assert run(["--lang", language, *line]) == 0
        said = "".join(capsys.readouterr().out.split("\n"))
        assert words in said
        assert "freight of USD" not in said or language == "en"


def test_digits_after_the_sixth_are_the_importers_own() -> None:
    """Of a Chinese code they would be other goods there: it is said beside the figures."""

    def told(**given: Any) -> set[str]:
        return {key for key, _ in keyed(quote(**SHIPMENT | given).quote.notes)}

    assert "landed.note_own_digits" in told(product="8528724000")
    assert "landed.note_own_digits" not in told(code="85287240")


BOOK = """名称,金额,币种,{days},付款方式
甲,250000,USD,{a},OA
乙,90000,EUR,{b},OA
丙,70000,USD,{c},OA
"""


@pytest.mark.parametrize(
    ("heading", "days", "key"),
    [
        ("天数", (3, 2, 90), "settle.warn_days"),
        ("天数", (3, 60, 90), ""),  # two days of three fall due later: a book of mixed ages
        ("账期(月)", (3, 2, 3), "settle.not_in_days"),
        ("账期(天)", (90, 60, 90), ""),
        ("credit months", (3, 2, 3), "sources.no_headings"),
    ],
)
def test_days_of_a_book_are_no_months(
    tmp_path: Any, heading: str, days: tuple[int, int, int], key: str
) -> None:
    file = tmp_path / "book.csv"
    named = dict(zip("abc", days, strict=True))
    file.write_text(BOOK.format(days=heading, **named), encoding="utf-8")
    said = keys(settle, {"book": file, "on": date(2025, 10, 30)})
    assert said == ({key} if key else set())


@pytest.mark.parametrize(("amount", "odd"), [("70", True), ("25000000000", True), ("2500", False)])
def test_amounts_of_a_book_are_those_of_deals(tmp_path: Any, amount: str, odd: bool) -> None:
    file = tmp_path / "book.csv"
    file.write_text(f"金额,币种,天数\n{amount},USD,90\n90000,EUR,60\n", encoding="utf-8")
    said = keys(settle, {"book": file, "on": date(2026, 10, 30)})
    assert ("settle.warn_amount" in said) is odd, said
