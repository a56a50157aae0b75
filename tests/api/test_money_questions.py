"""Quote, refund, settle, origin and cost of exchange: Python asks what the command line asks."""

from datetime import date
from decimal import Decimal

import pytest

import offing
from offing.terms.errors import InputError
from offing.terms.money import Money

D = Decimal
DAY = date(2026, 10, 30)


def test_what_a_preference_is_worth() -> None:
    answer = offing.origin("5 USD", ["CHN=1"], value="10000 USD", mfn="5%", compliance=120)
    assert (answer.saving, answer.gain) == (Money(D(500), "USD"), Money(D(380), "USD"))
    poor = offing.origin("5 USD", ["CHN=1"], value="2000 USD", mfn="5%", compliance=120)
    assert poor.gain == Money(D(0), "USD")


@pytest.mark.parametrize("text", ["-250000USD", "-25万美元"])
def test_a_payable_is_an_amount_with_a_minus_and_may_name_its_currency(text: str) -> None:
    plain, named = (offing.settle(amount, on=DAY) for amount in ("-250000", text))
    assert plain.advice is not None
    assert named.data() == plain.data()
    assert offing.settle("1000EUR", on=DAY).data() == offing.settle("1000", "EUR", on=DAY).data()
    with pytest.raises(InputError, match="GBP") as caught:
        offing.settle("1000EUR", "GBP", on=DAY)
    assert caught.value.key == "settle.other_currency"
