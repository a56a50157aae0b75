"""Settlement on paper: published answers, charges, limits, deals and the edges of cautions."""

import math
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cautions import keyed
from offing.settlement.advice import (
    SETTLEMENT_CHECKS,
    DealAdvice,
    SettlementTerms,
    ndf_cost,
    rules_of,
)
from offing.settlement.deal import (
    Credit,
    CurrencyChoice,
    Market,
    Ndf,
    Option,
    choose,
    forward_mid,
    instrument_of,
    option,
)
from offing.settlement.defaults import Fee, expected_credit_loss, finance_cost, shipped, stated_rate
from offing.settlement.forwards import (
    covered_parity_forward,
    day_count,
    money_market_hedge,
    ndf_settlement,
)
from offing.settlement.market_data import Own
from offing.settlement.simulation import (
    Simulated,
    annual_volatility_limit,
    portfolio_sigma,
    single_limit,
    two_factor_lognormal_limit,
)
from offing.terms.errors import InputError
from offing.terms.exchange import FxTable
from offing.terms.firm_records import Deal
from offing.terms.sale_terms import RISK_ORDER

D = Decimal
DAY = date(2026, 10, 30)


def test_waiting_and_who_may_not_pay() -> None:
    assert finance_cost(D(100_000), D("0.036"), D(90)) == 900
    assert finance_cost(D(100_000), D("0.0365"), D(100), D(365)) == 1000
    assert expected_credit_loss(D(100_000), D("0.02"), D("0.6")) == 1200
    assert expected_credit_loss(D(100_000), D("0.02"), D("0.6"), D("0.9"), D(800)) == 920


@pytest.mark.parametrize(
    ("fee", "amount", "days", "charged"),
    [
        (Fee(D("0.001")), 0, 0, 0),
        (Fee(D("0.001"), D(50)), 0, 0, 50),
        (Fee(D("0.001"), D(50)), 50_000, 0, 50),
        (Fee(D("0.001"), D(50)), 50_001, 0, "50.001"),
        (Fee(D("0.001"), D(0), D(60)), 60_000, 0, 60),
        (Fee(D("0.001"), D(0), D(60)), 60_001, 0, 60),
        (Fee(D("0.002"), period_days=90), 1000, 0, 2),
        (Fee(D("0.002"), period_days=90), 1000, 90, 2),
        (Fee(D("0.002"), period_days=90), 1000, 91, 4),
        (Fee(D("0.002"), period_days=90), 1000, 181, 6),
    ],
)
def test_a_banks_fee(fee: Fee, amount: int, days: int, charged: object) -> None:
    assert fee.of(D(amount), days) == D(str(charged))
    with pytest.raises(InputError):
        fee.of(D("-0.01"), 90)


def test_forwards_and_their_mirrors() -> None:
    made = money_market_hedge(D(110), D("0.1"), D(7), D("0.05"))
    assert [*made] == [100, 700, 735]
    assert [*ndf_settlement(D(1000), D("0.2"), D("0.25"))] == [200, 250]
    assert [day_count(code) for code in ("GBP", "JPY", "USD", "EUR", "CNY")] == [365, 365] + [
        360
    ] * 3
    for spot, ndf in ((D(0), D(1)), (D(-1), D(1))):
        with pytest.raises(InputError):
            money_market_hedge(D(110), D("0.1"), spot, D("0.05"))
        with pytest.raises(InputError):
            ndf_settlement(D(1), ndf, spot)


def test_limits_of_one_position() -> None:
    # 2 × 1 % × √4 − 4 × 0.1 % = 3.6 %
    assert single_limit(D("0.01"), D(2), days=D(4), mean_daily=D("0.001")) == D("0.036")
    assert single_limit(D("0.01"), D(2)) == D("0.02")
    assert annual_volatility_limit(D(1000), D("0.1"), D(2), days=D(63)) == 100
    assert annual_volatility_limit(D(1000), D("0.1"), D(2), days=D(252)) == 200
    assert annual_volatility_limit(D(1000), D("0.1"), D(2), trading_days=D(4)) == 100


