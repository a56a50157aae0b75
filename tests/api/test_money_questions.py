"""Quote, refund, settle, origin and cost of exchange: Python asks what the command line asks."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import offing
from offing.api.asking import Answer
from offing.cli.app import run
from offing.cli.show import print_json
from offing.rules.origin import RCEP, Material
from offing.terms.errors import InputError
from offing.terms.money import Money

D = Decimal
ROOT = Path(__file__).resolve().parents[2]
SETS = ROOT / "tests" / "museum" / "studies" / "tv-maker"
WORKWEAR = ROOT / "tests" / "museum" / "studies" / "workwear"
DAY = date(2026, 10, 30)
THREE = ["CHN=1.20", "THA=1.50", "IND=2.00"]
CIF: dict[str, Any] = {"term": "CIF", "freight": 30, "insurance": D("2.25")}
OLD_RATES: dict[str, Any] = {"vat_rate": "17%", "refund_rate": "9%"}


Ask = Callable[[], Answer]
ASKED: dict[str, tuple[Ask, list[str]]] = {
    "quote": (
        lambda: offing.quote(
            "852872",
            "DEU",
            on=date(2024, 12, 31),
            price=Money(D(560), "USD"),
            cost="3150 CNY",
            quantity=300,
            freight=D(14000),
            duty={"mfn": "14%"},
            rate={"CNY": D("7.3")},
            explain=True,
        ),
        ["quote", "852872", "DEU", "--on", "2024-12-31", "--price", "560 USD", "--cost", "3150",
         "--quantity", "300", "--freight", "14000", "--duty", "14%", "--rate", "CNY=7.3",
         "--explain"],
    ),
    "quote of a study": (
        lambda: offing.quote(destination="DEU", of="8528", study=str(SETS), reverse="999"),
        ["quote", "DEU", "--product", "8528", "--study", str(SETS), "--reverse", "999"],
    ),
    "refund of months": (
        lambda: offing.refund(WORKWEAR / "months.toml", on=date(2026, 11, 24), more_fob=3000),
        ["refund", str(WORKWEAR / "months.toml"), "--on", "2026-11-24", "--more-fob", "3000"],
    ),
    "refund of a study": (lambda: offing.refund(study=SETS), ["refund", "--study", str(SETS)]),
    "settle a deal": (
        lambda: offing.settle(250000, market="IDN", on=DAY, spread={"USD": D("0.003")}),
        ["settle", "250000", "--market", "IDN", "--on", "2026-10-30", "--spread", "USD=0.3%"],
    ),
    "settle a book": (
        lambda: offing.settle(book=SETS / "book.toml", on=DAY),
        ["settle", "--book", str(SETS / "book.toml"), "--on", "2026-10-30"],
    ),
    "origin": (
        lambda: offing.origin("5.60 USD", THREE, other=D("0.90"), cumulate="rcep"),
        ["origin", "5.60 USD", "--material", THREE[0], "--material", THREE[1], "--material",
         THREE[2], "--other", "0.90", "--cumulate", "rcep"],
    ),
    "exchange_cost": (
        lambda: offing.exchange_cost(
            Money(D(350), "USD"), 2060, **CIF, **OLD_RATES, fees="10%", bid=D("6.5")
        ),
        ["exchange-cost", "350 USD", "2060", "--term", "CIF", "--freight", "30", "--insurance",
         "2.25", "--fees", "10%", "--vat-rate", "17%", "--refund-rate", "9%", "--bid", "6.5"],
    ),
}  # fmt: skip
WRAPPED = ("origin", "exchange_cost")
"""Questions whose data stand under their name; the older three keep their documents."""


@pytest.mark.parametrize("name", ASKED)
def test_python_and_the_command_line_give_the_same(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ask, words = ASKED[name]
    print_json(ask().data())
    asked: Any = json.loads(capsys.readouterr().out)
    run([*words, "--json", "--lang", "en"])
    told = json.loads(capsys.readouterr().out)
    if name in WRAPPED:
        told = told[name]
    assert asked == told


def test_the_quote_of_the_handbook() -> None:
    """560 USD at 7.5833 ÷ 1.0389 CNY, less 3,150: 22.9 % of the FOB price."""
    answer = offing.quote(
        "852872", "DEU", on=date(2024, 12, 31), price="560 USD", term="FOB", cost="3150 CNY",
        quantity=300, duty="14%",
    )  # fmt: skip
    assert answer.quote.margin == D("281291.65")
    assert not answer.steps
    with pytest.raises(InputError) as error:
        offing.quote("852872", "DEU", price=560.5)  # type: ignore[arg-type]
    assert error.value.key == "money.not_exact"


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
