"""Deals and books: what a hedge does, what offsets offsets, and what is asked for."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.cli.app import run
from offing.costing.settlement.deal import (
    Credit,
    Deal,
    Market,
    choose,
    hedge_book,
    natural_shares,
    option,
)
from offing.costing.settlement.defaults import given as user_rate
from offing.terms.errors import InputError

D = Decimal
RNG = np.random.default_rng(7)
COMMON = RNG.standard_normal(4000)
PATHS = {
    "USD": 7 * np.exp(0.02 * COMMON),
    "EUR": 8 * np.exp(0.04 * (0.6 * COMMON + 0.8 * RNG.standard_normal(4000))),
}
MARKET = Market(
    on=date(2026, 10, 30),
    spot={"USD": D(7), "EUR": D(8), "CNY": D(1)},
    interest={
        code: user_rate("interest", D(rate))
        for code, rate in (("CNY", "0.015"), ("USD", "0.04"), ("EUR", "0.02"))
    },
    spreads={code: user_rate("spread", D(rate)) for code, rate in (("USD", "0.004"),
             ("EUR", "0.004"), ("CNY", "0"))},
)  # fmt: skip
NO_CREDIT = Credit()


@settings(deadline=None)
@given(
    st.decimals(min_value=1000, max_value=10**7, places=2),
    st.integers(0, 360),
    st.sampled_from(["USD", "EUR"]),
)
def test_a_full_hedge_leaves_no_risk(amount: Decimal, days: int, currency: str) -> None:
    deal = Deal(amount, "USD", days)
    options = [
        option(deal, currency, D(step) / 4, MARKET, NO_CREDIT, PATHS[currency]) for step in range(5)
    ]
    risks = [each.at_risk for each in options]
    assert risks == sorted(risks, reverse=True)
    assert options[-1].low == options[-1].expected
    for each in options:
        assert each.expected == (
            each.at_mid
            - each.discount
            - each.spread_cost
            + each.carry
            - each.fees
            - each.finance
            - each.insurance
            - each.credit_loss
        )


def test_selling_a_dear_currency_forward_costs_carry() -> None:
    deal = Deal(D(100000), "USD", 180)
    hedged = option(deal, "USD", D(1), MARKET, NO_CREDIT, PATHS["USD"])
    assert hedged.carry < 0
    payable = option(Deal(D(-100000), "USD", 180), "USD", D(1), MARKET, NO_CREDIT, PATHS["USD"])
    assert payable.carry == -hedged.carry
    assert payable.expected < -700000 - hedged.carry


def test_the_choice_keeps_the_risk_limit_at_the_least_cost() -> None:
    choices = choose(
        Deal(D(100000), "USD", 90), ["USD", "EUR"], MARKET, NO_CREDIT, PATHS, risk=D("0.02")
    )
    for choice in choices:
        assert choice.within
        assert choice.option.at_risk <= D("0.02")
        cheaper = [each for each in choice.frontier if each.expected > choice.option.expected]
        assert all(each.at_risk > D("0.02") for each in cheaper)


def test_a_discount_for_cny_can_cost_more_than_the_hedge() -> None:
    deal = Deal(D(100000), "USD", 90)
    dear = Market(**{**MARKET.__dict__, "cny_discount": D("0.03")})
    best = choose(deal, ["CNY", "USD"], MARKET, NO_CREDIT, PATHS, risk=D("0.02"))[0]
    other = choose(deal, ["CNY", "USD"], dear, NO_CREDIT, PATHS, risk=D("0.02"))[0]
    assert (best.option.currency, other.option.currency) == ("CNY", "USD")


@pytest.mark.parametrize("ratio", ["3", "-0.1"])
def test_a_hedge_ratio_of_300_per_cent_is_refused(ratio: str) -> None:
    with pytest.raises(InputError) as caught:
        option(Deal(D(1000), "USD", 90), "USD", D(ratio), MARKET, NO_CREDIT, PATHS["USD"])
    assert caught.value.key == "settle.bad_hedge"


def test_fees_above_the_amount_are_refused() -> None:
    deal = Deal(D(50), "USD", 90, "confirmed_lc")
    with pytest.raises(InputError) as caught:
        option(deal, "USD", D(0), MARKET, NO_CREDIT, PATHS["USD"])
    assert caught.value.key == "settle.fees_above_amount"


def test_insurance_trades_loss_for_premium() -> None:
    risky = Credit(default_probability=D("0.02"), loss_given_default=D("0.6"))
    insured = Credit(D("0.005"), D("0.9"), D("0.02"), D("0.6"))
    deal = Deal(D(100000), "USD", 90)
    bare, covered = (
        option(deal, "USD", D(0), MARKET, credit, PATHS["USD"]) for credit in (risky, insured)
    )
    assert bare.credit_loss == 8400  # 700,000 × 2 % × 60 %
    assert covered.credit_loss == 840
    assert covered.insurance == 3500
    prepaid = option(Deal(D(100000), "USD", 0, "prepaid"), "USD", D(0), MARKET, risky, PATHS["USD"])
    assert prepaid.credit_loss == 0


def test_what_offsets_in_a_book_offsets() -> None:
    deals = [Deal(D(250000), "EUR", 90), Deal(D(-250000), "EUR", 60), Deal(D(90000), "USD", 90)]
    assert list(natural_shares(deals)) == [1, 1, 0]
    book = hedge_book(deals, MARKET, NO_CREDIT, PATHS, risk=D("0.5"))
    assert dict(book.exposures) == {"EUR": 0, "USD": 90000}
    assert book.low > book.low_added
    alone = option(deals[2], "USD", D(0), MARKET, NO_CREDIT, PATHS["USD"])
    assert abs((book.expected - book.low) - (alone.expected - alone.low)) <= D("0.02")


def test_a_book_is_hedged_until_its_joint_limit_holds() -> None:
    deals = [Deal(D(250000), "EUR", 90), Deal(D(90000), "USD", 90)]
    loose = hedge_book(deals, MARKET, NO_CREDIT, PATHS, risk=D("0.5"))
    tight = hedge_book(deals, MARKET, NO_CREDIT, PATHS, risk=D("0.005"))
    assert loose.hedge_ratio == 0
    assert tight.hedge_ratio > D("0.5")
    assert tight.within
    assert tight.expected - tight.low <= D("0.005") * (2_000_000 + 630_000)


def settle(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(["settle", *arguments])
    out = capsys.readouterr()
    return code, out.out, out.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--book"),
        (("100000", "USD", "--invoice", "VND"), "--volatility VND"),
        (("100000", "USD", "--invoice", "AED", "--rate", "AED=3.6725"), "--volatility AED"),
        (("100000", "USD", "--hedge", "300%"), "300"),
        (("100000", "USD", "--days", "-3"), "-3"),
        (("100000", "USD", "--terms", "cash"), "prepaid"),
        (("100000", "DOLLAR"), "DOLLAR"),
        (("ten", "USD"), "ten"),
        (("100000", "USD", "--interest", "USD"), "USD=4.1%"),
        (("100000", "USD", "--on", "1999-06-01"), "1999-06-01"),
    ],
)
def test_careless_input_is_told(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = settle(capsys, *arguments)
    assert code == 2
    assert words in err


def test_the_command_in_both_languages_and_the_same_bytes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ("250000", "USD", "--market", "IDN", "--on", "2026-10-30")
    _, english, _ = settle(capsys, *arguments, "--frontier", "--explain")
    _, chinese, _ = settle(capsys, *arguments, "--lang", "zh")
    assert "Bank Indonesia" in english
    assert "计价货币" in chinese
    one, two = (settle(capsys, *arguments, "--json")[1] for _ in range(2))
    assert one == two
    found = json.loads(one)
    assert {each["option"]["currency"] for each in found["choices"]} == {
        "USD",
        "EUR",
        "CNY",
        "IDR",
    }


def test_a_currency_of_the_users_own_words(capsys: pytest.CaptureFixture[str]) -> None:
    own = ("--rate", "AED=3.6725", "--volatility", "AED=0%", "--interest", "AED=4%")
    code, out, _ = settle(capsys, "100000", "USD", "--invoice", "AED", "--invoice", "USD", *own,
                          "--on", "2026-10-30", "--json", "--hedge", "0")  # fmt: skip
    assert code == 0
    by = {each["option"]["currency"]: each["option"] for each in json.loads(out)["choices"]}
    # A peg: the same fall of the dollar, plus the wider spread that is assumed for it.
    assert abs(
        D(by["AED"]["at_mid"]) - D(by["AED"]["low"]) - D(by["USD"]["at_mid"]) + D(by["USD"]["low"])
    ) < D(5000)


def test_a_book_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "book.toml"
    path.write_text(
        '[[deal]]\nname = "汉堡"\namount = "25万"\ncurrency = "EUR"\ndays = 90\n'
        '[[deal]]\namount = "-120000"\ncurrency = "EUR"\ndays = 60\nterms = "sight_lc"\n',
        encoding="utf-8",
    )
    code, out, _ = settle(capsys, "--book", str(path), "--on", "2026-10-30")
    assert code == 0
    assert "48 %" in out
    path.write_text("[[deal]]\namont = 1\n", encoding="utf-8")
    code, _, err = settle(capsys, "--book", str(path))
    assert (code, "amount" in err) == (2, True)
