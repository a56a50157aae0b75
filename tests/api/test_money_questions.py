"""Quote, refund, settle, origin and cost of exchange: Python asks what the command line asks."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

import offing
from cautions import keyed
from offing.report.views.refund import view_exchange_cost
from offing.report.views.rules import view_origin
from offing.rules.origin import RCEP, Material
from offing.terms.errors import InputError
from offing.terms.messages import using_language
from offing.terms.money import Money

D = Decimal
DAY = date(2026, 10, 30)
THREE = ["CHN=1.20", "THA=1.50", "IND=2.00"]
CIF: dict[str, Any] = {"term": "CIF", "freight": 30, "insurance": D("2.25")}
OLD_RATES: dict[str, Any] = {"vat_rate": "17%", "refund_rate": "9%"}


def test_cost_of_exchange_of_the_textbook() -> None:
    """The worked cases MARGIN-1, MARGIN-2 (by its own formula: the fee is a cost) and MARGIN-3."""
    one = offing.exchange_cost("350 USD", 2060, **CIF, **OLD_RATES, fees="10%", bid="6.5").cost
    assert (one.fob, round(one.total_cost, 2)) == (D("317.75"), D("2107.54"))
    assert round(one.revenue, 2) == D("2065.38")
    assert (round(one.cny_per_unit, 2), round(one.margin_on_cost, 3)) == (D("6.63"), D("-0.020"))
    two = offing.exchange_cost("325 USD", 2060, **CIF, **OLD_RATES, fees="206", bid="6.28").cost
    assert (round(two.cny_per_unit, 2), round(two.margin_on_cost, 4)) == (D("7.20"), D("-0.1277"))
    boots = offing.exchange_cost(
        Money(D("21600"), "USD"), D(144000), term="CIF", freight="3400", insurance="160",
        fees=17280, vat_rate="17%", refund_rate="14%", bid="8.27",
    ).cost  # fmt: skip
    assert boots.fob == 18040
    assert round(boots.total_cost, 2) == D("144049.23")
    assert (round(boots.cny_per_unit, 3), round(boots.margin_on_cost, 4)) == (
        D("7.985"),
        D("0.0357"),
    )


def test_regional_value_of_the_textbook() -> None:
    """The worked case RVC-1, alone and with the materials of all RCEP parties."""
    alone = offing.origin("5.6", THREE, other="0.9", rule="RVC40")
    (test,) = alone.tests
    assert test.regional is not None
    assert (test.regional.build_down, test.regional.build_up) == (D("0.375"), D("0.375"))
    assert not alone.qualifies
    together = offing.origin("5.6", THREE, cumulate="rcep", rule="RVC 40")
    assert together.qualifies
    assert set(together.parties) == set(RCEP)
    lower = offing.origin("5.6", THREE, other="0.9", rule=["RVC35", "RVC40"])
    assert [test.qualifies for test in lower.tests] == [True, False]
    assert lower.qualifies


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


def test_a_change_of_heading_and_its_tolerance() -> None:
    wire = Material("IND", D(40), "740811")
    assert offing.origin("100 USD", [wire], rule="CTH", code="7419.80").qualifies
    assert not offing.origin("100 USD", [wire], rule="CTH", code="740819").qualifies
    small = offing.origin("100 USD", "IND=9@7408.11", rule="CTH", code="740819")
    assert small.qualifies
    assert small.tests[0].shift is not None
    assert small.tests[0].shift.value_share == D("0.09")
    woven = offing.origin("100 USD", "IND=30@520811/0.09kg", rule="CTH", code="520819", kg=1)
    assert woven.qualifies  # within the tolerance by weight


def test_cost_of_exchange_names_its_own_options_and_its_term() -> None:
    """2,060 is paid and 236.99 comes back: 260.43 dollars at 7 a piece."""
    rates: dict[str, Any] = {"vat_rate": "13%", "refund_rate": "13%"}
    with pytest.raises(InputError) as caught:
        offing.exchange_cost("350 USD", 2060, product="8528", on=DAY)
    assert caught.value.key == "refund.exchange_no_rate"
    assert "refund_rate" in (caught.value.next_step or "")
    assert "rates=" not in (caught.value.next_step or "")
    riyal = offing.exchange_cost("3000 SAR", 2060, **rates, on=DAY)
    assert "refund.exchange_thin" in dict(keyed(riyal.cautions))
    with using_language("en"):
        poor = offing.exchange_cost("60 USD", 2060, **rates, term="EXW", bid=7, on=DAY)
        said = str(view_exchange_cost(poor))
    assert "USD 260.43 EXW" in said
    assert "EXW receipt" in said
    assert "FOB" not in said
    assert dict(keyed(poor.cautions))["refund.exchange_loss_far"] == {"share": "77 %"}


def test_cost_of_exchange_of_a_price_with_the_duty_in_it() -> None:
    """Of 350 delivered, 92 are duty, tax and costs there: 226 are FOB, 8.066 CNY for one dollar."""
    rates: dict[str, Any] = {"vat_rate": "13%", "refund_rate": "13%", "bid": "6.6"}
    carried: dict[str, Any] = {"freight": 30, "insurance": 2}
    for term, key in (("DDP", "_taxed"), ("DDP excluding VAT", "_taxed"), ("DAP", "")):
        with pytest.raises(InputError) as caught:
            offing.exchange_cost("350 USD", 2060, term=term, **carried, **rates)
        assert caught.value.key == f"refund.exchange_carriage{key}"
    paid = offing.exchange_cost(
        "350 USD", 2060, term="DDP", destination_costs=92, **carried, **rates
    ).cost
    assert (paid.fob, round(paid.cny_per_unit, 3)) == (D(226), D("8.066"))
    with pytest.raises(InputError) as caught:
        offing.exchange_cost("350 USD", "2060 USD", **rates)
    assert caught.value.key == "money.not_in"
    assert "purchase" in caught.value.found


def test_a_preference_that_is_not_had_would_save() -> None:
    """5 % of 10,000, where the product does not originate and where it does."""
    for value, said in (("4", "would save USD 500.00"), ("1", "preference saves USD 500.00")):
        answer = offing.origin("5 USD", [f"IND={value}"], rule="RVC40", value="10000 USD", mfn="5%")
        with using_language("en"):
            assert said in str(view_origin(answer)[0])


@pytest.mark.parametrize(
    ("on", "levy", "rates", "asked"),
    [
        (date(2019, 5, 15), None, ("0.16", "0.16"), True),
        (date(2019, 5, 15), "13%", ("0.13", "0.13"), False),
        (date(2019, 5, 15), "16%", ("0.16", "0.16"), False),
        (date(2019, 7, 1), None, ("0.13", "0.13"), False),
    ],
)
def test_the_levy_of_the_purchase_decides_the_refund_of_spring_2019(
    on: date, levy: str | None, rates: tuple[str, str], asked: bool
) -> None:
    """2,060 ÷ 1.13 = 1,823.0088 without its tax, ÷ 350 = 5.2086 a dollar."""
    answer = offing.exchange_cost(
        "350 USD", 2060, product="850760", on=on, bid="6.9", vat_rate=levy
    )
    assert (str(answer.vat_rate), str(answer.refund_rate)) == rates
    told = [one for one in answer.cautions if one.key == "refund.exchange_old_levy"]
    assert [one["cost"] for one in told] == ["5.2086"] * asked
