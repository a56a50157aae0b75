"""Costs of the way as a share of the invoice, as forwarders say it (运费按货值 2%)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

import offing
from offing.terms.errors import InputError

GOODS: dict[str, Any] = {
    "on": date(2024, 12, 31), "price": "560 USD", "cost": "3150 CNY", "quantity": 300, "duty": "14%"
}  # fmt: skip


def quoted(**more: Any) -> Any:
    return offing.quote("852872", "DEU", **GOODS | more).quote


@pytest.mark.parametrize("field", ["inland", "export_clearance", "freight", "fees"])
@pytest.mark.parametrize("text", ["2%", "２％", " 2 % "])
def test_a_share_is_of_price_times_quantity(field: str, text: str) -> None:
    """2 % of 300 × USD 560 is USD 3,360."""
    shared, given = quoted(**{field: text}), quoted(**{field: "3360 USD"})
    assert shared.lines == given.lines


def test_shares_with_and_without_their_sign_are_alike() -> None:
    assert quoted(insurance_rate="0.3%").lines == quoted(insurance_rate="0.003").lines
    assert quoted(insured_markup="10%").lines == quoted(insured_markup="0.10").lines
    back = {"price": None, "reverse": "999 EUR"}
    assert quoted(trade_share="40%", **back) == quoted(trade_share="0.4", **back)


def test_cost_of_exchange_takes_a_freight_of_the_price() -> None:
    """2 % of USD 350 is USD 7; a premium is a share of the insured sum, and is asked for."""
    rest: dict[str, Any] = {
        "term": "CIF", "vat_rate": "13%", "refund_rate": "13%", "bid": Decimal("7.1"),
    }  # fmt: skip
    shared = offing.exchange_cost("350 USD", 2060, freight="2%", insurance="2.25", **rest)
    given = offing.exchange_cost("350 USD", 2060, freight=7, insurance="2.25", **rest)
    assert shared.cost == given.cost
    with pytest.raises(InputError) as said:
        offing.exchange_cost("350 USD", 2060, freight=7, insurance="0.3%", **rest)
    assert said.value.key == "landed.share_for_money"
