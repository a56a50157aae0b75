"""Closed forms of settlement against published answers and against each other."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.settlement.defaults import Fee, shipped
from offing.settlement.forwards import covered_parity_forward, money_market_hedge, ndf_settlement
from offing.settlement.simulation import portfolio_sigma, two_factor_lognormal_limit
from offing.terms.errors import InputError
from offing.terms.sale_terms import RISK_ORDER

D = Decimal


def test_money_market_hedge_published() -> None:
    # tutorsglobe.com 5323576: borrow 296,004; 166,089 now; 167,999 at maturity.
    hedge = money_market_hedge(D(300000), D("0.0135"), 1 / D("1.7822"), D("0.0115"))
    assert round(hedge[0]) == 296004
    assert round(hedge[1]) == 166089
    assert round(hedge[2]) == 167999


shares = st.decimals(min_value="0.0001", max_value="0.2", places=4)


@settings(deadline=None)
@given(shares, shares, st.decimals(min_value="0.01", max_value="100", places=4))
def test_the_forward_and_the_money_market_are_one_hedge(
    home: Decimal, foreign: Decimal, spot: Decimal
) -> None:
    """Covered parity says that both bring the same (a year of 360 days, simple interest)."""
    forward = covered_parity_forward(spot, home, foreign, D(360))
    hedge = money_market_hedge(D(1000), foreign, spot, home)
    assert abs(hedge[2] - 1000 * forward) < D("1e-20")


@settings(deadline=None)
@given(shares, shares)
def test_the_dearer_currency_sells_at_a_discount(home: Decimal, foreign: Decimal) -> None:
    forward = covered_parity_forward(D(7), home, foreign, D(90))
    assert (forward < 7) is (foreign > home)
    assert (forward == 7) is (foreign == home)


def test_ndf_is_a_zero_sum() -> None:
    at_ndf, at_fixing = ndf_settlement(D(50_000_000), 1 / D(69), 1 / D(74))
    assert round(at_ndf - at_fixing, 2) == D("48962.01")  # felix.fe.training, lesson 19664


def test_two_factors_published() -> None:
    # scribd.com/document/831140132: 36,063.62 and 978.60 combine to 35,762.49 (within 0.5).
    sigmas = D("0.015"), D("0.0004")
    first, _, both = two_factor_lognormal_limit(D(1050000), *sigmas, D("2.33"), D("-0.32"))
    assert abs(first - D("36063.62")) < D("0.5")
    assert abs(both - D("35762.49")) < D("0.5")


@settings(deadline=None)
@given(st.lists(st.decimals(min_value="0.01", max_value="1", places=2), min_size=1, max_size=4))
def test_perfect_correlation_adds_up(weights: list[Decimal]) -> None:
    ones = [[D(1)] * len(weights) for _ in weights]
    sigma = portfolio_sigma(weights, [D("0.02")] * len(weights), ones)
    assert abs(sigma - sum(weights) * D("0.02")) < D("1e-20")


def test_defaults_hold_on_their_days_only() -> None:
    day, rules = date(2026, 10, 30), shipped()
    assert all(rules.interest(code, day) for code in ("CNY", "USD", "EUR", "BRL", "INR", "IDR"))
    assert rules.interest("USD", date(2020, 1, 1)) is None
    assert rules.interest("VND", day) is None
    assert rules.spread("CNY", day).rate == 0
    assert all(rules.fees_of(term, day) for term in RISK_ORDER)
    confirmation = dict(rules.fees_of("confirmed_lc", day))["confirmation"]
    assert confirmation == Fee(D("0.002"), D(300), period_days=90)


def test_careless_formulas_are_refused() -> None:
    with pytest.raises(InputError):
        covered_parity_forward(D(0), D(0), D(0), D(1))
    with pytest.raises(InputError):
        portfolio_sigma([D(1)], [D(1)], [[D(2)]])
    with pytest.raises(InputError):
        portfolio_sigma([D(1), D(1)], [D(1)], [[D(1)]])


def test_fixed_minima_dominate_small_letters_of_credit() -> None:
    """letterofcredit.biz: GBP 487 of fees on GBP 1,890; here the minimum of 300 CNY."""
    confirmation = dict(shipped().fees_of("confirmed_lc", date(2026, 10, 30)))["confirmation"]
    assert confirmation.of(D(10000), 90) == 300
    assert confirmation.of(D(1_000_000), 90) == 2000
    assert confirmation.of(D(1_000_000), 91) == 4000  # a begun period counts whole


@settings(deadline=None)
@given(st.decimals(min_value=0, max_value=10**9, places=2), st.integers(0, 720))
def test_fees_stay_in_their_bounds(amount: Decimal, days: int) -> None:
    fee = Fee(D("0.001"), D(100), D(2000), period_days=90)
    assert 100 <= fee.of(amount, days) <= 2000
    assert fee.of(amount, days) <= fee.of(amount + 1, days)


def test_a_swap_line_is_a_dated_fact() -> None:
    rules = shipped()
    assert [fact.kind for fact in rules.standing("EUR", date(2026, 10, 30))] == ["swap_line"]
    assert rules.standing("EUR", date(2028, 9, 8)) == ()
    assert rules.standing("EUR", date(2025, 9, 7)) == ()
