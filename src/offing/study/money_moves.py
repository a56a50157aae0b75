"""Hedges and invoice currencies of a solved plan, read back in plain figures."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from offing.planning.inaction import PlanSolution
from offing.planning.plan import MoneyGain, MoneyMove, Plan
from offing.planning.scenarios import Rates
from offing.planning.today import currency_receipts
from offing.planning.treasury import Weighed, brings, taken_of, weighed_money
from offing.settlement.deal import instrument_of
from offing.study.treasury import AHEAD, Bank, points_of
from offing.terms.caution import Caution

BEYOND = 1.05
"""Forwards held of so many times what comes in are no hedge of it."""
WHOLE = 0.995
"""A market of which so much is invoiced in a currency is invoiced in it."""


def money_moves(solved: PlanSolution, bank: Bank | None, rates: Rates) -> tuple[MoneyMove, ...]:
    """What the plan does about currencies, the largest first; nothing without ``[settlement]``."""
    if bank is None:
        return ()
    weighed = weighed_money(solved.programme, solved.solution.decision)
    return tuple(_figures(solved, deal, bank, rates) for deal in weighed)


def held_beyond(solved: PlanSolution, rates: Rates) -> Iterator[Caution]:
    """Forwards held of more than the plan receives or pays of a currency in its first year."""
    programme, decision = solved.programme, solved.solution.decision
    cny = dict(zip(rates.currencies, map(float, rates.today), strict=True))
    year, sums = programme.offers.years[0], taken_of(programme, decision)
    for money in programme.facts.treasury.currencies:
        net = currency_receipts(programme, decision.share, sums, money.code, year) - money.out_usd
        covered, there = (money.held_usd, net) if money.held_usd > 0 else (-money.held_usd, -net)
        if covered > BEYOND * max(there, 0.0) and covered > 0:
            per = cny["USD"] / cny[money.code]
            named = {"held": f"{covered * per:,.0f}", "net": f"{max(there, 0.0) * per:,.0f}"}
            side = "sold" if money.held_usd > 0 else "bought"
            yield Caution(
                f"study.warn_held_{side}", {"currency": money.code, "year": str(year), **named}
            )


def together(solved: PlanSolution) -> MoneyGain | None:
    """What all of it brings; ``None`` where there is none."""
    programme, decision = solved.programme, solved.solution.decision
    names = [name for name, usd in taken_of(programme, decision).items() if usd > 0]
    return MoneyGain(*brings(programme, decision, names)) if names else None


def _figures(solved: PlanSolution, deal: Weighed, bank: Bank, rates: Rates) -> MoneyMove:
    cny = dict(zip(rates.currencies, map(float, rates.today), strict=True))
    spot, hedge = cny[deal.currency], not deal.market
    points = (points_of(bank, deal.currency, deal.days) or 0.0) if hedge else 0.0
    ahead = hedge and deal.days == AHEAD
    move = MoneyMove(
        kind="hedge" if hedge else "invoice",
        currency=deal.currency,
        currency_before=deal.before,
        market=deal.market,
        days=deal.days,
        ahead=ahead,
        instrument=(instrument_of(deal.currency, deal.days, bank.at.market) or "") if hedge else "",
        share=min(deal.share, 1.0),
        amount=deal.usd * cny["USD"] / spot,
        mean_cny=deal.mean_cny,
        worst_cny=deal.worst_cny,
        loss=deal.loss,
        loss_without=deal.loss_without,
        points=points,
    )
    if ahead:
        day = bank.on + timedelta(days=AHEAD)
        return replace(move, turns=spot * (1 + points), delivered=day)
    if hedge:
        return move
    return replace(move, turns=_discount(solved, deal, bank, cny["USD"]))


def _discount(solved: PlanSolution, deal: Weighed, bank: Bank, dollar: float) -> float:
    """What buyers would have to ask off the price for the other currency to bring nothing more."""
    treasury, discount = solved.programme.facts.treasury, solved.programme.offers.discount
    name = f"invoice_{deal.market}_{deal.before}_{deal.currency}"
    switch = next(switch for switch in treasury.switches if switch.name == name)
    asked_off = float(bank.facts.cny_discount) if deal.currency == "CNY" else 0.0
    return asked_off + deal.mean_cny / (deal.usd * dollar * float(discount @ switch.later))


def invoiced_as(plan: Plan, money: tuple[MoneyMove, ...]) -> Plan:
    """The plan whose rows have the invoice currency that the whole market is to have."""
    after = {
        (move.market, move.currency_before): move.currency
        for move in money
        if move.kind == "invoice" and move.share >= WHOLE
    }
    rows = (
        replace(row, currency=after.get((row.market, row.currency), row.currency))
        for row in plan.rows
    )
    return replace(plan, rows=tuple(rows))
