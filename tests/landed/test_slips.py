"""Shipments and rates with one slip each, and their twins, asked as a person types them."""

from datetime import date
from typing import Any

import pytest

from cautions import keyed
from offing.api.exchange_cost import exchange_cost
from offing.api.quote import quote
from offing.api.settle import settle
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
        (quote, SHIPMENT, {"code": "852872409"}, "landed.nine_digits"),
        (quote, SHIPMENT, {"rate": ["EUR=1.04"]}, "landed.rate_upside_down"),
        (quote, SHIPMENT, {"rate": ["CNY=7.3", "CNY=7.9"]}, "landed.rate_twice"),
        (quote, SHIPMENT, {"price": "¥560", "currency": "USD"}, "landed.sign_of_others"),
        (quote, SHIPMENT, {"measure": ["l=-5"]}, "errors.out_of_range"),
        (settle, DEAL, {"amount": "250000 EUR", "currency": "USD"}, "settle.other_currency"),
        (settle, DEAL, {"currency": "XXX"}, "currencies.unknown"),
        (exchange_cost, TRADED, {"fees": "0.1"}, "refund.exchange_fees_share"),
        (settle, DEAL, {"cost_cny": "-5"}, "errors.out_of_range"),
        (settle, DEAL, {"seed": -1}, "errors.out_of_range"),
        (exchange_cost, TRADED, {"bid": "0.14"}, "refund.exchange_bid_off"),
        (exchange_cost, TRADED, {"bid": "712"}, "refund.exchange_bid_off"),
        (exchange_cost, TRADED, {"bid": "8.1"}, "refund.exchange_bid_off"),  # the euro's
        (exchange_cost, TRADED, {"term": "FOB"}, "refund.exchange_not_inside"),
        (exchange_cost, TRADED, {"purchase": "0.206"}, "refund.exchange_margin_far"),
    ],
)
def test_a_slip_is_said(ask: Any, usual: dict[str, Any], slip: dict[str, Any], key: str) -> None:
    assert key in keys(ask, usual | slip)


@pytest.mark.parametrize(
    ("ask", "usual", "twin"),
    [
        (quote, SHIPMENT, {"price": "560美元"}),
        (quote, SHIPMENT, {"cost": "￥3150"}),
        (quote, SHIPMENT, {"code": "85287240", "duty": "7%"}),
        (quote, SHIPMENT, {"insured_markup": "10%"}),
        (quote, SHIPMENT, {"term": "CIF Rotterdam"}),
        (settle, DEAL, {"interest": ["USD=3.6%", "CNY=1.6%"], "spread": ["USD=0.6%"]}),
        (quote, SHIPMENT, {"quantity": 1, "freight": "60 USD"}),  # 560 dollars in Germany
        (quote, SHIPMENT, {"code": "8528724000"}),
        (settle, DEAL, {"interest": ["USD=3.9%"], "spread": ["USD=0.3%"]}),
        (settle, DEAL, {"days": 3, "terms": "prepaid"}),
        (settle, DEAL, {"interest": ["USD=0.5%", "BRL=14.9%", "EUR=0.5%"]}),
        (settle, DEAL, {"hedge": "50%"}),
        (settle, DEAL, {"default_probability": "8%"}),
        (quote, SHIPMENT, {"insurance_rate": "0.01"}),
        (quote, SHIPMENT, {"refund_cny": "362"}),
        (settle, DEAL, {"premium": "0.8%", "cover": "90%"}),
        (exchange_cost, TRADED, {"bid": "7.05"}),
    ],
)
def test_its_twin_is_not(ask: Any, usual: dict[str, Any], twin: dict[str, Any]) -> None:
    assert keys(ask, usual | twin) <= keys(ask, usual)


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


def test_a_margin_far_from_usual_is_told_with_its_figure() -> None:
    """560 yuan are 76.72 dollars of 2024-12-31, for goods that cost 431.54: −462 %."""
    found = dict(keyed(quote(**SHIPMENT | {"price": "560 CNY", "freight": "0 USD"}).quote.warnings))
    assert found["landed.warn_margin"]["share"] == "-462 %"
