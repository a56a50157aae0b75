"""Deals and books: what a hedge does, and what offsets offsets."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from offing.settlement.deal import Credit, Market, Ndf, choose, option
from offing.settlement.defaults import stated_rate as user_rate
from offing.settlement.portfolio import hedge_book, natural_shares
from offing.terms.firm_records import Deal

D = Decimal
RNG = np.random.default_rng(7)
COMMON = RNG.standard_normal(4000)
PATHS = {
    "USD": 7 * np.exp(0.02 * COMMON),
    "EUR": 8 * np.exp(0.04 * (0.6 * COMMON + 0.8 * RNG.standard_normal(4000))),
}
BY_DAY = dict.fromkeys(range(361), PATHS)
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


@settings(deadline=None, max_examples=30)
@example([(D(5001), "EUR", 0, ()), (D(5001), "EUR", 7, ()), (D(5001), "USD", 1, ("EUR",))])
@given(
    st.lists(
        st.tuples(
            st.decimals(-(10**7), 10**7, places=0).filter(lambda a: abs(a) > 5000),
            st.sampled_from(["USD", "EUR", "CNY"]),
            st.integers(0, 180),
            st.lists(st.sampled_from(["USD", "EUR", "CNY"]), max_size=2).map(tuple),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_books_add_up(rows: list[tuple[Decimal, str, int, tuple[str, ...]]]) -> None:
    """What comes in less what goes out is hedged or open; choosing among more never brings less."""
    deals = [Deal(a, c, d, accepts=accepts) for a, c, d, accepts in rows]
    book = hedge_book(deals, MARKET, NO_CREDIT, BY_DAY, risk=D("0.02"))
    for each in book.nettings:
        assert each.receivable - each.payable == each.hedged + each.open
        assert 0 <= each.offset <= max(each.receivable, each.payable)
    assert book.expected == sum(line.option.expected for line in book.lines)
    assert book.low <= book.expected
    bound = hedge_book([Deal(a, c, d) for a, c, d, _ in rows], MARKET, NO_CREDIT, BY_DAY,
                       risk=D("0.02"))  # fmt: skip
    assert (book.within, book.expected) >= (bound.within, bound.expected)


def test_the_choice_keeps_the_risk_limit_at_the_least_cost() -> None:
    choices = choose(
        Deal(D(100000), "USD", 90), ["USD", "EUR"], MARKET, NO_CREDIT, PATHS, risk=D("0.02")
    )
    for choice in choices:
        assert choice.within
        assert choice.option.at_risk <= D("0.02")
        cheaper = [each for each in choice.frontier if each.expected > choice.option.expected]
        assert all(each.at_risk > D("0.02") for each in cheaper)


def test_a_book_is_hedged_until_its_joint_limit_holds() -> None:
    deals = [Deal(D(250000), "EUR", 90), Deal(D(90000), "USD", 90)]
    loose = hedge_book(deals, MARKET, NO_CREDIT, BY_DAY, risk=D("0.5"))
    tight = hedge_book(deals, MARKET, NO_CREDIT, BY_DAY, risk=D("0.005"))
    assert all(each.hedge_ratio == 0 for each in loose.nettings)
    ratios = {each.currency: each.hedge_ratio for each in tight.nettings}
    assert (ratios["EUR"] or 0) > (
        ratios["USD"] or 0
    )  # the euro moves more, and costs less to sell forward
    assert tight.within
    assert tight.expected - tight.low <= D("0.005") * (2_000_000 + 630_000)


def test_every_deal_may_change_its_currency_wherever_it_stands() -> None:
    """The yuan has no spread: the one deal that may be invoiced in it is."""
    for place in range(4):
        deals = [
            Deal(D(100000), "EUR", 90, accepts=("CNY",) if number == place else ())
            for number in range(4)
        ]
        book = hedge_book(deals, MARKET, NO_CREDIT, BY_DAY, risk=D("0.5"))
        assert [line.option.currency for line in book.lines] == [
            "CNY" if number == place else "EUR" for number in range(4)
        ]


BRL_MARKET = Market(
    on=date(2026, 10, 30),
    spot={**MARKET.spot, "BRL": D("1.3")},
    interest={**MARKET.interest, "BRL": user_rate("interest", D("0.15"))},
    spreads={**MARKET.spreads, "BRL": user_rate("spread", D("0.01"))},
    ndf={
        "BRL": Ndf(
            user_rate("ndf.brl.spread", D("0.003")),
            user_rate("ndf.brl.basis", D("0.005")),
            dict.fromkeys((90,), 0.013 * RNG.standard_normal(4000)),
        )
    },
)


BRL_PATHS = 1.3 * np.exp(0.09 * RNG.standard_normal(4000))


def test_selling_a_dear_currency_forward_costs_carry() -> None:
    deal = Deal(D(100000), "USD", 180)
    hedged = option(deal, "USD", D(1), MARKET, NO_CREDIT, PATHS["USD"])
    assert hedged.carry < 0
    payable = option(Deal(D(-100000), "USD", 180), "USD", D(1), MARKET, NO_CREDIT, PATHS["USD"])
    assert payable.carry == -hedged.carry
    assert payable.expected < -700000 - hedged.carry


def test_what_offsets_in_a_book_offsets() -> None:
    deals = [Deal(D(250000), "EUR", 90), Deal(D(-250000), "EUR", 60), Deal(D(90000), "USD", 90)]
    assert list(natural_shares(deals)) == [1, 1, 0]
    book = hedge_book(deals, MARKET, NO_CREDIT, BY_DAY, risk=D("0.5"))
    assert dict(book.exposures) == {"EUR": 0, "USD": 90000}
    assert book.low > book.low_added
    alone = option(deals[2], "USD", D(0), MARKET, NO_CREDIT, PATHS["USD"])
    assert abs((book.expected - book.low) - (alone.expected - alone.low)) <= D("0.02")


def test_a_buyer_who_accepts_another_currency_is_asked_for_it() -> None:
    """In USD it must be sold forward at a loss; in EUR the book's own payable offsets it."""
    agreed = [Deal(D(800000), "USD", 90), Deal(D(-700000), "EUR", 60)]
    kept = hedge_book(agreed, MARKET, NO_CREDIT, BY_DAY, risk=D("0.005"))
    free = [Deal(D(800000), "USD", 90, accepts=("EUR",)), agreed[1]]
    moved = hedge_book(free, MARKET, NO_CREDIT, BY_DAY, risk=D("0.005"))
    assert [line.option.currency for line in kept.lines] == ["USD", "EUR"]
    assert [line.option.currency for line in moved.lines] == ["EUR", "EUR"]
    assert moved.expected > kept.expected
    (netting,) = moved.nettings
    assert netting.receivable == netting.payable == netting.offset == 700000
    assert netting.open == 0
    assert netting.days_apart == 30


def test_a_full_ndf_leaves_the_fixing_open() -> None:
    deal = Deal(D(1_000_000), "BRL", 90)
    made = option(deal, "BRL", D(1), BRL_MARKET, NO_CREDIT, BRL_PATHS)
    # the 5 % quantile of a normal move of 1.3 %
    assert float(made.at_risk) == pytest.approx(1.645 * 0.013, rel=0.06)
    payable = option(Deal(D(-1_000_000), "BRL", 90), "BRL", D(1), BRL_MARKET, NO_CREDIT, BRL_PATHS)
    assert float(payable.at_risk) == pytest.approx(1.645 * 0.013, rel=0.06)


def test_who_is_paid_before_bears_no_loss() -> None:
    risky = Credit(default_probability=D("0.02"), loss_given_default=D("0.6"))
    deal = Deal(D(100000), "USD", 0, "prepaid")
    assert option(deal, "USD", D(0), MARKET, risky, PATHS["USD"]).credit_loss == 0