@pytest.mark.parametrize(("rho", "both"), [("0", 5), ("1", 7), ("-1", 1)])
def test_two_positions_together(rho: str, both: int) -> None:
    """Of 3 and 4: a right angle, a line, and back along the line."""
    one = [[D(1), D(rho)], [D(rho), D(1)]]
    assert portfolio_sigma([D(3), D(2)], [D(1), D(2)], one) == both
    # L = V(1 − e^−zσ): 300 and 400 of 1000
    first, second = -D(str(math.log(0.7))), -D(str(math.log(0.6)))
    made = two_factor_lognormal_limit(D(1000), first, second, D(1), D(rho))
    assert [round(loss, 6) for loss in made] == [300, 400, 100 * both]


def test_correlations_and_lengths_that_cannot_be() -> None:
    for rho in ("1.01", "-1.01"):
        with pytest.raises(InputError):
            two_factor_lognormal_limit(D(1), D(1), D(1), D(1), D(rho))
    for weights, sigmas, table in (
        ([D(1)], [D(1), D(1)], [[D(1)]]),
        ([D(1)], [D(1)], [[D(1)], [D(1)]]),
        ([D(1)], [D(1)], [[D(1), D(1)]]),
    ):
        with pytest.raises(InputError):
            portfolio_sigma(weights, sigmas, table)


FX = FxTable(DAY, {"USD": (D("1.25"), DAY), "CNY": (D(10), DAY)})
"""A euro is 1.25 dollars or 10 yuan, a dollar 8 yuan."""


def named(*deals: Deal, **more: Any) -> list[str]:
    given: dict[str, Any] = {
        "fx": FX, "own": Own(), "credit": Credit(), "defaults": shipped(),
        "on": date(2020, 1, 2), "risk": D("0.05"),  # before any reference rate of ours
    } | more  # fmt: skip
    found = SETTLEMENT_CHECKS.findings(SettlementTerms(deals, **given))
    return [values.get("given", key) for key, values in keyed(found)]


@pytest.mark.parametrize(
    ("own", "credit", "said"),
    [
        ({"interest": {"USD": D("0.1")}}, {}, ""),
        ({"interest": {"USD": D("0.101")}}, {}, "--interest USD=10.1%"),
        ({"interest": {"USD": D("-0.01")}}, {}, ""),
        ({"interest": {"USD": D("-0.011")}}, {}, "--interest USD=-1.1%"),
        ({"interest": {"BRL": D("0.8")}}, {}, ""),
        ({"interest": {"BRL": D("0.81")}}, {}, "--interest BRL=81%"),
        ({"interest": {"BRL": D("-0.02")}}, {}, ""),
        ({"interest": {"BRL": D("0.002")}}, {}, ""),
        ({"interest": {"BRL": D("0.0019")}}, {}, "--interest BRL=0.19%"),
        ({"interest": {"SEK": D("0.0001")}}, {}, ""),
        ({"spreads": {"BRL": D("0.03")}}, {}, ""),
        ({"spreads": {"BRL": D("0.031")}}, {}, "--spread BRL=3.1%"),
        ({"ndf_basis": {"BRL": D("0.15")}}, {}, ""),
        ({"ndf_basis": {"BRL": D("-0.15")}}, {}, ""),
        ({"ndf_basis": {"BRL": D("-0.16")}}, {}, "--ndf-basis BRL=-16%"),
        ({"cny_discount": D("0.1")}, {}, ""),
        ({"cny_discount": D("0.11")}, {}, "--cny-discount 11%"),
        ({}, {"premium_rate": D("0.05")}, ""),
        ({}, {"premium_rate": D("0.06")}, "--premium 6%"),
        ({}, {"default_probability": D("0.2")}, ""),
        ({}, {"default_probability": D("0.21")}, "--pd 21%"),
        ({"volatility": {"RUB": D("0.01")}}, {}, ""),
        ({"volatility": {"RUB": D("0.009")}}, {}, "--volatility RUB=0.9%"),
        ({"volatility": {"RUB": D("0.6")}}, {}, ""),
        ({"volatility": {"RUB": D("0.61")}}, {}, "--volatility RUB=61%"),
        ({"volatility": {"SAR": D(0)}}, {}, ""),
        ({"volatility": {"SAR": D("0.61")}}, {}, "--volatility SAR=61%"),
    ],
)
def test_rates_that_no_market_has(own: dict[str, Any], credit: dict[str, Any], said: str) -> None:
    cover = {"cover": D("0.9")} if "premium_rate" in credit else {}
    assert named(own=Own(**own), credit=Credit(**credit, **cover)) == ([said] if said else [])


