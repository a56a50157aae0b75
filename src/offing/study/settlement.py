"""Tell how a plan is settled: the currencies and hedges that it has chosen, as one book.

At any time a firm waits for ``sales × days ÷ 360`` of each market. These average receivables, with
what the firm pays in other currencies, are the book. The plan's programme has decided in which
currencies to invoice and how much to hedge (:mod:`offing.study.treasury`); here it is shown, and
what the bank takes.
"""

from collections.abc import Iterable
from decimal import Decimal

from offing.planning.treasury import hedge_ratios, loss_of
from offing.settlement.advice import rules_of
from offing.settlement.deal import Credit
from offing.settlement.portfolio import BookLine, book_as_hedged
from offing.study.choices import Bank
from offing.study.plan import StudyPlan
from offing.study.result import Points, SettledMarket, SettledPlan
from offing.study.schema import Payable, SettlementFacts
from offing.study.treasury import points_of
from offing.terms.exchange import FxTable
from offing.terms.firm_records import Deal
from offing.terms.money import round_amount

YEAR = Decimal(360)
SMALLEST_USD = 1_000.0
"""Yearly sales below it are left out of the book: a bank's fees would eat what is owed."""
NEAR = 1e-3
"""The programme keeps its limit to so much of it."""


def settle_plan(planned: StudyPlan) -> SettledPlan | None:
    """The plan's markets with invoice currency and hedge; ``None`` without ``[settlement]``.

    Args:
        planned: the plan, with what its programme has decided about currencies.
    """
    bank, fx = planned.choices.bank, planned.world.fx
    sold = {} if bank is None else _planned_receipts(planned)
    if bank is None or not sold:
        return None
    facts, market = bank.facts, bank.at.market
    deals = [_receivable(key, usd, facts, fx) for key, usd in sold.items()]
    deals += [_payable(payable) for payable in facts.payable]
    programme, decision = planned.solved.programme, planned.solved.solution.decision
    hedged = hedge_ratios(programme, decision).items()
    ratios = {code: Decimal(repr(round(ratio, 4))) for code, ratio in hedged}
    book = book_as_hedged(deals, market, Credit(), bank.at.paths, risk=facts.risk, ratios=ratios)
    receivables = sum(line.option.at_mid for line in book.lines if line.deal.amount > 0)
    loss = loss_of(programme, decision)
    return SettledPlan(
        days=facts.days,
        terms=facts.terms,
        lines=tuple(_line(line, market.spot["USD"]) for line in book.lines),
        nettings=book.nettings,
        worth=tuple(sorted((code, float(rate)) for code, rate in market.spot.items())),
        receivables_cny=float(receivables),
        expected_cny=float(book.expected),
        low_cny=float(book.expected) - loss * float(receivables),
        low_added_cny=float(book.low_added),
        cost_rate=float(book.cost / receivables),
        risk=float(facts.risk),
        within=loss <= float(facts.risk) * (1 + NEAR),
        missing=bank.missing,
        points=_all_points(bank, [line.option.currency for line in book.lines]),
        rules=rules_of(market, bank.currencies, [deal.terms for deal in deals]),
    )


def _all_points(bank: Bank, invoiced: Iterable[str]) -> tuple[Points, ...]:
    all_points = (_points(bank, code) for code in dict.fromkeys(["USD", *invoiced]))
    return tuple(points for points in all_points if points is not None)


def _planned_receipts(planned: StudyPlan) -> dict[tuple[str, str], float]:
    """(Market, invoice currency) → what the plan sells, USD a year, where it is worth the fees."""
    sold: dict[tuple[str, str], float] = {}
    switched = {
        (move.market, move.currency_before): move
        for move in planned.decided.money
        if move.kind == "invoice"
    }
    for row in planned.plan.rows:
        parts = {row.currency: row.sales_usd}
        if (move := switched.get((row.market, row.currency))) is not None:
            parts = {
                row.currency: row.sales_usd * (1 - move.share),
                move.currency: row.sales_usd * move.share,
            }
        for code, usd in parts.items():
            sold[row.market, code] = sold.get((row.market, code), 0.0) + usd
    return {key: usd for key, usd in sold.items() if usd >= SMALLEST_USD}


def _receivable(key: tuple[str, str], usd: float, facts: SettlementFacts, fx: FxTable) -> Deal:
    """What a market owes on average, in the currency of its invoices."""
    market, code = key
    amount = Decimal(repr(usd)) * max(facts.days, 1) / YEAR
    return Deal(
        round_amount(fx.convert(amount, "USD", code)), code, facts.days, facts.terms, name=market
    )


def _points(bank: Bank, code: str) -> Points | None:
    """Interest of a currency with its last day and age, and the points of its forwards."""
    interest = bank.at.market.interest.get(code)
    if interest is None:
        return None
    points = [(day, points_of(bank, code, day)) for day in bank.tenors()]
    told = tuple((day, value) for day, value in points if value is not None)
    day, source = interest.known_on, interest.use.source
    age = None if day is None else interest.age_days
    return Points(code, float(interest.rate), day, age, source, told)


def _payable(payable: Payable) -> Deal:
    """What the firm itself owes on average."""
    code, days = payable.currency, payable.days
    amount = round_amount(-payable.amount_a_year * max(days, 1) / YEAR)
    return Deal(amount, code, days, "prepaid", name=payable.name)


def _line(line: BookLine, usd: Decimal) -> SettledMarket:
    option, deal = line.option, line.deal
    market = deal.name if deal.amount > 0 else ""
    return SettledMarket(
        market=market,
        name="" if market else deal.name,
        sales_usd=float(option.at_mid / usd * YEAR / max(deal.days, 1)),
        currency=option.currency,
        natural=float(line.natural),
        hedge_ratio=None if option.hedge_ratio is None else float(option.hedge_ratio),
        instrument=option.instrument,
        cost_rate=float(option.cost / abs(option.at_mid)) if option.at_mid else 0.0,
    )
