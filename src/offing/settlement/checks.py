"""Plausibility checks of a settlement, see :mod:`offing.terms.caution`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from offing.landed.checks import GREATEST_MARGIN, LEAST_MARGIN
from offing.settlement.deal import Credit
from offing.settlement.defaults import Defaults
from offing.settlement.market_data import Own
from offing.terms.caution import CheckList, Values
from offing.terms.exchange import FxTable
from offing.terms.firm_records import Deal
from offing.terms.sale_terms import DEFERRED
from offing.terms.usual_figures import is_odd

USD_OF_DEAL = (100, 10**9)
"""What deals are worth; below it a settlement costs more than it brings."""
DAYS = (7, 540)
"""Days from shipment to payment that deferred terms have, at the least and at the most."""


@dataclass(frozen=True)
class SettlementTerms:
    """What was given for a settlement, or for each deal of a book, on a day.

    Attributes:
        deals: the deal, or those of the book.
        own: rates of the user's own.
        defaults: what is assumed where nothing is given.
        risk, hedge: the limit of risk and the share sold forward, as far as given.
    """

    deals: Sequence[Deal]
    fx: FxTable
    own: Own
    credit: Credit
    defaults: Defaults
    on: date
    risk: Decimal
    hedge: Decimal | None = None


SETTLEMENT_CHECKS = CheckList[SettlementTerms, Values]()


@SETTLEMENT_CHECKS.add(
    "settle.warn_unlikely", example={"interest": ["USD=41%"]}, twin={"interest": ["USD=4.1%"]}
)
def rates_of_another_size(terms: SettlementTerms) -> Iterator[Values]:
    """Rates that no market of the last years has had, or a hundredth of the day's."""
    own, credit, on = terms.own, terms.credit, terms.on
    usual = {code: terms.defaults.interest(code, on) for code in own.interest}
    of_day = {code: assumed.rate for code, assumed in usual.items() if assumed is not None}
    spreads = {code: terms.defaults.spread(code, on).rate for code in own.spreads}
    entries: list[tuple[str, str, str, Decimal, Decimal | None]] = [
        *(("--interest", "interest", c, v, of_day.get(c)) for c, v in own.interest.items()),
        *(("--spread", "spread", c, v, spreads[c]) for c, v in own.spreads.items()),
        *(("--ndf-basis", "ndf_basis", c, v, None) for c, v in own.ndf_basis.items()),
        *(("--volatility", "volatility", c, v, None) for c, v in own.volatility.items()),
        ("--cny-discount", "cny_discount", "", own.cny_discount, None),
        ("--premium", "credit_premium", "", credit.premium_rate, None),
        ("--pd", "default_probability", "", credit.default_probability, None),
    ]
    for option, kind, code, value, near in entries:
        if is_odd(kind, value, currency=code, of_day=near):
            yield _stated_value(option, code, value)


@SETTLEMENT_CHECKS.add("settle.warn_share", example={"hedge": "0.5%"}, twin={"hedge": "50%"})
def shares_of_another_size(terms: SettlementTerms) -> Iterator[Values]:
    """Shares whose per cent sign is one too many or one too few."""
    shares: list[tuple[str, str, Decimal | None]] = [
        ("--risk", "risk", terms.risk),
        ("--hedge", "hedge", terms.hedge),
        ("--cover", "cover", terms.credit.cover),
        ("--lgd", "loss", terms.credit.loss_given_default),
    ]
    for option, kind, value in shares:
        if value is not None and is_odd(kind, value):
            yield _stated_value(option, "", value)


@SETTLEMENT_CHECKS.add("settle.warn_amount", example={"amount": "25"}, twin={"amount": "25000"})
def amount_of_another_size(terms: SettlementTerms) -> Iterator[Values]:
    """An amount in thousands or ten thousands."""
    least, most = USD_OF_DEAL
    for deal in terms.deals:
        dollars = abs(terms.fx.convert(deal.amount, deal.currency, "USD"))
        if not least <= dollars <= most:
            yield {"amount": f"{deal.currency} {deal.amount:,f}"}


@SETTLEMENT_CHECKS.add("settle.warn_days", example={"days": 3}, twin={"days": 90})
def months_for_days(terms: SettlementTerms) -> Iterator[Values]:
    """Days that are months, or a date, in most of the deferred deals."""
    deferred = [deal.days for deal in terms.deals if deal.terms in DEFERRED]
    odd = [days for days in deferred if days and not DAYS[0] <= days <= DAYS[1]]
    if 2 * len(odd) > len(deferred):
        yield {"days": str(odd[0])}


@SETTLEMENT_CHECKS.add(
    "settle.warn_payable_cost",
    example={"amount": "-250000", "cost_cny": "1500000"},
    twin={"cost_cny": "1500000"},
)
def cost_of_a_payable(terms: SettlementTerms) -> Iterator[Values]:
    """What is paid has no cost of making: a sign is wrong."""
    for deal in terms.deals:
        if deal.cost_cny and deal.amount < 0:
            yield {"name": deal.name or deal.currency}


@SETTLEMENT_CHECKS.add(
    "settle.warn_margin", example={"cost_cny": "200000"}, twin={"cost_cny": "1500000"}
)
def margin_far_from_usual(terms: SettlementTerms) -> Iterator[Values]:
    """A deal whose cost is far from its price at the middle rate of the day."""
    for deal in terms.deals:
        if deal.cost_cny is not None and deal.amount > 0:
            margin = 1 - deal.cost_cny / terms.fx.convert(deal.amount, deal.currency, "CNY")
            if not LEAST_MARGIN <= margin <= GREATEST_MARGIN:
                yield {"share": f"{margin * 100:.0f} %", "name": deal.name or deal.currency}


def _stated_value(option: str, code: str, value: Decimal) -> Values:
    prefix = f"{code}=" if code else ""
    return {"given": f"{option} {prefix}{(value * 100).normalize():f}%"}