INSURED = {"premium_rate": D("0.003"), "cover": D("0.9")}


@pytest.mark.parametrize(
    ("risk", "hedge", "credit", "said"),
    [
        ("0.0005", None, {}, ""), ("0.0004", None, {}, "--risk 0.04%"), ("0.3", None, {}, ""),
        ("0.31", None, {}, "--risk 31%"), ("0.05", "0", {}, ""), ("0.05", "0.02", {}, ""),
        ("0.05", "0.019", {}, "--hedge 1.9%"), ("0.05", None, INSURED, ""),
        ("0.05", None, INSURED | {"cover": D("0.1")}, ""),
        ("0.05", None, INSURED | {"cover": D("0.09")}, "--cover 9%"),
        ("0.05", None, {"loss_given_default": D("0.1")}, ""),
        ("0.05", None, {"loss_given_default": D("0.09")}, "--lgd 9%"),
    ],
)  # fmt: skip
def test_shares_of_a_request(
    risk: str, hedge: str | None, credit: dict[str, Any], said: str
) -> None:
    share = None if hedge is None else D(hedge)
    assert named(risk=D(risk), hedge=share, credit=Credit(**credit)) == ([said] if said else [])


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        ("100", "USD", []), ("99.99", "USD", ["settle.warn_amount"]), ("-100", "USD", []),
        ("80", "EUR", []), ("79", "EUR", ["settle.warn_amount"]), ("1000000000", "USD", []),
        ("1000000001", "USD", ["settle.warn_amount"]),
    ],
)  # fmt: skip
def test_what_a_deal_is_worth(amount: str, currency: str, said: list[str]) -> None:
    assert named(Deal(D(amount), currency, 90)) == said


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ((7,), ""), ((6,), "6"), ((540,), ""), ((541,), "541"), ((0,), ""),
        ((3, 90), ""), ((3, 541, 90), "3"), ((3, 90, 90), ""),
    ],
)  # fmt: skip
def test_days_that_are_months_in_most_deals(days: tuple[int, ...], said: str) -> None:
    """Sight drafts and prepayments have no days to mistake."""
    deals = [Deal(D(1000), "USD", each, terms="open_account") for each in days]
    deals += [Deal(D(1000), "USD", 3, terms="prepaid")] * 5
    given = SettlementTerms(deals, FX, Own(), Credit(), shipped(), DAY, D("0.05"))
    found = dict(keyed(SETTLEMENT_CHECKS.findings(given)))
    assert found.get("settle.warn_days", {}).get("days", "") == said


def test_what_the_other_side_of_a_book_takes_is_not_exchanged() -> None:
    """100,000 at 8, half of 0.4 %: 1,600 in all; a quarter hedged and a half natural, of 50 %."""
    deal, flat = Deal(D(100_000), "USD", 90), np.full(11, 8.0)
    costs = [
        option(deal, "USD", D(ratio), MARKET, Credit(), flat, D(natural)).spread_cost
        for ratio, natural in (("0", "0"), ("0", "0.5"), ("0.25", "0.5"), ("0", "1"))
    ]
    assert costs == [1600, 800, 800, 0]


def test_a_cost_far_from_its_price() -> None:
    """100 dollars are 800 yuan: margins of 85 % and of −50 % are still believed."""

    def said(amount: int, cost: str | None) -> list[str]:
        made = Deal(D(amount), "USD", 90, name="x", cost_cny=None if cost is None else D(cost))
        return named(made)

    assert said(100, "120") == said(100, "1200") == said(100, "500") == said(100, None) == []
    assert said(100, "119") == said(100, "1201") == ["settle.warn_margin"]
    assert said(-100, "500") == ["settle.warn_payable_cost"]
    assert said(-100, "0") == said(-100, None) == []


