"""Rows and variables of the programme that are about currencies (结算货币与套期保值).

Receipts of a currency are the mean sales invoiced in it, less what a switch invoices otherwise and
plus what other markets switch to it. All is linear in shares, hedges and switches: a choice of
currency needs no offer of its own, it is a column on a market's receipts, whatever is sold there at
which price.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import fsum

import numpy as np

from offing.planning.offers import (
    Array,
    Currency,
    ExchangeRisk,
    Facts,
    Places,
    RiskCut,
    Row,
    Variable,
)

NOWHERE: Places = np.zeros(0, np.intp)
RISK = "exchange_risk"
"""The limit of the receivables."""


def receipts(facts: Facts, code: str, year_index: int) -> tuple[Places, Array, dict[str, float]]:
    """Of a currency in a year: offers, their coefficients (years × k), those of the switches."""
    paid = facts.where(currency=code)
    sales = facts.year(facts.offers.years[year_index], facts.sales_usd[year_index, paid])
    switched = {}
    for switch in facts.treasury.switches:
        if code in (switch.before, switch.after):
            sign = 1.0 if code == switch.after else -1.0
            switched[switch.name] = sign * switch.later[year_index]
    return paid, sales, switched


def most_receipts(facts: Facts, code: str) -> float:
    """No plan receives more of a currency in its first year."""
    into = {(s.market, s.before) for s in facts.treasury.switches if s.after == code}
    paid = np.concatenate(
        [facts.where(currency=code), *(_market_columns(facts, *pair) for pair in sorted(into))]
    )
    best = np.zeros(len(facts.keys))
    np.maximum.at(best, facts.group[paid], facts.sales_usd[0, paid])
    return max(float(best.sum()), 1.0)


def _market_columns(facts: Facts, market: str, currency: str) -> Places:
    return facts.where(market=market, currency=currency)


def hedge_within_receipts(facts: Facts) -> list[Row]:
    """``Σ notional ≤ receipts - outlays - held``, or zero where that is negative.

    Receipts are the planned ones of the first year. Where outlays or held hedges could exceed them,
    a binary says whether anything more is hedged.
    """
    rows = []
    for currency in facts.treasury.currencies:
        if not currency.forwards:
            continue
        names = names_of(currency)
        paid, sales, switched = receipts(facts, currency.code, 0)
        further = switched | dict.fromkeys(names, -1.0)
        if currency.used_usd > 0:
            yes = f"hedging_{currency.code}"
            further[yes] = -currency.used_usd
            most = dict.fromkeys(names, 1.0) | {yes: -most_receipts(facts, currency.code)}
            rows.append(Row("hedge_or_not", currency.code, None, NOWHERE, further=most, high=0))
        rows.append(Row("hedge", currency.code, None, paid, sales, further=further, low=0))
    return rows


def names_of(currency: Currency) -> list[str]:
    """The variables of a currency's forwards."""
    return [f"hedge_{currency.code}_{forward.days}" for forward in currency.forwards]


def switch_within_receipts(facts: Facts) -> list[Row]:
    """``Σ switched ≤ receipts of the market in its usual currency``, in the first year."""
    pairs = dict.fromkeys((s.market, s.before) for s in facts.treasury.switches)
    rows = []
    for market, before in pairs:
        offers = _market_columns(facts, market, before)
        sales = facts.year(facts.offers.years[0], facts.sales_usd[0, offers])
        further = {
            s.name: -1.0
            for s in facts.treasury.switches
            if (s.market, s.before) == (market, before)
        }
        rows.append(
            Row("switch", f"{market} {before}", None, offers, sales, further=further, low=0)
        )
    return rows


def exchange_rows(facts: Facts) -> list[Row]:
    """``exchanged ≥ |receipts - outlays|``, by year: what the bank's spread falls on."""
    rows = []
    for currency in facts.treasury.currencies:
        if not currency.spread_cny:
            continue
        for year_index, year in enumerate(facts.offers.years):
            paid, sales, switched = receipts(facts, currency.code, year_index)
            net = {f"exchanged_{currency.code}_{year}": -1.0}
            for sign in (1.0, -1.0):
                further = {name: sign * value for name, value in switched.items()} | net
                row = Row("exchanged", currency.code, year, paid, sign * sales, further=further)
                rows.append(replace(row, high=sign * currency.out_usd))
    return rows


def exchange_risk(facts: Facts) -> list[Row]:
    """``what the rates take off the receivables on bad paths ≤ share of the receivables``."""
    risk = facts.treasury.risk
    return [] if risk is None else [_risk_cut_row(facts, risk, cut) for cut in risk.cuts]


def _risk_cut_row(facts: Facts, risk: ExchangeRisk, cut: RiskCut) -> Row:
    """``Σ_c loss_c (receipts_c - held_c - hedges_c) - Σ_c loss_c owed_c ≤ share × receipts``."""
    open_loss, hedged_loss = cut
    labels = [offer.currency for offer in facts.offers.rows]
    loss = np.array([open_loss.get(code, 0.0) for code in labels])
    allowed = risk.share * risk.scale
    share = facts.year(facts.offers.years[0], facts.sales_usd[0] * (loss - allowed))
    further = {}
    for switch in facts.treasury.switches:
        less = open_loss.get(switch.before, 0.0) - open_loss.get(switch.after, 0.0)
        further[switch.name] = -less
    high = 0.0
    for currency in facts.treasury.currencies:
        loss_here = open_loss.get(currency.code, 0.0)
        unhedged = loss_here - hedged_loss.get(currency.code, 0.0)
        further |= dict.fromkeys(names_of(currency), -unhedged)
        high += unhedged * currency.held_usd
    high += fsum(open_loss.get(code, 0.0) * usd for code, usd in risk.owed_usd.items()) / risk.stock
    every = np.arange(len(labels))
    return Row(RISK, "", None, every, share, further=further, high=high)


CONSTRAINTS = (hedge_within_receipts, switch_within_receipts, exchange_rows, exchange_risk)
"""Every row about currencies."""


def variables(facts: Facts) -> Iterator[Variable]:
    """Notional by currency and tenor, what is switched, and what is exchanged by year."""
    discount = facts.offers.discount
    for currency in facts.treasury.currencies:
        unit = most_receipts(facts, currency.code)
        for forward, name in zip(currency.forwards, names_of(currency), strict=True):
            yield Variable(name, unit, forward.payoff_cny)
        if currency.forwards and currency.used_usd > 0:
            yield Variable(f"hedging_{currency.code}", binary=True)
        if currency.spread_cny:
            for year_index, year in enumerate(facts.offers.years):
                cost = currency.spread_cny * float(discount[year_index] / discount[0])
                yield Variable(f"exchanged_{currency.code}_{year}", unit, -cost)
    for switch in facts.treasury.switches:
        offers = _market_columns(facts, switch.market, switch.before)
        best = np.zeros(len(facts.keys))
        np.maximum.at(best, facts.group[offers], facts.sales_usd[0, offers])
        yield Variable(switch.name, max(float(best.sum()), 1.0), switch.payoff_cny)
