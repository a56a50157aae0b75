"""Settle a plan: the invoice currency and the hedge of each market, as one book.

At any time a firm waits for ``sales × days ÷ 360`` of each market. These average receivables, with
what the firm pays in other currencies, are the book that is netted and hedged.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from offing.planning.plan import Plan
from offing.policy.overlay import Rules
from offing.settlement.advice import rules_of
from offing.settlement.deal import Credit
from offing.settlement.market_data import Compared, Own, market_data, without_rates
from offing.settlement.portfolio import BookLine, hedge_book
from offing.study.file import Study
from offing.study.market_file import Payable, SettlementFacts
from offing.study.result import SettledMarket, SettledPlan
from offing.terms.errors import InputError
from offing.terms.exchange import FxTable
from offing.terms.firm_records import Deal
from offing.terms.messages import enumerated
from offing.terms.money import rounded
from offing.warehouse import Warehouse
from offing.warehouse.exchange_rates import quoted

YEAR = Decimal(360)
SMALLEST_USD = 1_000.0
"""Yearly sales below it are left out of the book: a bank's fees would eat what is owed."""


def settle_plan(
    study: Study,
    plan: Plan,
    warehouse: Warehouse,
    laws: Rules,
    fx: FxTable,
    invoiced: Mapping[str, Sequence[str]],
) -> SettledPlan | None:
    """The plan's markets with invoice currency and hedge; ``None`` without ``[settlement]``.

    Args:
        study: with its ``[settlement]``.
        plan: what is sold where.
        warehouse: for the ECB's history.
        laws: the rules.
        fx: the day's rates under them.
        invoiced: market → currencies of the ledger's invoices there, the largest first.

    Raises:
        InputError: ``study.no_history`` where no accepted currency of a market has a history.
    """
    facts, sold = study.settlement, _sold(plan)
    if facts is None or not sold:
        return None
    own = Own(cny_discount=facts.cny_discount)
    accepts = {market: accepted(facts, market, invoiced.get(market, ())) for market in sold}
    asked = _currencies(facts, accepts)
    missing = without_rates(asked, quoted(warehouse, study.on, study.rates_age), own)
    deals = [
        _receivable(market, usd, accepts[market], missing, facts, fx)
        for market, usd in sold.items()
    ]
    deals += [_payable(payable, missing) for payable in facts.payable]
    codes = list(dict.fromkeys(["USD", *(code for code in asked if code not in missing)]))
    longest = max(deal.days for deal in deals)
    compared = Compared(study.on, codes, longest, seed=study.seed, oldest=study.rates_age)
    at = market_data(warehouse, compared, laws.settlement, fx, own)
    book = hedge_book(deals, at.market, Credit(), at.paths, risk=facts.risk)
    receivables = sum(line.option.at_mid for line in book.lines if line.deal.amount > 0)
    return SettledPlan(
        days=facts.days,
        terms=facts.terms,
        lines=tuple(_line(line, list(sold), at.market.spot["USD"]) for line in book.lines),
        nettings=book.nettings,
        worth=tuple(sorted((code, float(rate)) for code, rate in at.market.spot.items())),
        receivables_cny=float(receivables),
        expected_cny=float(book.expected),
        low_cny=float(book.low),
        low_added_cny=float(book.low_added),
        cost_rate=float(book.cost / receivables),
        risk=float(facts.risk),
        within=book.within,
        missing=tuple(missing),
        rules=rules_of(at.market, codes, [deal.terms for deal in deals]),
    )


def _sold(plan: Plan) -> dict[str, float]:
    """Market → what the plan sells there, USD a year, where that is worth a bank's fees."""
    sold: dict[str, float] = {}
    for row in plan.rows:
        sold[row.market] = sold.get(row.market, 0.0) + row.sales_usd
    return {market: usd for market, usd in sold.items() if usd >= SMALLEST_USD}


def accepted(facts: SettlementFacts, market: str, invoiced: Sequence[str]) -> list[str]:
    """The currencies that a market's buyers take: as the study says, else those they pay today."""
    if market in facts.market_accepts:
        return facts.market_accepts[market]
    return list(dict.fromkeys([*invoiced, *facts.accepts]))


def _currencies(facts: SettlementFacts, accepts: Mapping[str, Sequence[str]]) -> list[str]:
    """Those that any buyer takes or the firm itself must pay."""
    taken = (code for codes in accepts.values() for code in codes)
    return list(dict.fromkeys([*taken, *(payable.currency for payable in facts.payable)]))


def _receivable(
    market: str,
    usd: float,
    taken: Sequence[str],
    missing: Sequence[str],
    facts: SettlementFacts,
    fx: FxTable,
) -> Deal:
    """What a market owes on average, in the first currency that its buyers take."""
    codes = [code for code in taken if code not in missing]
    if not codes:
        raise InputError("study.no_history", what=market, currency=enumerated(taken))
    first, *others = codes
    amount = Decimal(repr(usd)) * max(facts.days, 1) / YEAR
    return Deal(
        rounded(fx.convert(amount, "USD", first)),
        first,
        facts.days,
        facts.terms,
        name=market,
        accepts=tuple(others),
    )


def _payable(payable: Payable, missing: Sequence[str]) -> Deal:
    """What the firm itself owes on average."""
    code, days = payable.currency, payable.days
    if code in missing:
        raise InputError("study.no_history", what=payable.name or "payable", currency=code)
    amount = rounded(-payable.amount_a_year * max(days, 1) / YEAR)
    return Deal(amount, code, days, "prepaid", name=payable.name)


def _line(line: BookLine, markets: Sequence[str], usd: Decimal) -> SettledMarket:
    option, deal = line.option, line.deal
    market = deal.name if deal.name in markets and deal.amount > 0 else ""
    return SettledMarket(
        market=market,
        name="" if market else deal.name,
        sales_usd=float(option.at_mid / usd * YEAR / max(deal.days, 1)),
        currency=option.currency,
        natural=float(line.natural),
        hedge_ratio=float(option.hedge_ratio),
        instrument=option.instrument,
        cost_rate=float(option.cost / abs(option.at_mid)) if option.at_mid else 0.0,
    )