MARKET = Market(
    on=DAY,
    spot={"USD": D(8), "BRL": D("1.4"), "EUR": D(10), "CNY": D(1)},
    interest={code: stated_rate("interest", D("0.04")) for code in ("CNY", "USD", "BRL")},
    spreads={
        "USD": stated_rate("spread.usd", D("0.004")), "BRL": stated_rate("spread.brl", D("0.01")),
        "EUR": stated_rate("spread.eur", D("0.004")), "CNY": stated_rate("spread.cny", D(0)),
    },
    fees=False,
    ndf={
        "BRL": Ndf(
            stated_rate("ndf.s", D("0.006")), stated_rate("ndf.b", D("0.036")), {100: np.zeros(11)}
        )
    },
)  # fmt: skip


def test_what_a_non_deliverable_forward_costs() -> None:
    """Basis 3.6 % a year for 100 of 360 days: 1 %. Spreads: half of 0.6 % and of 0.4 %."""
    flat = {code: np.full(11, float(MARKET.spot[code])) for code in ("BRL", "USD", "EUR")}
    deal = Deal(D(100_000), "BRL", 100)
    [brl, usd] = choose(deal, ["BRL", "USD"], MARKET, Credit(), flat, risk=D("0.05"))[::-1]
    if brl.option.currency != "BRL":
        brl, usd = usd, brl
    cost = ndf_cost(brl, MARKET, 100)
    assert cost is not None
    assert cost["basis"] == D("-0.01")
    assert cost["spreads"] == D("0.005")
    assert cost["risk"] == 0
    # F/S = (1 + 4 %·100/360) / (1 + 7.6 %·100/360): same interest, the basis is lost
    ratio = (1 + D("0.04") / D("3.6")) / (1 + D("0.076") / D("3.6"))
    assert cost["carry"] == pytest.approx(ratio - 1, abs=D("0.000001"))
    half = replace(brl, frontier=(replace(brl.frontier[-1], hedge_ratio=D("0.5")),))
    doubled = ndf_cost(half, MARKET, 100)
    assert doubled is not None
    assert doubled["carry"] == cost["carry"] * 2
    without_dollars = replace(MARKET, spreads={"BRL": stated_rate("s", D("0.01"))})
    alone = ndf_cost(brl, without_dollars, 100)
    assert alone is not None
    assert alone["spreads"] == D("0.003")
    assert ndf_cost(usd, MARKET, 100) is None
    assert ndf_cost(replace(brl, frontier=brl.frontier[:1]), MARKET, 100) is None


def test_what_a_deal_is_measured_against() -> None:
    flat = {code: np.full(11, float(MARKET.spot[code])) for code in ("USD", "EUR", "BRL")}

    def plain(currency: str, *compared: str) -> str | None:
        deal = Deal(D(100_000), currency, 90)
        choices = choose(deal, compared, MARKET, Credit(), flat, risk=D("0.05"))
        how = Simulated(1, 1, 1, DAY, DAY)
        advice = DealAdvice(deal, choices, MARKET, D("0.05"), (), (), how)
        assert [each.currency for each in advice.options] == [c.option.currency for c in choices]
        found = advice.plain
        assert found is None or not found.hedge_ratio
        return None if found is None else found.currency

    assert plain("EUR", "EUR", "USD") == "EUR"
    assert plain("EUR", "CNY", "USD") == "USD"
    assert plain("EUR", "CNY") is None


def test_without_a_hedge_is_without_one_where_the_user_set_it() -> None:
    """The rate falls by 2 % at the limit: of the bare dollars, whatever hedge is set."""
    falls = {"USD": np.full(11, float(MARKET.spot["USD"]) * 0.98)}
    deal, how = Deal(D(100_000), "USD", 90), Simulated(1, 1, 1, DAY, DAY)

    def plain(hedge: Decimal | None) -> Option | None:
        of = "CNY", "USD"
        made = choose(deal, of, MARKET, Credit(), falls, risk=D("0.05"), hedge=hedge)
        return DealAdvice(deal, made, MARKET, D("0.05"), (), (), how).plain

    bare = plain(None)
    assert bare is not None
    assert (bare.currency, bare.hedge_ratio, bare.at_risk) == ("USD", D(0), D("0.02"))
    assert plain(D(1)) == plain(D("0.5")) == plain(D(0)) == bare


def test_the_rules_behind_a_comparison_are_named_once() -> None:
    market = replace(MARKET, finance=stated_rate("finance", D("0.03")))
    names = [use.id for use in rules_of(market, ["USD", "USD"], ["prepaid", "prepaid"])]
    assert len(names) == len(set(names))
    for name in ("spread.usd", "spread.brl", "ndf.s", "ndf.b", "ndf.brl.fixing", "finance"):
        assert f"settlement.{name}" in names, name
    assert "settlement.spread.cny" not in names
    assert "settlement.finance" not in [use.id for use in rules_of(MARKET, [], [])]


def test_an_option_at_the_edges_of_its_hedge() -> None:
    deal, flat = Deal(D(100_000), "USD", 90), np.full(11, 8.0)
    for ratio in ("0", "1"):
        option(deal, "USD", D(ratio), MARKET, Credit(), flat)
    for ratio, said in (("-0.01", "hedge is -0.01"), ("1.01", "is 1.01"), ("1.005", "is 1.005")):
        with pytest.raises(InputError, match=said):
            option(deal, "USD", D(ratio), MARKET, Credit(), flat)
    option(Deal(D(100_000), "USD", 360), "USD", D(1), MARKET, Credit(), flat)
    with pytest.raises(InputError, match="360"):
        option(Deal(D(100_000), "USD", 361), "USD", D(1), MARKET, Credit(), flat)
    made = option(Deal(D(100_000), "USD", 361), "USD", D(0), MARKET, Credit(), flat)
    assert (made.forward, made.instrument) == (None, None)
    with pytest.raises(InputError):  # no interest of the euro is known
        option(Deal(D(100_000), "EUR", 90), "EUR", D(1), MARKET, Credit(), flat)


def test_the_best_currency_keeps_the_limit_first() -> None:
    """A limit of a fifth of what may be lost; the one that keeps it wins, though it brings less."""
    paths = {"USD": np.full(11, 8.0), "EUR": np.linspace(8.0, 10.0, 11)}
    deal = Deal(D(100_000), "USD", 90)
    dear = replace(MARKET, spreads={**MARKET.spreads, "USD": stated_rate("s", D("0.02"))})

    def order(risk: str) -> list[tuple[str, bool]]:
        found: tuple[CurrencyChoice, ...] = choose(
            deal, ["EUR", "USD"], dear, Credit(), paths, risk=D(risk)
        )
        return [(each.option.currency, each.within) for each in found]

    # the 5 % quantile of 8.0 to 10.0 is 8.1: 19 % below today's 10
    assert order("0.1") == [("USD", True), ("EUR", False)]
    assert order("0.2") == [("EUR", True), ("USD", True)]
    assert order("0.19") == [("EUR", True), ("USD", True)]
    assert order("0.1899") == [("USD", True), ("EUR", False)]


def test_costs_may_not_eat_the_amount() -> None:
    """Waiting a year at 99 % leaves one of a hundred, at 100 % nothing."""

    def left(amount: str, rate: str) -> Decimal:
        market = replace(MARKET, finance=stated_rate("finance", D(rate)))
        deal = Deal(D(amount), "CNY", 360)
        return option(deal, "CNY", D(0), market, Credit(), np.empty(0)).expected

    assert left("100", "0.99") == 1
    assert left("-100", "2") == 100
    for amount in ("100", "0.5"):
        with pytest.raises(InputError, match="fees"):
            left(amount, "1")


def test_a_forward_needs_both_rates_of_interest() -> None:
    assert forward_mid("USD", 90, MARKET) == 8
    assert forward_mid("EUR", 90, MARKET) is None
    own = {"USD": stated_rate("interest", D("0.04"))}
    assert forward_mid("USD", 90, replace(MARKET, interest=own)) is None
    assert [instrument_of(code, 90, MARKET) for code in ("USD", "BRL", "EUR", "CNY")] == [
        "forward", "ndf", None, None
    ]  # fmt: skip


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
